"""Medians of repeated timings, and what they can be told apart by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from problems.foundation.arrays import Matrix

LEVEL = 0.95
RESAMPLES = 4000
FEWEST = 5  # all five lie on one side of the median once in sixteen times

Interval = tuple[float, float]


def _medians(samples: Sequence[float], rng: np.random.Generator) -> Matrix:
    values = np.asarray(samples, dtype=np.float64)
    return np.asarray(np.median(rng.choice(values, (RESAMPLES, len(values))), axis=1))


def _interval(values: Matrix) -> Interval:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def median_interval(samples: Sequence[float]) -> Interval | None:
    """The bootstrap interval of the median at 95 %; None for fewer than FEWEST samples, which cannot bound it so well.

    The resampling is seeded: the same timings give the same interval.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    return _interval(_medians(samples, np.random.default_rng(0))) if len(samples) >= FEWEST else None


def ratio_interval(over: Sequence[float], under: Sequence[float]) -> Interval | None:
    """The bootstrap interval of median(over) / median(under) at 95 %; None for fewer than FEWEST of either."""
    if min(len(over), len(under)) < FEWEST:
        return None
    rng = np.random.default_rng(0)
    return _interval(_medians(over, rng) / _medians(under, rng))


def slope(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The p of y ~ x^p, by least squares on logarithms; None for fewer than three different x.

    >>> round(slope([1, 10, 100], [3, 30, 300]), 12)
    1.0
    """
    if len(set(x)) < 3:
        return None
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
