"""Losses that turn at a corner, and those whose slope does: for outliers, quantiles and margins.

Each is made for one value of its parameter, the `shape` that its native functions are handed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.checks import not_negative, positive
from problems.foundation.native import EXACT, native
from problems.parts.losses.arithmetic import add
from problems.parts.losses.loss import BLOCK, SLOPE, Loss


@native(SLOPE)
def absolute_slope(z: float, y: float, shape: float) -> float:
    return np.sign(z - y)  # type: ignore[no-any-return]


@native(BLOCK, flags=EXACT)
def absolute_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        slope[i] = np.sign(r)
        curvature[i] = 0.0
        z[i] = abs(r)
    return add(z)


@native(SLOPE)
def huber_slope(z: float, y: float, shape: float) -> float:
    r = z - y
    return r if abs(r) <= shape else np.copysign(shape, r) + 0.0 * r  # NaN stays NaN


@native(BLOCK, flags=EXACT)
def huber_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        a = abs(r)
        s = shape if a > shape else a  # NaN stays NaN
        slope[i] = np.copysign(s, r)
        curvature[i] = 0.0 if a > shape else 1.0
        z[i] = s * (a - 0.5 * s)
    return add(z)


@native(SLOPE)
def quantile_slope(z: float, y: float, shape: float) -> float:
    r = z - y
    return 1.0 - shape if r > 0.0 else (-shape if r < 0.0 else 0.0 * r)


@native(BLOCK, flags=EXACT)
def quantile_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        slope[i] = 1.0 - shape if r > 0.0 else (-shape if r < 0.0 else 0.0)
        curvature[i] = 0.0
        z[i] = (1.0 - shape) * r if r > 0.0 else -shape * r
    return add(z)


@native(SLOPE)
def hinge_slope(z: float, y: float, shape: float) -> float:
    return 0.0 if y * z > shape else -y  # at the corner Rosenblatt's: a row on the line is moved away from it


@native(BLOCK, flags=EXACT)
def hinge_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        short = shape - y[i] * z[i]
        slope[i] = 0.0 if short < 0.0 else -y[i]
        curvature[i] = 0.0
        z[i] = 0.0 if short < 0.0 else short
    return add(z)


@native(SLOPE)
def squared_hinge_slope(z: float, y: float, shape: float) -> float:
    short = shape - y * z
    return 0.0 if short < 0.0 else -y * short


@native(BLOCK, flags=EXACT)
def squared_hinge_block(z: Vector, y: Vector, slope: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        short = shape - y[i] * z[i]
        short = 0.0 if short < 0.0 else short
        slope[i] = -y[i] * short
        curvature[i] = 1.0 if short > 0.0 else 0.0
        z[i] = 0.5 * short * short
    return add(z)


def _within(low: Any, high: Any, value: Any) -> Callable[[Vector, Vector], Vector]:
    """value(a, y) where a lies between low(y) and high(y), inf elsewhere."""

    def conjugate(a: Vector, y: Vector) -> Vector:
        found: Vector = np.where((a >= low(y)) & (a <= high(y)), value(a, y), np.inf)
        return found

    return conjugate


absolute = Loss(
    "absolute",
    absolute_slope,
    absolute_block,
    0,
    conjugate=_within(lambda y: -1.0, lambda y: 1.0, lambda a, y: a * y),
    kink="the absolute loss has no slope where a residual is 0",
    nearest=lambda v, y, t: np.clip(y, v - t, v + t),
    slopes=lambda y: (np.full_like(y, -1.0), np.full_like(y, 1.0)),
    corner=lambda y: y,
)


@cache
def huber(delta: float) -> Loss:
    """Half the square of a residual of up to delta, a line beyond."""
    positive(delta=delta)
    return Loss(
        "Huber",
        huber_slope,
        huber_block,
        1,
        curvature=1.0,
        conjugate=_within(lambda y: -delta, lambda y: delta, lambda a, y: a * (a / 2 + y)),
        kink=f"the Huber loss has no second derivative where a residual is {delta:g}",
        shape=delta,
        nearest=lambda v, y, t: v - t * np.clip((v - y) / (1 + t), -delta, delta),
        slopes=lambda y: (np.full_like(y, -delta), np.full_like(y, delta)),
    )


@cache
def quantile(tau: float) -> Loss:
    """tau times how far z is below y, 1 - tau times how far above: least at the tau-quantile of y. The pinball loss."""
    if not 0 < tau < 1:
        raise ValueError(f"tau is {tau}; it must be above 0 and below 1")
    return Loss(
        "quantile",
        quantile_slope,
        quantile_block,
        0,
        conjugate=_within(lambda y: -tau, lambda y: 1 - tau, lambda a, y: a * y),
        kink="the quantile loss has no slope where a residual is 0",
        shape=tau,
        nearest=lambda v, y, t: np.clip(y, v - (1 - tau) * t, v + tau * t),
        slopes=lambda y: (np.full_like(y, -tau), np.full_like(y, 1 - tau)),
        corner=lambda y: y,
    )


@cache
def hinge(margin: float) -> Loss:
    """How far y z is below the margin: 1 for support vectors, 0 for the perceptron."""
    not_negative(margin=margin)
    return Loss(
        "hinge",
        hinge_slope,
        hinge_block,
        0,
        conjugate=_within(lambda y: np.minimum(-y, 0), lambda y: np.maximum(-y, 0), lambda a, y: margin * a * y),
        labels=True,
        kink=f"the hinge loss has no slope where y z is {margin:g}",
        shape=margin,
        nearest=lambda v, y, t: y * np.maximum(y * v, np.minimum(y * v + t, margin)),
        slopes=lambda y: (np.minimum(-y, 0.0), np.maximum(-y, 0.0)),
        corner=lambda y: margin * y,
    )


@cache
def squared_hinge(margin: float) -> Loss:
    """Half the square of how far y z is below the margin; for a margin of 1 half (z - y)^2 where y z is below it."""
    not_negative(margin=margin)
    return Loss(
        "squared hinge",
        squared_hinge_slope,
        squared_hinge_block,
        1,
        curvature=1.0,
        conjugate=_within(
            lambda y: np.where(y > 0, -np.inf, 0),
            lambda y: np.where(y > 0, 0, np.inf),
            lambda a, y: a * (a / 2 + margin * y),
        ),
        labels=True,
        kink=f"the squared hinge loss has no second derivative where y z is {margin:g}",
        shape=margin,
        nearest=lambda v, y, t: v + y * np.maximum(margin - y * v, 0) * (t / (1 + t)),
        slopes=lambda y: (np.where(y > 0, -np.inf, 0.0), np.where(y > 0, 0.0, np.inf)),
    )
