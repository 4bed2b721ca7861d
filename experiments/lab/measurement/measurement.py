"""A measurement that is no race: a function of the house or of one's own, called in a worker, that returns numbers."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.lab.spec.grammar import SpecError

SECONDS = 120.0  # what a trial may take unless it says otherwise


@dataclass(frozen=True)
class Trial:
    """What to measure, by name: `place` is module:function, or FILE.py:function, called with what is `given`."""

    place: str
    given: tuple[tuple[str, Any], ...] = ()
    seconds: float = SECONDS  # then its process is killed

    @property
    def name(self) -> str:
        """The function's."""
        return self.place.rpartition(":")[2]


@dataclass
class Reading:
    """What a trial came to: numbers, texts and lists of them by name, or the reason why there are none."""

    values: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Read:
    """A trial with its reading, as answers see them."""

    trial: Trial
    reading: Reading

    def __getitem__(self, name: str) -> Any:
        """What was measured, or what was given, under that name."""
        return self.reading.values[name] if name in self.reading.values else dict(self.trial.given)[name]

    @property
    def good(self) -> bool:
        return not self.reading.reason

    def record(self) -> dict[str, Any]:
        """The reading as JSON and CSV hold it."""
        return {"of": self.trial.name, **dict(self.trial.given), **self.reading.values, "reason": self.reading.reason}


def trial(function: Callable[..., dict[str, Any]], *, seconds: float = SECONDS, **given: Any) -> Trial:
    """The trial of a function with those arguments; lists among them become tuples, so that it can be compared."""
    module = sys.modules[function.__module__]
    file = str(getattr(module, "__file__", ""))
    place = function.__module__ if module.__spec__ and function.__module__ not in OWN else file
    frozen = tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in given.items())
    return Trial(f"{place}:{function.__name__}", frozen, seconds)


OWN: set[str] = set()  # the names of modules that were loaded from a person's file


def module_at(place: str) -> Any:
    """The module of that name, or in that file. Raises SpecError."""
    if not place.endswith(".py"):
        return importlib.import_module(place)
    path = Path(place).resolve()
    name = f"_{path.stem}"
    if name in OWN and getattr(sys.modules.get(name), "__file__", None) == str(path):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SpecError(f"{place} cannot be read: there is no such file")
    module = importlib.util.module_from_spec(spec)
    OWN.add(name)
    sys.modules[name] = module  # dataclasses and pickles look their module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a file of someone's own may fail in any way
        OWN.discard(name)
        del sys.modules[name]
        raise SpecError(f"{place} cannot be imported: {type(error).__name__}: {error}") from None
    return module


def take(asked: Trial) -> Reading:
    """Run a trial here. Whatever it raises becomes a reason."""
    module, _, name = asked.place.rpartition(":")
    try:
        return Reading(getattr(module_at(module), name)(**dict(asked.given)))
    except MemoryError:
        return Reading(reason="it asked for more memory than there is")
    except Exception as error:
        return Reading(reason=f"{type(error).__name__}: {error}")
