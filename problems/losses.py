"""Losses of one prediction z against one target y, as native functions.

A loss is two of them: `slope`, one row at a time, for kernels that go row by row; and `block`, for whole
passes, which adds up the losses of a block of rows and leaves slopes l'(z) and curvatures l''(z) behind.
A loss from anywhere else plugs in the same way, without a kernel being compiled again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .arrays import EPS, Vector
from .native import EXACT, F1, SUMS, address, f8, native

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

    @property
    def quadratic(self) -> bool:
        """Whether l'' is constant, so that the optimum solves a linear system."""
        return self.concordance == 0.0

    def total(self, z: Vector, y: Vector) -> tuple[float, Vector, Vector]:
        """Sum of losses, slopes and curvatures, each of shape (n,)."""
        slope, curvature = np.empty_like(z), np.empty_like(z)
        return float(self.block(z.copy(), y, slope, curvature, self.shape)), slope, curvature

    def prox(self, v: Vector, y: Vector, t: float) -> Vector:
        """argmin_u l(u, y) + (u - v)^2 / (2t), elementwise, by Newton's iteration kept inside a shrinking bracket.

        The slope l' rises, so that u lies between v and v - t l'(v). Where Newton's step leaves the bracket, or is
        not half as long as the step before, the bracket is halved instead: alone it can go to and fro for ever.
        """
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


@native(inline=True)
def exp(x: float) -> float:
    """e^x to one ulp on [-708, 709], clamped outside, without a branch: four to eight at a time."""
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
def _add(values: Vector) -> float:
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@native(SLOPE)
def squared_slope(z: float, y: float, shape: float) -> float:
    return z - y


@native(BLOCK)
def squared_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        slope[i] = r
        curvature[i] = 1.0
        z[i] = 0.5 * r * r
    return _add(z)


@native(SLOPE)
def logistic_slope(z: float, y: float, shape: float) -> float:
    t = y * z
    e = math.exp(-abs(t))
    return -y * (e if t >= 0.0 else 1.0) / (1.0 + e)


@native(flags=EXACT)
def _logistic(z: Vector, y: Vector, slope: Vector, curvature: Vector) -> None:
    for i in range(z.size):
        t = y[i] * z[i]
        e = exp(-abs(t))
        q = 1.0 / (1.0 + e)
        p = e * q if t >= 0.0 else q  # the probability of the other label
        slope[i] = -y[i] * p
        curvature[i] = e * q * q
        z[i] = (0.0 if t >= 0.0 else -t) + log1p(e)


@native(BLOCK)
def logistic_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    _logistic(z, y, slope, curvature)
    return _add(z)


def _entropy(a: Vector, y: Vector) -> Vector:
    p = -a * y
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(p > 0, p * np.log(p), 0.0) + np.where(p < 1, (1 - p) * np.log1p(-p), 0.0)
    return np.where((p >= 0) & (p <= 1), h, np.inf)


squared = Loss(
    "squared", squared_slope, squared_block, 2, curvature=1.0, concordance=0.0, conjugate=lambda a, y: a * (a / 2 + y)
)
logistic = Loss(
    "logistic", logistic_slope, logistic_block, 2, curvature=0.25, concordance=1.0, conjugate=_entropy, labels=True
)
