"""Least squares to the last digit: QR in float64, refined with residuals in double-double arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl

from problems.forms import LeastSquares
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.foundation.double_double import DoubleDouble, exact
from problems.kernels.extended import product, transposed
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.direct import ONE_ITERATION, check_rank, least_squares_of

MOST = 30  # refinements
SLOWEST = 0.5  # factor of the error from which a refinement does not help any more
ROUNDING = 4 * EPS  # change of a coefficient that may be rounding alone
NEGLIGIBLE = 2.0**-50  # share of c that a coefficient contributes, below which its own digits do not count
MOST_DIGITS = 15


@dataclass(frozen=True)
class ExtendedLeastSquares(Solver[LeastSquares]):
    """Least squares, min |B theta - c|^2, to all digits of float64 that the data determine.

        1. D: powers of two, so that the columns of B D have entries up to 1;  B D = Q R
        2. s = c - r - B theta,  g = -B'r, in double-double, with what rounding removed from B and c
        3. [dr; dtheta] from [I B; B' 0] [dr; dtheta] = [s; g], by Q and R in float64
        4. theta <- theta + dtheta,  r <- r + dr, in double-double, and again from 2

    Data that were given as decimals are used as they were written, where the problem has them. The digits for which it
    vouches are relative to the coefficient, or to what contributes 1e-15 of c where the coefficient contributes less.
    Cost: 4 m d^2 operations for Q and R, and about 100 m d for each refinement, if B has m rows and d columns.
    Memory: 3 m d numbers, because a CSR array is converted to a dense array.
    Rate: exact after one iteration, in which each refinement multiplies the error by about eps times the condition
    number of B D.
    Choose it if every digit counts, or if columns are nearly dependent; not for speed: QR does the same to the digits
    that the condition number leaves.
    Source: Björck (1967), doi:10.1007/BF01939321; Demmel, Hida, Riedy & Li (2009), doi:10.1145/1462173.1462177.
    """

    needs = (LeastSquares,)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = least_squares_of(problem)
        low, columns = problem.low_order(), c.reshape(len(c), -1)
        system = AugmentedSystem(dense(B), low and low[0])
        c_low = np.zeros_like(columns) if low is None else low[1].reshape(columns.shape)
        solutions = []
        for right_side, rest in zip(columns.T, c_low.T, strict=True):
            *_, solution = system.refinements(DoubleDouble(right_side, rest), np.zeros(B.shape[1]))
            solutions.append(solution)
        yield np.ravel(np.stack([system.unscaled(solution.theta.value) for solution in solutions], axis=1))
        return f"it vouches for {min(solution.digits for solution in solutions)} digits of every coefficient"

    def rate(self, spectrum: Spectrum) -> Rate:
        return ONE_ITERATION


@dataclass(frozen=True)
class Refined:
    """A solution of the augmented system, and the largest relative error of a coefficient that is to be expected."""

    theta: DoubleDouble
    r: DoubleDouble
    error: float

    @property
    def digits(self) -> int:
        """Digits of every coefficient that is not negligible."""
        return int(min(-math.log10(max(self.error, EPS / 2)), MOST_DIGITS))


class AugmentedSystem:
    """[I B; B' 0] [r; theta] = [c; g], the columns of B scaled by powers of two, which changes no digit.

    B: shape (m, d). low: what rounding removed from B. Raises Breakdown if the columns of B are dependent.
    """

    def __init__(self, B: Matrix, low: Matrix | None = None) -> None:
        m, d = B.shape
        if m < d:
            raise Breakdown(f"{m} rows cannot determine {d} coefficients")
        largest = abs(B).max(axis=0)
        if not np.isfinite(largest).all():
            raise Breakdown("the rows are not finite")
        self.exponents = -np.frexp(largest)[1]
        self.B = np.ascontiguousarray(np.ldexp(B, self.exponents))
        self.low = None if low is None else np.ldexp(low, self.exponents)
        self.lengths = np.linalg.norm(self.B, axis=0)
        scale = np.where(self.lengths > 0, self.lengths, 1.0)
        self.Q, R = sl.qr(self.B / scale, mode="economic", check_finite=False)
        check_rank(R, m)
        self.R = R * scale

    def unscaled(self, theta: Vector) -> Vector:
        """Coefficients of B itself."""
        coefficients: Vector = np.ldexp(theta, self.exponents)
        return coefficients

    def refinements(self, c: DoubleDouble, g: Vector) -> Iterator[Refined]:
        """The solution by Q and R, then each refinement of it, until the error is below a rounding of float64.

        Raises Breakdown where refinements do not converge: no digit can be promised then.
        """
        theta, r = exact(np.zeros(len(g))), exact(np.zeros(len(c.hi)))
        floor = NEGLIGIBLE * float(np.linalg.norm(c.hi) + np.linalg.norm(g)) / self.lengths
        last = math.inf
        for k in range(MOST):
            s = (c - r - self._product(theta)).value
            h = sl.solve_triangular(self.R, (g - self._transposed(r)).value, trans="T", check_finite=False)
            v = s @ self.Q - h
            step = sl.solve_triangular(self.R, v, check_finite=False)
            theta, r = theta + step, r + (s - self.Q @ v)
            change = float((abs(step) / np.maximum(abs(theta.hi), floor + np.finfo(float).tiny)).max())
            if k > 1 and not change < max(SLOWEST * last, ROUNDING):
                raise Breakdown(
                    f"the columns are too nearly dependent: refinement {k} changes a coefficient by {change:.0%}"
                )
            contraction = change / last if k else 1.0
            yield Refined(theta, r, change * max(contraction, EPS) if k else 1.0)
            if change <= EPS / 4 or (change < ROUNDING and not change < SLOWEST * last):
                return
            last = change

    def standard_errors(self, residual: DoubleDouble) -> Vector:
        """The standard error of each coefficient of B, sqrt(|r|^2 / (m - d) (B'B)^-1_jj), shape (d,).

        residual: r of the solution.
        """
        m, d = self.B.shape
        squares = residual * residual
        variance = math.fsum([*squares.hi.tolist(), *squares.lo.tolist()]) / (m - d) if m > d else math.nan
        inverse = np.empty(d)
        zeros = exact(np.zeros(m))
        for j, unit in enumerate(np.eye(d)):
            *_, last = self.refinements(zeros, -unit)
            inverse[j] = last.theta.value[j]
        return self.unscaled(np.sqrt(variance * inverse))

    def _product(self, theta: DoubleDouble) -> DoubleDouble:
        """B theta."""
        m = len(self.B)
        hi, lo, size = np.empty((3, m))
        product(self.B, theta.hi, theta.lo, hi, lo, size)
        return DoubleDouble(hi, lo) if self.low is None else DoubleDouble(hi, lo) + self.low @ theta.hi

    def _transposed(self, r: DoubleDouble) -> DoubleDouble:
        """B'r."""
        d = self.B.shape[1]
        hi, lo, size = np.empty((3, d))
        transposed(self.B, r.hi, r.lo, hi, lo, size)
        return DoubleDouble(hi, lo) if self.low is None else DoubleDouble(hi, lo) + self.low.T @ r.hi


def fit(problem: LeastSquares) -> tuple[Vector, Vector, int]:
    """The coefficients of one right side, their standard errors, each of shape (d,), and the digits of both.

    Standard errors are those of a regression without a penalty. Raises Breakdown.
    """
    B, c = problem.least_squares()
    low = problem.low_order()
    system = AugmentedSystem(dense(B), low and low[0])
    right_side = DoubleDouble(c, low[1] if low else np.zeros(len(c)))
    *_, last = system.refinements(right_side, np.zeros(B.shape[1]))
    return system.unscaled(last.theta.value), system.standard_errors(last.r), last.digits
