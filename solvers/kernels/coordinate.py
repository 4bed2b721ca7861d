"""Coordinate descent on the columns of a linear model, the losses' slopes kept up to date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, caller, f8, i8, native
from problems.kernels.signature import U4
from problems.parts.losses import BLOCK, SLOPE

as_block, as_slope = caller(BLOCK), caller(SLOPE)


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
    """Fill rows of `out` with theta after one more epoch over the coordinates in `working`, until they are at rest.

    That is after an epoch in which no coordinate j moved by more than least[j]. Returns how many epochs it took; 0
    where all rows are filled and the coordinates still move.
    constant: the loss's curvature
    where that is the same everywhere, else 0.  columns: (dim, n).  L: the largest curvature along each coordinate.
    z, s: predictions (kept only where `constant` is 0) and slopes at theta, left ready for the next call.
    """
    n = y.size
    losses = as_block(block)
    work, curvature = np.empty(n), np.empty(n)
    for epoch in range(out.shape[0]):
        still = True
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
                still = False
            if constant > 0.0:
                move *= constant
                for i in range(n):
                    s[i] += move * x[i]
            else:
                for i in range(n):
                    z[i] += move * x[i]
                    work[i] = z[i]
                losses(work, y, s, curvature, shape)
        for j in range(theta.size):
            out[epoch, j] = theta[j]
        if still:
            return epoch + 1
    return 0


@native(i8(i8, f8, f8, F1, U4, U4, F1, F1, F1, F1, F1, I1, F1, F1, F1, F2))
def sparse_coordinate_epochs(
    slope: int,
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
    """`coordinate_epochs` on CSC: only the slopes of those rows are made anew that have an entry in the column."""
    n = y.size
    slope_at = as_slope(slope)
    for epoch in range(out.shape[0]):
        still = True
        for k in range(working.size):
            j = working[k]
            low, high, old = i8(starts[j]), i8(starts[j + 1]), theta[j]
            g = 0.0
            for e in range(low, high):
                g += values[e] * s[rows[e]]
            u = old - (g / n + l2[j] * old) / L[j]
            cut = l1[j] / L[j]
            new = 0.0 if abs(u) <= cut else u - np.copysign(cut, u)
            move = new - old
            if move == 0.0:
                continue
            theta[j] = new
            if not abs(move) <= least[j]:
                still = False
            if constant > 0.0:
                move *= constant
                for e in range(low, high):
                    s[rows[e]] += move * values[e]
            else:
                for e in range(low, high):
                    i = rows[e]
                    z[i] += move * values[e]
                    s[i] = slope_at(z[i], y[i], shape)
        for j in range(theta.size):
            out[epoch, j] = theta[j]
        if still:
            return epoch + 1
    return 0
