"""What all models with one output, z = x . w + b, have: a value, proxes of loss and penalty, a certificate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from problems.certificates.duality import duality_gap
from problems.certificates.interval.scaled_model import scaled_model
from problems.certificates.linear_models import linear_model_gap
from problems.certificates.separation import separating
from problems.forms import (
    NOTHING,
    About,
    Certified,
    Composite,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearSystem,
    NonlinearLeastSquares,
    NonnegativeModel,
    Saddle,
)
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.digits import digits
from problems.foundation.double_double import exact
from problems.parts.losses import Loss
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows

LEAST_DERIVATIVE = 1e-4  # of all rows at a minimiser, from which on it need not be asked whether one exists


@dataclass
class PenalisedModel(Saddle, Certified):
    """Any convex loss and any penalty: a value, proxes of both, and a certificate if the loss has a conjugate."""

    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty = NONE
    start_spread: float = 0.0  # standard deviation of theta_0's entries
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    low: tuple[Matrix, Vector] | None = (
        None  # what rounding to float64 removed from X and y; None unless the data have more digits
    )

    @property
    def n(self) -> int:
        return self.rows.n

    @property
    def dim(self) -> int:
        return self.rows.dim

    def start(self, rng: np.random.Generator) -> Vector:
        return self.start_spread * rng.standard_normal(self.dim)

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        return self.rows.total(theta, self.y, self.loss) / self.n + self._penalty(theta)

    def violation(self, theta: Vector) -> float:
        return self.penalty.violation(self.rows.split(theta)[0])

    def rest(self, theta: Vector) -> float:
        return self.penalty.nonsmooth(self.rows.split(theta)[0])

    def prox(self, v: Vector, step: float) -> Vector:
        return self._prox_of_coefficients(v, self.penalty.prox_nonsmooth, step)

    def operator(self) -> Any:
        self.ledger.passes += 1
        return self.rows.design_matrix()

    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        """The prox of F*, F the mean of the losses, from the prox of the loss by Moreau's identity."""
        return v - step * self.loss.prox(v / step, self.y, 1 / (step * self.n))

    def prox_rest(self, v: Vector, step: float) -> Vector:
        return self._prox_of_coefficients(v, self.penalty.prox, step)

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        self.ledger.passes += 2
        s = self.n * dual
        return duality_gap(self.rows, self.y, self.loss, self.penalty, theta, s)

    def gap(self, theta: Vector) -> float:
        """The smallest of the bounds that apply; one is f itself, because no loss is negative."""
        self.ledger.passes += 4
        return linear_model_gap(self.rows, self.y, self.loss, self.penalty, theta)

    def value_bound(self, theta: Vector) -> float:
        model = scaled_model(self.rows, self.y, self.loss, self.penalty)
        return model.upper(exact(theta / model.scale)) if model else math.inf

    def unattained(self, theta: Vector) -> str | None:
        if self.penalty != NONE or self.loss.attains_infimum:
            return None
        z = self.rows @ theta
        if not np.all(self.y * z > 0):
            # rows that a plane separates would have derivatives of about 0 at a theta with the gradient 0
            probable = abs(self.loss.total(z, self.y)[1]).min() > LEAST_DERIVATIVE
            if probable or separating(self.rows, self.y) is None:
                return None
        return "the labels are separable: f decreases for ever along some theta; with a penalty (l2) it has a minimum"

    def measures(self, theta: Vector) -> dict[str, float]:
        measures = {} if self.penalty.smooth else {"nonzero": float(np.count_nonzero(self.rows.split(theta)[0]))}
        if self.loss.labels:
            measures["accuracy"] = float(np.mean(np.sign(self.rows @ theta) == self.y))
        if self.about.certified and self.loss.quadratic and self.penalty == NONE:
            measures["digits"] = digits(theta, self.about.certified)
        return measures

    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z = X w + b for other rows X, shape (m, d)."""
        return Rows(X, self.rows.intercept) @ theta

    def sibling(self) -> Self:
        few = np.unique(np.r_[: min(8, self.n), self.y.argmin(), self.y.argmax()])
        rows = self.rows.subset(few, 3)
        low = self.low and (self.low[0][few, :3], self.low[1][few])
        return type(self)(rows, self.y[few], self.loss, self.penalty, self.start_spread, low=low)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LayeredModel):
            return "a linear model has no layers"
        if issubclass(form, NonnegativeModel):
            return "its coefficients may be negative"
        if self.penalty.nonnegative and not issubclass(form, Composite):
            return "its coefficients must not be negative"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares) and not self.loss.quadratic:
            return f"the {self.loss.name} loss is not the squared loss"
        if self.loss.continuous_derivatives == 0:
            return self.loss.missing_derivative
        if self.penalty.l1:
            return "the penalty l1 |w| has no gradient where a coefficient is 0"
        return self.loss.missing_derivative or None

    def _penalty(self, theta: Vector) -> float:
        return self.penalty.value(self.rows.split(theta)[0])

    def _prox_of_coefficients(self, v: Vector, prox: Callable[[Vector, float], Vector], step: float) -> Vector:
        """The prox of all coefficients except the intercept, which stays as it is."""
        if not self.rows.intercept:
            return prox(v, step)
        return np.append(prox(v[:-1], step), v[-1])

    def _ridge(self) -> Vector:
        """The diagonal of the penalty's Hessian."""
        ridge = np.full(self.dim, self.penalty.l2)
        if self.rows.intercept:
            ridge[-1] = 0.0
        return ridge
