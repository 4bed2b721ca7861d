"""Proven bounds on f(theta) - f* for models of several outputs, Z = X W + b, an intercept b for each."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from scipy.optimize import linprog
from scipy.special import xlog1py, xlogy

from problems.certificates.curvature import decrement_bound
from problems.certificates.decrement import column_scales
from problems.certificates.linear_models import linear_model_gap
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.parts.losses import squared
from problems.parts.matrix_losses import softmax
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows

LARGEST = 2000  # reduced coefficients up to which eigenvalues are found
PATIENCE = 60.0  # seconds for a linear program, after which nothing is claimed


def squares_gap(rows: Rows, Y: Matrix, penalty: Penalty, M: Matrix) -> float:
    """The sum of the bounds for each output, a regression of its own."""
    parts = zip(np.ascontiguousarray(M.T), np.ascontiguousarray(Y.T), strict=True)
    return sum(linear_model_gap(rows, y, squared, penalty, theta) for theta, y in parts)


def softmax_gap(rows: Rows, y: Vector, penalty: Penalty, M: Matrix) -> float:
    """The least of f itself, and the duality gap or, without a penalty, the bound by Newton's decrement."""
    W, b = (M[:-1], M[-1]) if rows.intercept else (M, 0.0)
    total, S, P = softmax.total(rows.X @ W + b, y)
    f = total / rows.n + penalty.value(W.ravel())
    if not math.isfinite(f):
        return f
    other = newton_gap(rows, P, S) if penalty == NONE else f - dual(rows, y, penalty, S)
    return min(f, other)


def dual(rows: Rows, y: Vector, penalty: Penalty, S: Matrix) -> float:
    """A lower bound of f by the slopes S = P - Y, drawn to where it is one; 0, which S = 0 gives, where they are far.

        D(S) = (1/n) sum_i H(y_i + s_i) - h*(-X'S/n),     sum_i s_i = 0 where the intercepts are free

    H: the entropy, for the conjugate of log-sum-exp is -H on the simplex.  h: the penalty.
    Source: Boyd & Vandenberghe, Convex Optimization (2004), section 5.5.1.
    """
    own = np.arange(rows.n), y.astype(int)
    S[own] = 0.0  # what is left goes from each row's class to the others
    if rows.intercept and not _balance(S, y):
        return 0.0
    away = S.sum(1)
    S[own] = -away
    G = rows.X.T @ S / rows.n
    S[own] = 0.0
    if not penalty.l2:
        most = float(abs(G).max(initial=0.0))
        if most > penalty.l1:
            shrink = (1 - 4 * EPS) * penalty.l1 / most
            S, away, G = shrink * S, shrink * away, shrink * G
    entropy = -float(xlogy(S, S).sum() + xlog1py(np.maximum(1 - away, 0.0), -np.minimum(away, 1.0)).sum())
    return entropy / rows.n - penalty.conjugate(-G.ravel())


def _balance(S: Matrix, y: Vector) -> bool:
    """Shrink S, in place, until each class gives as much as it gets; False where S is too far from that.

    F_ac, the sum of what rows of class a give to class c, is lowered by x_ac = w_ac (u_c - u_a) where that is
    positive: u solves a Laplacian system of k nodes, w_ac = F_ac F_ca / (F_ac + F_ca). All changes are relative ones,
    of the size of the imbalance, so that D falls by no more than its square.
    """
    k = S.shape[1]
    members = sp.csr_array((np.ones(len(y)), (y.astype(int), np.arange(len(y)))), shape=(k, len(y)))
    for _ in range(3):
        F = members @ S
        surplus = F.sum(0) - F.sum(1)
        if abs(surplus).max() <= 4 * EPS * F.sum():
            return True
        both = F + F.T
        w = np.divide(F * F.T, both, out=np.zeros_like(F), where=both > 0)
        laplacian = np.diag(w.sum(0)) - w
        try:
            u = np.append(np.linalg.solve(laplacian[:-1, :-1], surplus[:-1]), 0.0)
        except np.linalg.LinAlgError:
            return False
        moved = np.maximum(w * (u[None, :] - u[:, None]), 0.0)
        if not np.all(moved <= F):
            return False
        S *= (1 - np.divide(moved, F, out=np.zeros_like(F), where=F > 0))[y.astype(int)]
    F = members @ S
    return bool(abs(F.sum(0) - F.sum(1)).max() <= len(y) * EPS * F.sum())


