"""Two bounds on the minimum of a linear model that are true at any point, however it was found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from problems.certificates.interval.losses import BoundedLoss, bounded_loss
from problems.foundation.arrays import EPS, Vector
from problems.foundation.double_double import (
    GUARD,
    ROUNDING,
    UNDERFLOW,
    DoubleDouble,
    concatenated,
    exact,
    lower_sum,
    two_product,
    upper_sum,
    where,
)
from problems.kernels import extended
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows

MOST_EXPONENT = 1000  # of a column's scale


@dataclass(frozen=True)
class LowerBound:
    """f(theta) >= value for all theta with |theta / scale| <= radius; beyond, less by rate for each unit of length."""

    value: float
    rate: float
    s: DoubleDouble  # the dual point, within the domain of the conjugates


class ScaledModel:
    """n f in columns that powers of two scale to a largest entry between 1/2 and 1; the intercept is the last column.

        n f(theta) = sum_i l_i(x_i . theta) + sum_j (l1_j |theta_j| + l2_j / 2 theta_j^2),     theta_j >= 0 if required

    theta of the given columns is scale * theta of these, exactly.
    """

    def __init__(self, rows: Rows, y: Vector, loss: BoundedLoss, penalty: Penalty) -> None:
        self.n, self.dim, self.intercept = rows.n, rows.dim, rows.intercept
        self.loss = loss
        largest = abs(rows.X).max(0).toarray().ravel() if rows.sparse else abs(rows.X).max(0, initial=0.0)
        _, exponents = np.frexp(np.where(largest > 0, largest, 1.0))
        scale = np.ldexp(1.0, -np.clip(exponents, -MOST_EXPONENT, MOST_EXPONENT))
        self.rows = Rows(rows.X.multiply(scale) if rows.sparse else rows.X * scale, rows.intercept)
        self.scale = np.append(scale, 1.0) if self.intercept else scale
        self.penalised = np.arange(self.dim) < scale.size
        factors = np.where(self.penalised, self.scale, 0.0)
        self.l1 = DoubleDouble(*two_product(float(self.n), penalty.l1)) * factors
        self.l2 = DoubleDouble(*two_product(float(self.n), penalty.l2)) * factors * factors
        self.nonnegative = self.penalised & penalty.nonnegative
        self.kinked = (self.l1.hi > 0) | self.nonnegative  # coefficients whose penalty has a kink at 0

    def product(self, theta: DoubleDouble) -> tuple[DoubleDouble, Vector]:
        """The predictions x_i . theta, shape (n,), and bounds on their errors."""
        d = self.dim - self.intercept
        hi, lo = np.ascontiguousarray(theta.hi[:d]), np.ascontiguousarray(theta.lo[:d])
        z_hi, z_lo, size = np.empty(self.n), np.empty(self.n), np.empty(self.n)
        if self.rows.sparse:
            extended.sparse_product(*self.rows.csr, hi, lo, z_hi, z_lo, size)
        else:
            extended.product(self.rows.X, hi, lo, z_hi, z_lo, size)
        z = DoubleDouble(z_hi, z_lo)
        if self.intercept:
            z, size = z + theta[-1:], size + abs(theta.hi[-1])
        return z, self._error(size, d)

    def transposed(self, s: DoubleDouble) -> tuple[DoubleDouble, Vector]:
        """sum_i s_i x_i, shape (dim,), and bounds on its errors."""
        d = self.dim - self.intercept
        g_hi, g_lo, size = np.empty(d), np.empty(d), np.empty(d)
        if self.rows.sparse:
            extended.sparse_transposed(*self.rows.csr, s.hi, s.lo, g_hi, g_lo, size)
        else:
            extended.transposed(self.rows.X, s.hi, s.lo, g_hi, g_lo, size)
        g = DoubleDouble(g_hi, g_lo)
        if self.intercept:
            total, of_one = DoubleDouble(np.empty(1), np.empty(1)), np.empty(1)
            extended.transposed(np.ones((self.n, 1)), s.hi, s.lo, total.hi, total.lo, of_one)
            g, size = concatenated(g, total), np.append(size, of_one)
        return g, self._error(size, self.n)

    def upper(self, theta: DoubleDouble) -> float:
        """A number that f(theta) does not exceed; inf where theta violates the constraint or f overflows.

        theta: in scaled columns. It is an upper bound of f*, whatever theta is.
        """
        if np.any(self.nonnegative & (theta.hi < 0)) or not np.isfinite(theta.hi).all():
            return math.inf
        with np.errstate(over="ignore", invalid="ignore"):
            values, errors = self.loss.values(*self.product(theta))
            length = abs(theta)
            ridge, lasso = self.l2 * length * length, self.l1 * length
            half = DoubleDouble(ridge.hi / 2, ridge.lo / 2)
            rounding = [8 * ROUNDING * term.hi + UNDERFLOW for term in (ridge, lasso)]
            total = upper_sum(concatenated(values, half, lasso), np.concatenate([errors, *rounding]))
        return math.nextafter(total / self.n, math.inf)

    def lower(self, s: DoubleDouble, radius: float, upper: float) -> LowerBound:
        """What f(theta) is not below for any |theta| <= radius in scaled columns, whatever s is.

            n f(theta) >= -sum_i l_i*(s_i) + sum_j min over t of (g_j t + l1_j |t| + l2_j / 2 t^2),     g = X's

        The minimum is 0 where |g_j| <= l1_j. Otherwise its cost, with e_j = |g_j| - l1_j, is e_j^2 / (2 l2_j) with an
        l2, e_j n f* / l1_j with an l1, unless the ball costs less: |e| radius over all the other j. upper: an upper
        bound of f*. No loss is negative, so that the bound is 0 at least.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            s, (conjugate, errors) = self.loss.conjugate(s)
            g, g_errors = self.transposed(s)
            excess = where(self.nonnegative, -g, abs(g)) - self.l1
            excess = excess + (g_errors + 8 * ROUNDING * (abs(g.hi) + self.l1.hi))
            e = np.where(excess.hi > 0, np.nextafter(excess.hi, np.inf), 0.0)
            ridged = (self.l2.hi > 0) & (e <= 2 * self.l2.hi * radius)
            by_l1 = ~ridged & (self.l1.hi > 0) & (self.n * upper < self.l1.hi * radius)
            in_ball = ~ridged & ~by_l1
            squares, square_errors = _half_squares(where((excess.hi > 0) & ridged, excess, 0.0), self.l2, ridged)
            longest = self.n * upper / np.where(by_l1, self.l1.hi, 1.0)
            cost = float(np.sum(np.where(by_l1, e * longest, 0.0))) * GUARD
            rate = norm(np.where(in_ball, e, 0.0)) * GUARD
            dual = lower_sum(-concatenated(conjugate, squares), np.concatenate([errors, square_errors]))
            value = dual - (cost + (rate * radius if rate else 0.0)) * GUARD
        if not math.isfinite(value):
            return LowerBound(0.0, 0.0, s)
        below = math.nextafter(math.nextafter(value, -math.inf) / self.n, -math.inf)
        return LowerBound(max(below, 0.0), rate / self.n, s)

    def _error(self, size: Vector, terms: int) -> Vector:
        error: Vector = (4 * ROUNDING * (terms + 2) * size * GUARD + UNDERFLOW * (terms + 2)) * GUARD
        return error


