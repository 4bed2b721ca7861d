"""f(theta) = (1/n) sum_i loss(x_i . w + b, y_i) + l2/2 |w|^2, the intercept b last and free.

What an instance promises depends on its loss and is settled once, by `linear_model`, which picks a rung:

    SubgradientModel < SmoothModel < TwiceSmoothModel < LeastSquaresModel
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from . import certificates
from .arrays import Matrix, Vector
from .forms import (
    NOTHING,
    About,
    Certified,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NativeGradient,
    Smooth,
    SPDSystem,
    TwiceSmooth,
)
from .kernels.linear import linear_gradient
from .kernels.signature import GRADIENT
from .losses import Loss
from .native import address
from .rows import Rows


@dataclass
class SubgradientModel(LinearModel, Certified):
    """Any convex loss: rows, and a certificate where the loss allows one."""

    rows: Rows
    y: Vector
    loss: Loss
    l2: float = 0.0
    spread: float = 0.0  # standard deviation of theta_0's entries
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def n(self) -> int:
        return self.rows.n

    @property
    def dim(self) -> int:
        return self.rows.dim

    def start(self, rng: np.random.Generator) -> Vector:
        return self.spread * rng.standard_normal(self.dim)

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        total, _, _ = self.loss.total(self.rows @ theta, self.y)
        return total / self.n + self._penalty(theta)

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        _, g, _ = self.rows[rows].fused(theta, self.y[rows], self.loss)
        return g / len(rows) + self._shrink(theta)

    def row_smoothness(self) -> float:
        self.ledger.passes += 1
        longest = float(np.einsum("ij,ij->i", self.rows.X, self.rows.X).max()) + self.rows.intercept
        return self.loss.curvature * longest + self.l2

    def native(self) -> NativeGradient:
        whole = np.array([self.loss.addresses[0], self.rows.intercept], np.int64)
        at = address(linear_gradient, GRADIENT)
        return NativeGradient(at, self.rows.X, self.y, whole, np.array([self.l2]), 0)

    def gap(self, theta: Vector) -> float:
        """The least of the duality gap, the Newton decrement's bound, and f itself, for no loss is negative."""
        self.ledger.passes += 3
        known = (self.rows, self.y, self.loss, self.l2, theta)
        return min(certificates.duality_gap(*known), certificates.newton_gap(*known), self.value(theta))

    def unattained(self, theta: Vector) -> str | None:
        if self.l2 or not self.loss.labels:
            return None
        if not np.all(self.y * (self.rows @ theta) > 0) and certificates.separating(self.rows, self.y) is None:
            return None
        return "the labels are separable: f falls for ever along some theta; a penalty (l2) gives it a minimum"

    def measures(self, theta: Vector) -> dict[str, float]:
        if not self.loss.labels:
            return {}
        return {"accuracy": float(np.mean(np.sign(self.rows @ theta) == self.y))}

    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z = X w + b for other rows X, shape (m, d)."""
        return Rows(X, self.rows.intercept) @ theta

    def sibling(self) -> Self:
        few = np.unique(np.r_[: min(8, self.n), self.y.argmin(), self.y.argmax()])
        X = np.ascontiguousarray(self.rows.X[few, :3])
        return type(self)(Rows(X, self.rows.intercept), self.y[few], self.loss, self.l2, self.spread)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LeastSquares | LinearSystem):
            return f"the {self.loss.name} loss is not a square"
        if issubclass(form, LayeredModel):
            return "a linear model has none"
        return self.loss.kink or None

    def _penalty(self, theta: Vector) -> float:
        w, _ = self.rows.split(theta)
        return self.l2 / 2 * float(w @ w)

    def _shrink(self, theta: Vector) -> Vector:
        g = self.l2 * theta
        if self.rows.intercept:
            g[-1] = 0.0
        return g

    def _ridge(self) -> Vector:
        """The diagonal of the penalty's Hessian."""
        return self._shrink(np.ones(self.dim))


class SmoothModel(SubgradientModel, Smooth):
    """A loss with a slope."""

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        total, g, _ = self.rows.fused(theta, self.y, self.loss)
        return total / self.n + self._penalty(theta), g / self.n + self._shrink(theta)


class TwiceSmoothModel(SmoothModel, TwiceSmooth):
    """A loss with a curvature."""

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        self.ledger.passes += 2
        _, _, h = self.rows.fused(theta, self.y, self.loss)
        H = self.rows.gram(h) / self.n
        H[np.diag_indices(self.dim)] += self._ridge()
        return H

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        self.ledger.passes += 1
        _, _, h = self.rows.fused(theta, self.y, self.loss)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            return self.rows.transposed(h * (self.rows @ v)) / self.n + self._ridge() * v

        return product


class LeastSquaresModel(TwiceSmoothModel, LeastSquares, SPDSystem):
    """The squared loss: the optimum solves a linear system."""

    def least_squares(self) -> tuple[Matrix, Vector]:
        self.ledger.passes += 2
        B, c = self.rows.stored(), self.y.copy()
        if self.l2:
            root = np.sqrt(self.n * self._ridge())
            penalised = root > 0
            B = np.vstack([B, np.diag(root)[penalised]])
            c = np.append(c, np.zeros(np.count_nonzero(penalised)))
        return B, c

    def system(self) -> tuple[Matrix, Vector]:
        self.ledger.passes += 2
        A = self.rows.gram() / self.n
        A[np.diag_indices(self.dim)] += self._ridge()
        return A, self.rows.transposed(self.y) / self.n


def linear_model(
    rows: Rows,
    y: Vector,
    loss: Loss,
    l2: float = 0.0,
    spread: float = 0.0,
    about: About = NOTHING,
) -> SubgradientModel:
    """The model of the highest rung that `loss` can carry.

    >>> from .losses import squared
    >>> type(linear_model(Rows(np.eye(2)), np.ones(2), squared)).__name__
    'LeastSquaresModel'
    """
    if loss.derivatives == 0:
        rung = SubgradientModel
    elif loss.derivatives == 1:
        rung = SmoothModel
    else:
        rung = LeastSquaresModel if loss.quadratic else TwiceSmoothModel
    y = np.require(y, np.float64, ["C", "W"])
    return rung(rows, y, loss, l2, spread, about)
