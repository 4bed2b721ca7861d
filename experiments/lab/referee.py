"""The referee: for each problem, an interval that holds f*, found off every clock and proven by the certificate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import scipy.linalg as sl

from problems.arrays import EPS, Vector
from problems.certificates import column_scales, rounding
from problems.forms import (
    Certified,
    Composite,
    FiniteSum,
    LayeredModel,
    LeastSquares,
    LinearModel,
    LinearSystem,
    Objective,
    Smooth,
    SPDSystem,
    TwiceSmooth,
)
from problems.linear_model import linear_model
from problems.rows import Rows
from solvers.base import Breakdown, Solver
from solvers.direct import LU, dense
from solvers.newton import Newton
from solvers.proximal import FISTA
from solvers.quasi_newton import LBFGS
from solvers.spectrum import Spectrum, largest_curvature

DENSE = 1000  # coefficients up to which Hessians are formed and their eigenvalues found
MOST_NAMED = 100  # columns that get a name where they have none
ROUNDS = 10  # of a thousand accelerated steps, each with an exact one after it
TIGHT = 1e-12  # an interval as narrow as this, relative to f, is not narrowed further


@dataclass(frozen=True)
class Reference:
    """What is known of f*, and of the problem about it."""

    lower: float  # lower <= f* <= upper; -inf where nothing is proven
    upper: float
    dim: int
    columns: tuple[str, ...] = ()  # what the rows' columns are called, where there are rows
    spectrum: Spectrum | None = None  # of the Hessian of a convex f or a definite system, up to DENSE columns
    baseline: float | None = None  # the least f of one same prediction for every row, where there are rows
    unattained: str = ""  # why no theta reaches f*
    notes: tuple[str, ...] = ()  # what a person should know of how the data were read
    measure: str = Objective.measure  # what is called the gap: f - f*, or what stands for it
    degree: int = Objective.degree  # near a minimum the gap is like the error to this power

    @property
    def width(self) -> float:
        return self.upper - self.lower


def _candidates(problem: Objective) -> Iterator[Vector]:
    """Points ever nearer a minimum, by the surest method first; each method's last iterate is one."""
    theta = problem.start(np.random.default_rng(0))
    if isinstance(problem, LinearSystem) and not isinstance(problem, Smooth):
        yield _last(LU(), problem, theta, 1)
    elif isinstance(problem, LeastSquares):
        B, c = problem.least_squares()
        scales = column_scales(B)
        yield scales * sl.lstsq(B * scales, c)[0]
    if isinstance(problem, TwiceSmooth) and problem.dim <= DENSE:
        theta = _last(Newton(), problem, theta, 100)
    yield theta
    if isinstance(problem, Smooth):
        yield _last(LBFGS(memory=30), problem, theta, 3000)
    elif isinstance(problem, Composite):
        for _ in range(ROUNDS):
            theta = _settled(problem, _last(FISTA(), problem, theta, 1000))
            yield theta


def _settled(problem: Composite, theta: Vector) -> Vector:
    """theta moved to where f is least among those with its zeros and signs, by Newton's method on the others.

    The rest of f is linear there, and its prox tells its slope. What changes its sign is cut to zero.
    """
    s = problem.smooth
    free = np.flatnonzero(theta)
    if not isinstance(s, TwiceSmooth) or problem.dim > DENSE or not len(free):
        return theta
    t = 1.0
    while np.any(np.sign(problem.prox(theta, t)[free]) != np.sign(theta[free])) and t > EPS:
        t /= 2
    slope = (theta - problem.prox(theta, t)) / t
    f = problem.value(theta)
    for _ in range(20):
        H, g = s.hessian(theta)[np.ix_(free, free)], (s.gradient(theta) + slope)[free]
        new = theta.copy()
        new[free] -= sl.lstsq(H, g, check_finite=False)[0]
        new[(slope != 0) & (np.sign(new) != np.sign(theta))] = 0.0
        new = problem.prox(new, 0.0)
        lower = problem.value(new)
        if not lower < f:
            break
        theta, f = new, lower
        free = np.flatnonzero(theta)
    return theta


def _last(solver: Solver[Any], problem: Objective, theta: Vector, most: int) -> Vector:
    iterates = islice(solver.iterate(problem, theta, np.random.default_rng(0)), most)
    with suppress(Breakdown):
        for iterate in iterates:
            theta = iterate
    return theta


def bracket(problem: Objective) -> tuple[float, float, Vector]:
    """The narrowest interval about f* that the problem's certificate proves at the points tried, and the best one."""
    lower, upper, nearest = -math.inf, math.inf, problem.start(np.random.default_rng(0))
    rows = problem.n if isinstance(problem, FiniteSum) else 1
    for theta in _candidates(problem):
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
    if isinstance(problem, TwiceSmooth) and problem.convex and problem.dim <= DENSE and not unattained:
        spectrum = _spectrum(problem, nearest)
    elif isinstance(problem, SPDSystem) and problem.dim <= DENSE:
        values = np.linalg.eigvalsh(dense(problem.system()[0]))
        spectrum = Spectrum(_told_from_zero(values), float(values[-1]))
    return Reference(
        lower,
        upper,
        problem.dim,
        _columns(problem),
        spectrum,
        _baseline(problem),
        unattained or "",
        problem.about.notes,
        problem.measure,
        problem.degree,
    )


def _columns(problem: Objective) -> tuple[str, ...]:
    if isinstance(problem, LinearModel | LayeredModel):
        d = (problem.rows.X if isinstance(problem, LinearModel) else problem.X).shape[1]
        return problem.about.columns or tuple(f"x{k}" for k in range(1, min(d, MOST_NAMED) + 1))
    return ()


def _baseline(problem: Objective) -> float | None:
    if not isinstance(problem, LinearModel | LayeredModel):
        return None
    constant = linear_model(Rows(np.empty((problem.n, 0))), problem.y, problem.loss)
    if not isinstance(constant, TwiceSmooth):
        return None
    return constant.value(_last(Newton(), constant, np.zeros(1), 100))


def _spectrum(problem: TwiceSmooth, minimum: Vector) -> Spectrum:
    at_minimum = np.linalg.eigvalsh(problem.hessian(minimum))
    rng = np.random.default_rng(0)
    return Spectrum(_told_from_zero(at_minimum), largest_curvature(problem, problem.start(rng), rng))


def _told_from_zero(eigenvalues: Any) -> Vector:
    """Those, of eigenvalues in ascending order, that rounding does not hide."""
    told: Vector = eigenvalues[eigenvalues > eigenvalues.size * EPS * eigenvalues[-1]]
    return told
