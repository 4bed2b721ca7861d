"""Linear systems by splitting the matrix, A = M - N:  M theta <- N theta + b.

The error is multiplied by I - M^-1 A each sweep: it goes to zero from every start if and only if the spectral radius
of that matrix is below 1, and the radius is the rate. Each method's `splitting(A)` is its M. They minimise nothing:
on matrices where the radius is above 1 they diverge, and are let do so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.linalg import norm
from scipy.linalg import eigh_tridiagonal
from scipy.sparse import issparse

from problems.forms import LinearSystem, SPDSystem
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import positive
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum
from solvers.kernels.sweeps import relaxed

SMALL = 200  # unknowns up to which the rate is found, by dense eigenvalues


@dataclass(frozen=True)
class Jacobi(Solver[LinearSystem]):
    """Jacobi's iteration for A theta = b: each equation is solved for its own unknown, all at once.

        r = b - A theta     theta <- theta + r / D,     D the diagonal of A

    Cost: one product with A an iterate. Memory: three vectors of length `dim`.
    Rate: the spectral radius of I - A/D. It converges from every start if and only if that is below 1, which
    diagonal dominance ensures.
    Choose it for its rows that need not wait for one another; Gauss-Seidel's sweeps cost the same and are fewer.
    Source: Jacobi (1845), doi:10.1002/asna.18450222002; Golub & Van Loan (2013), section 11.2.2.
    """

    needs = (LinearSystem,)
    minimises = False

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        return (yield from relaxed(A, b, 1 / diagonal(A), at_once=True, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = D."""
        return np.diag(np.diag(A))

    def predicted(self, problem: LinearSystem, spectrum: Spectrum | None) -> Rate | None:
        return _radius(problem, self.splitting)


