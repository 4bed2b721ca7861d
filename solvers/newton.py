"""Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl

from problems.arrays import EPS, Matrix, Vector
from problems.forms import TwiceSmooth

from .base import Breakdown, Iterates, Rate, Solver
from .spectrum import Spectrum


@dataclass(frozen=True)
class Newton(Solver[TwiceSmooth]):
    """Damped Newton for twice smooth f.

        1. H p = -g,     H and g the Hessian and gradient at theta
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t g.p
        3. theta <- theta + t p

    Where H is not positive definite, the smallest tried multiple of the identity that makes it so is added.
    One Hessian, one gradient and d^3/3 operations an iterate; d^2 numbers of memory. Rate: quadratic near a minimum
    with a positive definite Hessian; on a quadratic f the first step is the last.
    Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.2 and 3.3.
    """

    needs = (TwiceSmooth,)

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        while True:
            p = -sl.cho_solve(_definite(problem.hessian(theta)), g, check_finite=False)
            slope = g @ p
            if not -slope > EPS * abs(f):
                return "the decrease that is left is below rounding"
            t = 1.0
            while not problem.value(theta + t * p) <= f + 1e-4 * t * slope + EPS * abs(f):
                t /= 2
                if t < EPS:
                    return "no step along the Newton direction decreases f"
            theta = theta + t * p
            yield theta
            f, g = problem.value_and_gradient(theta)

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0, order=2)


def _definite(H: Matrix) -> tuple[Matrix, bool]:
    """The Cholesky factor of H + tau I, tau the first of 0, and then tenfold from 1e-3, that lets there be one."""
    if not np.isfinite(H).all():
        raise Breakdown("the Hessian is not finite")
    scale = abs(H).max() or 1.0
    tau = 0.0
    while True:
        L, info = sl.lapack.dpotrf(H + tau * scale * np.eye(len(H)), lower=True, clean=False)
        if info == 0:
            return L, True
        tau = max(10 * tau, 1e-3)
