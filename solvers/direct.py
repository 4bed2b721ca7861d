"""Linear systems and least squares in one step, by factorisation (LAPACK, through scipy.linalg)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.arrays import EPS, Matrix, Vector
from problems.forms import LeastSquares, LinearSystem, SPDSystem

from .base import Breakdown, Iterates, Rate, Solver
from .spectrum import Spectrum

AT_ONCE = Rate(0.0)


@dataclass(frozen=True)
class NormalEquations(Solver[LeastSquares]):
    """The closed form of least squares, min |B theta - c|^2.

        1. N = B'B,  q = B'c
        2. N theta = q, by Cholesky

    One iterate: m d^2 + d^3/3 operations for B of m rows and d columns; d^2 numbers of memory beside B. Loses twice
    the digits that QR loses, because the condition number of N is the square of B's.
    Source: Gauss (1809); Golub & Van Loan, Matrix Computations (2013), section 5.3.2.
    """

    needs = (LeastSquares,)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = problem.least_squares()
        N, q = B.T @ B, B.T @ c
        yield sl.cho_solve(cholesky_factor(N), q, check_finite=False)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class Cholesky(Solver[SPDSystem]):
    """A theta = b with A symmetric positive definite.

        1. A = L L'
        2. L v = b,  L' theta = v

    One iterate: d^3/3 operations, after those that form A; d^2 numbers of memory.
    Source: Cholesky (1910); Golub & Van Loan, Matrix Computations (2013), section 4.2.
    """

    needs = (SPDSystem,)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        yield sl.cho_solve(cholesky_factor(A), b, check_finite=False)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class LU(Solver[LinearSystem]):
    """A theta = b with A square, by Gaussian elimination with partial pivoting.

        1. P A = L U
        2. L v = P b,  U theta = v

    One iterate: 2 d^3/3 operations, after those that form A; d^2 numbers of memory.
    Source: Golub & Van Loan, Matrix Computations (2013), section 3.4.
    """

    needs = (LinearSystem,)

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        yield sl.lu_solve(lu_factor(A), b, check_finite=False)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class QR(Solver[LeastSquares]):
    """Least squares, min |B theta - c|^2, by Householder reflections.

        1. B = Q R
        2. R theta = Q'c

    One iterate: 2 m d^2 - 2 d^3/3 operations for B of m rows and d columns; m d numbers of memory. B'B is never
    formed, so that only the condition number of B itself is paid in digits.
    Source: Golub (1965), doi:10.1007/BF01436075.
    """

    needs = (LeastSquares,)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = problem.least_squares()
        Qc, R = qr_factor(B, c)
        yield sl.solve_triangular(R, Qc, check_finite=False)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


def cholesky_factor(A: Matrix) -> tuple[Matrix, bool]:
    """(L, True) with A = L L', L in the lower triangle; a Breakdown where A is not positive definite."""
    L, info = sl.lapack.dpotrf(A, lower=True, clean=False)
    if info > 0:
        raise Breakdown(f"the matrix is not positive definite: pivot {info} of {len(A)} is not above zero")
    return L, True


def lu_factor(A: Matrix) -> tuple[Matrix, NDArray[np.int32]]:
    """(LU, pivots) with P A = L U, both triangles in one array; a Breakdown where a pivot is zero."""
    factors, pivots, info = sl.lapack.dgetrf(A)
    if info > 0:
        raise Breakdown(f"the matrix is singular: pivot {info} of {len(A)} is zero")
    return factors, pivots


def qr_factor(B: Matrix, C: Matrix) -> tuple[Matrix, Matrix]:
    """(C'Q)' and R with B = Q R, Q never formed; a Breakdown where the columns of B are dependent."""
    m, d = B.shape
    if m < d:
        raise Breakdown(f"{m} rows cannot determine {d} coefficients")
    QC, R = sl.qr_multiply(B, C, mode="right")
    pivots = abs(np.diag(R))
    if pivots.min() <= m * EPS * pivots.max():
        small = pivots.min() / pivots.max() if pivots.max() else 0.0
        raise Breakdown(f"the columns are dependent: a pivot of R is {small:.1g} of the largest")
    return QC, R
