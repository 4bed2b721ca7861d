"""Points of the dual: slopes s_i of the losses that prove how low f can be, where losses turn or no penalty helps."""

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
from problems.parts.rows import Rows, squares

NEAR = (1e-13, 1e-10, 1e-7, 1e-4)  # a corner, relative to the sizes there; each makes another choice of slopes
WIDEST = 3000  # columns up to which a Gram matrix is formed
MOST = 2000  # rows at a corner whose slopes are found


def at_corners(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> Iterator[Vector]:
    """Slopes s of a loss that turns at a corner, those of rows near it chosen between its two sides.

    They are chosen so that 0 comes as near as possible to a subgradient of f, n times which is

        X's + n l2 w + n l1 u,     u_j = sign(w_j), or between -1 and 1 (at most 1 over w >= 0) where w_j is about 0,

    by least squares within bounds.
    """
    w, _ = rows.split(theta)
    z, corner = rows @ theta, loss.corner(y)
    _, s, _ = loss.total(z, y)
    if not (np.isfinite(theta).all() and np.isfinite(s).all()):
        return
    low, high = loss.slopes(y)
    lengths = squares(rows.X)
    size = np.sqrt(lengths + rows.intercept) * np.linalg.norm(theta) + abs(corner)
    moved = abs(w) * math.sqrt(lengths.sum() / (rows.n * max(w.size, 1)))  # by how much a coefficient moves most rows
    wished: Vector = np.zeros(rows.dim)
    l1 = rows.n * penalty.l1
    wished[: w.size] = rows.n * penalty.l2 * w + l1 * np.sign(w)
    tried = (-1, -1)
    for near in NEAR:
        free = np.flatnonzero(abs(z - corner) <= near * size)[:MOST]
        zeros = np.flatnonzero((moved <= near * size.max()) & (not penalty.smooth))
        if (free.size, zeros.size) == tried:
            continue
        tried = (free.size, zeros.size)
        fixed = s.copy()
        fixed[free] = 0.0
        c = rows.transposed(fixed) + wished
        c[zeros] -= l1 * np.sign(w[zeros])
        if free.size:
            least = np.full(zeros.size, -np.inf if penalty.nonnegative else -l1)
            bounds = np.r_[low[free], least], np.r_[high[free], np.full(zeros.size, l1)]
            fixed[free] = _bounded(rows[free], zeros, c, bounds)
        yield fixed


def _bounded(rows: Rows, zeros: NDArray[np.intp], c: Vector, bounds: tuple[Vector, Vector]) -> Vector:
    """s of the rows within bounds, that with some u of the coefficients `zeros` makes X's + u + c least."""
    X = rows.stored()
    A = np.hstack([(X.toarray() if sp.issparse(X) else X).T, np.eye(rows.dim)[:, zeros]])
    scale = 1 / np.maximum(abs(A).max(1), 1e-300)
    with np.errstate(all="ignore"):
        found = lsq_linear(scale[:, None] * A, -scale * c, bounds, method="bvls", tol=EPS, max_iter=10 * A.shape[1])
    chosen: Vector = np.clip(found.x, *bounds)[: rows.n]
    return chosen


def levelled(s: Vector, low: Vector, high: Vector) -> Vector:
    """s moved by parts of the room that it has between low and high, until its sum is 0; s where all is too little."""
    room = np.minimum(s - low, high - s)
    share = s.sum() / max(room.sum(), 1e-300)
    return s - share * room if abs(share) < 1 else s


def balanced(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, s: Vector) -> tuple[Vector, float] | None:
    """s moved until X's = 0 (X's >= 0 over w >= 0, 1's = 0 with an intercept), and what rounding hides of D(s).

    What no penalty takes must be zero exactly, and in numbers it is e instead. The rows I with room on both sides
    of their slopes take it: s_I - X_I (X_I'X_I)^-1 e is a point of the dual, no farther away than |e| divided by the
    least singular value of X_I, if that is within their room. First those rows that have room; where they do not
    span what all rows span, all of them, after s is shrunk, which makes room where 0 is inside the bounds.
    None where neither succeeds.
    """
    if rows.dim > WIDEST:
        return None
    low, high = loss.slopes(y)
    all_rows = np.ones(rows.n, bool)
    everything = _Directions(rows, np.ones(rows.n))
    with_room = np.minimum(s - low, high - s) > 1e-9 * np.minimum(high - low, abs(s).max(initial=0.0))
    for inside, shrunk in ((with_room, False), (all_rows, True)):
        if shrunk and not np.all((low < 0) & (high > 0)):
            return None
        taking = everything if inside.all() else _Directions(rows, inside.astype(np.float64))
        if taking.rank < everything.rank:
            continue
        moved = s.copy()
        for _ in range(3):
            moved -= np.where(inside, rows @ taking.solve(_excess(rows, penalty, moved)), 0.0)
            if shrunk:
                over = float(np.maximum(moved / high, moved / low).max())
                moved /= max(over * (1 + 16 * EPS), 1.0)
        blur = 4 * EPS * everything.lengths * np.linalg.norm(moved)
        reach = taking.reach(abs(_excess(rows, penalty, moved)) + blur)
        if shrunk:
            moved /= 1 + 2 * float((reach / np.minimum(high, -low)).max())
        room = np.minimum(moved - low, high - moved)
        if reach <= room[inside].min(initial=np.inf) and room.min() >= 0:
            up, down = (loss.conjugate(moved + side, y)[inside] for side in (reach, -reach))
            hidden = np.maximum(up, down) - loss.conjugate(moved, y)[inside]  # the most that l* rises within reach
            return moved, float(np.linalg.norm(hidden)) / rows.n
    return None


class _Directions:
    """What the rows that h counts span, by the eigenvectors of their Gram matrix, the columns scaled to one length."""

    def __init__(self, rows: Rows, h: Vector) -> None:
        G = rows.gram(h)
        self.lengths = np.sqrt(G.diagonal())
        _, exponent = np.frexp(np.where(self.lengths > 0, self.lengths, 1.0))
        self.scale = np.ldexp(1.0, -exponent)
        values, Q = np.linalg.eigh(self.scale[:, None] * G * self.scale)
        told = values > 16 * EPS * rows.dim * values[-1]
        self.values, self.Q, self.rank = values[told], Q[:, told], int(told.sum())

    def solve(self, e: Vector) -> Vector:
        """(X'X)^+ e."""
        solved: Vector = self.scale * (self.Q @ (self.Q.T @ (self.scale * e) / self.values))
        return solved

    def reach(self, e: Vector) -> float:
        """How long a move of the slopes it takes at most, to make up for e."""
        least = self.values[0] if self.rank else math.inf
        return float(np.linalg.norm(self.scale * e)) / math.sqrt(least)


def _excess(rows: Rows, penalty: Penalty, s: Vector) -> Vector:
    e = rows.transposed(s)
    if penalty.nonnegative:
        d = rows.dim - rows.intercept
        e[:d] = np.minimum(e[:d], 0.0)
    return e
