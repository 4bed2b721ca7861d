"""The stopwatch: wall seconds inside a solver, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")


class Stopwatch:
    """Adds up the time spent inside the calls made through it."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self.now = now
        self.seconds = 0.0

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """function(*args), on the clock."""
        now = self.now
        start = now()
        try:
            return function(*args)
        finally:
            self.seconds += now() - start

    def next(self, iterator: Iterator[T]) -> T:
        """The next item, on the clock; StopIteration passes through."""
        now = self.now
        start = now()
        try:
            return next(iterator)
        finally:
            self.seconds += now() - start
