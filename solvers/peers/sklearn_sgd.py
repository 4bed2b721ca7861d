"""scikit-learn's stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.arrays import Vector
from problems.checks import positive
from problems.forms import LinearModel

from ..base import BlackBox, Lap, Note
from .conventions import quietly, seed_of, strength, theta_of, wrong_loss

Schedule = Literal["constant", "invscaling"]


@dataclass(frozen=True)
class SklearnSGDClassifier(BlackBox[LinearModel]):
    """sklearn.linear_model.SGDClassifier on the cross-entropy, with l1 and l2 penalties or without.

        w <- w - step_t (slope x_i + l2 w),     then towards zero by step_t l1, or what of that is still owed

    One row a step, in a fresh order; an iterate is an epoch.
    step: the first.
    schedule: constant, or invscaling: step / t^0.25 at step t.
    Cost: every row once an iterate. Memory: two vectors of length `dim`.
    Rate: that of SGD: constant steps end at a noise floor, falling ones go on slowly.
    Choose it for many rows and few digits; not for many digits: its noise has a floor.
    Source: Bottou (1998); Tsuruoka, Tsujii & Ananiadou (2009), for the l1; Pedregosa et al. (2011),
    https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel,)
    opaque = True
    step: float = 0.01
    schedule: Schedule = "constant"

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or wrong_loss(problem, "logistic")

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import SGDClassifier

        w, b = problem.rows.split(theta0.copy())  # it writes into what it is given
        model = SGDClassifier(loss="log_loss", **_options(problem, self.step, self.schedule, budget, rng))
        quietly(model.fit, problem.rows.X, problem.y, coef_init=w[None, :], intercept_init=[b])
        return Lap(theta_of(model, problem.rows.intercept), done=False)


@dataclass(frozen=True)
class SklearnSGDRegressor(BlackBox[LinearModel]):
    """sklearn.linear_model.SGDRegressor on the squared loss, with l1 and l2 penalties or without.

        w <- w - step_t (slope x_i + l2 w),     then towards zero by step_t l1, or what of that is still owed

    One row a step, in a fresh order; an iterate is an epoch.
    step: the first.
    schedule: constant, or invscaling: step / t^0.25 at step t.
    Cost: every row once an iterate. Memory: two vectors of length `dim`.
    Rate: that of SGD: constant steps end at a noise floor, falling ones go on slowly.
    Choose it for many rows and few digits; not on columns of unlike scales, where it diverges.
    Source: Bottou (1998); Tsuruoka, Tsujii & Ananiadou (2009), for the l1; Pedregosa et al. (2011),
    https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel,)
    opaque = True
    step: float = 0.01
    schedule: Schedule = "invscaling"

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or wrong_loss(problem, "squared")

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import SGDRegressor

        w, b = problem.rows.split(theta0.copy())  # it writes into what it is given
        model = SGDRegressor(**_options(problem, self.step, self.schedule, budget, rng))
        quietly(model.fit, problem.rows.X, problem.y, coef_init=w, intercept_init=[b])
        return Lap(theta_of(model, problem.rows.intercept), done=False)


def _options(
    problem: LinearModel, step: float, schedule: Schedule, budget: int, rng: np.random.Generator
) -> dict[str, Any]:
    """What both take; without a tolerance of their own they run all epochs of their budget."""
    alpha, ratio = strength(problem)
    return {
        "penalty": "elasticnet",
        "alpha": alpha,
        "l1_ratio": ratio,
        "fit_intercept": problem.rows.intercept,
        "learning_rate": schedule,
        "eta0": step,
        "power_t": 0.25,
        "max_iter": budget,
        "tol": None,
        "random_state": seed_of(rng),
    }
