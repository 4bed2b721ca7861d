"""Minima of small linear models to 50 digits, proven by their optimality conditions and not by the lab's own bounds."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np

from problems.parts.losses import Loss, logistic
from problems.parts.penalties import Penalty

DIGITS = 70
TINY = mp.mpf(10) ** -50
Number = Any
Vector = list[Any]


class Unproven(Exception):  # noqa: N818
    """The optimality conditions do not hold: the guess of the active pieces was wrong, or there is no minimiser."""


def minimum(X: Any, y: Any, intercept: bool, loss: Loss, penalty: Penalty, near: Any) -> tuple[Number, Vector]:
    """f* and a minimiser, for a loss of lines and parabolas or the logistic loss.

    near: a point about the minimum, from which the active pieces are guessed. Raises Unproven.
    """
    with mp.workdps(DIGITS):
        rows = [[mp.mpf(float(v)) for v in row] + ([mp.mpf(1)] if intercept else []) for row in X]
        near = [mp.mpf(float(v)) for v in near]
        solve = _logistic if loss is logistic else _piecewise
        return solve(rows, y, loss, penalty, near, len(X[0]))


def value(X: Any, y: Any, intercept: bool, loss: Loss, penalty: Penalty, theta: Vector) -> Number:
    """f(theta) to 50 digits."""
    with mp.workdps(DIGITS):
        total, low, high = mp.mpf(0), *(loss.derivative_bounds or (lambda y: (-np.inf * abs(y), np.inf * abs(y))))(y)
        for i, row in enumerate(X):
            z = mp.fdot([mp.mpf(float(v)) for v in row] + [mp.mpf(1)] * intercept, theta)
            if loss is logistic:
                total += mp.log1p(mp.exp(-float(y[i]) * z))
                continue
            centre, softness = loss.pieces(y)
            r = z - float(centre[i])
            above = 1 - mp.mpf(loss.shape) if loss.name == "quantile" else mp.mpf(float(high[i]))
            s = min(max(r, mp.mpf(float(low[i]))), above) if softness else above if r > 0 else mp.mpf(float(low[i]))
            total += s * (r - softness * s / 2)
        w = theta[: len(X[0])]
        return total / len(y) + mp.fsum(mp.mpf(penalty.l1) * abs(v) + mp.mpf(penalty.l2) * v**2 / 2 for v in w)


def _piecewise(rows: Any, y: Any, loss: Loss, penalty: Penalty, near: Vector, d: int) -> tuple[Number, Vector]:
    n, dim = len(rows), len(near)
    centre, softness = loss.pieces(y)
    centre = [mp.mpf(float(c)) for c in centre]
    infinite = np.full(n, -np.inf), np.full(n, np.inf)
    low, high = ([mp.mpf(float(v)) for v in side] for side in (loss.derivative_bounds or (lambda y: infinite))(y))
    if loss.name == "quantile":
        high = [1 - mp.mpf(loss.shape)] * n
    l1, l2 = n * mp.mpf(penalty.l1), n * mp.mpf(penalty.l2)
    kinked = [j < d and (l1 > 0 or penalty.nonnegative) for j in range(dim)]
    size = max(abs(v) for v in near) + mp.mpf(10) ** -300
    zero = [kinked[j] and abs(near[j]) <= size * mp.mpf(10) ** -12 for j in range(dim)]
    sign = [0 if zero[j] or not kinked[j] else (1 if near[j] > 0 else -1) for j in range(dim)]
    r = [mp.fdot(row, near) - c for row, c in zip(rows, centre, strict=True)]
    scale = [
        mp.fsum(abs(a * b) for a, b in zip(row, near, strict=True)) + abs(c)
        for row, c in zip(rows, centre, strict=True)
    ]
    if softness:
        piece = ["high" if v > h else "low" if v < lo else "soft" for v, lo, h in zip(r, low, high, strict=True)]
    else:
        piece = [
            "kink" if abs(v) <= s * mp.mpf(10) ** -13 else "high" if v > 0 else "low"
            for v, s in zip(r, scale, strict=True)
        ]
    free, kinks = [j for j in range(dim) if not zero[j]], [i for i in range(n) if piece[i] == "kink"]
    ridge = [l2 if j < d else mp.mpf(0) for j in range(dim)]
    # unknowns: theta of the free coefficients, s of the rows at their kink
    matrix, right = [], []
    for j in free:
        line = [mp.fsum(rows[i][j] * rows[i][k] for i in range(n) if piece[i] == "soft") for k in free]
        line[free.index(j)] += ridge[j]
        value = mp.fsum(rows[i][j] * centre[i] for i in range(n) if piece[i] == "soft")
        value -= mp.fsum(
            rows[i][j] * (low if piece[i] == "low" else high)[i] for i in range(n) if piece[i] in ("low", "high")
        )
        matrix.append(line + [rows[i][j] for i in kinks])
        right.append(value - l1 * sign[j])
    for i in kinks:
        matrix.append([rows[i][k] for k in free] + [mp.mpf(0)] * len(kinks))
        right.append(centre[i])
    solution = _solved(matrix, right)
    theta = [mp.mpf(0)] * dim
    for j, value in zip(free, solution, strict=False):
        theta[j] = value
    held = dict(zip(kinks, solution[len(free) :], strict=True))
    r = [mp.fdot(row, theta) - c for row, c in zip(rows, centre, strict=True)]
    s = [
        held[i] if piece[i] == "kink" else r[i] if piece[i] == "soft" else (low if piece[i] == "low" else high)[i]
        for i in range(n)
    ]
    for i in range(n):
        slack = TINY * (1 + scale[i])
        within = low[i] - slack <= s[i] <= high[i] + slack
        at_kink = low[i] if piece[i] == "low" else high[i]
        right_side = (
            piece[i] not in ("low", "high") or (r[i] - softness * at_kink) * (1 if piece[i] == "high" else -1) >= -slack
        )
        if not (within and right_side):
            raise Unproven
    for j in range(dim):
        g = mp.fsum(rows[i][j] * s[i] for i in range(n)) + ridge[j] * theta[j]
        slack = TINY * (1 + mp.fsum(abs(rows[i][j]) for i in range(n)))
        if zero[j]:
            holds = -g <= l1 + slack if penalty.nonnegative else abs(g) <= l1 + slack
        else:
            holds = abs(g + l1 * sign[j]) <= slack and (not kinked[j] or theta[j] * sign[j] >= 0)
        if not holds:
            raise Unproven
    losses = [s[i] * (r[i] - softness * s[i] / 2) for i in range(n)]
    value = mp.fsum(losses) + mp.fsum(l1 * abs(theta[j]) + l2 * theta[j] ** 2 / 2 for j in range(d))
    return value / n, theta


def _logistic(rows: Any, y: Any, loss: Loss, penalty: Penalty, near: Vector, d: int) -> tuple[Number, Vector]:
    """Newton's method on the coefficients that are not 0; the duality gap then bounds f(theta) - f*."""
    n, dim = len(rows), len(near)
    y = [mp.mpf(float(v)) for v in y]
    l1, l2 = n * mp.mpf(penalty.l1), n * mp.mpf(penalty.l2)
    size = max(abs(v) for v in near) + mp.mpf(10) ** -300
    free = [j for j in range(dim) if j >= d or not l1 or abs(near[j]) > size * mp.mpf(10) ** -12]
    sign = [0 if j >= d or not l1 else (1 if near[j] > 0 else -1) for j in range(dim)]
    theta = [near[j] if j in free else mp.mpf(0) for j in range(dim)]
    for _ in range(12):
        p = [1 / (1 + mp.exp(t * mp.fdot(row, theta))) for row, t in zip(rows, y, strict=True)]
        g = [
            -mp.fsum(rows[i][j] * y[i] * p[i] for i in range(n)) + (l2 * theta[j] + l1 * sign[j] if j < d else 0)
            for j in free
        ]
        H = [[mp.fsum(rows[i][j] * rows[i][k] * p[i] * (1 - p[i]) for i in range(n)) for k in free] for j in free]
        for k, j in enumerate(free):
            H[k][k] += l2 if j < d else 0
        if max((abs(v) for v in g), default=mp.mpf(0)) < TINY:
            break
        for j, step in zip(free, _solved(H, g), strict=True):
            theta[j] -= step
    else:
        raise Unproven
    for j in set(range(dim)) - set(free):
        if abs(mp.fsum(rows[i][j] * y[i] * p[i] for i in range(n))) > l1:
            raise Unproven
    if any(theta[j] * sign[j] < 0 for j in free) or max(p) < TINY:  # separable: f decreases for ever
        raise Unproven
    value = mp.fsum(mp.log1p(mp.exp(-t * mp.fdot(row, theta))) for row, t in zip(rows, y, strict=True))
    return (value + mp.fsum(l1 * abs(theta[j]) + l2 * theta[j] ** 2 / 2 for j in range(d))) / n, theta


