"""Update rules of first-order methods: from a gradient to the next iterate, in place.

theta is the iterate, `point` where the next gradient will be taken; the two differ for a method that looks ahead.
k counts updates from 1; `state` starts at zero, as long as theta; `hyper` are the method's own constants.
"""

from __future__ import annotations

from numba.core.types import void

from problems.arrays import Vector
from problems.native import F1, f8, i8, native

RULE = void(F1, F1, F1, f8, i8, F1, F1)


@native(RULE)
def gradient_step(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """theta <- theta - step g."""
    for j in range(theta.size):
        theta[j] -= step * g[j]
        point[j] = theta[j]


@native(RULE)
def heavy_ball(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """v <- momentum v - step g,  theta <- theta + v.  hyper = [momentum]"""
    for j in range(theta.size):
        state[j] = hyper[0] * state[j] - step * g[j]
        theta[j] += state[j]
        point[j] = theta[j]


@native(RULE)
def look_ahead(theta: Vector, point: Vector, g: Vector, step: float, k: int, hyper: Vector, state: Vector) -> None:
    """theta' <- p - step g(p),  p <- theta' + beta (theta' - theta).  hyper = [beta], below 0: (k - 1)/(k + 2)"""
    beta = hyper[0] if hyper[0] >= 0.0 else (k - 1.0) / (k + 2.0)
    for j in range(theta.size):
        new = point[j] - step * g[j]
        point[j] = new + beta * (new - theta[j])
        theta[j] = new
