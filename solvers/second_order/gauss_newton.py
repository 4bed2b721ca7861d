"""Methods for sums of squares that linearise the residuals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import scipy.linalg as sl
from numpy.linalg import norm

from problems.forms import NonlinearLeastSquares
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.foundation.checks import not_negative
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.endings import UNCHANGED
from solvers.base.line_search import NO_DECREASE_LEFT, SLACK, backtrack, can_decrease, is_lost_in_rounding
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.direct import qr_factor


@dataclass(frozen=True)
class GaussNewton(Solver[NonlinearLeastSquares]):
    """The Gauss-Newton method for f = |r|^2 / 2, where r are the residuals and J is their Jacobian.

        1. p: min |r + J p|^2, by QR of J; J'J is never formed
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t r.J p
        3. theta <- theta + t p

    halving: default true. With false, t = 1 always: the pure method, which may diverge.
    Cost: the residuals, their Jacobian and 2 m d^2 operations per iteration, for m residuals.
    Memory: 2 m d numbers.
    Rate: quadratic if the residuals are zero at the minimum; otherwise linear, and slower if the residuals are larger
    or more nonlinear. On a quadratic f the first iterate is the minimum.
    Choose it if the residuals are nearly zero at the minimum; not if columns of J are dependent, because it breaks
    down.
    Source: Gauss (1809); Nocedal & Wright, Numerical Optimization (2006), section 10.3.
    """

    needs = (NonlinearLeastSquares,)
    monotone = True
    halving: bool = True

    def iterate(self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        evaluate = partial(_residuals, problem)
        theta = theta0
        f, (r, J) = evaluate(theta)
        while True:
            p = _least_squares(J, r)
            derivative = float(r @ (J @ p))
            if not can_decrease(derivative, f):
                return NO_DECREASE_LEFT
            if self.halving:
                step = backtrack(evaluate, theta, p, f, derivative)
                if step is None:
                    return "no step along the Gauss-Newton direction decreases f"
                theta, f, (r, J) = step
            elif is_lost_in_rounding(p, theta):
                return UNCHANGED
            else:
                theta = theta + p
                f, (r, J) = evaluate(theta)
            yield theta

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)  # a problem with a spectrum is convex, so its residuals are linear


@dataclass(frozen=True)
class LevenbergMarquardt(Solver[NonlinearLeastSquares]):
    """Levenberg-Marquardt, a damped Gauss-Newton method for f = |r|^2 / 2, r the residuals, J their Jacobian.

        1. p: min |r + J p|^2 + mu |D p|^2, by QR of the rows [J; sqrt(mu) D]; J'J is never formed
        2. rho = (|r|^2 - |r(theta + p)|^2) / (|r|^2 - |r + J p|^2)
        3. rho > 0: theta <- theta + p,  mu <- mu max(1/3, 1 - (2 rho - 1)^3),  nu <- 2
           else:    mu <- nu mu,  nu <- 2 nu, and again from 1

    An iteration is an accepted step.
    damping: the first mu, default 0.001. With 0 it stays 0 and every step is accepted: Gauss-Newton without halving.
    update: the default nielsen is step 3. With fixed, mu is constant and every step is accepted, which may diverge.
    scaling: the diagonal matrix D. The default columns (Marquardt) takes the largest norm so far of each column of J,
    so that the units of theta do not matter; uniform (Levenberg) takes the largest of these norms for all columns.
    Cost: the residuals, their Jacobian and 2 (m + d) d^2 operations per trial, for m residuals.
    Memory: 3 m d numbers.
    Rate: the rate of Gauss-Newton, as mu goes to zero.
    Choose it to fit curves, from a poor start and with nearly dependent columns of J; not for more than a few thousand
    coefficients.
    Source: Levenberg (1944), doi:10.1090/qam/10666; Marquardt (1963), doi:10.1137/0111030; Nielsen (1999), Damping
    parameter in Marquardt's method, IMM-REP-1999-05, Technical University of Denmark.
    """

    needs = (NonlinearLeastSquares,)
    monotone = True
    damping: float = 1e-3
    update: Literal["nielsen", "fixed"] = "nielsen"
    scaling: Literal["columns", "uniform"] = "columns"

    def __post_init__(self) -> None:
        not_negative(damping=self.damping)

    def iterate(self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, mu, nu, D = theta0, self.damping, 2.0, np.zeros(theta0.size)
        fixed = self.update == "fixed" or mu == 0
        f, (r, J) = _residuals(problem, theta)
        while True:
            D = np.maximum(D, norm(J, axis=0) if self.scaling == "columns" else norm(J, axis=0).max())
            p = _damped(J, r, mu, np.where(D > 0, D, 1.0))
            Jp = J @ p
            predicted = -float(r @ Jp) - float(Jp @ Jp) / 2  # (|r|^2 - |r + J p|^2) / 2
            if not can_decrease(-predicted, f):
                return NO_DECREASE_LEFT
            if is_lost_in_rounding(p, theta):
                return "no step that is larger than rounding errors decreases f"
            new = theta + p
            f_new = f if fixed else problem.value(new)
            slack = SLACK * f
            rho = (f - f_new + slack) / (predicted + slack)
            if fixed or rho > 0:
                theta = new
                yield theta
                f, (r, J) = _residuals(problem, theta)
                if not fixed:  # below EPS, mu would be smaller than the rounding errors of J
                    mu, nu = max(mu * max(1 / 3, 1 - (2 * rho - 1) ** 3), EPS), 2.0
            else:
                mu, nu = nu * mu, 2 * nu

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return Rate(0.0) if self.damping == 0 else None


def _residuals(problem: NonlinearLeastSquares, theta: Vector) -> tuple[float, tuple[Vector, Matrix]]:
    """f, and the residuals r with their Jacobian J as a dense array."""
    r, J = problem.residual_and_jacobian(theta)
    return float(r @ r) / 2, (r, dense(J))


def _damped(J: Matrix, r: Vector, mu: float, D: Vector) -> Vector:
    """The p that minimises |r + J p|^2 + mu |D p|^2.

    It is computed as D p, because the columns of J / D have equal norms.
    """
    d = D.size
    return _least_squares(np.vstack([J / D, np.sqrt(mu) * np.eye(d)]), np.append(r, np.zeros(d))) / D


def _least_squares(J: Matrix, r: Vector) -> Vector:
    """The p that minimises |r + J p|. Raises Breakdown if J is not finite or its columns are dependent."""
    if not (np.isfinite(J).all() and np.isfinite(r).all()):
        raise Breakdown("the residuals or their Jacobian are not finite")
    Qr, R = qr_factor(J, r)
    p: Vector = -sl.solve_triangular(R, Qr, check_finite=False)
    return p
