"""Which source files a module runs: the static closure of its imports.

Two things are kept between runs, compiled kernels and finished cells, and both are stale once any file
behind them has changed. Imports are read from the source, those inside functions too, so nothing is executed.
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

HOUSE = frozenset({"problems", "solvers", "experiments"})
CATALOGUE = re.compile(r"problems|solvers|experiments(\.questions)?")
INSTALLED = frozenset({"site-packages", "dist-packages"})


@cache
def locate(name: str) -> Path | None:
    """The file of module `name`, found without importing it; None where there is none."""
    search, spec = None, None
    parts = name.split(".")
    for depth in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: depth + 1]), search)
        if spec is None:
            return None
        search = list(spec.submodule_search_locations or [])
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _imports(name: str, file: Path, tree: ast.Module) -> Iterator[str]:
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                stem = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*stem, *filter(None, [base])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _followed(name: str, file: Path, root: str) -> bool:
    top = name.partition(".")[0]
    if top in HOUSE or top == root:
        return True
    return top not in sys.stdlib_module_names and INSTALLED.isdisjoint(file.parts)


@cache
def _read(name: str, root: str) -> tuple[str, frozenset[str]]:
    file = locate(name)
    if file is None:
        return "", frozenset()
    text = file.read_bytes()
    found = frozenset(
        other
        for other in _imports(name, file, ast.parse(text))
        if (there := locate(other)) and _followed(other, there, root)
    )
    return hashlib.sha256(text).hexdigest(), found


@cache
def closure(*names: str) -> dict[str, str]:
    """Module name -> SHA-256 of its source, for `names` and all that they import, the catalogues left out.

    Python's own library and installed packages are not followed: their versions are recorded instead.
    The catalogues are tables of names; a new row in one changes no mathematics.

    >>> sorted(closure("problems.foundation.source"))
    ['problems.foundation.source']
    """
    hashes: dict[str, str] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in hashes:
            hashes[name], more = _read(name, name.partition(".")[0])
            todo += more
    return {name: digest for name, digest in sorted(hashes.items()) if digest and not CATALOGUE.fullmatch(name)}


def fingerprint(*names: str) -> str:
    """One SHA-256 over `closure(*names)`."""
    return hashlib.sha256(repr(closure(*names)).encode()).hexdigest()
