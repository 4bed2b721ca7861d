"""The Newton decrement's two ingredients for H = B'B and g = B'c: the length of c's projection on B's columns, and
the least singular value of B.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl

from problems.foundation.arrays import EPS, Matrix, Vector
from problems.parts.rows import Rows

FILLED = 2**22  # numbers up to which sparse rows are filled up with their zeros
WIDEST = 3000  # columns up to which a Gram matrix of sparse rows is formed and its eigenvalues found


def by_rows(stored: Matrix, h: Vector, s: Vector, ridge: float, w: Vector, length_alone: bool) -> tuple[float, float]:
    """(g' H^-1 g)^(1/2) and the root of H's least eigenvalue, for H = X' diag(h) X + ridge I, g = X's + ridge w.

    stored: [X 1]. H is never formed, so that its condition number costs no digits. What rounding may hide of the
    projection is added to it. (inf, 0) where a direction in which f changes is lost to rounding; 0 too for the root
    where only the length is asked for.
    """
    dim = stored.shape[1]
    root = np.sqrt(h)
    B, c = root[:, None] * stored, _targets(h, s)
    if ridge:
        B = np.vstack([B, math.sqrt(ridge) * np.eye(len(w), dim)])
        c = np.append(c, math.sqrt(ridge) * w)
    scaled = B * column_scales(B)
    with np.errstate(over="ignore"):  # far from a minimum; the bound is then infinite
        x, _, rank, _ = sl.lstsq(scaled, c, check_finite=False)
        length = float(np.linalg.norm(scaled @ x)) + dim * EPS * float(np.linalg.norm(c))
    if rank < dim and rank < _rank(stored):
        return math.inf, 0.0
    if length_alone or not rank:
        return length, 0.0
    singular = sl.svdvals(B, check_finite=False)
    return length, float(singular[rank - 1] - dim * EPS * singular[0])


def by_gram(rows: Rows, h: Vector, s: Vector, ridge: float, w: Vector) -> tuple[float, float]:
    """The same from H itself, its diagonal scaled to about 1 and its eigenvalues lessened by what rounding may add.

    Columns without an entry are left out; where others are dependent the answer is (inf, 0).
    """
    dim = rows.dim
    if dim > WIDEST:
        return math.inf, 0.0
    H, g = rows.gram(h), rows.transposed(s)
    H[np.diag_indices(len(w))] += ridge
    g[: len(w)] += ridge * w
    there = H.diagonal() > 0
    there[: rows.X.shape[1]] |= np.bincount(rows.X.indices, minlength=rows.X.shape[1]) > 0
    H, g = H[np.ix_(there, there)], g[there]
    if not (np.isfinite(H).all() and np.isfinite(g).all() and (H.diagonal() > 0).all()):
        return math.inf, 0.0
    _, exponent = np.frexp(H.diagonal())
    D = np.ldexp(1.0, -(exponent // 2))
    values, Q = np.linalg.eigh(D[:, None] * H * D)
    values -= 4 * EPS * (dim + math.sqrt(rows.n)) * values[-1]
    if not values[0] > 0:
        return math.inf, 0.0
    size = math.hypot(float(np.linalg.norm(_targets(h, s))), math.sqrt(ridge) * float(np.linalg.norm(w)))
    length = float(np.linalg.norm((Q.T @ (D * g)) / np.sqrt(values)))
    hidden = 4 * EPS * math.sqrt(dim * rows.n) * size / math.sqrt(values[0])
    return length + hidden, math.sqrt(values[0]) / float(D.max())


def column_scales(B: Matrix) -> Vector:
    """Powers of two that bring each column's largest entry to about 1; exact, and they keep small columns seen."""
    largest = abs(B).max(0)
    _, exponent = np.frexp(np.where(largest > 0, largest, 1.0))
    scales: Vector = np.ldexp(1.0, -np.clip(exponent, -1000, 1000))
    return scales


def _targets(h: Vector, s: Vector) -> Vector:
    """c with diag(h)^(1/2) c = s."""
    return s / np.where(h > 0, np.sqrt(h), 1.0)


def _rank(B: Matrix) -> int:
    return int(np.linalg.matrix_rank(B * column_scales(B)))
