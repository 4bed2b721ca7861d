"""Proven lower bounds on f* for f(C) = (1/2n) sum_i min_j |x_i - c_j|^2, which is not convex."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.foundation.arrays import EPS, Matrix
from problems.kernels.unsupervised import intervals

MOST_ENTRIES = 5_000_000  # of the arrays that a bound may need


def subspace_bound(X: Matrix, k: int) -> float:
    """Half the sum of the eigenvalues of the covariance without the k - 1 largest.

    The k centres, relative to the mean, span k - 1 dimensions at most, and no subspace of that dimension is nearer to
    the rows than the principal one. Source: Ding & He (2004), doi:10.1145/1015330.1015408.
    """
    singular = sl.svdvals(X - X.mean(0), check_finite=False)[k - 1 :]
    return float(singular @ singular) / (2 * len(X))


def line_optimum(x: Matrix, k: int) -> float:
    """f* itself for rows with one column, shape (n, 1): on a line clusters are intervals, and the best ones are found.

    Source: Wang & Song (2011), doi:10.32614/RJ-2011-015.
    """
    sorted_x = np.sort(x[:, 0] - x[:, 0].mean())
    last = np.empty(k, np.int64)
    intervals(sorted_x, last)
    parts = np.split(sorted_x, last[:-1])
    return float(sum(((part - part.mean()) ** 2).sum() for part in parts)) / (2 * len(x))


def separation_bound(X: Matrix, labels: NDArray[np.int64], k: int) -> float:
    """A lower bound on f*, which equals the f of this partition if its clusters lie far apart: no other is better then.

    With D_ij = |x_i - x_j|^2 and Z_ij = 1/n_s for two rows of cluster s, 0 for others, f = <D, Z> / (4 n), and Z >= 0
    is positive semidefinite with Z 1 = 1 and tr Z = k. Among all such Z, <D, Z> is least at this partition's if

        Q = D + w I - (a 1' + 1 a')/2 - B,   a_i = 2 |x_i - c_s|^2 + w/n_s,   B_st = u_st u_ts' / sum(u_st),
        u_st(i) = n_t (|x_i - c_t|^2 - |x_i - c_s|^2) - w (n_s + n_t) / (2 n_s) >= 0,     x_i in s, s not t

    is positive semidefinite, where w is the largest number for which no u is negative. Q is 0 on the span of the
    clusters' indicators; on the complement its least eigenvalue is w - q, where q is the largest eigenvalue of
    2 X X' + B there. If q > w the bound is lower by (q - w) (k - 1) / (4 n). It is -inf for empty clusters, and if a
    row is nearer to the mean of another cluster.
    Source: Peng & Wei (2007), doi:10.1137/050641983; B: Iguchi, Mixon, Peterson & Villar (2017),
    doi:10.1007/s10107-016-1097-0.
    """
    n, d = X.shape
    counts = np.bincount(labels, minlength=k).astype(np.float64)
    columns = d + k * (k - 1)
    if not counts.all() or n * columns > MOST_ENTRIES:
        return -math.inf
    members = [np.flatnonzero(labels == s) for s in range(k)]
    means = np.stack([X[rows].mean(0) for rows in members])
    inner = X - means[labels]
    distances = np.stack([((X - mean) ** 2).sum(1) for mean in means], axis=1)
    squared = (inner * inner).sum(1)
    f: float = squared.sum() / (2 * n)
    if k == 1:
        return f
    farther, size = distances - squared[:, None], counts[labels][:, None]
    elsewhere = np.arange(k) != labels[:, None]
    w = float(np.where(elsewhere, 2 * size * counts * farther / (size + counts), np.inf).min())
    if not w > 0:
        return -math.inf
    u = np.maximum(counts * farther - w * (size + counts) / (2 * size), 0.0)
    F, K = np.zeros((n, columns)), np.zeros((columns, columns))
    F[:, :d], K[:d, :d] = inner, 2 * np.eye(d)
    at = d
    for s in range(k):
        for t in range(s):
            total = u[members[s], t].sum()
            for i, (one, other) in enumerate(((s, t), (t, s))):
                part = u[members[one], other]
                F[members[one], at + i] = part - part.mean()
            K[at, at + 1] = K[at + 1, at] = 1 / total if total > 0 else 0.0
            at += 2
    R: Matrix = sl.qr(F, mode="r", check_finite=False)[0][:columns]
    values = sl.eigvalsh(R @ K @ R.T, check_finite=False)
    q = max(float(values[-1]) + columns * EPS * float(abs(values).max()), 0.0)
    bound: float = f - max(q - w, 0.0) * (k - 1) / (4 * n)
    return bound
