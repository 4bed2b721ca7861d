"""Activations: what stands between two layers, with the derivatives that the passes need, and what is known of each.

An activation takes Z, shape (n, pieces x width), to A, shape (n, width), row by row. It need not be elementwise:
maxout takes the larger of two pieces of a layer, softmax couples the units of a row, prelu learns a number of its
own. Where there is a kink the derivatives are one-sided, so that they hold almost everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from problems.foundation.arrays import Matrix, Vector

LEAK = 0.01  # of leaky-relu, below zero
GELU_LEAST = -0.16997120747990369  # at z = -0.7517916243...


@dataclass(frozen=True)
class Local:
    """An activation at one Z with parameters p of its own, shape (k,): A, and its derivatives as maps."""

    A: Matrix
    push: Callable[[Matrix, Vector], Matrix]  # dZ, dp -> dA, how A moves
    pull: Callable[[Matrix], tuple[Matrix, Matrix]]  # G -> the gradients of sum(G A) in Z, and in p: (n, k), row by row
    bend: Callable[[Matrix, Matrix, Vector], tuple[Matrix, Matrix]]  # G, dZ, dp -> how pull(G) moves


@dataclass(frozen=True)
class Activation:
    """What an activation is, and what is known of it; a test verifies each word.

    `monotone` and `monotone_slope` are said of one input, the others of its row held at 0, where there are others.
    """

    formula: str
    at: Callable[[Matrix, Vector], Local]
    least: float  # what A never passes, below
    greatest: float  # and above
    order: float  # how many continuous derivatives
    monotone: bool  # it never falls
    monotone_slope: bool  # its slope never falls or never rises
    identity: bool  # a(0) = 0 and a'(0) = 1: near zero it is all but the identity
    pieces: int = 1  # how many times as wide as A it needs Z
    own: tuple[float, ...] = ()  # its own parameters, as they start
    code: int | None = None  # what native kernels know it by

    def __call__(self, Z: Matrix) -> Matrix:
        """A, its own parameters as they start."""
        return self.at(Z, np.array(self.own)).A


def _none(G: Matrix) -> Matrix:
    return np.empty((len(G), 0))


def elementwise(
    value: Callable[[Matrix], Matrix],
    slope: Callable[[Matrix, Matrix], Matrix],
    bend: Callable[[Matrix, Matrix], Matrix],
) -> Callable[[Matrix, Vector], Local]:
    """From a(z), and a' and a'' of z and a, each found when it is asked for and then kept."""

    def at(Z: Matrix, p: Vector) -> Local:
        A = value(Z)
        s, t = cache(lambda: slope(Z, A)), cache(lambda: bend(Z, A))
        return Local(
            A,
            push=lambda dZ, dp: s() * dZ,
            pull=lambda G: (s() * G, _none(G)),
            bend=lambda G, dZ, dp: (t() * G * dZ, _none(G)),
        )

    return at


def _prelu(Z: Matrix, p: Vector) -> Local:
    low = np.minimum(Z, 0.0)
    above = Z > 0
    s = np.where(above, 1.0, p[0])

    def summed(G: Matrix) -> Matrix:
        total: Matrix = G.sum(1, keepdims=True)
        return total

    return Local(
        np.maximum(Z, 0.0) + p[0] * low,
        push=lambda dZ, dp: s * dZ + dp[0] * low,
        pull=lambda G: (s * G, summed(G * low)),
        bend=lambda G, dZ, dp: (np.where(above, 0.0, dp[0]) * G, summed(np.where(above, 0.0, G * dZ))),
    )


def _maxout(Z: Matrix, p: Vector) -> Local:
    half = Z.shape[1] // 2
    first = Z[:, :half] >= Z[:, half:]

    def pull(G: Matrix) -> tuple[Matrix, Matrix]:
        both = np.empty_like(Z)
        np.multiply(G, first, out=both[:, :half])
        np.subtract(G, both[:, :half], out=both[:, half:])
        return both, _none(G)

    return Local(
        np.maximum(Z[:, :half], Z[:, half:]),
        push=lambda dZ, dp: np.where(first, dZ[:, :half], dZ[:, half:]),
        pull=pull,
        bend=lambda G, dZ, dp: (np.zeros_like(Z), _none(G)),
    )


