"""The problem `network`: dense layers of any depth and width."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from problems.data.source import Dataset, RowSource, Task
from problems.data.synthetic.shapes import Waves
from problems.foundation.arrays import Matrix, dense
from problems.foundation.checks import at_least, not_negative
from problems.networks.layers import dense_layers
from problems.networks.network import Network, dense_network
from problems.networks.warm_start import read_weights
from problems.parts import losses, matrix_losses

ActivationName = Literal["linear", "sigmoid", "tanh", "relu", "leaky-relu", "prelu", "maxout", "elu", "softmax", "gelu"]
InitialiserName = Literal["zeros", "normal", "xavier", "he", "orthogonal", "warm-start"]
LossName = Literal["squared", "cross-entropy"]


def network(
    data: RowSource = Waves(),
    hidden: int | tuple[int, ...] = (8, 8),
    activation: ActivationName = "tanh",
    initialiser: InitialiserName = "xavier",
    weights: str | None = None,
    loss: LossName | None = None,
    l2: float = 0.0,
) -> Network:
    """A network of dense layers, of any depth and width, for numbers or classes.

        f(theta) = (1/n) sum_i loss(z(x_i), y_i) + l2/2 sum_l |W_l|^2
        z(x) = A_L,  A_0 = x,  A_l = a(A_(l-1) W_l + b_l);  the last layer has no activation a

        squared         loss = |z - y|^2 / 2, summed over the outputs. Two classes are y = -1 or 1; more classes have
                        one output each, with y = 1 for the row's class and 0 for the others
        cross-entropy   for two classes log(1 + exp(-y z)), y = -1 or 1; for more log(sum_k exp(z_k)) - z_y, with one
                        output for each class

    theta holds W_1, row by row, b_1, the activation's own parameters, W_2, ... Biases and the activation's own
    parameters are not penalised. Back-propagation computes the gradient, and products with the Hessian without forming
    it. With the squared loss f = |r|^2 / 2, with residuals and their Jacobian. For an activation with kinks (relu,
    leaky-relu, prelu, maxout; elu in its second derivative) the derivatives exist almost everywhere. Not convex.
    Certified by f >= 0; for linear layers, by the linear model that they are equivalent to.

    data         rows with numbers or classes
    hidden       units of each hidden layer: 8, or [16, 8], or [] for none
    activation   of the hidden layers: linear, sigmoid, tanh, relu, leaky-relu, prelu (its slope below zero is learned),
                 maxout (the larger of two pieces, so twice the weights), elu, softmax (over the units of a layer), gelu
    initialiser  of the weights of theta_0, random from the cell's seed; biases are zero. Variances: zeros 0, normal
                 1/fan_in, xavier 2/(fan_in + fan_out), he 2/fan_in, orthogonal 1/max(fan_in, fan_out). warm-start:
                 xavier's weights after 50 steps of gradient descent on half of the rows, or the weights of a file
    weights      warm-start: the path of a .npy file with theta_0
    loss         squared or cross-entropy; by default squared for numbers and cross-entropy for classes
    l2           weight of the penalty (weight decay)

    Source: Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0; Pearlmutter (1994),
    doi:10.1162/neco.1994.6.1.147; Goodfellow, Bengio & Courville, Deep Learning (2016), chapters 6 and 8.
    """
    sizes = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    at_least(1, **{f"hidden layer {k}": size for k, size in enumerate(sizes, 1)})
    not_negative(l2=l2)
    if weights is not None and initialiser != "warm-start":
        raise ValueError(f"weights are for initialiser=warm-start, not {initialiser}")
    rows, y, outputs, output_loss = _targets(data, loss)
    X = np.ascontiguousarray(dense(rows.X))
    widths = (X.shape[1], *sizes, outputs)
    theta0 = None if weights is None else read_weights(weights, dense_layers(widths, activation)[-1].end)
    return dense_network(X, y, output_loss, widths, activation, l2, initialiser, theta0, rows.about)


def _targets(data: RowSource, loss: LossName | None) -> tuple[Dataset, Any, int, Any]:
    """The rows, y in the form that the loss needs, the number of outputs, and the loss."""
    task = data.natural_task()
    if task is Task.NUMBERS and loss == "cross-entropy":
        if Task.CLASSES not in data.makes:
            raise ValueError(f"loss is cross-entropy, but {data} has numbers as targets; they need the squared loss")
        task = Task.CLASSES
    rows = data.rows(task)
    if task is Task.NUMBERS:
        several = rows.y.ndim > 1
        y = np.ascontiguousarray(rows.y)
        return rows, y, y.shape[1] if several else 1, matrix_losses.squared if several else losses.squared
    return rows, *_classes(rows.y, loss)


def _classes(y: Matrix, loss: LossName | None) -> tuple[Any, int, Any]:
    """Classes 0, 1, ... in the form that the loss needs, the number of outputs, and the loss."""
    count = int(y.max()) + 1
    if count == 2:
        return 2 * y - 1, 1, losses.squared if loss == "squared" else losses.logistic
    if loss == "squared":
        return (y[:, None] == np.arange(count)).astype(np.float64), count, matrix_losses.squared
    return y, count, matrix_losses.softmax
