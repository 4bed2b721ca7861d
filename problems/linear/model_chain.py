"""f(theta) = (1/n) sum_i loss(x_i . w + b, y_i) + penalty(w), where b is the last coefficient and is not penalised.

The promises of an instance depend on its loss and its penalty. The classes form a chain; `linear_model` chooses one:

    SubgradientModel    a loss without a derivative at its kink
    < CompositeModel    a loss with a derivative, and an l1 penalty
    < SmoothModel       a loss with one continuous derivative, and no l1
    < TwiceSmoothModel  a loss with two
    < LeastSquaresModel the squared loss

A constraint on w leads to other classes: ConstrainedModel, and ProjectedModel if the loss has a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from problems.forms import (
    NOTHING,
    About,
    Composite,
    LeastSquares,
    LinearModel,
    NativeGradient,
    NonlinearLeastSquares,
    NonnegativeModel,
    Smooth,
    SPDSystem,
    TwiceSmooth,
)
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import address
from problems.kernels.linear import linear_gradient
from problems.kernels.signature import GRADIENT, SPARSE_GRADIENT
from problems.kernels.sparse import sparse_gradient
from problems.linear.penalised_model import PenalisedModel
from problems.parts.losses import Loss
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows


class ConstrainedModel(PenalisedModel, NonnegativeModel):
    """Any loss subject to w >= 0. This is no FiniteSum, because the gradient of a row ignores the constraint."""


class ProjectedModel(ConstrainedModel, Composite):
    """A smooth loss subject to w >= 0."""

    @property
    def smooth(self) -> Smooth:
        return _smooth_part(self)


class SubgradientModel(PenalisedModel, LinearModel):
    """A loss or a penalty that lacks a gradient somewhere: rows with subgradients."""

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        _, g, _ = self.rows[rows].fused(theta, self.y[rows], self.loss)
        g = g / len(rows) + self._ridge() * theta
        if self.penalty.l1:
            w, _ = self.rows.split(theta)
            g[: w.size] += self.penalty.l1 * np.sign(w)
        return g

    def row_smoothness(self) -> float:
        self.ledger.passes += 1
        return self.loss.curvature * self.rows.largest_squared_norm() + self.penalty.l2

    def native(self) -> NativeGradient:
        integers = np.array([self.loss.addresses[0], self.rows.intercept], np.int64)
        floats = np.array([self.penalty.l2, self.penalty.l1, self.loss.shape])
        if self.rows.sparse:
            return NativeGradient(address(sparse_gradient, SPARSE_GRADIENT), self.rows.csr, self.y, integers, floats, 0)
        return NativeGradient(address(linear_gradient, GRADIENT), self.rows.X, self.y, integers, floats, 0)


class CompositeModel(SubgradientModel, Composite):
    """A smooth loss and any penalty."""

    @property
    def smooth(self) -> Smooth:
        return _smooth_part(self)


class SmoothModel(CompositeModel, Smooth):
    """A loss with a derivative and a penalty with a gradient."""

    @property
    def smooth(self) -> Smooth:
        return self

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        total, g, _ = self.rows.fused(theta, self.y, self.loss)
        return total / self.n + self._penalty(theta), self._with_ridge(g, theta)

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector] | None:
        return self._product(np.full(self.n, self.loss.curvature)) if np.isfinite(self.loss.curvature) else None

    def _product(self, h: Vector) -> Callable[[Vector], Vector]:
        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            return self._with_ridge(self.rows.normal_product(h, v), v)

        return product

    def _with_ridge(self, g: Vector, v: Vector) -> Vector:
        """g / n + l2 w in place, where g is a sum over rows and w the coefficients in v without the intercept."""
        g /= self.n
        if self.penalty.l2:
            w, _ = self.rows.split(v)
            g[: w.size] += self.penalty.l2 * w
        return g


class TwiceSmoothModel(SmoothModel, TwiceSmooth):
    """A loss with a second derivative."""

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        self.ledger.passes += 2
        _, _, h = self.rows.fused(theta, self.y, self.loss)
        H = self.rows.gram(h) / self.n
        H[np.diag_indices(self.dim)] += self._ridge()
        return H

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        self.ledger.passes += 1
        return self._product(self.rows.fused(theta, self.y, self.loss)[2])


class LeastSquaresModel(TwiceSmoothModel, LeastSquares, SPDSystem, NonlinearLeastSquares):
    """The squared loss: the minimiser solves a linear system, and the residuals are r = (B theta - c) / sqrt(n)."""

    def least_squares(self) -> tuple[Any, Vector]:
        self.ledger.passes += 2
        B, c = self.rows.design_matrix(), self.y.copy()
        if self.penalty.l2:
            d = self.dim - self.rows.intercept
            root = np.sqrt(self.n * self.penalty.l2)
            if self.rows.sparse:
                B = sp.vstack([B, root * sp.eye_array(d, self.dim)], format="csr")
            else:
                B = np.vstack([B, root * np.eye(d, self.dim)])
            c = np.append(c, np.zeros(d))
        return B, c

    def low_order(self) -> tuple[Matrix, Vector] | None:
        if self.low is None:
            return None
        self.ledger.passes += 2
        X, y = self.low
        added = int(np.count_nonzero(self._ridge()))  # rows of the penalty, which are exact
        return np.pad(X, ((0, added), (0, int(self.rows.intercept)))), np.pad(y, (0, added))

    def system(self) -> tuple[Any, Vector]:
        self.ledger.passes += 2
        A = self.rows.sparse_or_dense_gram() / self.n
        if sp.issparse(A):
            A = (A + sp.diags_array(self._ridge())).tocsr()
        else:
            A[np.diag_indices(self.dim)] += self._ridge()
        return A, self.rows.transposed(self.y) / self.n

    def residual(self, theta: Vector) -> Vector:
        return self.residual_and_jacobian(theta)[0]

    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Any]:
        B, c = self.least_squares()
        return (B @ theta - c) / np.sqrt(self.n), B / np.sqrt(self.n)


def _smooth_part(model: PenalisedModel) -> Smooth:
    """The model without the nonsmooth part of its penalty, with the same ledger."""
    part = linear_model(model.rows, model.y, model.loss, Penalty(l2=model.penalty.l2))
    assert isinstance(part, SmoothModel)
    part.ledger = model.ledger
    return part


def linear_model(
    rows: Rows,
    y: Vector,
    loss: Loss,
    penalty: Penalty = NONE,
    start_spread: float = 0.0,
    about: About = NOTHING,
    low: tuple[Matrix, Vector] | None = None,
) -> PenalisedModel:
    """The model with the most promises that `loss` and `penalty` allow.

    start_spread: the standard deviation of the entries of theta_0. low: what rounding to float64 removed from X and y.

    >>> from problems.parts.losses import squared
    >>> [type(linear_model(Rows(np.eye(2)), np.ones(2), squared, Penalty(l1))).__name__ for l1 in (0.0, 1.0)]
    ['LeastSquaresModel', 'CompositeModel']
    """
    if penalty.nonnegative:
        model: type[PenalisedModel] = ProjectedModel if loss.continuous_derivatives else ConstrainedModel
    elif loss.continuous_derivatives == 0:
        model = SubgradientModel
    elif not penalty.smooth:
        model = CompositeModel
    elif loss.continuous_derivatives == 1:
        model = SmoothModel
    else:
        model = LeastSquaresModel if loss.quadratic else TwiceSmoothModel
    y = np.require(y, np.float64, ["C", "W"])
    return model(rows, y, loss, penalty, start_spread, about, low=low)
