"""What curvature says about steps and rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm
from scipy.linalg import eigh_tridiagonal

from problems.forms import Smooth, TwiceSmooth
from problems.foundation.arrays import EPS, Vector
from solvers.base.errors import Breakdown


def largest_curvature(problem: Smooth, theta: Vector, rng: np.random.Generator) -> float:
    """L, the largest eigenvalue of H, by Lanczos's iteration from a random vector.

    H: a bound on the curvature where the problem knows one, so that L holds everywhere; the Hessian at theta elsewhere.

        w = H v_k - beta_(k-1) v_(k-1)    alpha_k = w.v_k    beta_k v_(k+1) = w - alpha_k v_k

    The largest eigenvalue of the tridiagonal (alpha, beta) comes from below; its residual is added. One product with
    H a step: at least 8 steps, until the residual is below a hundredth of L, at most 50. Products are exact where the
    problem has them and differences of gradients elsewhere. Raises Breakdown where f has no curvature to go by.
    Source: Golub & Van Loan, Matrix Computations (2013), section 10.1.
    """
    product = problem.majorant_product(theta)
    if product is None:
        product = problem.hessian_product(theta) if isinstance(problem, TwiceSmooth) else _differences(problem, theta)
    v, before = rng.standard_normal(theta.size), np.zeros(theta.size)
    v /= norm(v)
    alphas: list[float] = []
    betas: list[float] = []
    L, residual = 0.0, math.inf
    while len(alphas) < min(50, theta.size) and (len(alphas) < 8 or residual > 0.01 * L):
        w = product(v) - (betas[-1] * before if betas else 0.0)
        alphas.append(float(w @ v))
        w -= alphas[-1] * v
        beta = float(norm(w))
        if not math.isfinite(beta):
            break
        values, vectors = eigh_tridiagonal(alphas, betas)
        L, residual = float(values[-1]), beta * abs(float(vectors[-1, -1]))
        if beta <= EPS * abs(L):
            break
        betas.append(beta)
        before, v = v, w / beta
    if not (0 < L < math.inf) or not math.isfinite(residual):
        raise Breakdown("f has no curvature at theta_0 to set a step by; give one")
    return L + residual


def _differences(problem: Smooth, theta: Vector) -> Callable[[Vector], Vector]:
    h = math.sqrt(EPS) * (1 + float(norm(theta)))
    g = problem.gradient(theta)
    return lambda v: (problem.gradient(theta + h * v) - g) / h


@dataclass(frozen=True)
class Spectrum:
    """The curvatures that decide how fast methods go on a convex problem."""

    eigenvalues: Vector  # of the Hessian at the minimum, ascending, without those that rounding cannot tell from 0
    start: float  # the largest that default steps are set by: of a bound on the Hessian, or at theta_0

    @property
    def mu(self) -> float:
        return float(self.eigenvalues[0])

    @property
    def L(self) -> float:  # noqa: N802
        return float(self.eigenvalues[-1])

    @property
    def condition(self) -> float:
        return self.L / self.mu
