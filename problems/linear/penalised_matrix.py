"""What all models with several outputs, Z = X W + b, have: a value, rows, a certificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from problems.certificates import matrices
from problems.forms import (
    NOTHING,
    About,
    Certified,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    MatrixModel,
    NativeGradient,
    NonlinearLeastSquares,
    NonnegativeModel,
    Saddle,
)
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import address
from problems.kernels.outputs import outputs_gradient, shift
from problems.kernels.signature import GRADIENT
from problems.linear.penalised_model import LEAST_DERIVATIVE
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows


@dataclass
class PenalisedMatrixModel(MatrixModel, Certified):
    """A smooth loss of k outputs with penalties l1 and l2: rows with gradients, or with subgradients if l1 > 0."""

    rows: Rows
    y: Any  # classes, shape (n,), or targets, shape (n, k)
    outputs: int
    loss: MatrixLoss
    penalty: Penalty = NONE
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def n(self) -> int:
        return self.rows.n

    @property
    def dim(self) -> int:
        return self.rows.dim * self.outputs

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        total, _, _ = self._total(theta)
        return total / self.n + self.penalty.value(self._penalised(theta))

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        batch = self.rows[rows]
        _, S, _ = self.loss.total(product(batch, self._matrix(theta)), self.y[rows])
        g = transposed(batch, S) / len(rows) + self._ridge() * theta
        if self.penalty.l1:
            w = self._penalised(theta)
            g[: w.size] += self.penalty.l1 * np.sign(w)
        return g

    def row_smoothness(self) -> float:
        self.ledger.passes += 1
        return self.loss.curvature * self.rows.largest_squared_norm() + self.penalty.l2

    def native(self) -> NativeGradient | None:
        if self.rows.sparse:
            return None
        integers = np.array([self.outputs, self.rows.intercept, self.loss.classes], np.int64)
        floats = np.array([self.penalty.l2, self.penalty.l1])
        gradient = address(outputs_gradient, GRADIENT)
        if self.loss.classes:
            return NativeGradient(gradient, self.rows.X, self.y, integers, floats, self.outputs)
        self.ledger.passes += 1  # the copy of rows and targets into one array
        table = np.hstack([self.rows.X, self.y])
        return NativeGradient(gradient, table, np.zeros(self.n), integers, floats, self.outputs)

    def gap(self, theta: Vector) -> float:
        """The smallest of the bounds that apply; one is f itself, because no loss is negative."""
        self.ledger.passes += 3
        bound = matrices.softmax_gap if self.loss.classes else matrices.squares_gap
        return bound(self.rows, self.y, self.penalty, self._matrix(theta))

    def unattained(self, theta: Vector) -> str | None:
        if self.penalty != NONE or not self.loss.classes:
            return None
        _, _, P = self._total(theta)
        own_class = P[np.arange(self.n), self.y.astype(int)]
        if not np.all(own_class > 0.5):  # larger than all others
            probable = (1 - own_class).min() > LEAST_DERIVATIVE
            if probable or matrices.separating(self.rows, self.y, self.outputs) is None:
                return None
        return "the classes are separable: f decreases for ever along some theta; with a penalty (l2) it has a minimum"

    def measures(self, theta: Vector) -> dict[str, float]:
        measures = {} if self.penalty.smooth else {"nonzero": float(np.count_nonzero(self._penalised(theta)))}
        if self.loss.classes:
            measures["accuracy"] = float(np.mean(product(self.rows, self._matrix(theta)).argmax(1) == self.y))
        return measures

    def predict(self, theta: Vector, X: Any) -> Matrix:
        """Z = X W + b for other rows X, shape (m, d)."""
        return product(Rows(X, self.rows.intercept), self._matrix(theta))

    def sibling(self) -> Self:
        few = np.arange(min(8, self.n))
        return type(self)(self.rows.subset(few, 3), self.y[few], self.outputs, self.loss, self.penalty)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | NonnegativeModel):
            return f"it has {self.outputs} outputs, and theta is a matrix"
        if issubclass(form, LayeredModel):
            return "a linear model has no layers"
        if issubclass(form, Saddle):
            return f"K would contain every row {self.outputs} times, once per output"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares) and not self.loss.quadratic:
            return f"the {self.loss.name} loss is not the squared loss"
        return "the penalty l1 |w| has no gradient where a coefficient is 0" if self.penalty.l1 else None

    def _total(self, theta: Vector) -> tuple[float, Matrix, Matrix]:
        """The sum of the losses, their gradients, and what their Hessians need: for softmax the probabilities."""
        return self.loss.total(product(self.rows, self._matrix(theta)), self.y)

    def _matrix(self, theta: Vector) -> Matrix:
        return theta.reshape(self.rows.dim, self.outputs)

    def _penalised(self, theta: Vector) -> Vector:
        """The entries of W."""
        return theta[: self.rows.X.shape[1] * self.outputs]

    def _ridge(self) -> Vector:
        """The diagonal of the penalty's Hessian."""
        ridge = np.zeros(self.dim)
        self._penalised(ridge)[:] = self.penalty.l2
        return ridge


def product(rows: Rows, M: Matrix) -> Matrix:
    """[X 1] M, shape (n, k)."""
    if not rows.intercept:
        Z: Matrix = rows.X @ M
        return Z
    Z = rows.X @ M[:-1]
    shift(Z, M[-1].copy())
    return Z


def transposed(rows: Rows, S: Matrix) -> Vector:
    """[X 1]' S, row by row, shape (dim k,)."""
    g = (rows.X.T @ S).ravel()
    return np.append(g, np.ones(rows.n) @ S) if rows.intercept else g  # faster than S.sum(0)
