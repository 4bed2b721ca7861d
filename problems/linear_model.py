"""f(theta) = (1/n) sum_i loss(x_i . w + b, y_i) + penalty(w), the intercept b last and free.

What an instance promises depends on its loss and its penalty and is settled once, by `linear_model`, which picks a
rung. A loss with no slope: the first; an l1 penalty: the second; one derivative: the third; squares: the last.

    SubgradientModel < CompositeModel < SmoothModel < TwiceSmoothModel < LeastSquaresModel

A constraint on w stands beside them: ConstrainedModel.
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
    Composite,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NativeGradient,
    NonlinearLeastSquares,
    NonnegativeModel,
    Saddle,
    Smooth,
    SPDSystem,
    TwiceSmooth,
)
from .kernels.linear import linear_gradient
from .kernels.signature import GRADIENT
from .losses import Loss
from .native import address
from .penalties import NONE, Penalty
from .rows import Rows


@dataclass
class PenalisedModel(Saddle, Certified):
    """Any convex loss, any penalty: a value, a prox of each, and a certificate where they allow one."""

    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty = NONE
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

    def violation(self, theta: Vector) -> float:
        return self.penalty.violation(self.rows.split(theta)[0])

    @property
    def smooth(self) -> Smooth:
        """f without the part of its penalty that has no gradient, on the same ledger."""
        if isinstance(self, SmoothModel):
            return self
        part = linear_model(self.rows, self.y, self.loss, Penalty(l2=self.penalty.l2))
        assert isinstance(part, SmoothModel)
        part.ledger = self.ledger
        return part

    def rest(self, theta: Vector) -> float:
        return self.penalty.kink(self.rows.split(theta)[0])

    def prox(self, v: Vector, step: float) -> Vector:
        return self._but_the_intercept(v, self.penalty.prox_kink, step)

    def operator(self) -> Matrix:
        self.ledger.passes += 1
        return self.rows.stored()

    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        """By Moreau's identity from the loss's own prox."""
        return v - step * self.loss.prox(v / step, self.y, 1 / (step * self.n))

    def prox_rest(self, v: Vector, step: float) -> Vector:
        return self._but_the_intercept(v, self.penalty.prox, step)

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        self.ledger.passes += 2
        s = self.n * dual
        return certificates.duality_gap(self.rows, self.y, self.loss, self.penalty, theta, s)

    def gap(self, theta: Vector) -> float:
        """The least of the bounds that hold here, f itself among them, for no loss is negative."""
        self.ledger.passes += 3
        known = (self.rows, self.y, self.loss, self.penalty, theta)
        bounds = [certificates.duality_gap(*known), self.value(theta)]
        if self.penalty.smooth:
            bounds.append(certificates.newton_gap(*known))
        elif self.loss.quadratic:
            bounds.append(certificates.strong_gap(*known))
        return min(bounds)

    def unattained(self, theta: Vector) -> str | None:
        if self.penalty != NONE or not self.loss.labels:
            return None
        if not np.all(self.y * (self.rows @ theta) > 0) and certificates.separating(self.rows, self.y) is None:
            return None
        return "the labels are separable: f falls for ever along some theta; a penalty (l2) gives it a minimum"

    def measures(self, theta: Vector) -> dict[str, float]:
        told = {} if self.penalty.smooth else {"nonzero": float(np.count_nonzero(self.rows.split(theta)[0]))}
        if self.loss.labels:
            told["accuracy"] = float(np.mean(np.sign(self.rows @ theta) == self.y))
        return told

    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z = X w + b for other rows X, shape (m, d)."""
        return Rows(X, self.rows.intercept) @ theta

    def sibling(self) -> Self:
        few = np.unique(np.r_[: min(8, self.n), self.y.argmin(), self.y.argmax()])
        X = np.ascontiguousarray(self.rows.X[few, :3])
        return type(self)(Rows(X, self.rows.intercept), self.y[few], self.loss, self.penalty, self.spread)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LayeredModel):
            return "a linear model has none"
        if issubclass(form, NonnegativeModel):
            return "its coefficients may be negative"
        if self.penalty.nonnegative and not issubclass(form, Composite):
            return "its coefficients must not be negative"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares) and not self.loss.quadratic:
            return f"the {self.loss.name} loss is not a square"
        if self.penalty.l1:
            return "the penalty l1 |w| has no gradient where a coefficient is 0"
        return self.loss.kink or None

    def _penalty(self, theta: Vector) -> float:
        return self.penalty.value(self.rows.split(theta)[0])

    def _but_the_intercept(self, v: Vector, prox: Callable[[Vector, float], Vector], step: float) -> Vector:
        if not self.rows.intercept:
            return prox(v, step)
        return np.append(prox(v[:-1], step), v[-1])

    def _ridge(self) -> Vector:
        """The diagonal of the penalty's Hessian."""
        ridge = np.full(self.dim, self.penalty.l2)
        if self.rows.intercept:
            ridge[-1] = 0.0
        return ridge


