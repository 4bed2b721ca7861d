"""f(theta) = (1/n) sum_i loss(x_i W + b, y_i) + penalty(W) with k outputs, Z = X W + b of shape (n, k).

theta holds the rows of W, shape (d, k), one after the other, and then the k intercepts b, which are not penalised. The
classes form a chain, and `matrix_model` chooses the one with the most promises that loss and penalty allow:

    CompositeMatrixModel < SmoothMatrixModel < LeastSquaresMatrixModel
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from problems.certificates import matrices
from problems.forms import NOTHING, About, Composite, MultipleRightHandSides, NonlinearLeastSquares, Smooth, TwiceSmooth
from problems.foundation.arrays import Matrix, Vector
from problems.linear.penalised_matrix import PenalisedMatrixModel, product, transposed
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows


class CompositeMatrixModel(PenalisedMatrixModel, Composite):
    """Any penalty, with a prox of its nonsmooth part."""

    @property
    def smooth(self) -> Smooth:
        part = matrix_model(self.rows, self.y, self.outputs, self.loss, Penalty(l2=self.penalty.l2))
        assert isinstance(part, SmoothMatrixModel)
        part.ledger = self.ledger
        return part

    def rest(self, theta: Vector) -> float:
        return self.penalty.nonsmooth(self._penalised(theta))

    def prox(self, v: Vector, step: float) -> Vector:
        w = self._penalised(v)
        return np.append(self.penalty.prox_nonsmooth(w, step), v[w.size :])


class SmoothMatrixModel(CompositeMatrixModel, TwiceSmooth):
    """A penalty with a gradient."""

    @property
    def smooth(self) -> Smooth:
        return self

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        total, S, _ = self._total(theta)
        f = total / self.n + self.penalty.value(self._penalised(theta))
        return f, transposed(self.rows, S) / self.n + self._ridge() * theta

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        self.ledger.passes += 2
        if self.loss.quadratic:
            H = np.kron(self.rows.gram(), np.eye(self.outputs)) / self.n
        else:
            H = matrices.curvature(self.rows, self._total(theta)[2])
        H[np.diag_indices(self.dim)] += self._ridge()
        return H

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        self.ledger.passes += 1
        P = self._total(theta)[2]
        return self._product(lambda V: self.loss.hessian_product(P, V))

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        return self._product(self.loss.majorant_product)

    def _product(self, multiply: Callable[[Matrix], Matrix]) -> Callable[[Vector], Vector]:
        ridge = self._ridge()

        def along(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            return transposed(self.rows, multiply(product(self.rows, self._matrix(v)))) / self.n + ridge * v

        return along


class LeastSquaresMatrixModel(SmoothMatrixModel, MultipleRightHandSides, NonlinearLeastSquares):
    """The squared loss: k regressions over the same rows, with one matrix for all."""

    def shared_least_squares(self) -> tuple[Any, Matrix]:
        self.ledger.passes += 2
        B, C = self.rows.design_matrix(), self.y.copy()
        if self.penalty.l2:
            d = self.rows.X.shape[1]
            ridge = np.sqrt(self.n * self.penalty.l2) * sp.eye_array(d, self.rows.dim, format="csr")
            B = sp.vstack([B, ridge], format="csr") if self.rows.sparse else np.vstack([B, ridge.toarray()])
            C = np.vstack([C, np.zeros((d, self.outputs))])
        return B, C

    def shared_system(self) -> tuple[Any, Matrix]:
        self.ledger.passes += 2
        A = self.rows.gram() / self.n
        A[np.diag_indices(len(A))] += self._ridge()[:: self.outputs]
        return A, self._matrix(transposed(self.rows, self.y)) / self.n

    def least_squares(self) -> tuple[Any, Vector]:
        B, C = self.shared_least_squares()
        return sp.kron(sp.csr_array(B), sp.eye_array(self.outputs), format="csr"), C.ravel()

    def system(self) -> tuple[Any, Vector]:
        A, b = self.shared_system()
        return sp.kron(A, sp.eye_array(self.outputs), format="csr"), b.ravel()

    def residual(self, theta: Vector) -> Vector:
        B, C = self.shared_least_squares()
        r: Vector = np.ravel(B @ self._matrix(theta) - C)
        r /= np.sqrt(self.n)
        return r

    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        B, c = self.least_squares()
        return (B @ theta - c) / np.sqrt(self.n), B.toarray() / np.sqrt(self.n)


def matrix_model(
    rows: Rows, y: Any, outputs: int, loss: MatrixLoss, penalty: Penalty = NONE, about: About = NOTHING
) -> CompositeMatrixModel:
    """The model with the most promises that `loss` and `penalty` allow.

    >>> from problems.parts.matrix_losses import squared
    >>> type(matrix_model(Rows(np.eye(2)), np.eye(2), 2, squared)).__name__
    'LeastSquaresMatrixModel'
    """
    model: type[CompositeMatrixModel] = CompositeMatrixModel
    if penalty.smooth:
        model = LeastSquaresMatrixModel if loss.quadratic else SmoothMatrixModel
    return model(rows, np.require(y, np.float64, ["C", "W"]), outputs, loss, penalty, about)
