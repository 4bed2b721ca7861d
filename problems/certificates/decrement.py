"""Two parts of a bound by the Newton decrement, for H = B'B and g = B'c.

They are the norm of the projection of c onto the columns of B, and the least singular value of B.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl

from problems.foundation.arrays import EPS, Matrix, Vector
from problems.parts.rows import Rows

MOST_DENSE_ENTRIES = 2**22  # entries up to which sparse rows are converted to an array
MOST_GRAM_COLUMNS = 3000  # columns up to which the eigenvalues of a Gram matrix of sparse rows are computed


def by_rows(design: Matrix, h: Vector, s: Vector, ridge: float, w: Vector, norm_only: bool) -> tuple[float, float]:
    """(g' H^-1 g)^(1/2) and the root of H's least eigenvalue, for H = X' diag(h) X + ridge I, g = X's + ridge w.

    design: [X 1]. H is never formed, so that its condition number costs no digits. A bound on the rounding error is
    added to the norm. The result is (inf, 0) if rounding hides a direction in which f changes. The root is also 0 if
    only the norm is needed.
    """
    dim = design.shape[1]
    root = np.sqrt(h)
    B, c = root[:, None] * design, _targets(h, s)
    if ridge:
        B = np.vstack([B, math.sqrt(ridge) * np.eye(len(w), dim)])
        c = np.append(c, math.sqrt(ridge) * w)
    scaled = B * column_scales(B)
    with np.errstate(over="ignore"):  # far from a minimiser, where the bound is infinite
        x, _, rank, _ = sl.lstsq(scaled, c, check_finite=False)
        norm = float(np.linalg.norm(scaled @ x)) + dim * EPS * float(np.linalg.norm(c))
    if rank < dim and rank < _rank(design):
        return math.inf, 0.0
    if norm_only or not rank:
        return norm, 0.0
    singular = sl.svdvals(B, check_finite=False)
    return norm, float(singular[rank - 1] - dim * EPS * singular[0])


def by_gram(rows: Rows, h: Vector, s: Vector, ridge: float, w: Vector) -> tuple[float, float]:
    """The same from H, with its diagonal scaled to about 1 and a bound on the rounding error taken off its eigenvalues.

    Columns without an entry are ignored; if others are dependent the result is (inf, 0).
    """
    dim = rows.dim
    if dim > MOST_GRAM_COLUMNS:
        return math.inf, 0.0
    H, g = rows.gram(h), rows.transposed(s)
    H[np.diag_indices(len(w))] += ridge
    g[: len(w)] += ridge * w
    used = H.diagonal() > 0
    used[: rows.X.shape[1]] |= np.bincount(rows.X.indices, minlength=rows.X.shape[1]) > 0
    H, g = H[np.ix_(used, used)], g[used]
    if not (np.isfinite(H).all() and np.isfinite(g).all() and (H.diagonal() > 0).all()):
        return math.inf, 0.0
    _, exponent = np.frexp(H.diagonal())
    D = np.ldexp(1.0, -(exponent // 2))
    values, Q = np.linalg.eigh(D[:, None] * H * D)
    values -= 4 * EPS * (dim + math.sqrt(rows.n)) * values[-1]
    if not values[0] > 0:
        return math.inf, 0.0
    size = math.hypot(float(np.linalg.norm(_targets(h, s))), math.sqrt(ridge) * float(np.linalg.norm(w)))
    norm = float(np.linalg.norm((Q.T @ (D * g)) / np.sqrt(values)))
    error = 4 * EPS * math.sqrt(dim * rows.n) * size / math.sqrt(values[0])
    return norm + error, math.sqrt(values[0]) / float(D.max())


def column_scales(B: Matrix) -> Vector:
    """Powers of two that scale each column's largest entry to about 1; exact, and small columns keep their rank."""
    largest = abs(B).max(0)
    _, exponent = np.frexp(np.where(largest > 0, largest, 1.0))
    scales: Vector = np.ldexp(1.0, -np.clip(exponent, -1000, 1000))
    return scales


def _targets(h: Vector, s: Vector) -> Vector:
    """c with diag(h)^(1/2) c = s."""
    return s / np.where(h > 0, np.sqrt(h), 1.0)


def _rank(B: Matrix) -> int:
    return int(np.linalg.matrix_rank(B * column_scales(B)))
