"""scipy's direct solvers of linear systems and least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.linalg as sl

from problems.forms import LeastSquares, LinearSystem, NonnegativeModel
from problems.foundation.arrays import Vector, dense
from solvers.base import BlackBox, Breakdown, Lap, Note, Rate
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.direct import system_of, table_of
from solvers.peers.conventions import from_nonnegative, nonnegative_rows, quietly, wrong_loss

DIRECT = "it is direct"
AT_ONCE = Rate(0.0)


@dataclass(frozen=True)
class Lstsq(BlackBox[LeastSquares]):
    """scipy.linalg.lstsq: least squares by LAPACK, of minimum norm where several are least.

    driver: the routine: gelsd (SVD, divide and conquer), gelsy (QR with column pivoting), gelss (SVD).
    Cost: one iterate: 2 m d^2 operations and more, for m rows of d columns. Memory: the rows twice; sparse rows dense.
    Rate: at once.
    Choose it where columns may be dependent, or nearly so; not for large sparse rows.
    Source: Anderson et al., LAPACK Users' Guide (1999), doi:10.1137/1.9780898719604.
    """

    needs = (LeastSquares,)
    driver: Literal["gelsd", "gelsy", "gelss"] = "gelsd"

    def run(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        B, c = table_of(problem)
        theta, *_ = sl.lstsq(
            dense(B), c, lapack_driver=self.driver, overwrite_a=True, overwrite_b=True, check_finite=False
        )
        return Lap(np.ravel(theta), done=True, why=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class ScipySolve(BlackBox[LinearSystem]):
    """scipy.linalg.solve: A theta = b by LAPACK, with the factorisation that a look at A's entries suggests.

    Cost: one iterate: 2 d^3/3 operations, half of that where A is definite. Memory: d^2 numbers; a sparse A dense.
    Rate: at once.
    Choose it for dense square systems; not for sparse ones: scipy-spsolve.
    Source: Anderson et al., LAPACK Users' Guide (1999), doi:10.1137/1.9780898719604.
    """

    needs = (LinearSystem,)

    def run(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        A, b = system_of(problem)
        try:
            theta = quietly(sl.solve, dense(A), b, overwrite_a=True, overwrite_b=True, check_finite=False)
        except sl.LinAlgError:
            raise Breakdown("the matrix is singular") from None
        return Lap(np.ravel(theta), done=True, why=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class ScipySpsolve(BlackBox[LinearSystem]):
    """scipy.sparse.linalg.spsolve: A theta = b by SuperLU, with columns reordered so that few entries fill in.

    Cost: one iterate: about d^1.5 operations for the equations of a square grid. Memory: A and what fills in.
    Rate: at once.
    Choose it for sparse square systems in two dimensions; not for dense ones, nor large ones in three.
    Source: Demmel et al. (1999), doi:10.1137/S0895479895291765.
    """

    needs = (LinearSystem,)

    def run(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse import csc_array
        from scipy.sparse.linalg import spsolve

        A, b = problem.system()
        theta = quietly(spsolve, csc_array(A), b)
        if not np.isfinite(theta).all():
            raise Breakdown("the matrix is singular")
        return Lap(theta, done=True, why=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return AT_ONCE


@dataclass(frozen=True)
class ScipyNNLS(BlackBox[NonnegativeModel]):
    """scipy.optimize.nnls: least squares over w >= 0 by Lawson and Hanson's active set.

    An l2 enters as rows, and a free intercept as two columns; an l1 has no place.
    Cost: one iterate: a least-squares problem for each coefficient that enters or leaves. Memory: d^2 numbers.
    Rate: at once.
    Choose it for up to a few thousand columns of which few are above 0; not for more: projected gradients.
    Source: Lawson & Hanson, Solving Least Squares Problems (1995), doi:10.1137/1.9781611971217; Bro & de Jong (1997).
    """

    needs = (NonnegativeModel,)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem) or wrong_loss(problem, "squared"):
            return refused
        return f"it has no l1 penalty, and l1 is {problem.penalty.l1:g}" if problem.penalty.l1 else None

    def run(self, problem: NonnegativeModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.optimize import nnls

        B, c = nonnegative_rows(problem)
        try:
            u, _ = nnls(B, c, maxiter=30 * B.shape[1])
        except RuntimeError:
            raise Breakdown("its active set did not settle") from None
        return Lap(from_nonnegative(u, problem.rows.intercept), done=True, why=DIRECT)
