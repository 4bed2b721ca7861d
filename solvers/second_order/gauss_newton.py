"""Sums of squares by their linear models."""

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
from solvers.base.line_search import BELOW, SLACK, backtrack, lost, worth
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.direct import qr_factor


@dataclass(frozen=True)
class GaussNewton(Solver[NonlinearLeastSquares]):
    """Gauss and Newton's method for f = |r|^2 / 2, r the residuals with Jacobian J.

        1. p: min |r + J p|^2, by QR of J; J'J is never formed
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t r.J p
        3. theta <- theta + t p

    halving: false takes t = 1 always, the plain method, which may diverge.
    Cost: residuals, their Jacobian and 2 m d^2 operations an iterate, for m residuals. Memory: 2 m d numbers.
    Rate: quadratic where the residuals vanish at the minimum; else linear, and slower the larger and the more bent
    they are. On a quadratic f the first step is the last.
    Choose it for residuals that come near zero; not where columns of J are dependent, for it breaks down.
    Source: Gauss (1809); Nocedal & Wright, Numerical Optimization (2006), section 10.3.
    """

    needs = (NonlinearLeastSquares,)
    monotone = True
    halving: bool = True

    def iterate(self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        at = partial(_residuals, problem)
        theta = theta0
        f, (r, J) = at(theta)
        while True:
            p = _least(J, r)
            slope = float(r @ (J @ p))
            if not worth(slope, f):
                return BELOW
            if self.halving:
                step = backtrack(at, theta, p, f, slope)
                if step is None:
                    return "no step along the Gauss-Newton direction decreases f"
                theta, f, (r, J) = step
            elif lost(p, theta):
                return "a step changes nothing"
            else:
                theta = theta + p
                f, (r, J) = at(theta)
            yield theta

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)  # of sums of squares, those with a spectrum are convex: their residuals are linear


@dataclass(frozen=True)
class LevenbergMarquardt(Solver[NonlinearLeastSquares]):
    """Levenberg and Marquardt's damped Gauss-Newton for f = |r|^2 / 2, r the residuals with Jacobian J.

        1. p: min |r + J p|^2 + mu |D p|^2, by QR of the rows [J; sqrt(mu) D]; J'J is never formed
        2. rho = (|r|^2 - |r(theta + p)|^2) / (|r|^2 - |r + J p|^2)
        3. rho > 0: theta <- theta + p,  mu <- mu max(1/3, 1 - (2 rho - 1)^3),  nu <- 2
           else:    mu <- nu mu,  nu <- 2 nu, and again from 1

    An iterate is a step that is taken.
    damping: mu at first; 0 stays 0, and every step is taken: Gauss-Newton without halving.
    update: nielsen, as in 3; fixed leaves mu and takes every step, which may diverge.
    scaling: D is diagonal; columns, Marquardt's: the largest norm so far of each column of J, so that the units of
    theta do not matter; uniform, Levenberg's: the largest of these for all.
    Cost: residuals, their Jacobian and 2 (m + d) d^2 operations a trial, m residuals. Memory: 3 m d numbers.
    Rate: Gauss-Newton's, as mu falls to zero.
    Choose it to fit curves, from poor starts and with columns of J near dependent; not for d above some thousands.
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
            promised = -float(r @ Jp) - float(Jp @ Jp) / 2  # (|r|^2 - |r + J p|^2) / 2
            if not worth(-promised, f):
                return BELOW
            if lost(p, theta):
                return "no step that rounding would keep decreases f"
            new = theta + p
            f_new = f if fixed else problem.value(new)
            slack = SLACK * f
            rho = (f - f_new + slack) / (promised + slack)
            if fixed or rho > 0:
                theta = new
                yield theta
                f, (r, J) = _residuals(problem, theta)
                if not fixed:  # below EPS mu would be lost in the rounding of J
                    mu, nu = max(mu * max(1 / 3, 1 - (2 * rho - 1) ** 3), EPS), 2.0
            else:
                mu, nu = nu * mu, 2 * nu

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return Rate(0.0) if self.damping == 0 else None


def _residuals(problem: NonlinearLeastSquares, theta: Vector) -> tuple[float, tuple[Vector, Matrix]]:
    """f, and r with J, a dense array."""
    r, J = problem.residual_and_jacobian(theta)
    return float(r @ r) / 2, (r, dense(J))


def _damped(J: Matrix, r: Vector, mu: float, D: Vector) -> Vector:
    """The p with the least |r + J p|^2 + mu |D p|^2, found as D p, whose columns have one length."""
    d = D.size
    return _least(np.vstack([J / D, np.sqrt(mu) * np.eye(d)]), np.append(r, np.zeros(d))) / D


def _least(J: Matrix, r: Vector) -> Vector:
    """The p with the least |r + J p|; a Breakdown where J is not finite or its columns are dependent."""
    if not (np.isfinite(J).all() and np.isfinite(r).all()):
        raise Breakdown("the residuals or their Jacobian are not finite")
    Qr, R = qr_factor(J, r)
    p: Vector = -sl.solve_triangular(R, Qr, check_finite=False)
    return p
