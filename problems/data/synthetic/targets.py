"""What is measured where a hidden theta predicts z: numbers with noise and outliers, labels with overlap or margin."""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.data.synthetic.rows import Plant
from problems.foundation.arrays import Vector
from problems.foundation.checks import fraction, not_negative, positive


def numbers(
    hidden: Plant, noise: float, tails: float | None = None, outliers: float = 0.0, shift: float | None = None
) -> Vector:
    """y = z + noise e, shape (n,), e normal, or of Student's distribution with `tails` degrees of freedom.

    Exactly round(outliers n) rows are moved by `shift`, up or down by chance.
    """
    not_negative(noise=noise, shift=shift)
    positive(tails=tails)
    fraction(outliers=outliers)
    n, rng = len(hidden.z), hidden.rng
    y: Vector = hidden.z + noise * (rng.standard_normal(n) if tails is None else rng.standard_t(tails, n))
    if outliers:
        moved = rng.permutation(n)[: round(outliers * n)]
        y[moved] += (10.0 if shift is None else shift) * rng.choice([-1.0, 1.0], len(moved))
    elif shift is not None:
        raise ValueError("shift is how far outliers are moved, and there are none; give outliers, their share, too")
    return y


def labels(
    hidden: Plant, noise: float = 1.0, balance: float | None = None, outliers: float = 0.0, margin: float = 0.0
) -> tuple[Any, Vector]:
    """Rows, and labels -1 and 1 by the side of the hidden plane that z + noise e is on, e logistic.

    Without noise and outliers the labels are separable. balance: exactly round(balance n) labels are 1, the plane
    being moved. outliers: exactly round(outliers n) labels are then turned over. margin: every row is moved away from
    the plane by so much, which is allowed where X has promised nothing that this would break.
    """
    not_negative(noise=noise, margin=margin)
    fraction(outliers=outliers)
    if balance is not None and not 0 < balance < 1:
        raise ValueError(f"balance is {balance}; it must be above 0 and below 1")
    rng, n = hidden.rng, len(hidden.z)
    X: Any = hidden.X
    z = hidden.z + noise * rng.logistic(size=n)
    if balance is not None:
        k = min(max(round(balance * n), 1), n - 1)
        below, above = np.sort(z)[[n - k - 1, n - k]]
        if below == above:
            raise ValueError("balance cannot be kept: rows that are alike would need different labels; give noise")
        z = z - (below + above) / 2
    y = np.where(z > 0, 1.0, -1.0)
    if margin:
        if noise or outliers:
            raise ValueError("margin is the distance of separable labels from a plane; noise and outliers must be 0")
        X = X + np.outer(margin * y, hidden.w / np.linalg.norm(hidden.w))
    if outliers:
        if balance is not None:
            raise ValueError("balance and outliers cannot both be kept exactly; give one of them")
        y[rng.permutation(n)[: round(outliers * n)]] *= -1
    return X, y
