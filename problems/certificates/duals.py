"""Dual points: derivatives s_i of the losses that prove a lower bound on f at kinks, or without a penalty."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from problems.foundation.arrays import EPS, Vector
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows, squared_norms

AT_KINK = (1e-13, 1e-10, 1e-7, 1e-4)  # relative distances to a kink; each selects other rows
MOST_GRAM_COLUMNS = 3000  # columns up to which a Gram matrix is formed
MOST_KINKED_ROWS = 2000  # rows at a kink whose derivatives are chosen


def dual_points_at_kinks(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> Iterator[Vector]:
    """Derivatives s of a loss with a kink; for rows near it they are chosen between the two one-sided derivatives.

    The choice minimises the norm of a subgradient of f, which is, times n,

        X's + n l2 w + n l1 u,     u_j = sign(w_j), or from -1 to 1 (at most 1 if w >= 0 is required) if w_j is about 0,

    by least squares with bounds.
    """
    w, _ = rows.split(theta)
    z, kink = rows @ theta, loss.kink(y)
    _, s, _ = loss.total(z, y)
    if not (np.isfinite(theta).all() and np.isfinite(s).all()):
        return
    low, high = loss.derivative_bounds(y)
    norms = squared_norms(rows.X)
    size = np.sqrt(norms + rows.intercept) * np.linalg.norm(theta) + abs(kink)
    effect = abs(w) * math.sqrt(norms.sum() / (rows.n * max(w.size, 1)))  # of a coefficient on the z of a typical row
    of_penalty: Vector = np.zeros(rows.dim)
    l1 = rows.n * penalty.l1
    of_penalty[: w.size] = rows.n * penalty.l2 * w + l1 * np.sign(w)
    previous = (-1, -1)
    for distance in AT_KINK:
        free = np.flatnonzero(abs(z - kink) <= distance * size)[:MOST_KINKED_ROWS]
        zeros = np.flatnonzero((effect <= distance * size.max()) & (not penalty.smooth))
        if (free.size, zeros.size) == previous:
            continue
        previous = (free.size, zeros.size)
        point = s.copy()
        point[free] = 0.0
        c = rows.transposed(point) + of_penalty
        c[zeros] -= l1 * np.sign(w[zeros])
        if free.size:
            least = np.full(zeros.size, -np.inf if penalty.nonnegative else -l1)
            bounds = np.r_[low[free], least], np.r_[high[free], np.full(zeros.size, l1)]
            point[free] = _bounded_least_squares(rows[free], zeros, c, bounds)
        yield point


def _bounded_least_squares(rows: Rows, zeros: NDArray[np.intp], c: Vector, bounds: tuple[Vector, Vector]) -> Vector:
    """The s within bounds that minimises |X's + u + c| over s and u, where u is 0 except at `zeros`."""
    X = rows.design_matrix()
    A = np.hstack([(X.toarray() if sp.issparse(X) else X).T, np.eye(rows.dim)[:, zeros]])
    scale = 1 / np.maximum(abs(A).max(1), 1e-300)
    with np.errstate(all="ignore"):
        solution = lsq_linear(scale[:, None] * A, -scale * c, bounds, method="bvls", tol=EPS, max_iter=10 * A.shape[1])
    s: Vector = np.clip(solution.x, *bounds)[: rows.n]
    return s


def with_zero_sum(s: Vector, low: Vector, high: Vector) -> Vector:
    """s moved in proportion to its distance to the bounds until its sum is 0; s itself if that is impossible."""
    room = np.minimum(s - low, high - s)
    share = s.sum() / max(room.sum(), 1e-300)
    return s - share * room if abs(share) < 1 else s


def feasible_dual_point(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, s: Vector) -> tuple[Vector, float] | None:
    """s moved to X's = 0 (X's >= 0 if w >= 0 is required; 1's = 0 with an intercept), and a bound on the error of D(s).

    Rounding leaves X's = e instead of 0. Let I be the rows whose s_i has room, a distance to both bounds. The point
    s_I - X_I (X_I'X_I)^-1 e is feasible if the move, at most |e| divided by the least singular value of X_I, is within
    that room. First I holds the rows that have room. If these do not span the row space of X, I holds all rows, and s
    is shrunk, which makes room if 0 is strictly inside all bounds. None if neither succeeds.
    """
    if rows.dim > MOST_GRAM_COLUMNS:
        return None
    low, high = loss.derivative_bounds(y)
    all_rows = np.ones(rows.n, bool)
    whole = _RowSpace(rows, np.ones(rows.n))
    with_room = np.minimum(s - low, high - s) > 1e-9 * np.minimum(high - low, abs(s).max(initial=0.0))
    for inside, shrinking in ((with_room, False), (all_rows, True)):
        if shrinking and not np.all((low < 0) & (high > 0)):
            return None
        space = whole if inside.all() else _RowSpace(rows, inside.astype(np.float64))
        if space.rank < whole.rank:
            continue
        moved = s.copy()
        for _ in range(3):
            moved -= np.where(inside, rows @ space.solve(_infeasibility(rows, penalty, moved)), 0.0)
            if shrinking:
                excess = float(np.maximum(moved / high, moved / low).max())
                moved /= max(excess * (1 + 16 * EPS), 1.0)
        error = 4 * EPS * whole.norms * np.linalg.norm(moved)
        reach = space.reach(abs(_infeasibility(rows, penalty, moved)) + error)
        if shrinking:
            moved /= 1 + 2 * float((reach / np.minimum(high, -low)).max())
        room = np.minimum(moved - low, high - moved)
        if reach <= room[inside].min(initial=np.inf) and room.min() >= 0:
            up, down = (loss.conjugate(moved + side, y)[inside] for side in (reach, -reach))
            increase = np.maximum(up, down) - loss.conjugate(moved, y)[inside]  # the largest of l* within reach
            return moved, float(np.linalg.norm(increase)) / rows.n
    return None


class _RowSpace:
    """The span of rows with weights h, from the eigenvectors of their Gram matrix with columns scaled to one norm."""

    def __init__(self, rows: Rows, h: Vector) -> None:
        G = rows.gram(h)
        self.norms = np.sqrt(G.diagonal())
        _, exponent = np.frexp(np.where(self.norms > 0, self.norms, 1.0))
        self.scale = np.ldexp(1.0, -exponent)
        values, Q = np.linalg.eigh(self.scale[:, None] * G * self.scale)
        kept = values > 16 * EPS * rows.dim * values[-1]
        self.values, self.Q, self.rank = values[kept], Q[:, kept], int(kept.sum())

    def solve(self, e: Vector) -> Vector:
        """(X'X)^+ e."""
        solution: Vector = self.scale * (self.Q @ (self.Q.T @ (self.scale * e) / self.values))
        return solution

    def reach(self, e: Vector) -> float:
        """A bound on the norm of the change of s that removes the infeasibility e."""
        least = self.values[0] if self.rank else math.inf
        return float(np.linalg.norm(self.scale * e)) / math.sqrt(least)


def _infeasibility(rows: Rows, penalty: Penalty, s: Vector) -> Vector:
    e = rows.transposed(s)
    if penalty.nonnegative:
        d = rows.dim - rows.intercept
        e[:d] = np.minimum(e[:d], 0.0)
    return e
