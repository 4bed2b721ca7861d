"""Products of float64 rows with double-double vectors, without a fused operation, so that each rounding is known.

A number is hi + lo. `size` receives the sum of the absolute values of the terms, by which errors are bounded.
"""

from __future__ import annotations

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, i8, native
from problems.kernels.signature import U4

STRICT: frozenset[str] = frozenset()  # not even a fused multiplication and addition
SPLITTER = 2.0**27 + 1
Index = NDArray[np.uint32]


@native(flags=STRICT, inline=True)
def accumulate(a: float, hi: float, lo: float, sum_hi: float, sum_lo: float) -> tuple[float, float]:
    """sum + a (hi + lo), where a is float64."""
    p = a * hi
    a_high = SPLITTER * a - (SPLITTER * a - a)
    b_high = SPLITTER * hi - (SPLITTER * hi - hi)
    a_low, b_low = a - a_high, hi - b_high
    e = ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low + a * lo
    s = sum_hi + p
    t = s - sum_hi
    e += (sum_hi - (s - t)) + (p - t) + sum_lo
    total = s + e
    return total, e - (total - s)


@native(void(F2, F1, F1, F1, F1, F1), flags=STRICT)
def product(X: Matrix, hi: Vector, lo: Vector, z_hi: Vector, z_lo: Vector, size: Vector) -> None:
    """z = X (hi + lo), row by row."""
    for i in range(X.shape[0]):
        s, r, m = 0.0, 0.0, 0.0
        for j in range(X.shape[1]):
            s, r = accumulate(X[i, j], hi[j], lo[j], s, r)
            m += abs(X[i, j] * hi[j])
        z_hi[i], z_lo[i], size[i] = s, r, m


@native(void(F2, F1, F1, F1, F1, F1), flags=STRICT)
def transposed(X: Matrix, hi: Vector, lo: Vector, g_hi: Vector, g_lo: Vector, size: Vector) -> None:
    """g = X'(hi + lo)."""
    g_hi[:] = 0.0
    g_lo[:] = 0.0
    size[:] = 0.0
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            g_hi[j], g_lo[j] = accumulate(X[i, j], hi[i], lo[i], g_hi[j], g_lo[j])
            size[j] += abs(X[i, j] * hi[i])


@native(void(F1, U4, U4, F1, F1, F1, F1, F1), flags=STRICT)
def sparse_product(
    values: Vector, columns: Index, starts: Index, hi: Vector, lo: Vector, z_hi: Vector, z_lo: Vector, size: Vector
) -> None:
    """z = X (hi + lo) for rows stored as CSR."""
    for i in range(z_hi.size):
        s, r, m = 0.0, 0.0, 0.0
        for k in range(i8(starts[i]), i8(starts[i + 1])):
            j = columns[k]
            s, r = accumulate(values[k], hi[j], lo[j], s, r)
            m += abs(values[k] * hi[j])
        z_hi[i], z_lo[i], size[i] = s, r, m


@native(void(F1, U4, U4, F1, F1, F1, F1, F1), flags=STRICT)
def sparse_transposed(
    values: Vector, columns: Index, starts: Index, hi: Vector, lo: Vector, g_hi: Vector, g_lo: Vector, size: Vector
) -> None:
    """g = X'(hi + lo) for rows stored as CSR."""
    g_hi[:] = 0.0
    g_lo[:] = 0.0
    size[:] = 0.0
    for i in range(hi.size):
        for k in range(i8(starts[i]), i8(starts[i + 1])):
            j = columns[k]
            g_hi[j], g_lo[j] = accumulate(values[k], hi[i], lo[i], g_hi[j], g_lo[j])
            size[j] += abs(values[k] * hi[i])
