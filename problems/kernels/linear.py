"""Passes over the rows of a linear model z_i = x_i . w + b, for any loss."""

from __future__ import annotations

import numpy as np
from numba.core.types import void

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, SUMS, caller, f8, i8, native
from problems.kernels.signature import GRADIENT, Integers
from problems.parts.losses import BLOCK_TOTAL, DERIVATIVE

as_block_total, as_derivative = caller(BLOCK_TOTAL), caller(DERIVATIVE)


@native()
def rows_per_block(d: int) -> int:
    """The number of rows that stay in the first-level cache until they are read again."""
    return max(16, min(256, 4 * (1024 // max(d, 1))))


@native(flags=SUMS)
def predict(X: Matrix, first: int, w: Vector, b: float, z: Vector) -> None:
    """z = x_i . w + b for the rows from `first` on."""
    d = X.shape[1]
    fours = z.size - z.size % 4  # each load of w is used for four rows
    for k in range(0, fours, 4):
        i = first + k
        z0, z1, z2, z3 = b, b, b, b
        for j in range(d):
            wj = w[j]
            z0 += X[i, j] * wj
            z1 += X[i + 1, j] * wj
            z2 += X[i + 2, j] * wj
            z3 += X[i + 3, j] * wj
        z[k], z[k + 1], z[k + 2], z[k + 3] = z0, z1, z2, z3
    for k in range(fours, z.size):
        z0 = b
        for j in range(d):
            z0 += X[first + k, j] * w[j]
        z[k] = z0


@native(flags=SUMS)
def add(X: Matrix, first: int, s: Vector, g: Vector) -> None:
    """g += [X 1]' s, shape (d + 1,), over the rows from `first` on."""
    d = X.shape[1]
    fours = s.size - s.size % 4  # each load and store of g is used for four rows
    for k in range(0, fours, 4):
        i = first + k
        s0, s1, s2, s3 = s[k], s[k + 1], s[k + 2], s[k + 3]
        for j in range(d):
            g[j] += s0 * X[i, j] + s1 * X[i + 1, j] + s2 * X[i + 2, j] + s3 * X[i + 3, j]
    for k in range(fours, s.size):
        s0 = s[k]
        for j in range(d):
            g[j] += s0 * X[first + k, j]
    for k in range(s.size):
        g[d] += s[k]


@native(f8(F2, F1, F1, f8, i8, f8, F1, F1), flags=SUMS)
def dense_pass(X: Matrix, y: Vector, w: Vector, b: float, block: int, shape: float, g: Vector, h: Vector) -> float:
    """The sum of the losses, reading X once; fills g, shape (d + 1,), with [X 1]' l'(z), and h with l''(z)."""
    n, most = y.size, rows_per_block(X.shape[1])
    z, s = np.empty(most), np.empty(most)
    losses = as_block_total(block)
    total = 0.0
    g[:] = 0.0
    for first in range(0, n, most):
        m = min(most, n - first)
        predict(X, first, w, b, z[:m])
        total += losses(z[:m], y[first : first + m], s[:m], h[first : first + m], shape)
        add(X, first, s[:m], g)
    return total


@native(f8(F2, F1, F1, f8, i8, f8), flags=SUMS)
def dense_total(X: Matrix, y: Vector, w: Vector, b: float, block: int, shape: float) -> float:
    """The sum of the losses."""
    n, most = y.size, 256
    z, s, h = np.empty(most), np.empty(most), np.empty(most)
    losses = as_block_total(block)
    total = 0.0
    for first in range(0, n, most):
        m = min(most, n - first)
        predict(X, first, w, b, z[:m])
        total += losses(z[:m], y[first : first + m], s[:m], h[:m], shape)
    return total


@native(f8(F1, F1, i8, f8))
def total_at(z: Vector, y: Vector, block: int, shape: float) -> float:
    """The sum of the losses at predictions z, which are overwritten; l' and l'' never leave the cache."""
    n, most = y.size, 256
    s, h = np.empty(most), np.empty(most)
    losses = as_block_total(block)
    total = 0.0
    for first in range(0, n, most):
        m = min(most, n - first)
        total += losses(z[first : first + m], y[first : first + m], s[:m], h[:m], shape)
    return total


@native(void(F2, F1, F1, f8, F1), flags=SUMS)
def dense_normal(X: Matrix, h: Vector, v: Vector, c: float, g: Vector) -> None:
    """g = [X 1]' (h (X v + c)), shape (d + 1,), reading X once."""
    n, most = h.size, rows_per_block(X.shape[1])
    z = np.empty(most)
    g[:] = 0.0
    for first in range(0, n, most):
        m = min(most, n - first)
        predict(X, first, v, c, z[:m])
        for k in range(m):
            z[k] *= h[first + k]
        add(X, first, z[:m], g)


@native(GRADIENT, flags=SUMS)
def linear_gradient(
    theta: Vector,
    X: Matrix,
    y: Vector,
    integers: Integers,
    floats: Vector,
    scratch: Vector,
    low: int,
    high: int,
    g: Vector,
) -> None:
    """The mean subgradient over rows low:high plus l2 w + l1 sign(w).

    integers = [address of the loss's derivative, 1 with an intercept or 0]  floats = [l2, l1, shape of the loss]
    """
    d = X.shape[1]
    derivative = as_derivative(integers[0])
    intercept, l2, l1 = integers[1], floats[0], floats[1]
    if intercept:
        g[d] = 0.0
    for i in range(low, high):
        z = theta[d] if intercept else 0.0
        for j in range(d):
            z += X[i, j] * theta[j]
        s = derivative(z, y[i], floats[2]) / (high - low)
        if i == low:
            for j in range(d):
                g[j] = l2 * theta[j] + l1 * np.sign(theta[j]) + s * X[i, j]
        else:
            for j in range(d):
                g[j] += s * X[i, j]
        if intercept:
            g[d] += s
