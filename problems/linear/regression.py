"""Linear regression with squared, absolute, Huber and quantile losses of the residuals X w + b - y."""

from __future__ import annotations

from typing import Literal

from problems.data.source import Dataset, RowSource, Task
from problems.data.synthetic.linear import Synthetic
from problems.linear.matrix_model import CompositeMatrixModel, matrix_model
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts.losses import Loss, absolute, huber, quantile, squared
from problems.parts.matrix_losses import squared as squares
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows


def linear_regression(
    data: RowSource = Synthetic(),
    loss: Literal["squared", "absolute", "huber", "quantile"] = "squared",
    delta: float | None = None,
    tau: float | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    nonnegative: bool = False,
    intercept: bool | None = None,
) -> PenalisedModel | CompositeMatrixModel:
    """Linear regression by least squares, or with a loss that is less sensitive to outliers.

        f(theta) = (1/n) sum_i l(r_i) + l1 |w|_1 + l2/2 |w|^2,     r_i = x_i . w + b - y_i,     theta = (w, b)

        squared    l(r) = r^2 / 2                                               estimates the mean of y at x
        absolute   l(r) = |r|                                                   the median
        huber      l(r) = r^2 / 2 if |r| <= delta, else delta (|r| - delta/2)   between mean and median
        quantile   l(r) = -tau r if r < 0, else (1 - tau) r                     the tau-quantile

    The intercept b is not penalised. Convex; strongly convex with the squared loss if the columns are independent or
    l2 > 0. The absolute and the quantile loss have a kink at 0, where f has no gradient; the Huber loss has a gradient
    but no Hessian. With k outputs, for the squared loss, f is the sum over the outputs, and theta holds the rows of W,
    shape (d, k), one after the other, and then the k intercepts.
    Certified: with the squared loss and l1 = 0, f(theta) - f* is the squared norm of the residual's projection onto the
    columns, divided by 2n, and exact except for rounding; with an l1 or a constraint, by the duality gap or by strong
    convexity. With other losses by the duality gap; the derivatives of rows at a kink are chosen to minimise it.

    data         rows with numbers as targets, one or several
    loss         squared, absolute, huber or quantile
    delta        huber: the size of a residual from which on the loss is linear; 1 by default
    tau          quantile: which one; 0.5, the median, by default
    l1, l2       weights of the penalties: l1 alone gives the lasso, l2 alone ridge, both the elastic net
    nonnegative  whether w must not be negative
    intercept    whether b exists; by default it does, unless the rows come with a model that has none

    Source: Gauss (1809); Huber (1964), doi:10.1214/aoms/1177703732; Koenker & Bassett (1978), doi:10.2307/1913643.
    """
    rows = data.rows(Task.NUMBERS)
    residual_loss = loss_of(loss, delta, tau)
    if rows.y.ndim == 1:
        return _model(data, rows, residual_loss, Penalty(l1, l2, nonnegative), intercept)
    if not residual_loss.quadratic or nonnegative:
        raise ValueError("several outputs need the squared loss without a constraint; do not give loss or nonnegative")
    X = Rows(rows.X, intercept is not False)
    return matrix_model(X, rows.y, rows.y.shape[1], squares, Penalty(l1, l2), rows.about)


def single_output(data: RowSource, intercept: bool | None) -> PenalisedModel:
    """Least squares for those rows without a penalty. Raises ValueError if they have several targets."""
    rows = data.rows(Task.NUMBERS)
    if rows.y.ndim > 1:
        raise ValueError(f"{data} has {rows.y.shape[1]} targets; one is needed here, linear-regression takes several")
    return _model(data, rows, squared, NONE, intercept)


def _model(data: RowSource, rows: Dataset, loss: Loss, penalty: Penalty, intercept: bool | None) -> PenalisedModel:
    if rows.intercept is not None and intercept not in (None, rows.intercept):
        raise ValueError(f"the model of {data} has {'an' if rows.intercept else 'no'} intercept; do not give intercept")
    has_intercept = rows.intercept if rows.intercept is not None else intercept is not False
    return linear_model(Rows(rows.X, has_intercept), rows.y, loss, penalty, about=rows.about, low=rows.low)


def loss_of(loss: str, delta: float | None = None, tau: float | None = None) -> Loss:
    """The loss of that name. Raises ValueError for a parameter that belongs to another loss."""
    for name, value, owner in (("delta", delta, "huber"), ("tau", tau, "quantile")):
        if value is not None and loss != owner:
            raise ValueError(f"{name} is for loss={owner}; the {loss} loss has no {name}")
    if loss == "huber":
        return huber(1.0 if delta is None else delta)
    if loss == "quantile":
        return quantile(0.5 if tau is None else tau)
    return absolute if loss == "absolute" else squared
