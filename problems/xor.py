"""XOR: the four points that no line separates."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .checks import at_least, not_negative
from .linear_model import linear_model
from .losses import logistic as cross_entropy
from .network import Network
from .penalised_model import PenalisedModel
from .penalties import Penalty
from .rows import Rows


def xor(
    model: Literal["linear", "stacked", "network"] = "network",
    hidden: int = 4,
    activation: Literal["sigmoid", "tanh"] = "tanh",
    n: int = 4,
    noise: float = 0.0,
    l2: float = 0.0,
    seed: int = 0,
) -> PenalisedModel | Network:
    """XOR, learned by a linear model, a stack of linear layers, or a network with a hidden layer.

        f(theta) = (1/n) sum_i log(1 + exp(-y_i z(x_i))) + l2/2 |weights|^2,     y = 1 where one input is 1, else -1

        linear    z = x . w + b                          convex; its minimum on the four points is log 2: a coin's
        stacked   z = (x W + b) . v + c                  a product of linear layers, hence that same linear model
        network   z = a(x W + b) . v + c                 the activation a breaks the collapse; not convex, inf f = 0

    theta_0 is drawn from the cell's seed: at zero no hidden unit would differ from another. Biases are not
    penalised. Certified: the linear model as in `logistic`; a stack by the linear model that it collapses to; a
    network by f >= 0.

    model        linear, stacked or network
    hidden       hidden units
    activation   of the network's hidden layer: sigmoid or tanh
    n, noise     n points that go round the four corners, each moved by normal noise; 4 and 0 is XOR itself
    l2           weight of the penalty
    seed         of the noise

    Source: Minsky & Papert (1969); Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0.
    """
    at_least(4, n=n)
    at_least(1, hidden=hidden)
    not_negative(noise=noise, l2=l2)
    rng = np.random.default_rng(seed)
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])[np.arange(n) % 4]
    y = np.where(corners[:, 0] != corners[:, 1], 1.0, -1.0)
    X = corners + noise * rng.standard_normal(corners.shape)
    if model == "linear":
        return linear_model(Rows(X), y, cross_entropy, Penalty(l2=l2), spread=1.0)
    return Network(X, y, cross_entropy, (2, hidden, 1), "linear" if model == "stacked" else activation, l2)
