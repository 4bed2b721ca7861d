"""The cost of a search with restarts, computed from single runs.

Source: Auger & Hansen (2005), doi:10.1109/CEC.2005.1554903; Hansen et al. (2021), doi:10.1080/10556788.2020.1808977.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

import numpy as np

from experiments.figures.records import Line
from problems.foundation.arrays import Vector

SIMULATED = 400  # searches with restarts that a line is drawn from
RESAMPLES = 1000
POINTS = 32  # of a line


class Runs(NamedTuple):
    """Single runs: the evaluations of each, and whether it reached the target."""

    evaluations: tuple[float, ...] = ()
    successful: tuple[bool, ...] = ()

    def __add__(self, other: object) -> Runs:
        assert isinstance(other, Runs)
        return Runs((*self.evaluations, *other.evaluations), (*self.successful, *other.successful))

    @property
    def successes(self) -> int:
        """How many runs were successful."""
        return sum(self.successful)

    @property
    def share(self) -> float:
        """The share of the runs that were successful."""
        return self.successes / max(len(self.evaluations), 1)

    @property
    def expected(self) -> float | None:
        """ERT, the evaluations of all runs over the number of successful runs; None where no run was successful.

        >>> Runs((10.0, 50.0, 30.0), (True, False, True)).expected
        45.0
        """
        return sum(self.evaluations) / self.successes if self.successes else None

    @property
    def median(self) -> float | None:
        """The median of the evaluations of the successful runs; None where there is none."""
        return median(self._of(True)) if self.successes else None

    def _of(self, successful: bool) -> list[float]:
        return [
            count for count, success in zip(self.evaluations, self.successful, strict=True) if success is successful
        ]

    def simulated(self, rng: np.random.Generator) -> Vector:
        """The evaluations of SIMULATED searches with restarts, ascending; at least one run must be successful.

        Each search is a number of failed runs and then a successful one, all sampled with replacement.
        """
        good, bad = np.array(self._of(True)), np.array(self._of(False))
        failures = rng.geometric(self.share, SIMULATED) - 1
        wasted = [rng.choice(bad, count).sum() if count else 0.0 for count in failures]
        totals: Vector = np.sort(rng.choice(good, SIMULATED) + wasted)
        return totals


def success_curves(runs: Mapping[str, Runs]) -> list[Line]:
    """For each solver with a successful run, the share of searches with restarts that succeed, by evaluations."""
    rng = np.random.default_rng(0)
    searches = {solver: of_solver.simulated(rng) for solver, of_solver in runs.items() if of_solver.successes}
    if not searches:
        return []
    low = max(min(totals[0] for totals in searches.values()), 1.0)
    high = max(totals[-1] for totals in searches.values())
    grid = np.geomspace(low, max(high, 2 * low), POINTS)
    return [
        Line(solver, grid.tolist(), (np.searchsorted(totals, grid, side="right") / SIMULATED).tolist())
        for solver, totals in searches.items()
    ]


def ratio(over: Runs, under: Runs) -> tuple[float, float, float]:
    """Expected evaluations of the first over those of the second, with a bootstrap interval at 95 %.

    Both must have a successful run. The expectation of a resample without one is infinite.
    """
    rng = np.random.default_rng(0)
    one, other = _resampled(over, rng), _resampled(under, rng)
    with np.errstate(invalid="ignore"):
        ratios = np.nan_to_num(one / other, nan=1.0, posinf=math.inf)
    low, high = np.quantile(ratios, (0.025, 0.975), method="nearest")
    return (over.expected or math.inf) / (under.expected or math.inf), float(low), float(high)


def _resampled(runs: Runs, rng: np.random.Generator) -> Vector:
    """The expected evaluations of RESAMPLES samples of the runs with replacement."""
    count = len(runs.evaluations)
    chosen = rng.integers(count, size=(RESAMPLES, count))
    evaluations, successes = np.array(runs.evaluations)[chosen].sum(1), np.array(runs.successful)[chosen].sum(1)
    expected: Vector = np.divide(evaluations, successes, out=np.full(RESAMPLES, math.inf), where=successes > 0)
    return expected
