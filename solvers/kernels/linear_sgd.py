"""Stochastic gradient descent on the rows of a linear model, prediction and update fused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.forms import LinearModel
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, U1, address, caller, f8, i8, native
from problems.parts.losses import SLOPE
from solvers.base import Iterates
from solvers.kernels.blocks import blocks, shuffle
from solvers.kernels.sparse_sgd import sparse_epochs
from solvers.kernels.training import Schedule

as_slope = caller(SLOPE)


@native(void(i8, f8, F2, F1, f8, f8, i8, F1, F1, I1, U1, i8, i8, F1, F2), flags=SUMS)
def linear_epochs(
    slope: int,
    shape: float,
    X: Matrix,
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
    """Fill each row of `out` with theta after one more epoch of theta <- theta - step (X_B's/m + l1 sign(w) + l2 w).

    order: a permutation of the rows, shuffled further here.  random: the shuffle's state.  before: updates made so
    far.  steps: one an update.  mean: of theta since the first epoch, which goes to `out` in its place; none if empty.
    """
    n, d = X.shape
    slope_at = as_slope(slope)
    s = np.empty(batch)
    update, each = 0, (n + batch - 1) // batch
    averages = mean.size > 0
    for epoch in range(out.shape[0]):
        if batch < n:
            shuffle(order, random)
        for first in range(0, n, batch):
            m = min(batch, n - first)
            step = steps[update]
            update += 1
            for k in range(m):
                i = order[first + k]
                z = theta[d] if intercept else 0.0
                for j in range(d):
                    z += X[i, j] * theta[j]
                s[k] = slope_at(z, y[i], shape) * step / m
            keep = 1.0 - step * l2
            i, s0 = order[first], s[0]
            for j in range(d):
                theta[j] = keep * theta[j] - step * l1 * np.sign(theta[j]) - s0 * X[i, j]
            for k in range(1, m):
                i, s0 = order[first + k], s[k]
                for j in range(d):
                    theta[j] -= s0 * X[i, j]
            if intercept:
                for k in range(m):
                    theta[d] -= s[k]
            if averages:
                weight = 1.0 / max(before + update - each, 1)
                for j in range(theta.size):
                    mean[j] += weight * (theta[j] - mean[j])
        for j in range(theta.size):
            out[epoch, j] = mean[j] if averages else theta[j]


def linear_sgd(
    problem: LinearModel,
    theta0: Vector,
    schedule: Schedule,
    batch: int,
    rng: np.random.Generator,
    averaging: bool = False,
    slope: Any = None,
) -> Iterates:
    """SGD's iterates on a linear model, one an epoch, in blocks.

    averaging: the mean of theta since the first epoch in place of theta.
    slope: a native one (`problems.parts.losses.SLOPE`) to go by in place of f's loss and penalty.
    """
    rows, y, n = problem.rows, problem.y, problem.n
    kernel: Any = sparse_epochs if rows.sparse else linear_epochs
    X: Any = rows.csr if rows.sparse else (rows.X,)
    at = address(slope, SLOPE) if slope else problem.loss.addresses[0]
    l1, l2 = (0.0, 0.0) if slope else (problem.penalty.l1, problem.penalty.l2)
    theta, mean, order = theta0.copy(), theta0.copy() if averaging else np.empty(0), np.arange(n)
    random = rng.integers(2**64, size=1, dtype=np.uint64)
    batch = min(batch, n)
    each = -(-n // batch)  # updates an epoch
    for done, size in blocks(rows.numbers):
        steps = schedule(np.arange(done * each, (done + size) * each))
        problem.ledger.gradients += size * each
        problem.ledger.passes += size
        out = np.empty((size, theta.size))
        kernel(
            at, problem.loss.shape, *X, y, l1, l2, rows.intercept, theta, mean, order, random, batch,
            done * each, steps, out,
        )  # fmt: skip
        yield out
