"""Square linear systems A theta = b from a catalogue of matrices, judged by their relative residual.

What an instance promises depends on its matrix alone, one rung for each:

    GeneralSystem < SymmetricIndefinite < PositiveDefinite
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.linalg import norm

from problems.data.synthetic import matrices as systems
from problems.forms import Certified, Form, LeastSquares, Ledger, LinearSystem, SPDSystem, SymmetricSystem
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, not_negative

Kind = Literal["poisson", "convection", "spd", "general", "indefinite", "hilbert"]
ON_A_GRID = ("poisson", "convection")
CONDITIONED = ("spd", "general", "indefinite")


@dataclass
class GeneralSystem(Certified, LeastSquares, LinearSystem):
    """f(theta) = |b - A theta| / |b|, A any square matrix with an inverse. f* = 0: f is its own certificate."""

    A: Any  # shape (dim, dim), an array or a CSR array of scipy
    b: Vector
    ledger: Ledger = field(default_factory=Ledger)
    measure = "relative residual"
    degree: ClassVar[int] = 1  # f grows like the error itself, not like its square

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
        few = min(8, self.dim)
        A = self.A[:few, :few].copy()
        return type(self)(A, A @ np.ones(few))

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearSystem):
            one_sign = "the eigenvalues of its matrix have both signs"
            return one_sign if isinstance(self, SymmetricSystem) else "its matrix is not symmetric"
        return "it is judged by the length of a residual, and is for methods that solve A theta = b"


class SymmetricIndefinite(GeneralSystem, SymmetricSystem):
    """A symmetric, with eigenvalues of both signs."""


class PositiveDefinite(SymmetricIndefinite, SPDSystem):
    """A symmetric, with positive eigenvalues."""


RUNGS: dict[str, type[GeneralSystem]] = {
    "poisson": PositiveDefinite,
    "convection": GeneralSystem,
    "spd": PositiveDefinite,
    "general": GeneralSystem,
    "indefinite": SymmetricIndefinite,
    "hilbert": PositiveDefinite,
}


def linear_system(
    matrix: Kind = "poisson",
    size: int | None = None,
    n: int | None = None,
    condition: float | None = None,
    spectrum: Literal["geometric", "uniform", "clustered"] | None = None,
    wind: float | None = None,
    solution: Literal["smooth", "random"] = "smooth",
    seed: int = 0,
) -> GeneralSystem:
    """A theta = b with A square and b = A u for a solution u that is known to the problem alone.

        f(theta) = |b - A theta| / |b|,     f* = 0

        poisson      -u_xx - u_yy on a square, five points each equation: symmetric positive definite, CSR
        convection   -u_xx - u_yy + wind (u_x + u_y), differences upwind: not symmetric, CSR
        spd          symmetric positive definite, eigenvalues from 1/condition to 1, dense
        general      not symmetric, singular values from 1/condition to 1, dense
        indefinite   symmetric, sizes of eigenvalues from 1/condition to 1, signs in turns, dense
        hilbert      1/(i + j - 1): definite, though from n = 13 on rounding leaves nothing of that; dense

    Certified by itself, for f* = 0: what a person sees is the relative residual, not f - f*.

    matrix      one of these
    size        poisson, convection: points along a side of the square, 30 where it is left out; size^2 unknowns
    n           the others: unknowns, 200 where it is left out, of hilbert 8
    condition   spd, general, indefinite: |A| |A^-1|, 100 where it is left out
    spectrum    of the same: geometric (where it is left out), uniform, or clustered, that is of five values only
    wind        convection: its strength, 20 where it is left out
    solution    smooth: t (1 - t) e^t along each side; or random: normal
    seed        of the matrix's directions and of a random solution

    Source: Golub & Van Loan, Matrix Computations (2013), chapters 4 and 11; Hilbert (1894), doi:10.1007/BF02418278.
    """
    _only(matrix, ON_A_GRID, size=size)
    _only(matrix, ("convection",), wind=wind)
    _only(matrix, (*CONDITIONED, "hilbert"), n=n)
    _only(matrix, CONDITIONED, condition=condition, spectrum=spectrum)
    at_least(1, size=size, n=n, condition=condition)
    not_negative(wind=wind)
    rng = np.random.default_rng(seed)
    size, n = size or 30, n or (8 if matrix == "hilbert" else 200)
    numbers = systems.spaced(n, condition or 100.0, spectrum or "geometric")
    match matrix:
        case "poisson":
            A: Any = systems.poisson(size)
        case "convection":
            A = systems.convection(size, 20.0 if wind is None else wind)
        case "spd":
            A = systems.symmetric(numbers, rng)
        case "general":
            A = systems.general(numbers, rng)
        case "indefinite":
            A = systems.symmetric(numbers * (-1.0) ** np.arange(n), rng)
        case "hilbert":
            A = systems.hilbert(n)
    if solution == "random":
        u = rng.standard_normal(A.shape[0])
    else:
        u = np.outer(systems.smooth(size), systems.smooth(size)).ravel() if matrix in ON_A_GRID else systems.smooth(n)
    return RUNGS[matrix](A, A @ u)


def _only(matrix: str, allowed: tuple[str, ...], **given: Any) -> None:
    """Refuse parameters of other matrices, which would silently be ignored."""
    for name, value in given.items():
        if value is not None and matrix not in allowed:
            raise ValueError(f"{name} is for {', '.join(allowed)}; the matrix is {matrix}")
