"""exp and log1p without branches, so that loops over them are vectorised, and a plain sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.native import SUMS, native


@native(inline=True)
def exp(x: float) -> float:
    """e^x, accurate to one ulp on [-708, 709] and clamped outside; without branches: four to eight values at a time."""
    x = 709.0 if x > 709.0 else x
    x = -708.0 if x < -708.0 else x  # written so that NaN stays NaN
    shifted = x * 1.4426950408889634 + 6755399441055744.0  # adding 1.5 * 2^52 rounds to an integer
    k = shifted - 6755399441055744.0
    r = x - k * 6.93147180369123816490e-01
    r = r - k * 1.90821492927058770002e-10
    p = 1.0 / 6227020800.0  # Taylor to r^13, |r| <= log(2) / 2
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power: Any = (np.float64(shifted).view(np.int64) + 1023) << 52  # the low bits of `shifted` are k
    scale: Any = np.int64(power).view(np.float64)
    return p * scale  # type: ignore[no-any-return]


@native(inline=True)
def log1p(t: float) -> float:
    """log(1 + t) on [0, 1] by the series 2 artanh(t / (2 + t))."""
    s = t / (2.0 + t)
    u = s * s
    q = 1.0 / 33.0
    q = q * u + 1.0 / 31.0
    q = q * u + 1.0 / 29.0
    q = q * u + 1.0 / 27.0
    q = q * u + 1.0 / 25.0
    q = q * u + 1.0 / 23.0
    q = q * u + 1.0 / 21.0
    q = q * u + 1.0 / 19.0
    q = q * u + 1.0 / 17.0
    q = q * u + 1.0 / 15.0
    q = q * u + 1.0 / 13.0
    q = q * u + 1.0 / 11.0
    q = q * u + 1.0 / 9.0
    q = q * u + 1.0 / 7.0
    q = q * u + 1.0 / 5.0
    q = q * u + 1.0 / 3.0
    q = q * u + 1.0
    return 2.0 * s * q


@native(flags=SUMS)
def add(values: Vector) -> float:
    """The sum of the values."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total
