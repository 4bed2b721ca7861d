"""Passes over rows without a target: nearest centres, and batch gradients of k-means and of principal components."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, I1, SUMS, f8, native
from problems.kernels.signature import GRADIENT, Integers


@native(f8(F2, F2, I1, F1, F1, F2), flags=SUMS)
def nearest(X: Matrix, C: Matrix, labels: NDArray[np.int64], distances: Vector, counts: Vector, sums: Matrix) -> float:
    """The sum of squared distances of rows to their nearest centres; fills the parts of a `Partition`."""
    n, d = X.shape
    total = 0.0
    counts[:] = 0.0
    sums[:] = 0.0
    for i in range(n):
        best, b = np.inf, 0
        for j in range(C.shape[0]):
            a = 0.0
            for m in range(d):
                apart = X[i, m] - C[j, m]
                a += apart * apart
            if a < best:
                best, b = a, j
        labels[i], distances[i] = b, best
        total += best
        counts[b] += 1.0
        for m in range(d):
            sums[b, m] += X[i, m] - C[b, m]
    return total


@native(GRADIENT, flags=SUMS)
def clusters_gradient(
    theta: Vector,
    X: Matrix,
    y: Vector,
    integers: Integers,
    floats: Vector,
    scratch: Vector,
    low: int,
    high: int,
    g: Vector,
) -> None:
    """The mean over rows low:high of c - x, in the place of each row's nearest centre c.

    integers = [the number of centres]
    """
    d = X.shape[1]
    g[:] = 0.0
    for i in range(low, high):
        best, b = np.inf, 0
        for j in range(integers[0]):
            a = 0.0
            for m in range(d):
                apart = X[i, m] - theta[j * d + m]
                a += apart * apart
            if a < best:
                best, b = a, j
        for m in range(d):
            g[b * d + m] += (theta[b * d + m] - X[i, m]) / (high - low)


@native(GRADIENT, flags=SUMS)
def subspace_gradient(
    theta: Vector,
    X: Matrix,
    y: Vector,
    integers: Integers,
    floats: Vector,
    scratch: Vector,
    low: int,
    high: int,
    g: Vector,
) -> None:
    """The mean over rows low:high of x (G s - 2 s)' + V s s',  s = V'x,  G = V'V.

    integers = [components k]    scratch: G, the mean of s s', s and G s - 2 s: 2 k^2 + 2 k floats
    """
    d, k = X.shape[1], integers[0]
    V = theta.reshape((d, k))
    G = scratch[: k * k].reshape((k, k))
    M = scratch[k * k : 2 * k * k].reshape((k, k))
    s = scratch[2 * k * k : 2 * k * k + k]
    t = scratch[2 * k * k + k : 2 * k * k + 2 * k]
    g[:] = 0.0
    M[:] = 0.0
    for a in range(k):
        for b in range(k):
            G[a, b] = 0.0
    for m in range(d):
        for a in range(k):
            for b in range(k):
                G[a, b] += V[m, a] * V[m, b]
    for i in range(low, high):
        s[:] = 0.0
        for m in range(d):
            for a in range(k):
                s[a] += X[i, m] * V[m, a]
        for a in range(k):
            t[a] = -2.0 * s[a]
            for b in range(k):
                t[a] += G[a, b] * s[b]
                M[a, b] += s[a] * s[b] / (high - low)
        for m in range(d):
            x = X[i, m] / (high - low)
            for a in range(k):
                g[m * k + a] += x * t[a]
    for m in range(d):
        for a in range(k):
            for b in range(k):
                g[m * k + a] += V[m, b] * M[b, a]


@native(f8(F1, I1))
def intervals(x: Vector, last: NDArray[np.int64]) -> float:
    """The least sum of squared distances to k means of sorted x; fills `last` with the end of each of the k intervals.

        D(q, i) = min_j D(q - 1, j) + cost(j, i),     cost of x_j, ..., x_(i-1) as one cluster

    x must be centred. The best j never decreases with i, so that bisection of the range of i needs n log n costs per q.
    Source: Wang & Song (2011), doi:10.32614/RJ-2011-015; the bisection: Gronlund et al. (2017), arXiv:1701.07204.
    """
    n, k = x.size, last.size
    first, second = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        first[i + 1] = first[i] + x[i]
        second[i + 1] = second[i] + x[i] * x[i]
    least = np.full((k + 1, n + 1), np.inf)
    previous = np.zeros((k + 1, n + 1), np.int64)
    least[0, 0] = 0.0
    todo = np.empty((4 * n + 64, 4), np.int64)
    for q in range(1, k + 1):
        todo[0] = np.array([q, n, q - 1, n - 1])
        size = 1
        while size:
            size -= 1
            low, high, j0, j1 = todo[size]
            if low > high:
                continue
            i = (low + high) // 2
            best, at = np.inf, j0
            for j in range(j0, min(i - 1, j1) + 1):
                part = first[i] - first[j]
                cost = least[q - 1, j] + max(second[i] - second[j] - part * part / (i - j), 0.0)
                if cost < best:
                    best, at = cost, j
            least[q, i], previous[q, i] = best, at
            todo[size] = np.array([low, i - 1, j0, at])
            todo[size + 1] = np.array([i + 1, high, at, j1])
            size += 2
    i = n
    for q in range(k, 0, -1):
        last[q - 1] = i
        i = previous[q, i]
    total: float = least[k, n]
    return total
