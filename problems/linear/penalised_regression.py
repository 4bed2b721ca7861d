"""Least squares with a penalty or a constraint, under the names that they go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from problems.data.real import only_synthetic
from problems.foundation.checks import positive
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.linear.regression import linear_regression
from problems.parts.penalties import Penalty

SHARE = 0.1


def ridge(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.0,
    noise: float = 0.1,
    l2: float = 0.01,
    intercept: bool | None = None,
    standardize: bool | None = None,
    seed: int = 0,
) -> PenalisedModel:
    """Ridge regression: `linear-regression` with an l2.

        f(theta) = (1/2n) |X w + b - y|^2 + l2/2 |w|^2,     theta = (w, b)

    Strongly convex in w; the intercept b is not penalised. Certified like linear-regression, exactly but for rounding.

    data, target, standardize, intercept    as linear-regression has them
    n, d, condition, correlation, density, sparsity, noise, seed    of the synthetic rows, as linear-regression has them
    l2           weight of the penalty; scikit-learn's alpha is n l2

    Source: Hoerl & Kennard (1970), doi:10.1080/00401706.1970.10488634.
    """
    synthetic = _synthetic(n, d, condition, correlation, density, sparsity, noise, seed)
    model = _rows(ridge, data, target, intercept, standardize, synthetic)
    return _penalised(model, Penalty(l2=l2))


def lasso(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 500,
    d: int = 100,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.9,
    noise: float = 0.1,
    share: float | None = None,
    l1: float | None = None,
    intercept: bool | None = None,
    standardize: bool | None = None,
    seed: int = 0,
) -> PenalisedModel:
    """The lasso: `linear-regression` with an l1.

        f(theta) = (1/2n) |X w + b - y|^2 + l1 |w|_1,     theta = (w, b)

    From l1 = max_j |x_j . (y - mean y)|/n on every coefficient is 0; a share of that asks the same of rows of any size.
    The intercept b is not penalised. Convex. Certified by the duality gap or by strong convexity.

    data, target, standardize, intercept    as linear-regression has them
    n, d, condition, correlation, density, sparsity, noise, seed    of the synthetic rows, as linear-regression has them
    share        of the l1 at which every coefficient is 0; 0.1 where it is left out
    l1           the weight itself, in its place: scikit-learn's alpha

    Source: Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x.
    """
    synthetic = _synthetic(n, d, condition, correlation, density, sparsity, noise, seed)
    model = _rows(lasso, data, target, intercept, standardize, synthetic)
    weight, told = _weight(model, share, l1)
    return _penalised(model, Penalty(weight), told)


def elastic_net(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 500,
    d: int = 100,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.9,
    noise: float = 0.1,
    share: float | None = None,
    l1: float | None = None,
    l2: float | None = None,
    intercept: bool | None = None,
    standardize: bool | None = None,
    seed: int = 0,
) -> PenalisedModel:
    """The elastic net: `linear-regression` with an l1 and an l2.

        f(theta) = (1/2n) |X w + b - y|^2 + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b)

    From l1 = max_j |x_j . (y - mean y)|/n on every coefficient is 0; a share of that asks the same of rows of any size.
    Strongly convex in w; the intercept b is not penalised. Certified by the duality gap or by strong convexity.

    data, target, standardize, intercept    as linear-regression has them
    n, d, condition, correlation, density, sparsity, noise, seed    of the synthetic rows, as linear-regression has them
    share        of the l1 at which every coefficient is 0; 0.1 where it is left out
    l1           the weight itself, in its place
    l2           the other weight; as large as l1 where it is left out, which is scikit-learn's l1_ratio of 0.5

    Source: Zou & Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x.
    """
    synthetic = _synthetic(n, d, condition, correlation, density, sparsity, noise, seed)
    model = _rows(elastic_net, data, target, intercept, standardize, synthetic)
    weight, told = _weight(model, share, l1)
    return _penalised(model, Penalty(weight, weight if l2 is None else l2), told)


def nonnegative_least_squares(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.0,
    noise: float = 0.1,
    intercept: bool = False,
    standardize: bool | None = None,
    seed: int = 0,
) -> PenalisedModel:
    """Nonnegative least squares: `linear-regression` over w >= 0, and no intercept unless it is asked for.

        f(theta) = (1/2n) |X w + b - y|^2     over w >= 0,     theta = (w, b)

    The rows of synthetic data come from coefficients of either sign, so that about half of w end at 0; b may be
    negative. Convex, strongly so where the columns are independent. Certified by strong convexity there.

    data, target, standardize, intercept    as linear-regression has them
    n, d, condition, correlation, density, sparsity, noise, seed    of the synthetic rows, as linear-regression has them

    Source: Lawson & Hanson (1995), doi:10.1137/1.9781611971217.
    """
    synthetic = _synthetic(n, d, condition, correlation, density, sparsity, noise, seed)
    model = _rows(nonnegative_least_squares, data, target, intercept, standardize, synthetic)
    return _penalised(model, Penalty(nonnegative=True))


def _synthetic(
    n: int,
    d: int,
    condition: float | None,
    correlation: float | None,
    density: float | None,
    sparsity: float,
    noise: float,
    seed: int,
) -> dict[str, Any]:
    return {
        "n": n,
        "d": d,
        "condition": condition,
        "correlation": correlation,
        "density": density,
        "sparsity": sparsity,
        "noise": noise,
        "seed": seed,
    }


def _rows(
    factory: Callable[..., Any],
    data: str,
    target: str | None,
    intercept: bool | None,
    standardize: bool | None,
    synthetic: dict[str, Any],
) -> PenalisedModel:
    """Linear regression on those rows, without a penalty."""
    if data != "synthetic":
        only_synthetic(factory, data, **synthetic)
        synthetic = {}
    model = linear_regression(data, target, intercept=intercept, standardize=standardize, **synthetic)
    assert isinstance(model, PenalisedModel)
    return model


def _penalised(model: PenalisedModel, penalty: Penalty, *notes: str) -> PenalisedModel:
    about = replace(model.about, notes=(*model.about.notes, *notes), certified=())  # what is certified has no penalty
    return linear_model(model.rows, model.y, model.loss, penalty, about=about, low=model.low)


def _weight(model: PenalisedModel, share: float | None, l1: float | None) -> tuple[float, str]:
    """l1, and a note of what it is."""
    if share is not None and l1 is not None:
        raise ValueError("share and l1 both give the weight of the penalty; give one of them")
    positive(share=share, l1=l1)
    y = model.y - model.y.mean() if model.rows.intercept else model.y
    d = model.dim - model.rows.intercept
    most = float(abs(model.rows.transposed(y)[:d]).max()) / model.n
    if l1 is None:
        l1 = (SHARE if share is None else share) * most or np.finfo(float).tiny
    return l1, f"l1 is {l1:.6g}; every coefficient is 0 from {most:.6g} on"
