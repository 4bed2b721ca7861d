"""What the curvature of f says about steps and rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import Smooth, TwiceSmooth
from problems.foundation.arrays import EPS, Vector
from solvers.base.errors import Breakdown
from solvers.base.lanczos import largest_eigenvalue


def largest_curvature(problem: Smooth, theta: Vector, rng: np.random.Generator) -> float:
    """L, the largest eigenvalue of H, by the Lanczos iteration from a random vector.

    H: the problem's bound on the curvature, so that L holds at every theta; if it has none, the Hessian at theta.
    Products with H are exact if the problem provides them; otherwise they are differences of gradients.
    Raises Breakdown if f has no curvature.
    """
    product = problem.majorant_product(theta)
    if product is None:
        product = problem.hessian_product(theta) if isinstance(problem, TwiceSmooth) else _differences(problem, theta)
    L = largest_eigenvalue(product, rng.standard_normal(theta.size))
    if not 0 < L < math.inf:
        raise Breakdown("f has no curvature at theta_0 that could set the step; give a step")
    return L


def _differences(problem: Smooth, theta: Vector) -> Callable[[Vector], Vector]:
    h = math.sqrt(EPS) * (1 + float(norm(theta)))
    g = problem.gradient(theta)
    return lambda v: (problem.gradient(theta + h * v) - g) / h


@dataclass(frozen=True)
class Spectrum:
    """The curvatures that decide how fast methods converge on a convex problem."""

    eigenvalues: Vector  # of the Hessian at the minimum, ascending, without those that are 0 up to rounding errors
    start: float  # the largest curvature that sets default steps: of a bound on the Hessian, or at theta_0

    @property
    def mu(self) -> float:
        return float(self.eigenvalues[0])

    @property
    def L(self) -> float:  # noqa: N802
        return float(self.eigenvalues[-1])

    @property
    def condition(self) -> float:
        return self.L / self.mu
