"""Softmax classification: the categorical cross-entropy of X W + b, on seeded, bundled or one's own rows."""

from __future__ import annotations

import numpy as np

from problems.data.real import only_synthetic, real_rows
from problems.data.synthetic.rows import conditioned
from problems.forms import NOTHING
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError, at_least
from problems.linear.matrix_model import CompositeMatrixModel, matrix_model
from problems.parts.matrix_losses import softmax as cross_entropy
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def softmax(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    classes: int = 3,
    condition: float = 100.0,
    balance: float = 1.0,
    l1: float = 0.0,
    l2: float = 1e-3,
    intercept: bool = True,
    standardize: bool = True,
    seed: int = 0,
) -> CompositeMatrixModel:
    """Softmax classification of two classes and more.

        f(theta) = (1/n) sum_i (log sum_c exp(z_ic) - z_iy_i) + l1 |W|_1 + l2/2 |W|^2,     Z = X W + b,
                                                                                  y_i in {0, ..., k - 1}

    The cross-entropy of p_i = softmax(x_i W + b) against the classes. theta holds the rows of W, shape (d, k), one
    after the other, and then the k intercepts b, which are not penalised. Convex, and flat along one direction at
    least: what is added to all intercepts changes nothing. With no penalty and a class that a plane separates from
    the others it has no minimiser. Certified by the duality gap where there is a penalty, else by the Newton
    decrement near any minimiser.

    data         synthetic, iris, wine, digits, breast_cancer, or the path of a file of rows
    target       the file's column to predict; the last where it is left out
    n, d         synthetic rows and columns
    classes      synthetic: how many there are
    condition    synthetic: condition number of X'X/n, exactly
    balance      synthetic: about how many rows the rarest class has for each of the commonest
    l1, l2       weights of the penalties
    intercept    whether b is there
    standardize  bundled sets and files: columns moved and scaled to mean 0, variance 1
    seed         of the synthetic rows

    Source: Bohning (1992), doi:10.1007/BF00048682; iris of Fisher (1936), doi:10.1111/j.1469-1809.1936.tb02137.x; wine
    of Forina et al. (1988) and digits of Alpaydin & Kaynak (1998), both of the UCI repository.
    """
    about = NOTHING
    if data == "synthetic":
        at_least(1, condition=condition, d=d)
        at_least(2, n=n, classes=classes)
        X, y = _drawn(n, d, classes, condition, balance, seed)
    else:
        only_synthetic(softmax, data, n=n, d=d, classes=classes, condition=condition, balance=balance, seed=seed)
        X, y, about = real_rows(data, target, "classes", standardize)
    k = int(y.max()) + 1
    return matrix_model(Rows(X, intercept), y, k, cross_entropy, Penalty(l1, l2), about)


def _drawn(n: int, d: int, k: int, condition: float, balance: float, seed: int) -> tuple[Matrix, Vector]:
    """Rows and classes drawn from a hidden softmax model, its intercepts set so that the shares come out right."""
    if not 0 < balance <= 1:
        raise ValueError(f"balance is {balance}; it must be above 0 and at most 1")
    rng = np.random.default_rng(seed)
    X = conditioned(n, d, condition, rng)
    scores = X @ rng.standard_normal((d, k)) + rng.gumbel(size=(n, k))
    shares = np.geomspace(1.0, balance, k)
    shares /= shares.sum()
    b = np.log(shares)
    for _ in range(100):
        found = np.bincount((scores + b).argmax(1), minlength=k)
        b += 0.3 * np.log((n * shares + 0.5) / (found + 0.5))
    y = (scores + b).argmax(1).astype(np.float64)
    missing = np.setdiff1d(np.arange(k), y)
    if missing.size:
        raise DataError(f"no row of the {n} is of class {missing[0]}; more rows, fewer classes or another seed has one")
    return X, y
