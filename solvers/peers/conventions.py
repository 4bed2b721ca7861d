"""Conversions to the conventions of other libraries, in one place.

Solver Lab minimises f = (1/n) sum_i loss_i + l1 |w|_1 + l2/2 |w|^2; each library scales the parts differently.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from problems.forms import LinearModel, MatrixModel, NonnegativeModel
from problems.foundation.arrays import Matrix, Vector, dense
from solvers.base import Refusal

Rows = LinearModel | MatrixModel | NonnegativeModel
TIGHT = 1e-15  # a tolerance that a peer does not reach before the lab's tolerance
HIGHS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}  # the smallest that HiGHS accepts


def strength(problem: Rows) -> tuple[float, float]:
    """alpha and l1_ratio of (1/n) sum_i loss_i + alpha (l1_ratio |w|_1 + (1 - l1_ratio)/2 |w|^2)."""
    alpha = problem.penalty.l1 + problem.penalty.l2
    return alpha, problem.penalty.l1 / alpha if alpha else 0.0


def inverse_strength(problem: LinearModel | MatrixModel) -> tuple[float, float]:
    """C and l1_ratio of C sum_i loss_i + l1_ratio |w|_1 + (1 - l1_ratio)/2 |w|^2."""
    alpha, ratio = strength(problem)
    return 1 / (problem.n * alpha) if alpha else math.inf, ratio


def ridge_alpha(problem: LinearModel | MatrixModel) -> float:
    """alpha of |X w + b - y|^2 + alpha |w|^2."""
    return problem.n * problem.penalty.l2


def batch_alpha(l2: float, batch: int) -> float:
    """alpha of (1/m) sum_(i in batch) loss_i + alpha/(2m) |W|^2, over batches of m rows."""
    return l2 * batch


def nonnegative_rows(problem: NonnegativeModel) -> tuple[Matrix, Vector]:
    """B and c of min |B u - c|^2 over u >= 0.

    An l2 penalty becomes rows of B. An intercept, which may be negative, becomes its last two columns, 1 and -1.
    """
    B, c = dense(problem.rows.design_matrix()), problem.y
    if problem.rows.intercept:
        B = np.hstack([B, -B[:, -1:]])
    if problem.penalty.l2:
        d = problem.rows.X.shape[1]
        B = np.vstack([B, math.sqrt(problem.rows.n * problem.penalty.l2) * np.eye(d, B.shape[1])])
        c = np.append(c, np.zeros(d))
    return B, c


def from_nonnegative(u: Vector, intercept: bool) -> Vector:
    """theta from the solution u of the problem of `nonnegative_rows`."""
    return np.append(u[:-2], u[-2] - u[-1]) if intercept else u


def theta_of(model: Any, intercept: bool) -> Vector:
    """The coefficients of a fitted linear estimator as theta, with the intercepts last.

    For several outputs theta holds the coefficients row by row.
    """
    W = np.atleast_2d(model.coef_).astype(np.float64).T
    return np.ravel(np.vstack([W, np.atleast_1d(model.intercept_)]) if intercept else W)


def box(theta0: Vector, width: float) -> list[tuple[float, float]]:
    """Bounds of theta for solvers that require bounds: theta_0 - width to theta_0 + width."""
    return [(t - width, t + width) for t in theta0.tolist()]


def seed_of(rng: np.random.Generator) -> int:
    """An integer seed, for solvers that do not accept a generator."""
    return int(rng.integers(2**31))


def only_from_zero(theta0: Vector) -> None:
    """Refuse any start except zero, for a peer that would silently ignore it."""
    if theta0.any():
        raise Refusal("it always starts at zero, and here theta_0 is not zero")


def quietly(fit: Callable[..., Any], *data: Any, **start: Any) -> Any:
    """fit(*data, **start) without warnings about reached iteration limits or a penalty of 0: both are intended."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(*data, **start)


def any_penalty(problem: LinearModel) -> str | None:
    """The refusal of a penalty, for a peer that has none; None if there is no penalty."""
    penalties = [f"{name} is {value:g}" for name in ("l1", "l2") if (value := getattr(problem.penalty, name))]
    return f"it has no penalty, and {' and '.join(penalties)}" if penalties else None


def no_l2(problem: LinearModel) -> str | None:
    """The refusal of an l2 penalty, for a linear program; None if there is no l2 penalty."""
    l2 = problem.penalty.l2
    return f"a linear program has no l2 penalty, and l2 is {l2:g}" if l2 else None


def wrong_loss(problem: Rows, expected: str) -> str | None:
    """The refusal of a loss that is not the loss that the peer minimises; None if it is."""
    name = problem.loss.name
    return None if name == expected else f"it minimises the {expected} loss, not the {name} loss"


def not_installed(package: str) -> str | None:
    """The refusal of an optional package that is not installed, with how to install it; None if it is installed."""
    if importlib.util.find_spec(package):
        return None
    return f"{package} is not installed; install it with: pip install 'solver-lab[bench]'"
