"""Each peer's own scaling of f = (1/n) sum_i loss_i + l2/2 |w|^2, in one place."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from problems.arrays import Vector
from problems.forms import LinearModel

from ..base import Refusal


def c_of(problem: LinearModel) -> float:
    """C of C sum_i loss_i + |w|^2 / 2."""
    return 1 / (problem.n * problem.penalty.l2) if problem.penalty.l2 else math.inf


def ridge_alpha(problem: LinearModel) -> float:
    """alpha of |X w + b - y|^2 + alpha |w|^2."""
    return problem.n * problem.penalty.l2


def mean_alpha(problem: LinearModel) -> float:
    """alpha of (1/n) sum_i loss_i + alpha/2 |w|^2."""
    return problem.penalty.l2


def batch_alpha(l2: float, batch: int) -> float:
    """alpha of (1/m) sum_(i in batch) loss_i + alpha/(2m) |W|^2, over batches of m rows."""
    return l2 * batch


def theta_of(model: Any, intercept: bool) -> Vector:
    """A fitted linear estimator's coefficients in our order, the intercept last."""
    w = np.ravel(model.coef_).astype(np.float64)
    return np.append(w, model.intercept_) if intercept else w


def seed_of(rng: np.random.Generator) -> int:
    """An integer seed, for those that take no generator."""
    return int(rng.integers(2**31))


def only_from_zero(theta0: Vector) -> None:
    """Refuse any other start, for a peer that would silently ignore it."""
    if theta0.any():
        raise Refusal("it always starts at zero, and theta_0 is not zero here")


def quietly(fit: Callable[..., Any], *data: Any, **start: Any) -> None:
    """fit(*data, **start) without the warning that its iterations ran out: the lab means them to."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit(*data, **start)


def wrong_penalty(problem: LinearModel) -> str | None:
    """A refusal of a penalty other than l2/2 |w|^2."""
    l1 = problem.penalty.l1
    return f"it is run with no l1 penalty, and l1 is {l1:g}" if l1 else None


def wrong_loss(problem: LinearModel, wanted: str) -> str | None:
    """A refusal of another loss than the one that the peer minimises."""
    name = problem.loss.name
    return None if name == wanted else f"it minimises the {wanted} loss, not the {name} loss"
