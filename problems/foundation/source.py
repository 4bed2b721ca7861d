"""The source files that a module depends on: the closure of its imports, found without executing anything.

Compiled kernels and finished cells are kept between runs. Both are outdated once any file that they depend on has
changed. Imports inside functions count too.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

OWN_PACKAGES = frozenset({"problems", "solvers", "experiments"})
CATALOGUES = re.compile(r"problems(\.data(\.synthetic)?)?|solvers|experiments(\.questions)?")
ROOT = str(Path(__file__).resolve().parents[2])
INSTALLED = frozenset({"site-packages", "dist-packages"})  # folders of installed packages


@cache
def locate(name: str) -> Path | None:
    """The file of module `name`, found without importing it; None if there is no such file."""
    parts, spec = name.split("."), None
    search = [ROOT] if parts[0] in OWN_PACKAGES else None  # whatever lies in the working directory
    for depth in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: depth + 1]), search)
        if spec is None:
            return None
        search = list(spec.submodule_search_locations or [])
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _imports(name: str, file: Path, tree: ast.Module) -> Iterator[str]:
    """The names that a module imports: modules, and attributes of modules, which may be modules too."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *filter(None, [base])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _followed(name: str, file: Path, root: str) -> bool:
    """Whether a module's own imports count: those of this project, and of a user's files."""
    top = name.partition(".")[0]
    if top in OWN_PACKAGES or top == root:
        return True
    return top not in sys.stdlib_module_names and INSTALLED.isdisjoint(file.parts)


@cache
def _read(name: str, root: str) -> tuple[str, frozenset[str]]:
    """SHA-256 of a module's source, and the modules that it imports."""
    file = locate(name)
    if file is None:
        return "", frozenset()
    text = file.read_bytes()
    imported = frozenset(
        module
        for module in _imports(name, file, ast.parse(text))
        if (place := locate(module)) and _followed(module, place, root)
    )
    return hashlib.sha256(text).hexdigest(), imported


@cache
def closure(*names: str) -> dict[str, str]:
    """Module name -> SHA-256 of its source, for `names` and all modules that they import, except the catalogues.

    Python's own library and installed packages are not followed, because their versions are recorded. The catalogues
    are tables of names: a new row in one changes no mathematics.

    >>> sorted(closure("problems.foundation.source"))
    ['problems.foundation.source']
    """
    hashes: dict[str, str] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in hashes and not CATALOGUES.fullmatch(name):
            hashes[name], imported = _read(name, name.partition(".")[0])
            todo += imported
    return {name: digest for name, digest in sorted(hashes.items()) if digest}


def fingerprint(*names: str) -> str:
    """One SHA-256 over `closure(*names)`."""
    return hashlib.sha256(repr(closure(*names)).encode()).hexdigest()
