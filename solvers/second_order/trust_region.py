"""Newton's model of f, trusted within a radius."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import TwiceSmooth
from problems.foundation.arrays import Vector
from problems.foundation.checks import positive
from solvers.base import Iterates, Solver
from solvers.base.line_search import BELOW, SLACK, lost, worth
from solvers.second_order.newton import truncated_cg

LEAST = 0.1  # the share of the promised decrease that a step must bring to be taken


@dataclass(frozen=True)
class TrustRegion(Solver[TwiceSmooth]):
    """A trust-region method for twice smooth f, its model minimised by Steihaug's and Toint's conjugate gradients.

        1. p: min m(p) = f + g.p + p.H p / 2 over |p| <= radius, nearly, by conjugate gradients up to its boundary
        2. rho = (f(theta) - f(theta + p)) / (m(0) - m(p))
        3. rho < 1/4: radius <- |p|/4;     rho > 3/4 and |p| = radius: radius <- 2 radius, at most `largest`
        4. theta <- theta + p where rho > 1/10; else again from 1

    An iterate is a step that is taken. H is applied, never formed; it need not be positive definite.
    radius: how far to trust the model at first.
    largest: how far at most; no limit where it is left out.
    Cost: one gradient and a few products with H a trial, mostly one trial an iterate. Memory: eight vectors.
    Rate: of order 3/2 near a minimum with a positive definite Hessian.
    Choose it for f that is not convex, where H misleads far from a minimum; a line search is as good on convex f.
    Source: Steihaug (1983), doi:10.1137/0720042; Nocedal & Wright (2006), algorithms 4.1 and 7.2.
    """

    needs = (TwiceSmooth,)
    monotone = True
    radius: float = 1.0
    largest: float | None = None

    def __post_init__(self) -> None:
        positive(radius=self.radius, largest=self.largest)
        if self.largest is not None and self.radius > self.largest:
            raise ValueError(f"radius is {self.radius}; it must be no larger than `largest`, {self.largest}")

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, radius = theta0, self.radius
        largest = np.inf if self.largest is None else self.largest
        f, g = problem.value_and_gradient(theta)
        H = problem.hessian_product(theta)
        while True:
            p, r = truncated_cg(H, g, radius)
            promised = -float(p @ (g + r)) / 2  # m(0) - m(p), for r = g + H p
            if not worth(-promised, f):
                return BELOW
            if lost(p, theta):
                return "the radius within which a step decreases f is below rounding"
            f_new, g_new = problem.value_and_gradient(theta + p)
            slack = SLACK * abs(f)
            rho = (f - f_new + slack) / (promised + slack)
            length = float(norm(p))
            if not rho >= 1 / 4:
                radius = length / 4
            elif rho > 3 / 4 and length >= 0.999999 * radius:
                radius = min(2 * radius, largest)
            if rho > LEAST:
                theta, f, g = theta + p, f_new, g_new
                yield theta
                H = problem.hessian_product(theta)
