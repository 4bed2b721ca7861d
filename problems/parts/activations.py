"""Activations: the functions between the layers of a network, their derivatives, and their known properties.

An activation maps Z, shape (n, pieces x width), to A, shape (n, width), row by row. It need not be elementwise: maxout
takes the larger of two pieces of a layer, softmax couples the units of a row, and prelu has a learned parameter. At a
kink the derivatives are one-sided, so that they hold almost everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from problems.foundation.arrays import Matrix, Vector

LEAK = 0.01  # the slope of leaky-relu below zero
GELU_LEAST = -0.16997120747990369  # at z = -0.7517916243...


@dataclass(frozen=True)
class LocalActivation:
    """An activation at one Z, with its parameters p of shape (k,): A, and its derivatives as linear maps.

    jvp             dZ, dp -> dA, the change of A
    vjp             G -> the gradients of sum(G A) with respect to Z, and to p: shape (n, k), one row per row of Z
    vjp_derivative  G, dZ, dp -> the change of vjp(G)
    """

    A: Matrix
    jvp: Callable[[Matrix, Vector], Matrix]
    vjp: Callable[[Matrix], tuple[Matrix, Matrix]]
    vjp_derivative: Callable[[Matrix, Matrix, Vector], tuple[Matrix, Matrix]]


@dataclass(frozen=True)
class Activation:
    """An activation and its properties; a test verifies each property.

    `monotone` and `monotone_derivative` describe A as a function of one input, the other inputs of its row being 0.
    """

    formula: str
    at: Callable[[Matrix, Vector], LocalActivation]
    least: float  # the infimum of A
    greatest: float  # the supremum of A
    order: float  # how many continuous derivatives it has
    monotone: bool  # whether it never decreases
    monotone_derivative: bool  # whether its derivative never decreases, or never increases
    identity: bool  # whether a(0) = 0 and a'(0) = 1, so that it is close to the identity near 0
    pieces: int = 1  # the width of Z divided by the width of A
    initial_parameters: tuple[float, ...] = ()  # the initial values of its learned parameters
    code: int | None = None  # its number in native kernels; None if they do not have it

    def __call__(self, Z: Matrix) -> Matrix:
        """A, with the initial parameters."""
        return self.at(Z, np.array(self.initial_parameters)).A


def _no_parameters(G: Matrix) -> Matrix:
    return np.empty((len(G), 0))


def elementwise(
    value: Callable[[Matrix], Matrix],
    first: Callable[[Matrix, Matrix], Matrix],
    second: Callable[[Matrix, Matrix], Matrix],
) -> Callable[[Matrix, Vector], LocalActivation]:
    """An activation from a(z), and a' and a'' as functions of z and a, which are evaluated at most once each."""

    def at(Z: Matrix, p: Vector) -> LocalActivation:
        A = value(Z)
        s, t = cache(lambda: first(Z, A)), cache(lambda: second(Z, A))
        return LocalActivation(
            A,
            jvp=lambda dZ, dp: s() * dZ,
            vjp=lambda G: (s() * G, _no_parameters(G)),
            vjp_derivative=lambda G, dZ, dp: (t() * G * dZ, _no_parameters(G)),
        )

    return at


def _prelu(Z: Matrix, p: Vector) -> LocalActivation:
    negative = np.minimum(Z, 0.0)
    above = Z > 0
    s = np.where(above, 1.0, p[0])

    def row_sums(G: Matrix) -> Matrix:
        total: Matrix = G.sum(1, keepdims=True)
        return total

    return LocalActivation(
        np.maximum(Z, 0.0) + p[0] * negative,
        jvp=lambda dZ, dp: s * dZ + dp[0] * negative,
        vjp=lambda G: (s * G, row_sums(G * negative)),
        vjp_derivative=lambda G, dZ, dp: (np.where(above, 0.0, dp[0]) * G, row_sums(np.where(above, 0.0, G * dZ))),
    )


def _maxout(Z: Matrix, p: Vector) -> LocalActivation:
    half = Z.shape[1] // 2
    first = Z[:, :half] >= Z[:, half:]

    def vjp(G: Matrix) -> tuple[Matrix, Matrix]:
        both = np.empty_like(Z)
        np.multiply(G, first, out=both[:, :half])
        np.subtract(G, both[:, :half], out=both[:, half:])
        return both, _no_parameters(G)

    return LocalActivation(
        np.maximum(Z[:, :half], Z[:, half:]),
        jvp=lambda dZ, dp: np.where(first, dZ[:, :half], dZ[:, half:]),
        vjp=vjp,
        vjp_derivative=lambda G, dZ, dp: (np.zeros_like(Z), _no_parameters(G)),
    )


