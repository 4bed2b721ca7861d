"""SAG, SAGA and SVRG on the sparse rows of a linear model: an update costs as much as its row has entries."""

from __future__ import annotations

import math

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, caller, f8, i8, native
from problems.kernels.signature import U4
from problems.parts.losses import DERIVATIVE

as_derivative = caller(DERIVATIVE)

Index = NDArray[np.uint32]


@native(inline=True)
def threshold(u: float, cut: float) -> float:
    """The soft threshold of u: u moved towards 0 by `cut`."""
    return 0.0 if abs(u) <= cut else u - (cut if u > 0.0 else -cut)


@native()
def repeated_updates(u: float, keep: float, shift: float, cut: float, k: int, powers: Vector, sums: Vector) -> float:
    """u after k updates  u <- threshold(keep u - shift, cut),  also if u reaches 0 in between.

    powers, sums: keep^j, and the sum of keep^i over i < j. While u > 0 an update is u <- keep u - (shift + cut), so the
    j-th value is powers[j] u - sums[j] (shift + cut). The values are positive up to some j, which bisection finds, and
    not beyond.
    """
    while k > 0:
        if math.isnan(u) or (u == 0.0 and abs(shift) <= cut):
            return u
        done = 0
        if u != 0.0 and keep > 0.0:
            sign = math.copysign(1.0, u)
            shift_per_step = shift + sign * cut
            beyond = k
            if (powers[k] * u - sums[k] * shift_per_step) * sign > 0.0:
                done, beyond = k, k + 1
            while beyond - done > 1:
                middle = (done + beyond) // 2
                if (powers[middle] * u - sums[middle] * shift_per_step) * sign > 0.0:
                    done = middle
                else:
                    beyond = middle
            u = powers[done] * u - sums[done] * shift_per_step
            if done == k:
                break
        u = threshold(keep * u - shift, cut)
        k -= done + 1
    return u


@native(void(i8, f8, F1, U4, U4, F1, f8, f8, i8, F1, F1, F1, I1, f8, f8, i8, i8, i8, F2))
def sparse_stored_derivative_epochs(
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
    memory: Vector,
    mean: Vector,
    sampled: NDArray[np.int64],
    step: float,
    weight: float,
    stores: int,
    every: int,
    before: int,
    out: Matrix,
) -> None:
    """`stored_derivative_epochs` on CSR: the same iterates up to rounding errors.

    If x_ij is 0, an update changes theta_j by the mean and the penalties only, and the mean of j does not change. Such
    updates are postponed until theta_j is needed, and then computed together.
    """
    n, dim = y.size, theta.size
    d = dim - intercept
    derivative_at = as_derivative(derivative)
    keep, cut = 1.0 - step * l2, step * l1
    powers, sums = np.empty(n + 1), np.empty(n + 1)
    powers[0], sums[0] = 1.0, 0.0
    for k in range(n):
        powers[k + 1], sums[k + 1] = keep * powers[k], keep * sums[k] + 1.0
    made = np.empty(d, np.int64)  # updates of this epoch that theta_j contains
    for epoch in range(out.shape[0]):
        if (before + epoch) % every == 0:
            mean[:] = 0.0
            for i in range(n):
                z = theta[d] if intercept else 0.0
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    z += values[e] * theta[columns[e]]
                memory[i] = derivative_at(z, y[i], shape)
                weight_of_row = memory[i] / n
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    mean[columns[e]] += weight_of_row * values[e]
                if intercept:
                    mean[d] += weight_of_row
        made[:] = 0
        for k in range(n):
            i = sampled[epoch * n + k]
            low, high = i8(starts[i]), i8(starts[i + 1])
            z = theta[d] if intercept else 0.0
            for e in range(low, high):
                j = columns[e]
                missing = k - made[j]
                made[j] = k + 1
                u, shift = theta[j], step * mean[j]
                later = powers[missing] * u - sums[missing] * (shift + (cut if u > 0.0 else -cut))
                if cut > 0.0 and missing > 0 and not (keep > 0.0 and later * u > 0.0):
                    later = 0.0
                    if u != 0.0 or not abs(shift) <= cut:
                        later = repeated_updates(u, keep, shift, cut, missing, powers, sums)
                theta[j] = later
                z += values[e] * later
            change = derivative_at(z, y[i], shape) - memory[i]
            pull = weight * change
            change_of_mean = change / n if stores else 0.0
            for e in range(low, high):
                j = columns[e]
                theta[j] = threshold(keep * theta[j] - step * (pull * values[e] + mean[j]), cut)
                mean[j] += change_of_mean * values[e]
            if intercept:
                theta[d] -= step * (pull + mean[d])
                mean[d] += change_of_mean
            if stores:
                memory[i] += change
        for j in range(d):
            missing = n - made[j]
            u, shift = theta[j], step * mean[j]
            later = powers[missing] * u - sums[missing] * (shift + (cut if u > 0.0 else -cut))
            if cut > 0.0 and missing > 0 and not (keep > 0.0 and later * u > 0.0):
                later = 0.0
                if u != 0.0 or not abs(shift) <= cut:
                    later = repeated_updates(u, keep, shift, cut, missing, powers, sums)
            theta[j] = later
        for j in range(dim):
            out[epoch, j] = theta[j]