class ConstrainedModel(PenalisedModel, NonnegativeModel, Composite):
    """A smooth loss over w >= 0. No row knows of the constraint, so there is no FiniteSum here."""


class SubgradientModel(PenalisedModel, LinearModel):
    """A loss or a penalty without a gradient everywhere: rows with subgradients."""

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
        longest = float(np.einsum("ij,ij->i", self.rows.X, self.rows.X).max()) + self.rows.intercept
        return self.loss.curvature * longest + self.penalty.l2

    def native(self) -> NativeGradient:
        whole = np.array([self.loss.addresses[0], self.rows.intercept], np.int64)
        real = np.array([self.penalty.l2, self.penalty.l1])
        return NativeGradient(address(linear_gradient, GRADIENT), self.rows.X, self.y, whole, real, 0)


class CompositeModel(SubgradientModel, Composite):
    """A smooth loss and any penalty."""


class SmoothModel(CompositeModel, Smooth):
    """A loss with a slope, a penalty with a gradient."""

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        total, g, _ = self.rows.fused(theta, self.y, self.loss)
        return total / self.n + self._penalty(theta), g / self.n + self._ridge() * theta


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
        return self._product(self.rows.fused(theta, self.y, self.loss)[2])

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        if not np.isfinite(self.loss.curvature):
            return self.hessian_product(theta)
        return self._product(np.full(self.n, self.loss.curvature))

    def _product(self, h: Vector) -> Callable[[Vector], Vector]:
        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            return self.rows.transposed(h * (self.rows @ v)) / self.n + self._ridge() * v

        return product


class LeastSquaresModel(TwiceSmoothModel, LeastSquares, SPDSystem, NonlinearLeastSquares):
    """The squared loss: the optimum solves a linear system, and r = (B theta - c) / sqrt(n)."""

    def least_squares(self) -> tuple[Matrix, Vector]:
        self.ledger.passes += 2
        B, c = self.rows.stored(), self.y.copy()
        if self.penalty.l2:
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

    def residual(self, theta: Vector) -> Vector:
        return self.residual_and_jacobian(theta)[0]

    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        B, c = self.least_squares()
        return (B @ theta - c) / np.sqrt(self.n), B / np.sqrt(self.n)


def linear_model(
    rows: Rows,
    y: Vector,
    loss: Loss,
    penalty: Penalty = NONE,
    spread: float = 0.0,
    about: About = NOTHING,
) -> PenalisedModel:
    """The model of the highest rung that `loss` and `penalty` can carry.

    >>> from .losses import squared
    >>> [type(linear_model(Rows(np.eye(2)), np.ones(2), squared, Penalty(l1))).__name__ for l1 in (0.0, 1.0)]
    ['LeastSquaresModel', 'CompositeModel']
    """
    if penalty.nonnegative:
        rung: type[PenalisedModel] = ConstrainedModel
    elif loss.derivatives == 0:
        rung = SubgradientModel
    elif not penalty.smooth:
        rung = CompositeModel
    elif loss.derivatives == 1:
        rung = SmoothModel
    else:
        rung = LeastSquaresModel if loss.quadratic else TwiceSmoothModel
    y = np.require(y, np.float64, ["C", "W"])
    return rung(rows, y, loss, penalty, spread, about)
