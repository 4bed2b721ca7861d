"""Direct methods of scipy for linear systems and least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.linalg as sl

from problems.forms import LeastSquares, LinearSystem, NonnegativeModel
from problems.foundation.arrays import Vector, dense
from solvers.base import BlackBox, Breakdown, Callback, Rate, Run
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.direct import ONE_ITERATION, least_squares_of, system_of
from solvers.peers.conventions import from_nonnegative, nonnegative_rows, quietly, wrong_loss


@dataclass(frozen=True)
class Lstsq(BlackBox[LeastSquares]):
    """scipy.linalg.lstsq: least squares by LAPACK; the solution of minimum norm if there are several.

    driver: the LAPACK routine. The default gelsd is an SVD by divide and conquer, gelsy a QR with column pivoting,
    gelss an SVD.
    Cost: one iteration with at least 2 m d^2 operations, for m rows of d columns.
    Memory: the rows twice; sparse rows are converted to dense rows.
    Rate: exact after one iteration.
    Choose it if columns may be dependent or nearly dependent; not for large sparse rows.
    Source: Anderson et al., LAPACK Users' Guide (1999), doi:10.1137/1.9780898719604.
    """

    needs = (LeastSquares,)
    driver: Literal["gelsd", "gelsy", "gelss"] = "gelsd"

    def run(
        self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        B, c = least_squares_of(problem)
        theta, *_ = sl.lstsq(
            dense(B), c, lapack_driver=self.driver, overwrite_a=True, overwrite_b=True, check_finite=False
        )
        return Run(np.ravel(theta), done=True, reason=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class ScipySolve(BlackBox[LinearSystem]):
    """scipy.linalg.solve: A theta = b by LAPACK, with a factorisation that scipy chooses from the structure of A.

    Cost: one iteration with 2 d^3/3 operations, or half of them if A is positive definite.
    Memory: d^2 numbers; a sparse A is converted to a dense array.
    Rate: exact after one iteration.
    Choose it for dense square systems; not for sparse systems: use scipy-spsolve.
    Source: Anderson et al., LAPACK Users' Guide (1999), doi:10.1137/1.9780898719604.
    """

    needs = (LinearSystem,)

    def run(
        self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        A, b = system_of(problem)
        try:
            theta = quietly(sl.solve, dense(A), b, overwrite_a=True, overwrite_b=True, check_finite=False)
        except sl.LinAlgError:
            raise Breakdown("the matrix is singular") from None
        return Run(np.ravel(theta), done=True, reason=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class ScipySpsolve(BlackBox[LinearSystem]):
    """scipy.sparse.linalg.spsolve: A theta = b by SuperLU, with columns reordered to reduce fill-in.

    Cost: one iteration, with about d^1.5 operations for the equations of a square grid.
    Memory: A and its fill-in.
    Rate: exact after one iteration.
    Choose it for sparse square systems from two-dimensional grids; not for dense systems, nor for large
    three-dimensional grids.
    Source: Demmel et al. (1999), doi:10.1137/S0895479895291765.
    """

    needs = (LinearSystem,)

    def run(
        self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.sparse import csc_array
        from scipy.sparse.linalg import spsolve

        A, b = problem.system()
        theta = quietly(spsolve, csc_array(A), b)
        if not np.isfinite(theta).all():
            raise Breakdown("the matrix is singular")
        return Run(theta, done=True, reason=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class ScipyNNLS(BlackBox[NonnegativeModel]):
    """scipy.optimize.nnls: least squares over w >= 0 by the active-set method of Lawson and Hanson.

    An l2 penalty becomes rows, and an intercept two columns; an l1 penalty is refused.
    Cost: one iteration, which solves a least-squares problem for each coefficient that enters or leaves the active set.
    Memory: d^2 numbers.
    Rate: exact after one iteration.
    Choose it for up to a few thousand columns with few positive coefficients; not for more columns: use projected
    gradients.
    Source: Lawson & Hanson, Solving Least Squares Problems (1995), doi:10.1137/1.9781611971217; Bro & de Jong (1997).
    """

    needs = (NonnegativeModel,)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem) or wrong_loss(problem, "squared"):
            return objection
        return f"it has no l1 penalty, and l1 is {problem.penalty.l1:g}" if problem.penalty.l1 else None

    def run(
        self, problem: NonnegativeModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.optimize import nnls

        B, c = nonnegative_rows(problem)
        try:
            u, _ = nnls(B, c, maxiter=30 * B.shape[1])
        except RuntimeError:
            raise Breakdown("its active set did not converge") from None
        return Run(from_nonnegative(u, problem.rows.intercept), done=True, reason=DIRECT)
