"""Logistic classification: the cross-entropy of sigmoid(X w + b), on seeded, bundled or one's own rows."""

from __future__ import annotations

import numpy as np

from .checks import as_labels, at_least
from .data.real import only_synthetic, real_rows
from .data.synthetic import planted
from .forms import NOTHING
from .linear_model import linear_model
from .losses import logistic as cross_entropy
from .penalised_model import PenalisedModel
from .penalties import Penalty
from .rows import Rows


def logistic(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    condition: float = 100.0,
    l1: float = 0.0,
    l2: float = 1e-3,
    intercept: bool = True,
    standardize: bool = True,
    seed: int = 0,
) -> PenalisedModel:
    """Logistic classification of two classes.

        f(theta) = (1/n) sum_i log(1 + exp(-y_i (x_i . w + b))) + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b),
                                                                                           y_i in {-1, 1}

    The cross-entropy of p_i = sigmoid(x_i . w + b) against the labels; the intercept b is not penalised. Convex;
    with no penalty and labels that a line separates it has no minimiser. Certified by the duality gap where there is
    a penalty, and by the Newton decrement near any minimiser where it is smooth.

    data         synthetic, breast_cancer, or the path of a CSV file with a header line
    target       the file's column to predict, of two classes; the last where it is left out
    n, d         synthetic rows and columns
    condition    synthetic: condition number of X'X/n, exactly
    l1, l2       weights of the penalties
    intercept    whether b is there
    standardize  breast_cancer and files: columns moved and scaled to mean 0, variance 1
    seed         of the synthetic rows

    Source: Cox (1958); the data set of Street, Wolberg & Mangasarian (1993), doi:10.1117/12.148698.
    """
    about = NOTHING
    if data == "synthetic":
        at_least(1, condition=condition, d=d)
        at_least(2, n=n)
        X, z, rng = planted(n, d, condition, seed)
        y = as_labels(np.where(z + rng.logistic(size=n) > 0, 1.0, -1.0))
    else:
        only_synthetic(logistic, data, n=n, d=d, condition=condition, seed=seed)
        X, y, about = real_rows(data, target, "classification", standardize)
    return linear_model(Rows(X, intercept), y, cross_entropy, Penalty(l1, l2), about=about)
