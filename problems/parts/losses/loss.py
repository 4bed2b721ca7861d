"""What a problem needs to know of a loss."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from problems.foundation.arrays import EPS, Vector
from problems.foundation.native import F1, address, f8

SLOPE = f8(f8, f8, f8)  # z, y, shape -> l'(z)
BLOCK = f8(F1, F1, F1, F1, f8)  # z (overwritten), y, slopes out, curvatures out, shape -> sum of the losses


@dataclass(frozen=True)
class Loss:
    """What a problem needs to know of a loss l(z, y), convex in z and never negative."""

    name: str
    slope: Any  # native, SLOPE; a subgradient where l has a kink
    block: Any  # native, BLOCK
    derivatives: int  # how many continuous ones it has: 0, 1, or 2 for two and more
    curvature: float = math.inf  # the largest l''
    concordance: float = math.inf  # M with |l'''| <= M l'', the generalised self-concordance; inf where none holds
    conjugate: Any = None  # l*(a, y), elementwise, inf outside its domain; None where it is not known
    labels: bool = False  # True where y is -1 or 1
    kink: str = ""  # why it is no smoother than that
    shape: float = 0.0  # the one parameter that l may have
    nearest: Any = None  # its prox in closed form, (v, y, t) -> u, elementwise; None where it is found by iteration
    slopes: Any = None  # y -> the least and the largest slope, elementwise, between which l* is finite
    corner: Any = None  # y -> the z at which l turns; None where l is no line on either side of one
    endless: bool = False  # whether l falls for ever, so that rows which all agree have no minimum

    @property
    def quadratic(self) -> bool:
        """Whether l'' is constant, so that the optimum solves a linear system."""
        return self.concordance == 0.0

    def total(self, z: Vector, y: Vector) -> tuple[float, Vector, Vector]:
        """Sum of losses, slopes and curvatures, each of shape (n,)."""
        slope, curvature = np.empty_like(z), np.empty_like(z)
        return float(self.block(z.copy(), y, slope, curvature, self.shape)), slope, curvature

    def prox(self, v: Vector, y: Vector, t: float) -> Vector:
        """argmin_u l(u, y) + (u - v)^2 / (2t), elementwise.

        In closed form where there is one, else by Newton's iteration kept inside a shrinking bracket. The slope l'
        rises, so that u lies between v and v - t l'(v). Where Newton's step leaves the bracket, or is not half as
        long as the step before, the bracket is halved instead: alone it can go to and fro for ever.
        """
        if self.nearest is not None:
            closed: Vector = self.nearest(v, y, t)
            return closed
        _, slope, curvature = self.total(v, y)
        step = -t * slope / (1 + t * curvature)
        u = v + step
        if self.quadratic:
            return u
        low, high = np.minimum(v, v - t * slope), np.maximum(v, v - t * slope)
        found = np.zeros(v.shape, bool)
        for _ in range(100):
            _, slope, curvature = self.total(u, y)
            excess = u - v + t * slope
            low, high = np.where(excess < 0, u, low), np.where(excess > 0, u, high)
            before, step = step, -excess / (1 + t * curvature)
            found |= np.minimum(abs(step), high - low) <= 2 * EPS * (abs(u) + abs(v))
            if found.all():
                break
            good = (low < u + step) & (u + step < high) & (2 * abs(step) <= abs(before))
            step = np.where(good, step, (low + high) / 2 - u)
            u = np.where(found, u, u + step)
        return u

    @cached_property
    def addresses(self) -> tuple[int, int]:
        """Of `slope` and `block`, in this process."""
        return address(self.slope, SLOPE), address(self.block, BLOCK)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "addresses"}
