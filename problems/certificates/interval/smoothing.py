"""Points near the minimum: Newton's method on the loss and the penalty with their kinks smoothed less and less."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg as sl

from problems.certificates.interval.columns import Columns
from problems.certificates.interval.losses import PiecewiseLoss
from problems.certificates.interval.scaled_model import norm
from problems.foundation.arrays import EPS, Vector
from problems.foundation.double_double import DoubleDouble, exact

BEST_STAGES = (8, 6, 10, 4, 12)  # at 10^-stage rounding is small and derivatives at kinks are resolved, best first
MOST_STEPS = 60  # of Newton's method in a stage, and of the search along each
DAMPING = 1e-3


def smoothed_minima(columns: Columns) -> Iterator[tuple[DoubleDouble, float]]:
    """Minima of the smoothed problem, in scaled columns, with the widths over which kinks are smoothed.

    From stage to stage the width is divided by ten; each minimum starts the next search.
    """
    model = columns.model
    kinked_penalty = bool(model.kinked.any())
    if kinked_penalty:  # coefficients must stay apart, so that the coordinates are those of C
        P, B = np.eye(model.dim), np.vstack([columns.C, np.diag(columns.root)[columns.root > 0]])
    else:
        basis = columns.basis()
        P, B = basis.P, np.vstack([basis.rows, basis.ridge])
    level, c, size = 0.0, np.zeros(P.shape[1]), 1.0
    loss = model.loss
    if isinstance(loss, PiecewiseLoss):
        level = float(np.median(loss.centre)) if model.intercept else 0.0
        target = np.append(loss.centre - level, np.zeros(len(B) - model.n))
        size = max(float(abs(target).max(initial=0.0)), 1e-300)
        c = c if kinked_penalty else B.T @ target
    smoothed = _Smoothed(columns, B, level, kinked_penalty)
    flat = exact(np.where(np.arange(model.dim) == model.dim - 1, level, 0.0))
    staged = loss.kinked or kinked_penalty
    stages: list[tuple[DoubleDouble, float]] = []
    for stage in BEST_STAGES if staged else (0,):
        while len(stages) <= stage:
            width = size * 10.0 ** -len(stages)
            c = smoothed.minimum(c, width, size)
            stages.append((columns.theta(P @ c) + flat, width))
        yield stages[stage]


def penalty_steepness(columns: Columns) -> Vector:
    """The derivatives at which the kinks of the penalty are smoothed over a width of 1."""
    l1 = columns.model.l1.hi
    steepness: Vector = np.where(l1 > 0, l1 * columns.stretch, np.linalg.norm(columns.C, axis=0))
    return steepness


class _Smoothed:
    """The problem by coefficients c of B = [C; R], its kinks smoothed over a width."""

    def __init__(self, columns: Columns, B: Vector, level: float, kinked_penalty: bool) -> None:
        model = columns.model
        self.loss, self.n, self.B, self.level, self.kinked_penalty = model.loss, model.n, B, level, kinked_penalty
        if kinked_penalty:
            self.l1, self.steepness = model.l1.hi * columns.stretch, penalty_steepness(columns)
            self.least = np.where(model.nonnegative, -np.inf, -self.l1)
            self.kinked = model.kinked

    def derivatives(self, c: Vector, z: Vector, width: float) -> tuple[Vector, Vector, Vector, Vector]:
        """First and second derivatives by the rows z = B c and by the coefficients."""
        s, h = self.loss.derivatives(z[: self.n] + self.level, width)
        u, v = np.zeros(c.size), np.zeros(c.size)
        if self.kinked_penalty:
            rise = np.where(self.kinked, self.steepness * c / width, 0.0)
            u = np.where(self.kinked, np.clip(rise, self.least, self.l1), 0.0)
            v = np.where(self.kinked & (rise < self.l1) & (rise > self.least), self.steepness / width, 0.0)
        rest = z[self.n :]
        return np.append(s, rest), np.append(h, np.ones(rest.size)), u, v

    def minimum(self, c: Vector, width: float, size: float) -> Vector:
        """The minimum for one width."""
        B = self.B
        for _ in range(MOST_STEPS):
            z = B @ c
            s, h, u, v = self.derivatives(c, z, width)
            g = B.T @ s + u
            if norm(g) <= 4 * EPS * (norm(abs(B).T @ abs(s)) + norm(u)):
                break
            values, Q = sl.eigh((B.T * h) @ B + np.diag(v), check_finite=False)
            floor = EPS * max(float(values[-1]), 1e-300)
            damping = DAMPING * norm(g) / (size + norm(c)) + floor
            step = -Q @ ((Q.T @ g) / (np.maximum(values, 0.0) + damping))
            if not float(g @ step) < 0:
                break
            rows = B @ step

            def slope(t: float, c: Vector = c, z: Vector = z, step: Vector = step, rows: Vector = rows) -> float:
                s, _, u, _ = self.derivatives(c + t * step, z + t * rows, width)
                return float(s @ rows + u @ step)

            share = _zero(slope, float(g @ step))
            c = c + share * step
            if norm(share * step) <= 4 * EPS * norm(c):
                break
        return c


def _zero(slope: Callable[[float], float], first: float) -> float:
    """About where an increasing function is 0 that is `first` < 0 at 0, by bisection."""
    low, t, high = 0.0, 1.0, math.inf
    for _ in range(MOST_STEPS):
        value = slope(t)
        if abs(value) <= 0.1 * abs(first) or (value < 0 and t >= 1024):
            break
        if value < 0:
            low = t
        else:
            high = t
        t = 2 * t if high == math.inf else (low + high) / 2
    return t
