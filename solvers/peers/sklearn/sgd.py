"""Stochastic gradient descent of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import positive
from solvers.base import BlackBox, Callback, Run, Trait
from solvers.peers.conventions import quietly, seed_of, strength, theta_of

CLASSIFICATION = {  # from a loss of Solver Lab and its margin to a loss of scikit-learn
    ("logistic", 0.0): "log_loss",
    ("hinge", 1.0): "hinge",
    ("hinge", 0.0): "perceptron",
    ("squared hinge", 1.0): "squared_hinge",
}
REGRESSION = {"squared": "squared_error", "absolute": "epsilon_insensitive", "Huber": "huber"}
Schedule = Literal["constant", "invscaling"]


@dataclass(frozen=True)
class SklearnSGDClassifier(BlackBox[LinearModel]):
    """sklearn.linear_model.SGDClassifier on the cross-entropy or a hinge loss, with or without l1 and l2 penalties.

        w <- w - step_t (s x_i + l2 w),     then the accumulated l1 penalty, step_t l1 per update

    where s is the derivative of the loss of row i. An update uses one row, and an iteration is an epoch, which reads
    the rows in a random permutation. The margin of a hinge loss is 1, or 0 for the perceptron.
    step: default 0.01, the first step.
    schedule: the default constant, or invscaling: step / t^0.25 at update t.
    Cost: one pass over the rows per iteration.
    Memory: a few vectors of length `dim`.
    Rate: the rate of SGD: constant steps reach a noise floor, decreasing steps converge slowly.
    Choose it for many rows and low accuracy; not for high accuracy, because of its noise floor.
    Source: Bottou (1998); Tsuruoka, Tsujii & Ananiadou (2009), for the l1 penalty; Pedregosa et al. (2011),
    https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel,)
    traits = frozenset({Trait.STOCHASTIC})
    opaque = True
    step: float = 0.01
    schedule: Schedule = "constant"

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        name, margin = problem.loss.name, problem.loss.shape
        if name not in {known for known, _ in CLASSIFICATION}:
            return f"it minimises the logistic loss and the hinge losses, not the {name} loss"
        return None if (name, margin) in CLASSIFICATION else f"it has no {name} loss of margin {margin:g}"

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.linear_model import SGDClassifier

        w, b = problem.rows.split(theta0.copy())  # scikit-learn overwrites its start
        name = CLASSIFICATION[problem.loss.name, problem.loss.shape]
        options = _options(problem, self.step, self.schedule, budget, rng)
        if name == "squared_hinge":  # its loss is the full square, so its f is twice ours
            options |= {"alpha": 2 * options["alpha"], "eta0": options["eta0"] / 2}
        model = SGDClassifier(loss=name, **options)
        quietly(model.fit, problem.rows.X, problem.y, coef_init=w[None, :], intercept_init=[b])
        return Run(theta_of(model, problem.rows.intercept), done=False)


@dataclass(frozen=True)
class SklearnSGDRegressor(BlackBox[LinearModel]):
    """sklearn.linear_model.SGDRegressor on the squared, absolute or Huber loss, with or without l1 and l2 penalties.

        w <- w - step_t (s x_i + l2 w),     then the accumulated l1 penalty, step_t l1 per update

    where s is the derivative of the loss of row i. An update uses one row, and an iteration is an epoch, which reads
    the rows in a random permutation.
    step: default 0.01, the first step.
    schedule: constant, or the default invscaling: step / t^0.25 at update t.
    Cost: one pass over the rows per iteration.
    Memory: a few vectors of length `dim`.
    Rate: the rate of SGD: constant steps reach a noise floor, decreasing steps converge slowly.
    Choose it for many rows and low accuracy; not for columns of different scales, where it diverges.
    Source: Bottou (1998); Tsuruoka, Tsujii & Ananiadou (2009), for the l1 penalty; Pedregosa et al. (2011),
    https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel,)
    traits = frozenset({Trait.STOCHASTIC})
    opaque = True
    step: float = 0.01
    schedule: Schedule = "invscaling"

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        if problem.loss.name not in REGRESSION:
            return f"it minimises the squared, absolute and Huber losses, not the {problem.loss.name} loss"
        return None

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.linear_model import SGDRegressor

        w, b = problem.rows.split(theta0.copy())  # scikit-learn overwrites its start
        model = SGDRegressor(
            loss=REGRESSION[problem.loss.name],
            epsilon=problem.loss.shape,  # delta of the Huber loss; 0 for the absolute loss
            **_options(problem, self.step, self.schedule, budget, rng),
        )
        quietly(model.fit, problem.rows.X, problem.y, coef_init=w, intercept_init=[b])
        return Run(theta_of(model, problem.rows.intercept), done=False)


def _options(
    problem: LinearModel, step: float, schedule: Schedule, budget: int, rng: np.random.Generator
) -> dict[str, Any]:
    """The arguments that both classes take. Without a tolerance they run all epochs of their budget."""
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
