"""Loops over rows for models of several outputs, Z = X W + b, one row of Z a row of X."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import F1, F2, f8, native
from problems.kernels.signature import GRADIENT, Whole
from problems.parts.losses.arithmetic import exp, log1p

BLOCK = 2048  # numbers of Z that stay in the first-level cache, while one short loop after another runs over them
LOG2 = math.log(2.0)


@native()
def _below_top(Z: Matrix, y: Vector, tops: NDArray[np.int64], P: Matrix) -> float:
    """P = Z less the largest of each row, whose place is kept; the sum of what is left of z_y."""
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
    for j in range(z.size):
        z[j] = exp(z[j])


@native()
def _sums_but_top(E: Matrix, tops: NDArray[np.int64], rests: Vector) -> None:
    m, k = E.shape
    for i in range(m):
        E[i, tops[i]] *= 0.0  # it was 1, or NaN
    for i in range(m):
        rest = 0.0
        for c in range(k):
            rest += E[i, c]
        rests[i] = rest


@native()
def _divided(E: Matrix, rests: Vector, shares: Vector, S: Matrix) -> None:
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
def _slopes(P: Matrix, y: Vector, tops: NDArray[np.int64], rests: Vector, shares: Vector, S: Matrix) -> None:
    for i in range(len(P)):
        top, target, share = tops[i], int(y[i]), shares[i]
        P[i, top] = share
        S[i, top] = share
        S[i, target] = -rests[i] * share if target == top else P[i, target] - 1.0


@native()
def _logarithms(t: Vector) -> float:
    """The sum of log(1 + t), t >= 0, each by that of [0, 1] and the power of two in 1 + t."""
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
    """b added to each row of Z, in place."""
    n, k = Z.shape
    for i in range(n):
        for c in range(k):
            Z[i, c] += b[c]


@native(f8(F2, F1, F2, F2))
def softmax_pass(Z: Matrix, y: Vector, P: Matrix, S: Matrix) -> float:
    """The sum of log sum_c exp(z_c) - z_y over rows; P gets the probabilities, S the slopes P - [c = y].

    What is not the largest of a row is summed by itself, so that a loss near zero keeps its digits.
    """
    n, k = Z.shape
    each = max(BLOCK // k, 1)
    tops, rests, shares = np.empty(each, np.int64), np.empty(each), np.empty(each)
    total = 0.0
    for first in range(0, n, each):
        m = min(each, n - first)
        E, T, targets = P[first : first + m], S[first : first + m], y[first : first + m]
        total -= _below_top(Z[first : first + m], targets, tops[:m], E)
        _exponentials(E.reshape(m * k))
        _sums_but_top(E, tops[:m], rests[:m])
        _divided(E, rests[:m], shares[:m], T)
        _slopes(E, targets, tops[:m], rests[:m], shares[:m], T)
        total += _logarithms(rests[:m])
    return total


@native(void(F2, F2))
def softmax_curved(P: Matrix, V: Matrix) -> None:
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
    theta: Vector, X: Matrix, y: Vector, whole: Whole, real: Vector, scratch: Vector, low: int, high: int, g: Vector
) -> None:
    """The mean subgradient over rows low:high plus l2 W + l1 sign(W), theta = (W, b) row by row.

    whole = [outputs k, intercept?, classes?]  real = [l2, l1]  scratch: k floats
    Of classes y is the number; else the last k columns of X are the targets.
    """
    k, intercept, classes = whole[0], whole[1], whole[2]
    l2, l1 = real[0], real[1]
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
