"""The interval of a difference by the signed-rank test, which a few wild measurements do not move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np


class RankInterval(NamedTuple):
    """The median of the pairwise means, and an interval of the centre of the distribution."""

    centre: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2

    def widened(self, half: float) -> RankInterval:
        """With another, independent uncertainty of that half width."""
        wide = math.hypot(self.half_width, half)
        middle = (self.low + self.high) / 2
        return RankInterval(self.centre, middle - wide, middle + wide)


def rank_interval(values: Sequence[float], level: float) -> RankInterval:
    """The exact interval at that level, infinite where there are too few values for it.

    Source: Hodges & Lehmann (1963), doi:10.1214/aoms/1177704172; Hollander, Wolfe & Chicken, Nonparametric Statistical
    Methods (2014), section 3.3.
    """
    x = np.asarray(values, np.float64)
    means = np.sort(((x[:, None] + x) / 2)[np.triu_indices(len(x))])
    k = _rank(len(x), level)
    centre = float(np.median(means))
    if k == 0:
        return RankInterval(centre, -math.inf, math.inf)
    return RankInterval(centre, float(means[k - 1]), float(means[-k]))


@cache
def _rank(n: int, level: float) -> int:
    """Which of the ordered pairwise means of n values bounds the interval, counted from either end; 0 if none does."""
    ways = np.zeros(n * (n + 1) // 2 + 1)  # in which the ranks of the positive values have each sum
    ways[0] = 1.0
    for rank in range(1, n + 1):
        ways[rank:] = ways[rank:] + ways[:-rank]
    return int(np.searchsorted(np.cumsum(ways) / 2.0**n, (1 - level) / 2, side="right"))
