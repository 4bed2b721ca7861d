"""Stationary iterations for linear systems, which split the matrix, A = M - N:  M theta <- N theta + b.

Each sweep multiplies the error by I - M^-1 A. The error goes to zero from every start if and only if the spectral
radius of that matrix is below 1, and the spectral radius is the rate. Each method's `splitting(A)` is its M. These
methods minimise nothing: if the spectral radius is above 1 they diverge, and nothing prevents it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from problems.forms import LinearSystem, SPDSystem
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import positive
from solvers.base import Basis, Breakdown, Iterates, Rate, Solver, Trait
from solvers.base.lanczos import extreme_eigenvalues
from solvers.base.spectrum import Spectrum
from solvers.kernels.sweeps import relaxed

MOST_UNKNOWNS = 200  # for which the rate is computed, by dense eigenvalues


@dataclass(frozen=True)
class Jacobi(Solver[LinearSystem]):
    """Jacobi's iteration for A theta = b: it solves each equation for its own unknown, all equations simultaneously.

        r = b - A theta     theta <- theta + r / D,     D the diagonal of A

    Cost: one product with A per iteration.
    Memory: four vectors of length `dim`.
    Rate: the spectral radius of I - A/D. It converges from every start if and only if the spectral radius is below 1,
    which strict diagonal dominance guarantees.
    Choose it if the rows have to be updated in parallel; not otherwise: Gauss-Seidel sweeps cost the same, and fewer
    are needed on most systems, though not on all.
    Source: Jacobi (1845), doi:10.1002/asna.18450222002; Golub & Van Loan (2013), section 11.2.2.
    """

    needs = (LinearSystem,)
    minimises = False

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        return (yield from relaxed(A, b, 1 / diagonal(A), simultaneous=True, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = D."""
        return np.diag(np.diag(A))

    def predicted(self, problem: LinearSystem, spectrum: Spectrum | None) -> Rate | None:
        return _radius(problem, self.splitting)


