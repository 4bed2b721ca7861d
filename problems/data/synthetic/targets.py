"""Targets from the predictions z of a hidden model: numbers with noise and outliers, labels, classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError, positive

ROUNDS = 100  # of changes of the intercepts, until the shares of the classes are right


@dataclass(frozen=True)
class HiddenModel:
    """Rows X, the hidden theta = (w, b), its predictions z = X w + b, and the generator that draws the noise."""

    X: Any  # (n, d), an array or a CSR array
    w: Vector
    b: float
    z: Vector
    rng: np.random.Generator


def numbers(
    z: Vector,
    rng: np.random.Generator,
    noise: float,
    tails: float | None = None,
    outliers: float = 0.0,
    shift: float | None = None,
) -> Vector:
    """y = z + noise e, shape (n,), e normal, or from Student's distribution with `tails` degrees of freedom.

    Exactly round(outliers n) targets are moved by `shift`, 10 by default, up or down at random.
    """
    positive(tails=tails)
    n = len(z)
    y: Vector = z + noise * (rng.standard_normal(n) if tails is None else rng.standard_t(tails, n))
    if outliers:
        moved = rng.permutation(n)[: round(outliers * n)]
        y[moved] += (10.0 if shift is None else shift) * rng.choice([-1.0, 1.0], len(moved))
    elif shift is not None:
        raise ValueError(
            "shift is the distance by which outliers are moved, but there are none; give outliers, their share"
        )
    return y


def labels(
    hidden: HiddenModel, noise: float = 1.0, balance: float | None = None, outliers: float = 0.0, margin: float = 0.0
) -> tuple[Any, Vector]:
    """Rows, and labels that are 1 if z + noise e > 0 and else -1, e logistic.

    Without noise and outliers the labels are separable. balance: the plane is moved so that exactly
    round(balance n) labels are 1. outliers: exactly round(outliers n) labels are then flipped. margin: every row is
    moved away from the plane by that distance.
    """
    if balance is not None and not 0 < balance < 1:
        raise ValueError(f"balance is {balance}; it must be above 0 and below 1")
    rng, n = hidden.rng, len(hidden.z)
    X: Any = hidden.X
    z = hidden.z + noise * rng.logistic(size=n)
    if balance is not None:
        k = min(max(round(balance * n), 1), n - 1)
        below, above = np.sort(z)[[n - k - 1, n - k]]
        if below == above:
            raise ValueError("balance cannot be exact: equal rows would need different labels; use noise")
        z = z - (below + above) / 2
    y = np.where(z > 0, 1.0, -1.0)
    if margin:
        if noise or outliers:
            raise ValueError("margin is the distance of separable labels from a plane; noise and outliers must be 0")
        X = X + np.outer(margin * y, hidden.w / np.linalg.norm(hidden.w))
    if outliers:
        if balance is not None:
            raise ValueError("balance and outliers cannot both be exact; give one of them")
        y[rng.permutation(n)[: round(outliers * n)]] *= -1
    if len(np.unique(y)) < 2:
        raise DataError(f"all {n} rows have the same label; use more rows, balance or another seed")
    return X, y


def classes(Z: Matrix, rng: np.random.Generator, noise: float, balance: float) -> Vector:
    """The classes argmax_c (Z + b + noise E)_c, E Gumbel; b is such that the shares are geometric, 1 to balance."""
    if not 0 < balance <= 1:
        raise ValueError(f"balance is {balance}; it must be above 0 and at most 1")
    n, k = Z.shape
    scores = Z + noise * rng.gumbel(size=(n, k))
    shares = np.geomspace(1.0, balance, k)
    shares /= shares.sum()
    b = np.log(shares)
    for _ in range(ROUNDS):
        counts = np.bincount((scores + b).argmax(1), minlength=k)
        b += 0.3 * np.log((n * shares + 0.5) / (counts + 0.5))
    y: Vector = (scores + b).argmax(1).astype(np.float64)
    missing = np.setdiff1d(np.arange(k), y)
    if missing.size:
        raise DataError(f"none of the {n} rows has class {missing[0]}; use more rows, fewer classes or another seed")
    return y
