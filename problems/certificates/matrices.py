"""Proven bounds on f(theta) - f* for models with several outputs, Z = X W + b, one intercept b per output."""

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

MOST_COEFFICIENTS = 2000  # up to which eigenvalues are computed
TIME_LIMIT = 60.0  # seconds for a linear program, after which separability is not claimed


def squares_gap(rows: Rows, Y: Matrix, penalty: Penalty, M: Matrix) -> float:
    """The sum of the bounds of the outputs, each of which is a regression."""
    parts = zip(np.ascontiguousarray(M.T), np.ascontiguousarray(Y.T), strict=True)
    return sum(linear_model_gap(rows, y, squared, penalty, theta) for theta, y in parts)


def softmax_gap(rows: Rows, y: Vector, penalty: Penalty, M: Matrix) -> float:
    """The smaller of f itself and the duality gap, or, without a penalty, the bound by the Newton decrement."""
    W, b = (M[:-1], M[-1]) if rows.intercept else (M, 0.0)
    total, S, P = softmax.total(rows.X @ W + b, y)
    f = total / rows.n + penalty.value(W.ravel())
    if not math.isfinite(f):
        return f
    other = newton_gap(rows, P, S) if penalty == NONE else f - dual_bound(rows, y, penalty, S)
    return min(f, other)


def dual_bound(rows: Rows, y: Vector, penalty: Penalty, S: Matrix) -> float:
    """A lower bound on f from the gradients S = P - Y, made feasible; the bound 0 of S = 0 if that fails.

        D(S) = (1/n) sum_i H(y_i + s_i) - h*(-X'S/n),     sum_i s_i = 0 if there are intercepts

    H: the entropy, because the conjugate of log-sum-exp is -H on the simplex.  h: the penalty.
    Source: Boyd & Vandenberghe, Convex Optimization (2004), section 5.5.1.
    """
    target = np.arange(rows.n), y.astype(int)
    S[target] = 0.0  # the other entries are what each row's class gives to the others
    if rows.intercept and not _make_feasible(S, y):
        return 0.0
    given = S.sum(1)
    S[target] = -given
    G = rows.X.T @ S / rows.n
    S[target] = 0.0
    if not penalty.l2:
        largest = float(abs(G).max(initial=0.0))
        if largest > penalty.l1:
            factor = (1 - 4 * EPS) * penalty.l1 / largest
            S, given, G = factor * S, factor * given, factor * G
    entropy = -float(xlogy(S, S).sum() + xlog1py(np.maximum(1 - given, 0.0), -np.minimum(given, 1.0)).sum())
    return entropy / rows.n - penalty.conjugate(-G.ravel())


def _make_feasible(S: Matrix, y: Vector) -> bool:
    """Shrink S, in place, until each class gives as much as it receives; False if S is too far from that.

    F_ac, the sum of what rows of class a give to class c, is decreased by x_ac = w_ac (u_c - u_a) if that is positive:
    u solves a Laplacian system with k nodes and weights w_ac = F_ac F_ca / (F_ac + F_ca). The relative changes are of
    the order of the imbalance, so that D decreases by its square at most.
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
    """A bound for f without a penalty, from the Newton decrement d; finite near a minimiser.

    If it is finite, a minimiser exists. The coordinates are those in which f has curvature: k - 1 outputs, because a
    number added to all k changes nothing, and an orthonormal basis of the columns. There |f'''| <= M |v| f'' along any
    v, with M = sqrt(2) max_i |x_i|: the third cumulant of z under p is at most its range times its variance, and the
    range of k numbers is at most sqrt(2) times their norm. The bound is `curvature.decrement_bound` with
    q = M d / sqrt(least eigenvalue). Bounds on the rounding errors of gradient and eigenvalues are included.
    Source: Bach (2010), doi:10.1214/09-EJS521; for softmax Sun & Tran-Dinh (2019), doi:10.1007/s10107-018-1282-4,
    with a larger M.
    """
    n, k = P.shape
    B = rows.design_matrix()
    B = B.toarray() if rows.sparse else B
    U, singular, _ = sl.svd(B * column_scales(B), full_matrices=False, check_finite=False)
    U = math.sqrt(n) * U[:, singular > max(B.shape) * EPS * singular[0]]
    r = U.shape[1]
    if not 0 < r * (k - 1) <= MOST_COEFFICIENTS:
        return math.inf
    E = sl.helmert(k).T  # orthonormal columns, each with sum 0
    g = (U.T @ (S @ E)).ravel() / n
    H = curvature(Rows(U, intercept=False), P).reshape(r, k, r, k)
    H = np.einsum("acbd,ce,df->aebf", H, E, E, optimize=True).reshape(g.size, g.size)
    values, vectors = sl.eigh(H, check_finite=False)
    values = values - g.size * EPS * values[-1]
    if not values[0] > 0:
        return math.inf
    error = rows.dim * EPS * float(np.linalg.norm(S)) / math.sqrt(n * values[0])
    d = math.sqrt(float(np.sum((g @ vectors) ** 2 / values))) + error
    M = math.sqrt(2 * float((U * U).sum(1).max()))
    return decrement_bound(d, M * d / math.sqrt(values[0]))


def curvature(rows: Rows, P: Matrix) -> Matrix:
    """The Hessian of softmax, (1/n) sum_(a<b) kron(X' diag(p_a p_b) X, (e_a - e_b)(e_a - e_b)').

    In this form no numbers of equal size are subtracted.
    """
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
    """A V with (x_i V)_(y_i) >= (x_i V)_c for all rows and classes, and > for some; None if none is found.

    f decreases for ever along V, so that no minimiser exists. The linear program is max sum m subject to those
    differences being at least m, 0 <= m <= 1; its optimum is zero or at least one.
    Source: Albert & Anderson (1984), doi:10.1093/biomet/71.1.1.
    """
    X, codes = sp.csr_array(rows.design_matrix()), y.astype(int)
    n, dim = X.shape
    others = np.array([[c for c in range(k) if c != target] for target in range(k)])[codes].ravel()
    targets, repeated = np.repeat(codes, k - 1), X[np.repeat(np.arange(n), k - 1)]
    signs = np.eye(k)[targets] - np.eye(k)[others]
    difference = sp.hstack([repeated.multiply(signs[:, [c]]) for c in range(k)])
    program = linprog(
        np.r_[np.zeros(dim * k), -np.ones(targets.size)],
        A_ub=sp.hstack([-difference, sp.eye_array(targets.size)], format="csr"),
        b_ub=np.zeros(targets.size),
        bounds=[(None, None)] * (dim * k) + [(0, 1)] * targets.size,
        method="highs",
        options={"time_limit": TIME_LIMIT},
    )
    return program.x[: dim * k].reshape(k, dim).T if program.status == 0 and -program.fun > 0.5 else None
