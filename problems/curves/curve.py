"""Curve fitting: a model written as a formula, its parameters found by nonlinear least squares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from problems.data.curves import Points, points
from problems.data.real import only_synthetic
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
from problems.foundation.checks import at_least, not_negative
from problems.foundation.digits import digits
from problems.graph import Graph, Node, Run, gradients
from problems.graph.node import constant

quiet = np.errstate(all="ignore")  # what overflows is inf, and whoever asked sees it
FEW = 10  # rows of a sibling


@dataclass
class Curve(TwiceSmooth, NonlinearLeastSquares, FiniteSum, Certified):
    """f(theta) = (1/2n) sum_i (m(x_i; theta) - y_i)^2, m a formula that acts row by row.

    One pass through m's graph gives all n predictions, one pass back the gradient or all of the Jacobian. Products
    with the Hessian are tangents of f's gradient, whose formula is found once: forward over reverse.
    """

    formula: Node
    parameters: tuple[str, ...]
    columns: Mapping[str, Vector]  # the predictors, by the names that the formula gives them
    y: Vector
    begin: Vector
    spread: float = 0.0
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    def __post_init__(self) -> None:
        self.model = Graph(self.formula)
        error = self.formula - constant(self.y)
        self.slope = Graph(*gradients((error * error).sum() / (2 * self.n), *self.parameters))

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def dim(self) -> int:
        return len(self.parameters)

    def start(self, rng: np.random.Generator) -> Vector:
        return self.begin * (1 + self.spread * rng.standard_normal(self.dim))

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
        run, e = self._errors(theta)
        return (e * e).sum() / (2 * self.n), self._gathered(run.vjp(e / self.n, *self.parameters))

    @quiet
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        run, e = self._errors(theta, rows)
        return self._gathered(run.vjp(e / len(rows), *self.parameters))

    def residual(self, theta: Vector) -> Vector:
        self.ledger.values += 1
        self.ledger.passes += 1
        r: Vector = self._errors(theta)[1] / np.sqrt(self.n)
        return r

    @quiet
    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        run, e = self._errors(theta)
        return e / np.sqrt(self.n), np.stack(run.rowwise(*self.parameters), axis=1) / np.sqrt(self.n)

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        self.ledger.passes += 2
        run = self._run(self.slope, theta)
        H = np.stack([self._turned(run, e) for e in np.eye(self.dim)])
        return (H + H.T) / 2

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H v, H = J'J + sum_i r_i hess r_i in full, not Gauss and Newton's first part alone."""
        self.ledger.passes += 1
        run = self._run(self.slope, theta)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            return self._turned(run, v)

        return product

    @property
    def attained(self) -> bool:
        return False

    def gap(self, theta: Vector) -> float:
        """f less what no formula can fit: rows with the same predictors get one prediction, whatever theta is."""
        f = self.value(theta)
        self.ledger.passes += 1
        _, same = np.unique(np.column_stack(list(self.columns.values())), axis=0, return_inverse=True)
        same = same.ravel()
        if same.max() + 1 == self.n:
            return f
        mean = np.bincount(same, self.y) / np.bincount(same)
        apart = self.y - mean[same]
        return float(f - (apart @ apart) / (2 * self.n))

    def measures(self, theta: Vector) -> dict[str, float]:
        told = {"residual sum of squares": 2 * self.n * self.value(theta)}
        if self.about.certified:
            told["digits"] = digits(theta, self.about.certified)
        return told

    def sibling(self) -> Self:
        few = np.unique(np.linspace(0, self.n - 1, FEW).astype(np.int64))
        columns = {name: column[few] for name, column in self.columns.items()}
        return type(self)(self.formula, self.parameters, columns, self.y[few], self.begin, self.spread)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LayeredModel | LeastSquares | LinearSystem):
            return "the model is a formula, not known to be linear in theta"
        if issubclass(form, Composite | Saddle):
            return "f is one formula, not a sum of a smooth part and a rest"
        return None

    def predict(self, theta: Vector, columns: Mapping[str, Vector]) -> Vector:
        """m(x; theta) for other rows, by the names of their columns."""
        m: Vector = self.model.at({**columns, **dict(zip(self.parameters, theta, strict=True))}).value
        return m

    def _run(self, graph: Graph, theta: Vector, rows: Any = slice(None)) -> Run:
        given = {name: column[rows] for name, column in self.columns.items()}
        given |= zip(self.parameters, theta, strict=True)
        return graph.at({name: given[name] for name in graph.variables})

    def _errors(self, theta: Vector, rows: Any = slice(None)) -> tuple[Run, Vector]:
        """The pass forward, and m - y."""
        run = self._run(self.model, theta, rows)
        e = run.value - self.y[rows]
        return run, e if np.isfinite(theta).all() else np.full_like(e, np.nan)

    def _turned(self, run: Run, v: Vector) -> Vector:
        """How the gradient moves as theta moves along v."""
        tangents = {name: t for name, t in zip(self.parameters, v, strict=True) if name in run.graph.places}
        return np.array(run.jvps(tangents))

    def _gathered(self, slopes: Mapping[str, Any]) -> Vector:
        return np.array([slopes[name] for name in self.parameters])


def curve(
    formula: str | None = None,
    file: str | None = None,
    target: str | None = None,
    start: int | str | None = None,
    n: int = 50,
    noise: float = 0.05,
    spread: float = 0.0,
    seed: int = 0,
) -> Curve:
    """A curve through points: nonlinear least squares for a model that is written as a formula.

        f(theta) = (1/2n) sum_i (m(x_i; theta) - y_i)^2,     theta the formula's parameters

    Half the mean squared error, n times smaller than half of the residual sum of squares. In general not convex. The
    gradient, the Jacobian and the Hessian come out of the formula's calculation graph, to rounding; where the formula
    has a kink (abs, relu, maximum, minimum) they are those beside it. Certified by what no formula can fit: rows that
    have the same predictors and different targets; where there are none, f - f* <= f is all that is proven. For a file
    of NIST's the measure `digits` tells how many digits of theta agree with the certified values.

    formula   such as "b1*(1 - exp(-b2*x))": + - * / ** and abs exp log sqrt sin cos tan arctan tanh sigmoid relu
              maximum minimum, pi, numbers and names. Names of columns are predictors, the others parameters. A file of
              NIST's has its own
    file      a nonlinear file of NIST's StRD, or a CSV file; left out, n points of an exponential saturation,
              y = 2 (1 - exp(-x/2)) + noise
    target    the CSV file's column to predict; the last where it is left out
    start     theta_0: 1 or 2 of a file of NIST's (1 where it is left out); or "b1=500, b2=0.0001"; else every
              parameter begins at 1
    n, noise  synthetic points, and the standard deviation of their targets about the curve
    spread    standard deviation of theta_0 about the start, relative; 0 is the start itself
    seed      of the synthetic points

    Source: Gauss (1809); the files of NIST's Statistical Reference Datasets (1999), doi:10.18434/T43G6C.
    """
    at_least(2, n=n)
    not_negative(noise=noise, spread=spread)
    if file is not None:
        only_synthetic(curve, file, n=n, noise=noise, seed=seed)
    known: Points = points(formula, file, target, start, n, noise, seed)
    made = Curve(known.formula, known.parameters, known.columns, known.y, known.start, spread, known.about)
    if not np.isfinite(made.metered(Ledger()).value(known.start)):
        shown = ", ".join(f"{name}={t:g}" for name, t in zip(known.parameters, known.start, strict=True))
        raise ValueError(f"the formula has no finite value at the start, {shown}, in every row; give another start")
    return made
