"""SAG, SAGA and SVRG: on a linear model one recurrence, a number remembered for every row; SVRG on anything else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.forms import FiniteSum, LinearModel
from problems.foundation.arrays import CSR, Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, caller, f8, i8, native
from problems.kernels.signature import GRADIENT, Whole
from problems.parts.losses import SLOPE
from solvers.base import Iterates
from solvers.kernels.blocks import blocks
from solvers.kernels.sparse_variance import sparse_remembering_epochs

as_slope, as_gradient = caller(SLOPE), caller(GRADIENT)
NEVER = 2**62


@native(void(i8, f8, F2, F1, f8, f8, i8, F1, F1, F1, I1, f8, f8, i8, i8, i8, F2), flags=SUMS)
def remembering_epochs(
    slope: int,
    shape: float,
    X: Matrix,
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
    """Fill each row of `out` with theta after one more epoch: for each row i of those drawn, s its slope at theta,

    theta <- prox(theta - step (weight (s - memory_i) x_i + mean + l2 w), step),  prox the soft threshold of l1;
    where it `learns`,  mean <- mean + (s - memory_i) x_i / n,  memory_i <- s.
    Before epoch `before`, and each `every` epochs, memory and mean are made anew from all rows at theta.
    """
    n, d = X.shape
    slope_at = as_slope(slope)
    keep, cut = 1.0 - step * l2, step * l1
    for epoch in range(out.shape[0]):
        if (before + epoch) % every == 0:
            mean[:] = 0.0
            for i in range(n):
                z = theta[d] if intercept else 0.0
                for j in range(d):
                    z += X[i, j] * theta[j]
                memory[i] = slope_at(z, y[i], shape)
                share = memory[i] / n
                for j in range(d):
                    mean[j] += share * X[i, j]
                if intercept:
                    mean[d] += share
        for k in range(epoch * n, (epoch + 1) * n):
            i = drawn[k]
            z = theta[d] if intercept else 0.0
            for j in range(d):
                z += X[i, j] * theta[j]
            change = slope_at(z, y[i], shape) - memory[i]
            pull = weight * change
            share = change / n if learns else 0.0
            for j in range(d):
                theta[j] = keep * theta[j] - step * (pull * X[i, j] + mean[j])
                mean[j] += share * X[i, j]
            if intercept:
                theta[d] -= step * (pull + mean[d])
                mean[d] += share
            if learns:
                memory[i] += change
            if cut > 0.0:
                for j in range(d):
                    theta[j] = 0.0 if abs(theta[j]) <= cut else theta[j] - np.copysign(cut, theta[j])
        for j in range(theta.size):
            out[epoch, j] = theta[j]


def remembering(
    problem: LinearModel,
    theta0: Vector,
    step: float,
    rng: np.random.Generator,
    weight: float = 1.0,
    learns: bool = True,
    every: int = NEVER,
) -> Iterates:
    """Iterates of the recurrence above, one an epoch of n rows drawn with return, in blocks."""
    rows, y, n = problem.rows, problem.y, problem.n
    kernel: Any = sparse_remembering_epochs if rows.sparse else remembering_epochs
    X: Any = rows.csr if rows.sparse else (rows.X,)
    theta, memory, mean = theta0.copy(), np.empty(n), np.empty(theta0.size)
    for done, size in blocks(rows.numbers):
        drawn = rng.integers(n, size=size * n)
        wholes = (done + size - 1) // every - (done - 1) // every  # how often memory and mean are made anew
        problem.ledger.gradients += size * n + wholes
        problem.ledger.passes += size + wholes
        out = np.empty((size, theta.size))
        kernel(
            problem.loss.addresses[0], problem.loss.shape, *X, y, problem.penalty.l1, problem.penalty.l2,
            rows.intercept, theta, memory, mean, drawn, step, weight, learns, every, done, out,
        )  # fmt: skip
        yield out


@native(void(i8, F2, F1, I1, F1, F1, F1, F1, F1, I1, f8, i8, i8, F2))
def corrected_epochs(
    gradient: int,
    X: Matrix,
    y: Vector,
    whole: Whole,
    real: Vector,
    scratch: Vector,
    theta: Vector,
    p: Vector,
    m: Vector,
    drawn: NDArray[np.int64],
    step: float,
    every: int,
    before: int,
    out: Matrix,
) -> None:
    """Fill each row of `out` with theta after one more epoch of theta <- theta - step (g_i(theta) - g_i(p) + m).

    Before epoch `before`, and each `every` epochs, p becomes theta and m the whole gradient there.
    """
    gradient_of = as_gradient(gradient)
    n, dim = X.shape[0], theta.size
    here, there = np.empty(dim), np.empty(dim)
    for epoch in range(out.shape[0]):
        if (before + epoch) % every == 0:
            p[:] = theta
            gradient_of(p, X, y, whole, real, scratch, 0, n, m)
        for k in range(epoch * n, (epoch + 1) * n):
            i = drawn[k]
            gradient_of(theta, X, y, whole, real, scratch, i, i + 1, here)
            gradient_of(p, X, y, whole, real, scratch, i, i + 1, there)
            for j in range(dim):
                theta[j] -= step * (here[j] - there[j] + m[j])
        for j in range(dim):
            out[epoch, j] = theta[j]


def corrected(problem: FiniteSum, theta0: Vector, step: float, every: int, rng: np.random.Generator) -> Iterates:
    """SVRG's iterates by gradients of single rows, one an epoch; in blocks where the problem has native code."""
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
        wholes = (done + size - 1) // every - (done - 1) // every
        problem.ledger.gradients += 2 * size * n + wholes
        problem.ledger.passes += 2 * size + wholes
        out = np.empty((size, theta.size))
        corrected_epochs(
            native.at, native.X, native.y, native.whole, native.real, np.empty(native.scratch),
            theta, p, m, rng.integers(n, size=size * n), step, every, done, out,
        )  # fmt: skip
        yield out
