"""Measurements that are no race of solvers: functions called in a worker, which return numbers."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.lab.spec.grammar import SpecError

SECONDS = 120.0  # what a measurement may take unless it says otherwise


@dataclass(frozen=True)
class Measurement:
    """A function to call: `place` is module:function, or FILE.py:function; `given` are its arguments.

    An argument is a number, text, a truth value, None, a Spec, or a tuple of those.
    """

    place: str
    given: tuple[tuple[str, Any], ...] = ()
    seconds: float = SECONDS  # after which its process is killed

    @property
    def name(self) -> str:
        """The function's."""
        return self.place.rpartition(":")[2]


@dataclass
class MeasuredValues:
    """What a measurement returned: numbers, texts and lists of them by name, or the reason why there are none."""

    values: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class MeasurementResult:
    """A measurement with its values, as answers see them."""

    measurement: Measurement
    measured: MeasuredValues

    def __getitem__(self, name: str) -> Any:
        """The value, or the argument, of that name."""
        values = self.measured.values
        return values[name] if name in values else dict(self.measurement.given)[name]

    @property
    def good(self) -> bool:
        return not self.measured.reason

    @property
    def reason(self) -> str:
        """Why there are no values; empty where there are."""
        return self.measured.reason

    def record(self) -> dict[str, Any]:
        """The result as JSON and CSV hold it."""
        given = {name: _recorded(value) for name, value in self.measurement.given}
        return {"of": self.measurement.name, **given, **self.measured.values, "reason": self.reason}


def _recorded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_recorded(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def measurement_of(function: Callable[..., dict[str, Any]], *, seconds: float = SECONDS, **given: Any) -> Measurement:
    """The call of a function with those arguments; lists among them become tuples, so that calls can be compared."""
    module = sys.modules[function.__module__]
    file = str(getattr(module, "__file__", ""))
    place = function.__module__ if module.__spec__ and function.__module__ not in LOADED_FROM_FILES else file
    frozen = tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in given.items())
    return Measurement(f"{place}:{function.__name__}", frozen, seconds)


LOADED_FROM_FILES: set[str] = set()  # names of modules that `module_at` has loaded from a user's file


def module_at(place: str) -> Any:
    """The module of that name, or in that file. Raises SpecError."""
    if not place.endswith(".py"):
        return importlib.import_module(place)
    path = Path(place).resolve()
    name = f"_{path.stem}"
    if name in LOADED_FROM_FILES and getattr(sys.modules.get(name), "__file__", None) == str(path):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SpecError(f"{place} cannot be read: there is no such file")
    module = importlib.util.module_from_spec(spec)
    LOADED_FROM_FILES.add(name)
    sys.modules[name] = module  # dataclasses and pickles look their module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a user's file may fail in any way
        LOADED_FROM_FILES.discard(name)
        del sys.modules[name]
        raise SpecError(f"{place} cannot be imported: {type(error).__name__}: {error}") from None
    return module


def measure(measurement: Measurement) -> MeasuredValues:
    """Call the function here. Whatever it raises becomes a reason."""
    module, _, name = measurement.place.rpartition(":")
    try:
        return MeasuredValues(getattr(module_at(module), name)(**dict(measurement.given)))
    except MemoryError:
        return MeasuredValues(reason="it needs more memory than there is")
    except Exception as error:
        return MeasuredValues(reason=f"{type(error).__name__}: {error}")
