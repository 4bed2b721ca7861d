"""Least squares with a penalty or a constraint: ridge, the lasso, the elastic net, nonnegative least squares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from problems.data.source import RowSource
from problems.data.synthetic.linear import Synthetic
from problems.foundation.checks import positive
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.linear.regression import single_output
from problems.parts.penalties import Penalty

DEFAULT_SHARE = 0.1  # of the l1 at which every coefficient is 0


def ridge(data: RowSource = Synthetic(), l2: float = 0.01, intercept: bool | None = None) -> PenalisedModel:
    """Ridge regression: `linear-regression` with an l2 penalty.

        f(theta) = (1/2n) |X w + b - y|^2 + l2/2 |w|^2,     theta = (w, b)

    Strongly convex in w; the intercept b is not penalised. Certified as linear-regression is, exactly except for
    rounding.

    data       rows with numbers as targets
    l2         weight of the penalty; scikit-learn's alpha is n l2
    intercept  whether b exists, as for linear-regression

    Source: Hoerl & Kennard (1970), doi:10.1080/00401706.1970.10488634.
    """
    return _penalised(single_output(data, intercept), Penalty(l2=l2))


def lasso(
    data: RowSource = Synthetic(n=500, d=100, sparsity=0.9),
    share: float | None = None,
    l1: float | None = None,
    intercept: bool | None = None,
) -> PenalisedModel:
    """The lasso: `linear-regression` with an l1 penalty.

        f(theta) = (1/2n) |X w + b - y|^2 + l1 |w|_1,     theta = (w, b)

    Every coefficient is 0 from l1 = max_j |x_j . (y - mean y)|/n on; a share of that has the same meaning for rows of
    any scale. The intercept b is not penalised. Convex. Certified by the duality gap or by strong convexity.

    data       rows with numbers as targets
    share      of the l1 at which every coefficient is 0; 0.1 by default
    l1         the weight itself, instead of share: scikit-learn's alpha
    intercept  whether b exists, as for linear-regression

    Source: Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x.
    """
    model = single_output(data, intercept)
    weight, note = _weight(model, share, l1)
    return _penalised(model, Penalty(weight), note)


def elastic_net(
    data: RowSource = Synthetic(n=500, d=100, sparsity=0.9),
    share: float | None = None,
    l1: float | None = None,
    l2: float | None = None,
    intercept: bool | None = None,
) -> PenalisedModel:
    """The elastic net: `linear-regression` with an l1 and an l2 penalty.

        f(theta) = (1/2n) |X w + b - y|^2 + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b)

    Every coefficient is 0 from l1 = max_j |x_j . (y - mean y)|/n on; a share of that has the same meaning for rows of
    any scale. Strongly convex in w; the intercept b is not penalised. Certified by the duality gap or by strong
    convexity.

    data       rows with numbers as targets
    share      of the l1 at which every coefficient is 0; 0.1 by default
    l1         the weight itself, instead of share
    l2         the weight of the l2 penalty; by default equal to l1, which is scikit-learn's l1_ratio of 0.5
    intercept  whether b exists, as for linear-regression

    Source: Zou & Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x.
    """
    model = single_output(data, intercept)
    weight, note = _weight(model, share, l1)
    return _penalised(model, Penalty(weight, weight if l2 is None else l2), note)


def nonnegative_least_squares(data: RowSource = Synthetic(), intercept: bool = False) -> PenalisedModel:
    """Nonnegative least squares: `linear-regression` subject to w >= 0, by default without an intercept.

        f(theta) = (1/2n) |X w + b - y|^2     subject to w >= 0,     theta = (w, b)

    Synthetic rows have hidden coefficients of both signs, so that about half of w are 0 at the minimiser; b may be
    negative. Convex; if the columns are independent, strongly convex and then certified by strong convexity.

    data       rows with numbers as targets
    intercept  whether b exists

    Source: Lawson & Hanson (1995), doi:10.1137/1.9781611971217.
    """
    return _penalised(single_output(data, intercept), Penalty(nonnegative=True))


def _penalised(model: PenalisedModel, penalty: Penalty, *notes: str) -> PenalisedModel:
    about = replace(
        model.about, notes=(*model.about.notes, *notes), certified=()
    )  # the certified theta is that without a penalty
    return linear_model(model.rows, model.y, model.loss, penalty, about=about, low=model.low)


def _weight(model: PenalisedModel, share: float | None, l1: float | None) -> tuple[float, str]:
    """l1, and a note that compares it with the l1 at which every coefficient is 0."""
    if share is not None and l1 is not None:
        raise ValueError("share and l1 both give the weight of the penalty; give one of them")
    positive(share=share, l1=l1)
    y = model.y - model.y.mean() if model.rows.intercept else model.y
    d = model.dim - model.rows.intercept
    largest = float(abs(model.rows.transposed(y)[:d]).max()) / model.n
    if l1 is None:
        l1 = (DEFAULT_SHARE if share is None else share) * largest or np.finfo(float).tiny
    return l1, f"l1 is {l1:.6g}; every coefficient is 0 from l1 = {largest:.6g} on"
