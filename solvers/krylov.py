"""Linear systems by Krylov subspaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.arrays import EPS, Vector
from problems.forms import SPDSystem

from .base import Iterates, Rate, Solver
from .spectrum import Spectrum


@dataclass(frozen=True)
class ConjugateGradient(Solver[SPDSystem]):
    """Conjugate gradients for A theta = b, with A symmetric positive definite.

        alpha = r.r / p.Ap     theta <- theta + alpha p     r <- r - alpha Ap     p <- r + (r.r / r0.r0) p

    where r0 is the residual before the step. One product with A an iterate; four vectors of length `dim`.
    Rate (sqrt(k) - 1) / (sqrt(k) + 1) or better, k the condition number of A.
    Source: Hestenes & Stiefel (1952), doi:10.6028/jres.049.044.
    """

    needs = (SPDSystem,)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta = theta0
        r = b - A @ theta
        p, rr = r, r @ r
        while rr > (EPS * norm(b)) ** 2:  # below rounding nothing better will come
            Ap = A @ p
            alpha = rr / (p @ Ap)
            theta = theta + alpha * p
            yield theta
            r = r - alpha * Ap
            rr, old = r @ r, rr
            p = r + (rr / old) * p

    def rate(self, spectrum: Spectrum) -> Rate:
        root = np.sqrt(spectrum.condition)
        return Rate(float((root - 1) / (root + 1)))
