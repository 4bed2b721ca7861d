"""Loops over rows for models of several outputs, Z = X W + b."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, f8, native
from problems.kernels.signature import GRADIENT, Integers
from problems.parts.losses.arithmetic import exp, log1p

BLOCK_ENTRIES = 2048  # entries of Z that stay in the first-level cache during several short loops
LOG2 = math.log(2.0)


@native()
def _subtract_largest(Z: Matrix, y: Vector, tops: NDArray[np.int64], P: Matrix) -> float:
    """P = Z minus the largest entry of each row, whose column is kept in tops; returns the sum of P_iy."""
    m, k = Z.shape
    total = 0.0
    for i in range(m):
        most, top = Z[i, 0], 0
        for c in range(1, k):
            if Z[i, c] > most:
                most, top = Z[i, c], c
        for c in range(k):
            P[i, c] = Z[i, c] - most
        total += P[i, int(y[i])]
        tops[i] = top
    return total


@native()
def _exponentials(z: Vector) -> None:
    """z becomes e^z."""
    for j in range(z.size):
        z[j] = exp(z[j])


@native()
def _sums_of_others(E: Matrix, tops: NDArray[np.int64], rests: Vector) -> None:
    """rests = the sum of each row of E without its largest entry, which becomes 0."""
    m, k = E.shape
    for i in range(m):
        E[i, tops[i]] *= 0.0  # it is 1, or NaN
    for i in range(m):
        rest = 0.0
        for c in range(k):
            rest += E[i, c]
        rests[i] = rest


@native()
def _normalise(E: Matrix, rests: Vector, shares: Vector, S: Matrix) -> None:
    """E and S become E / (1 + rest) of each row: the probabilities, except for the largest; shares = 1 / (1 + rest)."""
    m, k = E.shape
    for i in range(m):
        shares[i] = 1.0 / (1.0 + rests[i])
    for i in range(m):
        share = shares[i]
        for c in range(k):
            p = E[i, c] * share
            E[i, c] = p
            S[i, c] = p


@native()
def _gradients(P: Matrix, y: Vector, tops: NDArray[np.int64], rests: Vector, shares: Vector, S: Matrix) -> None:
    """The largest entry of each row of P and S becomes its probability; then S_iy becomes P_iy - 1."""
    for i in range(len(P)):
        top, target, share = tops[i], int(y[i]), shares[i]
        P[i, top] = share
        S[i, top] = share
        S[i, target] = -rests[i] * share if target == top else P[i, target] - 1.0


@native()
def _logarithms(t: Vector) -> float:
    """The sum of log(1 + t) for t >= 0, each from the largest power of two in 1 + t and log1p on [0, 1]."""
    for i in range(t.size):
        power: Any = (np.float64(1.0 + t[i]).view(np.int64) >> 52) - 1023
        scale: Any = np.int64((power + 1023) << 52).view(np.float64)
        t[i] = log1p((t[i] - (scale - 1.0)) / scale) + power * LOG2
    total = 0.0
    for i in range(t.size):
        total += t[i]
    return total


@native(void(F2, F1))
def shift(Z: Matrix, b: Vector) -> None:
    """Z += b in each row, in place."""
    n, k = Z.shape
    for i in range(n):
        for c in range(k):
            Z[i, c] += b[c]


@native(f8(F2, F1, F2, F2))
def softmax_pass(Z: Matrix, y: Vector, P: Matrix, S: Matrix) -> float:
    """The sum over rows of log sum_c exp(z_c) - z_y; fills P with probabilities and S with the gradients P - [c = y].

    The exponentials are summed without the largest one, so that a loss near zero keeps its relative accuracy.
    """
    n, k = Z.shape
    most = max(BLOCK_ENTRIES // k, 1)
    tops, rests, shares = np.empty(most, np.int64), np.empty(most), np.empty(most)
    total = 0.0
    for first in range(0, n, most):
        m = min(most, n - first)
        E, T, targets = P[first : first + m], S[first : first + m], y[first : first + m]
        total -= _subtract_largest(Z[first : first + m], targets, tops[:m], E)
        _exponentials(E.reshape(m * k))
        _sums_of_others(E, tops[:m], rests[:m])
        _normalise(E, rests[:m], shares[:m], T)
        _gradients(E, targets, tops[:m], rests[:m], shares[:m], T)
        total += _logarithms(rests[:m])
    return total


@native(void(F2, F2))
def softmax_curvature(P: Matrix, V: Matrix) -> None:
    """Each row v of V becomes (diag(p) - p p') v."""
    n, k = P.shape
    for i in range(n):
        mean = 0.0
        for c in range(k):
            mean += P[i, c] * V[i, c]
        for c in range(k):
            V[i, c] = P[i, c] * (V[i, c] - mean)


@native(GRADIENT)
def outputs_gradient(
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
    """The mean subgradient over rows low:high plus l2 W + l1 sign(W), theta = (W, b) row by row.

    integers = [outputs k, 1 with an intercept or 0, 1 for classes or 0]  floats = [l2, l1]  scratch: k floats
    For classes y is the class; else the last k columns of X are the targets.
    """
    k, intercept, classes = integers[0], integers[1], integers[2]
    l2, l1 = floats[0], floats[1]
    d = theta.size // k - intercept
    for j in range(d * k):
        g[j] = l2 * theta[j]
    if l1 > 0.0:
        for j in range(d * k):
            g[j] += math.copysign(l1, theta[j]) if theta[j] != 0.0 else 0.0
    for j in range(d * k, theta.size):
        g[j] = 0.0
    for i in range(low, high):
        for c in range(k):
            scratch[c] = theta[d * k + c] if intercept else 0.0
        for j in range(d):
            x = X[i, j]
            for c in range(k):
                scratch[c] += x * theta[j * k + c]
        if classes:
            most = scratch[0]
            for c in range(1, k):
                most = max(most, scratch[c])
            rest = 0.0
            for c in range(k):
                scratch[c] = exp(scratch[c] - most)
                rest += scratch[c]
            for c in range(k):
                scratch[c] /= rest * (high - low)
            scratch[int(y[i])] -= 1.0 / (high - low)
        else:
            for c in range(k):
                scratch[c] = (scratch[c] - X[i, d + c]) / (high - low)
        for j in range(d):
            x = X[i, j]
            for c in range(k):
                g[j * k + c] += x * scratch[c]
        if intercept:
            for c in range(k):
                g[d * k + c] += scratch[c]
