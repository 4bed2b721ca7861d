"""Linear systems and least squares in one step, by factorisation (LAPACK and SuperLU, through scipy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from numpy.typing import NDArray

from problems.forms import LeastSquares, LinearSystem, SeveralSides, SPDSystem
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.foundation.checks import not_negative
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum

AT_ONCE = Rate(0.0)


@dataclass(frozen=True)
class NormalEquations(Solver[LeastSquares]):
    """The closed form of least squares, min |B theta - c|^2.

        1. N = B'B,  q = B'c
        2. N theta = q, by Cholesky

    Cost: one iterate: m d^2 + d^3/3 operations for B of m rows and d columns. Memory: d^2 numbers beside B, be B
    dense or CSR.
    Rate: at once; but it loses twice the digits that QR loses, for the condition number of N is the square of B's.
    Choose it for many rows and few, well-conditioned columns; not from a condition number of about 1e7 on.
    Source: Gauss (1809); Golub & Van Loan, Matrix Computations (2013), section 5.3.2.
    """

    needs = (LeastSquares,)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = table_of(problem)
        N, q = dense(B.T @ B), B.T @ c
        yield np.ravel(sl.cho_solve(cholesky_factor(N), q, check_finite=False))

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class Cholesky(Solver[SPDSystem]):
    """A theta = b with A symmetric positive definite.

        1. A = L L'
        2. L v = b,  L' theta = v

    Cost: one iterate: d^3/3 operations, after those that form A. Memory: d^2 numbers, for a CSR array is filled up.
    Rate: at once.
    Choose it for dense definite systems, where nothing is cheaper; not where A is only nearly definite, or sparse: LU.
    Source: Cholesky (1910); Golub & Van Loan, Matrix Computations (2013), section 4.2.
    """

    needs = (SPDSystem,)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = system_of(problem)
        yield np.ravel(sl.cho_solve(cholesky_factor(dense(A)), b, check_finite=False))

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class LU(Solver[LinearSystem]):
    """A theta = b with A square, by Gaussian elimination with partial pivoting.

        1. P A = L U
        2. L v = P b,  U theta = v

    Cost: one iterate: 2 d^3/3 operations, after those that form A. Memory: d^2 numbers. A CSR array stays sparse:
    its columns are ordered first so that L and U fill up little, and both count what is stored alone.
    Rate: at once.
    Choose it for any square system that fits; not where A is definite and dense: Cholesky does half the work.
    Source: Golub & Van Loan, Matrix Computations (2013), section 3.4; Demmel et al. (1999),
    doi:10.1137/S0895479895291765.
    """

    needs = (LinearSystem,)

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = system_of(problem)
        if sp.issparse(A):
            yield sparse_lu(A).solve(b)
        else:
            yield np.ravel(sl.lu_solve(lu_factor(A), b, check_finite=False))

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class QR(Solver[LeastSquares]):
    """Least squares, min |B theta - c|^2, by Householder reflections.

        1. B = Q R
        2. R theta = Q'c

    minimum_norm: whether columns are pivoted, B P = Q [R S; 0 0], R of the rank's size; dependent columns are then
    no breakdown: theta is the least of all that are least squares, by a second factorisation, [R S]' = Z T.
    Cost: one iterate: 2 m d^2 - 2 d^3/3 operations for B of m rows and d columns. Memory: m d numbers, for a CSR
    array is filled up.
    Rate: at once. B'B is never formed, so that only the condition number of B itself is paid in digits.
    Choose it as the safe way to a regression; not where the rank itself is the question: the SVD, dearer, tells it.
    Source: Golub (1965), doi:10.1007/BF01436075; Golub & Van Loan (2013), section 5.5.
    """

    needs = (LeastSquares,)
    minimum_norm: bool = False

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = table_of(problem)
        if self.minimum_norm:
            yield np.ravel(pivoted_qr(dense(B), c))
        else:
            cQ, R = qr_factor(dense(B), c.T)
            yield np.ravel(sl.solve_triangular(R, cQ.T, check_finite=False))

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class SVD(Solver[LeastSquares]):
    """Least squares of minimum norm, min |B theta - c|^2 and then min |theta|, by singular values.

        1. B = U S V'
        2. theta = V_r S_r^-1 U_r'c,     r the number of singular values above cutoff times the largest

    cutoff: max(m, d) eps where it is left out; larger values leave out directions that noise has spoilt.
    Cost: one iterate: about 4 m d^2 + 8 d^3 operations for B of m >= d rows and d columns. Memory: 2 m d numbers, for
    a CSR array is filled up.
    Rate: at once, and to the digits that the condition number of B leaves.
    Choose it where columns may be dependent, and to learn by how much; QR where they are not.
    Source: Golub & Kahan (1965), doi:10.1137/0702016; Golub & Van Loan (2013), section 5.5.
    """

    needs = (LeastSquares,)
    cutoff: float | None = None

    def __post_init__(self) -> None:
        not_negative(cutoff=self.cutoff)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = table_of(problem)
        try:
            U, S, Vt = sl.svd(dense(B), full_matrices=False, check_finite=False)
        except np.linalg.LinAlgError:
            raise Breakdown("the singular values were not found: the rows are not finite, or scaled too wide") from None
        cutoff = max(B.shape) * EPS if self.cutoff is None else self.cutoff
        r = int((cutoff * S[0] < S).sum())
        yield np.ravel(Vt[:r].T @ ((c.T @ U[:, :r]) / S[:r]).T)
        return f"it is direct; the rank it saw is {r} of {S.size}"

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


def table_of(problem: LeastSquares) -> tuple[Any, Matrix]:
    """B and c of min |B theta - c|; of several right sides their one B, and a column of c for each."""
    return problem.shared_least_squares() if isinstance(problem, SeveralSides) else problem.least_squares()


def system_of(problem: LinearSystem) -> tuple[Any, Matrix]:
    """A and b of A theta = b; of several right sides their one A, and a column of b for each."""
    return problem.shared_system() if isinstance(problem, SeveralSides) else problem.system()


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


def sparse_lu(A: Any) -> Any:
    """SuperLU's factors of a sparse A; a Breakdown where a pivot is zero."""
    from scipy.sparse.linalg import splu

    try:
        return splu(A.tocsc())
    except RuntimeError as error:
        raise Breakdown(f"the matrix is singular: {error}") from None


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


def pivoted_qr(B: Matrix, c: Vector) -> Vector:
    """The theta of least norm among those of least |B theta - c|, by two QR factorisations."""
    cQ, R, P = sl.qr_multiply(B, c.T, mode="right", pivoting=True)
    pivots = abs(np.diag(R))
    r = int((pivots > max(B.shape) * EPS * pivots[0]).sum())
    theta = np.zeros((B.shape[1], *c.shape[1:]))
    if r:
        Z, T = sl.qr(R[:r].T, mode="economic", check_finite=False)  # theta = Z T'^-1 (Q'c)_r
        theta[P] = Z @ sl.solve_triangular(T, cQ.T[:r], trans="T", check_finite=False)
    return theta
