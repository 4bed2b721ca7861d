"""Linear systems by splitting the matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.arrays import EPS, Vector
from problems.forms import LinearSystem

from .base import Breakdown, Iterates, Solver


@dataclass(frozen=True)
class Jacobi(Solver[LinearSystem]):
    """Jacobi's iteration for A theta = b, A = D + R with D the diagonal.

        r = b - A theta     theta <- theta + r / D

    One product with A an iterate; three vectors of length `dim`. Converges from every start if and only if the
    spectral radius of I - A/D is below 1, which diagonal dominance ensures; the radius is the rate.
    Source: Jacobi (1845); Golub & Van Loan, Matrix Computations (2013), section 11.2.2.
    """

    needs = (LinearSystem,)

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        D = np.diag(A).copy()
        if not D.all():
            raise Breakdown(f"entry {int(np.argmin(abs(D)))} of the diagonal is zero")
        theta = theta0
        r = b - A @ theta
        while norm(r) > EPS * norm(b):  # below rounding nothing better will come
            theta = theta + r / D
            yield theta
            r = b - A @ theta
        return "the residual is at rounding level"
