"""scikit-learn's stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import positive
from solvers.base import BlackBox, Lap, Note
from solvers.peers.conventions import quietly, seed_of, strength, theta_of

CLASSES = {  # by our loss and its margin
    ("logistic", 0.0): "log_loss",
    ("hinge", 1.0): "hinge",
    ("hinge", 0.0): "perceptron",
    ("squared hinge", 1.0): "squared_hinge",
}
REGRESSION = {"squared": "squared_error", "absolute": "epsilon_insensitive", "Huber": "huber"}
Schedule = Literal["constant", "invscaling"]


@dataclass(frozen=True)
class SklearnSGDClassifier(BlackBox[LinearModel]):
    """sklearn.linear_model.SGDClassifier on the cross-entropy or a hinge, with l1 and l2 penalties or without.

        w <- w - step_t (slope x_i + l2 w),     then towards zero by step_t l1, or what of that is still owed

    One row a step, in a fresh order; an iterate is an epoch. It has hinges of margin 1, and the perceptron's of 0.
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
        if refused := super().objection(problem):
            return refused
        name, margin = problem.loss.name, problem.loss.shape
        if name not in {known for known, _ in CLASSES}:
            return f"it minimises the logistic loss and the hinges, not the {name} loss"
        return None if (name, margin) in CLASSES else f"it has no {name} loss of margin {margin:g}"

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import SGDClassifier

        w, b = problem.rows.split(theta0.copy())  # it writes into what it is given
        name = CLASSES[problem.loss.name, problem.loss.shape]
        options = _options(problem, self.step, self.schedule, budget, rng)
        if name == "squared_hinge":  # it has whole squares, and so twice our f
            options |= {"alpha": 2 * options["alpha"], "eta0": options["eta0"] / 2}
        model = SGDClassifier(loss=name, **options)
        quietly(model.fit, problem.rows.X, problem.y, coef_init=w[None, :], intercept_init=[b])
        return Lap(theta_of(model, problem.rows.intercept), done=False)


@dataclass(frozen=True)
class SklearnSGDRegressor(BlackBox[LinearModel]):
    """sklearn.linear_model.SGDRegressor on the squared, absolute or Huber loss, with l1 and l2 penalties or without.

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
        if refused := super().objection(problem):
            return refused
        if problem.loss.name not in REGRESSION:
            return f"it minimises the squared, the absolute and the Huber loss, not the {problem.loss.name} loss"
        return None

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import SGDRegressor

        w, b = problem.rows.split(theta0.copy())  # it writes into what it is given
        model = SGDRegressor(
            loss=REGRESSION[problem.loss.name],
            epsilon=problem.loss.shape,  # Huber's delta; the absolute loss has none, and is insensitive to nothing
            **_options(problem, self.step, self.schedule, budget, rng),
        )
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
