"""A second, plain implementation of networks in complex numbers, for the complex step."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import erfc

PIECES = {"maxout": 2}


def _softmax(z: Any) -> Any:
    e = np.exp(z - z.real.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _maxout(z: Any) -> Any:
    one, other = np.hsplit(z, 2)
    return np.where(one.real >= other.real, one, other)


ACTIVATIONS: dict[str, Any] = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "leaky-relu": lambda z: np.where(z.real > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z.real > 0, z, np.exp(np.where(z.real > 0, 0, z)) - 1),
    "gelu": lambda z: z * erfc(-z / np.sqrt(2)) / 2,
    "softmax": _softmax,
    "maxout": _maxout,
}


def predicted(network: Any, theta: Any) -> tuple[Any, Any]:
    """Z, shape (n, outputs), and the sum of the squared weights."""
    start, A, squares = 0, network.X, 0.0
    last = len(network.widths) - 2
    for k, (fan_in, fan_out) in enumerate(pairwise(network.widths)):
        columns = fan_out * (PIECES.get(network.activation, 1) if k < last else 1)
        W = theta[start : start + fan_in * columns].reshape(fan_in, columns)
        start += fan_in * columns
        A = A @ W + theta[start : start + columns]
        start += columns
        squares += np.sum(W * W)
        if k < last and network.activation == "prelu":
            A = np.where(A.real > 0, A, theta[start] * A)
            start += 1
        elif k < last:
            A = ACTIVATIONS[network.activation](A)
    assert start == theta.size
    return A, squares


def f_of_network(network: Any, theta: Any) -> complex:
    """f for complex theta."""
    Z, squares = predicted(network, theta)
    if network.loss.name == "squared":
        losses = ((Z - network.y.reshape(Z.shape)) ** 2).sum(1) / 2
    elif network.loss.name == "softmax":
        Z = Z - np.take_along_axis(Z, network.y.astype(int)[:, None], axis=1)
        top = Z.real.max(1)
        losses = top + np.log(np.exp(Z - top[:, None]).sum(1))
    else:
        t = -network.y * Z[:, 0]
        positive = t.real > 0
        e = np.exp(np.where(positive, -t, t))
        losses = np.where(positive, t, 0) + np.log(1 + e)
    return complex(np.mean(losses) + network.l2 / 2 * squares)
