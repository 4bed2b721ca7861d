"""What became of a cell: a status that the lab gives, its cause, and what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from experiments.lab.run.trace import Sample
from solvers.base import Rate


class Status(StrEnum):
    """How a cell ended, as the lab judges it."""

    SOLVED = "solved"  # (f(theta) - lower) / scale <= tolerance; lower is the referee's, or the lowest f known
    LOCAL = "local"  # where f is not convex: it ended at a stationary point above the lowest f known
    STALLED = "stalled"  # no progress over a window, or it ended by itself short of the tolerance
    DIVERGED = "diverged"  # a value that is not finite, or it ended above f(theta_0)
    BUDGET = "budget"  # seconds, iterations or passes were used up
    SEPARABLE = "separable"  # f has no minimiser, so that nothing can converge to it
    OVERLONG = "overlong"  # f lies below f* by coefficients so long that they fit the rounding of dependent columns
    TIMEOUT = "timeout"  # killed at its deadline
    CRASHED = "crashed"  # its process ended
    OOM = "oom"  # it needs more memory than there is
    FAILED = "failed"  # it raised an error, or its method broke down
    SKIPPED = "skipped"  # it cannot take this problem
    LOST = "lost"  # the lab contradicted itself: no statement about the solver


BROKEN = frozenset({Status.TIMEOUT, Status.CRASHED, Status.OOM, Status.FAILED})


class Cause(StrEnum):
    """What ended a run, where its status leaves that open."""

    NONE = ""
    ENDED = "ended"  # the solver had nothing more to yield
    NO_PROGRESS = "no progress"  # nothing better over a window
    NOT_FINITE = "not finite"  # f overflowed or is not a number
    ROSE = "rose"  # it ended above f(theta_0), or farther outside the constraint than theta_0
    USED_UP = "used up"  # its seconds, iterations or passes
    LATE = "late"  # it reached the tolerance after its budget
    BREAKDOWN = "breakdown"  # its method cannot continue
    ERROR = "error"  # it raised an exception
    OBJECTION = "objection"  # it does not take such problems
    REFUSAL = "refusal"  # it cannot start from what it was given


@dataclass
class Outcome:
    """What became of a cell."""

    status: Status
    reason: str = ""
    cause: Cause = Cause.NONE
    iterations: int = 0
    seconds: float = 0.0  # inside the solver, to the last iterate judged; of a black box, in its last run
    cpu: float = 0.0  # processor seconds of the whole cell, the lab's own included
    warm: float = 0.0  # seconds of loading and compiling before the clock
    passes: float | None = None  # None where a peer read the data itself
    gap: float = math.inf  # (f(theta) - lower) / scale at the end
    trace: list[Sample] = field(default_factory=list)
    predicted: Rate | None = None
    observed: Rate | None = None
    traits: tuple[str, ...] = ()  # of the solver, by name
    measures: dict[str, float] = field(default_factory=dict)
    theta: list[float] = field(default_factory=list)
    path: list[list[float]] = field(default_factory=list)
    session: str = ""  # when the run started that this cell was part of

    @property
    def solved(self) -> bool:
        return self.status is Status.SOLVED

    def __repr__(self) -> str:
        if self.status is Status.SKIPPED:
            return f"<Outcome skipped: {self.reason}>"
        gap = f"gap {self.gap:.2g}" if math.isfinite(self.gap) else "gap not finite"
        sentence = f"<Outcome {self.status} after {self.iterations} iterations, {self.seconds:.3g} s, {gap}"
        return f"{sentence}: {self.reason}>" if self.reason else f"{sentence}>"
