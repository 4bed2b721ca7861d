"""Medians of repeated timings, their intervals, and powers fitted to measurements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LEVEL = 0.95
RESAMPLES = 4000
FEWEST = 5  # all five lie on one side of the median once in sixteen times

Interval = tuple[float, float]


def _interval(samples: tuple[Sequence[float], ...], statistic: Any) -> Interval:
    """The percentile interval of a statistic by the bootstrap, seeded: the same timings give the same interval."""
    from scipy.stats import bootstrap  # half a second to import

    if all(len(set(sample)) == 1 for sample in samples):  # no spread to resample
        value = float(statistic(*(np.array(sample) for sample in samples), axis=-1))
        return value, value
    resampled = bootstrap(
        tuple(np.asarray(sample, np.float64) for sample in samples),
        statistic,
        n_resamples=RESAMPLES,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(0),
    ).bootstrap_distribution
    tail = (1 - LEVEL) / 2  # without interpolation, whose rounding could leave the range of the samples
    return float(np.quantile(resampled, tail, method="lower")), float(np.quantile(resampled, 1 - tail, method="higher"))


def median_interval(samples: Sequence[float]) -> Interval | None:
    """The bootstrap interval of the median at 95 %; None for fewer than FEWEST samples.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    return _interval((samples,), np.median) if len(samples) >= FEWEST else None


def ratio_interval(over: Sequence[float], under: Sequence[float]) -> Interval | None:
    """The bootstrap interval of median(over) / median(under) at 95 %; None for fewer than FEWEST of either."""
    if min(len(over), len(under)) < FEWEST:
        return None
    return _interval((over, under), lambda x, y, axis: np.median(x, axis=axis) / np.median(y, axis=axis))


def fitted_power(x: Sequence[float], y: Sequence[float]) -> float | None:
    """The p of y ~ x^p, by least squares on logarithms; None for fewer than three different x.

    >>> round(fitted_power([1, 10, 100], [3, 30, 300]), 12)
    1.0
    """
    if len(set(x)) < 3:
        return None
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
