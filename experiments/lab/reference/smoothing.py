"""Minima of models with piecewise linear losses, by smoothing the kinks less and less."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.forms import LinearModel
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.linear.penalised_model import PenalisedModel
from solvers.base import Breakdown
from solvers.base.driving import iterates
from solvers.peers.scipy.linear_program_models import ScipyLinprogModel

Mask = NDArray[np.bool_]
STAGES = 14  # in each the smoothing width is a tenth of the one before
VERTEX = 1e-7  # how near a kink the rows are that a linear program puts there
MOST_ROWS = 3000  # at a kink, up to which they are solved for together
MOST_STEPS = 50  # of Newton's method in each stage


def smoothed_minima(problem: PenalisedModel) -> Iterator[Vector]:
    """Points that come closer to the minimum of a model whose loss is linear on either side of a kink.

    The kinks of the losses and of the penalty are smoothed over a width that shrinks from stage to stage; Newton's
    method finds the minimum of each stage. It shows which kinks are active at the minimum, and these determine the
    minimum exactly. Without an l2 a linear program shows them too, and is tried first.
    """
    smoothed = _Smoothed(problem)
    if isinstance(problem, LinearModel) and ScipyLinprogModel().objection(problem) is None:
        with suppress(Breakdown):
            theta = next(iterates(ScipyLinprogModel(), problem, np.zeros(problem.dim)))
            yield theta
            yield smoothed.minimum_at_active_kinks(theta, VERTEX)
    theta = np.zeros(problem.dim)
    for stage in range(STAGES):
        width = 10.0 ** (1 - stage)
        theta = smoothed.minimum(theta, width)
        yield theta
        yield smoothed.minimum_at_active_kinks(theta, width)


class _Smoothed:
    """n f as a sum of functions with one kink and of squares.

        sum_i l(z_i) + sum_j (h(theta_j) + ridge_j/2 theta_j^2),     z = X w + b

    Smoothed over a width t the derivatives of l are clip((z - kink)/t, low, high), and those of h are likewise.
    """

    def __init__(self, problem: PenalisedModel) -> None:
        self.rows, loss, penalty, y = problem.rows, problem.loss, problem.penalty, problem.y
        n, dim, d = self.rows.n, self.rows.dim, self.rows.dim - self.rows.intercept
        (self.low, self.high), self.kink = loss.derivative_bounds(y), loss.kink(y)
        intercept = np.zeros(dim - d)
        self.ridge = np.r_[np.full(d, n * penalty.l2), intercept]
        self.h_high = np.r_[np.full(d, n * penalty.l1), intercept]
        self.h_low = np.r_[np.full(d, -np.inf), intercept] if penalty.nonnegative else -self.h_high

    def derivatives(self, theta: Vector, t: float) -> tuple[Vector, Vector, Mask, Mask]:
        """Those of the losses and of h, and which rows and coefficients lie within the smoothed kinks."""
        r, v = (self.rows @ theta - self.kink) / t, self.rows.n * theta / t
        s, u = np.clip(r, self.low, self.high), np.clip(v, self.h_low, self.h_high)
        return s, u, (r > self.low) & (r < self.high), (v > self.h_low) & (v < self.h_high)

    def value_and_gradient(self, theta: Vector, t: float) -> tuple[float, Vector]:
        s, u, _, _ = self.derivatives(theta, t)
        f = s @ (self.rows @ theta - self.kink - t / 2 * s) + u @ (theta - t / (2 * self.rows.n) * u)
        return float(f + self.ridge @ theta**2 / 2), self.rows.transposed(s) + u + self.ridge * theta

    def minimum(self, theta: Vector, t: float) -> Vector:
        """The minimum for width t by Newton's method, in finitely many steps, because f is piecewise quadratic."""
        f, g = self.value_and_gradient(theta, t)
        for _ in range(MOST_STEPS):
            _, _, curved, flat = self.derivatives(theta, t)
            H = self.rows[np.flatnonzero(curved)].gram() / t + np.diag(self.ridge + self.rows.n / t * flat)
            H[np.diag_indices(theta.size)] += float(np.linalg.norm(g) / (1 + np.linalg.norm(theta)))
            try:
                step = -sl.cho_solve(sl.cho_factor(H, check_finite=False), g, check_finite=False)
            except sl.LinAlgError:
                break
            share, decrease = 1.0, float(g @ step)
            if -decrease <= EPS * abs(f):
                break
            while share > 1e-10:
                new = theta + share * step
                f_new, g_new = self.value_and_gradient(new, t)
                if f_new <= f + 1e-4 * share * decrease:
                    break
                share /= 2
            else:
                break
            theta, f, g = new, f_new, g_new
        return theta

    def minimum_at_active_kinks(self, theta: Vector, t: float) -> Vector:
        """The minimum over the points at which the kinks that are active at theta stay active.

        There x_i . theta = kink_i in the active rows, theta_j = 0 where h has its kink, and the gradient
        ridge theta + X's + u is 0 in every direction that keeps this; of several minima it is the one nearest to theta.
        """
        s, u, at_kink, at_zero = self.derivatives(theta, t)
        active, free = np.flatnonzero(at_kink), np.flatnonzero(~at_zero)
        if active.size > MOST_ROWS:
            return theta
        exact = np.where(at_zero, 0.0, theta)
        A = dense(self.rows[active].design_matrix())[:, free]
        move, N = _solution_and_null_space(A, self.kink[active] - A @ exact[free])
        exact[free] += move
        gradient = (self.rows.transposed(np.where(at_kink, 0.0, s)) + u + self.ridge * exact)[free]
        H = (N.T * self.ridge[free]) @ N
        exact[free] -= N @ sl.lstsq(H, N.T @ gradient, check_finite=False)[0] if N.size else 0.0
        d = theta.size - self.rows.intercept
        if np.isinf(self.h_low[:d]).any():
            exact[:d] = np.maximum(exact[:d], 0.0)
        return exact


def _solution_and_null_space(A: Matrix, b: Vector) -> tuple[Vector, Matrix]:
    """The least-squares solution of A x = b of least norm, and a basis of the null space of A, as columns."""
    k = A.shape[1]
    if not A.size:
        return np.zeros(k), np.eye(k)
    U, values, V = sl.svd(A, full_matrices=len(A) < k, check_finite=False)
    rank = int((values > max(A.shape) * EPS * values[0]).sum())
    return V[:rank].T @ ((U.T @ b)[:rank] / values[:rank]), V[rank:].T
