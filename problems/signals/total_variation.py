"""Denoising in one dimension by a penalty on the total variation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from problems.data.real import only_synthetic, real_rows
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
from problems.foundation.checks import DataError, at_least, not_negative, positive


@dataclass
class Denoising(Saddle, TotalVariation, Certified):
    """f(theta) = |theta - y|^2 / (2n) + weight |D theta|_1: F = weight |.|_1, K = D in CSR, G the squares."""

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
        """D, shape (n - 1, n): (D theta)_i = theta_(i+1) - theta_i."""
        self.ledger.passes += 1
        ones = np.ones(self.dim - 1)
        return sp.diags_array([-ones, ones], offsets=[0, 1], shape=(self.dim - 1, self.dim), format="csr")

    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        return np.clip(v, -self.weight, self.weight)

    def prox_rest(self, v: Vector, step: float) -> Vector:
        return (v + step / self.dim * self.y) / (1 + step / self.dim)

    def stiffness(self) -> float | None:
        """32 |p_i| / std(y), |p_i| up to the weight or what flattens all; a tenth or three times as much does too."""
        self.ledger.passes += 1
        centred = self.y - self.y.mean()
        if not centred.any():
            return None
        flat = abs(np.cumsum(centred)).max() / self.dim
        return float(32 * min(self.weight, flat) / centred.std())

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """f(theta) - q.y + n/2 |q|^2, q = D'p and p the dual, clipped to what the weight allows."""
        self.ledger.passes += 1
        p = np.clip(dual, -self.weight, self.weight)
        q = -np.diff(p, prepend=0.0, append=0.0)
        return float(self.value(theta) - q @ self.y + self.dim / 2 * (q @ q))

    def gap(self, theta: Vector) -> float:
        """By the p with n D'p = y - theta, but for its mean, that is the running sum of theta - y over n."""
        r = (theta - self.y) / self.dim
        return self.saddle_gap(theta, np.cumsum(r - r.mean())[:-1])

    def measures(self, theta: Vector) -> dict[str, float]:
        return {"pieces": 1.0 + np.count_nonzero(np.diff(theta))}

    def sibling(self) -> Self:
        return type(self)(self.y[:8].copy(), self.weight)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, Composite):
            return "the prox of the total variation is this very problem"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares):
            return "the total variation is not a square"
        if issubclass(form, Smooth):
            return "the total variation has no gradient where neighbours are equal"
        return "its rows are the points of one signal, each with an unknown of its own"


def total_variation(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    pieces: int = 10,
    noise: float = 0.3,
    weight: float | None = None,
    seed: int = 0,
) -> Denoising:
    """Total-variation denoising of a signal y in one dimension, the fused lasso's signal approximator.

        f(theta) = (1/2n) sum_i (theta_i - y_i)^2 + weight sum_i |theta_(i+1) - theta_i|

    A mean over the points, as everywhere here: with the squares summed and halved the weight is n times as large.
    theta has one coefficient a point, is constant over pieces, and each piece lies closer to its neighbours than the
    mean of y there. Strongly convex, 1/n. Certified by the duality gap: p with |p_i| <= weight, read off theta, gives
    a bound that is exact at the minimum.

    data     synthetic, or the path of a CSV file with a header line
    target   the file's column that holds the signal; the last where it is left out
    n        synthetic: points
    pieces   synthetic: of how many constant pieces, with normal levels, the hidden signal is made
    noise    synthetic: standard deviation of y about it
    weight   of the total variation; where it is left out 0.03/pieces, which moves a level by some 0.06; files 0.003
    seed     of the synthetic signal

    Source: Rudin, Osher & Fatemi (1992), doi:10.1016/0167-2789(92)90242-F; in one dimension Davies & Kovac (2001),
    doi:10.1214/aos/996986501.
    """
    positive(weight=weight)
    not_negative(noise=noise)
    about = NOTHING
    if data == "synthetic":
        at_least(1, pieces=pieces)
        at_least(max(2, pieces), n=n)
        rng = np.random.default_rng(seed)
        jumps = np.sort(rng.choice(np.arange(1, n), pieces - 1, replace=False))
        level = np.repeat(rng.standard_normal(pieces), np.diff(jumps, prepend=0, append=n))
        y = level + noise * rng.standard_normal(n)
    else:
        only_synthetic(total_variation, data, n=n, pieces=pieces, noise=noise, seed=seed)
        _, y, about = real_rows(data, target, "regression", standardize=False)
        if len(y) < 2:
            raise DataError(f"{data} has one row; a signal needs two points or more")
        with np.errstate(over="ignore"):
            if not np.isfinite(y @ y):
                raise DataError(f"{data}: the squares of the signal overflow; scale it")
    return Denoising(y, weight or (0.03 / pieces if data == "synthetic" else 0.003), about)
