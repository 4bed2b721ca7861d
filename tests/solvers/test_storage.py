"""How many vectors a solver holds, measured, against the number in its docstring.

A vector counts if it exists when the solver yields an iterate or calls the problem; the newest iterate is one of them.
The arithmetic in between may need a few more. Arrays of the problem and inside native code are not counted.
"""

from __future__ import annotations

import gc
import inspect
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

import solvers
from experiments.lab.spec.building import build_solver
from experiments.lab.spec.grammar import parse
from problems.data.synthetic.signals import PiecewiseConstant
from problems.forms import Composite, FiniteSum, LeastSquares, Ledger, Saddle, SPDSystem, TwiceSmooth
from problems.foundation.arrays import Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import logistic
from problems.parts.rows import Rows
from problems.signals.total_variation import total_variation
from solvers.composite.proximal import FISTA, ISTA, ProjectedGradient
from solvers.composite.splitting import PrimalDual
from solvers.composite.taut_string import TautString
from solvers.first_order.adaptive import AdaGrad, Adam, AdamW, RMSprop
from solvers.first_order.descent import GradientDescent, Momentum, Nesterov
from solvers.first_order.neurons import Adaline, Perceptron
from solvers.first_order.stochastic import SGD
from solvers.first_order.variance_reduced import SAG, SAGA, SVRG
from solvers.kernels import taut_string as kernels
from solvers.linear_systems.krylov import GMRES, MINRES, ConjugateGradient, PreconditionedCG
from solvers.linear_systems.least_squares_krylov import LSMR, LSQR
from solvers.linear_systems.stationary import SOR, GaussSeidel, Jacobi, Richardson
from solvers.random_search.genetic import Genetic
from solvers.random_search.markov import MetropolisHastings, SimulatedAnnealing
from solvers.second_order.newton import NewtonCG
from solvers.second_order.quasi_newton import LBFGS
from solvers.second_order.trust_region import TrustRegion

DIM, ROWS = 100_000, 4
LARGEST = [0]  # bytes when a solver called the problem or yielded
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def called() -> None:
    """Note the memory at a call of the problem."""
    LARGEST[0] = max(LARGEST[0], tracemalloc.get_traced_memory()[0])


@dataclass
class Diagonal:
    """A diagonal matrix as an operator that is not copied."""

    d: Vector

    @property
    def shape(self) -> tuple[int, int]:
        return self.d.size, self.d.size

    @property
    def T(self) -> Diagonal:  # noqa: N802
        return self

    def __matmul__(self, v: Vector) -> Vector:
        called()
        return self.d * v

    def diagonal(self) -> Vector:
        return self.d


@dataclass
class System(SPDSystem, LeastSquares):
    """A theta = b with a diagonal A."""

    A: Any
    b: Vector = field(default_factory=lambda: np.ones(DIM))

    def system(self) -> tuple[Any, Vector]:
        return self.A, self.b

    def least_squares(self) -> tuple[Any, Vector]:
        return self.A, self.b


@dataclass
class Bowl(TwiceSmooth, Composite, FiniteSum, Saddle):
    """f(theta) = sum_j d_j theta_j^2 / 2, whose oracles need no memory except their results."""

    d: Vector = field(default_factory=lambda: np.geomspace(1, 1000, DIM))
    ledger: Ledger = field(default_factory=Ledger)
    n: int = ROWS

    @property
    def dim(self) -> int:
        return self.d.size

    def value(self, theta: Vector) -> float:
        called()
        return float(np.einsum("j,j,j", self.d, theta, theta)) / 2

    def gradient(self, theta: Vector) -> Vector:
        called()
        return self.d * theta

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        return self.value(theta), self.gradient(theta)

    def hessian(self, theta: Vector) -> Any:
        raise NotImplementedError

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        return Diagonal(self.d).__matmul__

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        called()
        return self.d * theta

    @property
    def smooth(self) -> Bowl:
        return self

    def rest(self, theta: Vector) -> float:
        return 0.0

    def prox(self, v: Vector, step: float) -> Vector:
        called()
        return v.copy()

    def operator(self) -> Any:
        return Diagonal(self.d)

    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        called()
        return v / (1 + step)

    def prox_rest(self, v: Vector, step: float) -> Vector:
        called()
        return v.copy()

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        return 0.0

    def sibling(self) -> Bowl:
        return self