def scaled_model(rows: Rows, y: Vector, loss: Loss, penalty: Penalty) -> ScaledModel | None:
    """The model in scaled columns; None where no bound on the errors of its loss is known."""
    bounded = bounded_loss(loss, y)
    return ScaledModel(rows, y, bounded, penalty) if bounded else None


def norm(v: Vector) -> float:
    """|v|, also where the squares of its entries underflow or overflow."""
    largest = float(abs(v).max(initial=0.0))
    return largest * float(np.linalg.norm(v / largest)) if 0 < largest < math.inf else largest


def _half_squares(x: DoubleDouble, k: DoubleDouble, chosen: NDArray[np.bool_]) -> tuple[DoubleDouble, Vector]:
    """x^2 / (2 k) where chosen, 0 elsewhere, and bounds on its errors; k > 0 there."""
    k = where(chosen, k, 1.0)
    inverse = exact(1 / k.hi)
    inverse = inverse + inverse * (1.0 - k * inverse)  # a step of Newton's method doubles the digits
    square = x * x * inverse
    half = DoubleDouble(np.where(chosen, square.hi / 2, 0.0), np.where(chosen, square.lo / 2, 0.0))
    return half, (32 * ROUNDING + 2 * EPS**2) * abs(half.hi) * GUARD + UNDERFLOW
