"""What is known of a problem's minimum: an interval that contains f*, and facts that verdicts use."""

from __future__ import annotations

from dataclasses import dataclass

from problems.forms import Objective
from solvers.base.spectrum import Spectrum


@dataclass(frozen=True)
class Reference:
    """What is known of f*, and what outputs say of the problem."""

    lower: float  # lower <= f* <= upper; -inf where nothing is proven
    upper: float
    dim: int
    columns: tuple[str, ...] = ()  # names of the rows' columns, where there are rows
    spectrum: Spectrum | None = None  # of a definite system, or of the Hessian of an f with one minimum
    baseline: float | None = None  # the least f of a constant prediction, where there are rows
    unattained: str = ""  # why no theta reaches f*
    notes: tuple[str, ...] = ()  # how the data were read and prepared
    measure: str = Objective.measure  # what the gap is: f - f*, or what replaces it
    degree: int = Objective.degree  # near a minimum the gap is proportional to the error to this power
    known: float | None = None  # the lowest f found, where nothing is proven and runs are judged by it

    @property
    def goal(self) -> float:
        """What a run must come within the tolerance of."""
        return self.lower if self.known is None else self.known

    @property
    def width(self) -> float:
        """How far above the goal f* may lie."""
        return self.upper - self.goal