def model(separable: bool = True) -> Any:
    """A linear model with few long rows. If it is not separable, equal rows have different labels."""
    X = np.random.default_rng(0).standard_normal((ROWS, DIM)) / np.sqrt(DIM)
    X = X if separable else X[[0, 1, 0, 1]]
    return linear_model(Rows(X, intercept=False), np.array([1.0, 1.0, -1.0, -1.0]), logistic)


def tridiagonal() -> Any:
    """A diagonally dominant CSR matrix."""
    ones = np.ones(DIM - 1)
    return sp.csr_array(sp.diags_array([0.1 * ones, np.linspace(1, 2, DIM), 0.1 * ones], offsets=[-1, 0, 1]))


def operator() -> Any:
    """An ill-conditioned diagonal matrix."""
    return Diagonal(np.geomspace(1, 1e4, DIM))


@dataclass(frozen=True)
class Storage:
    """What a docstring states of a solver's storage, and what else the measurement contains."""

    solver: Any
    problem: Callable[[], Any]
    vectors: int
    words: str  # of the docstring
    native: int = 0  # of the vectors, which tracemalloc does not see
    matrix: float = 0  # what the solver keeps of the matrix, in vectors
    temporaries: int = 3  # at most, which an iteration needs for a moment

    def __str__(self) -> str:
        return f"{type(self.solver).__name__}-{self.words}"


def vectors(number: int) -> str:
    return f"{NUMBERS[number]} vectors of length `dim`"


CSR_INDICES = 2.0  # of a tridiagonal matrix, as uint32
STATED = (
    Storage(ConjugateGradient(), lambda: System(operator()), 4, vectors(4)),
    Storage(PreconditionedCG("jacobi"), lambda: System(tridiagonal()), 5, vectors(5), matrix=1),
    Storage(MINRES(), lambda: System(operator()), 7, vectors(7)),
    Storage(GMRES(restart=5), lambda: System(operator()), 5 + 5, "restart + 5 vectors of length `dim`", temporaries=6),
    Storage(LSQR(), lambda: System(tridiagonal()), 3 + 1, f"{vectors(3)} and one of the length of a column of B"),
    Storage(LSMR(), lambda: System(tridiagonal()), 5 + 1, f"{vectors(5)} and one of the length of a column of B"),
    Storage(Jacobi(), lambda: System(tridiagonal()), 4, vectors(4), 1, CSR_INDICES, temporaries=6),
    Storage(GaussSeidel(), lambda: System(tridiagonal()), 3, vectors(3), 0, CSR_INDICES, temporaries=6),
    Storage(SOR(1.1), lambda: System(tridiagonal()), 4, vectors(4), 0, CSR_INDICES, temporaries=6),
    Storage(Richardson(0.1), lambda: System(tridiagonal()), 4, vectors(4), 1, CSR_INDICES, temporaries=6),
    Storage(GradientDescent(), Bowl, 4, vectors(4)),
    Storage(GradientDescent(rule="backtracking"), Bowl, 6, "six with a line search"),
    Storage(GradientDescent(rule="barzilai-borwein"), Bowl, 6, "six with a line search"),
    Storage(Momentum(), Bowl, 4, vectors(4)),
    Storage(Nesterov(), Bowl, 4, vectors(4)),
    Storage(AdaGrad(), Bowl, 5, vectors(5)),
    Storage(RMSprop(), Bowl, 5, vectors(5)),
    Storage(Adam(), Bowl, 6, vectors(6)),
    Storage(AdamW(), Bowl, 6, vectors(6)),
    Storage(SGD(), model, 2, vectors(2)),
    Storage(SGD(averaging=True), model, 3, "three with averaging"),
    Storage(SGD(0.1), Bowl, 4, "four for other problems"),
    Storage(SAG(), model, 3, vectors(3)),
    Storage(SAGA(), model, 3, vectors(3)),
    Storage(SVRG(), model, 3, vectors(3)),
    Storage(Perceptron(), lambda: model(separable=False), 3, vectors(3)),
    Storage(Adaline(), model, 2, vectors(2)),
    Storage(ISTA(), Bowl, 4, vectors(4)),
    Storage(FISTA(), Bowl, 6, vectors(6)),
    Storage(ProjectedGradient(), Bowl, 6, vectors(6)),
    Storage(PrimalDual(0.1, 0.1), Bowl, 3 + 2, f"{vectors(3)}, two of length m"),
    Storage(NewtonCG(), Bowl, 8, vectors(8)),
    Storage(TrustRegion(10.0), Bowl, 8, vectors(8)),
    Storage(LBFGS(memory=3), Bowl, 2 * 3 + 4, "2 memory + 4 vectors of length `dim`", temporaries=4),
    Storage(MetropolisHastings(width=1e-4), Bowl, 3 + 2, f"{vectors(3)}, and two for each of up to 512 states"),
    Storage(SimulatedAnnealing(1.0, width=1e-4), Bowl, 4 + 2, f"{vectors(4)}, and two for each of up to 512 states"),
)


