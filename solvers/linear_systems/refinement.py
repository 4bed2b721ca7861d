"""Iterative refinement of a solution by Cholesky, and its refusal where the matrix leaves it no correct digit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg as sl

from problems.foundation.arrays import EPS, Matrix
from problems.foundation.double_double import DoubleDouble, exact
from problems.kernels.extended import product
from solvers.base import Breakdown

TOLERATED = 1e-11  # relative error of a solution, eps times the condition number, up to which it is given as it is
TOO_LARGE = 1e-4  # relative size of a refinement that is no smaller than the one before, from which there is no answer
MOST = 20  # refinements
SLOWEST = 0.5  # factor of the error from which a refinement does not help any more


def cholesky_refined(
    A: Matrix, b: Matrix, factor: tuple[Matrix, bool], residual: Callable[[Matrix], Matrix]
) -> Iterator[Matrix]:
    """theta with A theta = b, from the factor of A; where A is ill-conditioned also refinements of it.

    residual: b - A theta, more accurately than A, b and theta in float64 give it. Raises Breakdown where the condition
    number is beyond the digits of float64, and where refinements do not converge.
    """
    D = np.ldexp(1.0, -np.frexp(np.sqrt(np.diag(A)))[1])  # so that the units of columns do not matter
    scaled = D[:, None] * A * D
    rcond, _ = sl.lapack.dpocon(D[:, None] * factor[0], float(abs(scaled).sum(axis=0).max()), uplo="L")
    if not rcond > len(A) * EPS:
        raise Breakdown(
            f"the condition number of the matrix is about {1 / max(rcond, EPS**2):.0e}, so that no digit of the "
            "solution would be right; for a regression qr and svd avoid the square"
        )
    theta = sl.cho_solve(factor, b, check_finite=False)
    yield theta
    if TOLERATED * rcond >= EPS:
        return
    last = np.inf
    for _ in range(MOST):
        step = sl.cho_solve(factor, residual(theta), check_finite=False)
        change = float(np.linalg.norm(step.T / D) / np.linalg.norm(theta.T / D))
        if not change < SLOWEST * last:
            if change > TOO_LARGE:
                raise Breakdown(f"refinements do not converge: the condition number is about {1 / rcond:.0e}")
            return
        theta, last = theta + step, change
        yield theta
        if change <= EPS:
            return


def extended_residual(A: Matrix, b: Matrix) -> Callable[[Matrix], Matrix]:
    """theta -> b - A theta in double-double arithmetic, rounded once."""

    def of_column(b: Matrix, theta: Matrix) -> Matrix:
        hi, lo, size = np.empty((3, len(A)))
        product(A, np.ascontiguousarray(theta), np.zeros(len(theta)), hi, lo, size)
        return (exact(b) - DoubleDouble(hi, lo)).value

    def residual(theta: Matrix) -> Matrix:
        return of_column(b, theta) if b.ndim == 1 else np.stack([*map(of_column, b.T, theta.T)], axis=1)

    return residual
