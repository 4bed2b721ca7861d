"""The problem `basis-pursuit`: the solution of A theta = b with the smallest |theta|_1."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.linalg import norm
from numpy.typing import NDArray

from problems.data.source import RowSource, Task
from problems.data.synthetic.signals import SparseSolution
from problems.forms import (
    NOTHING,
    About,
    BasisPursuit,
    Certified,
    Composite,
    Form,
    LeastSquares,
    Ledger,
    LinearSystem,
    NonlinearLeastSquares,
    Saddle,
    Smooth,
)
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.foundation.checks import DataError

NEGLIGIBLE = math.sqrt(EPS)  # relative to the largest coefficient; smaller ones do not count as part of the support


@dataclass
class BasisPursuitProblem(Saddle, BasisPursuit, Certified):
    """f(theta) = |theta|_1 subject to A theta = b. In saddle form F is the indicator function of b, K = A, G = f."""

    A: Matrix  # (n, d), C-contiguous
    b: Vector  # (n,)
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def dim(self) -> int:
        return int(self.A.shape[1])

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        return float(abs(theta).sum())

    def violation(self, theta: Vector) -> float:
        """|A theta - b| / |b|."""
        return float(norm(self.A @ theta - self.b) / norm(self.b))

    def operator(self) -> Matrix:
        self.ledger.passes += 1
        return self.A.copy()

    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        return v - step * self.b

    def prox_rest(self, v: Vector, step: float) -> Vector:
        soft: Vector = np.sign(v) * np.maximum(abs(v) - step, 0.0)
        return soft

    def stiffness(self) -> float:
        """4 |p| / |b| for a p whose entries have the size 1 / max_j |A_j|, about as large as |A'p|_inf <= 1 allows.

        The methods are not sensitive to it: a tenth of it, or ten times as much, works too.
        """
        self.ledger.passes += 1
        return float(4 * math.sqrt(len(self.b)) / (norm(self.A, axis=0).max() * norm(self.b)))

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """f(theta) - b.y, y = -dual, scaled down if |A'y|_inf > 1."""
        self.ledger.passes += 1
        largest = float(abs(self.A.T @ dual).max())
        y = -dual / max(1.0, (1 + 4 * EPS) * largest)
        return float(abs(theta).sum() - self.b @ y)

    def gap(self, theta: Vector) -> float:
        """f(theta) - b.y, with A_S'y = sign(theta_S) on the support S and |A'y| as small as possible elsewhere.

        b.y <= f* whenever |A'y|_inf <= 1. So f(theta) - f* is at most the gap for every theta, feasible or not; it can
        be negative where theta violates A theta = b. At a minimum the gap is exact.
        """
        self.ledger.passes += 2
        if not np.isfinite(theta).all():
            return math.inf
        S = abs(theta) > NEGLIGIBLE * abs(theta).max()
        A_S, signs = self.A[:, S], np.sign(theta[S])
        y = np.linalg.lstsq(A_S.T, signs, rcond=None)[0]
        if np.count_nonzero(S) < len(self.b) and abs(self.A.T @ y).max() > 1:
            y = _dual_of_least_norm(self.A, S, signs, y)
        return self.saddle_gap(theta, -y)

    def measures(self, theta: Vector) -> dict[str, float]:
        return {"nonzero": float(np.count_nonzero(theta))}

    def sibling(self) -> Self:
        d = min(8, self.dim)
        n = min(3, d, len(self.b))
        A = np.ascontiguousarray(self.A[:n, :d])
        return type(self)(A, A @ np.eye(d)[0] if A[:, 0].any() else A @ np.ones(d))

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, Composite):
            return "the projection onto A theta = b is not a simple prox"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares):
            return "every solution of A theta = b has residual 0, and the one with the smallest |theta|_1 is needed"
        if issubclass(form, Smooth):
            return "|theta|_1 has no gradient where a coefficient is 0, and theta is constrained by A theta = b"
        return "f is |theta|_1, minimised over the solutions of A theta = b"


def _dual_of_least_norm(A: Matrix, S: NDArray[np.bool_], signs: Vector, y: Vector) -> Vector:
    """The y with A_S'y = signs and the smallest |A'y|_inf off S, by a linear program; the given y if that fails."""
    from scipy.optimize import linprog

    off = A[:, ~S].T
    ones = np.ones((len(off), 1))
    program = linprog(
        np.append(np.zeros(len(y)), 1.0),
        A_ub=np.vstack([np.hstack([off, -ones]), np.hstack([-off, -ones])]),
        b_ub=np.zeros(2 * len(off)),
        A_eq=np.hstack([A[:, S].T, np.zeros((len(signs), 1))]),
        b_eq=signs,
        bounds=[(None, None)] * len(y) + [(0, None)],
        method="highs",
    )
    if program.status != 0:
        return y
    y = program.x[:-1]
    exact: Vector = y + np.linalg.lstsq(A[:, S].T, signs - A[:, S].T @ y, rcond=None)[0]
    return exact


def basis_pursuit(data: RowSource = SparseSolution()) -> BasisPursuitProblem:
    """Basis pursuit: the solution of A theta = b with the smallest |theta|_1.

        minimise f(theta) = |theta|_1   subject to   A theta = b

    Without an intercept. Convex. At infeasible points f can be below f*, so that `solved` requires a small violation
    |A theta - b| / |b| too. Certified by the dual, for every theta: f* >= b.y for every y with |A'y|_inf <= 1. At a
    minimum the gap is exact.

    data  equations, one in each row: the columns are A, the target is b

    Source: Chen, Donoho & Saunders (2001), doi:10.1137/S003614450037906X.
    """
    rows = data.rows(Task.NUMBERS)
    A, b = dense(rows.X), rows.y
    if b.ndim > 1:
        raise ValueError(f"{data} has {b.shape[1]} targets; basis-pursuit needs one right-hand side")
    if not b.any():
        raise DataError(
            f"{data}: the target is 0 in every row, so theta = 0 is the solution; an entry must differ from 0"
        )
    residual = norm(A @ np.linalg.lstsq(A, b, rcond=None)[0] - b) / norm(b)
    if not residual <= NEGLIGIBLE:
        raise DataError(
            f"{data}: no theta solves all {len(b)} equations; the smallest relative residual is {residual:.2g}. "
            f"{A.shape[1]} columns are too few, or rows contradict one another"
        )
    return BasisPursuitProblem(A, b, rows.about)
