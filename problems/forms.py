"""The promises that a problem can make to a solver.

A form is a small abstract class, because a promise such as "symmetric positive definite" is a claim that no
list of method names can carry: inheriting states it. A form exists only where some solver needs it.

Throughout: theta has shape (dim,), float64. f(theta) = (1/n) sum_i loss(x_i . theta, y_i) + penalty(theta), the
intercept is the last coefficient and is never penalised. A problem caches nothing that a solver should pay for,
and charges its ledger for all that it is asked.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from .arrays import Matrix, Vector
from .losses import Loss
from .penalties import Penalty
from .rows import Rows


@dataclass(slots=True)
class Ledger:
    """What was asked of a problem: oracle calls by kind, and how often every row of data was read."""

    values: int = 0
    gradients: int = 0
    hessians: int = 0
    products: int = 0
    passes: float = 0.0


@dataclass(frozen=True)
class About:
    """What a person should know of the rows: how they were read, and what their columns are called."""

    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


NOTHING = About()


class Form(ABC):
    """A promise; `promise` are the words used when it is missing."""

    promise: ClassVar[str]


class Objective(Form):
    """A function f to minimise over R^dim."""

    promise = "a value f(theta)"
    ledger: Ledger
    convex: ClassVar[bool] = True
    measure: ClassVar[str] = "f - f*"  # what f(theta) less its least value means to a person
    about: About = NOTHING

    @property
    @abstractmethod
    def dim(self) -> int:
        """How many coefficients theta has."""

    @abstractmethod
    def value(self, theta: Vector) -> float:
        """f(theta); not finite where theta is not."""

    def start(self, rng: np.random.Generator) -> Vector:
        """theta_0, the same for every solver that is given this seed; zero unless the problem needs otherwise."""
        return np.zeros(self.dim)

    def measures(self, theta: Vector) -> dict[str, float]:
        """What else a person wants to know of theta, by name: the share of rows classified right, for one."""
        return {}

    def violation(self, theta: Vector) -> float:
        """How far theta is from the set that f is to be minimised over; 0 on it, and everywhere where there is none."""
        return 0.0

    @abstractmethod
    def sibling(self) -> Self:
        """A tiny problem of the same kind: a discarded step on it loads every library and kernel needed here."""

    def metered(self, ledger: Ledger) -> Self:
        """The same problem over the same data with a ledger of its own."""
        other = copy.copy(self)
        other.ledger = ledger
        return other

    def lacks(self, form: type[Form]) -> str | None:
        """Why this problem does not make that promise, in words; None where there is no more to say."""
        return None


class Smooth(Objective):
    """f with a gradient."""

    promise = "a gradient"

    @abstractmethod
    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        """f(theta) and its gradient, shape (dim,), in one pass over the data."""

    def gradient(self, theta: Vector) -> Vector:
        """The gradient alone."""
        return self.value_and_gradient(theta)[1]


class TwiceSmooth(Smooth):
    """f with a Hessian, formed or applied."""

    promise = "a Hessian"

    @abstractmethod
    def hessian(self, theta: Vector) -> Matrix:
        """The Hessian, shape (dim, dim)."""

    @abstractmethod
    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H(theta) v, the Hessian never formed."""


@dataclass(frozen=True)
class NativeGradient:
    """The batch gradient of a problem as native code (`problems.kernels.GRADIENT`) and what it reads."""

    at: int  # its address in this process
    X: Matrix  # (n, d), C-contiguous
    y: Vector  # (n,)
    whole: NDArray[np.int64]  # whole-number parameters
    real: Vector  # real parameters
    scratch: int  # how many floats it needs to work in


