"""Penalties on the coefficients of a linear model, with their proxes and conjugates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.checks import not_negative


@dataclass(frozen=True)
class Penalty:
    """h(w) = l1 |w|_1 + l2/2 |w|^2, subject to w >= 0 if `nonnegative`.

    l1 alone gives the lasso, l2 alone ridge regression, both the elastic net.
    """

    l1: float = 0.0
    l2: float = 0.0
    nonnegative: bool = False

    def __post_init__(self) -> None:
        not_negative(l1=self.l1, l2=self.l2)

    @property
    def smooth(self) -> bool:
        """Whether h has a gradient everywhere."""
        return self.l1 == 0 and not self.nonnegative

    def value(self, w: Vector) -> float:
        """h(w), the constraint ignored; not finite if w is not."""
        ridge = float(self.l2 / 2 * (w @ w))
        return ridge + self.nonsmooth(w) if self.l1 else ridge

    def nonsmooth(self, w: Vector) -> float:
        """l1 |w|_1, the part of h that has no gradient; the constraint is ignored."""
        return float(self.l1 * abs(w).sum())

    def violation(self, w: Vector) -> float:
        """How far the smallest coefficient is below 0, as a share of the largest, if w >= 0 is required; else 0."""
        least = float(w.min(initial=0.0))
        return -least / float(abs(w).max()) if self.nonnegative and least < 0 else 0.0

    def prox_nonsmooth(self, v: Vector, step: float) -> Vector:
        """argmin_u l1 |u|_1 + |u - v|^2 / (2 step), subject to u >= 0 if required: soft thresholding."""
        if self.nonnegative:
            return np.maximum(v - step * self.l1, 0.0)
        return np.sign(v) * np.maximum(abs(v) - step * self.l1, 0.0) if self.l1 else v.copy()

    def prox(self, v: Vector, step: float) -> Vector:
        """argmin_u h(u) + |u - v|^2 / (2 step)."""
        return self.prox_nonsmooth(v, step) / (1 + step * self.l2)

    def conjugate(self, g: Vector) -> float:
        """h*(g) = sup_w g.w - h(w); inf if the supremum is not finite."""
        excess = np.maximum((g if self.nonnegative else abs(g)) - self.l1, 0.0)
        if self.l2:
            return float(excess @ excess) / (2 * self.l2)
        return 0.0 if not excess.any() else np.inf


NONE = Penalty()
