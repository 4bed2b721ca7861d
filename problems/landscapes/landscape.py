"""The problem `landscape`: test functions that are hard to minimise or easy to draw."""

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

quiet = np.errstate(over="ignore", invalid="ignore")  # overflow gives inf; the caller sees it in the result


@dataclass
class Landscape(Certified):
    """A function whose minimum is known to be 0, so that the gap is f itself."""

    function: str
    dim: int = 2
    spread: float = 0.0  # standard deviation of the entries of theta_0 about the start
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
        """The distance to the nearest minimiser."""
        return {"distance": float(min(norm(theta - np.resize(point, self.dim)) for point in self.formula.minimisers))}

    def sibling(self) -> Self:
        return type(self)(self.function, 2, self.spread)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, Smooth):
            return f"{self.function} has no derivative at its minimum"
        if issubclass(form, Composite | Saddle):
            return "f is one formula, not the sum of a smooth part and a part with a prox"
        if issubclass(form, FiniteSum):
            return "f is a formula without data"
        if issubclass(form, LinearSystem | LeastSquares):
            return f"{self.function} is not a quadratic"
        return None


class Ackley(Landscape):
    """Continuous, with many local minima, and without a derivative at its minimum 0."""

    @quiet
    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        root = np.sqrt(np.mean(theta * theta))
        waves = -2 * np.mean(np.sin(np.pi * theta) ** 2)  # mean cos(2 pi theta_i) - 1, without cancellation near 0
        f: float = -20 * np.expm1(-root / 5) - np.e * np.expm1(waves)
        return f


class Squares(Landscape, TwiceSmooth, NonlinearLeastSquares):
    """f = |r|^2 / 2. Each residual depends on one coefficient or on two neighbours, so the Hessian is tridiagonal."""

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
        return (r * r).sum() / 2, self._per_coefficient((r * ra).sum(0), (r * rb).sum(0))

    @quiet
    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        diagonal, off_diagonal = self._tridiagonal(theta)
        return np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        diagonal, off_diagonal = self._tridiagonal(theta)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            Hv = diagonal * v
            Hv[:-1] += off_diagonal * v[1:]
            Hv[1:] += off_diagonal * v[:-1]
            return Hv

        return product

    def residual(self, theta: Vector) -> Vector:
        return self.residual_and_jacobian(theta)[0]

    @quiet
    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        self.ledger.gradients += 1
        r, ra, rb, *_ = self._jet(theta)
        kinds, places = r.shape
        J = np.zeros((kinds, places, self.dim + 1), r.dtype)
        i = np.arange(places)
        J[:, i, i], J[:, i, i + 1] = ra, rb
        return r.ravel(), J[..., : self.dim].reshape(kinds * places, self.dim)

    def _jet(self, theta: Vector) -> NDArray[np.float64]:
        """r, r_a, r_b, r_aa, r_ab, r_bb, shape (6, kinds of residuals, places in theta). A pass is charged."""
        assert self.formula.residuals is not None
        self.ledger.passes += 1
        places = self.dim + 1 - self.formula.residual_coefficients
        padded = np.append(theta, 0.0)  # a neighbour for the last coefficient; residuals of one coefficient ignore it
        residuals = self.formula.residuals(padded[:places], padded[1 : places + 1])
        jet = np.empty((6, len(residuals), places), theta.dtype)
        for kind, derivatives in enumerate(residuals):
            for order, derivative in enumerate(derivatives):
                jet[order, kind] = derivative
        jet *= np.sqrt(2)
        return jet

    @quiet
    def _tridiagonal(self, theta: Vector) -> tuple[Vector, Vector]:
        """The diagonal and the off-diagonal of the Hessian."""
        r, ra, rb, raa, rab, rbb = self._jet(theta)
        diagonal = self._per_coefficient((ra * ra + r * raa).sum(0), (rb * rb + r * rbb).sum(0))
        return diagonal, (ra * rb + r * rab).sum(0)[: self.dim - 1]

    def _per_coefficient(self, a: Vector, b: Vector) -> Vector:
        """Sums for each coefficient; a and b are terms for the first and the second coefficient of a residual."""
        sums = np.append(a, np.zeros(self.dim + 1 - a.size, a.dtype))
        sums[1 : b.size + 1] += b
        total: Vector = sums[: self.dim]
        return total


class Quadratic(Squares, LeastSquares, SPDSystem):
    """Linear residuals: the Jacobian is constant, and the minimiser solves a linear system."""

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
    """A test function with a known minimum, f* = 0. With two coefficients it can be drawn.

        rosenbrock   f(theta) = sum_i 100 (theta_(i+1) - theta_i^2)^2 + (1 - theta_i)^2      a curved, flat valley
        himmelblau   f(theta) = (a^2 + b - 11)^2 + (a + b^2 - 7)^2,  theta = (a, b)          four minima, all 0
        beale        f(theta) = (1.5 - a + a b)^2 + (2.25 - a + a b^2)^2 + (2.625 - a + a b^3)^2     flat and steep
        booth        f(theta) = (a + 2 b - 7)^2 + (2 a + b - 5)^2                            convex, a quadratic
        rastrigin    f(theta) = sum_i theta_i^2 + 10 - 10 cos(2 pi theta_i)                  a minimum near each integer
        ackley       f(theta) = 20 - 20 exp(-|theta| / (5 sqrt d)) + e - exp(mean cos(2 pi theta_i))     many minima

    The values are those of the textbooks. All except ackley are sums of squares: f = |r|^2 / 2, where r is sqrt(2)
    times the terms that are squared above; for rastrigin these are theta_i and sqrt(20) sin(pi theta_i). ackley has no
    derivative at its minimum, so that only its value is available. Certified by f* = 0: the gap is f. With four or more
    coefficients rosenbrock has a second minimum near (-1, 1, ..., 1). beale also has a valley without a minimum, where
    f decreases to 0.45 as a goes to -inf and b to 1.

    theta_0 is random about a start. It is (-1.2, 1) repeated for rosenbrock and (1, 1) for beale, as in the literature.
    For the others it is our choice: (4, 0), near a saddle point, for himmelblau; (-5, 5) for booth; (2.2, -1.8)
    repeated for rastrigin and ackley, with local minima between it and the minimum.
    The ledger counts a pass for each value, gradient, Jacobian and Hessian, and two for a product with the Hessian.

    function   the test function
    d          number of coefficients; only rosenbrock, rastrigin and ackley can have more than two
    spread     standard deviation of the entries of theta_0 about the start; 0 is the start itself

    Source: Rosenbrock (1960), doi:10.1093/comjnl/3.3.175; Himmelblau, Applied Nonlinear Programming (1972); More,
    Garbow & Hillstrom (1981), doi:10.1145/355934.355936, for rosenbrock and beale; Rastrigin (1974); Ackley (1987).
    """
    formula = FORMULAS[function]
    at_least(formula.residual_coefficients, d=d)
    not_negative(spread=spread)
    if formula.two_variables_only and d != 2:
        others = ", ".join(name for name, other in FORMULAS.items() if not other.two_variables_only)
        raise ValueError(f"d is {d}, but {function} is a function of two variables; functions of more are: {others}")
    kind = {"ackley": Ackley, "booth": Quadratic}.get(function, Squares)
    return kind(function, d, spread)
