"""Stochastic methods whose noise vanishes at the minimum, because they store information about all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import FiniteSum, LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, positive
from solvers.base import Iterates, Solver
from solvers.first_order.stochastic import row_step
from solvers.kernels.variance_reduced import by_reference_point, by_stored_derivatives


@dataclass(frozen=True)
class SAG(Solver[LinearModel]):
    """The stochastic average gradient method, for a mean of smooth losses of rows with or without an l2 penalty.

        m <- m + (s - a_i) x_i / n     a_i <- s     theta <- theta - step (m + l2 w)

    where i is a row sampled with replacement, s the derivative of its loss at theta, a_i the derivative when the row
    was last sampled, and m the mean of a_i x_i. An iteration is n updates. A pass over all rows at theta_0 initialises
    a and m.
    step: by default 1/(16 L), where L is the largest curvature of a single row; 0.01 if L is not known. Convergence is
    proven for 1/(16 L); 1/L is much faster and rarely diverges.
    Cost: n row gradients per iteration.
    Memory: one number per row, three vectors of length `dim`.
    Rate: 1 - min(mu/(16 L), 1/(8 n)) per update, in expectation; 1/k if f is convex but not strongly convex.
    Choose it for smooth losses over many rows if the noise floor of SGD is too high; not for few rows, where Newton and
    L-BFGS cost as little, nor with an l1 penalty.
    Source: Le Roux, Schmidt & Bach (2012), arXiv:1202.6258; Schmidt, Le Roux & Bach (2017),
    doi:10.1007/s10107-016-1030-6.
    """

    needs = (LinearModel,)
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _kink(problem) or _l1(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or row_step(problem, 1 / 16, 0.01)
        yield from by_stored_derivatives(problem, theta0, step, rng, weight=1 / problem.n)


@dataclass(frozen=True)
class SAGA(Solver[LinearModel]):
    """SAGA, an unbiased variant of SAG with a prox, for a mean of smooth losses of rows and penalties l1 and l2.

        theta <- prox(theta - step ((s - a_i) x_i + m + l2 w), step)     m <- m + (s - a_i) x_i / n     a_i <- s

    where i is a row sampled with replacement, s the derivative of its loss at theta, a_i the derivative when the row
    was last sampled, m the mean of a_i x_i, and prox the soft threshold of l1. An iteration is n updates. A pass over
    all rows at theta_0 initialises a and m.
    step: by default 1/(3 L), where L is the largest curvature of a single row; 0.01 if L is not known.
    Cost: n row gradients per iteration.
    Memory: one number per row, three vectors of length `dim`.
    Rate: 1 - min(1/(4 n), mu/(3 L)) per update, in expectation; 1/k if f is convex but not strongly convex.
    Choose it for smooth losses over many rows, with or without an l1 penalty; not for few rows, where Newton and
    L-BFGS, or coordinate descent with l1, cost as little.
    Source: Defazio, Bach & Lacoste-Julien (2014), arXiv:1407.0202.
    """

    needs = (LinearModel,)
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _kink(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield from by_stored_derivatives(problem, theta0, self.step or row_step(problem, 1 / 3, 0.01), rng)


@dataclass(frozen=True)
class SVRG(Solver[FiniteSum]):
    """Stochastic variance-reduced gradient, for a mean of smooth functions of rows.

        1. every `every` epochs:  p = theta,  m = the full gradient at p
        2. theta <- theta - step (g_i(theta) - g_i(p) + m),     n times

    where i is a row sampled with replacement and g_i its gradient. An iteration is n updates. For a linear model the
    derivatives of the losses at p are stored, and every update applies the prox of an l1 penalty.
    step: by default 1/(10 L), where L is the largest curvature of a single row; 0.01 if L is not known.
    every: default 2, the number of epochs between two full gradients.
    Cost: n row gradients (2 n for a network) and 1/every full gradients per iteration.
    Memory: three vectors of length `dim` and one number per row for a linear model; a few vectors for other problems.
    Rate: linear in expectation if f is strongly convex and n `every` is several times L/mu.
    Choose it for many rows if SAGA would have to store a full gradient per row; not for linear models, where SAGA needs
    fewer passes.
    Source: Johnson & Zhang (2013), NIPS 26; with the prox: Xiao & Zhang (2014), doi:10.1137/140961791.
    """

    needs = (FiniteSum,)
    step: float | None = None
    every: int = 2

    def __post_init__(self) -> None:
        positive(step=self.step)
        at_least(1, every=self.every)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _kink(problem)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or row_step(problem, 1 / 10, 0.01)
        if isinstance(problem, LinearModel):
            yield from by_stored_derivatives(problem, theta0, step, rng, stores=False, every=self.every)
        else:
            yield from by_reference_point(problem, theta0, step, self.every, rng)


def _kink(problem: Any) -> str | None:
    if isinstance(problem, LinearModel) and problem.loss.continuous_derivatives == 0:
        return f"it needs a loss that is differentiable everywhere: {problem.loss.missing_derivative}"
    return None


def _l1(problem: LinearModel) -> str | None:
    return (
        "its updates have no prox for the penalty l1 |w|; the updates of saga have one" if problem.penalty.l1 else None
    )
