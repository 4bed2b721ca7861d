"""The duality gap of f(theta) = (1/n) sum_i l(x_i . w + b, y_i) + h(w), h a penalty."""

from __future__ import annotations

import math

import numpy as np

from problems.certificates.duals import balanced, levelled
from problems.foundation.arrays import EPS, Vector
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def duality_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector, s: Vector | None = None) -> float:
    """P(theta) - D(s), at the slopes s where none are given; inf where the loss has no conjugate or s is of no use.

        D(s) = -(1/n) sum_i l*(s_i, y_i) - h*(-X's/n),     sum_i s_i = 0 where the intercept is free

    Slopes outside the domain of l* are drawn back by a hair, or to 0, which it holds. Those with room are moved, and
    then those of one sign shrunk, until they sum to zero; without an l2 all are shrunk until h* is finite there: the
    domain is convex, so that they stay in it. With no penalty at all X's = 0 is wanted (`duals.balanced`).
    Source: Boyd & Vandenberghe, Convex Optimization (2004), section 5.5.1; for the lasso Kim et al. (2007),
    doi:10.1109/JSTSP.2007.910971.
    """
    free = penalty.l2 == penalty.l1 == 0
    if loss.conjugate is None or (free and loss.slopes is None):
        return math.inf
    w, _ = rows.split(theta)
    total, slopes, _ = loss.total(rows @ theta, y)
    s = slopes if s is None else s
    for drawn_back in ((1 - 4 * EPS) * s, np.zeros_like(s)):
        s = np.where(np.isfinite(loss.conjugate(s, y)), s, drawn_back)
    primal = total / rows.n + penalty.value(w)
    if free:
        found = balanced(rows, y, loss, penalty, s)
        return float(primal + np.mean(loss.conjugate(found[0], y)) + found[1]) if found else math.inf
    if rows.intercept:
        if loss.slopes:
            s = levelled(s, *loss.slopes(y))
        up, down = s[s > 0].sum(), -s[s < 0].sum()
        if up > down:
            s = np.where(s > 0, s * (down / up), s)
        elif down > up:
            s = np.where(s < 0, s * (up / down), s)
    g = rows.transposed(s)[: w.size] / rows.n
    if not penalty.l2:
        most = float((-g if penalty.nonnegative else abs(g)).max(initial=0.0))
        if most > penalty.l1:
            shrink = (1 - 4 * EPS) * penalty.l1 / most
            s, g = shrink * s, shrink * g
    dual = -np.mean(loss.conjugate(s, y)) - penalty.conjugate(-g)
    return float(primal - dual)
