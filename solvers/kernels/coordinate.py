"""Coordinate descent on the columns of a linear model, the losses' slopes kept up to date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.arrays import Matrix, Vector
from problems.losses import BLOCK
from problems.native import F1, F2, I1, SUMS, caller, f8, i8, native

as_block = caller(BLOCK)


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
