"""How far to go along a direction of descent.

Decrease is judged with a slack of a few roundings of f, without which no step near the minimum would pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from problems.forms import Smooth
from problems.foundation.arrays import EPS, Vector
from solvers.base.errors import Breakdown

T = TypeVar("T")

C1 = 1e-4  # the share of the promised decrease that a step must bring
SLACK = 4 * EPS  # of |f|
BELOW = "the decrease that is left is below rounding"  # why a method ends
LEAST = 1e-150  # of a decrease: the squares of what makes it up are about to underflow
MOST = 60  # trials; each halving or better, they reach below rounding


def worth(slope: float, f: float) -> bool:
    """Whether a step of that slope g.p, or of minus that promised decrease, can lower f by more than rounding hides.

    Raises Breakdown where the slope is not finite.
    """
    if not (math.isfinite(slope) and math.isfinite(f)):
        raise Breakdown("f, its gradient or the step along it is not finite")
    return -slope > EPS * abs(f) + LEAST


@dataclass(frozen=True)
class Point:
    """phi(t) = f(theta + t p) and its slope, with the gradient that gave it."""

    t: float
    f: float
    slope: float
    g: Vector


def along(problem: Smooth, theta: Vector, p: Vector) -> Callable[[float], Point]:
    """phi, which takes t to its point on the line theta + t p."""

    def phi(t: float) -> Point:
        f, g = problem.value_and_gradient(theta + t * p)
        return Point(t, f, float(g @ p), g)

    return phi


def backtrack(
    at: Callable[[Vector], tuple[float, T]], theta: Vector, p: Vector, f: float, slope: float
) -> tuple[Vector, float, T] | None:
    """theta + t p, with `at` of it, t the first of 1, 1/2, 1/4, ... that meets Armijo's condition.

        f(theta + t p) <= f(theta) + 1e-4 t slope,     slope = g.p

    None where no step that rounding would keep does. `at` tells f and what else the next step will ask for, because
    the first trial mostly passes.
    Source: Armijo (1966), doi:10.2140/pjm.1966.16.1; Nocedal & Wright (2006), algorithm 3.1.
    """
    t = 1.0
    for _ in range(MOST):
        if lost(t * p, theta):
            break
        new = theta + t * p
        f_new, more = at(new)
        if f_new <= f + C1 * t * slope + SLACK * abs(f):
            return new, f_new, more
        t /= 2
    return None


def lost(p: Vector, theta: Vector) -> bool:
    """Whether every entry of p is within the rounding of theta's."""
    return bool((abs(p) <= EPS * abs(theta)).all())


def strong_wolfe(phi: Callable[[float], Point], start: Point, c1: float, c2: float, t: float = 1.0) -> Point | None:
    """A point with phi(t) <= phi(0) + c1 t phi'(0) and |phi'(t)| <= c2 |phi'(0)|.

    Where trials run out, the best that meets the first condition; None where there is none.

    Steps grow until an interval holds such a point, then cubic interpolation shrinks the interval.
    Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6.
    """

    def too_high(here: Point) -> bool:
        return not here.f <= start.f + c1 * here.t * start.slope + SLACK * abs(start.f)

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
