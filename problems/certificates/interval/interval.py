"""The narrowest interval about f* of a linear model that the points which the search finds prove."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from problems.certificates.interval.active_set import active_set, polished
from problems.certificates.interval.columns import Columns
from problems.certificates.interval.linear_program import programmed
from problems.certificates.interval.scaled_model import LowerBound, ScaledModel, norm
from problems.certificates.interval.smoothing import smoothed_minima
from problems.foundation.arrays import Vector
from problems.foundation.double_double import DoubleDouble, exact

LENGTHS = 10.0  # the radius within which f* is sought, in lengths of the referee's own minimiser
TIGHT = 1e-14  # width, relative to f, from which an interval is not narrowed further
PROGRAMS = 3  # linear programs, each about the solution of the one before
KINK_WIDTH = 1e-8  # over which kinks are smoothed where derivatives are read at points from outside

Pair = tuple[DoubleDouble, DoubleDouble]  # a point, and derivatives of the losses


@dataclass(frozen=True)
class Interval:
    """lower <= f* <= upper, where f* is the infimum of f over |theta / scale| <= radius.

    For any theta f(theta) >= lower - rate (|theta / scale| - radius)+. Where no combination of columns is hidden by
    rounding the rate is about 0, and f* is the infimum over all theta.
    """

    lower: float
    upper: float
    radius: float
    rate: float
    theta: Vector  # the best point, shape (dim,)
    scale: Vector  # powers of two, shape (dim,)
    rank: int  # of the columns, including the intercept, where it was computed; else their number

    def length(self, theta: Vector) -> float:
        """|theta / scale|, the length that the radius bounds."""
        return norm(theta / self.scale)


def interval(model: ScaledModel, columns: Columns | None, points: Iterable[Vector] = ()) -> Interval:
    """The interval from a search in `columns`, or from these points, shape (dim,), where there are too many columns."""
    upper, best, radius = math.inf, exact(np.zeros(model.dim)), 1.0
    bound = LowerBound(0.0, 0.0, exact(np.zeros(model.n)))
    pairs = _search(columns) if columns else _with_derivatives(model, points)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for theta, s in _at_zero_too(model, pairs):
            f = model.upper(theta)
            if f < upper:
                upper, best, radius = f, theta, max(LENGTHS * norm(theta.hi), 1.0)
                bound = model.lower(bound.s, radius, upper)  # it was that of another ball
            for share in {1.0, model.loss.shrinking_factor(s)}:
                tried = model.lower(DoubleDouble(share * s.hi, share * s.lo), radius, upper)
                bound = max(bound, tried, key=lambda known: known.value)
            if upper - bound.value <= TIGHT * upper:
                break
    rank = columns.basis().rank if columns else model.dim
    return Interval(bound.value, upper, radius, bound.rate, model.scale * best.value, model.scale, rank)


def _at_zero_too(model: ScaledModel, pairs: Iterator[Pair]) -> Iterator[Pair]:
    """The pairs, theta without what violates the constraint; and theta = 0, at which f may be 0."""
    zero = exact(np.zeros(model.dim))
    yield zero, exact(np.zeros(model.n))
    for theta, s in pairs:
        negative = model.nonnegative & (theta.hi < 0)
        yield DoubleDouble(np.where(negative, 0.0, theta.hi), np.where(negative, 0.0, theta.lo)), s


def _search(columns: Columns) -> Iterator[Pair]:
    solution = programmed(columns)
    for _ in range(PROGRAMS):
        if solution is None:
            break
        theta = solution[0]
        for theta, s in polished(columns, *solution):
            yield theta, s
        solution = programmed(columns, theta)
    for theta, width in smoothed_minima(columns):
        yield from polished(columns, theta, active_set(columns, theta, width))


def _with_derivatives(model: ScaledModel, points: Iterable[Vector]) -> Iterator[Pair]:
    """Each point with the derivatives there, moved towards what the intercept and an l1 ask of a dual point."""
    for point in points:
        theta = exact(point / model.scale)
        s, _ = model.loss.derivatives(model.product(theta)[0].hi, KINK_WIDTH)
        yield theta, exact(s)
        if model.intercept:
            s = with_zero_sum(s, model.loss.low.hi, model.loss.high.hi)
        g = model.rows.transposed(s)
        excess = np.where(model.nonnegative, -g, abs(g))[model.kinked] / np.maximum(model.l1.hi[model.kinked], 1e-300)
        yield theta, exact(s / max(1.0, float(excess.max(initial=0.0))))


def with_zero_sum(s: Vector, low: Vector, high: Vector) -> Vector:
    """s moved in proportion to its distance to the bounds until its sum is 0; s itself if that is impossible."""
    room = np.minimum(s - low, high - s)
    room = np.where(np.isfinite(room), room, 1.0)
    share = s.sum() / max(room.sum(), 1e-300)
    return s - share * room if abs(share) < 1 or not np.isfinite(high - low).all() else s
