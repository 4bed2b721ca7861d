"""Losses and their conjugates with bounds on their rounding errors, and with derivatives smoothed at kinks."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from problems.foundation.arrays import EPS, Vector
from problems.foundation.double_double import GUARD, ROUNDING, UNDERFLOW, DoubleDouble, exact, where
from problems.parts.losses import Loss, logistic

FUNCTION_ERROR = 8 * EPS  # relative, of exp, log and log1p
Bounded = tuple[DoubleDouble, Vector]  # numbers, and bounds on their errors


class BoundedLoss(ABC):
    """The losses of n rows, l_i(z) = sup over s of s z - l_i*(s), in arithmetic whose errors are bounded."""

    low: DoubleDouble  # the least and the largest derivative of each row, possibly infinite
    high: DoubleDouble
    kinked: bool = False  # whether each row's loss consists of two lines

    @abstractmethod
    def values(self, z: DoubleDouble, errors: Vector) -> Bounded:
        """l_i, and how far it may be below the truth if z is within `errors` of the exact prediction."""

    @abstractmethod
    def conjugate(self, s: DoubleDouble) -> tuple[DoubleDouble, Bounded]:
        """s moved to where l* is finite, and l*(s) there."""

    @abstractmethod
    def derivatives(self, z: Vector, width: float) -> tuple[Vector, Vector]:
        """l' and l'' in float64; at a kink of the loss smoothed over this width."""

    def shrinking_factor(self, s: DoubleDouble) -> float:
        """The factor that brings s inside the bounds, where they are on either side of 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            above = np.where(self.high.hi > 0, s.hi / self.high.hi, 0.0)
            below = np.where(self.low.hi < 0, s.hi / self.low.hi, 0.0)
        most = float(np.nanmax(np.maximum(above, below), initial=0.0))
        return 1.0 if most <= 1 else (1 - 4 * EPS) / most


class PiecewiseLoss(BoundedLoss):
    """l(z) = max over s in [low, high] of s (z - centre) - softness s^2 / 2: lines, and a parabola if softness is 1."""

    def __init__(self, loss: Loss, y: Vector) -> None:
        self.centre, self.softness = loss.pieces(y)
        everywhere = np.full_like(y, -np.inf), np.full_like(y, np.inf)
        bounds = loss.derivative_bounds(y) if loss.derivative_bounds else everywhere
        rest = loss.derivative_bounds_rest(y) if loss.derivative_bounds_rest else np.zeros((2, y.size))
        self.low, self.high = (DoubleDouble(bound, low) for bound, low in zip(bounds, rest, strict=True))
        self.kinked = self.softness == 0
        self.steepest = np.maximum(abs(self.low.hi), abs(self.high.hi)) * GUARD

    def values(self, z: DoubleDouble, errors: Vector) -> Bounded:
        r = z - self.centre
        above = r.hi > (0.0 if self.kinked else self.high.hi)
        below = (r.hi <= 0) if self.kinked else (r.hi < self.low.hi)
        s = where(above, self.high, where(below, self.low, r))
        half = DoubleDouble(self.softness / 2 * s.hi, self.softness / 2 * s.lo)
        slope = self.steepest if self.kinked else np.minimum(abs(r.hi) * GUARD + errors, self.steepest)
        rounding = 8 * ROUNDING * abs(s.hi) * (abs(r.hi) + abs(half.hi)) + UNDERFLOW
        return s * (r - half), errors * slope * GUARD + rounding * GUARD

    def conjugate(self, s: DoubleDouble) -> tuple[DoubleDouble, Bounded]:
        with np.errstate(invalid="ignore"):
            too_low = np.where(np.isfinite(self.low.hi), (s - self.low).hi < 0, False)
            too_high = np.where(np.isfinite(self.high.hi), (s - self.high).hi > 0, False)
        s = where(too_low, self.low, where(too_high, self.high, s))
        half = DoubleDouble(self.softness / 2 * s.hi, self.softness / 2 * s.lo)
        errors = 8 * ROUNDING * abs(s.hi) * (abs(half.hi) + abs(self.centre)) + UNDERFLOW
        return s, (s * (half + self.centre), errors * GUARD)

    def derivatives(self, z: Vector, width: float) -> tuple[Vector, Vector]:
        width = self.softness or width
        s = np.clip((z - self.centre) / width, self.low.hi, self.high.hi)
        return s, np.where((s > self.low.hi) & (s < self.high.hi), 1 / width, 0.0)


class LogisticLoss(BoundedLoss):
    """l(z) = log(1 + exp(-y z)), y = -1 or 1. All terms have one sign, so that float64 functions suffice."""

    def __init__(self, y: Vector) -> None:
        self.y = y
        self.low, self.high = exact(np.minimum(-y, 0.0)), exact(np.maximum(-y, 0.0))

    def values(self, z: DoubleDouble, errors: Vector) -> Bounded:
        m = z * self.y
        line = where(m.hi < 0, -m, 0.0)
        small = np.exp(-abs(m.hi))
        rest = np.log1p(small)
        away = abs(m.lo) + errors  # from |m.hi|, at which the rest is evaluated
        slope = np.where(away < 0.1, small * (1 + 2 * away), 1.0)
        linear = np.where(away >= abs(m.hi), away, np.where(m.hi < 0, errors, 0.0))
        return line + rest, (FUNCTION_ERROR * rest + away * slope + linear) * GUARD + UNDERFLOW

    def conjugate(self, s: DoubleDouble) -> tuple[DoubleDouble, Bounded]:
        p = s * -self.y
        p = where(p.hi < 0, 0.0, where((1.0 - p).hi < 0, 1.0, p))
        q = 1.0 - p
        with np.errstate(divide="ignore", invalid="ignore"):
            log_p = np.where(p.hi > 0.5, np.log1p(-q.hi), np.log(p.hi))
            log_q = np.where(q.hi > 0.5, np.log1p(-p.hi), np.log(q.hi))
            entropy: Vector = np.where(p.hi > 0, p.hi * log_p, 0.0) + np.where(q.hi > 0, q.hi * log_q, 0.0)
        errors: Vector = (2 * FUNCTION_ERROR * abs(entropy) + UNDERFLOW) * GUARD
        return p * -self.y, (exact(entropy), errors)

    def derivatives(self, z: Vector, width: float) -> tuple[Vector, Vector]:
        small = np.exp(-abs(z))
        other: NDArray[np.float64] = np.where(self.y * z >= 0, small, 1.0) / (1 + small)
        return -self.y * other, small / (1 + small) ** 2


def bounded_loss(loss: Loss, y: Vector) -> BoundedLoss | None:
    """The loss with bounds on its errors; None for a loss that neither consists of pieces nor is logistic."""
    if loss.pieces:
        return PiecewiseLoss(loss, y)
    return LogisticLoss(y) if loss is logistic else None
