"""How the progress of a run is reported."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # what is going on, how many are done, of how many


def silent(what: str, done: int, total: int) -> None:
    """No progress shown."""
