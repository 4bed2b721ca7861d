"""Losses of k predictions z, a row of Z, against one target: the cross-entropy of softmax, and squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.foundation.arrays import Matrix
from problems.kernels.outputs import softmax_curved, softmax_pass


@dataclass(frozen=True)
class MatrixLoss:
    """What a problem needs to know of a loss l(z, y), convex in the k numbers of z and never negative."""

    name: str
    total: Callable[[Matrix, Any], tuple[float, Matrix, Matrix]]  # Z, y -> the sum, slopes, and what `curved` takes
    curved: Callable[[Matrix, Matrix], Matrix]  # that, V -> each row of V times its row's second derivative
    bounded: Callable[[Matrix], Matrix]  # the same with a matrix at least as large as any second derivative
    curvature: float  # the largest eigenvalue of that matrix
    quadratic: bool = False
    classes: bool = False  # True where y is a class, 0 to k - 1; else it has k numbers
    labels = False  # y is not -1 or 1
    derivatives = 2
    kink = ""


def _softmax(Z: Matrix, y: Any) -> tuple[float, Matrix, Matrix]:
    P, S = np.empty_like(Z), np.empty_like(Z)
    return softmax_pass(Z, y, P, S), S, P


def _softmax_curved(P: Matrix, V: Matrix) -> Matrix:
    V = np.array(V)
    softmax_curved(P, V)
    return V


def _squared(Z: Matrix, Y: Any) -> tuple[float, Matrix, Matrix]:
    S = Z - Y
    return float(np.vdot(S, S)) / 2, S, S


softmax = MatrixLoss(
    "softmax",
    _softmax,
    _softmax_curved,
    lambda V: (V - V.mean(1, keepdims=True)) / 2,  # Bohning (1992), doi:10.1007/BF00048682
    curvature=0.5,
    classes=True,
)
squared = MatrixLoss("squared", _squared, lambda S, V: V, lambda V: V, curvature=1.0, quadratic=True)
