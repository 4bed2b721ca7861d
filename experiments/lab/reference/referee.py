"""The referee: for each problem an interval that contains f*, found off every clock and proven by its certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.lab.reference.reference import Ball, Reference
from experiments.lab.reference.reference_points import DENSE, FEW, reference_points
from problems.certificates.dependence import dependence
from problems.certificates.interval.columns import Columns
from problems.certificates.interval.interval import interval
from problems.certificates.interval.scaled_model import ScaledModel, scaled_model
from problems.certificates.rounding import rounding
from problems.curves.curve import Curve
from problems.forms import (
    BasisPursuit,
    Certified,
    Clustering,
    FiniteSum,
    LayeredModel,
    LinearModel,
    MatrixModel,
    Objective,
    PrincipalSubspace,
    SPDSystem,
    TotalVariation,
    TwiceSmooth,
)
from problems.foundation.arrays import EPS, Vector, dense
from problems.linear.matrix_model import matrix_model
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.penalties import NONE
from problems.parts.rows import Rows
from solvers.base.driving import last_iterate
from solvers.base.spectrum import Spectrum, largest_curvature
from solvers.second_order.newton import Newton

MOST_SEARCHED_ENTRIES = 2**25  # of X, up to which the search for the minimum of a linear model fills sparse rows
MOST_NAMED = 100  # columns that are named where the data name none
LOOSE = 1e-9  # width of a proof, relative to f(theta_0), beyond which runs are judged by the lowest f known
TIGHT = 1e-12  # width, relative to f, from which an interval is not narrowed further


@dataclass(frozen=True)
class Bracket:
    """lower <= f* <= upper, and the best point that proves the upper bound."""

    lower: float
    upper: float
    point: Vector
    ball: Ball | None = None
    rank: int | None = None  # of the columns, where it was computed


def bracket(problem: Objective) -> Bracket:
    """The narrowest interval about f* that is proven at the points which a search finds."""
    if isinstance(problem, PenalisedModel):
        model = scaled_model(problem.rows, problem.y, problem.loss, problem.penalty)
        if model:
            return _linear_bracket(problem, model)
    return _bracket_by_gap(problem)


def _linear_bracket(problem: PenalisedModel, model: ScaledModel) -> Bracket:
    searched = problem.dim <= DENSE and problem.n * problem.dim <= MOST_SEARCHED_ENTRIES
    points = () if searched else reference_points(problem)
    known = interval(model, Columns(model) if searched else None, points)
    dependent = known.rank < problem.dim
    ball = Ball(known.radius, known.rate, tuple(known.scale.tolist())) if dependent else None
    return Bracket(known.lower, known.upper, known.theta, ball, known.rank if searched else None)


def _bracket_by_gap(problem: Objective) -> Bracket:
    lower, upper, best_point = -math.inf, math.inf, problem.start(np.random.default_rng(0))
    rows = problem.n if isinstance(problem, FiniteSum) else 1
    for theta in reference_points(problem):
        f = problem.value(theta)
        if not math.isfinite(f):
            continue
        slack = rounding(rows, f)
        if f + slack < upper:
            upper, best_point = f + slack, theta
        if isinstance(problem, Certified):
            bound = f - max(problem.gap(theta), 0.0)
            lower = max(lower, bound - slack if bound else 0.0)  # a bound of exactly 0 says that no f is negative
        if upper - lower <= max(TIGHT * abs(f), 4 * slack):
            break
    return Bracket(lower, upper, best_point)


def refer(problem: Objective) -> Reference:
    """The reference of a problem. Raises LabFault where its bounds contradict each other."""
    known = bracket(problem)
    lower, upper, best_point = known.lower, known.upper, known.point
    unattained = problem.unattained(best_point) if isinstance(problem, Certified) else None
    spectrum = None
    one_minimum = problem.convex or isinstance(problem, PrincipalSubspace)  # except for rotations, which change nothing
    if isinstance(problem, TwiceSmooth) and one_minimum and problem.dim <= DENSE and not unattained:
        spectrum = _spectrum(problem, best_point)
    elif isinstance(problem, SPDSystem) and problem.dim <= DENSE:
        values = np.linalg.eigvalsh(dense(problem.system()[0]))
        spectrum = Spectrum(_above_rounding(values), float(values[-1]))
    at_start = abs(problem.value(problem.start(np.random.default_rng(0))))
    loose = isinstance(problem, Certified) and not problem.attained and upper - lower > LOOSE * at_start
    baseline = _baseline(problem)
    lowest = problem.value(best_point) if loose else None
    return Reference(
        lower,
        upper,
        problem.dim,
        _columns(problem),
        spectrum,
        baseline,
        unattained or "",
        (*problem.about.notes, *_dependence(problem, known.rank)),
        problem.measure if lowest is None else "f - lowest f known",
        problem.degree,
        lowest,
        *_scale(problem, baseline, upper),
        *_curvature(problem, best_point, bool(unattained)),
        known.ball,
    )


def _dependence(problem: Objective, rank: int | None) -> tuple[str, ...]:
    """A sentence about columns that others determine, where nothing else makes the minimiser unique."""
    if rank is None or rank >= problem.dim or not isinstance(problem, PenalisedModel) or problem.penalty != NONE:
        return ()
    X, intercept = dense(problem.rows.X), problem.rows.intercept
    names = problem.about.columns or [f"x{k}" for k in range(1, X.shape[1] + 1)]
    sentence = dependence(X, intercept, names, problem.about.units)
    return (sentence,) if sentence else ()


def _columns(problem: Objective) -> tuple[str, ...]:
    """The names of the columns of the rows; x1, x2, ... where the data name none."""
    if isinstance(problem, LinearModel | MatrixModel | LayeredModel):
        d = (problem.X if isinstance(problem, LayeredModel) else problem.rows.X).shape[1]
        return problem.about.columns or tuple(f"x{k}" for k in range(1, min(d, MOST_NAMED) + 1))
    return ()


def _scale(problem: Objective, baseline: float | None, upper: float) -> tuple[float, str]:
    """What gaps are divided by, above 0, and what it is: f of an answer that ignores the rows, where there is one."""
    if baseline is not None and 0 < baseline < math.inf:
        return baseline, "f of the best constant answer"
    if isinstance(problem, PrincipalSubspace | Clustering):
        X = problem.X - problem.X.mean(0)
        return float((X * X).sum()) / (2 * len(X)), "f of the rows' mean as the answer for every row"
    if isinstance(problem, TotalVariation):
        return float(np.var(problem.y)) / 2 or 1.0, "f of the best constant signal"
    if isinstance(problem, BasisPursuit) and 0 < upper < math.inf:
        return upper, "f of the solution"
    return 1.0, ""


def _baseline(problem: Objective) -> float | None:
    """The minimum of f over intercepts alone, where there are rows; None for others, or where it is not known."""
    if isinstance(problem, Curve):
        return float(np.var(problem.y)) / 2
    if isinstance(problem, MatrixModel | LayeredModel) and isinstance(problem.loss, MatrixLoss):
        outputs = problem.outputs if isinstance(problem, MatrixModel) else problem.widths[-1]
        intercepts = matrix_model(Rows(np.empty((problem.n, 0))), problem.y, outputs, problem.loss)
        shares = np.bincount(problem.y.astype(int)) / problem.n if problem.loss.classes else None
        return intercepts.value(problem.y.mean(0) if shares is None else np.log(shares))
    if not isinstance(problem, LinearModel | LayeredModel) or isinstance(problem.loss, MatrixLoss):
        return None
    constant = linear_model(Rows(np.empty((problem.n, 0))), problem.y, problem.loss)
    model = scaled_model(constant.rows, constant.y, constant.loss, NONE)
    if model:
        return interval(model, Columns(model)).upper
    if not isinstance(constant, TwiceSmooth):
        return None
    return constant.value(last_iterate(Newton(), constant, np.zeros(1), 100))


def _curvature(problem: Objective, point: Vector, unattained: bool) -> tuple[tuple[float, float] | None, float]:
    """The least and the largest eigenvalue of the Hessian H at a point, None where it is not computed, and |point|.

    Both are in coordinates in which the diagonal of H is 1, so that the units of theta do not matter.
    """
    few = problem.dim <= (FEW if isinstance(problem, LayeredModel) else DENSE)
    if unattained or not few or not isinstance(problem, TwiceSmooth):
        return None, 0.0
    H = problem.hessian(point)
    roots = np.sqrt(np.maximum(np.diag(H), 0.0))
    if not (np.isfinite(H).all() and roots.all()):
        return None, 0.0
    values = np.linalg.eigvalsh(H / roots / roots[:, None])
    return (float(values[0]), float(values[-1])), float(np.linalg.norm(roots * point))


def _spectrum(problem: TwiceSmooth, minimum: Vector) -> Spectrum:
    at_minimum = np.linalg.eigvalsh(problem.hessian(minimum))
    rng = np.random.default_rng(0)
    return Spectrum(_above_rounding(at_minimum), largest_curvature(problem, problem.start(rng), rng))


def _above_rounding(eigenvalues: Any) -> Vector:
    """Those of the ascending eigenvalues that rounding can distinguish from 0."""
    significant: Vector = eigenvalues[eigenvalues > eigenvalues.size * EPS * eigenvalues[-1]]
    return significant
