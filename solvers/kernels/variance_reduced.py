"""SAG, SAGA and SVRG: one recurrence with a number per row for linear models; SVRG with two gradients for others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.forms import FiniteSum, LinearModel
from problems.foundation.arrays import CSR, Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, caller, f8, i8, native
from problems.kernels.signature import GRADIENT, Integers
from problems.parts.losses import DERIVATIVE
from solvers.base import Iterates
from solvers.kernels.blocks import blocks
from solvers.kernels.sparse_variance import sparse_stored_derivative_epochs

as_derivative, as_gradient = caller(DERIVATIVE), caller(GRADIENT)
NEVER = 2**62  # epochs


@native(void(i8, f8, F2, F1, f8, f8, i8, F1, F1, F1, I1, f8, f8, i8, i8, i8, F2), flags=SUMS)
def stored_derivative_epochs(
    derivative: int,
    shape: float,
    X: Matrix,
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
    """Fill each row of `out` with theta after one more epoch over the sampled rows i, s the derivative at theta.

        theta <- prox(theta - step (weight (s - memory_i) x_i + mean + l2 w), step),     prox the soft threshold of l1
        mean <- mean + (s - memory_i) x_i / n,  memory_i <- s                            if `stores`

    Before epoch `before`, and every `every` epochs, memory and mean are recomputed from all rows at theta.
    """
    n, d = X.shape
    derivative_at = as_derivative(derivative)
    keep, threshold = 1.0 - step * l2, step * l1
    for epoch in range(out.shape[0]):
        if (before + epoch) % every == 0:
            mean[:] = 0.0
            for i in range(n):
                z = theta[d] if intercept else 0.0
                for j in range(d):
                    z += X[i, j] * theta[j]
                memory[i] = derivative_at(z, y[i], shape)
                weight_of_row = memory[i] / n
                for j in range(d):
                    mean[j] += weight_of_row * X[i, j]
                if intercept:
                    mean[d] += weight_of_row
        for k in range(epoch * n, (epoch + 1) * n):
            i = sampled[k]
            z = theta[d] if intercept else 0.0
            for j in range(d):
                z += X[i, j] * theta[j]
            change = derivative_at(z, y[i], shape) - memory[i]
            pull = weight * change
            change_of_mean = change / n if stores else 0.0
            for j in range(d):
                theta[j] = keep * theta[j] - step * (pull * X[i, j] + mean[j])
                mean[j] += change_of_mean * X[i, j]
            if intercept:
                theta[d] -= step * (pull + mean[d])
                mean[d] += change_of_mean
            if stores:
                memory[i] += change
            if threshold > 0.0:
                for j in range(d):
                    theta[j] = 0.0 if abs(theta[j]) <= threshold else theta[j] - np.copysign(threshold, theta[j])
        for j in range(theta.size):
            out[epoch, j] = theta[j]


def by_stored_derivatives(
    problem: LinearModel,
    theta0: Vector,
    step: float,
    rng: np.random.Generator,
    weight: float = 1.0,
    stores: bool = True,
    every: int = NEVER,
) -> Iterates:
    """The iterates of `stored_derivative_epochs`, one per epoch of n rows sampled with replacement, in blocks."""
    rows, y, n = problem.rows, problem.y, problem.n
    kernel: Any = sparse_stored_derivative_epochs if rows.sparse else stored_derivative_epochs
    X: Any = rows.csr if rows.sparse else (rows.X,)
    theta, memory, mean = theta0.copy(), np.empty(n), np.empty(theta0.size)
    for done, size in blocks(rows.entries_read):
        sampled = rng.integers(n, size=size * n)
        full_gradients = (done + size - 1) // every - (done - 1) // every  # of this block
        problem.ledger.gradients += size * n + full_gradients
        problem.ledger.passes += size + full_gradients
        out = np.empty((size, theta.size))
        kernel(
            problem.loss.addresses[0], problem.loss.shape, *X, y, problem.penalty.l1, problem.penalty.l2,
            rows.intercept, theta, memory, mean, sampled, step, weight, stores, every, done, out,
        )  # fmt: skip
        yield out


@native(void(i8, F2, F1, I1, F1, F1, F1, F1, F1, I1, f8, i8, i8, F2))
def reference_point_epochs(
    gradient: int,
    X: Matrix,
    y: Vector,
    integers: Integers,
    floats: Vector,
    scratch: Vector,
    theta: Vector,
    p: Vector,
    m: Vector,
    sampled: NDArray[np.int64],
    step: float,
    every: int,
    before: int,
    out: Matrix,
) -> None:
    """Fill each row of `out` with theta after one more epoch of theta <- theta - step (g_i(theta) - g_i(p) + m).

    Before epoch `before`, and every `every` epochs, p becomes theta and m the full gradient there.
    """
    gradient_of = as_gradient(gradient)
    n, dim = X.shape[0], theta.size
    g_theta, g_p = np.empty(dim), np.empty(dim)
    for epoch in range(out.shape[0]):
        if (before + epoch) % every == 0:
            p[:] = theta
            gradient_of(p, X, y, integers, floats, scratch, 0, n, m)
        for k in range(epoch * n, (epoch + 1) * n):
            i = sampled[k]
            gradient_of(theta, X, y, integers, floats, scratch, i, i + 1, g_theta)
            gradient_of(p, X, y, integers, floats, scratch, i, i + 1, g_p)
            for j in range(dim):
                theta[j] -= step * (g_theta[j] - g_p[j] + m[j])
        for j in range(dim):
            out[epoch, j] = theta[j]


def by_reference_point(
    problem: FiniteSum, theta0: Vector, step: float, every: int, rng: np.random.Generator
) -> Iterates:
    """The iterates of SVRG by gradients of single rows, one per epoch; in blocks if the problem has native code."""
    n, theta = problem.n, theta0
    native = problem.native()
    while native is None or isinstance(native.X, CSR):
        p, m = theta, problem.batch_gradient(theta, np.arange(n))
        for _ in range(every):
            for i in rng.integers(n, size=(n, 1)):
                theta = theta - step * (problem.batch_gradient(theta, i) - problem.batch_gradient(p, i) + m)
            yield theta
    theta, p, m = theta0.copy(), np.empty(theta0.size), np.empty(theta0.size)
    for done, size in blocks(native.X.size):
        full_gradients = (done + size - 1) // every - (done - 1) // every
        problem.ledger.gradients += 2 * size * n + full_gradients
        problem.ledger.passes += 2 * size + full_gradients
        out = np.empty((size, theta.size))
        reference_point_epochs(
            native.address, native.X, native.y, native.integers, native.floats, np.empty(native.scratch_size),
            theta, p, m, rng.integers(n, size=size * n), step, every, done, out,
        )  # fmt: skip
        yield out
