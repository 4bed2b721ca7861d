"""When a run is over."""

from __future__ import annotations

from dataclasses import dataclass

from problems.foundation.checks import at_least, positive


@dataclass(frozen=True)
class Rule:
    """The tolerance to reach, and the budgets within which to reach it, the same for every solver."""

    tolerance: float = 1e-6  # on (f(theta) - f*) / scale, the scale being the problem's
    seconds: float = 10.0  # inside the solver, within which it must reach the tolerance
    iterations: int = 1_000_000
    passes: float | None = None  # over the rows
    deadline: float | None = None  # of the whole cell, the lab's own work included: then its process is killed
    absolute: bool = False  # whether the tolerance is on f(theta) - f* itself
    keep: int = 0  # how many of the first iterates the outcome holds, and the judged ones after them, for pictures

    def __post_init__(self) -> None:
        positive(tolerance=self.tolerance, seconds=self.seconds, passes=self.passes, deadline=self.deadline)
        at_least(1, iterations=self.iterations)

    @property
    def rerun_seconds(self) -> float:
        """Seconds for all runs of a black box together: what runs with budgets that grow by half add up to."""
        return 3 * self.seconds

    @property
    def kill_seconds(self) -> float:
        """Seconds after which a cell's process is killed."""
        return self.deadline or 2 * self.rerun_seconds + 30
