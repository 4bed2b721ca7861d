"""Loads `problems`, `solvers` and `experiments` of this installation, whatever lies in the working directory."""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

PACKAGES = ("problems", "solvers", "experiments")
ROOT = Path(__file__).resolve().parents[1]


def load() -> None:
    """Import the three packages from beside this one.

    Their names are common. A module of the same name in the working directory of an interactive session, of `python -c`
    or of `python -m` is passed over. One that is beside the user's script, or is already imported, raises ImportError:
    the script may mean its own.
    """
    for name in PACKAGES:
        loaded = sys.modules.get(name)
        if loaded is None:
            loaded = _imported(name)
        file = getattr(loaded, "__file__", None)
        if file is None or Path(file).resolve().parent != ROOT / name:
            raise ImportError(_hidden(name, file or f"a folder {name}"))


def _imported(name: str) -> ModuleType:
    """The package beside this one; another that a script would find first raises ImportError."""
    searched = [entry for entry in sys.path if not _is_working_directory(entry)]
    first = PathFinder.find_spec(name, searched)
    if first is not None and first.origin is not None and Path(first.origin).resolve().parent != ROOT / name:
        raise ImportError(_hidden(name, first.origin))
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT))


def _is_working_directory(entry: str) -> bool:
    """Whether Python put this entry on the path because it runs no script."""
    own_command = [str(ROOT / "solverlab" / "__main__.py")]
    no_script = sys.argv[:1] in ([], [""], ["-c"], ["-m"], own_command)
    return entry == "" or (no_script and entry == sys.path[0] and Path(entry).resolve() == Path.cwd())


def _hidden(name: str, file: str) -> str:
    return f"{file} hides Solver Lab's package {name!r}: rename it, or move your script to another folder"
