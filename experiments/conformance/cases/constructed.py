"""Systems and a density made for one property each, whose eigenvalues, splitting or variance are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from hypothesis import strategies as st

from experiments.conformance.cases.examples import SEEDS
from problems.forms import Ledger, LinearSystem, Objective, SPDSystem
from problems.foundation.arrays import Matrix, Vector
from problems.systems.linear_system import GeneralSystem

MOST_LISTED = 30  # eigenvalues in the description of a system


@dataclass(frozen=True)
class ChosenSpectrum(SPDSystem):
    """A theta = b with chosen eigenvalues, presented as positive definite whether it is or not."""

    eigenvalues: tuple[float, ...]
    seed: int

    def __str__(self) -> str:
        ends = f"from {min(self.eigenvalues):g} to {max(self.eigenvalues):g}, evenly spread, {self.dim} of them"
        values = ends if self.dim > MOST_LISTED else ", ".join(f"{value:g}" for value in self.eigenvalues)
        return f"a symmetric system with eigenvalues {values} (random directions and right-hand side, seed {self.seed})"

    @cached_property
    def parts(self) -> tuple[Matrix, Vector]:
        """A and b."""
        rng = np.random.default_rng(self.seed)
        n = len(self.eigenvalues)
        Q, _ = np.linalg.qr(rng.standard_normal((n, n)))
        A = (Q * self.eigenvalues) @ Q.T
        return (A + A.T) / 2, rng.standard_normal(n)

    @property
    def dim(self) -> int:
        """The number of unknowns."""
        return len(self.eigenvalues)

    def system(self) -> tuple[Matrix, Vector]:
        A, b = self.parts
        return A.copy(), b.copy()


INDEFINITE = st.builds(
    lambda positive, negative, seed: ChosenSpectrum((*positive, *negative), seed),
    st.lists(st.sampled_from([1.0, 2.0, 5.0]), min_size=1, max_size=4),
    st.lists(st.sampled_from([-1.0, -3.0]), min_size=1, max_size=2),
    SEEDS,
)
CLUSTERED = st.builds(
    lambda ones, others, seed: ChosenSpectrum((*(1.0,) * ones, *others), seed),
    st.integers(2, 20),
    st.lists(st.sampled_from([3.0, 10.0, 40.0, 90.0]), min_size=1, max_size=4, unique=True),
    SEEDS,
)
SPREAD = st.builds(
    lambda n, condition, seed: ChosenSpectrum(tuple(np.linspace(1.0, condition, n).tolist()), seed),
    st.sampled_from([120, 200]),
    st.sampled_from([30.0, 100.0]),
    SEEDS,
)


@dataclass(frozen=True)
class ChosenDiagonal(LinearSystem):
    """A theta = b of random entries; each diagonal entry is `dominance` times the sum of |a| over its row."""

    size: int
    dominance: float
    seed: int

    def __str__(self) -> str:
        return (
            f"a random system of {self.size} equations, each diagonal entry {self.dominance:g} times "
            f"the absolute sum of its row, seed {self.seed}"
        )

    @cached_property
    def parts(self) -> tuple[Matrix, Vector]:
        """A and b."""
        rng = np.random.default_rng(self.seed)
        A = rng.standard_normal((self.size, self.size))
        np.fill_diagonal(A, self.dominance * abs(A).sum(1))
        return A, rng.standard_normal(self.size)

    @property
    def problem(self) -> GeneralSystem:
        """The system as a problem of the catalogue."""
        return GeneralSystem(*self.parts)

    def start(self) -> Vector:
        """theta_0."""
        return np.zeros(self.size)

    @property
    def dim(self) -> int:
        """The number of unknowns."""
        return self.size

    def system(self) -> tuple[Matrix, Vector]:
        A, b = self.parts
        return A.copy(), b.copy()


SMALL_PIVOTS = st.builds(ChosenDiagonal, st.integers(2, 40), st.sampled_from([1e-4, 1e-8, 1e-14]), SEEDS)
DIAGONALS = st.builds(ChosenDiagonal, st.integers(2, 6), st.sampled_from([0.3, 0.6, 1.0, 3.0]), SEEDS)


class Gaussian(Objective):
    """f = |theta|^2 / (2 variance): exp(-f) is the density of a normal distribution with that variance."""

    def __init__(self, dim: int, variance: float) -> None:
        self._dim, self.variance, self.ledger = dim, variance, Ledger()

    def __str__(self) -> str:
        return f"a Gaussian density in {self._dim} dimensions with variance {self.variance:g}"

    @property
    def dim(self) -> int:
        return self._dim

    def value(self, theta: Vector) -> float:
        return float(theta @ theta) / (2 * self.variance)

    def sibling(self) -> Gaussian:
        return self


DENSITIES = st.builds(Gaussian, st.just(1), st.sampled_from([1.0, 4.0]))
