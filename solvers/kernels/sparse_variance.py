"""SAG, SAGA and SVRG on the sparse rows of a linear model: a step costs what its row's entries do."""

from __future__ import annotations

import math

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, caller, f8, i8, native
from problems.kernels.signature import U4
from problems.parts.losses import SLOPE

as_slope = caller(SLOPE)

Index = NDArray[np.uint32]


@native(inline=True)
def threshold(u: float, cut: float) -> float:
    """u moved towards 0 by `cut`."""
    return 0.0 if abs(u) <= cut else u - (cut if u > 0.0 else -cut)


@native()
def across(u: float, keep: float, drift: float, cut: float, k: int, powers: Vector, sums: Vector) -> float:
    """u after k times  u <- threshold(keep u - drift, cut),  where it comes to 0 on its way.

    powers, sums: keep^j, and the sum of the powers below j. While u > 0 a step is u <- keep u - (drift + cut), whose
    j-th iterate is powers[j] u - sums[j] (drift + cut): above 0 up to some j, found by halving, and not beyond it.
    """
    while k > 0:
        if math.isnan(u) or (u == 0.0 and abs(drift) <= cut):
            return u
        done = 0
        if u != 0.0 and keep > 0.0:
            sign = math.copysign(1.0, u)
            slope = drift + sign * cut
            beyond = k
            if (powers[k] * u - sums[k] * slope) * sign > 0.0:
                done, beyond = k, k + 1
            while beyond - done > 1:
                middle = (done + beyond) // 2
                if (powers[middle] * u - sums[middle] * slope) * sign > 0.0:
                    done = middle
                else:
                    beyond = middle
            u = powers[done] * u - sums[done] * slope
            if done == k:
                break
        u = threshold(keep * u - drift, cut)
        k -= done + 1
    return u


@native(void(i8, f8, F1, U4, U4, F1, f8, f8, i8, F1, F1, F1, I1, f8, f8, i8, i8, i8, F2))
def sparse_remembering_epochs(
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
    memory: Vector,
    mean: Vector,
    drawn: NDArray[np.int64],
    step: float,
    weight: float,
    learns: int,
    every: int,
    before: int,
    out: Matrix,
) -> None:
    """`remembering_epochs` on CSR: the same iterates, rounding aside.

    Where x_i is 0 a step moves a coefficient by its mean and the penalties alone, and the mean stands still: such
    steps are owed until the coefficient is wanted, and then made up for at once.
    """
    n, dim = y.size, theta.size
    d = dim - intercept
    slope_at = as_slope(slope)
    keep, cut = 1.0 - step * l2, step * l1
    powers, sums = np.empty(n + 1), np.empty(n + 1)
    powers[0], sums[0] = 1.0, 0.0
    for k in range(n):
        powers[k + 1], sums[k + 1] = keep * powers[k], keep * sums[k] + 1.0
    made = np.empty(d, np.int64)  # steps of this epoch that are in theta_j
    for epoch in range(out.shape[0]):
        if (before + epoch) % every == 0:
            mean[:] = 0.0
            for i in range(n):
                z = theta[d] if intercept else 0.0
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    z += values[e] * theta[columns[e]]
                memory[i] = slope_at(z, y[i], shape)
                share = memory[i] / n
                for e in range(i8(starts[i]), i8(starts[i + 1])):
                    mean[columns[e]] += share * values[e]
                if intercept:
                    mean[d] += share
        made[:] = 0
        for k in range(n):
            i = drawn[epoch * n + k]
            low, high = i8(starts[i]), i8(starts[i + 1])
            z = theta[d] if intercept else 0.0
            for e in range(low, high):
                j = columns[e]
                owed = k - made[j]
                made[j] = k + 1
                u, drift = theta[j], step * mean[j]
                later = powers[owed] * u - sums[owed] * (drift + (cut if u > 0.0 else -cut))
                if cut > 0.0 and owed > 0 and not (keep > 0.0 and later * u > 0.0):
                    later = 0.0 if u == 0.0 and abs(drift) <= cut else across(u, keep, drift, cut, owed, powers, sums)
                theta[j] = later
                z += values[e] * later
            change = slope_at(z, y[i], shape) - memory[i]
            pull = weight * change
            share = change / n if learns else 0.0
            for e in range(low, high):
                j = columns[e]
                theta[j] = threshold(keep * theta[j] - step * (pull * values[e] + mean[j]), cut)
                mean[j] += share * values[e]
            if intercept:
                theta[d] -= step * (pull + mean[d])
                mean[d] += share
            if learns:
                memory[i] += change
        for j in range(d):
            owed = n - made[j]
            u, drift = theta[j], step * mean[j]
            later = powers[owed] * u - sums[owed] * (drift + (cut if u > 0.0 else -cut))
            if cut > 0.0 and owed > 0 and not (keep > 0.0 and later * u > 0.0):
                later = 0.0 if u == 0.0 and abs(drift) <= cut else across(u, keep, drift, cut, owed, powers, sums)
            theta[j] = later
        for j in range(dim):
            out[epoch, j] = theta[j]
