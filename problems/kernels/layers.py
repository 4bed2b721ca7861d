"""Back-propagation in native code through any number of layers of any width, one block of rows at a time."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numba.core.types import void

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import EXACT, F2, SUMS, caller, i8, native
from problems.kernels.signature import GRADIENT, Integers
from problems.parts.losses import DERIVATIVE, exp

as_derivative = caller(DERIVATIVE)
BLOCK_ROWS = 128  # rows that are propagated together
MOST_LOOPED = 1024  # multiplications up to which a loop is faster than a call of BLAS


@native(flags=EXACT)
def _layer(A: Matrix, W: Matrix, b: Vector, Z: Matrix) -> None:
    """Z = A W + b."""
    m, d = A.shape
    width = W.shape[1]
    if m * d * width > MOST_LOOPED:
        np.dot(A, W, Z)
        for i in range(m):
            for k in range(width):
                Z[i, k] += b[k]
        return
    for i in range(m):
        for k in range(width):
            Z[i, k] = b[k]
        for j in range(d):
            a = A[i, j]
            for k in range(width):
                Z[i, k] += a * W[j, k]


@native(flags=EXACT)
def _gather(A: Matrix, D: Matrix, G: Matrix, product: Matrix, g: Vector) -> None:
    """G += A' D, and g += the sum of the rows of D."""
    m, d = A.shape
    width = D.shape[1]
    if m * d * width > MOST_LOOPED:
        np.dot(A.T, D, product)
        for j in range(d):
            for k in range(width):
                G[j, k] += product[j, k]
    else:
        for i in range(m):
            for j in range(d):
                a = A[i, j]
                for k in range(width):
                    G[j, k] += a * D[i, k]
    for i in range(m):
        for k in range(width):
            g[k] += D[i, k]


@native(flags=SUMS)
def _back(D: Matrix, W: Matrix, S: Matrix, below: Matrix) -> None:
    """below = (D W') * S, where * is entry by entry."""
    m, width = D.shape
    d = W.shape[0]
    large = m * d * width > MOST_LOOPED
    if large:
        np.dot(D, W.T, below)
    for i in range(m):
        for j in range(d):
            if large:
                total = below[i, j]
            else:
                total = 0.0
                for k in range(width):
                    total += D[i, k] * W[j, k]
            below[i, j] = total * S[i, j]


@native(void(i8, F2, F2))
def activate(code: int, Z: Matrix, S: Matrix) -> None:
    """Replaces Z by a(Z) and fills S with a'(Z). Each activation has its own loop, so that it can be vectorised."""
    z, s = Z.reshape(Z.size), S.reshape(S.size)
    if code == 0:
        for i in range(z.size):
            s[i] = 1.0
    elif code == 1:
        for i in range(z.size):
            a = 1.0 / (1.0 + exp(-z[i]))
            z[i], s[i] = a, a * (1.0 - a)
    elif code == 2:
        for i in range(z.size):
            e = exp(-2.0 * abs(z[i]))
            a = np.copysign((1.0 - e) / (1.0 + e), z[i])
            z[i], s[i] = a, 1.0 - a * a
    elif code == 3:
        for i in range(z.size):
            s[i] = 1.0 if z[i] > 0.0 else 0.0
            z[i] = 0.0 if z[i] < 0.0 else z[i]  # NaN stays NaN
    elif code == 4:
        for i in range(z.size):
            s[i] = 1.0 if z[i] > 0.0 else 0.01
            z[i] *= s[i]
    elif code == 5:
        for i in range(z.size):
            s[i] = 1.0
            if not z[i] > 0.0:
                z[i] = math.expm1(z[i])
                s[i] = 1.0 + z[i]
    elif code == 6:
        for i in range(z.size):
            share = 0.5 * math.erfc(-z[i] * 0.7071067811865476)
            s[i] = share + z[i] * exp(-0.5 * z[i] * z[i]) * 0.3989422804014327
            z[i] *= share


@native(flags=EXACT)
def _output_derivatives(Z: Matrix, X: Matrix, y: Vector, first: int, d: int, D: Matrix) -> None:
    """D = z - y if the columns of X after the first d are the targets y; else D = softmax(z) - e_y, y a class."""
    m, classes = Z.shape
    for i in range(m):
        if X.shape[1] > d:
            for k in range(classes):
                D[i, k] = Z[i, k] - X[first + i, d + k]
            continue
        top = Z[i, 0]
        for k in range(1, classes):
            top = max(top, Z[i, k])
        total = 0.0
        for k in range(classes):
            D[i, k] = math.exp(Z[i, k] - top)
            total += D[i, k]
        for k in range(classes):
            D[i, k] /= total
        D[i, int(y[first + i])] -= 1.0