def _softmax(Z: Matrix, p: Vector) -> LocalActivation:
    A = softmax_of_rows(Z)

    def jacobian_product(G: Matrix) -> Matrix:
        return softmax_jacobian_product(A, G)

    def vjp_derivative(G: Matrix, dZ: Matrix, dp: Vector) -> tuple[Matrix, Matrix]:
        dA = jacobian_product(dZ)
        change = dA * (G - (A * G).sum(1, keepdims=True)) - A * (dA * G).sum(1, keepdims=True)
        return change, _no_parameters(G)

    return LocalActivation(
        A,
        jvp=lambda dZ, dp: jacobian_product(dZ),
        vjp=lambda G: (jacobian_product(G), _no_parameters(G)),  # the Jacobian is symmetric
        vjp_derivative=vjp_derivative,
    )


def softmax_of_rows(Z: Matrix) -> Matrix:
    """exp(z_j) / sum_k exp(z_k) for each row z of Z."""
    E = np.exp(Z - Z.max(1, keepdims=True))
    P: Matrix = E / E.sum(1, keepdims=True)
    return P


def softmax_jacobian_product(P: Matrix, G: Matrix) -> Matrix:
    """(diag(p) - p p') g for each row g of G: the Jacobian of softmax at probabilities p, which is never formed."""
    H: Matrix = P * (G - (P * G).sum(1, keepdims=True))
    return H


def _step_function(z: Matrix, a: Matrix) -> Matrix:
    return (z > 0).astype(np.float64)


def _zero(z: Matrix, a: Matrix) -> Matrix:
    return np.zeros_like(z)


def _normal_density(z: Matrix) -> tuple[Matrix, Matrix]:
    """z clipped to where the normal density is not 0 in float64, and the density there."""
    clipped = np.clip(z, -40.0, 40.0)
    return clipped, np.exp(-clipped * clipped / 2) / math.sqrt(2 * math.pi)


def _gelu_first(z: Matrix, a: Matrix) -> Matrix:
    clipped, density = _normal_density(z)
    derivative: Matrix = ndtr(z) + clipped * density
    return derivative


def _gelu_second(z: Matrix, a: Matrix) -> Matrix:
    clipped, density = _normal_density(z)
    return (2 - clipped * clipped) * density


_linear = elementwise(lambda z: z, lambda z, a: np.ones_like(z), _zero)
_sigmoid = elementwise(  # 1 / (1 + exp(-z)), written so that it never overflows
    lambda z: 0.5 * (1 + np.tanh(0.5 * z)), lambda z, a: a * (1 - a), lambda z, a: a * (1 - a) * (1 - 2 * a)
)
_tanh = elementwise(np.tanh, lambda z, a: 1 - a * a, lambda z, a: -2 * a * (1 - a * a))
_relu = elementwise(lambda z: np.maximum(z, 0.0), _step_function, _zero)
_leaky = elementwise(lambda z: np.maximum(z, LEAK * z), lambda z, a: np.where(z > 0, 1.0, LEAK), _zero)
_elu = elementwise(
    lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
    lambda z, a: np.where(z > 0, 1.0, 1 + a),
    lambda z, a: np.where(z > 0, 0.0, 1 + a),
)
_gelu = elementwise(lambda z: z * ndtr(z), _gelu_first, _gelu_second)

INF = math.inf
PRELU_START = (0.25,)
#               formula                              at        range              order monotone a' monotone identity
ACTIVATIONS = {
    "linear": Activation("z", _linear, -INF, INF, INF, True, True, True, code=0),
    "sigmoid": Activation("1 / (1 + e^-z)", _sigmoid, 0.0, 1.0, INF, True, False, False, code=1),
    "tanh": Activation("tanh z", _tanh, -1.0, 1.0, INF, True, False, True, code=2),
    "relu": Activation("max(0, z)", _relu, 0.0, INF, 0, True, True, False, code=3),
    "leaky-relu": Activation("max(0.01 z, z)", _leaky, -INF, INF, 0, True, True, False, code=4),
    "prelu": Activation(
        "max(0, z) + p min(0, z), p learned", _prelu, -INF, INF, 0, True, True, False, initial_parameters=PRELU_START
    ),
    "maxout": Activation("max(z_1, z_2), two pieces", _maxout, -INF, INF, 0, True, True, False, pieces=2),
    "elu": Activation("z above 0, e^z - 1 below", _elu, -1.0, INF, 1, True, True, True, code=5),
    "softmax": Activation("e^z_j / sum_k e^z_k", _softmax, 0.0, 1.0, INF, True, False, False),
    "gelu": Activation("z Phi(z)", _gelu, GELU_LEAST, INF, INF, False, False, False, code=6),
}
