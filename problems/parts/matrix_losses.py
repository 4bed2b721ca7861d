"""Losses of k predictions z, a row of Z, against one target: the cross-entropy of softmax, and the squared loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.foundation.arrays import Matrix
from problems.kernels.outputs import softmax_curvature, softmax_pass


@dataclass(frozen=True)
class MatrixLoss:
    """A loss l(z, y), convex in the k entries of z and never negative.

    total             Z, y -> the sum of the losses, their gradients as rows, and what `hessian_product` needs of Z
    hessian_product   that, V -> each row of V multiplied by the Hessian of its row's loss
    majorant_product  V -> the same with one matrix that bounds every such Hessian from above
    curvature         the largest eigenvalue of that bound
    classes           True if y is a class from 0 to k - 1, False if y has k entries
    """

    name: str
    total: Callable[[Matrix, Any], tuple[float, Matrix, Matrix]]
    hessian_product: Callable[[Matrix, Matrix], Matrix]
    majorant_product: Callable[[Matrix], Matrix]
    curvature: float
    quadratic: bool = False
    classes: bool = False
    labels = False  # y is not -1 or 1
    continuous_derivatives = 2
    missing_derivative = ""


def _softmax(Z: Matrix, y: Any) -> tuple[float, Matrix, Matrix]:
    P, S = np.empty_like(Z), np.empty_like(Z)
    return softmax_pass(Z, y, P, S), S, P


def _softmax_hessian_product(P: Matrix, V: Matrix) -> Matrix:
    V = np.array(V)
    softmax_curvature(P, V)
    return V


def _squared(Z: Matrix, Y: Any) -> tuple[float, Matrix, Matrix]:
    S = Z - Y
    return float(np.vdot(S, S)) / 2, S, S


softmax = MatrixLoss(
    "softmax",
    _softmax,
    _softmax_hessian_product,
    lambda V: (V - V.mean(1, keepdims=True)) / 2,  # Bohning (1992), doi:10.1007/BF00048682
    curvature=0.5,
    classes=True,
)
squared = MatrixLoss("squared", _squared, lambda S, V: V, lambda V: V, curvature=1.0, quadratic=True)