@native(GRADIENT)
def network_gradient(
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
    """The mean gradient over rows low:high of a network of any depth, plus l2 W; a block of rows at a time.

    integers = [address of the loss's derivative, or 0 for several outputs; code of the activation; widths of layers]
    floats = [l2, shape of the loss]  scratch: `scratch_for(widths)` floats
    With several outputs the last columns of X are the targets; if X has none, y is a class.
    """
    derivative = as_derivative(integers[0])
    code, l2 = integers[1], floats[0]
    layers, inputs = integers.size - 3, integers[2]
    outputs = integers[integers.size - 1]
    widest, total = 0, 0
    for k in range(layers + 1):
        widest = max(widest, integers[2 + k])
        if k:
            total += integers[2 + k]
    at = 0
    for k in range(layers):
        weights = integers[2 + k] * integers[3 + k]
        for j in range(at, at + weights):
            g[j] = l2 * theta[j]
        at += weights
        for j in range(at, at + integers[3 + k]):
            g[j] = 0.0
        at += integers[3 + k]
    start_of_D = 2 * BLOCK_ROWS * total  # where the arrays D begin in scratch
    product = start_of_D + 2 * BLOCK_ROWS * widest
    start_of_rows = scratch.size - BLOCK_ROWS * inputs
    for first in range(low, high, BLOCK_ROWS):
        m = min(BLOCK_ROWS, high - first)
        rows = X[first : first + m]
        if X.shape[1] > inputs:
            rows = scratch[start_of_rows : start_of_rows + m * inputs].reshape(m, inputs)
            for i in range(m):
                for k in range(inputs):
                    rows[i, k] = X[first + i, k]
        A = rows
        at, here = 0, 0  # positions in theta, in scratch
        for k in range(layers):
            d, width = integers[2 + k], integers[3 + k]
            W, b = theta[at : at + d * width].reshape(d, width), theta[at + d * width : at + (d + 1) * width]
            Z = scratch[here : here + m * width].reshape(m, width)
            S = scratch[here + BLOCK_ROWS * width : here + BLOCK_ROWS * width + m * width].reshape(m, width)
            _layer(A, W, b, Z)
            if k < layers - 1:
                activate(code, Z, S)
            A = Z
            at += (d + 1) * width
            here += 2 * BLOCK_ROWS * width
        D = scratch[start_of_D : start_of_D + m * outputs].reshape(m, outputs)
        if integers[0] == 0:
            _output_derivatives(A, X, y, first, integers[2], D)
        else:
            for i in range(m):
                D[i, 0] = derivative(A[i, 0], y[first + i], floats[1])
        for i in range(m):
            for k in range(outputs):
                D[i, k] /= high - low
        other = 1
        for back in range(layers):
            k = layers - 1 - back
            d, width = integers[2 + k], integers[3 + k]
            at -= (d + 1) * width
            here -= 2 * BLOCK_ROWS * width
            W, G = theta[at : at + d * width].reshape(d, width), g[at : at + d * width].reshape(d, width)
            gb, P = g[at + d * width : at + (d + 1) * width], scratch[product : product + d * width].reshape(d, width)
            if k == 0:
                _gather(rows, D, G, P, gb)
            else:
                lower = here - 2 * BLOCK_ROWS * d
                A = scratch[lower : lower + m * d].reshape(m, d)
                S = scratch[lower + BLOCK_ROWS * d : lower + BLOCK_ROWS * d + m * d].reshape(m, d)
                _gather(A, D, G, P, gb)
                begin = start_of_D + other * BLOCK_ROWS * widest
                below = scratch[begin : begin + m * d].reshape(m, d)
                _back(D, W, S, below)
                D, other = below, 1 - other


def scratch_for(widths: tuple[int, ...]) -> int:
    """The number of floats that `network_gradient` needs as working memory.

    For a block of rows it holds the rows, A and S = a'(Z) of each layer, and two arrays D of the widest layer; and one
    product of the size of the largest W.
    """
    weights = max(fan_in * fan_out for fan_in, fan_out in pairwise(widths))
    return BLOCK_ROWS * (2 * sum(widths[1:]) + 2 * max(widths) + widths[0]) + weights
