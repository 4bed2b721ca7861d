"""First-order methods on a few rows at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from problems.forms import FiniteSum, LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, positive
from solvers.base import Iterates, Solver
from solvers.kernels.linear_sgd import linear_sgd
from solvers.kernels.training import epochs
from solvers.kernels.update_functions import averaged_step, gradient_step


@dataclass(frozen=True)
class SGD(Solver[FiniteSum]):
    """Stochastic gradient descent: steps along the gradient of a few rows, drawn without return.

        theta <- theta - step_t g_B,     g_B the mean gradient over the next `batch` rows of a fresh order

    An iterate is an epoch: every row read once. The schedule sets step_t from the epochs gone by, e:
        constant   step                          settles at a noise floor
        inverse    step / (1 + e/horizon)        converges, as 1/e
        cosine     step (1 + cos(pi e/horizon)) / 2    and ends after `horizon` epochs
    The floor of f - f* is proportional to the step where n step mu is large. Where that is small it goes as step^3,
    because over an epoch the rows take each other's noise back.
    step: 1/L where it is left out, L the largest curvature of a single row where the problem knows it, else 0.1.
    batch: rows a step; with all rows it is gradient descent.
    averaging: yields the mean of theta over all steps after the first epoch (Polyak and Ruppert), which lowers the
    floor; the steps themselves do not change, and the first epoch yields theta itself.
    Cost: n row gradients an iterate. Memory: one vector of length `dim` beside the batch, two with averaging.
    Rate: 1 - step mu a step, down to the floor; no linear one beyond it, where rows disagree at the minimum.
    Choose it for many rows and few digits, or networks; not for many digits: SAGA keeps the cost and has no floor.
    Source: Robbins & Monro (1951), doi:10.1214/aoms/1177729586; Polyak & Juditsky (1992), doi:10.1137/0330046;
    Bottou, Curtis & Nocedal (2018), doi:10.1137/16M1080173; the order of rows: Mishchenko, Khaled & Richtarik (2020),
    arXiv:2006.05988.
    """

    needs = (FiniteSum,)
    step: float | None = None
    batch: int = 1
    schedule: Literal["constant", "inverse", "cosine"] = "constant"
    horizon: float = 10.0
    averaging: bool = False

    def __post_init__(self) -> None:
        positive(step=self.step, horizon=self.horizon)
        at_least(1, batch=self.batch)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or row_step(problem, 1.0, 0.1)
        each = math.ceil(problem.n / self.batch)

        def steps(t: NDArray[np.int64]) -> Vector:
            if self.schedule == "inverse":
                return step / (1 + t / each / self.horizon)
            if self.schedule == "cosine":
                return step * (1 + np.cos(np.pi * np.minimum(t / each / self.horizon, 1))) / 2
            return np.full(t.size, step)

        if isinstance(problem, LinearModel):
            blocks = linear_sgd(problem, theta0, steps, self.batch, rng, self.averaging)
        elif self.averaging:
            blocks = epochs(problem, averaged_step, theta0, steps, self.batch, rng, (each,))
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


def row_step(problem: FiniteSum, share: float, unknown: float) -> float:
    """share/L, L the largest curvature of a single row; `unknown` where the problem does not know it."""
    L = problem.row_smoothness()
    return share / L if 0 < L < math.inf else unknown
