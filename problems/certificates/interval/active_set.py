"""The minimum over the pieces of the loss and of the penalty on which a point lies, in double-double; pieces exchanged.

A row of a kinked loss may lie at its kink, where its derivative is a free number between the bounds; a row of a smooth
piecewise loss lies on its parabola or on a line; a coefficient with a kinked penalty is 0 or has a sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.certificates.interval.columns import Basis, Columns
from problems.certificates.interval.losses import PiecewiseLoss
from problems.certificates.interval.smoothing import penalty_steepness
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.double_double import DoubleDouble, exact, where

Mask = NDArray[np.bool_]
MOST_EXCHANGES = 60  # of rows and coefficients between pieces
MOST_REFINEMENTS = 8  # steps with double-double residuals; each gains the digits that the condition number leaves
MOST_NEWTON_STEPS = 100  # for a loss that is not piecewise quadratic
NEGLIGIBLE = 1e-13  # eigenvalues and violations, relative to the largest, that rounding in float64 may cause
BELOW = 1e-25  # the same in double-double


@dataclass
class ActiveSet:
    """Which piece each row and each coefficient lies on."""

    kink: Mask  # rows at the kink of their loss
    low: Mask  # rows on the line with the least derivative
    high: Mask  # rows on the line with the largest
    held: DoubleDouble  # the derivatives of the rows at their kink, 0 elsewhere
    zero: Mask  # coefficients that are 0, where the penalty has its kink
    sign: Vector  # of the other coefficients with a kinked penalty, 0 elsewhere

    def key(self) -> bytes:
        """What distinguishes it from other sets."""
        return b"".join(part.tobytes() for part in (self.kink, self.low, self.high, self.zero, self.sign))


def active_set(columns: Columns, theta: DoubleDouble, width: float) -> ActiveSet:
    """The pieces on which theta lies: what is within a kink smoothed over `width` is at the kink."""
    model, loss = columns.model, columns.model.loss
    kink = low = high = np.zeros(model.n, bool)
    held = np.zeros(model.n)
    if isinstance(loss, PiecewiseLoss):
        r = (model.product(theta)[0] - loss.centre).hi
        s = np.clip(r / (loss.softness or width), loss.low.hi, loss.high.hi)
        kink = (s > loss.low.hi) & (s < loss.high.hi) & loss.kinked
        low, high = (s <= loss.low.hi) & ~kink, (s >= loss.high.hi) & ~kink
        held = np.where(kink, s, 0.0)
    rise = penalty_steepness(columns) * theta.hi / columns.stretch / width
    l1 = model.l1.hi * columns.stretch
    zero = model.kinked & (rise < l1) & (model.nonnegative | (rise > -l1))
    sign = np.where(model.kinked & ~zero, np.sign(theta.hi), 0.0)
    return ActiveSet(kink, low, high, exact(held), zero, sign)


def polished(columns: Columns, theta: DoubleDouble, pieces: ActiveSet) -> Iterator[tuple[DoubleDouble, DoubleDouble]]:
    """Pairs of a point and derivatives of the losses: the minimum over the active pieces, until none is to exchange."""
    model = columns.model
    kinked_penalty = bool(model.kinked.any())
    whole = None if kinked_penalty else columns.basis()
    seen: set[bytes] = set()
    for _ in range(MOST_EXCHANGES):
        if pieces.key() in seen:
            break
        seen.add(pieces.key())
        free = np.flatnonzero(~pieces.zero)
        basis = whole or columns.basis(free)
        theta = _minimum(columns, where(pieces.zero, 0.0, theta), pieces, free, basis)
        z, _ = model.product(theta)
        s, h = _derivatives(columns, z, pieces)
        s = _balanced(columns, theta, s, pieces, free, basis, np.where(pieces.kink, 1.0, h))
        yield theta, s
        if not isinstance(model.loss, PiecewiseLoss) and not kinked_penalty:
            break
        moved = _moved_along_dependence(columns, theta, s, pieces, free, basis) if kinked_penalty else None
        if moved:
            theta = moved
        elif not _exchange(columns, theta, z, s, pieces):
            break


def _minimum(
    columns: Columns, theta: DoubleDouble, pieces: ActiveSet, free: NDArray[np.int64], basis: Basis
) -> DoubleDouble:
    """theta after refinement, or Newton's method with a line search, over the free coefficients."""
    model = columns.model
    quadratic = isinstance(model.loss, PiecewiseLoss)
    at_kink = np.flatnonzero(pieces.kink)
    previous = math.inf
    for _ in range(MOST_REFINEMENTS if quadratic else MOST_NEWTON_STEPS):
        z, _ = model.product(theta)
        s, h = _derivatives(columns, z, pieces)
        gradient = columns.gradient(_penalised_gradient(columns, theta, s, pieces.sign))[free]
        missing = np.zeros(0)
        if isinstance(model.loss, PiecewiseLoss):
            missing = -(z[at_kink] - model.loss.centre[at_kink]).hi
        step, change = _constrained_step(basis.hessian(h), basis.rows[at_kink], -(basis.P.T @ gradient), missing)
        size = float(np.linalg.norm(np.append(step, change)))
        if not size < previous / 2:
            break
        previous = size
        c = np.zeros(model.dim)
        c[free] = basis.P @ step
        share = 1.0
        if not quadratic and size >= 1e-6:
            f, previous = model.upper(theta), math.inf
            while share > 1e-9 and not model.upper(theta + columns.theta(share * c)) < f:
                share /= 2
        theta = theta + columns.theta(share * c)
        correction = np.zeros(model.n)
        correction[at_kink] = change
        pieces.held = pieces.held + correction
        if size <= 1e-31 * (float(np.linalg.norm(basis.rows.T @ z.hi)) + 1e-300):
            break
    return theta


