"""Oja's rule and mini-batch k-means: whole epochs in native code."""

from __future__ import annotations

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.forms import Clustering, PrincipalSubspace
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, U1, i8, native
from solvers.base import Iterates
from solvers.kernels.blocks import blocks, shuffle
from solvers.kernels.training import StepFunction


@native(flags=SUMS)
def orthonormalise(V: Matrix) -> None:
    """Make the columns of V orthonormal by the Gram-Schmidt process, with each projection done twice."""
    d, k = V.shape
    for a in range(k):
        for _ in range(2):
            for b in range(a):
                product = 0.0
                for m in range(d):
                    product += V[m, a] * V[m, b]
                for m in range(d):
                    V[m, a] -= product * V[m, b]
        length = 0.0
        for m in range(d):
            length += V[m, a] * V[m, a]
        scale = 1.0 / np.sqrt(length)
        for m in range(d):
            V[m, a] *= scale


@native(void(F2, F2, I1, U1, F1, F2), flags=SUMS)
def oja_epochs(
    X: Matrix, V: Matrix, order: NDArray[np.int64], random: NDArray[np.uint64], steps: Vector, out: Matrix
) -> None:
    """Fill each row of `out` with V after one more epoch of V <- V + step (x - V s) s',  s = V'x.

    V is made orthonormal at the end of each epoch.

    order: a permutation of the rows, which this function shuffles further.
    random: the state of the shuffle.
    steps: one step per row.
    """
    d, k = V.shape
    s = np.empty(k)
    update = 0
    for epoch in range(out.shape[0]):
        shuffle(order, random)
        for i in order:
            s[:] = 0.0
            for m in range(d):
                for a in range(k):
                    s[a] += X[i, m] * V[m, a]
            for m in range(d):
                residual = X[i, m]
                for a in range(k):
                    residual -= V[m, a] * s[a]
                residual *= steps[update]
                for a in range(k):
                    V[m, a] += residual * s[a]
            update += 1
        orthonormalise(V)
        for m in range(d):
            for a in range(k):
                out[epoch, m * k + a] = V[m, a]


def oja(problem: PrincipalSubspace, V: Matrix, schedule: StepFunction, rng: np.random.Generator) -> Iterates:
    """The iterates of Oja's rule from the orthonormal matrix V, one per epoch, in blocks."""
    X, n = problem.X, problem.n
    V, order = V.copy(), np.arange(n)
    random = rng.integers(2**64, size=1, dtype=np.uint64)
    for done, size in blocks(X.size):
        steps = schedule(np.arange(done * n, (done + size) * n))
        problem.ledger.gradients += size * n
        problem.ledger.passes += size
        out = np.empty((size, V.size))
        oja_epochs(X, V, order, random, steps, out)
        yield out


@native(void(F2, F2, F1, I1, U1, i8, F2), flags=SUMS)
def mini_batch_epochs(
    X: Matrix,
    C: Matrix,
    counts: Vector,
    order: NDArray[np.int64],
    random: NDArray[np.uint64],
    batch: int,
    out: Matrix,
) -> None:
    """Fill each row of `out` with the centres after one more epoch.

    All rows of a batch are assigned to centres before any centre changes.
    """
    n, d = X.shape
    k = C.shape[0]
    labels = np.empty(batch, np.int64)
    for epoch in range(out.shape[0]):
        shuffle(order, random)
        for first in range(0, n, batch):
            size = min(batch, n - first)
            for r in range(size):
                i = order[first + r]
                smallest, b = np.inf, 0
                for j in range(k):
                    distance = 0.0
                    for m in range(d):
                        difference = X[i, m] - C[j, m]
                        distance += difference * difference
                    if distance < smallest:
                        smallest, b = distance, j
                labels[r] = b
            for r in range(size):
                i, b = order[first + r], labels[r]
                counts[b] += 1.0
                for m in range(d):
                    C[b, m] += (X[i, m] - C[b, m]) / counts[b]
        for j in range(k):
            for m in range(d):
                out[epoch, j * d + m] = C[j, m]


def mini_batches(problem: Clustering, theta0: Vector, batch: int, rng: np.random.Generator) -> Iterates:
    """The centres after each epoch, in blocks."""
    X, n = problem.X, problem.n
    C, counts, order = theta0.reshape(problem.k, -1).copy(), np.zeros(problem.k), np.arange(n)
    random = rng.integers(2**64, size=1, dtype=np.uint64)
    batch = min(batch, n)
    for _, size in blocks(X.size * problem.k):
        problem.ledger.gradients += size * -(-n // batch)
        problem.ledger.passes += size
        out = np.empty((size, C.size))
        mini_batch_epochs(X, C, counts, order, random, batch, out)
        yield out