@dataclass(frozen=True)
class GaussSeidel(Solver[LinearSystem]):
    """Gauss and Seidel's iteration for A theta = b: each equation is solved for its own unknown, one after the other.

        for i = 1, 2, ...:  theta_i <- theta_i + (b - A theta)_i / a_ii

    Cost: one pass over A an iterate. Memory: two vectors of length `dim`.
    Rate: the spectral radius of I - (D + L)^-1 A, L the strict lower triangle; the square of Jacobi's where A is
    consistently ordered. It converges wherever A is symmetric positive definite or diagonally dominant.
    Choose it as a smoother or on strongly dominant diagonals; not alone for Poisson's equation on a fine grid.
    Source: Seidel (1874); Golub & Van Loan (2013), section 11.2.3.
    """

    needs = (LinearSystem,)
    minimises = False

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        return (yield from relaxed(A, b, 1 / diagonal(A), at_once=False, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = D + L."""
        return np.tril(A)

    def predicted(self, problem: LinearSystem, spectrum: Spectrum | None) -> Rate | None:
        return _radius(problem, self.splitting)


@dataclass(frozen=True)
class SOR(Solver[LinearSystem]):
    """Successive over-relaxation for A theta = b: Gauss-Seidel's moves, each made longer.

        for i = 1, 2, ...:  theta_i <- theta_i + omega (b - A theta)_i / a_ii

    omega: where it is left out and A is symmetric positive definite, 2 / (1 + sqrt(1 - rho^2)), rho Jacobi's
    spectral radius (estimated first, on the clock), if that is below 1; elsewhere 1, which is Gauss-Seidel.
    Cost: one pass over A an iterate. Memory: two vectors of length `dim`.
    Rate: the spectral radius of I - (D/omega + L)^-1 A; omega - 1 at that omega, where A is consistently ordered.
    No omega outside (0, 2) converges; on a symmetric positive definite A every one inside does.
    Choose it for grids, where it needs about as many sweeps as there are points along a side; not elsewhere: CG.
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
        omega = self.omega or (_best_omega(A, D, rng) if isinstance(problem, SPDSystem) else 1.0)
        return (yield from relaxed(A, b, omega / D, at_once=False, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = D/omega + L."""
        definite = np.array_equal(A, A.T) and (np.diag(A) > 0).all()
        omega = self.omega or (young(spectral_radius(A, Jacobi().splitting(A))) if definite else 1.0)
        return np.diag(np.diag(A)) / omega + np.tril(A, -1)

    def predicted(self, problem: LinearSystem, spectrum: Spectrum | None) -> Rate | None:
        return _radius(problem, self.splitting)


@dataclass(frozen=True)
class Richardson(Solver[SPDSystem]):
    """Richardson's iteration for A theta = b, A symmetric positive definite: gradient descent on the energy.

        r = b - A theta     theta <- theta + step r

    step: where it is left out, 2 / (a + b), a and b the least and the largest eigenvalue of A (estimated first, on
    the clock), or 1/b where a is lost in rounding. Converges below 2/b and not above.
    Cost: one product with A an iterate. Memory: three vectors of length `dim`.
    Rate: max |1 - step lambda| over A's eigenvalues lambda: at best (k - 1)/(k + 1), k = b/a.
    Choose it to learn from, or where a condition number is near 1; not otherwise: conjugate gradients cost the same.
    Source: Richardson (1911), doi:10.1098/rsta.1911.0009.
    """

    needs = (SPDSystem,)
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        step = self.step or _best_step(A, rng)
        return (yield from relaxed(A, b, np.full(b.size, step), at_once=True, theta0=theta0))

    def splitting(self, A: Matrix) -> Matrix:
        """M = I/step."""
        values = np.linalg.eigvalsh(A)
        return np.eye(len(A)) / (self.step or 2 / (values[0] + values[-1]))

    def rate(self, spectrum: Spectrum) -> Rate:
        step = self.step or 2 / (spectrum.mu + spectrum.L)
        return Rate(float(abs(1 - step * spectrum.eigenvalues).max()))


def spectral_radius(A: Matrix, M: Matrix) -> float:
    """The largest modulus among the eigenvalues of I - M^-1 A: the rate that theory gives a splitting.

    >>> round(spectral_radius(np.array([[2.0, 1.0], [1.0, 2.0]]), 2 * np.eye(2)), 12)
    0.5
    """
    return float(abs(np.linalg.eigvals(np.eye(len(A)) - np.linalg.solve(M, A))).max())


def _radius(problem: LinearSystem, splitting: Callable[[Matrix], Matrix]) -> Rate | None:
    """The spectral radius as a rate, where the matrix is small enough to find it."""
    A: Any = problem.system()[0]
    if A.shape[0] > SMALL or not A.diagonal().all():
        return None
    A = A.toarray() if issparse(A) else A
    return Rate(spectral_radius(A, splitting(A)))


def young(rho: float) -> float:
    """The omega that is best for a consistently ordered A whose Jacobi iteration has spectral radius rho; 1 from 1 on.

    >>> young(0.6)
    1.1111111111111112
    """
    return 2 / (1 + math.sqrt(1 - rho * rho)) if rho < 1 else 1.0


def diagonal(A: Any) -> Vector:
    """The diagonal of A; a Breakdown where an entry is zero."""
    D: Vector = A.diagonal().copy()
    if not D.all():
        raise Breakdown(f"entry {int(np.argmin(abs(D)))} of the diagonal is zero")
    return D


def _best_omega(A: Any, D: Vector, rng: np.random.Generator) -> float:
    if not (D > 0).all():
        return 1.0
    scale = 1 / np.sqrt(D)
    low, high, _ = extremes(lambda v: scale * (A @ (scale * v)), D.size, rng)
    return young(max(1 - low, high - 1))


def _best_step(A: Any, rng: np.random.Generator) -> float:
    dim = A.shape[0]
    low, high, error = extremes(lambda v: A @ v, dim, rng)
    if not 0 < high < math.inf:
        raise Breakdown("the matrix has no positive eigenvalue to set a step by; give one")
    return 2 / (low + high + error) if low > dim * EPS * high else 1 / (high + error)


def extremes(product: Callable[[Vector], Vector], dim: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """The least and the largest eigenvalue of a symmetric matrix, from inside, and the residual of the largest.

        w = A v_k - beta_(k-1) v_(k-1)    alpha_k = w.v_k    beta_k v_(k+1) = w - alpha_k v_k

    By Lanczos's iteration from a random vector: until both residuals are below a tenth of the least eigenvalue, or
    for 512 steps. Source: Golub & Van Loan (2013), section 10.1.
    """
    v, before = rng.standard_normal(dim), np.zeros(dim)
    v /= norm(v)
    alphas: list[float] = []
    betas: list[float] = []
    while True:
        w = product(v) - (betas[-1] * before if betas else 0.0)
        alphas.append(float(w @ v))
        w -= alphas[-1] * v
        beta = float(norm(w))
        k = len(alphas)
        if not math.isfinite(beta):
            raise Breakdown("products with the matrix are not finite")
        last = k == min(dim, 512) or beta <= EPS * max(map(abs, alphas))
        if last or (k >= 8 and k & (k - 1) == 0):  # at powers of two
            (low, below), (high, above) = _end(alphas, betas, 0), _end(alphas, betas, k - 1)
            if last or beta * max(below, above) <= 0.1 * low:
                return low, high, beta * above
        betas.append(beta)
        before, v = v, w / beta


def _end(alphas: list[float], betas: list[float], which: int) -> tuple[float, float]:
    """One eigenvalue of a tridiagonal matrix, and the size of its vector's last entry."""
    values, vectors = eigh_tridiagonal(alphas, betas, select="i", select_range=(which, which))
    return float(values[0]), abs(float(vectors[-1, 0]))