def _constrained_step(H: Matrix, W: Matrix, force: Vector, missing: Vector) -> tuple[Vector, Vector]:
    """The x and m with H x + W'm = force and W x = missing; the shortest ones, without directions that rounding hides.

    W has a row for each row at its kink. The step is the least-squares solution of W x = missing, and the minimum of
    the quadratic over what W leaves free.
    """
    r = H.shape[0]
    if not W.size:
        return _symmetric_solution(H, force), np.zeros(len(W))
    U, values, V = sl.svd(W, full_matrices=len(W) < r, check_finite=False)
    rank = int((values > NEGLIGIBLE * values[0]).sum())
    particular = V[:rank].T @ ((U[:, :rank].T @ missing) / values[:rank])
    N = V[rank:].T
    x = particular
    if N.size:
        x = x + N @ _symmetric_solution(N.T @ H @ N, N.T @ (force - H @ particular))
    multipliers = U[:, :rank] @ ((V[:rank] @ (force - H @ x)) / values[:rank])
    return x, multipliers


def _symmetric_solution(H: Matrix, b: Vector) -> Vector:
    if not H.size:
        return np.zeros(len(b))
    values, Q = sl.eigh(H, check_finite=False)
    kept = abs(values) > NEGLIGIBLE * max(float(abs(values).max()), 1e-300)
    solution: Vector = Q[:, kept] @ ((Q[:, kept].T @ b) / values[kept])
    return solution


def _derivatives(columns: Columns, z: DoubleDouble, pieces: ActiveSet) -> tuple[DoubleDouble, Vector]:
    """First and second derivatives of the pieces."""
    loss = columns.model.loss
    if not isinstance(loss, PiecewiseLoss):
        first, second = loss.derivatives(z.hi, 0.0)
        return exact(first), second
    s = where(pieces.kink, pieces.held, where(pieces.low, loss.low, where(pieces.high, loss.high, z - loss.centre)))
    return s, np.where(pieces.kink | pieces.low | pieces.high, 0.0, 1.0)


def _penalised_gradient(columns: Columns, theta: DoubleDouble, s: DoubleDouble, sign: Vector) -> DoubleDouble:
    """n times the gradient of f where the coefficients have these signs."""
    model = columns.model
    return model.transposed(s)[0] + model.l2 * theta + model.l1 * sign


def _balanced(
    columns: Columns,
    theta: DoubleDouble,
    s: DoubleDouble,
    pieces: ActiveSet,
    free: NDArray[np.int64],
    basis: Basis,
    room: Vector,
) -> DoubleDouble:
    """s moved, where there is room, until the gradient is 0 in double-double."""
    if not basis.rank:
        return s
    H = basis.hessian(room)
    for _ in range(3):
        gradient = columns.gradient(_penalised_gradient(columns, theta, s, pieces.sign))[free]
        s = s - room * (basis.rows @ _symmetric_solution(H, basis.P.T @ gradient))
    return s


