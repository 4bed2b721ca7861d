"""How often runs from different starts reach what was asked, and how precisely that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from experiments.lab.analysis.results import CellResult

LEVEL = 0.95


class Proportion(NamedTuple):
    """Some runs, how many of them succeeded, and the median of the iterations of those."""

    runs: int
    successes: int
    iterations: float | None

    @property
    def share(self) -> float:
        return self.successes / self.runs

    @property
    def interval(self) -> tuple[float, float]:
        """Of the probability of success, at 95 %, by Wilson's score.

        >>> tuple(round(x, 3) for x in Proportion(10, 5, None).interval)
        (0.237, 0.763)
        """
        from scipy.stats import binomtest  # half a second to import

        interval = binomtest(self.successes, self.runs).proportion_ci(LEVEL, method="wilson")
        return float(interval.low), float(interval.high)

    def __str__(self) -> str:
        return f"{self.successes} of {self.runs}"


def proportion(rows: Sequence[CellResult], success: Callable[[CellResult], bool]) -> Proportion | None:
    """Of the rows that ran at all; None where none did. A run that broke is not a success."""
    ran = [row for row in rows if not row.skipped]
    if not ran:
        return None
    iterations = [row.typical.iterations for row in ran if success(row)]
    return Proportion(len(ran), len(iterations), float(median(iterations)) if iterations else None)
