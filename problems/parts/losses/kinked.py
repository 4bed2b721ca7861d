"""Losses with kinks, and losses whose derivative has kinks: for outliers, quantiles and margins.

Each loss is made for one value of its parameter, which its native functions receive as `shape`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.checks import not_negative, positive
from problems.foundation.double_double import two_sum
from problems.foundation.native import EXACT, native
from problems.parts.losses.arithmetic import add
from problems.parts.losses.loss import BLOCK_TOTAL, DERIVATIVE, Loss


@native(DERIVATIVE)
def absolute_derivative(z: float, y: float, shape: float) -> float:
    return np.sign(z - y)  # type: ignore[no-any-return]


@native(BLOCK_TOTAL, flags=EXACT)
def absolute_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        derivative[i] = np.sign(r)
        curvature[i] = 0.0
        z[i] = abs(r)
    return add(z)


@native(DERIVATIVE)
def huber_derivative(z: float, y: float, shape: float) -> float:
    r = z - y
    return r if abs(r) <= shape else np.copysign(shape, r) + 0.0 * r  # NaN stays NaN


@native(BLOCK_TOTAL, flags=EXACT)
def huber_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        a = abs(r)
        s = shape if a > shape else a  # NaN stays NaN
        derivative[i] = np.copysign(s, r)
        curvature[i] = 0.0 if a > shape else 1.0
        z[i] = s * (a - 0.5 * s)
    return add(z)


@native(DERIVATIVE)
def quantile_derivative(z: float, y: float, shape: float) -> float:
    r = z - y
    return 1.0 - shape if r > 0.0 else (-shape if r < 0.0 else 0.0 * r)


@native(BLOCK_TOTAL, flags=EXACT)
def quantile_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        derivative[i] = 1.0 - shape if r > 0.0 else (-shape if r < 0.0 else 0.0)
        curvature[i] = 0.0
        z[i] = (1.0 - shape) * r if r > 0.0 else -shape * r
    return add(z)


@native(DERIVATIVE)
def hinge_derivative(z: float, y: float, shape: float) -> float:
    return 0.0 if y * z > shape else -y  # at the kink as in Rosenblatt's rule, which updates for a row on the plane


@native(BLOCK_TOTAL, flags=EXACT)
def hinge_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        shortfall = shape - y[i] * z[i]
        derivative[i] = 0.0 if shortfall < 0.0 else -y[i]
        curvature[i] = 0.0
        z[i] = 0.0 if shortfall < 0.0 else shortfall
    return add(z)


@native(DERIVATIVE)
def squared_hinge_derivative(z: float, y: float, shape: float) -> float:
    shortfall = shape - y * z
    return 0.0 if shortfall < 0.0 else -y * shortfall


@native(BLOCK_TOTAL, flags=EXACT)
def squared_hinge_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        shortfall = shape - y[i] * z[i]
        shortfall = 0.0 if shortfall < 0.0 else shortfall
        derivative[i] = -y[i] * shortfall
        curvature[i] = 1.0 if shortfall > 0.0 else 0.0
        z[i] = 0.5 * shortfall * shortfall
    return add(z)


def _on_interval(low: Any, high: Any, value: Any) -> Callable[[Vector, Vector], Vector]:
    """The conjugate that is value(a, y) for a from low(y) to high(y), and inf elsewhere."""

    def conjugate(a: Vector, y: Vector) -> Vector:
        values: Vector = np.where((a >= low(y)) & (a <= high(y)), value(a, y), np.inf)
        return values

    return conjugate


absolute = Loss(
    "absolute",
    absolute_derivative,
    absolute_total,
    0,
    conjugate=_on_interval(lambda y: -1.0, lambda y: 1.0, lambda a, y: a * y),
    missing_derivative="the absolute loss has no derivative where a residual is 0",
    closed_prox=lambda v, y, t: np.clip(y, v - t, v + t),
    derivative_bounds=lambda y: (np.full_like(y, -1.0), np.full_like(y, 1.0)),
    kink=lambda y: y,
    pieces=lambda y: (y, 0.0),
)


@cache
def huber(delta: float) -> Loss:
    """r^2 / 2 for residuals r up to delta in size, and the tangent line beyond."""
    positive(delta=delta)
    return Loss(
        "Huber",
        huber_derivative,
        huber_total,
        1,
        curvature=1.0,
        conjugate=_on_interval(lambda y: -delta, lambda y: delta, lambda a, y: a * (a / 2 + y)),
        missing_derivative=f"the Huber loss has no second derivative where a residual is {delta:g} or {-delta:g}",
        shape=delta,
        closed_prox=lambda v, y, t: v - t * np.clip((v - y) / (1 + t), -delta, delta),
        derivative_bounds=lambda y: (np.full_like(y, -delta), np.full_like(y, delta)),
        pieces=lambda y: (y, 1.0),
    )


@cache
def quantile(tau: float) -> Loss:
    """tau (y - z) for z below y, (1 - tau) (z - y) above, which is minimised by the tau-quantile: the pinball loss."""
    if not 0 < tau < 1:
        raise ValueError(f"tau is {tau}; it must be above 0 and below 1")
    return Loss(
        "quantile",
        quantile_derivative,
        quantile_total,
        0,
        conjugate=_on_interval(lambda y: -tau, lambda y: 1 - tau, lambda a, y: a * y),
        missing_derivative="the quantile loss has no derivative where a residual is 0",
        shape=tau,
        closed_prox=lambda v, y, t: np.clip(y, v - (1 - tau) * t, v + tau * t),
        derivative_bounds=lambda y: (np.full_like(y, -tau), np.full_like(y, 1 - tau)),
        derivative_bounds_rest=lambda y: (np.zeros_like(y), np.full_like(y, two_sum(1.0, -tau)[1])),
        kink=lambda y: y,
        pieces=lambda y: (y, 0.0),
    )


@cache
def hinge(margin: float) -> Loss:
    """max(0, margin - y z): margin 1 for support vector machines, 0 for the perceptron."""
    not_negative(margin=margin)
    return Loss(
        "hinge",
        hinge_derivative,
        hinge_total,
        0,
        conjugate=_on_interval(lambda y: np.minimum(-y, 0), lambda y: np.maximum(-y, 0), lambda a, y: margin * a * y),
        labels=True,
        missing_derivative=f"the hinge loss has no derivative where y z is {margin:g}",
        shape=margin,
        closed_prox=lambda v, y, t: y * np.maximum(y * v, np.minimum(y * v + t, margin)),
        derivative_bounds=lambda y: (np.minimum(-y, 0.0), np.maximum(-y, 0.0)),
        kink=lambda y: margin * y,
        pieces=lambda y: (margin * y, 0.0),
    )


@cache
def squared_hinge(margin: float) -> Loss:
    """max(0, margin - y z)^2 / 2; with margin 1 that is (z - y)^2 / 2 where y z is below 1."""
    not_negative(margin=margin)
    return Loss(
        "squared hinge",
        squared_hinge_derivative,
        squared_hinge_total,
        1,
        curvature=1.0,
        conjugate=_on_interval(
            lambda y: np.where(y > 0, -np.inf, 0),
            lambda y: np.where(y > 0, 0, np.inf),
            lambda a, y: a * (a / 2 + margin * y),
        ),
        labels=True,
        missing_derivative=f"the squared hinge loss has no second derivative where y z is {margin:g}",
        shape=margin,
        closed_prox=lambda v, y, t: v + y * np.maximum(margin - y * v, 0) * (t / (1 + t)),
        derivative_bounds=lambda y: (np.where(y > 0, -np.inf, 0.0), np.where(y > 0, 0.0, np.inf)),
        pieces=lambda y: (margin * y, 1.0),
    )
