"""Stochastic gradient descent on the rows of a linear model, with prediction and update in one loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.forms import LinearModel
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, U1, address, caller, f8, i8, native
from problems.parts.losses import DERIVATIVE
from solvers.base import Iterates
from solvers.kernels.blocks import blocks, shuffle
from solvers.kernels.sparse_sgd import sparse_epochs
from solvers.kernels.training import StepFunction

as_derivative = caller(DERIVATIVE)


@native(void(i8, f8, F2, F1, f8, f8, i8, F1, F1, I1, U1, i8, i8, F1, F2), flags=SUMS)
def linear_epochs(
    derivative: int,
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

    order: a permutation of the rows, which this function shuffles further.
    random: the state of the shuffle.
    before: the number of updates so far.
    steps: one step per update.
    mean: the mean of theta since the first epoch, which then replaces theta in `out`; an empty array if it is not
    needed.
    """
    n, d = X.shape
    derivative_at = as_derivative(derivative)
    s = np.empty(batch)
    update, updates_per_epoch = 0, (n + batch - 1) // batch
    averaging = mean.size > 0
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
                s[k] = derivative_at(z, y[i], shape) * step / m
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
            if averaging:
                weight = 1.0 / max(before + update - updates_per_epoch, 1)
                for j in range(theta.size):
                    mean[j] += weight * (theta[j] - mean[j])
        for j in range(theta.size):
            out[epoch, j] = mean[j] if averaging else theta[j]


def linear_sgd(
    problem: LinearModel,
    theta0: Vector,
    schedule: StepFunction,
    batch: int,
    rng: np.random.Generator,
    averaging: bool = False,
    derivative: Any = None,
) -> Iterates:
    """The iterates of SGD on a linear model, one per epoch, in blocks.

    averaging: yield the mean of theta since the first epoch instead of theta.
    derivative: a native function (`problems.parts.losses.DERIVATIVE`) that replaces the loss of f; f's penalty is then
    omitted.
    """
    rows, y, n = problem.rows, problem.y, problem.n
    kernel: Any = sparse_epochs if rows.sparse else linear_epochs
    X: Any = rows.csr if rows.sparse else (rows.X,)
    at = address(derivative, DERIVATIVE) if derivative else problem.loss.addresses[0]
    l1, l2 = (0.0, 0.0) if derivative else (problem.penalty.l1, problem.penalty.l2)
    theta, mean, order = theta0.copy(), theta0.copy() if averaging else np.empty(0), np.arange(n)
    random = rng.integers(2**64, size=1, dtype=np.uint64)
    batch = min(batch, n)
    updates = -(-n // batch)  # per epoch
    for done, size in blocks(rows.entries_read):
        steps = schedule(np.arange(done * updates, (done + size) * updates))
        problem.ledger.gradients += size * updates
        problem.ledger.passes += size
        out = np.empty((size, theta.size))
        kernel(
            at, problem.loss.shape, *X, y, l1, l2, rows.intercept, theta, mean, order, random, batch,
            done * updates, steps, out,
        )  # fmt: skip
        yield out
