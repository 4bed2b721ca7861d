"""What random search needs from a problem: values, the feasible set, and the distance to a minimum."""

from __future__ import annotations

import math

import numpy as np
from numpy.linalg import norm

from problems.forms import BasisPursuit, Composite, Objective
from problems.foundation.arrays import EPS, Vector

DIRECTIONS = 5
SMALLEST, LARGEST = 2.0**-60, 2.0**60  # length scales
LEAST_GROWTH = 1.1  # of the decrease at 2 h against that at h: without it h would grow without end on some f


def energy(problem: Objective, theta: Vector) -> float:
    """f(theta); inf if it is not a number, or if theta is not feasible."""
    if problem.violation(theta) > 0:
        return math.inf
    f = problem.value(theta)
    return math.inf if math.isnan(f) else f


def inside(problem: Objective, theta: Vector) -> Vector:
    """theta, projected onto the feasible set if the problem has a projection."""
    return problem.prox(theta, 0.0) if isinstance(problem, Composite) else theta


def infeasible_reason(problem: Objective) -> str | None:
    """Why a random point is never feasible, nor its projection; None if it can be."""
    if isinstance(problem, BasisPursuit):
        return "it samples points at random, and none of them solves A theta = b or can be projected onto its solutions"
    return None


def length_scale(problem: Objective, theta: Vector, rng: np.random.Generator) -> tuple[float, float]:
    """A length h, and how much f changes at that distance from theta.

    h is the power of two at which the smaller of f(theta - h u) and f(theta + h u) is smallest, where u is a random
    direction of length 1. It is the median of five directions, and takes about ten values of f per direction.
    """
    f = energy(problem, theta)
    scales = []
    for _ in range(DIRECTIONS):
        u = rng.standard_normal(theta.size)
        u /= norm(u)
        h, decreases = 1.0, _decreases(problem, theta, u, f)
        while (
            max(larger := _decreases(problem, theta, 2 * h * u, f)) > max(LEAST_GROWTH * max(decreases), 0.0)
            and h < LARGEST
        ):
            h, decreases = 2 * h, larger
        while h <= 1 and max(smaller := _decreases(problem, theta, h / 2 * u, f)) > max(decreases):
            if abs(max(smaller)) <= 4 * EPS * abs(f) or h < SMALLEST:
                break
            h, decreases = h / 2, smaller
        change = max((abs(decrease) for decrease in decreases if math.isfinite(decrease)), default=0.0)
        scales.append((h, change or 1.0))
    return sorted(scales)[DIRECTIONS // 2]


def _decreases(problem: Objective, theta: Vector, move: Vector, f: float) -> tuple[float, float]:
    """How much f decreases from theta to theta - move, and to theta + move; f is its value at theta."""
    return f - energy(problem, theta - move), f - energy(problem, theta + move)
