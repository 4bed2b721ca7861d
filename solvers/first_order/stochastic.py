"""Stochastic gradient descent, which uses a few rows per step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from problems.forms import FiniteSum, LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, positive
from solvers.base import Iterates, Recurrence, Solver, Trait
from solvers.first_order.schedules import Kind, Schedule
from solvers.kernels.linear_sgd import linear_sgd
from solvers.kernels.training import epochs
from solvers.kernels.update_functions import averaged_step, gradient_step


@dataclass(frozen=True)
class SGD(Solver[FiniteSum]):
    """Stochastic gradient descent: steps along the gradient of a few rows, sampled without replacement.

        theta <- theta - step_t g_B,     g_B the mean gradient over the next `batch` rows of a random permutation

    An iteration is an epoch, which reads every row once. The noise floor of f - f* is proportional to the step if n
    step mu is large. If n step mu is small, it is proportional to step^3, because the errors of the rows cancel over an
    epoch.
    step: by default 1/L, where L is the largest curvature of a single row if the problem knows it; otherwise 0.1.
    batch: default 1, the number of rows per update. With all rows it is gradient descent.
    schedule: how step_t depends on e, the number of epochs so far; default constant.
        constant   step                          reaches a noise floor
        inverse    step / (1 + e/horizon)        converges, as 1/e
        cosine     step (1 + cos(pi e/horizon)) / 2    and ends after `horizon` epochs
    horizon: default 10, in epochs.
    averaging: default false. With true an iterate is the mean of theta over all updates after the first epoch
    (Polyak-Ruppert), which lowers the noise floor. The updates do not change, and the first iterate is theta itself.
    Cost: n row gradients per iteration.
    Memory: two vectors of length `dim` for a linear model, three with averaging; four for other problems; and a batch
    of rows.
    Rate: 1 - step mu per update, down to the noise floor. Beyond it there is no linear rate if the gradients of the
    rows differ at the minimum.
    Choose it for many rows and low accuracy, or for networks; not for high accuracy: SAGA costs the same and has no
    noise floor.
    Source: Robbins & Monro (1951), doi:10.1214/aoms/1177729586; Polyak & Juditsky (1992), doi:10.1137/0330046; Bottou,
    Curtis & Nocedal (2018), doi:10.1137/16M1080173; the order of rows: Mishchenko, Khaled & Richtarik (2020),
    arXiv:2006.05988.
    """

    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC, Trait.EPOCHS})
    step: float | None = None
    batch: int = 1
    schedule: Kind = "constant"
    horizon: float = 10.0
    averaging: bool = False

    def __post_init__(self) -> None:
        positive(step=self.step, horizon=self.horizon)
        at_least(1, batch=self.batch)

    def recurrence(self) -> Recurrence | None:
        return Recurrence.GRADIENT_DESCENT if self.schedule == "constant" and not self.averaging else None

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or row_step(problem, 1.0, 0.1)
        updates = math.ceil(problem.n / self.batch)
        schedule = Schedule(step, self.schedule, self.horizon, updates)
        if isinstance(problem, LinearModel):
            blocks = linear_sgd(problem, theta0, schedule, self.batch, rng, self.averaging)
        elif self.averaging:
            blocks = epochs(problem, averaged_step, theta0, schedule, self.batch, rng, (updates,))
        else:
            blocks = epochs(problem, gradient_step, theta0, schedule, self.batch, rng)
        return (yield from schedule.limited(blocks))


def row_step(problem: FiniteSum, factor: float, default: float) -> float:
    """factor/L, where L is the largest curvature of a single row; `default` if the problem does not know L."""
    L = problem.row_smoothness()
    return factor / L if 0 < L < math.inf else default
