"""Seeded data for principal components, sparse recovery, denoising and curve fitting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from problems.data.source import Dataset, RowSource, Task
from problems.data.synthetic.rows import spectral
from problems.foundation.about import About
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, not_negative


@dataclass(frozen=True)
class SpectralRows(RowSource):
    """Centred rows X; their covariance X'X/n has exactly the chosen eigenvalues, and random eigenvectors.

    n, d      numbers of rows and columns
    spectrum  decay: the eigenvalues are 1, ratio, ratio^2, ...; step: `rank` of them are 1 and the others are ratio
    ratio     decay: of each eigenvalue to the one before; step: of the small to the large ones; at most 1
    rank      step: the number of eigenvalues that are 1
    seed      of the eigenvectors
    """

    name: ClassVar[str] = "spectral"
    makes: ClassVar[tuple[Task, ...]] = (Task.FEATURES,)

    n: int = 1000
    d: int = 20
    spectrum: Literal["decay", "step"] = "decay"
    ratio: float = 0.7
    rank: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(2, n=self.n, d=self.d)
        at_least(1, rank=self.rank)
        if not 0 < self.ratio <= 1:
            raise ValueError(f"ratio is {self.ratio}; it must be above 0 and at most 1")

    def load(self, task: Task) -> Dataset:
        j = np.arange(self.d)
        eigenvalues: Vector = np.power(self.ratio, j if self.spectrum == "decay" else j >= self.rank)
        return Dataset(spectral(self.n, eigenvalues, np.random.default_rng(self.seed)))


@dataclass(frozen=True)
class SparseSolution(RowSource):
    """Fewer equations A u = b than unknowns; u is 0 except for normal entries at random positions.

    The entries of A are normal with variance 1/n. If n is well above 2 nonzeros log(d/n), u is the solution of least
    |u|_1.

    n         the number of equations
    d         the number of unknowns, at least n
    nonzeros  the number of entries of u that are not 0
    seed      of all random numbers

    Source: Donoho & Tanner (2009), doi:10.1098/rsta.2009.0152.
    """

    name: ClassVar[str] = "sparse-solution"
    makes: ClassVar[tuple[Task, ...]] = (Task.NUMBERS,)

    n: int = 60
    d: int = 200
    nonzeros: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(1, n=self.n, nonzeros=self.nonzeros)
        at_least(max(self.n, self.nonzeros), d=self.d)

    def load(self, task: Task) -> Dataset:
        rng = np.random.default_rng(self.seed)
        A = rng.standard_normal((self.n, self.d)) / math.sqrt(self.n)
        u = np.zeros(self.d)
        u[rng.choice(self.d, self.nonzeros, replace=False)] = rng.standard_normal(self.nonzeros)
        return Dataset(A, A @ u)


@dataclass(frozen=True)
class PiecewiseConstant(RowSource):
    """A piecewise constant signal with normal levels, and normal noise on every point.

    n       the number of points
    pieces  the number of pieces, which have random lengths
    noise   standard deviation of the noise
    seed    of all random numbers
    """

    name: ClassVar[str] = "piecewise-constant"
    makes: ClassVar[tuple[Task, ...]] = (Task.SIGNAL,)

    n: int = 1000
    pieces: int = 10
    noise: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(1, pieces=self.pieces)
        at_least(max(2, self.pieces), n=self.n)
        not_negative(noise=self.noise)

    def load(self, task: Task) -> Dataset:
        rng = np.random.default_rng(self.seed)
        jumps = np.sort(rng.choice(np.arange(1, self.n), self.pieces - 1, replace=False))
        levels = np.repeat(rng.standard_normal(self.pieces), np.diff(jumps, prepend=0, append=self.n))
        return Dataset(None, levels + self.noise * rng.standard_normal(self.n))


@dataclass(frozen=True)
class Saturation(RowSource):
    """Points on the curve y = 2 (1 - exp(-x/2)) at random x from 0 to 10, with normal noise on y.

    n      the number of points
    noise  standard deviation of the noise
    seed   of all random numbers
    """

    name: ClassVar[str] = "saturation"
    makes: ClassVar[tuple[Task, ...]] = (Task.POINTS, Task.NUMBERS)

    n: int = 50
    noise: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(2, n=self.n)
        not_negative(noise=self.noise)

    def load(self, task: Task) -> Dataset:
        rng = np.random.default_rng(self.seed)
        x = np.sort(rng.uniform(0.0, 10.0, self.n))
        y = 2 * (1 - np.exp(-x / 2)) + self.noise * rng.standard_normal(self.n)
        return Dataset(x[:, None], y, About(columns=("x",)))
