"""The problem `total-variation`: denoising of a one-dimensional signal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from problems.data.source import RowSource, Task
from problems.data.synthetic.signals import PiecewiseConstant
from problems.forms import (
    NOTHING,
    About,
    Certified,
    Composite,
    Form,
    LeastSquares,
    Ledger,
    LinearSystem,
    NonlinearLeastSquares,
    Saddle,
    Smooth,
    TotalVariation,
)
from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError, positive

WEIGHT = 0.03  # default weight of the total variation, for a signal of one piece
WEIGHT_OF_OTHERS = 0.003  # for a signal of an unknown number of pieces


@dataclass
class Denoising(Saddle, TotalVariation, Certified):
    """f(theta) = |theta - y|^2 / (2n) + weight |D theta|_1. In saddle form F = weight |.|_1, K = D, G the squares."""

    y: Vector
    weight: float
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def dim(self) -> int:
        return len(self.y)

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        r = theta - self.y
        return float(r @ r / (2 * self.dim) + self.weight * abs(np.diff(theta)).sum())

    def operator(self) -> Any:
        """D, shape (n - 1, n), CSR: (D theta)_i = theta_(i+1) - theta_i."""
        self.ledger.passes += 1
        ones = np.ones(self.dim - 1)
        return sp.diags_array([-ones, ones], offsets=[0, 1], shape=(self.dim - 1, self.dim), format="csr")

    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        return np.clip(v, -self.weight, self.weight)

    def prox_rest(self, v: Vector, step: float) -> Vector:
        return (v + step / self.dim * self.y) / (1 + step / self.dim)

    def stiffness(self) -> float | None:
        """32 p / std(y), p the weight, or the weight from which theta is constant if that is smaller.

        The methods are not sensitive to it: a tenth of it, or three times as much, works too.
        """
        self.ledger.passes += 1
        centred = self.y - self.y.mean()
        if not centred.any():
            return None
        weight_of_constant = abs(np.cumsum(centred)).max() / self.dim
        return float(32 * min(self.weight, weight_of_constant) / centred.std())

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """f(theta) - q.y + n/2 |q|^2, q = D'p, p the dual point clipped to |p_i| <= weight."""
        self.ledger.passes += 1
        p = np.clip(dual, -self.weight, self.weight)
        q = -np.diff(p, prepend=0.0, append=0.0)
        return float(self.value(theta) - q @ self.y + self.dim / 2 * (q @ q))

    def gap(self, theta: Vector) -> float:
        """The saddle gap for n D'p = y - theta without its mean: p is a cumulative sum of (theta - y) / n."""
        r = (theta - self.y) / self.dim
        return self.saddle_gap(theta, np.cumsum(r - r.mean())[:-1])

    def measures(self, theta: Vector) -> dict[str, float]:
        return {"pieces": 1.0 + np.count_nonzero(np.diff(theta))}

    def sibling(self) -> Self:
        return type(self)(self.y[:8].copy(), self.weight)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, Composite):
            return "the prox of the total variation is this problem itself"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares):
            return "the total variation is not a square"
        if issubclass(form, Smooth):
            return "the total variation has no gradient where neighbours are equal"
        return "it has one signal instead of rows: each point has its own unknown"


def total_variation(data: RowSource = PiecewiseConstant(), weight: float | None = None) -> Denoising:
    """Total-variation denoising of a one-dimensional signal y, the fused lasso signal approximator.

        f(theta) = (1/2n) sum_i (theta_i - y_i)^2 + weight sum_i |theta_(i+1) - theta_i|

    The squares are averaged over the points. Where they are summed and halved instead, the weight is n times as large.
    theta has one coefficient for each point. The minimum is piecewise constant, and each piece is closer to its
    neighbours than the mean of y on that piece. f is strongly convex with constant 1/n. Certified by the duality gap:
    dual points p with |p_i| <= weight, computed from theta, give a bound that is exact at the minimum.

    data     a signal
    weight   of the total variation; by default 0.03/pieces for `piecewise-constant`, which moves a level by about 0.06,
             and 0.003 for other signals

    Source: Rudin, Osher & Fatemi (1992), doi:10.1016/0167-2789(92)90242-F; in one dimension Davies & Kovac (2001),
    doi:10.1214/aos/996986501.
    """
    positive(weight=weight)
    signal = data.rows(Task.SIGNAL)
    y = signal.y
    if len(y) < 2:
        raise DataError(f"{data} has one row; a signal needs at least two points")
    with np.errstate(over="ignore"):
        if not np.isfinite(y @ y):
            raise DataError(f"{data}: the squares of the signal overflow; scale it")
    default = WEIGHT / data.pieces if isinstance(data, PiecewiseConstant) else WEIGHT_OF_OTHERS
    return Denoising(y, weight or default, signal.about)
