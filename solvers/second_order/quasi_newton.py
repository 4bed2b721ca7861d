"""Quasi-Newton methods: they approximate the curvature from gradients."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import Smooth
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import at_least, fraction
from solvers.base import Iterates, Solver
from solvers.base.line_search import (
    C1,
    NO_DECREASE_LEFT,
    Point,
    can_decrease,
    is_lost_in_rounding,
    on_line,
    strong_wolfe,
)

Pairs = deque[tuple[Vector, Vector, float]]
NO_STEP = "the line search found no step that meets the Wolfe conditions and is larger than rounding errors"


@dataclass(frozen=True)
class BFGS(Solver[Smooth]):
    """The method of Broyden, Fletcher, Goldfarb and Shanno for smooth f.

        1. p = -H g,     H an approximation of the inverse Hessian, at first the identity
        2. t by a line search for the strong Wolfe conditions, with constants 1e-4 and `curvature`
        3. s = t p,  theta <- theta + s,  y = g' - g
        4. H <- (I - s y'/s.y) H (I - y s'/s.y) + s s'/s.y;  the first time H <- (s.y/y.y) I before

    curvature: default 0.9. The derivative along p at the end of a step, relative to the derivative at its start, is at
    most this. Near 0 the line search is exact.
    Cost: about one gradient and 4 d^2 operations per iteration.
    Memory: d^2 numbers.
    Rate: superlinear near a minimum with a positive definite Hessian. With exact line searches it ends within d
    iterations on a quadratic.
    Choose it for up to a few thousand coefficients if no Hessian is available; not for more coefficients: use L-BFGS.
    Source: Broyden (1970), doi:10.1093/imamat/6.1.76; Nocedal & Wright (2006), algorithm 6.1.
    """

    needs = (Smooth,)
    monotone = True
    curvature: float = 0.9

    def __post_init__(self) -> None:
        fraction(curvature=self.curvature)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        H: Matrix | None = None
        while True:
            p = -g if H is None else -H @ g
            derivative = float(g @ p)
            if not can_decrease(derivative, 0.0 if H is None else f):  # the length of the first p means nothing
                return NO_DECREASE_LEFT
            first = min(1.0, 1.0 / float(norm(g))) if H is None else 1.0
            step = strong_wolfe(on_line(problem, theta, p), Point(0.0, f, derivative, g), C1, self.curvature, first)
            if step is None or is_lost_in_rounding(step.t * p, theta):
                return NO_STEP
            s, y = step.t * p, step.g - g
            if s @ y > EPS * norm(s) * norm(y) > 0:
                H = _updated(s @ y / (y @ y) * np.eye(theta.size) if H is None else H, s, y)
            theta, f, g = theta + s, step.f, step.g
            yield theta


def _updated(H: Matrix, s: Vector, y: Vector) -> Matrix:
    """H after the update with the pair (s, y), expanded into two rank-one changes."""
    sy, Hy = s @ y, H @ y
    shared = np.outer(Hy, s) / sy
    updated: Matrix = H + (1 + (y @ Hy) / sy) / sy * np.outer(s, s) - shared - shared.T
    return updated


@dataclass(frozen=True)
class LBFGS(Solver[Smooth]):
    """Limited-memory BFGS for smooth f.

        1. p = -H g,     H from the last `memory` pairs (s, y) by the two-loop recursion
        2. t by a line search for the strong Wolfe conditions, with constants 1e-4 and `curvature`
        3. s = t p,  theta <- theta + s,  y = g' - g

    memory: default 10, the number of pairs that are kept.
    curvature: default 0.9. The derivative along p at the end of a step, relative to the derivative at its start, is at
    most this. Near 0 the line search is exact.
    Cost: about one gradient and 4 memory d operations per iteration.
    Memory: 2 memory + 4 vectors of length `dim`.
    Rate: linear, and in practice much faster than gradient descent. With memory for all pairs and exact line searches
    it is conjugate gradients on a quadratic.
    Choose it for smooth f with any number of coefficients; not if a Hessian is cheap to form: use Newton's method.
    Source: Liu & Nocedal (1989), doi:10.1007/BF01589116; Nocedal & Wright (2006), algorithms 7.4 and 7.5.
    """

    needs = (Smooth,)
    monotone = True
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
            derivative = float(g @ p)
            if not can_decrease(derivative, f if pairs else 0.0):  # the length of the first p means nothing
                return NO_DECREASE_LEFT
            first = 1.0 if pairs else min(1.0, 1.0 / float(norm(g)))
            step = strong_wolfe(on_line(problem, theta, p), Point(0.0, f, derivative, g), C1, self.curvature, first)
            if step is None or is_lost_in_rounding(step.t * p, theta):
                return NO_STEP
            s, y = step.t * p, step.g - g
            if s @ y > EPS * norm(s) * norm(y) > 0:
                pairs.append((s, y, 1.0 / float(s @ y)))
            theta, f, g = theta + s, step.f, step.g
            yield theta


def _two_loop(pairs: Pairs, g: Vector) -> Vector:
    """H g, where H is the approximation of the inverse Hessian by the pairs (s, y, 1/s.y).

    H begins as (s.y / y.y) I of the last pair.
    """
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
