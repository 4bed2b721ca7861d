"""XOR: the four points that no line separates."""

from __future__ import annotations

from typing import Literal

import numpy as np

from problems.foundation.arrays import Matrix
from problems.foundation.checks import at_least, not_negative, positive
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.networks.network import Network, layered
from problems.networks.problem import ActivationName, InitialiserName
from problems.parts.losses import logistic as cross_entropy
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def xor(
    model: Literal["linear", "stacked", "features", "kernel", "network"] = "network",
    hidden: int | tuple[int, ...] = 4,
    activation: ActivationName = "tanh",
    initialiser: InitialiserName = "normal",
    kernel: Literal["rbf", "polynomial"] = "rbf",
    width: float = 0.5,
    n: int = 4,
    noise: float = 0.0,
    l2: float = 0.0,
    seed: int = 0,
) -> PenalisedModel | Network:
    """XOR, learned by a linear model, a stack of linear layers, features made by a person, or a network.

        f(theta) = (1/n) sum_i log(1 + exp(-y_i z(x_i))) + l2/2 |weights|^2,     y = 1 where one input is 1, else -1

        linear    z = x . w + b                          convex; its minimum on the four points is log 2: a coin's
        stacked   z = (x W + b) . v + c                  a product of linear layers, hence that same linear model
        features  z = (x1, x2, x1 x2) . w + b            the human's way: a third column, and a plane separates
        kernel    z = sum_j w_j k(x, c_j) + b            the same with a column for each of the four corners c_j
        network   z = a(x W + b) . v + c                 the learned way: the activation a breaks the collapse

    A linear model on features or a kernel solves XOR: it is as convex as the first and separates the labels, w = (2, 2,
    -4), b = -1 does. So inf f = 0, and without l2 no theta reaches it. The network is not convex, inf f = 0.

    theta_0 is drawn from the cell's seed: at zero no hidden unit would differ from another. Biases are not
    penalised. Certified: the linear models as in `logistic`; a stack by the linear model that it collapses to; a
    network by f >= 0.

    model        linear, stacked, features, kernel or network
    hidden       hidden units, or of each hidden layer: [4, 4]
    activation   of the network's hidden layers: one of those of `network`
    initialiser  of the weights of stack and network: one of those of `network`
    kernel       rbf: exp(-|x - c|^2 / (2 width^2)); polynomial: (1 + x . c)^2
    width        of rbf
    n, noise     n points that go round the four corners, each moved by normal noise; 4 and 0 is XOR itself
    l2           weight of the penalty
    seed         of the noise

    Source: Minsky & Papert (1969); Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0; kernels: Boser, Guyon &
    Vapnik (1992), doi:10.1145/130385.130401.
    """
    sizes = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    at_least(4, n=n)
    at_least(1, **{f"hidden layer {k}": size for k, size in enumerate(sizes, 1)})
    not_negative(noise=noise, l2=l2)
    positive(width=width)
    rng = np.random.default_rng(seed)
    corners = CORNERS[np.arange(n) % 4]
    y = np.where(corners[:, 0] != corners[:, 1], 1.0, -1.0)
    X = corners + noise * rng.standard_normal(corners.shape)
    if model in ("linear", "features", "kernel"):
        if model == "features":
            X = np.column_stack([X, X[:, 0] * X[:, 1]])
        elif model == "kernel":
            X = _rbf(X, width) if kernel == "rbf" else (1 + X @ CORNERS.T) ** 2
        return linear_model(Rows(X), y, cross_entropy, Penalty(l2=l2), spread=1.0)
    of = "linear" if model == "stacked" else activation
    return layered(X, y, cross_entropy, (2, *sizes, 1), of, l2, initialiser)


def _rbf(X: Matrix, width: float) -> Matrix:
    squares = ((X[:, None] - CORNERS) ** 2).sum(2)
    return np.asarray(np.exp(-squares / (2 * width**2)))
