"""scipy's solvers of linear systems and least squares by Krylov subspaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import LeastSquares, LinearSystem, SPDSystem, SymmetricSystem
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import at_least
from solvers.base import BlackBox, Lap, Note
from solvers.peers.conventions import quietly

ROUNDING = "the residual that it reckons with is at rounding level"
OUT_OF_ITERATIONS = 7  # what lsqr and lsmr say then


@dataclass(frozen=True)
class ScipyCG(BlackBox[SPDSystem]):
    """scipy.sparse.linalg.cg: conjugate gradients for A theta = b, with A symmetric positive definite.

    Its own tolerance is set to rounding level.
    Cost: one product with A an iterate. Memory: a few vectors of length `dim`.
    Rate: (sqrt(k) - 1) / (sqrt(k) + 1) or better, k the condition number of A.
    Choose it for large sparse definite systems; not alone where their condition number is large.
    Source: Barrett et al., Templates for the Solution of Linear Systems (1994), doi:10.1137/1.9781611971538.
    """

    needs = (SPDSystem,)
    faithful = True

    def run(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse.linalg import cg

        A, b = problem.system()
        theta, info = cg(A, b, x0=theta0, rtol=EPS, atol=0.0, maxiter=budget, callback=note)
        return _lap(theta, info == 0)


@dataclass(frozen=True)
class ScipyMINRES(BlackBox[SymmetricSystem]):
    """scipy.sparse.linalg.minres: the minimum residual method for A theta = b, with A symmetric, definite or not.

    Its own tolerance is set to rounding level.
    Cost: one product with A an iterate. Memory: a few vectors of length `dim`.
    Rate: that of CG where A is definite; slower where eigenvalues of both signs lie near 0.
    Choose it for large sparse symmetric systems that are not definite.
    Source: Paige & Saunders (1975), doi:10.1137/0712047.
    """

    needs = (SymmetricSystem,)
    faithful = True

    def run(self, problem: SymmetricSystem, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse.linalg import minres

        A, b = problem.system()
        theta, info = minres(A, b, x0=theta0, rtol=EPS, maxiter=budget, callback=note)
        return _lap(theta, info == 0)


@dataclass(frozen=True)
class ScipyGMRES(BlackBox[LinearSystem]):
    """scipy.sparse.linalg.gmres: the least residual in a Krylov subspace for A theta = b, A any square matrix.

    It tells a theta only when it starts again, so that an iterate is up to `restart` steps.
    restart: steps before it starts again; 20 is scipy's own choice.
    Cost: `restart` products with A and restart^2 products of vectors an iterate. Memory: `restart` vectors.
    Rate: none in general; with restarts it may stand still.
    Choose it for large sparse systems that are not symmetric, with as long a restart as memory allows.
    Source: Saad & Schultz (1986), doi:10.1137/0907058.
    """

    needs = (LinearSystem,)
    faithful = True
    restart: int = 20

    def __post_init__(self) -> None:
        at_least(1, restart=self.restart)

    def run(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse.linalg import gmres

        A, b = problem.system()
        theta, info = gmres(
            A, b, x0=theta0, rtol=EPS, atol=0.0, restart=self.restart, maxiter=budget, callback=note, callback_type="x"
        )
        return _lap(theta, info == 0)


@dataclass(frozen=True)
class ScipyLSQR(BlackBox[LeastSquares]):
    """scipy.sparse.linalg.lsqr: least squares by Golub and Kahan's bidiagonalisation. It has no callback.

    Its own tolerances are switched off, but for those at rounding level.
    Cost: one product with the rows and one with their transpose an iterate. Memory: a few vectors beside the rows.
    Rate: (k - 1)/(k + 1) or better, k the condition number of the rows.
    Choose it for large sparse rows; not for dense ones that fit: QR.
    Source: Paige & Saunders (1982), doi:10.1145/355984.355989.
    """

    needs = (LeastSquares,)
    opaque = True

    def run(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse.linalg import lsqr

        return _least(lsqr, problem, theta0, iter_lim=budget)


@dataclass(frozen=True)
class ScipyLSMR(BlackBox[LeastSquares]):
    """scipy.sparse.linalg.lsmr: least squares by bidiagonalisation, the gradient never rising. It has no callback.

    Its own tolerances are switched off, but for those at rounding level.
    Cost: one product with the rows and one with their transpose an iterate. Memory: a few vectors beside the rows.
    Rate: that of LSQR.
    Choose it for large sparse rows where it may be stopped early; not for dense ones that fit: QR.
    Source: Fong & Saunders (2011), doi:10.1137/10079687X.
    """

    needs = (LeastSquares,)
    opaque = True

    def run(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse.linalg import lsmr

        return _least(lsmr, problem, theta0, maxiter=budget)


def _least(method: Callable[..., Any], problem: LeastSquares, theta0: Vector, **most: int) -> Lap:
    B, c = problem.least_squares()
    theta, stopped, *_ = quietly(method, B, c, atol=0.0, btol=0.0, conlim=0.0, x0=theta0, **most)
    return _lap(theta, stopped != OUT_OF_ITERATIONS)


def _lap(theta: Vector, done: bool) -> Lap:
    return Lap(theta, done, ROUNDING if done else "")
