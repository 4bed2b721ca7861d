"""How often runs from different starts come to what was asked, and how surely that is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from experiments.lab.analysis.results import Row

NORMAL = 1.96  # of the standard normal distribution, 95 % lie within so much


class Tally(NamedTuple):
    """Some runs, those of them that came to what was asked, and the median of these runs' iterates."""

    runs: int
    good: int
    iterates: float | None

    @property
    def share(self) -> float:
        return self.good / self.runs

    @property
    def interval(self) -> tuple[float, float]:
        """Of the share, at 95 %. Wilson (1927), doi:10.1080/01621459.1927.10502953."""
        return wilson(self.good, self.runs)

    def __str__(self) -> str:
        return f"{self.good} of {self.runs}"


def wilson(good: int, runs: int) -> tuple[float, float]:
    """Between what the chance lies of which `good` of `runs` is what was seen.

    >>> tuple(round(x, 3) for x in wilson(0, 10)), tuple(round(x, 3) for x in wilson(5, 10))
    ((0.0, 0.278), (0.237, 0.763))
    """
    z, p = NORMAL, good / runs
    centre, half = p + z * z / (2 * runs), z * math.sqrt(p * (1 - p) / runs + z * z / (4 * runs * runs))
    low, high = ((centre + side * half) / (1 + z * z / runs) for side in (-1, 1))
    return max(min(low, p), 0.0), min(max(high, p), 1.0)  # rounding aside, p lies between


def tally(rows: Sequence[Row], good: Callable[[Row], bool]) -> Tally | None:
    """Of the rows that ran at all; None where none did. A run that broke did not come to what was asked."""
    ran = [row for row in rows if row.status != "skipped"]
    if not ran:
        return None
    came = [row.typical.iterations for row in ran if good(row)]
    return Tally(len(ran), len(came), float(median(came)) if came else None)
