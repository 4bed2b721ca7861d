"""Sweeps over the rows of a matrix, dense or CSR: relaxations, triangular solves, incomplete factors.

A CSR matrix is (indptr, indices, data), its integers as uint32: numba then checks no index for being negative.
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
Whole = NDArray[np.uint32]
REST = EPS / 4  # times |A| |theta| + |b|: sweeps come to rest, with luck not a bit moving, at less than half of this


@native(i8(F2, F1, F1, i8, f8, F1, F2), flags=SUMS)
def dense_sweeps(A: Matrix, b: Vector, weight: Vector, at_once: int, size: float, theta: Vector, out: Matrix) -> int:
    """Fill each row of `out` with theta after one more sweep of theta_i <- theta_i + weight_i r_i, r = b - A theta.

    at_once: whether a row of the sweep sees theta as it was before the sweep, and not the new entries above its own.
    size: |A|_1. Returns how many sweeps were made until |r|_1 was at rounding level; 0 where it was not.
    """
    n = theta.size
    new = theta.copy() if at_once else theta
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
        if r_size <= REST * (size * theta_size + b_size) < np.inf:
            return k + 1
    return 0


@native(i8(W1, W1, F1, F1, F1, i8, f8, F1, F2))
def csr_sweeps(
    indptr: Whole, indices: Whole, data: Vector,
    b: Vector, weight: Vector, at_once: int, size: float, theta: Vector, out: Matrix,
) -> int:  # fmt: skip
    """`dense_sweeps` for a CSR matrix."""
    n = theta.size
    new = theta.copy() if at_once else theta
    b_size = np.abs(b).sum()
    for k in range(out.shape[0]):
        r_size, theta_size = 0.0, 0.0
        for i in range(n):
            r = b[i]
            for at in range(indptr[i], indptr[i + 1]):
                r -= data[at] * theta[indices[at]]
            new[i] = theta[i] + weight[i] * r
            r_size += abs(r)
        for i in range(n):
            theta[i] = out[k, i] = new[i]
            theta_size += abs(theta[i])
        if r_size <= REST * (size * theta_size + b_size) < np.inf:
            return k + 1
    return 0


@native(i8(W1, W1, F1, F1, F1))
def substitute(indptr: Whole, indices: Whole, data: Vector, r: Vector, z: Vector) -> int:
    """z = (T T')^-1 r, T lower triangular, each row's diagonal entry its last: forward, then back by the same rows."""
    n = r.size
    for i in range(n):
        last = indptr[i + 1] - 1
        s = r[i]
        for at in range(indptr[i], last):
            s -= data[at] * z[indices[at]]
        z[i] = s / data[last]
    for i in range(n - 1, -1, -1):
        last = indptr[i + 1] - 1
        z[i] /= data[last]
        for at in range(indptr[i], last):
            z[indices[at]] -= data[at] * z[i]
    return n


@native(i8(W1, W1, F1))
def incomplete_cholesky(indptr: Whole, indices: Whole, data: Vector) -> int:
    """Overwrite the lower triangle of A, rows in ascending columns, by L: (L L')_ij = a_ij wherever a_ij is stored.

        l_ij = (a_ij - sum_(k < j) l_ik l_jk) / l_jj     l_ii = sqrt(a_ii - sum_(k < i) l_ik^2)

    Returns the number, from 1, of the first pivot that is not above zero; 0 where all are.
    """
    for i in range(indptr.size - 1):
        first, last = indptr[i], indptr[i + 1] - 1
        pivot = data[last]
        for at in range(first, last):
            j = indices[at]
            one, other, end = first, indptr[j], indptr[j + 1] - 1
            s = data[at]
            while one < at and other < end:  # columns that rows i and j have in common
                if indices[one] == indices[other]:
                    s -= data[one] * data[other]
                    one += 1
                    other += 1
                elif indices[one] < indices[other]:
                    one += 1
                else:
                    other += 1
            data[at] = s / data[end]
            pivot -= data[at] ** 2
        if not pivot > 0.0:
            return i + 1
        data[last] = math.sqrt(pivot)
    return 0


def compressed(A: Any) -> tuple[Whole, Whole, Vector]:
    """A CSR array as kernels take it."""
    return A.indptr.astype(np.uint32), A.indices.astype(np.uint32), A.data


def relaxed(A: Any, b: Vector, weight: Vector, at_once: bool, theta0: Vector) -> Iterates:
    """theta after each sweep of theta_i <- theta_i + weight_i (b - A theta)_i, in blocks, down to rounding level."""
    theta, size = theta0.copy(), float(abs(A).sum(0).max())
    dense = isinstance(A, np.ndarray)
    parts = (np.ascontiguousarray(A),) if dense else compressed(A)
    kernel: Any = dense_sweeps if dense else csr_sweeps
    for _, count in blocks(parts[-1].size):
        out = np.empty((count, theta.size))
        made = kernel(*parts, b, weight, at_once, size, theta, out)
        yield out[:made] if made else out
        if made:
            return "the residual is at rounding level"
