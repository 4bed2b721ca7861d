"""Sweeps over the rows of a matrix, dense or CSR: relaxation, triangular solves, incomplete factorisation.

A CSR matrix is (indptr, indices, data). Its integers are uint32, because numba then does not check for negative
indices.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.core.types import uint32
from numpy.typing import NDArray

from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.native import F1, F2, SUMS, f8, i8, native
from solvers.base import Iterates
from solvers.kernels.blocks import blocks

W1 = uint32[::1]
Integers = NDArray[np.uint32]
ROUNDING = EPS / 4  # relative to |A| |theta| + |b|: sweeps that have converged reach less than half of it


@native(i8(F2, F1, F1, i8, f8, F1, F2), flags=SUMS)
def dense_sweeps(
    A: Matrix, b: Vector, weight: Vector, simultaneous: int, size: float, theta: Vector, out: Matrix
) -> int:
    """Fill each row of `out` with theta after one more sweep of theta_i <- theta_i + weight_i r_i, r = b - A theta.

    simultaneous: whether every row uses theta from before the sweep, and not the new entries.
    size: |A|_1. Returns the number of sweeps until |r|_1 was at the level of rounding errors; 0 if it was not.
    """
    n = theta.size
    new = theta.copy() if simultaneous else theta
    b_size = np.abs(b).sum()
    for k in range(out.shape[0]):
        r_size, theta_size = 0.0, 0.0
        for i in range(n):
            r = b[i]
            for j in range(n):
                r -= A[i, j] * theta[j]
            new[i] = theta[i] + weight[i] * r
            r_size += abs(r)
        for i in range(n):
            theta[i] = out[k, i] = new[i]
            theta_size += abs(theta[i])
        if r_size <= ROUNDING * (size * theta_size + b_size) < np.inf:
            return k + 1
    return 0


@native(i8(W1, W1, F1, F1, F1, i8, f8, F1, F2))
def csr_sweeps(
    indptr: Integers, indices: Integers, data: Vector,
    b: Vector, weight: Vector, simultaneous: int, size: float, theta: Vector, out: Matrix,
) -> int:  # fmt: skip
    """`dense_sweeps` for a CSR matrix."""
    n = theta.size
    new = theta.copy() if simultaneous else theta
    b_size = np.abs(b).sum()
    for k in range(out.shape[0]):
        r_size, theta_size = 0.0, 0.0
        for i in range(n):
            r = b[i]
            for entry in range(indptr[i], indptr[i + 1]):
                r -= data[entry] * theta[indices[entry]]
            new[i] = theta[i] + weight[i] * r
            r_size += abs(r)
        for i in range(n):
            theta[i] = out[k, i] = new[i]
            theta_size += abs(theta[i])
        if r_size <= ROUNDING * (size * theta_size + b_size) < np.inf:
            return k + 1
    return 0


@native(i8(W1, W1, F1, F1, F1))
def substitute(indptr: Integers, indices: Integers, data: Vector, r: Vector, z: Vector) -> int:
    """z = (T T')^-1 r, T lower triangular with the diagonal last in each row: forward, then backward substitution."""
    n = r.size
    for i in range(n):
        last = indptr[i + 1] - 1
        s = r[i]
        for entry in range(indptr[i], last):
            s -= data[entry] * z[indices[entry]]
        z[i] = s / data[last]
    for i in range(n - 1, -1, -1):
        last = indptr[i + 1] - 1
        z[i] /= data[last]
        for entry in range(indptr[i], last):
            z[indices[entry]] -= data[entry] * z[i]
    return n


@native(i8(W1, W1, F1))
def incomplete_cholesky(indptr: Integers, indices: Integers, data: Vector) -> int:
    """Overwrite the lower triangle of A by L, where (L L')_ij = a_ij wherever a_ij is stored; columns are ascending.

        l_ij = (a_ij - sum_(k < j) l_ik l_jk) / l_jj     l_ii = sqrt(a_ii - sum_(k < i) l_ik^2)

    Returns the number, from 1, of the first pivot that is not positive; 0 if all are positive.
    """
    for i in range(indptr.size - 1):
        first, last = indptr[i], indptr[i + 1] - 1
        pivot = data[last]
        for entry in range(first, last):
            j = indices[entry]
            left, right, end = first, indptr[j], indptr[j + 1] - 1
            s = data[entry]
            while left < entry and right < end:  # over the columns that rows i and j have in common
                if indices[left] == indices[right]:
                    s -= data[left] * data[right]
                    left += 1
                    right += 1
                elif indices[left] < indices[right]:
                    left += 1
                else:
                    right += 1
            data[entry] = s / data[end]
            pivot -= data[entry] ** 2
        if not pivot > 0.0:
            return i + 1
        data[last] = math.sqrt(pivot)
    return 0


def compressed(A: Any) -> tuple[Integers, Integers, Vector]:
    """The arrays of a CSR matrix in the types that the kernels take."""
    return A.indptr.astype(np.uint32), A.indices.astype(np.uint32), A.data


def relaxed(A: Any, b: Vector, weight: Vector, simultaneous: bool, theta0: Vector) -> Iterates:
    """Yield theta after each sweep of theta_i <- theta_i + weight_i (b - A theta)_i, in blocks.

    simultaneous: whether every row uses theta from before the sweep. It ends when b - A theta is at the level of
    rounding errors.
    """
    theta, size = theta0.copy(), float(abs(A).sum(0).max())
    dense = isinstance(A, np.ndarray)
    parts = (np.ascontiguousarray(A),) if dense else compressed(A)
    kernel: Any = dense_sweeps if dense else csr_sweeps
    for _, count in blocks(parts[-1].size):
        out = np.empty((count, theta.size))
        made = kernel(*parts, b, weight, simultaneous, size, theta, out)
        yield out[:made] if made else out
        if made:
            return "the residual is at the level of rounding errors"
