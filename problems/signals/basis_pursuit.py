"""Basis pursuit: of all solutions of A theta = b the one of least |theta|_1."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.linalg import norm
from numpy.typing import NDArray

from problems.data.real import only_synthetic, real_rows
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
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import DataError, at_least

DUST = math.sqrt(EPS)  # of the largest coefficient: what is less has no say in the sign pattern


@dataclass
class SparseSolution(Saddle, BasisPursuit, Certified):
    """f(theta) = |theta|_1 over A theta = b: F the indicator of b, K = A, G = f."""

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
        """4 |p| / |b|, p with entries as large as |A'p|_inf <= 1 allows; a tenth or ten times as much does too."""
        self.ledger.passes += 1
        return float(4 * math.sqrt(len(self.b)) / (norm(self.A, axis=0).max() * norm(self.b)))

    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """f(theta) - b.y, y = -dual drawn in until |A'y|_inf <= 1."""
        self.ledger.passes += 1
        most = float(abs(self.A.T @ dual).max())
        y = -dual / max(1.0, (1 + 4 * EPS) * most)
        return float(abs(theta).sum() - self.b @ y)

    def gap(self, theta: Vector) -> float:
        """f(theta) - b.y, y with A_S'y = sign(theta_S) on the support S and as small an |A'y| as can be elsewhere.

        b.y <= f* wherever |A'y|_inf <= 1, so that this holds for every theta, be it on A theta = b or not: f(theta)
        less f* is at most that, and below zero where theta buys it with a violation. At a minimum it is exact.
        """
        self.ledger.passes += 2
        size = abs(theta)
        if not np.isfinite(size).all():
            return math.inf
        S = size > DUST * size.max()
        A_S, signs = self.A[:, S], np.sign(theta[S])
        y = np.linalg.lstsq(A_S.T, signs, rcond=None)[0]
        if np.count_nonzero(S) < len(self.b) and abs(self.A.T @ y).max() > 1:
            y = _smallest(self.A, S, signs, y)
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
            return "to go back to A theta = b from a point is no simple prox"
        if issubclass(form, LeastSquares | LinearSystem | NonlinearLeastSquares):
            return "any solution of A theta = b has no residual; the one of least |theta|_1 is wanted"
        if issubclass(form, Smooth):
            return "|theta|_1 has no gradient where a coefficient is 0, and theta is bound by A theta = b"
        return "it is |theta|_1 over the solutions of A theta = b"


def _smallest(A: Matrix, S: NDArray[np.bool_], signs: Vector, y: Vector) -> Vector:
    """The y of least |A'y|_inf off S among those with A_S'y = signs, by a linear program; y itself where it fails."""
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


def basis_pursuit(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 60,
    d: int = 200,
    k: int = 10,
    standardize: bool = True,
    seed: int = 0,
) -> SparseSolution:
    """Basis pursuit: the solution of A theta = b of least |theta|_1.

        f(theta) = |theta|_1,     to be least over A theta = b

    The entries of A are normal, of variance 1/n, and b = A u for a hidden u of k normal entries and zeros elsewhere:
    where n is well above 2 k log(d/n), u itself is the answer. No intercept. Convex; f is below f* at
    points off A theta = b, so that solved asks for the violation |A theta - b| / |b| too. Certified by the dual:
    f* >= b.y for every y with |A'y|_inf <= 1, whatever theta, exact at a minimum.

    data         synthetic, or the path of a CSV file with a header line: one equation a row
    target       the file's column b; the last where it is left out
    n, d, k      synthetic: equations, unknowns, and entries of u that are not zero
    standardize  files: columns and target moved and scaled to mean 0, variance 1
    seed         of the synthetic equations

    Source: Chen, Donoho & Saunders (2001), doi:10.1137/S003614450037906X; for the number of equations Donoho &
    Tanner (2009), doi:10.1098/rsta.2009.0152.
    """
    about = NOTHING
    if data == "synthetic":
        at_least(1, n=n, k=k)
        at_least(max(n, k), d=d)
        rng = np.random.default_rng(seed)
        A = rng.standard_normal((n, d)) / math.sqrt(n)
        u = np.zeros(d)
        u[rng.choice(d, k, replace=False)] = rng.standard_normal(k)
        b = A @ u
    else:
        only_synthetic(basis_pursuit, data, n=n, d=d, k=k, seed=seed)
        A, b, about = real_rows(data, target, "regression", standardize)
        if not b.any():
            raise DataError(f"{data}: the target is 0 in every row, and so is theta; it must be other than 0")
        left = norm(A @ np.linalg.lstsq(A, b, rcond=None)[0] - b) / norm(b)
        if not left <= DUST:
            raise DataError(
                f"{data}: no theta solves all {len(b)} equations, at best {left:.2g} of b is left over; "
                f"{A.shape[1]} columns are too few, or rows contradict one another"
            )
    return SparseSolution(A, b, about)
