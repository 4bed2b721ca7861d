"""A margin between two classes: support vector machines and the perceptron, on seeded, bundled or one's own rows."""

from __future__ import annotations

from typing import Any, Literal

from problems.data.real import is_certified, only_synthetic, real_rows
from problems.data.synthetic.rows import plant
from problems.data.synthetic.targets import labels
from problems.forms import NOTHING
from problems.foundation.checks import DataError, as_labels
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts import losses
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def hinge(
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
    loss: Literal["hinge", "squared_hinge"] = "hinge",
    margin: float = 1.0,
    l1: float = 0.0,
    l2: float = 1e-3,
    intercept: bool = True,
    standardize: bool = True,
    seed: int = 0,
) -> PenalisedModel:
    """A plane between two classes with a margin to either side.

        f(theta) = (1/n) sum_i l(y_i (x_i . w + b)) + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b),  y_i in {-1, 1}

        hinge            l(m) = max(0, margin - m)
        squared_hinge    l(m) = max(0, margin - m)^2 / 2

    With margin 1 and an l2 this is the support vector machine, C sum_i l + |w|^2/2 for C = 1/(n l2); but the intercept
    b is not penalised. With margin 0 it is the perceptron's criterion: SGD with a batch of 1 is Rosenblatt's rule. At
    theta = 0 that one is 0, and nothing is lower, so that it begins at normal theta. Convex; the hinge turns at the
    margin, where f has no gradient; the squared one has a gradient, and no Hessian. Certified by the duality gap, the
    slopes of rows on the margin being chosen to make it least.

    data         synthetic; breast_cancer; or the path of a file: CSV with a header line, LIBSVM (.svm), NPZ (arrays
                 X and y), Parquet
    target       the file's column to predict, of two classes; the last where it is left out
    n, d         synthetic rows and columns
    condition    synthetic: condition number of X'X/n, exactly; 100 where the next two are left out
    correlation  synthetic, in its place: columns i and j have correlation^|i - j|, exactly
    density      synthetic, in its place: the share of each column's entries that are not 0, exactly; X is CSR
    sparsity     synthetic: the share of the hidden coefficients that are 0, exactly
    noise        synthetic: how far the classes overlap, in units of the logistic model; at 0 they are separable
    balance      synthetic: the share of labels that are 1, exactly; as it falls out where it is left out
    outliers     synthetic: the share of rows whose labels are turned over, exactly
    loss         hinge or squared_hinge
    margin       1 the support vector machine's, 0 the perceptron's
    l1, l2       weights of the penalties
    intercept    whether b is there
    standardize  data and files: columns moved and scaled to mean 0, variance 1; CSR columns are not moved
    seed         of the synthetic rows

    Source: Cortes & Vapnik (1995), doi:10.1007/BF00994018; Rosenblatt (1958), doi:10.1037/h0042519; the data set of
    Street, Wolberg & Mangasarian (1993), doi:10.1117/12.148698.
    """
    about = NOTHING
    rows: dict[str, Any] = {
        "condition": condition,
        "correlation": correlation,
        "density": density,
        "sparsity": sparsity,
    }
    sides: dict[str, Any] = {"noise": noise, "balance": balance, "outliers": outliers}
    if data == "synthetic":
        X, y = labels(plant(n, d, seed, **rows), **sides)
        y = as_labels(y)
    else:
        only_synthetic(hinge, data, n=n, d=d, seed=seed, **rows, **sides)
        if is_certified(data):
            raise DataError(f"{data}: files of NIST's StRD hold numbers to predict, no classes")
        X, y, about = real_rows(data, target, "classification", standardize)
    turned = losses.hinge(margin) if loss == "hinge" else losses.squared_hinge(margin)
    return linear_model(Rows(X, intercept), y, turned, Penalty(l1, l2), spread=float(margin == 0), about=about)
