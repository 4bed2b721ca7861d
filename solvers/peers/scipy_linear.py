"""scipy's solvers of linear systems and least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg as sl

from problems.arrays import EPS, Vector
from problems.forms import LeastSquares, SPDSystem

from ..base import BlackBox, Lap, Note, Rate
from ..spectrum import Spectrum


@dataclass(frozen=True)
class Lstsq(BlackBox[LeastSquares]):
    """scipy.linalg.lstsq: least squares by LAPACK's gelsd, gelsy or gelss, of minimum norm where several are least.

    One iterate: 2 m d^2 operations and more. `driver` names the LAPACK routine: gelsd (SVD, divide and conquer),
    gelsy (QR with column pivoting), gelss (SVD).
    Source: Anderson et al., LAPACK Users' Guide (1999), doi:10.1137/1.9780898719604.
    """

    needs = (LeastSquares,)
    driver: Literal["gelsd", "gelsy", "gelss"] = "gelsd"

    def run(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        B, c = problem.least_squares()
        theta, *_ = sl.lstsq(B, c, lapack_driver=self.driver, overwrite_a=True, overwrite_b=True, check_finite=False)
        return Lap(theta, done=True, why="it is direct")

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class ScipyCG(BlackBox[SPDSystem]):
    """scipy.sparse.linalg.cg: conjugate gradients for A theta = b, with A symmetric positive definite.

    One product with A an iterate; a few vectors of length `dim`. Its own tolerance is set to rounding level.
    Source: Barrett et al., Templates for the Solution of Linear Systems (1994), doi:10.1137/1.9781611971538.
    """

    needs = (SPDSystem,)
    faithful = True

    def run(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.sparse.linalg import cg

        A, b = problem.system()
        theta, info = cg(A, b, x0=theta0, rtol=EPS, atol=0.0, maxiter=budget, callback=note)
        return Lap(theta, done=info == 0, why="its residual is at rounding level" if info == 0 else "")
