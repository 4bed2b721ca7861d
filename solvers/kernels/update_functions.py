"""Update functions of first-order methods: they compute the next iterate from a gradient, in place.

theta is the iterate, and `point` is where the next gradient is evaluated; the two differ for methods that extrapolate.
k counts the updates from 1; `state` is zero at first and holds the function's vectors of length dim, one after another;
`hyper` holds the constants of the method.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from numba.core.types import void

from problems.foundation.arrays import Vector
from problems.foundation.native import F1, f8, i8, native

UPDATE = void(F1, F1, F1, f8, i8, F1, F1)


class UpdateFunction(NamedTuple):
    """A native update function and the size of its state."""

    native: Any  # compiled for the signature UPDATE
    vectors: int  # of length dim in its state


def update_function(vectors: int) -> Callable[[Callable[..., None]], UpdateFunction]:
    """A decorator that compiles an update function whose state has that many vectors."""
    return lambda function: UpdateFunction(native(UPDATE)(function), vectors)


@update_function(vectors=0)
def gradient_step(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """theta <- theta - step g."""
    for j in range(theta.size):
        theta[j] -= step * g[j]
        point[j] = theta[j]


@update_function(vectors=0)
def averaged_step(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """p <- p - step g(p),  theta the mean of p since update hyper[0], or p itself before it."""
    weight = 1.0 / max(k - hyper[0], 1.0)
    for j in range(theta.size):
        point[j] -= step * g[j]
        theta[j] += weight * (point[j] - theta[j])


@update_function(vectors=1)
def heavy_ball(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """v <- momentum v - step g,  theta <- theta + v.  hyper = [momentum]"""
    for j in range(theta.size):
        state[j] = hyper[0] * state[j] - step * g[j]
        theta[j] += state[j]
        point[j] = theta[j]


@update_function(vectors=0)
def look_ahead(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """theta' <- p - step g(p),  p <- theta' + beta (theta' - theta).  hyper = [beta]; below 0: (k - 1)/(k + 2)"""
    beta = hyper[0] if hyper[0] >= 0.0 else (k - 1.0) / (k + 2.0)
    for j in range(theta.size):
        new = point[j] - step * g[j]
        point[j] = new + beta * (new - theta[j])
        theta[j] = new


@update_function(vectors=1)
def adagrad(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """v <- v + g^2,  theta <- theta - step g / (sqrt(v) + epsilon).  hyper = [epsilon]"""
    for j in range(theta.size):
        state[j] += g[j] * g[j]
        theta[j] -= step * g[j] / (math.sqrt(state[j]) + hyper[0])
        point[j] = theta[j]


@update_function(vectors=1)
def rmsprop(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """v <- rho v + (1 - rho) g^2,  theta <- theta - step g / (sqrt(v) + epsilon).  hyper = [rho, epsilon]"""
    rho, epsilon = hyper[0], hyper[1]
    for j in range(theta.size):
        state[j] = rho * state[j] + (1.0 - rho) * g[j] * g[j]
        theta[j] -= step * g[j] / (math.sqrt(state[j]) + epsilon)
        point[j] = theta[j]


@update_function(vectors=2)
def adam(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  m^ = m/(1 - beta1^k),  v^ = v/(1 - beta2^k),

    theta <- theta - step (m^ / (sqrt(v^) + epsilon) + decay theta).  hyper = [beta1, beta2, epsilon, decay]
    """
    beta1, beta2, epsilon, decay = hyper[0], hyper[1], hyper[2], hyper[3]
    m, v = state[: theta.size], state[theta.size :]
    correction1, correction2 = 1.0 - beta1**k, 1.0 - beta2**k
    for j in range(theta.size):
        m[j] = beta1 * m[j] + (1.0 - beta1) * g[j]
        v[j] = beta2 * v[j] + (1.0 - beta2) * g[j] * g[j]
        theta[j] -= step * (m[j] / correction1 / (math.sqrt(v[j] / correction2) + epsilon) + decay * theta[j])
        point[j] = theta[j]
