"""Proven bounds on f(theta) - f* for f(theta) = (1/n) sum_i l(x_i . w + b, y_i) + h(w), h a penalty."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from scipy.optimize import linprog

from ..arrays import EPS, Vector
from ..losses import Loss
from ..models.penalties import Penalty
from ..models.rows import Rows
from .decrement import FILLED, WIDEST, by_gram, by_rows
from .duals import balanced, levelled


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


def strong_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> float:
    """A bound for squares where their Hessian's least eigenvalue mu is above 0; inf elsewhere.

        f(theta) - f* <= g.(theta - u) - mu/2 |theta - u|^2 + k(theta) - k(u),     u = prox of k at theta - g/mu

    g: the gradient of the smooth part; k: the rest of f. The right side is the largest that strong convexity allows
    at any u, and each coefficient has its own part of it. theta must keep to k's constraint.
    """
    w, _ = rows.split(theta)
    if penalty.violation(w) > 0:
        return math.inf
    ridge = np.full(rows.dim, penalty.l2)
    g = rows.transposed(loss.total(rows @ theta, y)[1]) / rows.n
    if rows.intercept:
        ridge[-1] = 0.0
    mu = _least_curvature(rows, ridge)
    if not mu > 0:
        return math.inf
    g = g + ridge * theta
    u = theta - g / mu
    u[: w.size] = penalty.prox_kink(u[: w.size], 1 / mu)
    move = theta - u
    return float(g @ move - mu / 2 * (move @ move) + penalty.kink(w) - penalty.kink(u[: w.size]))


def newton_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> float:
    """A bound for smooth penalties from the Newton decrement d, d^2 = g' H^-1 g.

    It is finite near a minimiser, and then one exists.

        f(theta) - f* <= d^2 / (4 psi(S)),   psi(S) = (e^-S + S - 1) / S^2,   S = -log(1 - q),
        q = M max_i |x_i| d / sqrt(smallest eigenvalue of H) < 1,   M the loss's self-concordance, |l'''| <= M l''

    For squares M = 0 and the bound is f(theta) - f* itself, d^2/2. With H = B'B/n and g = B'c/n d is the length of c
    projected on the columns of B, over sqrt(n). What rounding may hide of the projection is added to d, which makes
    the bound infinite where curvatures lie far apart. Only of large sparse rows is H formed.
    Source: Bach (2010), doi:10.1214/09-EJS521.
    """
    if not math.isfinite(loss.concordance):
        return math.inf
    w, _ = rows.split(theta)
    _, s, h = loss.total(rows @ theta, y)
    if not np.isfinite(s).all() or np.any((h == 0) & (s != 0)):
        return math.inf
    ridge = rows.n * penalty.l2
    if rows.sparse and rows.n * rows.dim > FILLED:
        length, least = by_gram(rows, h, s, ridge, w)
    else:
        stored = rows.stored().toarray() if rows.sparse else rows.stored()
        length, least = by_rows(stored, h, s, ridge, w, loss.concordance == 0)
    d = length / math.sqrt(rows.n)
    if loss.concordance == 0:
        return d * d / 2
    q = loss.concordance * math.sqrt(rows.longest()) * length / least if least > 0 else math.inf
    return decrement_bound(d, q)


def decrement_bound(d: float, q: float) -> float:
    """d^2 / (4 psi(S)), the bound above; inf where q is not below 1."""
    if not q < 1:
        return math.inf
    S = -math.log1p(-q)
    psi = (math.expm1(-S) + S) / S**2 if S > 1e-3 else 1 / 2 - S / 6 + S**2 / 24 - S**3 / 120  # from below
    return d * d / (4 * psi)


def _least_curvature(rows: Rows, ridge: Vector) -> float:
    """At most the least eigenvalue of the Hessian of squares: of sparse rows too wide for a Gram matrix by l2 alone."""
    if rows.sparse and rows.dim > WIDEST:
        if not rows.intercept:
            return float(ridge[0])
        means = rows.transposed(np.full(rows.n, 1 / rows.n))[:-1]
        return 1 / ((1 + float(means @ means)) / ridge[0] + 1) if ridge[0] else 0.0  # by the Schur complement
    H = rows.gram() / rows.n
    H[np.diag_indices(rows.dim)] += ridge
    values = sl.eigvalsh(H, check_finite=False) if np.isfinite(H).all() else np.zeros(1)
    return float(values[0] - rows.dim * EPS * values[-1])


def separating(rows: Rows, y: Vector) -> Vector | None:
    """A theta with y_i (x_i . theta) >= 0 for every row and > 0 for some, where there is one; None otherwise.

    Along it a logistic loss falls for ever, so no minimiser exists. Found by the linear program
    max sum_i m_i subject to y_i (x_i . theta) >= m_i, 0 <= m_i <= 1, whose optimum is zero or at least one.
    Source: Albert & Anderson (1984), doi:10.1093/biomet/71.1.1.
    """
    signed = sp.csr_array(sp.diags_array(y) @ rows.stored())
    n, dim = signed.shape
    program = linprog(
        np.r_[np.zeros(dim), -np.ones(n)],
        A_ub=sp.hstack([-signed, sp.eye_array(n)], format="csr"),
        b_ub=np.zeros(n),
        bounds=[(None, None)] * dim + [(0, 1)] * n,
        method="highs",
    )
    return program.x[:dim] if program.status == 0 and -program.fun > 0.5 else None


def rounding(n: int, f: float) -> float:
    """How far n summed losses may lie from their exact sum."""
    return n * EPS * abs(f)
