"""The first learning algorithms for a single neuron, which update it row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import positive
from problems.foundation.native import native
from problems.parts.losses import DERIVATIVE
from solvers.base import Iterates, Solver, Trait
from solvers.first_order.schedules import Schedule
from solvers.kernels.linear_sgd import linear_sgd


@native(DERIVATIVE)
def perceptron_derivative(z: float, y: float, shape: float) -> float:
    """The derivative of max(0, -y z), which is -y at the kink: a prediction of 0 is a mistake."""
    return -y if y * z <= 0.0 else 0.0


@native(DERIVATIVE)
def adaline_derivative(z: float, y: float, shape: float) -> float:
    """The derivative of (z - y)^2 / 2."""
    return z - y


@dataclass(frozen=True)
class Perceptron(Solver[LinearModel]):
    """The perceptron: a line between two classes, which only misclassified rows update.

        z = x_i . w + b     if y_i z <= 0:  w <- w + step y_i x_i,  b <- b + step y_i

    An iteration is an epoch, which reads every row once, in a random permutation. It ends after an epoch without a
    mistake. It finds a line that separates the labels, if there is one. It does not minimise f: it uses neither the
    loss nor the penalty.
    step: default 1. From theta_0 = 0 it scales theta and changes nothing else.
    Cost: n products x_i . w per iteration.
    Memory: three vectors of length `dim`.
    Rate: at most (R/gamma)^2 mistakes in total from theta_0 = 0, where R is the largest norm of a row (with 1 for the
    intercept) and gamma the margin of the best line through the origin of these rows. Without a separating line it
    never converges.
    Choose it to study the first learning algorithm, and to find a separating line; not for labels that overlap.
    Source: Rosenblatt (1958), doi:10.1037/h0042519; Novikoff (1962).
    """

    needs = (LinearModel,)
    traits = frozenset({Trait.STOCHASTIC})
    minimises = False
    step: float = 1.0

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _no_labels(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for block in linear_sgd(problem, theta0, Schedule(self.step), 1, rng, derivative=perceptron_derivative):
            unchanged = (block == np.vstack([theta, block[:-1]])).all(axis=1)
            if unchanged.any():  # no mistake, or mistakes that cancelled each other
                first, theta = int(unchanged.argmax()), block[unchanged.argmax()]
                problem.ledger.passes += 1
                if np.all(problem.y * (problem.rows @ theta) > 0):
                    yield block[: first + 1]
                    return "an epoch made no mistake: theta separates the labels"
            yield block
            theta = block[-1]


@dataclass(frozen=True)
class Adaline(Solver[LinearModel]):
    """The adaptive linear neuron: least squares on the labels, row by row, with the error before the activation.

        z = x_i . w + b     w <- w + step (y_i - z) x_i,  b <- b + step (y_i - z)

    An iteration is an epoch, which reads every row once, in a random permutation. It minimises the mean of (y_i -
    z_i)^2 / 2 over labels of -1 and 1, not f. Unlike the perceptron, rows that are classified correctly update it too,
    and it converges even if no line separates the labels.
    step: by default 0.1/R^2, where R is the largest norm of a row (with 1 for the intercept). It converges in the mean
    below 2/R^2, to a noise floor proportional to the step.
    Cost: n products x_i . w and n updates per iteration.
    Memory: two vectors of length `dim`.
    Rate: 1 - step mu per row down to the noise floor, where mu is the smallest curvature of these squares.
    Choose it to study the predecessor of logistic regression; not to classify: minimise f.
    Source: Widrow & Hoff (1960), IRE WESCON; Widrow & Lehr (1990), doi:10.1109/5.58323.
    """

    needs = (LinearModel,)
    traits = frozenset({Trait.STOCHASTIC})
    minimises = False
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _no_labels(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 0.1 / _largest_squared_norm(problem)
        yield from linear_sgd(problem, theta0, Schedule(step), 1, rng, derivative=adaline_derivative)


def _no_labels(problem: LinearModel) -> str | None:
    if problem.loss.labels:
        return None
    return f"it needs labels of two classes, and the targets of the {problem.loss.name} loss are numbers"


def _largest_squared_norm(problem: LinearModel) -> float:
    """R^2, the largest squared norm of a row; it charges a pass."""
    problem.ledger.passes += 1
    return problem.rows.largest_squared_norm()
