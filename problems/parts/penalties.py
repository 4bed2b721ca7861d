"""Penalties on the coefficients of a linear model, and what their minimisers need of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.checks import not_negative


@dataclass(frozen=True)
class Penalty:
    """h(w) = l1 |w|_1 + l2/2 |w|^2, over w >= 0 where `nonnegative`.

    l1 alone is the lasso's, l2 alone ridge's, both are the elastic net's.
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
        """h(w), the constraint aside; not finite where w is not."""
        ridge = float(self.l2 / 2 * (w @ w))
        return ridge + self.kink(w) if self.l1 else ridge

    def kink(self, w: Vector) -> float:
        """The part of h that has no gradient, the constraint aside."""
        return float(self.l1 * abs(w).sum())

    def violation(self, w: Vector) -> float:
        """How far below zero the lowest coefficient is, where none may be."""
        return max(-float(w.min(initial=0.0)), 0.0) if self.nonnegative else 0.0

    def prox_kink(self, v: Vector, step: float) -> Vector:
        """argmin_u l1 |u|_1 + |u - v|^2 / (2 step), over u >= 0 where so constrained: soft thresholding."""
        if self.nonnegative:
            return np.maximum(v - step * self.l1, 0.0)
        return np.sign(v) * np.maximum(abs(v) - step * self.l1, 0.0) if self.l1 else v.copy()

    def prox(self, v: Vector, step: float) -> Vector:
        """argmin_u h(u) + |u - v|^2 / (2 step)."""
        return self.prox_kink(v, step) / (1 + step * self.l2)

    def conjugate(self, g: Vector) -> float:
        """h*(g) = sup_w g.w - h(w); inf where it is not bounded."""
        beyond = np.maximum((g if self.nonnegative else abs(g)) - self.l1, 0.0)
        if self.l2:
            return float(beyond @ beyond) / (2 * self.l2)
        return 0.0 if not beyond.any() else np.inf


NONE = Penalty()
