"""Newton's quadratic model of f, minimised within a trust region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import TwiceSmooth
from problems.foundation.arrays import Vector
from problems.foundation.checks import positive
from solvers.base import Iterates, Solver
from solvers.base.line_search import NO_DECREASE_LEFT, SLACK, can_decrease, is_lost_in_rounding
from solvers.second_order.newton import truncated_cg

LEAST_RATIO = 0.1  # of the actual to the predicted decrease, for a step to be accepted


@dataclass(frozen=True)
class TrustRegion(Solver[TwiceSmooth]):
    """A trust-region method for twice smooth f: Steihaug-Toint conjugate gradients minimise the quadratic model.

        1. p: min m(p) = f + g.p + p.H p / 2 over |p| <= radius, approximately, by conjugate gradients
        2. rho = (f(theta) - f(theta + p)) / (m(0) - m(p))
        3. rho < 1/4: radius <- |p|/4;     rho > 3/4 and |p| = radius: radius <- 2 radius, at most `largest`
        4. rho > 1/10: theta <- theta + p;     else again from 1

    An iteration is an accepted step. H is applied to vectors and never formed; it may be indefinite.
    radius: default 1, the first radius.
    largest: the largest radius; no limit by default.
    Cost: one gradient and a few products with H per trial; most iterations need one trial.
    Memory: eight vectors of length `dim`.
    Rate: of order 3/2 near a minimum with a positive definite Hessian.
    Choose it for nonconvex f, where the Hessian far from a minimum is a poor model; not for convex f: a line search is
    as good.
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
            predicted = -float(p @ (g + r)) / 2  # m(0) - m(p), because r = g + H p
            if not can_decrease(-predicted, f):
                return NO_DECREASE_LEFT
            if is_lost_in_rounding(p, theta):
                return "the radius within which a step decreases f is smaller than rounding errors"
            f_new, g_new = problem.value_and_gradient(theta + p)
            slack = SLACK * abs(f)
            rho = (f - f_new + slack) / (predicted + slack)
            length = float(norm(p))
            if not rho >= 1 / 4:
                radius = length / 4
            elif rho > 3 / 4 and length >= 0.999999 * radius:
                radius = min(2 * radius, largest)
            if rho > LEAST_RATIO:
                theta, f, g = theta + p, f_new, g_new
                yield theta
                H = problem.hessian_product(theta)
