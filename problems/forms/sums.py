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
    """The batch gradient of a problem as native code, with its arguments.

    Its signature is one of `problems.kernels.signature`: GRADIENT, or SPARSE_GRADIENT if X is sparse.
    """

    address: int  # of the compiled function, in this process
    X: Matrix | CSR  # (n, d), C-contiguous if it is dense
    y: Vector  # (n,)
    integers: NDArray[np.int64]  # integer parameters
    floats: Vector  # real parameters, as float64
    scratch_size: int  # the number of floats in its working memory


class FiniteSum(Objective):
    """f = (1/n) sum_i f_i + penalty. This is no subclass of Smooth, because the absolute loss has rows too."""

    promise = "rows of data"

    @property
    @abstractmethod
    def n(self) -> int:
        """The number of rows."""

    @abstractmethod
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        """The gradient of the mean over those rows plus the penalty's; at a kink a subgradient."""

    def row_smoothness(self) -> float:
        """The largest Lipschitz constant of the gradient of one f_i + penalty; inf if none is known."""
        return float("inf")

    def native(self) -> NativeGradient | None:
        """`batch_gradient` as native code, for loops that run without Python; None if there is none."""
        return None


class LinearModel(FiniteSum):
    """f = (1/n) sum_i loss(x_i . w + b, y_i) + penalty(w); solvers may read all its parts."""

    promise = "rows of a linear model"
    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty

    @abstractmethod
    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z = X w + b for other rows X, shape (m, d)."""


class MatrixModel(FiniteSum):
    """f = (1/n) sum_i loss(x_i W + b, y_i) + penalty(W), k outputs; theta holds the rows of W, then b."""

    promise = "rows of a linear model of several outputs"
    rows: Rows
    y: Any  # classes 0, 1, ..., shape (n,), or targets, shape (n, k)
    outputs: int
    loss: MatrixLoss
    penalty: Penalty

    @abstractmethod
    def predict(self, theta: Vector, X: Any) -> Matrix:
        """Z = X W + b for other rows X, shape (m, d)."""


class NonnegativeModel(Objective):
    """A LinearModel's f subject to w >= 0, b free; solvers may read its parts.

    This is no FiniteSum, because the gradient of a row ignores the constraint.
    """

    promise = "rows of a linear model over w >= 0"
    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty


class LayeredModel(FiniteSum):
    """A network of dense layers; theta holds W_1 (row-major, in x out), b_1, W_2, b_2, ... one after the other.

    If an activation has several pieces, the columns of W are those of the first piece, then those of the next. The
    parameters of an activation, if it has any, follow b.
    """

    promise = "the layers of a network"
    X: Matrix
    y: Any  # (n,); with several outputs classes 0, 1, ..., shape (n,), or targets, shape (n, k)
    loss: Loss | MatrixLoss
    widths: tuple[int, ...]
    activation: str
    l2: float

    @abstractmethod
    def predict(self, theta: Vector, X: Matrix) -> Matrix:
        """z(x) for other rows X, shape (m, d); the result has shape (m,), or (m, k) with several outputs."""
