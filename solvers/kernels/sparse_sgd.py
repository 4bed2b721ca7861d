"""SGD on the sparse rows of a linear model: an update costs as much as its rows have entries."""

from __future__ import annotations

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, U1, caller, f8, i8, native
from problems.kernels.signature import U4
from problems.parts.losses import DERIVATIVE
from solvers.kernels.blocks import shuffle

as_derivative = caller(DERIVATIVE)
SMALLEST_SCALE, LARGEST_SCALE = 1e-100, 1e100  # of the common factor of all coefficients
SMALLEST_SCALE_IN_MEAN = 1e-3  # so that the sum of the scales stays accurate

Index = NDArray[np.uint32]


@native(void(i8, f8, F1, U4, U4, F1, f8, f8, i8, F1, F1, I1, U1, i8, i8, F1, F2))
def sparse_epochs(
    derivative: int,
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
    """`linear_epochs` on CSR: the same iterates up to rounding errors.

    Within an epoch w = scale v, so that l2 multiplies all of w by one factor. The sum of w_j over the updates is
    brought up to date when v_j changes: since its last change v_j was constant and `scales`, the sum of the scales,
    grew. An l1 penalty changes every coefficient at every update, which then costs `dim` operations more.
    """
    n, dim = y.size, theta.size
    d = dim - intercept
    derivative_at = as_derivative(derivative)
    s = np.empty(batch)
    update, updates_per_epoch = 0, (n + batch - 1) // batch
    averaging = mean.size > 0
    smallest = SMALLEST_SCALE_IN_MEAN if averaging else SMALLEST_SCALE
    total = np.zeros(mean.size)  # the sum of theta_j over updates
    scales_at = np.zeros(mean.size)  # `scales` when that sum was last brought up to date
    for epoch in range(out.shape[0]):
        if batch < n:
            shuffle(order, random)
        scale, scales, last = 1.0, 0.0, theta[dim - 1]
        terms = max(before + update - updates_per_epoch, 0)  # of the mean so far
        for j in range(mean.size):
            total[j], scales_at[j] = terms * mean[j], 0.0
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
                s[k] = derivative_at(z, y[i], shape) * step / m
            keep = 1.0 - step * l2
            scale *= keep
            if l1 > 0.0 or not smallest < abs(scale) < LARGEST_SCALE:
                for j in range(d):
                    if averaging:
                        total[j] += theta[j] * (scales - scales_at[j])
                        scales_at[j] = 0.0
                    theta[j] = scale * theta[j] - step * l1 * np.sign(theta[j])
                scale, scales = 1.0, 0.0
            for k in range(m):
                i = order[first + k]
                move = s[k] / scale
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    j = columns[e]
                    if averaging:
                        total[j] += theta[j] * (scales - scales_at[j])
                        scales_at[j] = scales
                    theta[j] -= move * values[e]
                if intercept:
                    last -= s[k]
            if before + update > updates_per_epoch:
                scales += scale
                if averaging and intercept:
                    total[d] += last
        for j in range(d):
            if averaging:
                total[j] += theta[j] * (scales - scales_at[j])
            theta[j] *= scale
        if intercept:
            theta[d] = last
        terms = before + update - updates_per_epoch
        for j in range(mean.size):
            mean[j] = total[j] / terms if terms > 0 else theta[j]
        for j in range(dim):
            out[epoch, j] = mean[j] if averaging else theta[j]
