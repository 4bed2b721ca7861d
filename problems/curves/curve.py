"""The least-squares fit of a model that is written as a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from problems.forms import (
    NOTHING,
    About,
    Certified,
    Composite,
    FiniteSum,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NonlinearLeastSquares,
    Saddle,
    TwiceSmooth,
)
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.digits import digits
from problems.graph import Evaluation, Graph, Node, gradients
from problems.graph.node import constant

quiet = np.errstate(all="ignore")  # overflow gives inf; the caller sees it in the result
SIBLING_ROWS = 10


@dataclass
class Curve(TwiceSmooth, NonlinearLeastSquares, FiniteSum, Certified):
    """f(theta) = (1/2n) sum_i (m(x_i; theta) - y_i)^2, m a formula that acts row by row.

    A forward pass through the graph of m gives all n predictions, and a backward pass the gradient or the Jacobian. The
    formula of the gradient of f is derived once; forward mode on it gives products with the Hessian.
    """

    formula: Node
    parameters: tuple[str, ...]
    columns: Mapping[str, Vector]  # the predictors, by their names in the formula
    y: Vector
    start_point: Vector
    spread: float = 0.0  # standard deviation of theta_0 about the start point, relative
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    def __post_init__(self) -> None:
        self.model = Graph(self.formula)
        error = self.formula - constant(self.y)
        self.gradient_graph = Graph(*gradients((error * error).sum() / (2 * self.n), *self.parameters))

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def dim(self) -> int:
        return len(self.parameters)

    def start(self, rng: np.random.Generator) -> Vector:
        return self.start_point * (1 + self.spread * rng.standard_normal(self.dim))

    @quiet
    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        _, e = self._errors(theta)
        f: float = (e * e).sum() / (2 * self.n)
        return f

    @quiet
    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        evaluation, e = self._errors(theta)
        return (e * e).sum() / (2 * self.n), self._vector(evaluation.vjp(e / self.n, *self.parameters))

    @quiet
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        evaluation, e = self._errors(theta, rows)
        return self._vector(evaluation.vjp(e / len(rows), *self.parameters))

    def residual(self, theta: Vector) -> Vector:
        self.ledger.values += 1
        self.ledger.passes += 1
        r: Vector = self._errors(theta)[1] / np.sqrt(self.n)
        return r

    @quiet
    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        evaluation, e = self._errors(theta)
        J = np.stack(evaluation.elementwise_derivatives(*self.parameters), axis=1)
        return e / np.sqrt(self.n), J / np.sqrt(self.n)

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        self.ledger.passes += 2
        evaluation = self._evaluated(self.gradient_graph, theta)
        H = np.stack([self._gradient_tangent(evaluation, e) for e in np.eye(self.dim)])
        return (H + H.T) / 2

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H v with the whole Hessian, H = J'J + sum_i r_i hess r_i, not only the J'J of Gauss-Newton."""
        self.ledger.passes += 1
        evaluation = self._evaluated(self.gradient_graph, theta)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            return self._gradient_tangent(evaluation, v)

        return product

    @property
    def attained(self) -> bool:
        return False

    def gap(self, theta: Vector) -> float:
        """f minus the error that no theta can avoid: rows with equal predictors have the same prediction."""
        f = self.value(theta)
        self.ledger.passes += 1
        _, group = np.unique(np.column_stack(list(self.columns.values())), axis=0, return_inverse=True)
        group = group.ravel()
        if group.max() + 1 == self.n:
            return f
        means = np.bincount(group, self.y) / np.bincount(group)
        deviations = self.y - means[group]
        return float(f - (deviations @ deviations) / (2 * self.n))

    def measures(self, theta: Vector) -> dict[str, float]:
        measures = {"residual sum of squares": 2 * self.n * self.value(theta)}
        if self.about.certified:
            measures["digits"] = digits(theta, self.about.certified)
        return measures

    def sibling(self) -> Self:
        rows = np.unique(np.linspace(0, self.n - 1, SIBLING_ROWS).astype(np.int64))
        columns = {name: column[rows] for name, column in self.columns.items()}
        return type(self)(self.formula, self.parameters, columns, self.y[rows], self.start_point, self.spread)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LayeredModel | LeastSquares | LinearSystem):
            return "its model is a formula, and nothing shows that it is linear in theta"
        if issubclass(form, Composite | Saddle):
            return "f is one formula, not the sum of a smooth part and a part with a prox"
        return None

    def predict(self, theta: Vector, columns: Mapping[str, Vector]) -> Vector:
        """m(x; theta) for other rows, given as a column for each predictor; shape (rows,)."""
        m: Vector = self.model.at({**columns, **dict(zip(self.parameters, theta, strict=True))}).value
        return m

    def given(self, theta: Vector, rows: Any = slice(None)) -> dict[str, Any]:
        """The value of each name in the formula."""
        return {name: column[rows] for name, column in self.columns.items()} | dict(
            zip(self.parameters, theta, strict=True)
        )

    def _evaluated(self, graph: Graph, theta: Vector, rows: Any = slice(None)) -> Evaluation:
        given = self.given(theta, rows)
        return graph.at({name: given[name] for name in graph.variables})

    def _errors(self, theta: Vector, rows: Any = slice(None)) -> tuple[Evaluation, Vector]:
        """The forward pass, and m - y; nan if theta is not finite."""
        evaluation = self._evaluated(self.model, theta, rows)
        e = evaluation.value - self.y[rows]
        return evaluation, e if np.isfinite(theta).all() else np.full_like(e, np.nan)

    def _gradient_tangent(self, evaluation: Evaluation, v: Vector) -> Vector:
        """The derivative of the gradient along v."""
        tangents = {name: t for name, t in zip(self.parameters, v, strict=True) if name in evaluation.graph.index}
        return np.array(evaluation.jvps(tangents))

    def _vector(self, derivatives: Mapping[str, Any]) -> Vector:
        """The derivatives in the order of theta."""
        return np.array([derivatives[name] for name in self.parameters])