@dataclass(frozen=True)
class GaussSeidel(Solver[LinearSystem]):
    """Gauss-Seidel iteration for A theta = b: it solves each equation for its own unknown, one after another.

        for i = 1, 2, ...:  theta_i <- theta_i + (b - A theta)_i / a_ii

    Cost: one pass over A per iteration.
    Memory: three vectors of length `dim`.
    Rate: the spectral radius of I - (D + L)^-1 A, where L is the strict lower triangle. It is the square of Jacobi's
    spectral radius if A is consistently ordered. It converges if A is symmetric positive definite or strictly
    diagonally dominant.
    Choose it as a smoother or if the diagonal is strongly dominant; not alone for Poisson's equation on a fine grid.
    Source: Seidel (1874); Golub & Van Loan (2013), section 11.2.3.
    """

    needs = (LinearSystem,)
    minimises = False

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        return (yield from relaxed(A, b, 1 / diagonal(A), simultaneous=False, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = D + L."""
        return np.tril(A)

    def predicted(self, problem: LinearSystem, spectrum: Spectrum | None) -> Rate | None:
        return _radius(problem, self.splitting)


@dataclass(frozen=True)
class SOR(Solver[LinearSystem]):
    """Successive over-relaxation for A theta = b: the updates of Gauss-Seidel, multiplied by omega.

        for i = 1, 2, ...:  theta_i <- theta_i + omega (b - A theta)_i / a_ii

    omega: the default is 2 / (1 + sqrt(1 - rho^2)) if A is symmetric positive definite and rho, the spectral radius of
    Jacobi's iteration, is below 1; rho is estimated first, on the clock. Otherwise the default is 1, which is
    Gauss-Seidel.
    Cost: one pass over A per iteration.
    Memory: four vectors of length `dim`.
    Rate: the spectral radius of I - (D/omega + L)^-1 A. With the default omega it is omega - 1 if A is consistently
    ordered. No omega outside (0, 2) converges; if A is symmetric positive definite, every omega inside does.
    Choose it for grids, where it needs about as many sweeps as there are points along a side; not for other systems:
    use conjugate gradients.
    Source: Young (1954), doi:10.1090/S0002-9947-1954-0059635-7; Golub & Van Loan (2013), section 11.2.7.
    """

    needs = (LinearSystem,)
    minimises = False
    omega: float | None = None

    def __post_init__(self) -> None:
        positive(omega=self.omega)

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        D = diagonal(A)
        omega = self.omega or (_default_omega(A, D, rng) if isinstance(problem, SPDSystem) else 1.0)
        return (yield from relaxed(A, b, omega / D, simultaneous=False, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = D/omega + L."""
        definite = np.array_equal(A, A.T) and (np.diag(A) > 0).all()
        omega = self.omega or (youngs_omega(spectral_radius(A, Jacobi().splitting(A))) if definite else 1.0)
        return np.diag(np.diag(A)) / omega + np.tril(A, -1)

    def predicted(self, problem: LinearSystem, spectrum: Spectrum | None) -> Rate | None:
        return _radius(problem, self.splitting)


@dataclass(frozen=True)
class Richardson(Solver[SPDSystem]):
    """Richardson's iteration for A theta = b with A symmetric positive definite: gradient descent on the energy.

        r = b - A theta     theta <- theta + step r

    step: the default is 2 / (a + b), where a and b are the smallest and the largest eigenvalue of A, estimated first,
    on the clock; it is 1/b if a cannot be distinguished from rounding errors. It converges if and only if the step is
    below 2/b.
    Cost: one product with A per iteration.
    Memory: four vectors of length `dim`.
    Rate: max |1 - step lambda| over the eigenvalues lambda of A: at best (k - 1)/(k + 1), where k = b/a.
    Choose it to study the method, or if the condition number is near 1; not otherwise: conjugate gradients cost the
    same per iteration.
    Source: Richardson (1911), doi:10.1098/rsta.1911.0009.
    """

    needs = (SPDSystem,)
    traits = frozenset({Trait.FIXED_STEP})
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        step = self.step or _default_step(A, rng)
        return (yield from relaxed(A, b, np.full(b.size, step), simultaneous=True, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = I/step."""
        values = np.linalg.eigvalsh(A)
        return np.eye(len(A)) / (self.step or 2 / (values[0] + values[-1]))

    def rate(self, spectrum: Spectrum) -> Rate:
        step = self.step or 2 / (spectrum.mu + spectrum.L)
        return Rate(float(abs(1 - step * spectrum.eigenvalues).max()), basis=Basis.SPLITTING)


def spectral_radius(A: Matrix, M: Matrix) -> float:
    """The largest modulus of the eigenvalues of I - M^-1 A, which is the theoretical rate of a splitting.

    Directions that A takes to 0 up to rounding are left out: no step moves along them, and theta does not need them.

    >>> round(spectral_radius(np.array([[2.0, 1.0], [1.0, 2.0]]), 2 * np.eye(2)), 12)
    0.5
    >>> spectral_radius(np.array([[2.0, 2.0], [2.0, 2.0]]), np.array([[2.0, 0.0], [2.0, 2.0]]))
    0.0
    """
    D = abs(A.diagonal())
    S = 1 / np.sqrt(np.outer(D, D))  # a scaling of the unknowns changes no eigenvalue, but the condition number of M
    eigenvalues = np.linalg.eigvals(np.linalg.solve(S * M, S * A))
    error = len(A) * EPS * np.linalg.cond(S * M) * abs(eigenvalues).max()
    seen = eigenvalues[abs(eigenvalues) > error]
    return float(abs(1 - seen).max(initial=0.0))


def _radius(problem: LinearSystem, splitting: Callable[[Matrix], Matrix]) -> Rate | None:
    """The spectral radius as a rate; None if the matrix is too large to compute it."""
    A: Any = problem.system()[0]
    if A.shape[0] > MOST_UNKNOWNS or not A.diagonal().all():
        return None
    A = A.toarray() if issparse(A) else A
    return Rate(spectral_radius(A, splitting(A)), basis=Basis.SPLITTING)


def youngs_omega(rho: float) -> float:
    """The optimal omega for a consistently ordered A whose Jacobi iteration has the spectral radius rho; 1 if rho >= 1.

    >>> youngs_omega(0.6)
    1.1111111111111112
    """
    return 2 / (1 + math.sqrt(1 - rho * rho)) if rho < 1 else 1.0


def diagonal(A: Any) -> Vector:
    """The diagonal of A. Raises Breakdown if an entry is zero."""
    D: Vector = A.diagonal().copy()
    if not D.all():
        raise Breakdown(f"entry {int(np.argmin(abs(D)))} of the diagonal is zero")
    return D


def _default_omega(A: Any, D: Vector, rng: np.random.Generator) -> float:
    if not (D > 0).all():
        return 1.0
    scale = 1 / np.sqrt(D)
    smallest, largest, _ = extreme_eigenvalues(lambda v: scale * (A @ (scale * v)), rng.standard_normal(D.size))
    return youngs_omega(max(1 - smallest, largest - 1))


def _default_step(A: Any, rng: np.random.Generator) -> float:
    dim = A.shape[0]
    smallest, largest, residual = extreme_eigenvalues(lambda v: A @ v, rng.standard_normal(dim))
    if not 0 < largest < math.inf:
        raise Breakdown("the matrix has no positive eigenvalue that could set the step; give a step")
    is_known = smallest > dim * EPS * largest
    return 2 / (smallest + largest + residual) if is_known else 1 / (largest + residual)
