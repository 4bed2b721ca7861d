"""Sums over rows of data."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.forms.objective import Objective
from problems.foundation.arrays import CSR, Matrix, Vector
from problems.parts.losses import Loss
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


@dataclass(frozen=True)
class NativeGradient:
    """The batch gradient of a problem as native code and what it reads.

    It is one of `problems.kernels.signature`: GRADIENT, or SPARSE_GRADIENT where X is sparse.
    """

    at: int  # its address in this process
    X: Matrix | CSR  # (n, d), C-contiguous where it is dense
    y: Vector  # (n,)
    whole: NDArray[np.int64]  # whole-number parameters
    real: Vector  # real parameters
    scratch: int  # how many floats it needs to work in


class FiniteSum(Objective):
    """f = (1/n) sum_i f_i + penalty. Not below Smooth: the absolute loss has rows too."""

    promise = "rows of data"

    @property
    @abstractmethod
    def n(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        """The gradient (a subgradient, at a kink) of the mean over those rows, plus the penalty's."""

    def row_smoothness(self) -> float:
        """The largest Lipschitz constant of a single row's gradient, penalty included; inf where none is known."""
        return float("inf")

    def native(self) -> NativeGradient | None:
        """`batch_gradient` as native code, for loops that never come back to Python; None where there is none."""
        return None


class LinearModel(FiniteSum):
    """f = (1/n) sum_i loss(x_i . w + b, y_i) + penalty(w) with its parts in the open."""

    promise = "rows of a linear model"
    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty

    @abstractmethod
    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z = X w + b for other rows X, shape (m, d)."""


class MatrixModel(FiniteSum):
    """f = (1/n) sum_i loss(x_i W + b, y_i) + penalty(W) of k outputs; theta: the rows of W one by one, then b."""

    promise = "rows of a linear model of several outputs"
    rows: Rows
    y: Any  # classes from 0 on, shape (n,), or targets, shape (n, k)
    outputs: int
    loss: MatrixLoss
    penalty: Penalty

    @abstractmethod
    def predict(self, theta: Vector, X: Any) -> Matrix:
        """Z = X W + b for other rows X, shape (m, d)."""


class NonnegativeModel(Objective):
    """f as a LinearModel's, over w >= 0, b free, with its parts in the open. No row knows of the constraint."""

    promise = "rows of a linear model over w >= 0"
    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty


class LayeredModel(FiniteSum):
    """A network of dense layers; theta holds W_1 (row-major, in x out), b_1, W_2, b_2, ... one after the other.

    The columns of W are those of an activation's pieces, one piece after the other, where it has several; and behind b
    come the parameters of its own, where it has any.
    """

    promise = "the layers of a network"
    X: Matrix
    y: Any  # shape (n,); of several outputs classes from 0 on, or targets, shape (n, k)
    loss: Loss | MatrixLoss
    widths: tuple[int, ...]
    activation: str
    l2: float

    @abstractmethod
    def predict(self, theta: Vector, X: Matrix) -> Matrix:
        """z(x) for other rows X, shape (m, d): shape (m,), or (m, k) of several outputs."""
