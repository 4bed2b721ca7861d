"""Newton's method, with the Hessian factored or only applied."""

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
from solvers.base.line_search import BELOW, backtrack, worth
from solvers.base.spectrum import Spectrum


@dataclass(frozen=True)
class Newton(Solver[TwiceSmooth]):
    """Damped Newton for twice smooth f.

        1. H p = -g,     H and g the Hessian and gradient at theta
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t g.p
        3. theta <- theta + t p

    Where H is not positive definite, the smallest tried multiple of the identity that makes it so is added, and a hair
    of its diagonal where it is singular.
    Cost: one Hessian, one gradient and d^3/3 operations an iterate. Memory: d^2 numbers.
    Rate: quadratic near a minimum with a positive definite Hessian, whatever its condition number; on a quadratic f
    the first step is the last.
    Choose it for up to a few thousand coefficients and many digits; not for more, where forming H costs too much.
    Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.2 and 3.3.
    """

    needs = (TwiceSmooth,)
    monotone = True

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        while True:
            p = -sl.cho_solve(_definite(problem.hessian(theta)), g, check_finite=False)
            slope = float(g @ p)
            if not worth(slope, f):
                return BELOW
            step = backtrack(problem.value_and_gradient, theta, p, f, slope)
            if step is None:
                return "no step along the Newton direction decreases f"
            theta, f, g = step
            yield theta

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0, order=2)


def _definite(H: Matrix) -> tuple[Matrix, bool]:
    """The Cholesky factor of H + D, D the first of 0, a hair of H's diagonal, and tau I that lets there be one.

    The hair is for an H that is singular but for rounding, as where f does not change along some direction, and alters
    nothing else; tau begins at a thousandth of H's largest entry and grows tenfold.
    """
    if not np.isfinite(H).all():
        raise Breakdown("the Hessian is not finite")
    scale = abs(H).max() or 1.0
    hair = len(H) * EPS * np.diag(H)
    L, info = sl.lapack.dpotrf(H, lower=True, clean=False)
    more, tau = 10 * hair, 0.0
    while info != 0 or (tau == 0 and np.any(np.diag(L) ** 2 <= hair)):
        L, info = sl.lapack.dpotrf(H + np.diag(more), lower=True, clean=False)
        tau = max(10 * tau, 1e-3)
        more = np.full(len(H), tau * scale)
    return L, True


@dataclass(frozen=True)
class NewtonCG(Solver[TwiceSmooth]):
    """Truncated Newton for twice smooth f: Newton's equation only as exactly as it pays.

        1. H p = -g by conjugate gradients, until |H p + g| <= min(1/2, sqrt|g|) |g|, or until a direction d
           with d.H d <= 0 turns up: p goes along it as far as with -d.H d, and is done
        2. t = 1, halved until f(theta + t p) <= f(theta) + 1e-4 t g.p
        3. theta <- theta + t p

    H and g are the Hessian and gradient at theta; H is applied, never formed.
    Cost: one gradient and a few products with H an iterate, more of them near the minimum. Memory: seven vectors.
    Rate: of order 3/2 near a minimum with a positive definite Hessian; the products that an iterate needs grow with
    the root of its condition number.
    Choose it for many coefficients, where Newton's method would form too large a matrix; not for f whose products
    with H cost as much as H itself.
    Source: Dembo & Steihaug (1983), doi:10.1007/BF02592055; Nocedal & Wright (2006), algorithm 7.1.
    """

    needs = (TwiceSmooth,)
    monotone = True

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        while True:
            p, _ = truncated_cg(problem.hessian_product(theta), g)
            slope = float(g @ p)
            if not worth(slope, f):
                return BELOW
            step = backtrack(problem.value_and_gradient, theta, p, f, slope)
            if step is None:
                return "no step along the truncated Newton direction decreases f"
            theta, f, g = step
            yield theta


def truncated_cg(product: Callable[[Vector], Vector], g: Vector, radius: float = math.inf) -> tuple[Vector, Vector]:
    """p with H p = -g, nearly, and r = H p + g, by conjugate gradients that stay within |p| <= radius.

        alpha = r.r / d.Hd     p <- p + alpha d     r <- r + alpha Hd     d <- (r.r / r0.r0) d - r

    until |r| <= min(1/2, sqrt|g|) |g|. Where the next p would lie beyond the radius, or d.Hd <= 0, the answer is where
    d meets the radius; without a radius the last alpha is r.r / |d.Hd|, a step that a line search will judge. Raises
    Breakdown where H d is not finite.
    Source: Steihaug (1983), doi:10.1137/0720042; Nocedal & Wright (2006), algorithms 7.1 and 7.2.
    """
    p, r, d = np.zeros_like(g), g, -g
    rr = float(r @ r)
    enough = min(0.5, math.sqrt(norm(g))) * norm(g)
    for _ in range(2 * g.size):  # in exact arithmetic `size` steps end it
        if not norm(r) > enough:
            break
        Hd = product(d)
        curvature = float(d @ Hd)
        if not math.isfinite(curvature):
            raise Breakdown("the Hessian is not finite")
        size = float(norm(d) * norm(Hd))
        concave = curvature <= EPS * size
        if concave and radius == math.inf:
            alpha = rr / max(-curvature, size / 1000) if size else 1.0
            return p + alpha * d, r + alpha * Hd
        if concave or norm(p + rr / curvature * d) >= radius:
            inside, b = radius**2 - float(p @ p), float(p @ d)
            alpha = inside / (b + math.sqrt(b * b + inside * float(d @ d)))
            return p + alpha * d, r + alpha * Hd
        alpha = rr / curvature
        p, r = p + alpha * d, r + alpha * Hd
        rr, old = float(r @ r), rr
        d = rr / old * d - r
    return p, r
