"""How far to go along a direction of descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from problems.arrays import EPS, Vector

MOST = 60  # trials; each halving or better, they reach below rounding


@dataclass(frozen=True)
class Point:
    """phi(t) = f(theta + t p) and its slope, with the gradient that gave it."""

    t: float
    f: float
    slope: float
    g: Vector


def strong_wolfe(phi: Callable[[float], Point], start: Point, c1: float, c2: float, t: float = 1.0) -> Point | None:
    """A point with phi(t) <= phi(0) + c1 t phi'(0) and |phi'(t)| <= c2 |phi'(0)|.

    Where trials run out, the best that meets the first condition; None where there is none.

    Steps grow until an interval holds such a point, then cubic interpolation shrinks the interval. Decrease is
    judged with a slack of one rounding of f, without which no step near the minimum would pass.
    Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6.
    """

    def too_high(here: Point) -> bool:
        return not here.f <= start.f + c1 * here.t * start.slope + EPS * abs(start.f)

    def flat(here: Point) -> bool:
        return abs(here.slope) <= -c2 * start.slope

    low, high = start, None  # low: the best point that fell enough; high: the other end, once there is one
    for _ in range(MOST):
        here = phi(t)
        if too_high(here) or (here.f >= low.f and low is not start):
            high = here
        elif flat(here):
            return here
        elif here.slope * ((high.t if high else math.inf) - low.t) >= 0:
            low, high = here, low
        else:
            low = here
        if high is None:
            t = 2 * t
        elif abs(high.t - low.t) <= EPS * low.t:
            break
        else:
            t = _inside(low, high)
    return None if low is start else low  # which fell enough, though not flat


def _inside(a: Point, b: Point) -> float:
    """The minimiser of the cubic through two points and their slopes, kept off the interval's ends."""
    near, far = a.t + 0.05 * (b.t - a.t), b.t - 0.05 * (b.t - a.t)
    if not (math.isfinite(b.f) and math.isfinite(b.slope)):
        return a.t + 0.1 * (b.t - a.t)
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if square < 0:
        return (a.t + b.t) / 2
    d2 = math.copysign(math.sqrt(square), b.t - a.t)
    denominator = b.slope - a.slope + 2 * d2
    if denominator == 0:
        return (a.t + b.t) / 2
    t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / denominator
    return min(max(t, min(near, far)), max(near, far))
