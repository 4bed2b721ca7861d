"""Double-double arithmetic: numbers of about 106 bits as pairs of float64, with known bounds on what it loses.

A number is hi + lo with |lo| <= ulp(hi) / 2. Each operation errs by at most 2^-104 of its result's operands; bounds
here charge twice that. Sums and products of float64 numbers are exact unless they underflow or overflow.
Source: Dekker (1971), doi:10.1007/BF01397083; Joldes, Muller & Popescu (2017), doi:10.1145/3121432.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.foundation.arrays import Vector

ROUNDING = 2.0**-103  # charged for an operation, relative to the size of its operands
UNDERFLOW = 2.0**-1000  # charged for a product that may have lost digits below the smallest normal number
GUARD = 1 + 1e-10  # by which a bound that is itself computed in float64 is enlarged
SPLITTER = 2.0**27 + 1


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b as the nearest float64 number and the exact rest."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """a b as the nearest float64 number and the exact rest."""
    p = a * b
    a_high = SPLITTER * a - (SPLITTER * a - a)
    b_high = SPLITTER * b - (SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@dataclass(frozen=True)
class DoubleDouble:
    """An array of numbers hi + lo; both parts have the same shape."""

    hi: Vector
    lo: Vector

    __array_ufunc__ = None  # array + DoubleDouble is DoubleDouble.__radd__

    @property
    def value(self) -> Vector:
        """The nearest float64 numbers."""
        return self.hi + self.lo

    def __add__(self, other: Any) -> DoubleDouble:
        other = exact(other)
        s, e = two_sum(self.hi, other.hi)
        t, f = two_sum(self.lo, other.lo)
        s, e = two_sum(s, e + t)
        return DoubleDouble(*two_sum(s, e + f))

    __radd__ = __add__

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.hi, -self.lo)

    def __sub__(self, other: Any) -> DoubleDouble:
        return self + -exact(other)

    def __rsub__(self, other: Any) -> DoubleDouble:
        return exact(other) + -self

    def __mul__(self, other: Any) -> DoubleDouble:
        other = exact(other)
        p, e = two_product(self.hi, other.hi)
        return DoubleDouble(*two_sum(p, e + (self.hi * other.lo + self.lo * other.hi)))

    __rmul__ = __mul__

    def __abs__(self) -> DoubleDouble:
        sign = np.where(self.hi < 0, -1.0, 1.0)
        return DoubleDouble(sign * self.hi, sign * self.lo)

    def __getitem__(self, index: Any) -> DoubleDouble:
        return DoubleDouble(self.hi[index], self.lo[index])


def exact(a: Any) -> DoubleDouble:
    """Float64 numbers as DoubleDouble; a DoubleDouble as it is."""
    if isinstance(a, DoubleDouble):
        return a
    hi = np.asarray(a, np.float64)
    return DoubleDouble(hi, np.zeros_like(hi))


def where(condition: Any, a: Any, b: Any) -> DoubleDouble:
    """Elementwise a where the condition holds, else b."""
    a, b = exact(a), exact(b)
    return DoubleDouble(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))


def concatenated(*parts: DoubleDouble) -> DoubleDouble:
    """Vectors, one after the other."""
    return DoubleDouble(np.concatenate([x.hi for x in parts]), np.concatenate([x.lo for x in parts]))


def upper_sum(x: DoubleDouble, errors: Vector) -> float:
    """A float64 number that no sum of numbers within `errors` of x exceeds; inf where that is not finite.

    x and errors: shape (n,). The sum is by halves, log2(n) roundings deep.
    """
    depth = math.log2(x.hi.size + 1) + 6
    slack = float(np.sum(errors) + ROUNDING * depth * np.sum(abs(x.hi))) * GUARD + UNDERFLOW
    total = x
    while total.hi.size > 1:
        half = total.hi.size // 2
        pairs = total[:half] + total[half : 2 * half]
        total = concatenated(pairs, total[2 * half :])
    if not total.hi.size:
        return slack
    high, low = two_sum(float(total.hi[0]), float(total.lo[0]) + slack)
    if not math.isfinite(high):
        return math.inf
    return float(high) if low <= 0 else math.nextafter(high, math.inf)


def lower_sum(x: DoubleDouble, errors: Vector) -> float:
    """A float64 number that no sum of numbers within `errors` of x is below; -inf where that is not finite."""
    return -upper_sum(-x, errors)
