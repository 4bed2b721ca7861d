"""Direct methods for linear systems and least squares, by factorisation (LAPACK and SuperLU, through scipy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from numpy.typing import NDArray

from problems.forms import FiniteSum, LeastSquares, LinearSystem, MultipleRightHandSides, SPDSystem
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.foundation.checks import not_negative
from solvers.base import Breakdown, Iterates, Rate, Solver, Trait
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.refinement import cholesky_refined, extended_residual

ONE_ITERATION = Rate(0.0)  # the error is zero after one iteration


@dataclass(frozen=True)
class NormalEquations(Solver[LeastSquares]):
    """The closed form of least squares, min |B theta - c|^2.

        1. N = B'B,  q = B'c
        2. N theta = q, by Cholesky
        3. where N is ill-conditioned: theta <- theta + N^-1 B'(c - B theta), while that becomes smaller

    refine: default true. With false, steps 1 and 2 alone, whatever digits they lose.
    Cost: one iteration with m d^2 + d^3/3 operations, if B has m rows and d columns.
    Memory: d^2 numbers in addition to B, which may be dense or CSR.
    Rate: exact after one iteration. But it loses twice as many digits as QR, because the condition number of N is the
    square of the condition number of B; step 3 recovers them up to condition numbers of about 1e7, and beyond about 1e8
    it breaks down.
    Choose it for many rows and a few well-conditioned columns; not if columns are nearly dependent.
    Source: Gauss (1809); Golub & Van Loan, Matrix Computations (2013), section 5.3.2; Björck (1987), Linear Algebra and
    its Applications 88/89, 31-48.
    """

    needs = (LeastSquares,)
    traits = frozenset({Trait.SQUARES_CONDITION})
    refine: bool = True

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = least_squares_of(problem)
        N, q = dense(B.T @ B), B.T @ c
        factor = cholesky_factor(N)
        if not self.refine:
            yield np.ravel(sl.cho_solve(factor, q, check_finite=False))
            return
        for theta in cholesky_refined(N, q, factor, lambda theta: B.T @ (c - B @ theta)):
            yield np.ravel(theta)

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class Cholesky(Solver[SPDSystem]):
    """A theta = b with A symmetric positive definite.

        1. A = L L'
        2. L v = b,  L' theta = v
        3. where A is ill-conditioned: theta <- theta + A^-1 (b - A theta), the residual in double-double arithmetic or
           from the rows of which A is the product, while that becomes smaller

    refine: default true. With false, steps 1 and 2 alone, whatever digits they lose.
    Cost: one iteration with d^3/3 operations, in addition to those that form A.
    Memory: d^2 numbers, because a CSR array is converted to a dense array.
    Rate: exact after one iteration, or a few refinements; it breaks down where the condition number takes all digits.
    Choose it for dense positive definite systems, because no other factorisation is cheaper; not if A is only nearly
    definite, or sparse: use LU.
    Source: Cholesky (1910); Golub & Van Loan, Matrix Computations (2013), section 4.2.
    """

    needs = (SPDSystem,)
    refine: bool = True

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = system_of(problem)
        A = dense(A)
        factor = cholesky_factor(A)
        if not self.refine:
            yield np.ravel(sl.cho_solve(factor, b, check_finite=False))
            return

        def residual(theta: Matrix) -> Matrix:
            if isinstance(problem, LeastSquares) and isinstance(problem, FiniteSum):  # A = B'B / n was rounded
                B, c = least_squares_of(problem)
                gradient: Matrix = B.T @ (c - B @ theta) / problem.n
                return gradient
            return extended_residual(A, b)(theta)

        for theta in cholesky_refined(A, b, factor, residual):
            yield np.ravel(theta)

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class LU(Solver[LinearSystem]):
    """A theta = b with A square, by Gaussian elimination with partial pivoting.

        1. P A = L U
        2. L v = P b,  U theta = v

    Cost: one iteration with 2 d^3/3 operations, in addition to those that form A.
    Memory: d^2 numbers. A CSR array stays sparse: its columns are reordered first, so that L and U have little fill-in.
    Cost and memory then depend only on the entries that are stored.
    Rate: exact after one iteration.
    Choose it for any square system that fits into memory; not if A is dense and positive definite: Cholesky needs half
    the operations.
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
        return ONE_ITERATION