def _solved(matrix: Any, right: Vector) -> Vector:
    """A solution of a square system, 0 for dependent unknowns, by complete pivoting. Raises Unproven."""
    m = len(right)
    A = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    scale = [max((abs(v) for v in row[:-1]), default=mp.mpf(0)) or mp.mpf(1) for row in A]
    A = [[v / s for v in row] for row, s in zip(A, scale, strict=True)]
    order, rank = list(range(m)), 0
    for k in range(m):
        size, i, j = max(((abs(A[i][j]), i, j) for i in range(k, m) for j in range(k, m)), key=lambda item: item[0])
        if size <= TINY:
            break
        A[k], A[i] = A[i], A[k]
        order[k], order[j] = order[j], order[k]
        for row in A:
            row[k], row[j] = row[j], row[k]
        for row in A[k + 1 :]:
            factor = row[k] / A[k][k]
            for c in range(k, m + 1):
                row[c] -= factor * A[k][c]
        rank = k + 1
    if any(abs(A[i][m]) > TINY * mp.mpf(10) ** 20 for i in range(rank, m)):
        raise Unproven
    x = [mp.mpf(0)] * m
    for k in reversed(range(rank)):
        x[k] = (A[k][m] - mp.fsum(A[k][c] * x[c] for c in range(k + 1, rank))) / A[k][k]
    solution = [mp.mpf(0)] * m
    for k, place in enumerate(order):
        solution[place] = x[k]
    return solution