def _softmax(Z: Matrix, p: Vector) -> Local:
    A = shares(Z)

    def turn(G: Matrix) -> Matrix:
        """J G, row by row: J = diag(a) - a a' is symmetric, and never formed."""
        return softened(A, G)

    def bend(G: Matrix, dZ: Matrix, dp: Vector) -> tuple[Matrix, Matrix]:
        dA = turn(dZ)
        return dA * (G - (A * G).sum(1, keepdims=True)) - A * (dA * G).sum(1, keepdims=True), _none(G)

    return Local(A, push=lambda dZ, dp: turn(dZ), pull=lambda G: (turn(G), _none(G)), bend=bend)


def shares(Z: Matrix) -> Matrix:
    """exp(z_j) / sum_k exp(z_k) of each row."""
    E = np.exp(Z - Z.max(1, keepdims=True))
    P: Matrix = E / E.sum(1, keepdims=True)
    return P


def softened(P: Matrix, G: Matrix) -> Matrix:
    """(diag(p) - p p') g of each row: the derivative of `shares` along g."""
    H: Matrix = P * (G - (P * G).sum(1, keepdims=True))
    return H


def _step(z: Matrix, a: Matrix) -> Matrix:
    return (z > 0).astype(np.float64)


def _flat(z: Matrix, a: Matrix) -> Matrix:
    return np.zeros_like(z)


def _bell(z: Matrix) -> tuple[Matrix, Matrix]:
    """z, no further out than where the normal density is 0, and the density there."""
    near = np.clip(z, -40.0, 40.0)
    return near, np.exp(-near * near / 2) / math.sqrt(2 * math.pi)


def _gelu_slope(z: Matrix, a: Matrix) -> Matrix:
    near, density = _bell(z)
    slope: Matrix = ndtr(z) + near * density
    return slope


def _gelu_bend(z: Matrix, a: Matrix) -> Matrix:
    near, density = _bell(z)
    return (2 - near * near) * density


_linear = elementwise(lambda z: z, lambda z, a: np.ones_like(z), _flat)
_sigmoid = elementwise(  # 1 / (1 + exp(-z)), and never overflows
    lambda z: 0.5 * (1 + np.tanh(0.5 * z)), lambda z, a: a * (1 - a), lambda z, a: a * (1 - a) * (1 - 2 * a)
)
_tanh = elementwise(np.tanh, lambda z, a: 1 - a * a, lambda z, a: -2 * a * (1 - a * a))
_relu = elementwise(lambda z: np.maximum(z, 0.0), _step, _flat)
_leaky = elementwise(lambda z: np.maximum(z, LEAK * z), lambda z, a: np.where(z > 0, 1.0, LEAK), _flat)
_elu = elementwise(
    lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
    lambda z, a: np.where(z > 0, 1.0, 1 + a),
    lambda z, a: np.where(z > 0, 0.0, 1 + a),
)
_gelu = elementwise(lambda z: z * ndtr(z), _gelu_slope, _gelu_bend)

INF = math.inf
#               formula                              at        range              order monotone slope identity
ACTIVATIONS = {
    "linear": Activation("z", _linear, -INF, INF, INF, True, True, True, code=0),
    "sigmoid": Activation("1 / (1 + e^-z)", _sigmoid, 0.0, 1.0, INF, True, False, False, code=1),
    "tanh": Activation("tanh z", _tanh, -1.0, 1.0, INF, True, False, True, code=2),
    "relu": Activation("max(0, z)", _relu, 0.0, INF, 0, True, True, False, code=3),
    "leaky-relu": Activation("max(0.01 z, z)", _leaky, -INF, INF, 0, True, True, False, code=4),
    "prelu": Activation("max(0, z) + p min(0, z), p learned", _prelu, -INF, INF, 0, True, True, False, own=(0.25,)),
    "maxout": Activation("max(z_1, z_2), two pieces", _maxout, -INF, INF, 0, True, True, False, pieces=2),
    "elu": Activation("z above 0, e^z - 1 below", _elu, -1.0, INF, 1, True, True, True, code=5),
    "softmax": Activation("e^z_j / sum_k e^z_k", _softmax, 0.0, 1.0, INF, True, False, False),
    "gelu": Activation("z Phi(z)", _gelu, GELU_LEAST, INF, INF, False, False, False, code=6),
}
