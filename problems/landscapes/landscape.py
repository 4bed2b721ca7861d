"""Formulas that are hard to minimise, or easy to draw: where solvers show what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from numpy.linalg import norm
from numpy.typing import NDArray

from problems.forms import (
    Certified,
    Composite,
    FiniteSum,
    Form,
    LeastSquares,
    Ledger,
    LinearSystem,
    NonlinearLeastSquares,
    Saddle,
    Smooth,
    SPDSystem,
    TwiceSmooth,
)
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least, not_negative
from problems.landscapes.formulas import FORMULAS, Formula

quiet = np.errstate(over="ignore", invalid="ignore")  # far out f is inf, and whoever asked sees it


@dataclass
class Landscape(Certified):
    """A formula whose least value, 0, is known: what is certified is f itself."""

    function: str
    dim: int = 2
    spread: float = 0.0  # standard deviation of theta_0's entries about the function's start
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    @property
    def formula(self) -> Formula:
        return FORMULAS[self.function]

    def start(self, rng: np.random.Generator) -> Vector:
        return np.resize(self.formula.start, self.dim) + self.spread * rng.standard_normal(self.dim)

    def gap(self, theta: Vector) -> float:
        return self.value(theta)

    def measures(self, theta: Vector) -> dict[str, float]:
        """The distance to the nearest point where f is 0."""
        return {"distance": float(min(norm(theta - np.resize(point, self.dim)) for point in self.formula.minimisers))}

    def sibling(self) -> Self:
        return type(self)(self.function, 2, self.spread)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, Smooth):
            return f"{self.function} has no derivative at its minimum"
        if issubclass(form, Composite | Saddle):
            return "f is one formula, not a sum of a smooth part and a rest"
        if issubclass(form, FiniteSum):
            return "f is a formula, without data"
        if issubclass(form, LinearSystem | LeastSquares):
            return f"{self.function} is not a quadratic"
        return None


class Ackley(Landscape):
    """A cone in the middle of waves: continuous, with no derivative at 0."""

    @quiet
    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        root = np.sqrt(np.mean(theta * theta))
        waves = -2 * np.mean(np.sin(np.pi * theta) ** 2)  # mean cos 2 pi theta_i - 1, without a loss of digits near 0
        f: float = -20 * np.expm1(-root / 5) - np.e * np.expm1(waves)
        return f


class Squares(Landscape, TwiceSmooth, NonlinearLeastSquares):
    """f = |r|^2 / 2, each residual of one coefficient or of two neighbours: the Hessian has three diagonals."""

    @quiet
    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        r = self._jet(theta)[0]
        f: float = (r * r).sum() / 2
        return f

    @quiet
    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        r, ra, rb, *_ = self._jet(theta)
        return (r * r).sum() / 2, self._gathered((r * ra).sum(0), (r * rb).sum(0))

    @quiet
    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        diagonal, beside = self._bands(theta)
        return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        diagonal, beside = self._bands(theta)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            Hv = diagonal * v
            Hv[:-1] += beside * v[1:]
            Hv[1:] += beside * v[:-1]
            return Hv

        return product

    def residual(self, theta: Vector) -> Vector:
        return self.residual_and_jacobian(theta)[0]

    @quiet
    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        self.ledger.gradients += 1
        r, ra, rb, *_ = self._jet(theta)
        k, links = r.shape
        J = np.zeros((k, links, self.dim + 1), r.dtype)
        each = np.arange(links)
        J[:, each, each], J[:, each, each + 1] = ra, rb
        return r.ravel(), J[..., : self.dim].reshape(k * links, self.dim)

    def _jet(self, theta: Vector) -> NDArray[np.float64]:
        """r, r_a, r_b, r_aa, r_ab, r_bb, shape (6, kinds of residuals, links); one pass."""
        assert self.formula.residuals is not None
        self.ledger.passes += 1
        links = self.dim + 1 - self.formula.reads
        padded = np.append(theta, 0.0)  # a neighbour for the last, should no residual read it
        rows = self.formula.residuals(padded[:links], padded[1 : links + 1])
        jet = np.empty((6, len(rows), links), theta.dtype)
        for kind, row in enumerate(rows):
            for order, part in enumerate(row):
                jet[order, kind] = part
        jet *= np.sqrt(2)
        return jet

    @quiet
    def _bands(self, theta: Vector) -> tuple[Vector, Vector]:
        """The Hessian's diagonal and what stands beside it."""
        r, ra, rb, raa, rab, rbb = self._jet(theta)
        diagonal = self._gathered((ra * ra + r * raa).sum(0), (rb * rb + r * rbb).sum(0))
        return diagonal, (ra * rb + r * rab).sum(0)[: self.dim - 1]

    def _gathered(self, a: Vector, b: Vector) -> Vector:
        """What each link says of its two ends, added up."""
        both = np.append(a, np.zeros(self.dim + 1 - a.size, a.dtype))
        both[1 : b.size + 1] += b
        ends: Vector = both[: self.dim]
        return ends


