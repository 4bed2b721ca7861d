"""Points at the minimum where losses turn at corners, by rounding the corners off ever less."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from numpy.typing import NDArray

from problems.forms import LinearModel
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.linear.penalised_model import PenalisedModel
from solvers.base import Breakdown
from solvers.peers.scipy.linear_program_models import ScipyLinprogModel

Where = NDArray[np.bool_]
STAGES = 14  # of a tenth of the rounding each
VERTEX = 1e-7  # how near a corner rows are that a linear program puts there
MOST = 3000  # rows at a corner that are solved for together
STEPS = 50  # of Newton's method a stage, at most


def cornered(problem: PenalisedModel) -> Iterator[Vector]:
    """Points ever nearer the minimum of a model whose loss is a line on either side of a corner.

    Corners of the losses and of the penalty are rounded off within a width that shrinks stage by stage; what is left
    is least where Newton's method ends. It tells which corners hold at the minimum, and these the minimum. Without an
    l2 a linear program tells them as well, and is tried first.
    """
    rounded = _Rounded(problem)
    if isinstance(problem, LinearModel) and ScipyLinprogModel().objection(problem) is None:
        with suppress(Breakdown):
            theta = next(ScipyLinprogModel().iterate(problem, np.zeros(problem.dim), np.random.default_rng(0)))
            yield theta
            yield rounded.held(theta, VERTEX)
    theta = np.zeros(problem.dim)
    for stage in range(STAGES):
        width = 10.0 ** (1 - stage)
        theta = rounded.least(theta, width)
        yield theta
        yield rounded.held(theta, width)


class _Rounded:
    """n f as a sum of lines that turn at corners and of squares.

        sum_i l(z_i) + sum_j (k(theta_j) + ridge_j/2 theta_j^2),     z = X w + b

    With corners rounded off over a width t the slopes are clip((z - corner)/t, low, high), and so are k's.
    """

    def __init__(self, problem: PenalisedModel) -> None:
        self.rows, loss, penalty, y = problem.rows, problem.loss, problem.penalty, problem.y
        n, dim, d = self.rows.n, self.rows.dim, self.rows.dim - self.rows.intercept
        (self.low, self.high), self.corner = loss.slopes(y), loss.corner(y)
        free = np.zeros(dim - d)
        self.ridge = np.r_[np.full(d, n * penalty.l2), free]
        self.most = np.r_[np.full(d, n * penalty.l1), free]  # k's slopes
        self.least_slope = np.r_[np.full(d, -np.inf), free] if penalty.nonnegative else -self.most

    def slopes(self, theta: Vector, t: float) -> tuple[Vector, Vector, Where, Where]:
        """Of the losses and of k, and which of them lie where corners are rounded off."""
        r, n = (self.rows @ theta - self.corner) / t, self.rows.n
        s, u = np.clip(r, self.low, self.high), np.clip(n * theta / t, self.least_slope, self.most)
        return s, u, (r > self.low) & (r < self.high), (n * theta / t > self.least_slope) & (n * theta / t < self.most)

    def value_and_gradient(self, theta: Vector, t: float) -> tuple[float, Vector]:
        s, u, _, _ = self.slopes(theta, t)
        f = s @ (self.rows @ theta - self.corner - t / 2 * s) + u @ (theta - t / (2 * self.rows.n) * u)
        return float(f + self.ridge @ theta**2 / 2), self.rows.transposed(s) + u + self.ridge * theta

    def least(self, theta: Vector, t: float) -> Vector:
        """The minimum over width t by Newton's method, which ends after finitely many steps: f is made of parabolas."""
        f, g = self.value_and_gradient(theta, t)
        for _ in range(STEPS):
            _, _, round_, flat = self.slopes(theta, t)
            H = self.rows[np.flatnonzero(round_)].gram() / t + np.diag(self.ridge + self.rows.n / t * flat)
            H[np.diag_indices(theta.size)] += float(np.linalg.norm(g) / (1 + np.linalg.norm(theta)))
            try:
                step = -sl.cho_solve(sl.cho_factor(H, check_finite=False), g, check_finite=False)
            except sl.LinAlgError:
                break
            share, fall = 1.0, float(g @ step)
            if -fall <= EPS * abs(f):
                break
            while share > 1e-10:
                new = theta + share * step
                f_new, g_new = self.value_and_gradient(new, t)
                if f_new <= f + 1e-4 * share * fall:
                    break
                share /= 2
            else:
                break
            theta, f, g = new, f_new, g_new
        return theta

    def held(self, theta: Vector, t: float) -> Vector:
        """The least point of those with the corners that hold at theta.

        There x_i . theta = corner_i in a row that holds, theta_j = 0 where k's does, and ridge theta + X's + u, its
        slope, is 0 in each direction in which all of this stays so; where many points are as low, it is the nearest.
        """
        s, u, at_corner, at_zero = self.slopes(theta, t)
        held, keep = np.flatnonzero(at_corner), np.flatnonzero(~at_zero)
        if held.size > MOST:
            return theta
        exact = np.where(at_zero, 0.0, theta)
        X = self.rows[held].stored()
        A = (X.toarray() if sp.issparse(X) else X)[:, keep]
        move, N = _solved(A, self.corner[held] - A @ exact[keep])
        exact[keep] += move
        slope = (self.rows.transposed(np.where(at_corner, 0.0, s)) + u + self.ridge * exact)[keep]
        curved = (N.T * self.ridge[keep]) @ N
        exact[keep] -= N @ sl.lstsq(curved, N.T @ slope, check_finite=False)[0] if N.size else 0.0
        d = theta.size - self.rows.intercept
        if np.isinf(self.least_slope[:d]).any():
            exact[:d] = np.maximum(exact[:d], 0.0)
        return exact


def _solved(A: Matrix, b: Vector) -> tuple[Vector, Matrix]:
    """The shortest x with A x = b, or nearest to it, and the directions in which A x stays as it is, as columns."""
    k = A.shape[1]
    if not A.size:
        return np.zeros(k), np.eye(k)
    U, values, V = sl.svd(A, full_matrices=len(A) < k, check_finite=False)
    rank = int((values > max(A.shape) * EPS * values[0]).sum())
    return V[:rank].T @ ((U.T @ b)[:rank] / values[:rank]), V[rank:].T
