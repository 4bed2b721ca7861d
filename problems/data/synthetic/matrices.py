"""Square matrices with a known spectrum or origin, with right-hand sides for a known solution."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from scipy.linalg import hilbert

from problems.data.source import Definiteness, SystemData, SystemSource
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least, not_negative

SpectrumName = Literal["geometric", "uniform", "clustered"]


@dataclass(frozen=True, kw_only=True)
class KnownSolution(SystemSource):
    """A matrix A, and b = A u with a solution u.

    solution  smooth: u = t (1 - t) e^t at equally spaced t (along each side of a grid); or random: normal entries
    """

    definiteness: ClassVar[Definiteness]
    solution: Literal["smooth", "random"] = "smooth"
    seed: int = 0

    def load(self) -> SystemData:
        rng = np.random.default_rng(self.seed)
        A = self.matrix(rng)
        u = rng.standard_normal(A.shape[0]) if self.solution == "random" else self.smooth()
        return SystemData(A, A @ u, self.definiteness)

    @abstractmethod
    def matrix(self, rng: np.random.Generator) -> Any:
        """A, shape (dim, dim), an array or a CSR array."""

    @abstractmethod
    def smooth(self) -> Vector:
        """The smooth solution, shape (dim,)."""


@dataclass(frozen=True, kw_only=True)
class Poisson(KnownSolution):
    """-u_xx - u_yy in the unit square, by five-point differences times h^2, h = 1/(size + 1); CSR.

    Symmetric positive definite, with eigenvalues 4 - 2 cos(i pi h) - 2 cos(j pi h).

    size      points along each side; there are size^2 unknowns
    solution  smooth: the product of t (1 - t) e^t for both sides; or random: normal entries
    seed      of a random solution
    """

    name: ClassVar[str] = "poisson"
    definiteness: ClassVar[Definiteness] = Definiteness.POSITIVE_DEFINITE
    size: int = 30

    def __post_init__(self) -> None:
        at_least(1, size=self.size)

    def matrix(self, rng: np.random.Generator) -> sp.csr_array:
        return convection(self.size, 0.0)

    def smooth(self) -> Vector:
        return np.outer(smooth(self.size), smooth(self.size)).ravel()


@dataclass(frozen=True, kw_only=True)
class Convection(Poisson):
    """-u_xx - u_yy + wind (u_x + u_y) on the grid of `poisson`, with upwind differences for the wind; CSR.

    Not symmetric if wind > 0; diagonally dominant for every wind.

    size      points along each side; there are size^2 unknowns
    wind      velocity of the convection, the same in both directions
    solution  smooth: the product of t (1 - t) e^t for both sides; or random: normal entries
    seed      of a random solution
    """

    name: ClassVar[str] = "convection"
    definiteness: ClassVar[Definiteness] = Definiteness.GENERAL
    wind: float = 20.0

    def __post_init__(self) -> None:
        at_least(1, size=self.size)
        not_negative(wind=self.wind)

    def matrix(self, rng: np.random.Generator) -> sp.csr_array:
        return convection(self.size, self.wind)


@dataclass(frozen=True, kw_only=True)
class Conditioned(KnownSolution):
    """A dense matrix with chosen eigenvalues or singular values, and random orthogonal factors."""

    n: int = 200
    condition: float = 100.0
    spectrum: SpectrumName = "geometric"

    def __post_init__(self) -> None:
        at_least(1, n=self.n, condition=self.condition)

    def smooth(self) -> Vector:
        return smooth(self.n)

    def values(self) -> Vector:
        """n numbers from 1/condition to 1: geometric, uniform, or clustered (five values, repeated)."""
        if self.spectrum == "uniform":
            return np.linspace(1 / self.condition, 1, self.n)
        if self.spectrum == "clustered":
            return np.sort(np.resize(np.geomspace(1, 1 / self.condition, min(self.n, 5)), self.n))
        return np.geomspace(1 / self.condition, 1, self.n)


@dataclass(frozen=True, kw_only=True)
class PositiveDefiniteMatrix(Conditioned):
    """A dense symmetric positive definite matrix with eigenvalues from 1/condition to 1 and random eigenvectors.

    n          the number of unknowns
    condition  |A| |A^-1|
    spectrum   geometric, uniform, or clustered: five different values
    solution   smooth: t (1 - t) e^t at n points; or random: normal entries
    seed       of the random vectors and a random solution
    """

    name: ClassVar[str] = "spd"
    definiteness: ClassVar[Definiteness] = Definiteness.POSITIVE_DEFINITE

    def matrix(self, rng: np.random.Generator) -> Matrix:
        return symmetric(self.values(), rng)


@dataclass(frozen=True, kw_only=True)
class GeneralMatrix(Conditioned):
    """A dense matrix that is not symmetric, with singular values from 1/condition to 1 and random singular vectors.

    n          the number of unknowns
    condition  |A| |A^-1|
    spectrum   of the singular values: geometric, uniform, or clustered: five different values
    solution   smooth: t (1 - t) e^t at n points; or random: normal entries
    seed       of the random vectors and a random solution
    """

    name: ClassVar[str] = "general"
    definiteness: ClassVar[Definiteness] = Definiteness.GENERAL

    def matrix(self, rng: np.random.Generator) -> Matrix:
        return (orthogonal(self.n, rng) * self.values()) @ orthogonal(self.n, rng).T


@dataclass(frozen=True, kw_only=True)
class IndefiniteMatrix(Conditioned):
    """A dense symmetric matrix with eigenvalues of both signs and absolute values from 1/condition to 1.

    n          the number of unknowns
    condition  |A| |A^-1|
    spectrum   of the absolute values: geometric, uniform, or clustered: five different values
    solution   smooth: t (1 - t) e^t at n points; or random: normal entries
    seed       of the random vectors and a random solution
    """

    name: ClassVar[str] = "indefinite"
    definiteness: ClassVar[Definiteness] = Definiteness.SYMMETRIC

    def matrix(self, rng: np.random.Generator) -> Matrix:
        return symmetric(self.values() * (-1.0) ** np.arange(self.n), rng)


@dataclass(frozen=True, kw_only=True)
class HilbertMatrix(KnownSolution):
    """Hilbert's matrix, with entries 1/(i + j - 1): positive definite, but from n = 13 on not in float64; dense.

    n         the number of unknowns
    solution  smooth: t (1 - t) e^t at n points; or random: normal entries
    seed      of a random solution

    Source: Hilbert (1894), doi:10.1007/BF02418278.
    """

    name: ClassVar[str] = "hilbert"
    definiteness: ClassVar[Definiteness] = Definiteness.POSITIVE_DEFINITE
    n: int = 8

    def __post_init__(self) -> None:
        at_least(1, n=self.n)

    def matrix(self, rng: np.random.Generator) -> Matrix:
        A: Matrix = hilbert(self.n)
        return A

    def smooth(self) -> Vector:
        return smooth(self.n)


def convection(size: int, wind: float) -> sp.csr_array:
    """-u_xx - u_yy + wind (u_x + u_y) on size x size points in the unit square, times h^2."""
    upwind = wind / (size + 1)
    line = sp.diags_array([-1.0 - upwind, 2.0 + upwind, -1.0], offsets=[-1, 0, 1], shape=(size, size))
    A = sp.csr_array(sp.kronsum(line, line))
    A.sort_indices()
    return A


def orthogonal(n: int, rng: np.random.Generator) -> Matrix:
    """A random orthogonal matrix, shape (n, n)."""
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def symmetric(eigenvalues: Vector, rng: np.random.Generator) -> Matrix:
    """A dense symmetric matrix with those eigenvalues and random eigenvectors."""
    Q = orthogonal(eigenvalues.size, rng)
    A = (Q * eigenvalues) @ Q.T
    return (A + A.T) / 2


def smooth(n: int) -> Vector:
    """t (1 - t) e^t at n equally spaced points in the unit interval."""
    t = np.arange(1, n + 1) / (n + 1)
    return t * (1 - t) * np.exp(t)
