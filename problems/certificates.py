"""Proven bounds on f(theta) - f* for f(theta) = (1/n) sum_i l(x_i . w + b, y_i) + l2/2 |w|^2."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from scipy.optimize import linprog

from .arrays import EPS, Matrix, Vector
from .losses import Loss
from .rows import Rows


def duality_gap(rows: Rows, y: Vector, loss: Loss, l2: float, theta: Vector) -> float:
    """P(theta) - D(s) at the slopes s; finite wherever l2 > 0 and the loss has a conjugate.

        D(s) = -(1/n) sum_i l*(s_i, y_i) - |X's/n|^2 / (2 l2),     sum_i s_i = 0 where the intercept is free

    Slopes of one sign are shrunk until they sum to zero: the domain of l* holds 0 and is convex, so they stay in it.
    Source: Boyd & Vandenberghe, Convex Optimization (2004), section 5.5.1.
    """
    if l2 == 0 or loss.conjugate is None:
        return math.inf
    w, _ = rows.split(theta)
    total, s, _ = loss.total(rows @ theta, y)
    if rows.intercept:
        up, down = s[s > 0].sum(), -s[s < 0].sum()
        if up > down:
            s = np.where(s > 0, s * (down / up), s)
        elif down > up:
            s = np.where(s < 0, s * (up / down), s)
    g = rows.X.T @ s / rows.n
    primal = total / rows.n + l2 / 2 * (w @ w)
    dual = -np.mean(loss.conjugate(s, y)) - g @ g / (2 * l2)
    return float(primal - dual)


def newton_gap(rows: Rows, y: Vector, loss: Loss, l2: float, theta: Vector) -> float:
    """A bound from the Newton decrement d, d^2 = g' H^-1 g; finite near a minimiser, and then one exists.

        f(theta) - f* <= d^2 / (4 psi(S)),   psi(S) = (e^-S + S - 1) / S^2,   S = -log(1 - q),
        q = M max_i |x_i| d / sqrt(smallest eigenvalue of H) < 1,   M the loss's self-concordance, |l'''| <= M l''

    For squares M = 0 and the bound is f(theta) - f* itself, d^2/2. H = B'B/n and g = B'c/n are never formed: d is
    the length of c projected on the columns of B, over sqrt(n), so that H's condition number costs no digits. What
    rounding may hide of the projection is added to d, which makes the bound infinite where curvatures lie far apart.
    Source: Bach (2010), doi:10.1214/09-EJS521.
    """
    if not math.isfinite(loss.concordance):
        return math.inf
    w, _ = rows.split(theta)
    _, s, h = loss.total(rows @ theta, y)
    if not np.isfinite(s).all() or np.any((h == 0) & (s != 0)):
        return math.inf
    root = np.sqrt(h)
    B, c = root[:, None] * rows.stored(), s / np.where(h > 0, root, 1.0)
    if l2:
        B = np.vstack([B, math.sqrt(rows.n * l2) * np.eye(len(w), rows.dim)])
        c = np.append(c, math.sqrt(rows.n * l2) * w)
    scaled = B * column_scales(B)
    with np.errstate(over="ignore"):  # far from a minimum; the bound is then infinite
        x, _, rank, _ = sl.lstsq(scaled, c, check_finite=False)
        hidden = rows.dim * EPS * float(np.linalg.norm(c))
        d = (float(np.linalg.norm(scaled @ x)) + hidden) / math.sqrt(rows.n)
    if rank < rows.dim and rank < _rank(rows.stored()):
        return math.inf  # a direction in which f does change is lost to rounding
    if loss.concordance == 0:
        return d * d / 2
    singular = sl.svdvals(B, check_finite=False)
    least = singular[rank - 1] - rows.dim * EPS * singular[0] if rank else 0.0
    longest = math.sqrt(float((rows.X**2).sum(1).max()) + rows.intercept)
    q = loss.concordance * longest * d * math.sqrt(rows.n) / least if least > 0 else math.inf
    if not q < 1:
        return math.inf
    S = -math.log1p(-q)
    psi = (math.expm1(-S) + S) / S**2 if S > 1e-3 else 1 / 2 - S / 6 + S**2 / 24 - S**3 / 120  # from below
    return d * d / (4 * psi)


def column_scales(B: Matrix) -> Vector:
    """Powers of two that bring each column's largest entry to about 1; exact, and they keep small columns seen."""
    largest = abs(B).max(0)
    _, exponent = np.frexp(np.where(largest > 0, largest, 1.0))
    scales: Vector = np.ldexp(1.0, -np.clip(exponent, -1000, 1000))
    return scales


def _rank(B: Matrix) -> int:
    return int(np.linalg.matrix_rank(B * column_scales(B)))


def separating(rows: Rows, y: Vector) -> Vector | None:
    """A theta with y_i (x_i . theta) >= 0 for every row and > 0 for some, where there is one; None otherwise.

    Along it a logistic loss falls for ever, so no minimiser exists. Found by the linear program
    max sum_i m_i subject to y_i (x_i . theta) >= m_i, 0 <= m_i <= 1, whose optimum is zero or at least one.
    Source: Albert & Anderson (1984), doi:10.1093/biomet/71.1.1.
    """
    signed = sp.csr_array(y[:, None] * rows.stored())
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