def newton_gap(rows: Rows, P: Matrix, S: Matrix) -> float:
    """A bound without a penalty by Newton's decrement d, finite near a minimiser, and then one exists.

    In coordinates where f has curvature: k - 1 outputs, for what is added to all k changes nothing, and columns made
    orthonormal, those dependent left out. There |f'''| <= M |v| f'' along any v with M = sqrt(2) max_i |x_i|, for the
    third cumulant of z under p is at most its range times its variance, and the range of k numbers at most sqrt(2)
    times their length. The bound is then that of `curvature.decrement_bound`, q = M d / sqrt(least eigenvalue).
    What rounding may hide of gradient and eigenvalues is taken against the bound.
    Source: Bach (2010), doi:10.1214/09-EJS521; for softmax Sun & Tran-Dinh (2019), doi:10.1007/s10107-018-1282-4,
    with a larger M.
    """
    n, k = P.shape
    B = rows.stored()
    B = B.toarray() if rows.sparse else B
    U, singular, _ = sl.svd(B * column_scales(B), full_matrices=False, check_finite=False)
    U = math.sqrt(n) * U[:, singular > max(B.shape) * EPS * singular[0]]
    r = U.shape[1]
    if not 0 < r * (k - 1) <= LARGEST:
        return math.inf
    E = sl.helmert(k).T  # orthonormal columns, each of sum 0
    g = (U.T @ (S @ E)).ravel() / n
    H = curvature(Rows(U, intercept=False), P).reshape(r, k, r, k)
    H = np.einsum("acbd,ce,df->aebf", H, E, E, optimize=True).reshape(g.size, g.size)
    values, vectors = sl.eigh(H, check_finite=False)
    values = values - g.size * EPS * values[-1]
    if not values[0] > 0:
        return math.inf
    hidden = rows.dim * EPS * float(np.linalg.norm(S)) / math.sqrt(n * values[0])
    d = math.sqrt(float(np.sum((g @ vectors) ** 2 / values))) + hidden
    longest = math.sqrt(2 * float((U * U).sum(1).max()))
    return decrement_bound(d, longest * d / math.sqrt(values[0]))


def curvature(rows: Rows, P: Matrix) -> Matrix:
    """The Hessian of softmax, (1/n) sum_(a<b) kron(X' diag(p_a p_b) X, (e_a - e_b)(e_a - e_b)'): of no differences."""
    n, k = P.shape
    H = np.zeros((rows.dim, k, rows.dim, k))
    for a in range(k):
        for b in range(a):
            G = rows.gram(P[:, a] * P[:, b]) / n
            H[:, a, :, a] += G
            H[:, b, :, b] += G
            H[:, a, :, b] = H[:, b, :, a] = -G
    return H.reshape(rows.dim * k, rows.dim * k)


def separating(rows: Rows, y: Vector, k: int) -> Matrix | None:
    """A V with (x_i V)_(y_i) >= (x_i V)_c for all rows and classes, and > for some; None where none is found.

    Along it f falls for ever, so no minimiser exists. Found by the linear program max sum m subject to those
    differences being at least m, 0 <= m <= 1, whose optimum is zero or at least one.
    Source: Albert & Anderson (1984), doi:10.1093/biomet/71.1.1.
    """
    X, codes = sp.csr_array(rows.stored()), y.astype(int)
    n, dim = X.shape
    others = np.array([[c for c in range(k) if c != own] for own in range(k)])[codes].ravel()
    own, repeated = np.repeat(codes, k - 1), X[np.repeat(np.arange(n), k - 1)]
    signs = np.eye(k)[own] - np.eye(k)[others]
    difference = sp.hstack([repeated.multiply(signs[:, [c]]) for c in range(k)])
    program = linprog(
        np.r_[np.zeros(dim * k), -np.ones(own.size)],
        A_ub=sp.hstack([-difference, sp.eye_array(own.size)], format="csr"),
        b_ub=np.zeros(own.size),
        bounds=[(None, None)] * (dim * k) + [(0, 1)] * own.size,
        method="highs",
        options={"time_limit": PATIENCE},
    )
    return program.x[: dim * k].reshape(k, dim).T if program.status == 0 and -program.fun > 0.5 else None
