"""Line searches: how long a step along a descent direction should be.

A decrease is judged with a slack of a few rounding errors of f. Without it, no step near the minimum would pass.
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

C1 = 1e-4  # the actual decrease must be at least this fraction of the decrease of the linear model
SLACK = 4 * EPS  # relative to |f|
LEAST_DECREASE = 1e-150  # below it, squares in its computation are about to underflow
MOST_TRIALS = 60  # 60 halvings make any step smaller than rounding errors
NO_DECREASE_LEFT = "the decrease that f can still make is below rounding errors"


def can_decrease(derivative: float, f: float) -> bool:
    """Whether a step can lower f by more than rounding errors of f hide.

    derivative: the directional derivative g.p, or minus the decrease that a model of f predicts.
    Raises Breakdown if the derivative or f is not finite.
    """
    if not (math.isfinite(derivative) and math.isfinite(f)):
        raise Breakdown("f, its gradient or the search direction is not finite")
    return -derivative > EPS * abs(f) + LEAST_DECREASE


@dataclass(frozen=True)
class Point:
    """phi(t) = f(theta + t p) and its derivative phi'(t) = g.p, with the gradient g at theta + t p."""

    t: float
    f: float
    derivative: float
    g: Vector


def on_line(problem: Smooth, theta: Vector, p: Vector) -> Callable[[float], Point]:
    """The function phi: from t to its Point on the line theta + t p."""

    def phi(t: float) -> Point:
        f, g = problem.value_and_gradient(theta + t * p)
        return Point(t, f, float(g @ p), g)

    return phi


def backtrack(
    evaluate: Callable[[Vector], tuple[float, T]], theta: Vector, p: Vector, f: float, derivative: float
) -> tuple[Vector, float, T] | None:
    """Take the first t of 1, 1/2, 1/4, ... that meets Armijo's condition; None if no such step changes theta.

        f(theta + t p) <= f(theta) + 1e-4 t derivative,     derivative = g.p

    Returns theta + t p and what `evaluate` gives there: f and whatever the next iteration needs, because the first
    trial usually passes.
    Source: Armijo (1966), doi:10.2140/pjm.1966.16.1; Nocedal & Wright (2006), algorithm 3.1.
    """
    t = 1.0
    for _ in range(MOST_TRIALS):
        if is_lost_in_rounding(t * p, theta):
            break
        new = theta + t * p
        f_new, more = evaluate(new)
        if f_new <= f + C1 * t * derivative + SLACK * abs(f):
            return new, f_new, more
        t /= 2
    return None


def is_lost_in_rounding(p: Vector, theta: Vector) -> bool:
    """Whether every entry of the step p is smaller than the rounding error of theta's entry."""
    return bool((abs(p) <= EPS * abs(theta)).all())


def strong_wolfe(phi: Callable[[float], Point], start: Point, c1: float, c2: float, t: float = 1.0) -> Point | None:
    """A point that meets the strong Wolfe conditions, phi(t) <= phi(0) + c1 t phi'(0) and |phi'(t)| <= c2 |phi'(0)|.

    t: the first trial. Steps grow until an interval contains such a point; then cubic interpolation shrinks the
    interval. After 60 trials it returns the best point that meets the first condition, or None if there is none.
    Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6.
    """

    def too_high(point: Point) -> bool:
        return not point.f <= start.f + c1 * point.t * start.derivative + SLACK * abs(start.f)

    def flat(point: Point) -> bool:
        return abs(point.derivative) <= -c2 * start.derivative

    low, high = start, None  # low: the best point that decreases enough; high: the other end of the interval, if known
    for _ in range(MOST_TRIALS):
        point = phi(t)
        if too_high(point) or (point.f >= low.f and low is not start):
            high = point
        elif flat(point):
            return point
        elif point.derivative * ((high.t if high else math.inf) - low.t) >= 0:
            low, high = point, low
        else:
            low = point
        if high is None:
            t = 2 * t
        elif abs(high.t - low.t) <= EPS * low.t:
            break
        else:
            t = _cubic_minimiser(low, high)
    return None if low is start else low  # it decreases enough, but its derivative is too large


def _cubic_minimiser(a: Point, b: Point) -> float:
    """The minimiser of the cubic through two points and their derivatives, at least 5% away from both ends."""
    near, far = a.t + 0.05 * (b.t - a.t), b.t - 0.05 * (b.t - a.t)
    if not (math.isfinite(b.f) and math.isfinite(b.derivative)):
        return a.t + 0.1 * (b.t - a.t)
    d1 = a.derivative + b.derivative - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.derivative * b.derivative
    if square < 0:
        return (a.t + b.t) / 2
    d2 = math.copysign(math.sqrt(square), b.t - a.t)
    denominator = b.derivative - a.derivative + 2 * d2
    if denominator == 0:
        return (a.t + b.t) / 2
    t = b.t - (b.t - a.t) * (b.derivative + d2 - d1) / denominator
    return min(max(t, min(near, far)), max(near, far))
