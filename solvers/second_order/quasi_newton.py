"""Newton's method with curvature learned from gradients."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import Smooth
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import at_least, fraction
from solvers.base import Iterates, Solver
from solvers.base.line_search import BELOW, C1, Point, along, lost, strong_wolfe, worth

Pairs = deque[tuple[Vector, Vector, float]]
NO_STEP = "the line search found no step that satisfies the Wolfe conditions and that rounding would keep"


@dataclass(frozen=True)
class BFGS(Solver[Smooth]):
    """The method of Broyden, Fletcher, Goldfarb and Shanno for smooth f.

        1. p = -H g, H an approximation of the Hessian's inverse, at first the identity
        2. t by a line search for the strong Wolfe conditions, with constants 1e-4 and `curvature`
        3. s = t p,  theta <- theta + s,  y = g' - g
        4. H <- (I - s y'/s.y) H (I - y s'/s.y) + s s'/s.y,  before the first time H <- (s.y/y.y) I

    curvature: how flat f must be where a step ends, as a share of its slope where it began; near 0 is exact.
    Cost: about one gradient and 4 d^2 operations an iterate. Memory: d^2 numbers.
    Rate: faster than any linear one near a minimum with a positive definite Hessian; with exact line searches d steps
    are enough on a quadratic.
    Choose it for up to a few thousand coefficients where no Hessian is at hand; not for more: L-BFGS.
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
            slope = float(g @ p)
            if not worth(slope, 0.0 if H is None else f):  # without pairs p is no step, only a direction
                return BELOW
            first = min(1.0, 1.0 / float(norm(g))) if H is None else 1.0
            step = strong_wolfe(along(problem, theta, p), Point(0.0, f, slope, g), C1, self.curvature, first)
            if step is None or lost(step.t * p, theta):
                return NO_STEP
            s, y = step.t * p, step.g - g
            if s @ y > EPS * norm(s) * norm(y) > 0:
                H = _updated(s @ y / (y @ y) * np.eye(theta.size) if H is None else H, s, y)
            theta, f, g = theta + s, step.f, step.g
            yield theta


def _updated(H: Matrix, s: Vector, y: Vector) -> Matrix:
    """H after the pair (s, y), multiplied out: two changes of rank one."""
    sy, Hy = s @ y, H @ y
    shared = np.outer(Hy, s) / sy
    updated: Matrix = H + (1 + (y @ Hy) / sy) / sy * np.outer(s, s) - shared - shared.T
    return updated


@dataclass(frozen=True)
class LBFGS(Solver[Smooth]):
    """Limited-memory BFGS for smooth f.

        1. p = -H g, H from the last `memory` pairs (s, y) by the two-loop recursion
        2. t by a line search for the strong Wolfe conditions, with constants 1e-4 and `curvature`
        3. s = t p,  theta <- theta + s,  y = g' - g

    memory: how many pairs are kept.
    curvature: how flat f must be where a step ends, as a share of its slope where it began; near 0 is exact.
    Cost: about one gradient and 4 memory d operations an iterate. Memory: 2 memory + 4 vectors of length `dim`.
    Rate: linear, in practice far below gradient descent's; with memory for all pairs and exact line searches it is
    conjugate gradients on a quadratic.
    Choose it for smooth f with any number of coefficients; not where forming a Hessian is cheap: Newton's method.
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
            slope = float(g @ p)
            if not worth(slope, f if pairs else 0.0):  # without pairs p is no step, only a direction
                return BELOW
            first = 1.0 if pairs else min(1.0, 1.0 / float(norm(g)))
            step = strong_wolfe(along(problem, theta, p), Point(0.0, f, slope, g), C1, self.curvature, first)
            if step is None or lost(step.t * p, theta):
                return NO_STEP
            s, y = step.t * p, step.g - g
            if s @ y > EPS * norm(s) * norm(y) > 0:
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
