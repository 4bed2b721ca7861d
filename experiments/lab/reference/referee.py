"""The referee: for each problem, an interval that holds f*, found off every clock and proven by the certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.lab.reference.reference_points import DENSE, candidates, last
from problems.certificates.rounding import rounding
from problems.forms import (
    Certified,
    FiniteSum,
    LayeredModel,
    LinearModel,
    MatrixModel,
    Objective,
    PrincipalSubspace,
    SPDSystem,
    TwiceSmooth,
)
from problems.foundation.arrays import EPS, Vector, dense
from problems.linear.matrix_model import matrix_model
from problems.linear.model_chain import linear_model
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.rows import Rows
from solvers.base.spectrum import Spectrum, largest_curvature
from solvers.second_order.newton import Newton

MOST_NAMED = 100  # columns that get a name where they have none
LOOSE = 1e-9  # a proof this far off, relative to f(theta_0), is none to judge by where the problem says it may be loose
TIGHT = 1e-12  # an interval as narrow as this, relative to f, is not narrowed further


@dataclass(frozen=True)
class Reference:
    """What is known of f*, and of the problem about it."""

    lower: float  # lower <= f* <= upper; -inf where nothing is proven
    upper: float
    dim: int
    columns: tuple[str, ...] = ()  # what the rows' columns are called, where there are rows
    spectrum: Spectrum | None = None  # of a definite system, or the Hessian of an f with one minimum; up to DENSE
    baseline: float | None = None  # the least f of one same prediction for every row, where there are rows
    unattained: str = ""  # why no theta reaches f*
    notes: tuple[str, ...] = ()  # what a person should know of how the data were read
    measure: str = Objective.measure  # what is called the gap: f - f*, or what stands for it
    degree: int = Objective.degree  # near a minimum the gap is like the error to this power
    known: float | None = None  # the lowest f found, where runs are judged by it for want of a proof

    @property
    def goal(self) -> float:
        """What a run must come within the tolerance of."""
        return self.lower if self.known is None else self.known

    @property
    def width(self) -> float:
        """How far above the goal f* may lie."""
        return self.upper - self.goal


def bracket(problem: Objective) -> tuple[float, float, Vector]:
    """The narrowest interval about f* that the problem's certificate proves at the points tried, and the best one."""
    lower, upper, nearest = -math.inf, math.inf, problem.start(np.random.default_rng(0))
    rows = problem.n if isinstance(problem, FiniteSum) else 1
    for theta in candidates(problem):
        f = problem.value(theta)
        if not math.isfinite(f):
            continue
        blur = rounding(rows, f)
        if f + blur < upper:
            upper, nearest = f + blur, theta
        if isinstance(problem, Certified):
            below = f - max(problem.gap(theta), 0.0)
            lower = max(lower, below - blur if below else 0.0)  # f itself as the bound says that no f is negative
        if upper - lower <= max(TIGHT * abs(f), 4 * blur):
            break
    return lower, upper, nearest


def refer(problem: Objective) -> Reference:
    """What the referee knows of a problem."""
    lower, upper, nearest = bracket(problem)
    # a minimum that nothing but "no loss is negative" bounds may not exist
    unattained = problem.unattained(nearest) if isinstance(problem, Certified) and lower <= 0 else None
    spectrum = None
    one_minimum = problem.convex or isinstance(problem, PrincipalSubspace)  # but for rotations, which change nothing
    if isinstance(problem, TwiceSmooth) and one_minimum and problem.dim <= DENSE and not unattained:
        spectrum = _spectrum(problem, nearest)
    elif isinstance(problem, SPDSystem) and problem.dim <= DENSE:
        values = np.linalg.eigvalsh(dense(problem.system()[0]))
        spectrum = Spectrum(_told_from_zero(values), float(values[-1]))
    scale = abs(problem.value(problem.start(np.random.default_rng(0))))
    loose = isinstance(problem, Certified) and not problem.attained and upper - lower > LOOSE * scale
    known = problem.value(nearest) if loose else None
    return Reference(
        lower,
        upper,
        problem.dim,
        _columns(problem),
        spectrum,
        _baseline(problem),
        unattained or "",
        problem.about.notes,
        problem.measure if known is None else "f - lowest f known",
        problem.degree,
        known,
    )


def _columns(problem: Objective) -> tuple[str, ...]:
    if isinstance(problem, LinearModel | MatrixModel | LayeredModel):
        d = (problem.X if isinstance(problem, LayeredModel) else problem.rows.X).shape[1]
        return problem.about.columns or tuple(f"x{k}" for k in range(1, min(d, MOST_NAMED) + 1))
    return ()


def _baseline(problem: Objective) -> float | None:
    if isinstance(problem, MatrixModel | LayeredModel) and isinstance(problem.loss, MatrixLoss):
        outputs = problem.outputs if isinstance(problem, MatrixModel) else problem.widths[-1]
        flat = matrix_model(Rows(np.empty((problem.n, 0))), problem.y, outputs, problem.loss)
        shares = np.bincount(problem.y.astype(int)) / problem.n if problem.loss.classes else None
        return flat.value(problem.y.mean(0) if shares is None else np.log(shares))
    if not isinstance(problem, LinearModel | LayeredModel) or isinstance(problem.loss, MatrixLoss):
        return None
    constant = linear_model(Rows(np.empty((problem.n, 0))), problem.y, problem.loss)
    if not isinstance(constant, TwiceSmooth):
        return None
    return constant.value(last(Newton(), constant, np.zeros(1), 100))


def _spectrum(problem: TwiceSmooth, minimum: Vector) -> Spectrum:
    at_minimum = np.linalg.eigvalsh(problem.hessian(minimum))
    rng = np.random.default_rng(0)
    return Spectrum(_told_from_zero(at_minimum), largest_curvature(problem, problem.start(rng), rng))


def _told_from_zero(eigenvalues: Any) -> Vector:
    """Those, of eigenvalues in ascending order, that rounding does not hide."""
    told: Vector = eigenvalues[eigenvalues > eigenvalues.size * EPS * eigenvalues[-1]]
    return told
