"""Objects of the user's that no catalogue name stands for: they travel to workers by value."""

from __future__ import annotations

import atexit
import hashlib
import pickle
import shutil
import tempfile
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from experiments.lab.spec.grammar import Spec, SpecError, parse, spec


@dataclass(frozen=True)
class Supplied:
    """A problem or a solver in a file of this process, under the name that outputs show.

    Two are equal where their bytes are. Reading the file runs the user's code; it is written by this process alone, and
    what is read from a store has none.
    """

    spec: Spec  # the class and the fields that differ from their defaults, to be read and shown
    digest: str
    module: str = ""  # that defines the class, where it can be imported
    file: Path | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return str(self.spec)

    @property
    def name(self) -> str:
        """The class's."""
        return self.spec.name

    def get(self, key: str) -> Any:
        """The field of that name; None where it has its default, or is neither a number nor text."""
        return self.spec.get(key)


Named = Spec | Supplied


def named(given: Named | str) -> Named:
    """Text as the Spec that it writes; anything else as it is. Raises SpecError."""
    return parse(given) if isinstance(given, str) else given


def supplied(given: Any, name: Spec | None = None) -> Supplied:
    """The object, written to a file that workers read. SpecError where it cannot be pickled, also by value."""
    import cloudpickle

    try:
        content = cloudpickle.dumps(given)
    except Exception as error:  # whatever the user's class raises
        raise SpecError(
            f"the {type(given).__name__} cannot be sent to a worker process: {type(error).__name__}: {error}"
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    file = _folder() / digest
    file.write_bytes(content)
    module = type(given).__module__
    return Supplied(name or described(given), digest, "" if module == "__main__" else module, file)


def restored(named: Supplied) -> Any:
    """The object itself. SpecError where it came from a store, which holds no code."""
    if named.file is None:
        raise SpecError(f"{named} was defined in a script or a notebook; run it again from there")
    return pickle.loads(named.file.read_bytes())


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="solverlab-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def described(given: Any) -> Spec:
    """The class of an object and its fields that are numbers, truth values or text and differ from their defaults."""
    parameters = {}
    if is_dataclass(given):
        for known in fields(given):
            value = getattr(given, known.name)
            if isinstance(value, bool | int | float | str) and value != known.default:
                parameters[known.name] = value
    return spec(type(given).__name__, **parameters)
