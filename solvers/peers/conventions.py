"""Each peer's own scaling of f = (1/n) sum_i loss_i + l1 |w|_1 + l2/2 |w|^2, in one place, and its habits."""

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
TIGHT = 1e-15  # a tolerance of its own that a peer does not reach before the lab's
HIGHS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}  # the least that it takes


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
    """B and c of min |B u - c|^2 over u >= 0: ridge as rows, a free b as the two columns 1 and -1, the last ones."""
    B, c = dense(problem.rows.stored()), problem.y
    if problem.rows.intercept:
        B = np.hstack([B, -B[:, -1:]])
    if problem.penalty.l2:
        d = problem.rows.X.shape[1]
        B = np.vstack([B, math.sqrt(problem.rows.n * problem.penalty.l2) * np.eye(d, B.shape[1])])
        c = np.append(c, np.zeros(d))
    return B, c


def from_nonnegative(u: Vector, intercept: bool) -> Vector:
    """theta of the columns of `nonnegative_rows`."""
    return np.append(u[:-2], u[-2] - u[-1]) if intercept else u


def theta_of(model: Any, intercept: bool) -> Vector:
    """A fitted linear estimator's coefficients in our order, the intercepts last, of several outputs row by row."""
    W = np.atleast_2d(model.coef_).astype(np.float64).T
    return np.ravel(np.vstack([W, np.atleast_1d(model.intercept_)]) if intercept else W)


def box(theta0: Vector, width: float) -> list[tuple[float, float]]:
    """Bounds of theta, for those that cannot do without: theta_0 - width to theta_0 + width."""
    return [(t - width, t + width) for t in theta0.tolist()]


def seed_of(rng: np.random.Generator) -> int:
    """An integer seed, for those that take no generator."""
    return int(rng.integers(2**31))


def only_from_zero(theta0: Vector) -> None:
    """Refuse any other start, for a peer that would silently ignore it."""
    if theta0.any():
        raise Refusal("it always starts at zero, and theta_0 is not zero here")


def quietly(fit: Callable[..., Any], *data: Any, **start: Any) -> Any:
    """fit(*data, **start) without a word on iterations that ran out, or a penalty of 0: both are meant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(*data, **start)


def any_penalty(problem: LinearModel) -> str | None:
    """A refusal of a penalty, for a peer that has none."""
    given = [f"{name} is {value:g}" for name in ("l1", "l2") if (value := getattr(problem.penalty, name))]
    return f"it has no penalty, and {' and '.join(given)}" if given else None


def no_l2(problem: LinearModel) -> str | None:
    """A refusal of an l2 penalty, for a linear program."""
    l2 = problem.penalty.l2
    return f"a linear program has no l2 penalty, and l2 is {l2:g}" if l2 else None


def wrong_loss(problem: Rows, wanted: str) -> str | None:
    """A refusal of another loss than the one that the peer minimises."""
    name = problem.loss.name
    return None if name == wanted else f"it minimises the {wanted} loss, not the {name} loss"


def not_installed(package: str) -> str | None:
    """A refusal where an optional package is not there, and how to get it."""
    if importlib.util.find_spec(package):
        return None
    return f"{package} is not installed; pip install 'solver-lab[bench]' installs it"
