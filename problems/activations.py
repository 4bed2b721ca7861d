"""Activation functions with their first two derivatives, elementwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Matrix


@dataclass(frozen=True)
class Activation:
    """a(z): `at` gives a, a' and a'' of an array; `code` is what native kernels know it by."""

    at: Callable[[Matrix], tuple[Matrix, Matrix, Matrix]]
    code: int


def _linear(z: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    return z, np.ones_like(z), np.zeros_like(z)


def _sigmoid(z: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    a = 0.5 * (1.0 + np.tanh(0.5 * z))  # never overflows
    slope = a * (1.0 - a)
    return a, slope, slope * (1.0 - 2.0 * a)


def _tanh(z: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    a = np.tanh(z)
    slope = 1.0 - a * a
    return a, slope, -2.0 * a * slope


ACTIVATIONS = {
    "linear": Activation(_linear, 0),
    "sigmoid": Activation(_sigmoid, 1),
    "tanh": Activation(_tanh, 2),
}
