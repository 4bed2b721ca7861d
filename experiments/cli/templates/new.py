"""A small working solver, problem or experiment for a user to change, with its test."""

from __future__ import annotations

import keyword
from importlib.resources import files
from pathlib import Path
from typing import Literal

from jinja2 import Environment, StrictUndefined

from experiments.lab.spec.grammar import SpecError

Kind = Literal["solver", "problem", "experiment"]
NEXT_COMMAND: dict[Kind, str] = {
    "solver": "solverlab check {name}:{class_}",
    "problem": "solverlab compare {name}:{name}",
    "experiment": "solverlab run {name}.py --quick",
}
TAKEN = ("problems", "solvers", "experiments", "solverlab", "tests")


def write_new(kind: Kind, name: str, folder: Path) -> tuple[list[Path], str]:
    """Write NAME.py and test_NAME.py into `folder`; their paths, and the command to try next. Raises SpecError."""
    name = name.replace("-", "_")
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise SpecError(f"{name!r} cannot be a module's name: use letters, digits and _, and begin with a letter")
    if name in TAKEN:
        raise SpecError(f"{name} is a package of Solver Lab; choose another name")
    paths = [folder / f"{name}.py", folder / f"test_{name}.py"]
    for path in paths:
        if path.exists():
            raise SpecError(f"{path} exists already; choose another name or folder")
    words = {"name": name, "class_": name.title().replace("_", ""), "title": name.replace("_", " ").capitalize()}
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)  # Python: nothing to escape
    templates = files(__package__)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, stem in zip(paths, (kind, f"test_{kind}"), strict=True):
            text = (templates / f"{stem}.py.txt").read_text(encoding="utf-8")
            path.write_text(environment.from_string(text).render(words), encoding="utf-8")
    except OSError as error:
        raise SpecError(f"{folder} cannot be written: {error.strerror or error}") from None
    return paths, NEXT_COMMAND[kind].format(**words)
