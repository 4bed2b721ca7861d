"""Methods for sums of squares that linearise the residuals."""

from __future__ import annotations

import math
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
from solvers.linear_systems.direct import check_rank, qr_factor

NOT_FINITE = "the residuals or their Jacobian are not finite"
KEPT = 0.8  # of the scale of a column per trial; with all, one large column far away would hinder the rest of the way
PROBE = 0.1  # of the step, at which its bend is measured
STRAIGHT = 0.75  # length of the bend, relative to the step, up to which a step is tried
REFINEMENTS = 50
PATIENCE = 8  # refinements without a shorter step; then rounding decides
LOST = math.sqrt(EPS)  # relative, by which rounding of small residuals of large numbers may raise f


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

        1. v: min |r + J v|^2 + mu |D v|^2, by QR of the rows [J; sqrt(mu) D]; J'J is never formed
        2. a: min |r_vv + J a|^2 + mu |D a|^2, r_vv the second derivative of r along v;  p = v + a/2
        3. rho = (|r|^2 - |r(theta + p)|^2) / (|r|^2 - |r + J v|^2)
        4. rho > 0 and |D a| <= 3/4 |D v|: theta <- theta + p,  mu <- mu max(1/3, 1 - (2 rho - 1)^3),  nu <- 2
           else: mu <- nu mu,  nu <- 2 nu, and again from 1
        5. where no step lowers f beyond rounding: theta <- theta + p with mu = 0, until 8 steps in a row make p no
           shorter

    An iteration is an accepted step.
    damping: the first mu, default 0.001. With 0 it stays 0 and every step is accepted: Gauss-Newton without halving.
    update: the default nielsen is step 4. With fixed, mu is constant and every step is accepted, which may diverge.
    acceleration: default true. With false a = 0 in step 2: the step follows a straight line, not a parabola along the
    bend of the residuals. It costs one more evaluation of the residuals per trial.
    scaling: the diagonal matrix D. The default columns (Marquardt) takes the norm of each column of J, or 0.8 times its
    value in the trial before if that is larger, so that the units of theta do not matter; uniform (Levenberg) takes the
    largest of these norms for all columns.
    Cost: the residuals twice, their Jacobian and 2 (m + d) d^2 operations per trial, for m residuals.
    Memory: 3 m d numbers.
    Rate: the rate of Gauss-Newton, as mu goes to zero.
    Choose it to fit curves, from a poor start and with nearly dependent columns of J; not for more than a few thousand
    coefficients.
    Source: Levenberg (1944), doi:10.1090/qam/10666; Marquardt (1963), doi:10.1137/0111030; Nielsen (1999), Damping
    parameter in Marquardt's method, IMM-REP-1999-05, Technical University of Denmark; Transtrum & Sethna (2012),
    Improvements to the Levenberg-Marquardt algorithm for nonlinear least-squares minimization, arXiv:1201.5885.
    """

    needs = (NonlinearLeastSquares,)
    monotone = True
    damping: float = 1e-3
    update: Literal["nielsen", "fixed"] = "nielsen"
    acceleration: bool = True
    scaling: Literal["columns", "uniform"] = "columns"

    def __post_init__(self) -> None:
        not_negative(damping=self.damping)

    def iterate(self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, mu, nu, D = theta0, self.damping, 2.0, np.zeros(theta0.size)
        fixed = self.update == "fixed" or mu == 0
        f, (r, J) = _residuals(problem, theta)
        while True:
            norms = norm(J, axis=0)
            D = np.maximum(KEPT * D, norms if self.scaling == "columns" else norms.max())
            damped = _Damped(J, mu, np.where(D > 0, D, 1.0))
            v = damped.minimiser(r)
            Jv = J @ v
            predicted = -float(r @ Jv) - float(Jv @ Jv) / 2  # (|r|^2 - |r + J v|^2) / 2
            if not can_decrease(-predicted, f) or is_lost_in_rounding(v, theta):
                if not fixed:
                    yield from _refinements(problem, theta)
                return NO_DECREASE_LEFT
            bend = damped.bend(problem, theta, r, v) if self.acceleration and not fixed else np.zeros_like(v)
            new = theta + v + bend / 2
            straight = abs(bend).max() < math.inf and norm(D * bend) <= STRAIGHT * norm(D * v)
            f_new = f if fixed else problem.value(new) if straight else math.inf
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


def _refinements(problem: NonlinearLeastSquares, theta: Vector) -> Iterates:
    """Full Gauss-Newton steps from where f is flat up to rounding; yields each theta whose own step is the shortest.

    f has lost the digits of theta there, as f - f* is the square of the error; r and J have not. The steps of a method
    that converges can become longer at first, so a longer one ends it only if several follow.
    """
    f, (r, J) = _residuals(problem, theta)
    norms = norm(J, axis=0)
    D = np.where(norms > 0, norms, 1.0)
    shortest, waited = math.inf, 0
    for number in range(REFINEMENTS):
        try:
            p = _least_squares(J / D, r) / D
        except Breakdown:
            return
        length = float(norm(D * p))
        waited = 0 if length < shortest else waited + 1
        if waited == PATIENCE:
            return
        if waited == 0:
            shortest = length
            if number > 0:
                yield theta
        if is_lost_in_rounding(p, theta):
            return
        theta = theta + p
        f_new, (r, J) = _residuals(problem, theta)
        if not f_new <= f * (1 + LOST):
            return


def _residuals(problem: NonlinearLeastSquares, theta: Vector) -> tuple[float, tuple[Vector, Matrix]]:
    """f, and the residuals r with their Jacobian J as a dense array."""
    r, J = problem.residual_and_jacobian(theta)
    return float(r @ r) / 2, (r, dense(J))


class _Damped:
    """The problems min |r + J p|^2 + mu |D p|^2 for one J, factored once.

    They are solved for D p, because the columns of J / D have equal norms. Raises Breakdown if J is not finite or its
    columns are dependent.
    """

    def __init__(self, J: Matrix, mu: float, D: Vector) -> None:
        if not np.isfinite(J).all():
            raise Breakdown(NOT_FINITE)
        self.J, self.D = J, D
        self.Q, self.R = sl.qr(np.vstack([J / D, np.sqrt(mu) * np.eye(D.size)]), mode="economic", check_finite=False)
        check_rank(self.R, len(self.Q))

    def minimiser(self, r: Vector) -> Vector:
        """The p of these residuals."""
        if not np.isfinite(r).all():
            raise Breakdown(NOT_FINITE)
        p: Vector = -sl.solve_triangular(self.R, r @ self.Q[: len(r)], check_finite=False) / self.D
        return p

    def bend(self, problem: NonlinearLeastSquares, theta: Vector, r: Vector, v: Vector) -> Vector:
        """The second-order correction of the step v; inf where the residuals along it are not finite."""
        with np.errstate(all="ignore"):
            second: Vector = 2 / PROBE * ((problem.residual(theta + PROBE * v) - r) / PROBE - self.J @ v)
        return self.minimiser(second) if np.isfinite(second).all() else np.full_like(v, np.inf)


def _least_squares(J: Matrix, r: Vector) -> Vector:
    """The p that minimises |r + J p|. Raises Breakdown if J is not finite or its columns are dependent."""
    if not (np.isfinite(J).all() and np.isfinite(r).all()):
        raise Breakdown(NOT_FINITE)
    Qr, R = qr_factor(J, r)
    p: Vector = -sl.solve_triangular(R, Qr, check_finite=False)
    return p
