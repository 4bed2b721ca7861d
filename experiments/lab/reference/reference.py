"""What is known of a problem's minimum: an interval that contains f*, and facts that verdicts use."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from problems.certificates.interval.scaled_model import norm
from problems.forms import Objective
from problems.foundation.arrays import EPS, Vector
from solvers.base.spectrum import Spectrum


class LabFault(Exception):  # noqa: N818
    """Two statements of the lab contradict each other: a fault of the lab, never of a solver."""


@dataclass(frozen=True)
class Ball:
    """Where columns depend on each other up to rounding, f* is the infimum of f over |theta / scale| <= radius.

    Longer coefficients fit the rounding of the columns: for any theta f >= lower - rate (|theta / scale| - radius)+.
    """

    radius: float
    rate: float
    scale: tuple[float, ...]

    def lengths(self, theta: Vector) -> float:
        """|theta / scale| in radii: above 1 theta lies outside the ball."""
        return norm(theta / np.array(self.scale)) / self.radius


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
    scale: float = 1.0  # by which gaps are divided, so that a tolerance means the same in all units; above 0
    scale_of: str = ""  # what that is; empty where gaps are as they are
    curvature: tuple[float, float] | None = None  # extreme eigenvalues of the Hessian at the best point, diagonal 1
    size: float = 0.0  # |theta| there, in the coordinates of that scaling
    ball: Ball | None = None  # within which f* is meant, where columns depend on each other up to rounding

    def __post_init__(self) -> None:
        if self.lower > self.upper:
            raise LabFault(f"the lower bound {self.lower!r} of f* is above the upper bound {self.upper!r}")

    def scale_under(self, absolute: bool) -> float:
        """By what gaps are divided: the scale, unless the tolerance is absolute."""
        return 1.0 if absolute else self.scale

    def label(self, absolute: bool) -> str:
        """What gaps are, for the axis of a figure."""
        return f"({self.measure}) / {self.scale:.3g}" if self.scale_under(absolute) != 1 else self.measure

    def scale_note(self, absolute: bool) -> str:
        """What gaps are divided by, as a sentence; empty where they are not."""
        if self.scale_under(absolute) == 1:
            return ""
        return f"gap = ({self.measure}) / {self.scale:.4g}, where {self.scale:.4g} is {self.scale_of}"

    @property
    def condition(self) -> float | None:
        """The condition number of that Hessian; inf where it is singular up to rounding, None where it is not known."""
        if self.curvature is None:
            return None
        least, largest = self.curvature
        return largest / least if least > self.dim * EPS * largest else math.inf

    def theta_error(self, gap: float, absolute: bool) -> float | None:
        """A bound on |theta - theta*| / |theta*|, columns scaled to equal lengths, by the least curvature there.

        It holds where f is quadratic, and elsewhere near the minimum. None where curvature does not bound theta.
        """
        if not (self.curvature and self.condition != math.inf and self.size and math.isfinite(gap)):
            return None
        rounding = self.upper - self.lower if self.known is None else 0.0
        above = abs(gap) * self.scale_under(absolute) + rounding + EPS * abs(self.goal)
        least = self.curvature[0] - self.dim * EPS * self.curvature[1]
        return math.sqrt(2 * above / least) / self.size

    def condition_note(self) -> str:
        """The condition number as a sentence; empty where it is not known."""
        if self.condition is None:
            return ""
        number = f"{self.condition:.3g}" if math.isfinite(self.condition) else "beyond the digits of float64"
        return f"the condition number of the Hessian at the minimum, scaled to a diagonal of 1, is {number}"

    def lowered(self, below: float) -> Reference:
        """The reference once a run has gone below the lowest f known, by f - known < 0: its curvature is not known."""
        known = max(self.goal + below, self.lower)
        return replace(self, known=known, upper=min(self.upper, known), curvature=None, size=0.0)

    @property
    def goal(self) -> float:
        """What a run must come within the tolerance of."""
        return self.lower if self.known is None else self.known

    @property
    def width(self) -> float:
        """How far above the goal f* may lie."""
        return self.upper - self.goal
