"""Back-propagation in native code through one small hidden layer, without calls of functions, which would dominate."""

from __future__ import annotations

import numpy as np

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import caller, native
from problems.kernels.signature import GRADIENT, Integers
from problems.parts.losses import DERIVATIVE, exp

as_derivative = caller(DERIVATIVE)
LAST_OF_ONE_HIDDEN = 2  # `one_hidden_gradient` has the activations up to this code


@native(GRADIENT)
def one_hidden_gradient(
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
    """The mean gradient over rows low:high of z = a(x W + b) . v + c, plus l2 (W, v).

    integers = [address of the loss's derivative, code of the activation]  floats = [l2, shape of the loss]
    scratch: one float per hidden unit
    """
    d = X.shape[1]
    width = scratch.size
    derivative = as_derivative(integers[0])
    code, l2 = integers[1], floats[0]
    b, v, c = d * width, (d + 1) * width, (d + 2) * width  # where they begin in theta; W begins at 0
    for j in range(theta.size):
        g[j] = l2 * theta[j]
    for j in range(b, v):
        g[j] = 0.0
    g[c] = 0.0
    for i in range(low, high):
        for k in range(width):
            scratch[k] = theta[b + k]
        for j in range(d):
            for k in range(width):
                scratch[k] += X[i, j] * theta[j * width + k]
        z = theta[c]
        for k in range(width):
            if code == 1:
                scratch[k] = 1.0 / (1.0 + exp(-scratch[k]))
            elif code == 2:
                e = exp(-2.0 * abs(scratch[k]))
                scratch[k] = np.copysign((1.0 - e) / (1.0 + e), scratch[k])
            z += scratch[k] * theta[v + k]
        s = derivative(z, y[i], floats[1]) / (high - low)
        g[c] += s
        for k in range(width):
            a = scratch[k]
            g[v + k] += s * a
            back = s * theta[v + k]
            if code == 1:
                back *= a * (1.0 - a)
            elif code == 2:
                back *= 1.0 - a * a
            g[b + k] += back
            for j in range(d):
                g[j * width + k] += back * X[i, j]