def measured(solver: Any, problem: Any, iterations: int = 7) -> tuple[float, float]:
    """The memory between two iterations and its peak, beyond what there was before, in vectors of length DIM."""
    theta0, rng = np.linspace(0.5, 1.0, DIM), np.random.default_rng(0)
    for _ in islice(solver.iterate(problem, theta0, rng), iterations):  # numba and caches are warm
        pass
    gc.collect()
    tracemalloc.start()
    try:
        before, LARGEST[0] = tracemalloc.get_traced_memory()[0], 0
        blocks = solver.iterate(problem, theta0, rng)
        for _ in range(iterations):
            newest = next(blocks)  # held until the next one has come, as the lab does
            called()
        del newest
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return (LARGEST[0] - before) / (8 * DIM), (peak - before) / (8 * DIM)


@pytest.mark.parametrize("storage", STATED, ids=str)
def test_a_solver_holds_as_many_vectors_as_its_docstring_states(storage: Storage) -> None:
    held, peak = measured(storage.solver, storage.problem())
    assert held == pytest.approx(storage.vectors - storage.native + storage.matrix, abs=0.1)
    assert peak - held <= storage.temporaries + 0.2


@pytest.mark.parametrize("storage", STATED, ids=str)
def test_the_docstring_states_the_number_of_vectors_in_the_table(storage: Storage) -> None:
    assert storage.words in " ".join((inspect.getdoc(type(storage.solver)) or "").split())


def test_every_docstring_that_states_a_number_of_vectors_is_in_the_table() -> None:
    classes = {type(build_solver(parse(name))) for name in solvers.TABLE}
    stating = {kind for kind in classes if "vectors of length `dim`" in (inspect.getdoc(kind) or "")}
    vague = {kind for kind in stating if "few vectors of length `dim`" in (inspect.getdoc(kind) or "")}
    assert stating - vague - {type(storage.solver) for storage in STATED} <= {Genetic}, "Genetic counts populations"


def test_the_taut_string_needs_four_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the kernel in Python, so that its arrays are measured too."""
    kernel: Any = kernels.taut_string
    monkeypatch.setattr("solvers.composite.taut_string.taut_string", kernel.py_func)
    problem = total_variation(PiecewiseConstant(n=5000), weight=1e-3)
    n, theta0, rng = problem.dim, np.zeros(problem.dim), np.random.default_rng(0)
    next(TautString().iterate(problem, theta0, rng))  # compiles a helper
    tracemalloc.start()
    try:
        next(TautString().iterate(problem, theta0, rng))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak / (8 * n) == pytest.approx(4, abs=0.2)
    assert "four vectors of length n" in (TautString.__doc__ or "")
