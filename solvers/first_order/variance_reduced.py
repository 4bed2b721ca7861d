"""Steps on one row whose noise vanishes at the minimum, because the other rows are remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import FiniteSum, LinearModel
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, positive
from solvers.base import Iterates, Solver
from solvers.first_order.stochastic import row_step
from solvers.kernels.variance_reduced import corrected, remembering


@dataclass(frozen=True)
class SAG(Solver[LinearModel]):
    """The stochastic average gradient, for a mean of smooth losses of rows, with an l2 penalty or none.

        m <- m + (s - a_i) x_i / n     a_i <- s     theta <- theta - step (m + l2 w)

    i: a row drawn at random.  s: the slope of its loss at theta.  a_i: that slope when the row was last drawn.
    m: the mean of a_i x_i. An iterate is n rows; a and m begin with a pass over all rows at theta_0.
    step: 1/(16 L) where it is left out, L the largest curvature of a single row; 0.01 where none is known. That is
    what is proven; 1/L is faster by far and seldom fails.
    Cost: n row gradients an iterate. Memory: one number a row, two vectors of length `dim`.
    Rate: 1 - min(mu/(16 L), 1/(8 n)) a row, in expectation; 1/k where f is convex and no more.
    Choose it for smooth losses over many rows, when SGD's noise floor is too high; not for few rows, where Newton
    and L-BFGS are as cheap, and not with an l1 penalty.
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
        yield from remembering(problem, theta0, step, rng, weight=1 / problem.n)


@dataclass(frozen=True)
class SAGA(Solver[LinearModel]):
    """SAG made unbiased, with a prox, for a mean of smooth losses of rows and penalties l1 and l2.

        theta <- prox(theta - step ((s - a_i) x_i + m + l2 w), step)     m <- m + (s - a_i) x_i / n     a_i <- s

    i: a row drawn at random.  s: the slope of its loss at theta.  a_i: that slope when the row was last drawn.
    m: the mean of a_i x_i.  prox: the soft threshold of l1. An iterate is n rows; a and m begin with a pass over all
    rows at theta_0.
    step: 1/(3 L) where it is left out, L the largest curvature of a single row; 0.01 where none is known.
    Cost: n row gradients an iterate. Memory: one number a row, two vectors of length `dim`.
    Rate: 1 - min(1/(4 n), mu/(3 L)) a row, in expectation; 1/k where f is convex and no more.
    Choose it for smooth losses over many rows, with or without an l1 penalty; not for few rows, where Newton and
    L-BFGS, or coordinate descent with l1, are as cheap.
    Source: Defazio, Bach & Lacoste-Julien (2014), arXiv:1407.0202.
    """

    needs = (LinearModel,)
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or _kink(problem)

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield from remembering(problem, theta0, self.step or row_step(problem, 1 / 3, 0.01), rng)


@dataclass(frozen=True)
class SVRG(Solver[FiniteSum]):
    """Stochastic variance-reduced gradient, for a mean of smooth functions of rows.

        1. each `every` epochs:  p = theta,  m = the whole gradient at p
        2. theta <- theta - step (g_i(theta) - g_i(p) + m),     n times

    i: a row drawn at random.  g_i: its gradient. An iterate is n steps. Of a linear model the slopes at p are kept,
    and an l1 penalty has its prox after every step.
    step: 1/(10 L) where it is left out, L the largest curvature of a single row; 0.01 where none is known.
    every: epochs between two whole gradients; 2 where it is left out.
    Cost: n row gradients (2 n for a network) and 1/every whole gradients an iterate. Memory: three vectors of length
    `dim`, and one number a row of a linear model.
    Rate: linear in expectation where f is strongly convex and n `every` is several times L/mu.
    Choose it over many rows where SAGA would have to keep a whole gradient a row; not for linear models, where SAGA
    needs fewer passes.
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
            yield from remembering(problem, theta0, step, rng, learns=False, every=self.every)
        else:
            yield from corrected(problem, theta0, step, self.every, rng)


def _kink(problem: Any) -> str | None:
    if isinstance(problem, LinearModel) and problem.loss.derivatives == 0:
        return f"it needs a loss with a slope everywhere: {problem.loss.kink}"
    return None


def _l1(problem: LinearModel) -> str | None:
    return "its steps have no prox for the penalty l1 |w|; saga's have" if problem.penalty.l1 else None
