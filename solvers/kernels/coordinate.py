"""Coordinate descent on the columns of a linear model; the derivatives of the losses are kept up to date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, caller, f8, i8, native
from problems.kernels.signature import U4
from problems.parts.losses import BLOCK_TOTAL, DERIVATIVE

as_block, as_derivative = caller(BLOCK_TOTAL), caller(DERIVATIVE)


@native(i8(i8, f8, f8, F2, F1, F1, F1, F1, F1, I1, F1, F1, F1, F2), flags=SUMS)
def coordinate_epochs(
    block: int,
    shape: float,
    constant: float,
    columns: Matrix,
    y: Vector,
    L: Vector,
    l1: Vector,
    l2: Vector,
    least: Vector,
    working: NDArray[np.int64],
    theta: Vector,
    z: Vector,
    s: Vector,
    out: Matrix,
) -> int:
    """Fill rows of `out` with theta after one more epoch over the coordinates in `working`, until convergence.

    They have converged after an epoch in which no coordinate j changes by more than least[j]. Returns the number of
    epochs until then; 0 if all rows of `out` are filled and the coordinates still change.
    constant: the curvature of the loss if it is the same everywhere, otherwise 0.
    columns: X', shape (dim, n).
    L: the largest curvature along each coordinate.
    z, s: the predictions and the derivatives of the losses at theta, kept up to date for the next call; z only if
    `constant` is 0.
    """
    n = y.size
    losses = as_block(block)
    predictions, curvature = np.empty(n), np.empty(n)
    for epoch in range(out.shape[0]):
        converged = True
        for k in range(working.size):
            j = working[k]
            x, old = columns[j], theta[j]
            g = 0.0
            for i in range(n):
                g += x[i] * s[i]
            u = old - (g / n + l2[j] * old) / L[j]
            threshold = l1[j] / L[j]
            if abs(u) <= threshold:
                new = 0.0
            elif u > 0.0:
                new = u - threshold
            else:
                new = u + threshold
            move = new - old
            if move == 0.0:
                continue
            theta[j] = new
            if not abs(move) <= least[j]:
                converged = False
            if constant > 0.0:
                move *= constant
                for i in range(n):
                    s[i] += move * x[i]
            else:
                for i in range(n):
                    z[i] += move * x[i]
                    predictions[i] = z[i]
                losses(predictions, y, s, curvature, shape)
        for j in range(theta.size):
            out[epoch, j] = theta[j]
        if converged:
            return epoch + 1
    return 0


@native(i8(i8, f8, f8, F1, U4, U4, F1, F1, F1, F1, F1, I1, F1, F1, F1, F2))
def sparse_coordinate_epochs(
    derivative: int,
    shape: float,
    constant: float,
    values: Vector,
    rows: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    y: Vector,
    L: Vector,
    l1: Vector,
    l2: Vector,
    least: Vector,
    working: NDArray[np.int64],
    theta: Vector,
    z: Vector,
    s: Vector,
    out: Matrix,
) -> int:
    """`coordinate_epochs` on CSC: it recomputes the derivatives only of rows that have an entry in the column."""
    n = y.size
    derivative_at = as_derivative(derivative)
    for epoch in range(out.shape[0]):
        converged = True
        for k in range(working.size):
            j = working[k]
            low, high, old = i8(starts[j]), i8(starts[j + 1]), theta[j]
            g = 0.0
            for e in range(low, high):
                g += values[e] * s[rows[e]]
            u = old - (g / n + l2[j] * old) / L[j]
            threshold = l1[j] / L[j]
            new = 0.0 if abs(u) <= threshold else u - np.copysign(threshold, u)
            move = new - old
            if move == 0.0:
                continue
            theta[j] = new
            if not abs(move) <= least[j]:
                converged = False
            if constant > 0.0:
                move *= constant
                for e in range(low, high):
                    s[rows[e]] += move * values[e]
            else:
                for e in range(low, high):
                    i = rows[e]
                    z[i] += move * values[e]
                    s[i] = derivative_at(z[i], y[i], shape)
        for j in range(theta.size):
            out[epoch, j] = theta[j]
        if converged:
            return epoch + 1
    return 0
