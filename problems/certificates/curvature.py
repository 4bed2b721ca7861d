"""Bounds on f(theta) - f* of linear models from the curvature of f: strong convexity and self-concordance."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl

from problems.certificates.decrement import MOST_DENSE_ENTRIES, MOST_GRAM_COLUMNS, by_gram, by_rows
from problems.foundation.arrays import EPS, Vector
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def strong_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> float:
    """A bound for squared losses whose Hessian has a least eigenvalue mu > 0; inf without that.

        f(theta) - f* <= g.(theta - u) - mu/2 |theta - u|^2 + k(theta) - k(u),     u = prox of k at theta - g/mu

    g: the gradient of the smooth part; k: the rest of f. The right-hand side is the largest value that strong convexity
    allows over all u, and separates by coefficients. theta must satisfy k's constraint.
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
    u[: w.size] = penalty.prox_nonsmooth(u[: w.size], 1 / mu)
    move = theta - u
    return float(g @ move - mu / 2 * (move @ move) + penalty.nonsmooth(w) - penalty.nonsmooth(u[: w.size]))


def newton_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> float:
    """A bound for smooth penalties from the Newton decrement d, d^2 = g' H^-1 g; finite near a minimiser.

    If it is finite, a minimiser exists.

        f(theta) - f* <= d^2 / (4 psi(S)),   psi(S) = (e^-S + S - 1) / S^2,   S = -log(1 - q),
        q = M max_i |x_i| d / sqrt(smallest eigenvalue of H) < 1,   M the loss's self-concordance, |l'''| <= M l''

    For squared losses M = 0, and the bound d^2/2 is f(theta) - f* itself. With H = B'B/n and g = B'c/n, d is the norm
    of the projection of c onto the columns of B, divided by sqrt(n). A bound on the rounding error of the projection is
    added to d, so that the result is infinite if curvatures differ by many orders of magnitude. H is formed for large
    sparse rows only.
    Source: Bach (2010), doi:10.1214/09-EJS521.
    """
    if not math.isfinite(loss.self_concordance):
        return math.inf
    w, _ = rows.split(theta)
    _, s, h = loss.total(rows @ theta, y)
    if not np.isfinite(s).all() or np.any((h == 0) & (s != 0)):
        return math.inf
    ridge = rows.n * penalty.l2
    if rows.sparse and rows.n * rows.dim > MOST_DENSE_ENTRIES:
        norm, least = by_gram(rows, h, s, ridge, w)
    else:
        design = rows.design_matrix().toarray() if rows.sparse else rows.design_matrix()
        norm, least = by_rows(design, h, s, ridge, w, loss.self_concordance == 0)
    d = norm / math.sqrt(rows.n)
    if loss.self_concordance == 0:
        return d * d / 2
    q = loss.self_concordance * math.sqrt(rows.largest_squared_norm()) * norm / least if least > 0 else math.inf
    return decrement_bound(d, q)


def decrement_bound(d: float, q: float) -> float:
    """The bound d^2 / (4 psi(S)) of `newton_gap`; inf unless q < 1."""
    if not q < 1:
        return math.inf
    S = -math.log1p(-q)
    psi = (math.expm1(-S) + S) / S**2 if S > 1e-3 else 1 / 2 - S / 6 + S**2 / 24 - S**3 / 120  # a lower bound
    return d * d / (4 * psi)


def _least_curvature(rows: Rows, ridge: Vector) -> float:
    """A lower bound on the least eigenvalue of the Hessian of squared losses; from l2 alone if sparse rows are wide."""
    if rows.sparse and rows.dim > MOST_GRAM_COLUMNS:
        if not rows.intercept:
            return float(ridge[0])
        means = rows.transposed(np.full(rows.n, 1 / rows.n))[:-1]
        return 1 / ((1 + float(means @ means)) / ridge[0] + 1) if ridge[0] else 0.0  # by the Schur complement
    H = rows.gram() / rows.n
    H[np.diag_indices(rows.dim)] += ridge
    values = sl.eigvalsh(H, check_finite=False) if np.isfinite(H).all() else np.zeros(1)
    return float(values[0] - rows.dim * EPS * values[-1])
