"""A search that is begun again until it arrives: what it costs, told from single runs.

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

SIMULATED = 400  # searches that a line is drawn from
RESAMPLES = 1000
POINTS = 32


class Runs(NamedTuple):
    """Single runs: the evaluations of each, and whether it arrived."""

    spent: tuple[float, ...] = ()
    arrived: tuple[bool, ...] = ()

    def __add__(self, other: object) -> Runs:
        assert isinstance(other, Runs)
        return Runs((*self.spent, *other.spent), (*self.arrived, *other.arrived))

    @property
    def successes(self) -> int:
        """How many arrived."""
        return sum(self.arrived)

    @property
    def share(self) -> float:
        return self.successes / max(len(self.spent), 1)

    @property
    def expected(self) -> float | None:
        """ERT, the evaluations of all runs over how many arrived; None where none did.

        >>> Runs((10.0, 50.0, 30.0), (True, False, True)).expected
        45.0
        """
        return sum(self.spent) / self.successes if self.successes else None

    @property
    def median(self) -> float | None:
        """Of the evaluations of those that arrived."""
        return median(self._of(True)) if self.successes else None

    def _of(self, arrived: bool) -> list[float]:
        return [spent for spent, own in zip(self.spent, self.arrived, strict=True) if own is arrived]

    def searches(self, rng: np.random.Generator) -> Vector:
        """The evaluations of SIMULATED searches, ascending: failures drawn until a success is, which there must be."""
        good, bad = np.array(self._of(True)), np.array(self._of(False))
        wasted = rng.geometric(self.share, SIMULATED) - 1
        found: Vector = np.sort(rng.choice(good, SIMULATED) + [rng.choice(bad, k).sum() if k else 0.0 for k in wasted])
        return found


def arrivals(runs: Mapping[str, Runs]) -> list[Line]:
    """For each solver of which a run arrived, the share of searches that have by so many evaluations."""
    rng = np.random.default_rng(0)
    searches = {solver: own.searches(rng) for solver, own in runs.items() if own.successes}
    if not searches:
        return []
    ends = [(each[0], each[-1]) for each in searches.values()]
    low, high = max(min(first for first, _ in ends), 1.0), max(last for _, last in ends)
    grid = np.geomspace(low, max(high, 2 * low), POINTS)
    return [
        Line(solver, grid.tolist(), (np.searchsorted(each, grid, side="right") / SIMULATED).tolist())
        for solver, each in searches.items()
    ]


def ratio(over: Runs, under: Runs) -> tuple[float, float, float]:
    """Expected evaluations of the first over those of the second, with a bootstrap interval at 95 %.

    A resample in which none arrived takes forever. Both must have arrived at least once.
    """
    rng = np.random.default_rng(0)
    one, other = _expected(over, rng), _expected(under, rng)
    with np.errstate(invalid="ignore"):
        found = np.nan_to_num(one / other, nan=1.0, posinf=math.inf)
    low, high = np.quantile(found, (0.025, 0.975), method="nearest")
    return (over.expected or math.inf) / (under.expected or math.inf), float(low), float(high)


def _expected(runs: Runs, rng: np.random.Generator) -> Vector:
    drawn = rng.integers(len(runs.spent), size=(RESAMPLES, len(runs.spent)))
    spent, arrived = np.array(runs.spent)[drawn].sum(1), np.array(runs.arrived)[drawn].sum(1)
    found: Vector = np.divide(spent, arrived, out=np.full(RESAMPLES, math.inf), where=arrived > 0)
    return found
