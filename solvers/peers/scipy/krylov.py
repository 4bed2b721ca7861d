"""Krylov subspace methods of scipy for linear systems and least squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import LeastSquares, LinearSystem, SPDSystem, SymmetricSystem
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import at_least
from solvers.base import BlackBox, Callback, Run
from solvers.base.endings import RESIDUAL_AT_ROUNDING
from solvers.peers.conventions import quietly

OUT_OF_ITERATIONS = 7  # the code that lsqr and lsmr return then


@dataclass(frozen=True)
class ScipyCG(BlackBox[SPDSystem]):
    """scipy.sparse.linalg.cg: conjugate gradients for A theta = b, with A symmetric positive definite.

    scipy's tolerance is set to rounding level.
    Cost: one product with A per iteration.
    Memory: a few vectors of length `dim`.
    Rate: (sqrt(k) - 1) / (sqrt(k) + 1) or better, where k is the condition number of A.
    Choose it for large sparse positive definite systems; not without a preconditioner if k is large.
    Source: Barrett et al., Templates for the Solution of Linear Systems (1994), doi:10.1137/1.9781611971538.
    """

    needs = (SPDSystem,)
    faithful = True

    def run(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback) -> Run:
        from scipy.sparse.linalg import cg

        A, b = problem.system()
        theta, info = cg(A, b, x0=theta0, rtol=EPS, atol=0.0, maxiter=budget, callback=callback)
        return _run(theta, info == 0)


@dataclass(frozen=True)
class ScipyMINRES(BlackBox[SymmetricSystem]):
    """scipy.sparse.linalg.minres: the minimum residual method for A theta = b, with A symmetric.

    scipy's tolerance is set to rounding level.
    Cost: one product with A per iteration.
    Memory: a few vectors of length `dim`.
    Rate: the rate of conjugate gradients if A is positive definite; slower if eigenvalues of both signs are near 0.
    Choose it for large sparse symmetric systems that are indefinite; not for positive definite systems: use scipy-cg.
    Source: Paige & Saunders (1975), doi:10.1137/0712047.
    """

    needs = (SymmetricSystem,)
    faithful = True

    def run(
        self, problem: SymmetricSystem, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.sparse.linalg import minres

        A, b = problem.system()
        theta, info = minres(A, b, x0=theta0, rtol=EPS, maxiter=budget, callback=callback)
        return _run(theta, info == 0)


@dataclass(frozen=True)
class ScipyGMRES(BlackBox[LinearSystem]):
    """scipy.sparse.linalg.gmres: the smallest residual in a Krylov subspace for A theta = b, with A square.

    It reports theta only at a restart, so an iteration is up to `restart` steps.
    restart: default 20, as in scipy; the number of steps between two restarts.
    Cost: `restart` products with A and restart^2 products of vectors per iteration.
    Memory: at least `restart` vectors.
    Rate: none in general; with restarts it may stagnate.
    Choose it for large sparse nonsymmetric systems, with as large a restart as memory allows; not for symmetric
    systems: use scipy-minres.
    Source: Saad & Schultz (1986), doi:10.1137/0907058.
    """

    needs = (LinearSystem,)
    faithful = True
    restart: int = 20

    def __post_init__(self) -> None:
        at_least(1, restart=self.restart)

    def run(
        self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.sparse.linalg import gmres

        A, b = problem.system()
        theta, info = gmres(
            A,
            b,
            x0=theta0,
            rtol=EPS,
            atol=0.0,
            restart=self.restart,
            maxiter=budget,
            callback=callback,
            callback_type="x",
        )
        return _run(theta, info == 0)


@dataclass(frozen=True)
class ScipyLSQR(BlackBox[LeastSquares]):
    """scipy.sparse.linalg.lsqr: least squares by Golub-Kahan bidiagonalisation. It has no callback.

    scipy's tolerances are switched off, except those at rounding level.
    Cost: one product with the rows and one with their transpose per iteration.
    Memory: a few vectors in addition to the rows.
    Rate: (k - 1)/(k + 1) or better, where k is the condition number of the rows.
    Choose it for large sparse rows; not for dense rows that fit into memory: use QR.
    Source: Paige & Saunders (1982), doi:10.1145/355984.355989.
    """

    needs = (LeastSquares,)
    opaque = True

    def run(
        self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.sparse.linalg import lsqr

        return _run_least_squares(lsqr, problem, theta0, iter_lim=budget)


@dataclass(frozen=True)
class ScipyLSMR(BlackBox[LeastSquares]):
    """scipy.sparse.linalg.lsmr: least squares by bidiagonalisation; the gradient never increases. No callback.

    scipy's tolerances are switched off, except those at rounding level.
    Cost: one product with the rows and one with their transpose per iteration.
    Memory: a few vectors in addition to the rows.
    Rate: the rate of LSQR.
    Choose it for large sparse rows if it may be stopped early; not for dense rows that fit into memory: use QR.
    Source: Fong & Saunders (2011), doi:10.1137/10079687X.
    """

    needs = (LeastSquares,)
    opaque = True

    def run(
        self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.sparse.linalg import lsmr

        return _run_least_squares(lsmr, problem, theta0, maxiter=budget)


def _run_least_squares(method: Callable[..., Any], problem: LeastSquares, theta0: Vector, **limit: int) -> Run:
    B, c = problem.least_squares()
    theta, stopped, *_ = quietly(method, B, c, atol=0.0, btol=0.0, conlim=0.0, x0=theta0, **limit)
    return _run(theta, stopped != OUT_OF_ITERATIONS)


def _run(theta: Vector, done: bool) -> Run:
    return Run(theta, done, RESIDUAL_AT_ROUNDING if done else "")