class FiniteSum(Objective):
    """f = (1/n) sum_i f_i + penalty. Not below Smooth: the absolute loss has rows too."""

    promise = "rows of data"

    @property
    @abstractmethod
    def n(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        """The gradient (a subgradient, at a kink) of the mean over those rows, plus the penalty's."""

    def row_smoothness(self) -> float:
        """The largest Lipschitz constant of a single row's gradient, penalty included; inf where none is known."""
        return float("inf")

    def native(self) -> NativeGradient | None:
        """`batch_gradient` as native code, for loops that never come back to Python; None where there is none."""
        return None


class Composite(Objective):
    """f = s + h, s smooth, h convex with a prox. Every smooth f is one, with h = 0."""

    promise = "a smooth part and a prox of the rest"

    @property
    @abstractmethod
    def smooth(self) -> Smooth:
        """s, charged to the same ledger; f itself where h = 0."""

    @abstractmethod
    def rest(self, theta: Vector) -> float:
        """h(theta)."""

    @abstractmethod
    def prox(self, v: Vector, step: float) -> Vector:
        """argmin_u h(u) + |u - v|^2 / (2 step), a fresh array."""


class Saddle(Objective):
    """f(theta) = F(K theta) + G(theta), F and G convex, each with a prox."""

    promise = "a saddle form, F(K theta) + G(theta) with a prox each"

    @abstractmethod
    def operator(self) -> Matrix:
        """K, shape (m, dim), formed anew: the solver pays."""

    @abstractmethod
    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        """argmin_u F*(u) + |u - v|^2 / (2 step), shape (m,), F* the convex conjugate of F."""

    @abstractmethod
    def prox_rest(self, v: Vector, step: float) -> Vector:
        """argmin_u G(u) + |u - v|^2 / (2 step), shape (dim,)."""

    @abstractmethod
    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """At least f(theta) - f*, proven by a point of the dual, shape (m,); inf where it proves nothing."""


class NonlinearLeastSquares(Smooth):
    """f = |r(theta)|^2 / 2; the mean over rows and a penalty are in r."""

    promise = "residuals with a Jacobian"

    @abstractmethod
    def residual(self, theta: Vector) -> Vector:
        """r, shape (m,)."""

    @abstractmethod
    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        """r, shape (m,), and J, shape (m, dim)."""


class LinearModel(FiniteSum):
    """f = (1/n) sum_i loss(x_i . w + b, y_i) + penalty(w) with its parts in the open."""

    promise = "rows of a linear model"
    rows: Rows
    y: Vector
    loss: Loss
    penalty: Penalty

    @abstractmethod
    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z = X w + b for other rows X, shape (m, d)."""


class LayeredModel(FiniteSum):
    """A network of dense layers; theta holds W_1 (row-major, in x out), b_1, W_2, b_2, ... one after the other."""

    promise = "the layers of a network"
    X: Matrix
    y: Vector
    loss: Loss
    widths: tuple[int, ...]
    activation: str
    l2: float

    @abstractmethod
    def predict(self, theta: Vector, X: Matrix) -> Vector:
        """z(x) for other rows X, shape (m, d)."""


class LeastSquares(Form):
    """min |B theta - c|^2 / (2 n) over rows that QR and SVD read."""

    promise = "a linear least-squares problem"

    @abstractmethod
    def least_squares(self) -> tuple[Any, Vector]:
        """B, shape (rows, dim), an array or a CSR array of scipy, and c, shape (rows,), formed anew.

        Intercept and penalty are rows and columns of B. Two passes are charged: one that copies the rows, one for
        whoever asked, who will read them.
        """


class LinearSystem(Form):
    """A theta = b."""

    promise = "a square linear system"

    @abstractmethod
    def system(self) -> tuple[Any, Vector]:
        """A, shape (dim, dim), an array or a CSR array of scipy, and b, shape (dim,), formed anew: the solver pays."""


class SymmetricSystem(LinearSystem):
    """A theta = b with A symmetric, be it definite or not."""

    promise = "a symmetric system"


class SPDSystem(SymmetricSystem):
    """A theta = b with A symmetric positive definite (semidefinite where columns of the data are dependent)."""

    promise = "a symmetric positive definite system"


class Certified(Objective):
    """f with a bound on how far from the minimum a point is."""

    promise = "a certificate"

    @abstractmethod
    def gap(self, theta: Vector) -> float:
        """At least f(theta) - f*, proven, rounding aside; inf where nothing is proven at this theta."""

    def unattained(self, theta: Vector) -> str | None:
        """Why no theta reaches f*, in a sentence, where that is so and can be shown, `theta` having come far down."""
        return None


def missing(problem: Any, needs: tuple[type[Form], ...]) -> str | None:
    """The first of `needs` that `problem` does not promise, as a sentence; None when it promises all."""
    for form in needs:
        if not isinstance(problem, form):
            return f"it needs {form.promise}: {problem.lacks(form) or 'this problem has none'}"
    return None
