"""The problem `linear-system`: A theta = b with a square matrix, measured by the relative residual.

The forms of a system depend on what is known of its matrix. There is one class for each case:

    GeneralSystem < SymmetricIndefinite < PositiveDefinite
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.linalg import norm

from problems.data.source import Definiteness, SystemSource
from problems.data.synthetic.matrices import Poisson
from problems.forms import Certified, Form, LeastSquares, Ledger, LinearSystem, SPDSystem, SymmetricSystem
from problems.foundation.arrays import Vector


@dataclass
class GeneralSystem(Certified, LeastSquares, LinearSystem):
    """f(theta) = |b - A theta| / |b|, A any invertible matrix. f* = 0, so that the gap is f itself."""

    A: Any  # shape (dim, dim), an array or a CSR array of scipy
    b: Vector
    ledger: Ledger = field(default_factory=Ledger)
    measure = "relative residual"
    degree: ClassVar[int] = 1  # f is proportional to the error, not to its square

    @property
    def dim(self) -> int:
        return len(self.b)

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        return float(norm(self.b - self.A @ theta) / norm(self.b))

    def gap(self, theta: Vector) -> float:
        return self.value(theta)

    def system(self) -> tuple[Any, Vector]:
        self.ledger.passes += 1
        return self.A.copy(), self.b.copy()

    def least_squares(self) -> tuple[Any, Vector]:
        self.ledger.passes += 2
        return self.A.copy(), self.b.copy()

    def sibling(self) -> Self:
        size = min(8, self.dim)
        A = self.A[:size, :size].copy()
        return type(self)(A, A @ np.ones(size))

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearSystem):
            indefinite = "its matrix has positive and negative eigenvalues"
            return indefinite if isinstance(self, SymmetricSystem) else "its matrix is not symmetric"
        return "its measure is the norm of a residual, and it is for methods that solve A theta = b"


class SymmetricIndefinite(GeneralSystem, SymmetricSystem):
    """A is symmetric, with positive and negative eigenvalues."""


class PositiveDefinite(SymmetricIndefinite, SPDSystem):
    """A is symmetric, with positive eigenvalues."""


CLASSES = {
    Definiteness.GENERAL: GeneralSystem,
    Definiteness.SYMMETRIC: SymmetricIndefinite,
    Definiteness.POSITIVE_DEFINITE: PositiveDefinite,
}


def linear_system(data: SystemSource = Poisson()) -> GeneralSystem:
    """A linear system A theta = b with a square matrix A.

        f(theta) = |b - A theta| / |b|,     f* = 0

    The measure is f, the relative residual. Certified: because f* = 0, the gap is f.

    data  a square matrix and a right-hand side: poisson, convection, spd, general, indefinite or hilbert

    Source: Golub & Van Loan, Matrix Computations (2013), chapters 4 and 11.
    """
    system = data.load()
    return CLASSES[system.definiteness](system.A, system.b)
