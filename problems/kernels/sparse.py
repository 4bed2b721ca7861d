"""Passes over the rows of a linear model z_i = x_i . w + b that are stored as CSR, for any loss.

values, columns, starts: the stored entries, row by row; their columns; the index of each row's first entry. The indices
are unsigned, because numba tests a signed index for being negative.
"""

from __future__ import annotations

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, caller, f8, i8, native
from problems.kernels.signature import SPARSE_GRADIENT, U4, Integers
from problems.parts.losses import BLOCK_TOTAL, DERIVATIVE

as_block_total, as_derivative = caller(BLOCK_TOTAL), caller(DERIVATIVE)
BLOCK_ROWS = 256  # the largest number of rows in a block
BLOCK_ENTRIES = 2**14  # entries that stay in the second-level cache until they are read again

Index = NDArray[np.uint32]


@native(inline=True)
def dot(values: Vector, columns: Index, low: int, high: int, w: Vector) -> float:
    """x . w for the row with the entries low:high, as four independent sums."""
    z0, z1, z2, z3 = 0.0, 0.0, 0.0, 0.0
    k = low
    while k + 4 <= high:
        z0 += values[k] * w[columns[k]]
        z1 += values[k + 1] * w[columns[k + 1]]
        z2 += values[k + 2] * w[columns[k + 2]]
        z3 += values[k + 3] * w[columns[k + 3]]
        k += 4
    while k < high:
        z0 += values[k] * w[columns[k]]
        k += 1
    return (z0 + z1) + (z2 + z3)


@native(void(F1, U4, U4, F1, f8, F1))
def sparse_product(values: Vector, columns: Index, starts: Index, w: Vector, b: float, z: Vector) -> None:
    """z = X w + b."""
    for i in range(z.size):
        z[i] = b + dot(values, columns, i8(starts[i]), i8(starts[i + 1]), w)


@native(void(F1, U4, U4, F1, F1))
def sparse_transposed(values: Vector, columns: Index, starts: Index, s: Vector, g: Vector) -> None:
    """g = [X 1]' s, shape (d + 1,)."""
    g[:] = 0.0
    total = 0.0
    for i in range(s.size):
        factor = s[i]
        for k in range(i8(starts[i]), i8(starts[i + 1])):
            g[columns[k]] += factor * values[k]
        total += factor
    g[g.size - 1] = total


@native(void(F1, U4, U4, F1, F1, f8, F1))
def sparse_normal(values: Vector, columns: Index, starts: Index, h: Vector, v: Vector, c: float, g: Vector) -> None:
    """g = [X 1]' (h (X v + c)), shape (d + 1,), reading the entries of each row once."""
    g[:] = 0.0
    total = 0.0
    for i in range(h.size):
        low, high = i8(starts[i]), i8(starts[i + 1])
        s = h[i] * (c + dot(values, columns, low, high, v))
        for k in range(low, high):
            g[columns[k]] += s * values[k]
        total += s
    g[g.size - 1] = total


@native(f8(F1, U4, U4, F1, F1, f8, i8, f8, F1, F1))
def sparse_pass(
    values: Vector,
    columns: Index,
    starts: Index,
    y: Vector,
    w: Vector,
    b: float,
    block: int,
    shape: float,
    g: Vector,
    h: Vector,
) -> float:
    """The sum of the losses, reading X once; fills g, shape (d + 1,), with [X 1]' l'(z), and h with l''(z)."""
    n, d = y.size, g.size - 1
    z, s = np.empty(BLOCK_ROWS), np.empty(BLOCK_ROWS)
    losses = as_block_total(block)
    total, of_intercept = 0.0, 0.0
    g[:] = 0.0
    first = 0
    while first < n:
        m, begin = 0, i8(starts[first])
        while m < BLOCK_ROWS and first + m < n and (m == 0 or i8(starts[first + m + 1]) - begin <= BLOCK_ENTRIES):
            z[m] = b + dot(values, columns, i8(starts[first + m]), i8(starts[first + m + 1]), w)
            m += 1
        total += losses(z[:m], y[first : first + m], s[:m], h[first : first + m], shape)
        for k in range(m):
            derivative = s[k]
            for e in range(i8(starts[first + k]), i8(starts[first + k + 1])):
                g[columns[e]] += derivative * values[e]
            of_intercept += derivative
        first += m
    g[d] = of_intercept
    return total


@native(f8(F1, U4, U4, F1, F1, f8, i8, f8))
def sparse_total(
    values: Vector, columns: Index, starts: Index, y: Vector, w: Vector, b: float, block: int, shape: float
) -> float:
    """The sum of the losses."""
    n = y.size
    z, s, h = np.empty(BLOCK_ROWS), np.empty(BLOCK_ROWS), np.empty(BLOCK_ROWS)
    losses = as_block_total(block)
    total = 0.0
    for first in range(0, n, BLOCK_ROWS):
        m = min(BLOCK_ROWS, n - first)
        for k in range(m):
            z[k] = b + dot(values, columns, i8(starts[first + k]), i8(starts[first + k + 1]), w)
        total += losses(z[:m], y[first : first + m], s[:m], h[:m], shape)
    return total


@native(void(F1, U4, U4, F1, F2))
def sparse_gram(values: Vector, columns: Index, starts: Index, h: Vector, G: Matrix) -> None:
    """G = X' diag(h) X, shape (d, d). Columns ascend within a row, so that only the upper triangle is summed."""
    G[:, :] = 0.0
    for i in range(h.size):
        high = i8(starts[i + 1])
        for a in range(i8(starts[i]), high):
            row, share = G[columns[a]], h[i] * values[a]
            for k in range(a, high):
                row[columns[k]] += share * values[k]
    for i in range(G.shape[0]):
        for j in range(i):
            G[i, j] = G[j, i]


@native(SPARSE_GRADIENT)
def sparse_gradient(
    theta: Vector,
    values: Vector,
    columns: Index,
    starts: Index,
    y: Vector,
    integers: Integers,
    floats: Vector,
    rows: NDArray[np.int64],
    g: Vector,
) -> None:
    """The mean subgradient over `rows` plus l2 w + l1 sign(w).

    integers = [address of the loss's derivative, 1 with an intercept or 0]  floats = [l2, l1, shape of the loss]
    """
    derivative = as_derivative(integers[0])
    intercept, l2, l1 = integers[1], floats[0], floats[1]
    d = theta.size - intercept
    for j in range(d):
        g[j] = l2 * theta[j] + l1 * np.sign(theta[j])
    if intercept:
        g[d] = 0.0
    for i in rows:
        low, high = i8(starts[i]), i8(starts[i + 1])
        z = dot(values, columns, low, high, theta) + (theta[d] if intercept else 0.0)
        s = derivative(z, y[i], floats[2]) / rows.size
        for k in range(low, high):
            g[columns[k]] += s * values[k]
        if intercept:
            g[d] += s
