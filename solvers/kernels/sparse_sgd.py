"""Stochastic gradient descent on the sparse rows of a linear model: a step costs what its rows' entries do."""

from __future__ import annotations

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, U1, caller, f8, i8, native
from problems.kernels.signature import U4
from problems.parts.losses import SLOPE
from solvers.kernels.blocks import shuffle

as_slope = caller(SLOPE)
LEAST, MOST = 1e-100, 1e100  # between which the common factor of all coefficients is kept,
LEAST_IN_MEAN = 1e-3  # and where it is summed up: later terms would be lost beside the first

Index = NDArray[np.uint32]


@native(void(i8, f8, F1, U4, U4, F1, f8, f8, i8, F1, F1, I1, U1, i8, i8, F1, F2))
def sparse_epochs(
    slope: int,
    shape: float,
    values: Vector,
    columns: Index,
    starts: Index,
    y: Vector,
    l1: float,
    l2: float,
    intercept: int,
    theta: Vector,
    mean: Vector,
    order: NDArray[np.int64],
    random: NDArray[np.uint64],
    batch: int,
    before: int,
    steps: Vector,
    out: Matrix,
) -> None:
    """`linear_epochs` on CSR: the same iterates, rounding aside.

    Within an epoch w = scale v, so that l2 shrinks all of w at once. The sum of w over updates is brought up to date
    for a coefficient when it moves: since it last did, v_j stood still and `scales`, the sum of the scales, grew. An
    l1 moves every coefficient at every step, and then a step costs `dim` operations more.
    """
    n, dim = y.size, theta.size
    d = dim - intercept
    slope_at = as_slope(slope)
    s = np.empty(batch)
    update, each = 0, (n + batch - 1) // batch
    averages = mean.size > 0
    least = LEAST_IN_MEAN if averages else LEAST
    total, seen = np.zeros(mean.size), np.zeros(mean.size)  # the sum over updates; `scales` when it was last touched
    for epoch in range(out.shape[0]):
        if batch < n:
            shuffle(order, random)
        scale, scales, last = 1.0, 0.0, theta[dim - 1]
        counted = max(before + update - each, 0)  # updates in the mean so far
        for j in range(mean.size):
            total[j], seen[j] = counted * mean[j], 0.0
        for first in range(0, n, batch):
            m = min(batch, n - first)
            step = steps[update]
            update += 1
            for k in range(m):
                i = order[first + k]
                z = 0.0
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    z += values[e] * theta[columns[e]]
                z = scale * z + last if intercept else scale * z
                s[k] = slope_at(z, y[i], shape) * step / m
            keep = 1.0 - step * l2
            scale *= keep
            if l1 > 0.0 or not least < abs(scale) < MOST:
                for j in range(d):
                    if averages:
                        total[j] += theta[j] * (scales - seen[j])
                        seen[j] = 0.0
                    theta[j] = scale * theta[j] - step * l1 * np.sign(theta[j])
                scale, scales = 1.0, 0.0
            for k in range(m):
                i = order[first + k]
                move = s[k] / scale
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    j = columns[e]
                    if averages:
                        total[j] += theta[j] * (scales - seen[j])
                        seen[j] = scales
                    theta[j] -= move * values[e]
                if intercept:
                    last -= s[k]
            if before + update > each:
                scales += scale
                if averages and intercept:
                    total[d] += last
        for j in range(d):
            if averages:
                total[j] += theta[j] * (scales - seen[j])
            theta[j] *= scale
        if intercept:
            theta[d] = last
        counted = before + update - each
        for j in range(mean.size):
            mean[j] = total[j] / counted if counted > 0 else theta[j]
        for j in range(dim):
            out[epoch, j] = mean[j] if averages else theta[j]