@dataclass(frozen=True)
class QR(Solver[LeastSquares]):
    """Least squares, min |B theta - c|^2, by Householder reflections.

        1. B = Q R
        2. R theta = Q'c

    minimum_norm: default false. With true, the columns are pivoted, B P = Q [R S; 0 0], and R has the size of the rank.
    Dependent columns are then no breakdown: theta is the least-squares solution of minimum norm, by a second
    factorisation, [R S]' = Z T.
    Cost: one iteration with 2 m d^2 - 2 d^3/3 operations, if B has m rows and d columns.
    Memory: m d numbers, because a CSR array is converted to a dense array.
    Rate: exact after one iteration. B'B is never formed, so the loss of digits depends on the condition number of B,
    not on its square.
    Choose it as the safe method for a regression; not if you need to know the rank: the SVD, which costs more,
    determines it.
    Source: Golub (1965), doi:10.1007/BF01436075; Golub & Van Loan (2013), section 5.5.
    """

    needs = (LeastSquares,)
    minimum_norm: bool = False

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = least_squares_of(problem)
        if self.minimum_norm:
            yield np.ravel(pivoted_qr(dense(B), c))
        else:
            cQ, R = qr_factor(dense(B), c.T)
            yield np.ravel(sl.solve_triangular(R, cQ.T, check_finite=False))

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class SVD(Solver[LeastSquares]):
    """Least squares of minimum norm, min |B theta - c|^2 and then min |theta|, by singular values.

        1. B = U S V'
        2. theta = V_r S_r^-1 U_r'c,     r the number of singular values above cutoff times the largest

    cutoff: by default max(m, d) eps. Larger values remove directions that are dominated by noise.
    Cost: one iteration with about 4 m d^2 + 8 d^3 operations, if B has m >= d rows and d columns.
    Memory: 2 m d numbers, because a CSR array is converted to a dense array.
    Rate: exact after one iteration, up to the digits that the condition number of B takes.
    Choose it if columns may be dependent, and to learn how close to dependent they are; not if they are independent: QR
    is cheaper.
    Source: Golub & Kahan (1965), doi:10.1137/0702016; Golub & Van Loan (2013), section 5.5.
    """

    needs = (LeastSquares,)
    cutoff: float | None = None

    def __post_init__(self) -> None:
        not_negative(cutoff=self.cutoff)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = least_squares_of(problem)
        try:
            U, S, Vt = sl.svd(dense(B), full_matrices=False, check_finite=False)
        except np.linalg.LinAlgError:
            raise Breakdown(
                "the SVD did not converge: the rows are not finite, or their scales differ too much"
            ) from None
        cutoff = max(B.shape) * EPS if self.cutoff is None else self.cutoff
        r = int((cutoff * S[0] < S).sum())
        yield np.ravel(Vt[:r].T @ ((c.T @ U[:, :r]) / S[:r]).T)
        return f"{DIRECT}; it found rank {r} of {S.size}"

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


def least_squares_of(problem: LeastSquares) -> tuple[Any, Matrix]:
    """B and c of min |B theta - c|^2.

    For several right sides B is the matrix that they share, and every right side is a column of c.
    """
    return problem.shared_least_squares() if isinstance(problem, MultipleRightHandSides) else problem.least_squares()


def system_of(problem: LinearSystem) -> tuple[Any, Matrix]:
    """A and b of A theta = b.

    For several right sides A is the matrix that they share, and every right side is a column of b.
    """
    return problem.shared_system() if isinstance(problem, MultipleRightHandSides) else problem.system()


def cholesky_factor(A: Matrix) -> tuple[Matrix, bool]:
    """(L, True) with A = L L', L in the lower triangle. Raises Breakdown if A is not positive definite."""
    L, info = sl.lapack.dpotrf(A, lower=True, clean=False)
    if info > 0:
        raise Breakdown(f"the matrix is not positive definite: pivot {info} of {len(A)} is not above zero")
    return L, True


def lu_factor(A: Matrix) -> tuple[Matrix, NDArray[np.int32]]:
    """(LU, pivots) with P A = L U, both triangles in one array. Raises Breakdown if a pivot is zero."""
    factors, pivots, info = sl.lapack.dgetrf(A)
    if info > 0:
        raise Breakdown(f"the matrix is singular: pivot {info} of {len(A)} is zero")
    return factors, pivots


def sparse_lu(A: Any) -> Any:
    """SuperLU's factors of a sparse matrix A. Raises Breakdown if a pivot is zero."""
    from scipy.sparse.linalg import splu

    try:
        return splu(A.tocsc())
    except RuntimeError as error:
        raise Breakdown(f"the matrix is singular: {error}") from None


def qr_factor(B: Matrix, C: Matrix) -> tuple[Matrix, Matrix]:
    """(C'Q)' and R with B = Q R; Q is never formed. Raises Breakdown if the columns of B are dependent."""
    m, d = B.shape
    if m < d:
        raise Breakdown(f"{m} rows cannot determine {d} coefficients")
    QC, R = sl.qr_multiply(B, C, mode="right")
    check_rank(R, m)
    return QC, R


def check_rank(R: Matrix, m: int) -> None:
    """Raises Breakdown if the columns of a matrix of m rows with the triangle R are dependent."""
    pivots = abs(np.diag(R))
    if pivots.min() <= m * EPS * pivots.max():
        small = pivots.min() / pivots.max() if pivots.max() else 0.0
        raise Breakdown(f"the columns are dependent: a pivot of R is {small:.1g} of the largest")


def pivoted_qr(B: Matrix, c: Vector) -> Vector:
    """The least-squares solution of B theta = c with minimum norm, by two QR factorisations."""
    cQ, R, P = sl.qr_multiply(B, c.T, mode="right", pivoting=True)
    pivots = abs(np.diag(R))
    r = int((pivots > max(B.shape) * EPS * pivots[0]).sum())
    theta = np.zeros((B.shape[1], *c.shape[1:]))
    if r:
        Z, T = sl.qr(R[:r].T, mode="economic", check_finite=False)  # theta = Z T'^-1 (Q'c)_r
        theta[P] = Z @ sl.solve_triangular(T, cQ.T[:r], trans="T", check_finite=False)
    return theta
