"""Losses with derivatives of all orders: the squared loss, and the cross-entropy of two classes."""

from __future__ import annotations

import math

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.native import EXACT, native
from problems.parts.losses.arithmetic import add, exp, log1p
from problems.parts.losses.loss import BLOCK_TOTAL, DERIVATIVE, Loss


@native(DERIVATIVE)
def squared_derivative(z: float, y: float, shape: float) -> float:
    return z - y


@native(BLOCK_TOTAL)
def squared_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    for i in range(z.size):
        r = z[i] - y[i]
        derivative[i] = r
        curvature[i] = 1.0
        z[i] = 0.5 * r * r
    return add(z)


@native(DERIVATIVE)
def logistic_derivative(z: float, y: float, shape: float) -> float:
    t = y * z
    e = math.exp(-abs(t))
    return -y * (e if t >= 0.0 else 1.0) / (1.0 + e)


@native(flags=EXACT)
def _logistic(z: Vector, y: Vector, derivative: Vector, curvature: Vector) -> None:
    for i in range(z.size):
        t = y[i] * z[i]
        e = exp(-abs(t))
        q = 1.0 / (1.0 + e)
        p = e * q if t >= 0.0 else q  # the probability of the other label
        derivative[i] = -y[i] * p
        curvature[i] = e * q * q
        z[i] = (0.0 if t >= 0.0 else -t) + log1p(e)


@native(BLOCK_TOTAL)
def logistic_total(z: Vector, y: Vector, derivative: Vector, curvature: Vector, shape: float) -> float:
    _logistic(z, y, derivative, curvature)
    return add(z)


def _negative_entropy(a: Vector, y: Vector) -> Vector:
    """p log p + (1 - p) log(1 - p) at p = -a y, inf outside [0, 1]: the conjugate of the logistic loss."""
    p = -a * y
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(p > 0, p * np.log(p), 0.0) + np.where(p < 1, (1 - p) * np.log1p(-p), 0.0)
    return np.where((p >= 0) & (p <= 1), h, np.inf)


squared = Loss(
    "squared",
    squared_derivative,
    squared_total,
    2,
    curvature=1.0,
    self_concordance=0.0,
    conjugate=lambda a, y: a * (a / 2 + y),
    pieces=lambda y: (y, 1.0),
)
logistic = Loss(
    "logistic",
    logistic_derivative,
    logistic_total,
    2,
    curvature=0.25,
    self_concordance=1.0,
    conjugate=_negative_entropy,
    labels=True,
    attains_infimum=False,
)
