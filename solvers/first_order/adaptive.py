"""Steps that each coordinate sets for itself from the gradients it has seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from problems.forms import FiniteSum
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, fraction, not_negative, positive
from solvers.base import Iterates, Solver
from solvers.kernels.training import epochs
from solvers.kernels.update_functions import Rule, adagrad, adam, rmsprop


@dataclass(frozen=True)
class AdaGrad(Solver[FiniteSum]):
    """Gradient steps divided, coordinate by coordinate, by the root of all squared gradients so far.

        v <- v + g^2     theta <- theta - step g / (sqrt(v) + epsilon)

    g: the mean gradient over the next `batch` rows of a fresh order; an iterate is an epoch, every row read once.
    step: 0.1; what a coordinate's first update moves it, best about as large as the way it has to go.
    epsilon: 1e-10, against 0/0.  batch: rows a step, 32.
    Cost: n row gradients an iterate. Memory: two vectors of length `dim`.
    Rate: 1/sqrt(t) after t steps in the mean of the iterates on every convex f, whatever the step; no floor, but ever
    smaller steps.
    Choose it for sparse or badly scaled columns without tuning; not for many digits, and seldom for networks, where
    its steps die out: RMSprop and Adam forget.
    Source: Duchi, Hazan & Singer (2011), https://jmlr.org/papers/v12/duchi11a.html.
    """

    needs = (FiniteSum,)
    step: float = 0.1
    epsilon: float = 1e-10
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        at_least(1, batch=self.batch)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        return _constant(problem, adagrad, theta0, self.step, self.batch, rng, (self.epsilon,))


@dataclass(frozen=True)
class RMSprop(Solver[FiniteSum]):
    """Gradient steps divided, coordinate by coordinate, by the root of a running mean of squared gradients.

        v <- rho v + (1 - rho) g^2     theta <- theta - step g / (sqrt(v) + epsilon)

    g: the mean gradient over the next `batch` rows of a fresh order; an iterate is an epoch, every row read once.
    step: 0.001; steady gradients move a coordinate by it.  rho: 0.9, how much of v is kept.  epsilon: 1e-8, against
    0/0.  batch: rows a step, 32.
    Cost: n row gradients an iterate. Memory: two vectors of length `dim`.
    Rate: none; it goes a step's length an update, then wanders about the minimum at a distance set by the step.
    Choose it for networks whose gradients differ much in size; not for many digits.
    Source: Tieleman & Hinton (2012), Neural Networks for Machine Learning, lecture 6.5.
    """

    needs = (FiniteSum,)
    step: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-8
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        fraction(rho=self.rho)
        at_least(1, batch=self.batch)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        return _constant(problem, rmsprop, theta0, self.step, self.batch, rng, (self.rho, self.epsilon))


@dataclass(frozen=True)
class Adam(Solver[FiniteSum]):
    """Momentum divided, coordinate by coordinate, by the root of a running mean of squared gradients.

        m <- beta1 m + (1 - beta1) g     v <- beta2 v + (1 - beta2) g^2
        theta <- theta - step m^ / (sqrt(v^) + epsilon),     m^ = m / (1 - beta1^k),  v^ = v / (1 - beta2^k)

    g: the mean gradient over the next `batch` rows of a fresh order; an iterate is an epoch, every row read once.
    k: updates so far.
    step: 0.001; every coordinate's first update.  beta1, beta2: 0.9 and 0.999, how much of m and v is kept.
    epsilon: 1e-8, against 0/0.  batch: rows a step, 32.
    Cost: n row gradients an iterate. Memory: three vectors of length `dim`.
    Rate: none that holds for every convex f, and some on which it does not converge; with a constant step it
    wanders about the minimum at a distance set by the step.
    Choose it for networks, where it needs the least tuning; not for linear models, nor for many digits.
    Source: Kingma & Ba (2015), arXiv:1412.6980; where it fails: Reddi, Kale & Kumar (2018), arXiv:1904.09237.
    """

    needs = (FiniteSum,)
    step: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        fraction(beta1=self.beta1, beta2=self.beta2)
        at_least(1, batch=self.batch)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        hyper = (self.beta1, self.beta2, self.epsilon, 0.0)
        return _constant(problem, adam, theta0, self.step, self.batch, rng, hyper)


@dataclass(frozen=True)
class AdamW(Solver[FiniteSum]):
    """Adam with weight decay beside the gradient, where an l2 penalty would be inside it.

        m <- beta1 m + (1 - beta1) g     v <- beta2 v + (1 - beta2) g^2
        theta <- theta - step (m^ / (sqrt(v^) + epsilon) + decay theta)

    g, m^, v^: as in Adam; an iterate is an epoch.
    decay: 0, with which it is Adam and minimises f. Above 0 every coefficient is drawn to 0, biases too, and it does
    not settle where f is least: with all rows in a batch it goes to the least f over |theta_j| <= 1/decay, with noise
    it stays short of that. Neither is the minimiser of f with an l2 penalty.
    step: 0.001.  beta1, beta2: 0.9 and 0.999.  epsilon: 1e-8.  batch: rows a step, 32.
    Cost: n row gradients an iterate. Memory: three vectors of length `dim`.
    Rate: none, as for Adam.
    Choose it with a decay for networks that fit their rows too well; not to minimise f.
    Source: Loshchilov & Hutter (2019), arXiv:1711.05101; where it settles: Xie & Li (2024), arXiv:2404.04454.
    """

    needs = (FiniteSum,)
    step: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    decay: float = 0.0
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        fraction(beta1=self.beta1, beta2=self.beta2)
        not_negative(decay=self.decay)
        at_least(1, batch=self.batch)

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        hyper = (self.beta1, self.beta2, self.epsilon, self.decay)
        return _constant(problem, adam, theta0, self.step, self.batch, rng, hyper)


def _constant(
    problem: FiniteSum,
    rule: Rule,
    theta0: Vector,
    step: float,
    batch: int,
    rng: np.random.Generator,
    hyper: tuple[float, ...],
) -> Iterates:
    def steps(t: NDArray[np.int64]) -> Vector:
        return np.full(t.size, step)

    return epochs(problem, rule, theta0, steps, batch, rng, hyper)
