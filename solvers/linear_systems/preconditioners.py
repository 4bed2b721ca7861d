"""Preconditioners M of a symmetric positive definite matrix A: each function takes A and returns r -> M^-1 r.

M = T T' for all of them, with T lower triangular, so that M is symmetric positive definite too. A dense A is converted
to CSR without its zeros.
Source: Saad, Iterative Methods for Sparse Linear Systems (2003), chapter 10, doi:10.1137/1.9780898718003.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from problems.foundation.arrays import Vector
from solvers.base import Breakdown
from solvers.kernels.sweeps import compressed, incomplete_cholesky, substitute

Apply = Callable[[Vector], Vector]


def identity(A: Any) -> Apply:
    """M = I."""
    return lambda r: r


def jacobi(A: Any) -> Apply:
    """M = D, the diagonal of A."""
    D = _diagonal(A)
    return lambda r: r / D


def ssor(A: Any) -> Apply:
    """M = (D + L) D^-1 (D + L)', a forward and a backward sweep of Gauss-Seidel."""
    D, T = _diagonal(A), _lower(A)
    T.data /= np.sqrt(D)[T.indices]
    return _inverse(T)


def ic0(A: Any) -> Apply:
    """M = L L', where L is the incomplete Cholesky factor with entries only where A has entries.

    Raises Breakdown if a pivot is not positive.
    """
    _diagonal(A)
    L = _lower(A)
    if pivot := incomplete_cholesky(*compressed(L)):
        raise Breakdown(f"incomplete Cholesky cannot continue: pivot {pivot} of {L.shape[0]} is not positive")
    return _inverse(L)


PRECONDITIONERS: dict[str, Callable[[Any], Apply]] = {
    "identity": identity,
    "jacobi": jacobi,
    "ssor": ssor,
    "incomplete-cholesky": ic0,
}


def _diagonal(A: Any) -> Vector:
    D: Vector = A.diagonal()
    if not (D > 0).all():
        raise Breakdown(
            f"the matrix is not positive definite: entry {int(np.argmin(D))} of its diagonal is not positive"
        )
    return D


def _lower(A: Any) -> sp.csr_array:
    """The lower triangle of A as CSR with columns in ascending order, so that each row ends with its diagonal entry."""
    T = sp.csr_array(sp.tril(sp.csr_array(A)))
    T.sum_duplicates()
    return T


def _inverse(T: Any) -> Apply:
    parts = compressed(T)

    def apply(r: Vector) -> Vector:
        z = np.empty_like(r)
        substitute(*parts, r, z)
        return z

    return apply
