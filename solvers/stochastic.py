"""First-order methods on a few rows at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from problems.arrays import Vector
from problems.checks import at_least, positive
from problems.forms import FiniteSum, LinearModel

from .base import Iterates, Solver
from .kernels.linear_sgd import linear_sgd
from .kernels.rules import gradient_step
from .kernels.training import epochs


@dataclass(frozen=True)
class SGD(Solver[FiniteSum]):
    """Stochastic gradient descent: steps along the gradient of a few rows, drawn without return.

        theta <- theta - step_t g_B,     g_B the mean gradient over the next `batch` rows of a fresh order

    An iterate is an epoch: every row read once. The schedule sets step_t from the epochs gone by, e:
        constant   step                          settles at a noise floor proportional to the step
        inverse    step / (1 + e/horizon)        converges, as 1/e
        cosine     step (1 + cos(pi e/horizon)) / 2    and ends after `horizon` epochs
    step: 1/L where it is left out, L the largest curvature of a single row where the problem knows it, else 0.1.
    With a batch of all rows it is gradient descent. One vector of length `dim` beside the batch.
    Source: Robbins & Monro (1951), doi:10.1214/aoms/1177729586; Bottou, Curtis & Nocedal (2018),
    doi:10.1137/16M1080173.
    """

    needs = (FiniteSum,)
    step: float | None = None
    batch: int = 1
    schedule: Literal["constant", "inverse", "cosine"] = "constant"
    horizon: float = 10.0

    def __post_init__(self) -> None:
        positive(step=self.step, horizon=self.horizon)
        at_least(1, batch=self.batch)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        smoothness = math.inf if self.step else problem.row_smoothness()
        step = self.step or (1 / smoothness if math.isfinite(smoothness) else 0.1)
        each = math.ceil(problem.n / self.batch)

        def steps(t: NDArray[np.int64]) -> Vector:
            if self.schedule == "inverse":
                return step / (1 + t / each / self.horizon)
            if self.schedule == "cosine":
                return step * (1 + np.cos(np.pi * np.minimum(t / each / self.horizon, 1))) / 2
            return np.full(t.size, step)

        if isinstance(problem, LinearModel):
            blocks = linear_sgd(problem, theta0, steps, self.batch, rng)
        else:
            blocks = epochs(problem, gradient_step, theta0, steps, self.batch, rng)
        if self.schedule != "cosine":
            return (yield from blocks)
        left = math.ceil(self.horizon)
        while left > 0:
            block = np.atleast_2d(next(blocks))[:left]
            left -= len(block)
            yield block
        return "its schedule is over: the steps are zero from here on"
