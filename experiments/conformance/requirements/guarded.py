"""A problem whose private attributes a solver cannot read unnoticed."""

from __future__ import annotations

from typing import Any

from problems.forms import Objective


class Guarded:
    """Stands for a problem: passes every access on, and notes the private names that are read and the names set.

    isinstance sees the class of the problem. The methods belong to the problem itself, which may read what it likes.
    """

    trespasses: list[str]

    def __init__(self, problem: Any, trespasses: list[str] | None = None) -> None:
        object.__setattr__(self, "_problem", problem)
        object.__setattr__(self, "_trespasses", [] if trespasses is None else trespasses)

    def __getattribute__(self, name: str) -> Any:
        problem, trespasses = (object.__getattribute__(self, own) for own in ("_problem", "_trespasses"))
        if name == "trespasses":
            return trespasses
        if name == "__class__":
            return type(problem)
        if name == "__dict__" or (name.startswith("_") and not name.endswith("__")):
            trespasses.append(f"reads {type(problem).__name__}.{name}")
        value = getattr(problem, name)
        return Guarded(value, trespasses) if isinstance(value, Objective) else value

    def __setattr__(self, name: str, value: Any) -> None:
        problem, trespasses = (object.__getattribute__(self, own) for own in ("_problem", "_trespasses"))
        trespasses.append(f"sets {type(problem).__name__}.{name}")
        setattr(problem, name, value)
