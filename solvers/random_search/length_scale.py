"""What random search asks of a problem: values, the set that they count on, and how far away a minimum may be."""

from __future__ import annotations

import math

import numpy as np
from numpy.linalg import norm

from problems.forms import BasisPursuit, Composite, Objective
from problems.foundation.arrays import EPS, Vector

DIRECTIONS = 5
NEAREST, FARTHEST = 2.0**-60, 2.0**60
MORE = 1.1  # times as low must f be for a way twice as long, or there would be no end where it falls for ever


def energy(problem: Objective, theta: Vector) -> float:
    """f(theta); inf where it is not a number, and outside the set that f is to be minimised over."""
    if problem.violation(theta) > 0:
        return math.inf
    f = problem.value(theta)
    return math.inf if math.isnan(f) else f


def inside(problem: Objective, theta: Vector) -> Vector:
    """theta, moved onto the set that f is to be minimised over where the problem can do that."""
    return problem.prox(theta, 0.0) if isinstance(problem, Composite) else theta


def nowhere(problem: Objective) -> str | None:
    """Why no point drawn at random can be in the set that f is to be minimised over; None where one can."""
    if isinstance(problem, BasisPursuit):
        return "it goes by points drawn at random: none solves A theta = b, nor can it be moved to where it does"
    return None


def reach(problem: Objective, theta: Vector, rng: np.random.Generator) -> tuple[float, float]:
    """A length h, and by how much f changes at that distance from theta.

    h is the power of two at which the lower of f(theta - h u) and f(theta + h u) is lowest, u of length 1; the middle
    one of five random directions u. Takes some ten values a direction.
    """
    f = energy(problem, theta)
    found = []
    for _ in range(DIRECTIONS):
        u = rng.standard_normal(theta.size)
        u /= norm(u)
        h, falls = 1.0, _falls(problem, theta, u, f)
        while max(more := _falls(problem, theta, 2 * h * u, f)) > max(MORE * max(falls), 0.0) and h < FARTHEST:
            h, falls = 2 * h, more
        while h <= 1 and max(less := _falls(problem, theta, h / 2 * u, f)) > max(falls):
            if abs(max(less)) <= 4 * EPS * abs(f) or h < NEAREST:
                break
            h, falls = h / 2, less
        found.append((h, max((abs(fall) for fall in falls if math.isfinite(fall)), default=0.0) or 1.0))
    return sorted(found)[DIRECTIONS // 2]


def _falls(problem: Objective, theta: Vector, move: Vector, f: float) -> tuple[float, float]:
    return f - energy(problem, theta - move), f - energy(problem, theta + move)
