"""Methods that adapt the step of each coordinate to its gradients so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.forms import FiniteSum
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, fraction, not_negative, positive
from solvers.base import Iterates, Recurrence, Solver, Trait
from solvers.first_order.schedules import Schedule
from solvers.kernels.training import epochs
from solvers.kernels.update_functions import adagrad, adam, rmsprop


@dataclass(frozen=True)
class AdaGrad(Solver[FiniteSum]):
    """AdaGrad: gradient steps divided, for each coordinate, by the root of the sum of its squared gradients so far.

        v <- v + g^2     theta <- theta - step g / (sqrt(v) + epsilon)

    where g is the mean gradient over the next `batch` rows of a random permutation. An iteration is an epoch, which
    reads every row once.
    step: default 0.1, the length of the first update of every coordinate. The best value is about the distance to the
    minimum in one coordinate.
    epsilon: default 1e-10, which prevents 0/0.
    batch: default 32, the number of rows per update.
    Cost: n row gradients per iteration.
    Memory: five vectors of length `dim`, and a batch of rows.
    Rate: 1/sqrt(t) after t updates for the mean of the iterates, on every convex f and for every step. There is no
    noise floor, but the steps become smaller and smaller.
    Choose it for sparse or badly scaled columns without tuning; not for high accuracy, and rarely for networks, where
    its steps become too small: RMSprop and Adam forget old gradients.
    Source: Duchi, Hazan & Singer (2011), https://jmlr.org/papers/v12/duchi11a.html.
    """

    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC, Trait.EPOCHS})
    step: float = 0.1
    epsilon: float = 1e-10
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        at_least(1, batch=self.batch)

    def recurrence(self) -> Recurrence:
        return Recurrence.ADAGRAD

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        return epochs(problem, adagrad, theta0, Schedule(self.step), self.batch, rng, (self.epsilon,))


@dataclass(frozen=True)
class RMSprop(Solver[FiniteSum]):
    """RMSprop: gradient steps divided, for each coordinate, by the root of the mean of recent squared gradients.

        v <- rho v + (1 - rho) g^2     theta <- theta - step g / (sqrt(v) + epsilon)

    where g is the mean gradient over the next `batch` rows of a random permutation. An iteration is an epoch, which
    reads every row once.
    step: default 0.001, the change of a coordinate per update if its gradient is constant.
    rho: default 0.9, the weight of the old v.
    epsilon: default 1e-8, which prevents 0/0.
    batch: default 32, the number of rows per update.
    Cost: n row gradients per iteration.
    Memory: five vectors of length `dim`, and a batch of rows.
    Rate: none. Every update moves a coordinate by about one step; near the minimum it oscillates at a distance that the
    step determines.
    Choose it for networks whose gradients differ much in size; not for high accuracy.
    Source: Tieleman & Hinton (2012), Neural Networks for Machine Learning, lecture 6.5.
    """

    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC, Trait.EPOCHS})
    step: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-8
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        fraction(rho=self.rho)
        at_least(1, batch=self.batch)

    def recurrence(self) -> Recurrence:
        return Recurrence.RMSPROP

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        return epochs(problem, rmsprop, theta0, Schedule(self.step), self.batch, rng, (self.rho, self.epsilon))


@dataclass(frozen=True)
class Adam(Solver[FiniteSum]):
    """Adam: momentum divided, for each coordinate, by the root of a moving average of its squared gradients.

        m <- beta1 m + (1 - beta1) g     v <- beta2 v + (1 - beta2) g^2
        theta <- theta - step m^ / (sqrt(v^) + epsilon),     m^ = m / (1 - beta1^k),  v^ = v / (1 - beta2^k)

    where g is the mean gradient over the next `batch` rows of a random permutation. An iteration is an epoch, which
    reads every row once; k counts the updates.
    step: default 0.001, the length of the first update of every coordinate.
    beta1, beta2: default 0.9 and 0.999, the weights of the old m and the old v.
    epsilon: default 1e-8, which prevents 0/0.
    batch: default 32, the number of rows per update.
    Cost: n row gradients per iteration.
    Memory: six vectors of length `dim`, and a batch of rows.
    Rate: none that holds for every convex f; on some convex f it does not converge. With a constant step it oscillates
    about the minimum at a distance that the step determines.
    Choose it for networks, where it needs the least tuning; not for linear models, nor for high accuracy.
    Source: Kingma & Ba (2015), arXiv:1412.6980; counterexamples: Reddi, Kale & Kumar (2018), arXiv:1904.09237.
    """

    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC, Trait.EPOCHS})
    step: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    batch: int = 32

    def __post_init__(self) -> None:
        positive(step=self.step, epsilon=self.epsilon)
        fraction(beta1=self.beta1, beta2=self.beta2)
        at_least(1, batch=self.batch)

    def recurrence(self) -> Recurrence:
        return Recurrence.ADAM

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        hyper = (self.beta1, self.beta2, self.epsilon, 0.0)
        return epochs(problem, adam, theta0, Schedule(self.step), self.batch, rng, hyper)


@dataclass(frozen=True)
class AdamW(Solver[FiniteSum]):
    """AdamW: Adam with decoupled weight decay, which is added to the step and not to the gradient.

        m <- beta1 m + (1 - beta1) g     v <- beta2 v + (1 - beta2) g^2
        theta <- theta - step (m^ / (sqrt(v^) + epsilon) + decay theta)

    where g, m^ and v^ are those of Adam. An iteration is an epoch.
    step: default 0.001.
    beta1, beta2: default 0.9 and 0.999.
    epsilon: default 1e-8.
    decay: default 0, which is Adam and minimises f. Above 0 every coefficient, biases too, is drawn to 0, and the limit
    is not the minimum of f. With all rows in a batch it converges to the minimum of f over |theta_j| <= 1/decay; with
    noise it stays closer to 0. Neither is the minimum of f with an l2 penalty.
    batch: default 32, the number of rows per update.
    Cost: n row gradients per iteration.
    Memory: six vectors of length `dim`, and a batch of rows.
    Rate: none, as for Adam.
    Choose it with a decay for networks that overfit their rows; not to minimise f.
    Source: Loshchilov & Hutter (2019), arXiv:1711.05101; its limit: Xie & Li (2024), arXiv:2404.04454.
    """

    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC, Trait.EPOCHS})
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

    def recurrence(self) -> Recurrence:
        return Recurrence.ADAM

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        hyper = (self.beta1, self.beta2, self.epsilon, self.decay)
        return epochs(problem, adam, theta0, Schedule(self.step), self.batch, rng, hyper)