class Quadratic(Squares, LeastSquares, SPDSystem):
    """Linear residuals: one Jacobian for all theta, and a system that the minimiser solves."""

    convex = True

    def least_squares(self) -> tuple[Matrix, Vector]:
        r, J = self.residual_and_jacobian(np.zeros(self.dim))
        return J, -r

    def system(self) -> tuple[Matrix, Vector]:
        B, c = self.least_squares()
        return B.T @ B, B.T @ c


def landscape(
    function: Literal["rosenbrock", "himmelblau", "beale", "booth", "rastrigin", "ackley"] = "rosenbrock",
    d: int = 2,
    spread: float = 0.1,
) -> Landscape:
    """A formula whose minimum is known, f* = 0, and that most methods find hard to reach; in two variables a picture.

        rosenbrock   f(theta) = sum_i 100 (theta_(i+1) - theta_i^2)^2 + (1 - theta_i)^2      a bent, flat valley
        himmelblau   f(theta) = (a^2 + b - 11)^2 + (a + b^2 - 7)^2,  theta = (a, b)          four minima, all 0
        beale        f(theta) = (1.5 - a + a b)^2 + (2.25 - a + a b^2)^2 + (2.625 - a + a b^3)^2     flat, then steep
        booth        f(theta) = (a + 2 b - 7)^2 + (2 a + b - 5)^2                            convex, a quadratic
        rastrigin    f(theta) = sum_i theta_i^2 + 10 - 10 cos(2 pi theta_i)                  a minimum at every integer
        ackley       f(theta) = 20 - 20 exp(-|theta| / (5 sqrt d)) + e - exp(mean cos(2 pi theta_i))     and a cone

    Values are the textbook's. All but ackley are sums of squares: f = |r|^2 / 2 with r the root of 2 times what is
    squared above, and for rastrigin theta_i and sqrt(20) sin(pi theta_i). ackley has no derivative at its minimum,
    so that it promises a value alone. Certified by f* = 0: the gap is f. From four coefficients on rosenbrock has a
    second minimum, near (-1, 1, ..., 1); and beale falls for ever along b = 1, towards a = -inf.

    theta_0 is drawn about the function's start: (-1.2, 1) repeated for rosenbrock and (1, 1) for beale, as in the
    literature; for the others a point of ours: (4, 0), near a saddle, for himmelblau, (-5, 5) for booth, (2.2, -1.8)
    repeated for rastrigin and ackley, some waves from the minimum.
    The ledger counts a pass for each value, gradient, Jacobian or Hessian, and two for a product with one.

    function   which
    d          how many coefficients; only rosenbrock, rastrigin and ackley have more than two
    spread     standard deviation of theta_0's entries about the start; 0 is the start itself

    Source: Rosenbrock (1960), doi:10.1093/comjnl/3.3.175; Himmelblau, Applied Nonlinear Programming (1972); More,
    Garbow & Hillstrom (1981), doi:10.1145/355934.355936, for rosenbrock and beale; Rastrigin (1974); Ackley (1987).
    """
    formula = FORMULAS[function]
    at_least(formula.reads, d=d)
    not_negative(spread=spread)
    if formula.plane and d != 2:
        more = ", ".join(name for name, other in FORMULAS.items() if not other.plane)
        raise ValueError(f"d is {d}; {function} is a function of two variables, and of more there are: {more}")
    kind = {"ackley": Ackley, "booth": Quadratic}.get(function, Squares)
    return kind(function, d, spread)
