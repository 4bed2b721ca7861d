"""The record that describes a loss to problems and certificates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from problems.foundation.arrays import EPS, Vector
from problems.foundation.native import F1, address, f8

# signatures of native functions
DERIVATIVE = f8(f8, f8, f8)  # z, y, shape -> l'(z)
BLOCK_TOTAL = f8(F1, F1, F1, F1, f8)  # z (overwritten), y, l' (output), l'' (output), shape -> the sum of the losses


@dataclass(frozen=True)
class Loss:
    """A loss l(z, y), convex in z and never negative.

    Functions of arrays are elementwise; None where a function is not known or does not exist.
    """

    name: str
    derivative: Any  # native, DERIVATIVE: l'(z); a subgradient at a kink
    block_total: Any  # native, BLOCK_TOTAL
    continuous_derivatives: int  # in z: 0, 1, or 2 for two and more
    curvature: float = math.inf  # the largest l''
    self_concordance: float = math.inf  # the M of |l'''| <= M l'' (generalised self-concordance); inf if there is none
    conjugate: Any = None  # (a, y) -> l*(a, y), inf outside its domain
    labels: bool = False  # True if y is -1 or 1
    missing_derivative: str = ""  # which derivative l lacks, and where, as a sentence
    shape: float = 0.0  # the one parameter that l may have
    closed_prox: Any = None  # (v, y, t) -> the prox, in closed form
    derivative_bounds: Any = None  # y -> the smallest and the largest l'; between them l* is finite
    derivative_bounds_rest: Any = None  # y -> what rounding removed from these bounds, if that is not 0
    kink: Any = None  # y -> the z of the kink, if l is piecewise linear with one kink
    pieces: Any = None  # y -> (c, k): l(z) = max of s (z - c) - k s^2 / 2 over s between the bounds; k is 0 or 1
    attains_infimum: bool = True  # False if l decreases for ever, so that separable rows have no minimiser

    @property
    def quadratic(self) -> bool:
        """Whether l'' is constant, so that the minimiser solves a linear system."""
        return self.self_concordance == 0.0

    def total(self, z: Vector, y: Vector) -> tuple[float, Vector, Vector]:
        """The sum of the losses, and l' and l'' of each row, of shape (n,)."""
        first, second = np.empty_like(z), np.empty_like(z)
        return float(self.block_total(z.copy(), y, first, second, self.shape)), first, second

    def prox(self, v: Vector, y: Vector, t: float) -> Vector:
        """argmin_u l(u, y) + (u - v)^2 / (2t), elementwise.

        If there is no closed form, this is Newton's iteration with a bracket. Because l' is increasing, u lies between
        v and v - t l'(v). The bracket is bisected where Newton's step leaves it, or is longer than half of the step
        before, because Newton's iteration alone may oscillate.
        """
        if self.closed_prox is not None:
            closed: Vector = self.closed_prox(v, y, t)
            return closed
        _, first, second = self.total(v, y)
        step = -t * first / (1 + t * second)
        u = v + step
        if self.quadratic:
            return u
        low, high = np.minimum(v, v - t * first), np.maximum(v, v - t * first)
        converged = np.zeros(v.shape, bool)
        for _ in range(100):
            _, first, second = self.total(u, y)
            residual = u - v + t * first
            low, high = np.where(residual < 0, u, low), np.where(residual > 0, u, high)
            before, step = step, -residual / (1 + t * second)
            converged |= np.minimum(abs(step), high - low) <= 2 * EPS * (abs(u) + abs(v))
            if converged.all():
                break
            accepted = (low < u + step) & (u + step < high) & (2 * abs(step) <= abs(before))
            step = np.where(accepted, step, (low + high) / 2 - u)
            u = np.where(converged, u, u + step)
        return u

    @cached_property
    def addresses(self) -> tuple[int, int]:
        """The addresses of `derivative` and `block_total` in this process."""
        return address(self.derivative, DERIVATIVE), address(self.block_total, BLOCK_TOTAL)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "addresses"}
