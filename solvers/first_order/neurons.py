"""The first learning machines: one neuron, taught row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import positive
from problems.foundation.native import native
from problems.parts.losses import SLOPE
from solvers.base import Iterates, Solver
from solvers.kernels.linear_sgd import linear_sgd


@native(SLOPE)
def perceptron_slope(z: float, y: float, shape: float) -> float:
    """Of max(0, -y z), with -y at the kink: a prediction of 0 is a mistake."""
    return -y if y * z <= 0.0 else 0.0


@native(SLOPE)
def adaline_slope(z: float, y: float, shape: float) -> float:
    """Of (z - y)^2 / 2."""
    return z - y


@dataclass(frozen=True)
class Perceptron(Solver[LinearModel]):
    """The perceptron: a line between two classes, moved only by the rows that it gets wrong.

        z = x_i . w + b     where y_i z <= 0:  w <- w + step y_i x_i,  b <- b + step y_i

    An iterate is an epoch, every row once in a fresh order; it ends when an epoch makes no mistake. It finds a line
    that separates the labels, if there is one, and does not minimise f: loss and penalty are never looked at.
    step: 1; from theta_0 = 0 it scales theta and changes nothing else.
    Cost: n products x_i . w an iterate. Memory: one vector of length `dim`.
    Rate: at most (R/gamma)^2 mistakes in all from theta_0 = 0, R the longest row (1 for the intercept included), gamma
    the margin of the best line through the origin of those rows; without a separating line it never settles.
    Choose it to see where learning machines began, and to find a separating line; not for labels that overlap.
    Source: Rosenblatt (1958), doi:10.1037/h0042519; Novikoff (1962).
    """

    needs = (LinearModel,)
    minimises = False  # f
    step: float = 1.0

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _no_labels(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for block in linear_sgd(problem, theta0, lambda t: np.full(t.size, self.step), 1, rng, slope=perceptron_slope):
            still = (block == np.vstack([theta, block[:-1]])).all(axis=1)
            if still.any():  # no mistake, or mistakes that took each other back
                first, theta = int(still.argmax()), block[still.argmax()]
                problem.ledger.passes += 1
                if np.all(problem.y * (problem.rows @ theta) > 0):
                    yield block[: first + 1]
                    return "an epoch made no mistake: theta separates the labels"
            yield block
            theta = block[-1]


@dataclass(frozen=True)
class Adaline(Solver[LinearModel]):
    """The adaptive linear neuron: least squares on the labels, row by row, the error taken before the activation.

        z = x_i . w + b     w <- w + step (y_i - z) x_i,  b <- b + step (y_i - z)

    An iterate is an epoch, every row once in a fresh order. It minimises the mean of (y_i - z_i)^2 / 2 over labels
    of -1 and 1, not f: unlike the perceptron it also moves for rows that it gets right, and it settles where no line
    separates the labels.
    step: 0.1/R^2 where it is left out, R the longest row (1 for the intercept included). It converges in the mean
    below 2/R^2, to a noise floor proportional to the step.
    Cost: n products x_i . w and n moves an iterate. Memory: one vector of length `dim`.
    Rate: 1 - step mu a row until the noise floor, mu the least curvature of those squares.
    Choose it to see what came before the cross-entropy; not to classify: minimise f.
    Source: Widrow & Hoff (1960), IRE WESCON; Widrow & Lehr (1990), doi:10.1109/5.58323.
    """

    needs = (LinearModel,)
    minimises = False  # f
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _no_labels(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 0.1 / _longest(problem)
        yield from linear_sgd(problem, theta0, lambda t: np.full(t.size, step), 1, rng, slope=adaline_slope)


def _no_labels(problem: LinearModel) -> str | None:
    return (
        None if problem.loss.labels else f"it needs labels of two classes; the {problem.loss.name} loss takes numbers"
    )


def _longest(problem: LinearModel) -> float:
    """R^2, the square of the longest row."""
    problem.ledger.passes += 1
    return problem.rows.longest()
