"""A network of any depth and width, on seeded, bundled or one's own rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp

from problems.data.readers.files import read_table
from problems.data.real import BUNDLED, real_rows
from problems.data.synthetic.shapes import moons, rings, spirals, waves
from problems.forms import NOTHING, About
from problems.foundation.arrays import Matrix
from problems.foundation.checks import at_least, not_negative
from problems.foundation.names import meant
from problems.networks.layers import stack
from problems.networks.network import Network, layered
from problems.networks.warm_start import read_weights
from problems.parts import losses, matrix_losses

ActivationName = Literal["linear", "sigmoid", "tanh", "relu", "leaky-relu", "prelu", "maxout", "elu", "softmax", "gelu"]
InitialiserName = Literal["zeros", "normal", "xavier", "he", "orthogonal", "warm-start"]
LossName = Literal["squared", "cross-entropy"]
NUMBERS = ("synthetic", "diabetes")  # whose targets are numbers, where the others have classes
DRAWN = {  # what is drawn from the seed, and which parameters each reads
    "synthetic": {"n", "d", "outputs", "noise", "seed"},
    "rings": {"n", "classes", "noise", "seed"},
    "moons": {"n", "noise", "seed"},
    "spirals": {"n", "classes", "noise", "seed"},
}
USUAL = {"n": 200, "d": 2, "outputs": 1, "classes": 2, "noise": None, "seed": 0}


def network(
    data: str = "synthetic",
    target: str | None = None,
    hidden: int | tuple[int, ...] = (8, 8),
    activation: ActivationName = "tanh",
    initialiser: InitialiserName = "xavier",
    weights: str | None = None,
    loss: LossName | None = None,
    l2: float = 0.0,
    n: int = 200,
    d: int = 2,
    outputs: int = 1,
    classes: int = 2,
    noise: float | None = None,
    standardize: bool = True,
    seed: int = 0,
) -> Network:
    """A network of dense layers, of any depth and width, that learns numbers or classes.

        f(theta) = (1/n) sum_i loss(z(x_i), y_i) + l2/2 sum_l |W_l|^2
        z(x) = A_L,  A_0 = x,  A_l = a(A_(l-1) W_l + b_l),  none of the activation a after the last layer

        squared         loss = |z - y|^2 / 2, summed over the outputs; classes of more than two are then y = 0 or 1
                        an output
        cross-entropy   of two classes log(1 + exp(-y z)), y = -1 or 1; of more log(sum_k exp(z_k)) - z_y, an output
                        a class

    theta holds W_1, row by row, b_1, what the activation learns itself, W_2, ... Biases and the activation's own
    parameter are not penalised. The gradient is found by back-propagation, products with the Hessian without it;
    under the squared loss f = |r|^2 / 2 with residuals and their Jacobian too. With an activation that has kinks
    (relu, leaky-relu, prelu, maxout; elu in its second derivative) these hold almost everywhere. Not convex. Certified
    by f >= 0; where all layers are linear by the one linear model that they collapse to.

    data         synthetic (a sum of sines of the inputs), rings, moons, spirals; diabetes, breast_cancer, iris, wine,
                 digits; or the path of a file of rows
    target       the file's column to predict; the last where it is left out
    hidden       units of each hidden layer: 8, or [16, 8], or [] for none
    activation   between layers: linear, sigmoid, tanh, relu, leaky-relu, prelu (learns its slope below zero), maxout
                 (the larger of two pieces, so twice the weights), elu, softmax (over a layer's units), gelu
    initialiser  of theta_0's weights, drawn from the cell's seed; biases are zero. Variances: zeros 0, normal 1/fan_in,
                 xavier 2/(fan_in + fan_out), he 2/fan_in, orthogonal 1/max(fan_in, fan_out). warm-start: weights
                 learned before, by 50 steps of gradient descent on half of the rows, or those of a file
    weights      warm-start: the path of a .npy file with theta_0
    loss         squared or cross-entropy; where it is left out, squared for numbers and cross-entropy for classes
    l2           weight decay
    n            rows of synthetic, rings, moons, spirals
    d, outputs   synthetic: inputs and targets
    classes      rings and spirals: how many
    noise        standard deviation of synthetic targets, 0 where it is left out, or of the points of rings, moons and
                 spirals, 0.1 where it is left out
    standardize  bundled sets and files: columns and a target of numbers moved and scaled to mean 0, variance 1
    seed         of the rows that are drawn

    Source: Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0; Pearlmutter (1994),
    doi:10.1162/neco.1994.6.1.147; Goodfellow, Bengio & Courville, Deep Learning (2016), chapters 6 and 8.
    """
    sizes = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    at_least(1, n=n, d=d, outputs=outputs, **{f"hidden layer {k}": size for k, size in enumerate(sizes, 1)})
    at_least(2, classes=classes)
    not_negative(noise=noise, l2=l2)
    given = {"n": n, "d": d, "outputs": outputs, "classes": classes, "noise": noise, "seed": seed}
    _only_what_is_read(data, given)
    X, Y, about = _rows(data, target, loss, standardize, given)
    y, last, kind = _outcome(Y, data, loss, classed=Y.ndim == 1)
    widths = (X.shape[1], *sizes, last)
    learned = None
    if weights is not None:
        if initialiser != "warm-start":
            raise ValueError(f"weights are for initialiser=warm-start, not {initialiser}")
        learned = read_weights(weights, stack(widths, activation)[-1].end)
    return layered(X, y, kind, widths, activation, l2, initialiser, learned, about)


def _rows(
    data: str, target: str | None, loss: LossName | None, standardize: bool, given: dict[str, Any]
) -> tuple[Matrix, Matrix, About]:
    """X, and Y: targets, shape (n, outputs), or classes from 0 on, shape (n,)."""
    n, rng = given["n"], np.random.default_rng(given["seed"])
    if data == "synthetic":
        return *waves(n, given["d"], given["outputs"], given["noise"] or 0.0, rng), NOTHING
    noise = 0.1 if given["noise"] is None else given["noise"]
    if data in DRAWN:
        count = 2 if data == "moons" else given["classes"]
        if n < count:
            raise ValueError(f"n is {n}; {data} of {count} classes need a row of each")
        if data == "moons":
            return *moons(n, noise, rng), NOTHING
        return *(rings if data == "rings" else spirals)(n, count, noise, rng), NOTHING
    if data not in BUNDLED and not Path(data).suffix and not Path(data).exists():
        raise ValueError(f"no data set {data!r}; {meant(data, [*DRAWN, *BUNDLED])}; or give a file's path")
    if data in BUNDLED:
        classed = data not in NUMBERS
    elif loss is None:
        classed = read_table(data, target).task == "classification"
    else:
        classed = loss == "cross-entropy"
    X, y, about = real_rows(data, target, "classes" if classed else "regression", standardize)
    if sp.issparse(X):
        X = X.toarray()
    return np.ascontiguousarray(X), y if classed else y[:, None], about


def _outcome(Y: Matrix, data: str, loss: LossName | None, classed: bool) -> tuple[Any, int, Any]:
    """y as the loss takes it, how many outputs there are, and the loss."""
    if not classed:
        if loss == "cross-entropy":
            raise ValueError(f"loss is cross-entropy; the targets of {data} are numbers, whose loss is squared")
        several = Y.shape[1] > 1
        kind: Any = matrix_losses.squared if several else losses.squared
        return np.ascontiguousarray(Y if several else Y[:, 0]), Y.shape[1], kind
    count = int(Y.max()) + 1
    if count == 2:
        return 2 * Y - 1, 1, losses.squared if loss == "squared" else losses.logistic
    if loss == "squared":
        return (Y[:, None] == np.arange(count)).astype(np.float64), count, matrix_losses.squared
    return Y, count, matrix_losses.softmax


def _only_what_is_read(data: str, given: dict[str, Any]) -> None:
    """Refuse parameters that these rows do not read, which would silently be ignored."""
    for name, value in given.items():
        if value != USUAL[name] and name not in DRAWN.get(data, set()):
            where = ", ".join(kind for kind, read in DRAWN.items() if name in read)
            raise ValueError(f"{name} is {value}; it is for data that are drawn: {where}, and not for {data}")
