"""The duality gap of f(theta) = (1/n) sum_i l(x_i . w + b, y_i) + h(w), h a penalty."""

from __future__ import annotations

import math

import numpy as np

from problems.certificates.duals import feasible_dual_point, with_zero_sum
from problems.foundation.arrays import EPS, Vector
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def duality_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector, s: Vector | None = None) -> float:
    """P(theta) - D(s), an upper bound on f(theta) - f*; inf if the loss has no conjugate or s proves nothing.

        D(s) = -(1/n) sum_i l*(s_i, y_i) - h*(-X's/n),     sum_i s_i = 0 if there is an intercept

    s: the derivatives l' at theta by default. An s_i outside the domain of l* is shrunk by a few rounding errors, or
    becomes 0, which is in the domain. For the sum to be zero, first those s_i with distance to their bounds are moved,
    then those of one sign are shrunk. Without an l2, all are shrunk until h* is finite: they stay in the domain, which
    is convex. Without any penalty X's = 0 is needed (`duals.feasible_dual_point`).
    Source: Boyd & Vandenberghe, Convex Optimization (2004), section 5.5.1; for the lasso Kim et al. (2007),
    doi:10.1109/JSTSP.2007.910971.
    """
    no_penalty = penalty.l2 == penalty.l1 == 0
    if loss.conjugate is None or (no_penalty and loss.derivative_bounds is None):
        return math.inf
    w, _ = rows.split(theta)
    total, derivatives, _ = loss.total(rows @ theta, y)
    s = derivatives if s is None else s
    for shrunk in ((1 - 4 * EPS) * s, np.zeros_like(s)):
        s = np.where(np.isfinite(loss.conjugate(s, y)), s, shrunk)
    primal = total / rows.n + penalty.value(w)
    if no_penalty:
        feasible = feasible_dual_point(rows, y, loss, penalty, s)
        return float(primal + np.mean(loss.conjugate(feasible[0], y)) + feasible[1]) if feasible else math.inf
    if rows.intercept:
        if loss.derivative_bounds:
            s = with_zero_sum(s, *loss.derivative_bounds(y))
        up, down = s[s > 0].sum(), -s[s < 0].sum()
        if up > down:
            s = np.where(s > 0, s * (down / up), s)
        elif down > up:
            s = np.where(s < 0, s * (up / down), s)
    g = rows.transposed(s)[: w.size] / rows.n
    if not penalty.l2:
        largest = float((-g if penalty.nonnegative else abs(g)).max(initial=0.0))
        if largest > penalty.l1:
            factor = (1 - 4 * EPS) * penalty.l1 / largest
            s, g = factor * s, factor * g
    dual = -np.mean(loss.conjugate(s, y)) - penalty.conjugate(-g)
    return float(primal - dual)
