"""Logistic classification: the cross-entropy of sigmoid(X w + b), on seeded, bundled or one's own rows."""

from __future__ import annotations

from typing import Any

from problems.data.real import is_certified, only_synthetic, real_rows
from problems.data.synthetic.rows import plant
from problems.data.synthetic.targets import labels
from problems.forms import NOTHING
from problems.foundation.checks import DataError, as_labels
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts.losses import logistic as cross_entropy
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def logistic(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.0,
    noise: float = 1.0,
    balance: float | None = None,
    outliers: float = 0.0,
    margin: float = 0.0,
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

    data         synthetic; breast_cancer; or the path of a file: CSV with a header line, LIBSVM (.svm), NPZ (arrays
                 X and y), Parquet
    target       the file's column to predict, of two classes; the last where it is left out
    n, d         synthetic rows and columns
    condition    synthetic: condition number of X'X/n, exactly; 100 where the next two and margin are left out
    correlation  synthetic, in its place: columns i and j have correlation^|i - j|, exactly
    density      synthetic, in its place: the share of each column's entries that are not 0, exactly; X is CSR
    sparsity     synthetic: the share of the hidden coefficients that are 0, exactly
    noise        synthetic: how far the classes overlap, in units of the logistic model; at 0 they are separable
    balance      synthetic: the share of labels that are 1, exactly; as it falls out where it is left out
    outliers     synthetic: the share of rows whose labels are turned over, exactly
    margin       synthetic, noise 0: the distance from a plane that all rows keep at least
    l1, l2       weights of the penalties
    intercept    whether b is there
    standardize  data and files: columns moved and scaled to mean 0, variance 1; CSR columns are not moved
    seed         of the synthetic rows

    Source: Cox (1958); the data set of Street, Wolberg & Mangasarian (1993), doi:10.1117/12.148698.
    """
    about = NOTHING
    rows: dict[str, Any] = {
        "condition": condition,
        "correlation": correlation,
        "density": density,
        "sparsity": sparsity,
    }
    sides: dict[str, Any] = {"noise": noise, "balance": balance, "outliers": outliers, "margin": margin}
    if margin and (condition, correlation, density) != (None, None, None):
        raise ValueError("margin moves the rows, so that condition, correlation and density cannot be kept exactly")
    if data == "synthetic":
        X, y = labels(plant(n, d, seed, **rows), **sides)
        y = as_labels(y)
    else:
        only_synthetic(logistic, data, n=n, d=d, seed=seed, **rows, **sides)
        if is_certified(data):
            raise DataError(f"{data}: files of NIST's StRD hold numbers to predict, no classes")
        X, y, about = real_rows(data, target, "classification", standardize)
    return linear_model(Rows(X, intercept), y, cross_entropy, Penalty(l1, l2), about=about)
