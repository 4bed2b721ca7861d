"""The problem `xor`: two classes of points that no line separates."""

from __future__ import annotations

from typing import Literal

import numpy as np

from problems.data.source import RowSource, Task
from problems.data.synthetic.shapes import XOR_POINTS, XorPoints
from problems.foundation.arrays import Matrix, dense
from problems.foundation.checks import at_least, not_negative, positive
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.networks.network import Network, dense_network
from problems.networks.problem import ActivationName, InitialiserName
from problems.parts.losses import logistic as cross_entropy
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def xor(
    data: RowSource = XorPoints(),
    model: Literal["linear", "stacked", "features", "kernel", "network"] = "network",
    hidden: int | tuple[int, ...] = 4,
    activation: ActivationName = "tanh",
    initialiser: InitialiserName = "normal",
    kernel: Literal["rbf", "polynomial"] = "rbf",
    width: float = 0.5,
    l2: float = 0.0,
) -> PenalisedModel | Network:
    """XOR with a linear model, with linear layers, with hand-made features, with a kernel, or with a network.

        f(theta) = (1/n) sum_i log(1 + exp(-y_i z(x_i))) + l2/2 |weights|^2,     y_i = -1 or 1

        linear    z = x . w + b                          convex; its minimum on the four points is log 2, no better
                                                         than guessing
        stacked   z = (x W + b) . v + c                  linear layers, equivalent to that linear model
        features  z = (x1, x2, x1 x2) . w + b            a third column made by hand; with it a plane separates
        kernel    z = sum_j w_j k(x, c_j) + b            one column for each of the four points c_j of XOR
        network   z = a(x W + b) . v + c                 learned features: with the activation a the layers are not
                                                         equivalent to one linear layer

    On the four points a linear model on features or on a kernel is still convex and separates the labels, for example
    features with w = (2, 2, -4), b = -1. So inf f = 0, and without l2 no theta attains it. The network is not convex,
    and inf f = 0 too.

    theta_0 of layers is random from the cell's seed, because at zero all hidden units would stay equal. Biases are not
    penalised. Certified: the linear models as in `logistic`; linear layers by the equivalent linear model; a network by
    f >= 0.

    data         points of the plane with two labels; other points than those of XOR are allowed
    model        linear, stacked, features, kernel or network
    hidden       hidden units, or the units of each hidden layer: [4, 4]
    activation   of the network's hidden layers, as in `network`
    initialiser  of the weights of stacked and network, as in `network`
    kernel       rbf: exp(-|x - c|^2 / (2 width^2)); polynomial: (1 + x . c)^2
    width        of rbf
    l2           weight of the penalty

    Source: Minsky & Papert (1969); Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0; kernels: Boser, Guyon &
    Vapnik (1992), doi:10.1145/130385.130401.
    """
    sizes = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    at_least(1, **{f"hidden layer {k}": size for k, size in enumerate(sizes, 1)})
    not_negative(l2=l2)
    positive(width=width)
    rows = data.rows(Task.LABELS)
    X, y = dense(rows.X), rows.y
    if X.shape[1] != 2:
        raise ValueError(f"{data} has {X.shape[1]} columns; xor needs two")
    if model in ("linear", "features", "kernel"):
        if model == "features":
            X = np.column_stack([X, X[:, 0] * X[:, 1]])
        elif model == "kernel":
            X = _rbf(X, width) if kernel == "rbf" else (1 + X @ XOR_POINTS.T) ** 2
        return linear_model(Rows(X), y, cross_entropy, Penalty(l2=l2), start_spread=1.0, about=rows.about)
    between = "linear" if model == "stacked" else activation
    return dense_network(X, y, cross_entropy, (2, *sizes, 1), between, l2, initialiser, about=rows.about)


def _rbf(X: Matrix, width: float) -> Matrix:
    """k(x_i, c_j) for each row and each of the four points of XOR, shape (n, 4)."""
    squares = ((X[:, None] - XOR_POINTS) ** 2).sum(2)
    return np.asarray(np.exp(-squares / (2 * width**2)))
