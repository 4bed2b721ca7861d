"""Linear regression: what X w + b is off by, squared or not, on seeded, bundled or one's own rows."""

from __future__ import annotations

from typing import Any, Literal

from problems.data.outputs import planted_targets, real_targets
from problems.data.real import certified_rows, is_certified, only_synthetic, real_rows
from problems.data.synthetic.rows import plant
from problems.data.synthetic.targets import numbers
from problems.forms import NOTHING
from problems.linear.matrix_model import CompositeMatrixModel, matrix_model
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts.losses import Loss, absolute, huber, quantile, squared
from problems.parts.matrix_losses import squared as squares
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def linear_regression(
    data: str = "synthetic",
    target: str | list[str] | None = None,
    outputs: int = 1,
    n: int = 1000,
    d: int = 20,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.0,
    noise: float = 0.1,
    tails: float | None = None,
    outliers: float = 0.0,
    shift: float | None = None,
    loss: Literal["squared", "absolute", "huber", "quantile"] = "squared",
    delta: float | None = None,
    tau: float | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    nonnegative: bool = False,
    intercept: bool | None = None,
    standardize: bool | None = None,
    seed: int = 0,
) -> PenalisedModel | CompositeMatrixModel:
    """Linear regression by least squares, or by a loss that outliers move less.

        f(theta) = (1/n) sum_i l(r_i) + l1 |w|_1 + l2/2 |w|^2,     r_i = x_i . w + b - y_i,     theta = (w, b)

        squared    l(r) = r^2 / 2                                   the mean of y at x
        absolute   l(r) = |r|                                       its median
        huber      l(r) = r^2 / 2 to |r| = delta, a line beyond     in between
        quantile   l(r) = -tau r below 0, (1 - tau) r above         its tau-quantile

    The intercept b is not penalised. Convex; with squares strongly so where the columns are independent or l2 > 0. An
    absolute or a quantile loss turns at 0, so that f has no gradient there; Huber's has one, and no Hessian.
    Of k outputs, with squares, f is the sum of their functions, and theta holds the rows of W, shape (d, k), one after
    the other, and then the k intercepts.
    Certified: of squares with a smooth penalty f(theta) - f* is half the squared length of the residual's projection
    on the columns, over n, which is exact but for rounding; with an l1 or a constraint by the duality gap or by strong
    convexity. Of other losses by the duality gap, the slopes of rows at a corner being chosen to make it least.

    data         synthetic; diabetes, linnerud; or the path of a file: CSV with a header line, LIBSVM (.svm), NPZ
                 (arrays X and y), Parquet, or a linear model of NIST's StRD (.dat), whose decimals are kept exactly
    target       the file's column to predict; the last where it is left out; a list of columns, [a, b], for several
    outputs      synthetic: how many targets there are; of linnerud the first so many, 1 to 3
    n, d         synthetic rows and columns
    condition    synthetic: condition number of the Hessian X'X/n, exactly; 100 where the next two are left out
    correlation  synthetic, in its place: columns i and j have correlation^|i - j|, exactly
    density      synthetic, in its place: the share of each column's entries that are not 0, exactly; X is CSR
    sparsity     synthetic: the share of the hidden coefficients that are 0, exactly
    noise        synthetic: standard deviation of y about the hidden line
    tails        synthetic: degrees of freedom of Student's distribution, of which noise is then the scale; else normal
    outliers     synthetic: the share of rows that are contaminated, exactly
    shift        synthetic: how far up or down, by chance, the targets of those are moved; 10 where it is left out
    loss         squared, absolute, huber or quantile
    delta        huber: how large a residual is before it counts as a line; 1 where it is left out
    tau          quantile: which; 0.5, the median, where it is left out
    l1, l2       weights of the penalties: l1 alone is the lasso, l2 alone ridge, both the elastic net
    nonnegative  whether w must not be negative
    intercept    whether b is there: yes where it is left out, of a .dat file as its model has it
    standardize  data and files: columns and target moved and scaled to mean 0, variance 1: yes where it is left out,
                 of a .dat file no, so that its certified coefficients are the answer; CSR columns are not moved
    seed         of the synthetic rows

    Source: Gauss (1809); Huber (1964), doi:10.1214/aoms/1177703732; Koenker & Bassett (1978), doi:10.2307/1913643;
    the data set of Efron et al. (2004), doi:10.1214/009053604000000067.
    """
    rows: dict[str, Any] = {
        "condition": condition,
        "correlation": correlation,
        "density": density,
        "sparsity": sparsity,
    }
    noises: dict[str, Any] = {"noise": noise, "tails": tails, "outliers": outliers, "shift": shift}
    about, low = NOTHING, None
    residuals = deviation(loss, delta, tau)
    if data == "synthetic":
        hidden = plant(n, d, seed, **rows)
    else:
        only_synthetic(linear_regression, data, n=n, d=d, seed=seed, **rows, **noises)
    if outputs != 1 or isinstance(target, list):
        if not residuals.quadratic or nonnegative:
            raise ValueError("several outputs are fitted by squares alone; leave loss and nonnegative out")
        if data == "synthetic":
            X, Y = hidden.X, planted_targets(hidden, outputs, **noises)
        else:
            names = target if isinstance(target, list) else []
            X, Y, about = real_targets(data, names, outputs, standardize is not False)
        return matrix_model(Rows(X, intercept is not False), Y, Y.shape[1], squares, Penalty(l1, l2), about)
    if data == "synthetic":
        X, y = hidden.X, numbers(hidden, **noises)
    elif is_certified(data):
        X, y, low, intercept, about = certified_rows(data, target, standardize, intercept)
    else:
        X, y, about = real_rows(data, target, "regression", standardize is not False)
    return linear_model(
        Rows(X, intercept is not False),
        y,
        residuals,
        Penalty(l1, l2, nonnegative),
        about=about,
        low=low,
    )


def deviation(loss: str, delta: float | None = None, tau: float | None = None) -> Loss:
    """The loss of that name; ValueError where it is given a parameter that is not its own."""
    for name, value, own in (("delta", delta, "huber"), ("tau", tau, "quantile")):
        if value is not None and loss != own:
            raise ValueError(f"{name} is for loss={own}; the {loss} loss has no {name}")
    if loss == "huber":
        return huber(1.0 if delta is None else delta)
    if loss == "quantile":
        return quantile(0.5 if tau is None else tau)
    return absolute if loss == "absolute" else squared
