"""Newton's method with curvature learned from gradients."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.arrays import EPS, Vector
from problems.checks import at_least, fraction
from problems.forms import Smooth

from .base import Iterates, Solver
from .line_search import Point, strong_wolfe

Pairs = deque[tuple[Vector, Vector, float]]


@dataclass(frozen=True)
class LBFGS(Solver[Smooth]):
    """Limited-memory BFGS for smooth f.

        1. p = -H g, H from the last `memory` pairs (s, y) by the two-loop recursion
        2. t by a line search for the strong Wolfe conditions, with constants 1e-4 and `curvature`
        3. s = t p,  theta <- theta + s,  y = g' - g

    About one gradient an iterate; 2 memory + 4 vectors of length `dim`. With memory for all pairs and an exact line
    search it is conjugate gradients on a quadratic.
    Source: Liu & Nocedal (1989), doi:10.1007/BF01589116; Nocedal & Wright (2006), algorithms 7.4 and 7.5.
    """

    needs = (Smooth,)
    memory: int = 10
    curvature: float = 0.9

    def __post_init__(self) -> None:
        at_least(1, memory=self.memory)
        fraction(curvature=self.curvature)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        pairs: Pairs = deque(maxlen=self.memory)
        while True:
            p = -_two_loop(pairs, g)
            slope = float(g @ p)
            if not -slope > (EPS * abs(f) if pairs else 0.0):  # without pairs p is no step, only a direction
                return "the decrease that is left is below rounding"

            def phi(t: float, theta: Vector = theta, p: Vector = p) -> Point:
                f, g = problem.value_and_gradient(theta + t * p)
                return Point(t, f, float(g @ p), g)

            first = 1.0 if pairs else min(1.0, 1.0 / float(norm(g)))
            step = strong_wolfe(phi, Point(0.0, f, slope, g), 1e-4, self.curvature, first)
            if step is None:
                return "the line search found no step that satisfies the Wolfe conditions"
            s, y = step.t * p, step.g - g
            if s @ y > EPS * (y @ y) > 0:
                pairs.append((s, y, 1.0 / float(s @ y)))
            theta, f, g = theta + s, step.f, step.g
            yield theta


def _two_loop(pairs: Pairs, g: Vector) -> Vector:
    """H g, H the inverse Hessian that the pairs (s, y, 1/s.y) imply, from (s.y / y.y) I on."""
    q = g.copy()
    alphas = []
    for s, y, rho in reversed(pairs):
        alpha = rho * (s @ q)
        q -= alpha * y
        alphas.append(alpha)
    if pairs:
        s, y, _ = pairs[-1]
        q *= (s @ y) / (y @ y)
    for (s, y, rho), alpha in zip(pairs, reversed(alphas), strict=True):
        q += (alpha - rho * (y @ q)) * s
    return q
