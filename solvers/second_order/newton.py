"""Newton's method, with the Hessian factored or applied to vectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
from numpy.linalg import norm

from problems.forms import TwiceSmooth
from problems.foundation.arrays import EPS, Matrix, Vector
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.line_search import NO_DECREASE_LEFT, backtrack, can_decrease
from solvers.base.spectrum import Spectrum


@dataclass(frozen=True)
class Newton(Solver[TwiceSmooth]):
    """Newton's method with step halving, for twice smooth f.

        1. H p = -g,     H and g the Hessian and gradient at theta
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t g.p
        3. theta <- theta + t p

    If H is not positive definite, a multiple of the identity is added: the first that makes it positive definite. If H
    is singular, a relative perturbation of its diagonal is tried before.
    Cost: one Hessian, one gradient and d^3/3 operations per iteration.
    Memory: d^2 numbers.
    Rate: quadratic near a minimum with a positive definite Hessian, for any condition number. On a quadratic f the
    first iterate is the minimum.
    Choose it for up to a few thousand coefficients and high accuracy; not for more coefficients, because forming H
    costs too much.
    Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.2 and 3.3.
    """

    needs = (TwiceSmooth,)
    monotone = True

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        while True:
            p = -sl.cho_solve(_shifted_cholesky(problem.hessian(theta)), g, check_finite=False)
            derivative = float(g @ p)
            if not can_decrease(derivative, f):
                return NO_DECREASE_LEFT
            step = backtrack(problem.value_and_gradient, theta, p, f, derivative)
            if step is None:
                return "no step along the Newton direction decreases f"
            theta, f, g = step
            yield theta

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0, order=2)


def _shifted_cholesky(H: Matrix) -> tuple[Matrix, bool]:
    """The Cholesky factor of H + D, where D is the first shift for which the factor exists.

    The shifts are 0, a relative perturbation of H's diagonal, and tau I with growing tau. The perturbation is for an H
    that is singular up to rounding errors, for example if f is constant along a direction; it changes nothing else. tau
    begins at a thousandth of H's largest entry and grows tenfold. Raises Breakdown if H is not finite.
    """
    if not np.isfinite(H).all():
        raise Breakdown("the Hessian is not finite")
    scale = abs(H).max() or 1.0
    perturbation = len(H) * EPS * np.diag(H)
    L, info = sl.lapack.dpotrf(H, lower=True, clean=False)
    shift, tau = 10 * perturbation, 0.0
    while info != 0 or (tau == 0 and np.any(np.diag(L) ** 2 <= perturbation)):
        L, info = sl.lapack.dpotrf(H + np.diag(shift), lower=True, clean=False)
        tau = max(10 * tau, 1e-3)
        shift = np.full(len(H), tau * scale)
    return L, True


@dataclass(frozen=True)
class NewtonCG(Solver[TwiceSmooth]):
    """Truncated Newton for twice smooth f: Newton's equation is solved only as accurately as the iteration needs.

        1. H p = -g by conjugate gradients, until |H p + g| <= min(1/2, sqrt|g|) |g|, or until a direction d
           has d.H d <= 0: then p takes along d the step for the curvature -d.H d, and ends
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t g.p
        3. theta <- theta + t p

    H and g are the Hessian and gradient at theta; H is applied to vectors and never formed.
    Cost: one gradient and a few products with H per iteration, more products near the minimum.
    Memory: eight vectors of length `dim`.
    Rate: of order 3/2 near a minimum with a positive definite Hessian. The number of products per iteration grows with
    the square root of the condition number.
    Choose it for many coefficients, where Newton's method would form too large a matrix; not if a product with H costs
    as much as H itself.
    Source: Dembo & Steihaug (1983), doi:10.1007/BF02592055; Nocedal & Wright (2006), algorithm 7.1.
    """

    needs = (TwiceSmooth,)
    monotone = True

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        while True:
            p, _ = truncated_cg(problem.hessian_product(theta), g)
            derivative = float(g @ p)
            if not can_decrease(derivative, f):
                return NO_DECREASE_LEFT
            step = backtrack(problem.value_and_gradient, theta, p, f, derivative)
            if step is None:
                return "no step along the truncated Newton direction decreases f"
            theta, f, g = step
            yield theta


def truncated_cg(product: Callable[[Vector], Vector], g: Vector, radius: float = math.inf) -> tuple[Vector, Vector]:
    """An approximate solution p of H p = -g and its residual r = H p + g, by conjugate gradients with |p| <= radius.

        alpha = r.r / d.Hd     p <- p + alpha d     r <- r + alpha Hd     d <- (r.r / r0.r0) d - r

    until |r| <= min(1/2, sqrt|g|) |g|, where r0 is the residual before the step. If the next p would be outside the
    radius, or if d.Hd <= 0, it returns the point where d meets the radius. Without a radius the last alpha is r.r /
    |d.Hd|, and a line search has to accept it.
    product: d -> H d. Raises Breakdown if H d is not finite.
    Source: Steihaug (1983), doi:10.1137/0720042; Nocedal & Wright (2006), algorithms 7.1 and 7.2.
    """
    p, r, d = np.zeros_like(g), g, -g
    rr = float(r @ r)
    tolerance = min(0.5, math.sqrt(norm(g))) * norm(g)
    for _ in range(2 * g.size):  # in exact arithmetic it ends within g.size steps
        if not norm(r) > tolerance:
            break
        Hd = product(d)
        curvature = float(d @ Hd)
        if not math.isfinite(curvature):
            raise Breakdown("the Hessian is not finite")
        bound = float(norm(d) * norm(Hd))
        concave = curvature <= EPS * bound
        if concave and radius == math.inf:
            alpha = rr / max(-curvature, bound / 1000) if bound else 1.0
            return p + alpha * d, r + alpha * Hd
        if concave or norm(p + rr / curvature * d) >= radius:
            room, b = radius**2 - float(p @ p), float(p @ d)
            alpha = room / (b + math.sqrt(b * b + room * float(d @ d)))
            return p + alpha * d, r + alpha * Hd
        alpha = rr / curvature
        p, r = p + alpha * d, r + alpha * Hd
        rr, old = float(r @ r), rr
        d = rr / old * d - r
    return p, r
