"""When a run is over."""

from __future__ import annotations

from dataclasses import dataclass

from problems.foundation.checks import at_least, positive

STATUSES = (
    "solved",  # f(theta) - lower <= tolerance, by the referee's lower bound on f*, or the lowest f known, and said so
    "stalled",  # no progress over a window, or it ended by itself short of the tolerance
    "diverged",  # a value that is not finite, or it ended above f(theta_0)
    "budget",  # seconds, iterations or passes were used up
    "separable",  # f has no minimiser, so that nothing can converge to it
    "timeout",  # killed at its deadline
    "crashed",  # its process ended
    "oom",  # it asked for more memory than there is
    "failed",  # it raised an error, or its method broke down
    "skipped",  # it cannot take this problem
)
BROKEN = frozenset({"timeout", "crashed", "oom", "failed"})


@dataclass(frozen=True)
class Rule:
    """The tolerance to reach, and the budgets within which to reach it, the same for every solver."""

    tolerance: float = 1e-6  # on f(theta) - f*
    seconds: float = 10.0  # inside the solver, within which it must arrive
    iterations: int = 1_000_000
    passes: float | None = None  # over the rows
    deadline: float | None = None  # of the whole cell, the lab's own work included: then its process is killed
    keep: int = 0  # how many of the first iterates the outcome holds, and the judged ones after them, for pictures

    def __post_init__(self) -> None:
        positive(tolerance=self.tolerance, seconds=self.seconds, passes=self.passes, deadline=self.deadline)
        at_least(1, iterations=self.iterations)

    @property
    def laps(self) -> float:
        """Seconds for all runs of a black box together: as many as laps growing by half add up to."""
        return 3 * self.seconds

    @property
    def hard(self) -> float:
        """Seconds after which a cell's process is killed."""
        return self.deadline or 2 * self.laps + 30