def _moved_along_dependence(
    columns: Columns,
    theta: DoubleDouble,
    s: DoubleDouble,
    pieces: ActiveSet,
    free: NDArray[np.int64],
    basis: Basis,
) -> DoubleDouble | None:
    """theta moved where only the penalty changes, and falls, until a coefficient is 0; None if it falls nowhere.

    That coefficient joins those that are 0.
    """
    model = columns.model
    slope = columns.gradient(_penalised_gradient(columns, theta, s, pieces.sign))[free]
    Q, _ = np.linalg.qr(basis.P)
    slope = slope - Q @ (Q.T @ slope)
    if np.linalg.norm(slope) <= 1e-10 * np.linalg.norm((model.l1.hi * columns.stretch)[free]):
        return None
    move = np.zeros(model.dim)
    move[free] = -slope
    w = theta.hi / columns.stretch
    falling = np.flatnonzero(model.kinked & ~pieces.zero & (w * move < 0))
    if not falling.size:
        return None
    shares = -w[falling] / move[falling]
    first = falling[np.argmin(shares)]
    pieces.zero[first], pieces.sign[first] = True, 0.0
    return theta + columns.theta(float(shares.min()) * move)


def _exchange(columns: Columns, theta: DoubleDouble, z: DoubleDouble, s: DoubleDouble, pieces: ActiveSet) -> bool:
    """Move to the right piece, in place, what lies on a wrong one; False where all are right."""
    return _exchange_coefficient(columns, theta, s, pieces) or _exchange_row(columns, theta, z, s, pieces)


def _exchange_coefficient(columns: Columns, theta: DoubleDouble, s: DoubleDouble, pieces: ActiveSet) -> bool:
    """Those that changed their sign become 0; of those that are 0 the one with the largest excess over l1 is freed."""
    model = columns.model
    changed = ~pieces.zero & model.kinked & (theta.hi * pieces.sign < 0)
    if changed.any():
        pieces.zero = pieces.zero | changed
        pieces.sign = np.where(changed, 0.0, pieces.sign)
        return True
    g, _ = model.transposed(s)
    excess = np.where(pieces.zero, np.where(model.nonnegative, -g.hi, abs(g.hi)) - model.l1.hi, 0.0)
    size = model.rows.transposed(abs(s.hi)) if not model.rows.sparse else abs(model.rows.design_matrix()).T @ abs(s.hi)
    tolerance = BELOW * abs(size) + NEGLIGIBLE * model.l1.hi
    if not (excess > tolerance).any():
        return False
    j = int(np.argmax(excess / np.maximum(tolerance, 1e-300)))
    pieces.zero[j], pieces.sign[j] = False, -np.sign(g.hi[j])
    return True


def _exchange_row(columns: Columns, theta: DoubleDouble, z: DoubleDouble, s: DoubleDouble, pieces: ActiveSet) -> bool:
    """A row whose derivative left its bounds leaves its kink; one that crossed its kink is put there."""
    model, loss = columns.model, columns.model.loss
    if not isinstance(loss, PiecewiseLoss):
        return False
    r = (z - loss.centre).hi
    if not loss.kinked:
        low, high = r < loss.low.hi, r > loss.high.hi
        changed = bool(((low != pieces.low) | (high != pieces.high)).any())
        pieces.low, pieces.high = low, high
        return changed
    outside = np.where(pieces.kink, np.maximum((s - loss.high).hi, (loss.low - s).hi), -np.inf)
    if (outside > NEGLIGIBLE * (loss.high.hi - loss.low.hi)).any():
        i = int(np.argmax(outside))
        pieces.kink[i], pieces.high[i], pieces.low[i] = False, s.hi[i] > loss.high.hi[i], s.hi[i] < loss.low.hi[i]
        pieces.held = where(pieces.kink, pieces.held, 0.0)
        return True
    size = abs(model.rows.design_matrix()) @ abs(theta.hi) + abs(loss.centre)
    crossed = (pieces.high & (r < -BELOW * size)) | (pieces.low & (r > BELOW * size))
    if not crossed.any():
        return False
    i = int(np.argmax(np.where(crossed, abs(r), 0.0)))
    pieces.kink[i], pieces.low[i], pieces.high[i] = True, False, False
    pieces.held = where(np.arange(model.n) == i, s, pieces.held)
    return True
