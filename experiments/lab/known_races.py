"""Races whose right answer is known, and what they say together."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from statistics import mean

from experiments.lab.calibration import DELAY, Calibration, Kind, Tally
from experiments.lab.race.process import Entrant
from experiments.lab.race.race import Race, RaceResult
from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import Cell
from experiments.lab.run_races import hold_race
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.threads import announce

PAIRS = (  # a problem and two solvers whose times are of the same size, from 50 us to 50 ms
    ("linear-regression(n=100, d=5)", "qr", "svd"),
    ("logistic(n=200, d=5)", "newton", "newton-cg"),
    ("linear-system(data=poisson, size=20)", "conjugate-gradient", "minres"),
    ("logistic(n=1000, d=20)", "lbfgs", "newton"),
    ("logistic(n=1000, d=20)", "gradient-descent", "nesterov"),
    ("linear-regression(n=20000, d=60)", "qr", "svd"),
)
SECONDS = 60.0  # of one race
THREADS = 1
SPIN = "while True: pass"


@dataclass(frozen=True)
class Known:
    """A race whose right answer is known."""

    pair: int  # of PAIRS
    kind: Kind
    loaded: bool
    race: Race

    @property
    def log_ratio(self) -> tuple[float, float, float]:
        """The logarithm of the second solver's time divided by that of the first, with the 95% interval."""
        other = self.race.others[0]
        logs = (math.log(other.ratio), math.log(other.low), math.log(other.high))
        return logs if self.race.place == 0 else (-logs[0], -logs[2], -logs[1])


class Races:
    """Holds the races; the reference of each problem is found once."""

    def __init__(self) -> None:
        announce(THREADS)
        self.references = {problem: refer(build_problem(parse(problem))) for problem, _, _ in PAIRS}

    def held(self, rounds: int, loads: Sequence[bool]) -> Iterator[Known]:
        """So many races of every pair and kind, on the machine as it is, or beside one busy process a core."""
        for loaded in loads:
            with _busy(os.cpu_count() or 1 if loaded else 0):
                for seed in range(rounds):
                    for number, kind in product(range(len(PAIRS)), Kind):
                        yield Known(number, kind, loaded, self._race(number, kind, seed))

    def _race(self, number: int, kind: Kind, seed: int) -> Race:
        problem, first, second = PAIRS[number]
        solver = second if kind is Kind.PAIR else first
        delay = DELAY if kind is Kind.DELAYED else 0.0
        entrants = [Entrant(Cell(problem, first)), Entrant(Cell(problem, solver), delay)]
        return hold_race(entrants, self.references[problem], THREADS, SECONDS, seed)


def tallied(known: Sequence[Known]) -> Calibration:
    """What the races say together. The right ratio of a pair is the mean over its races under the same load."""
    tallies = []
    for loaded in (False, True):
        for kind in Kind:
            held = [one for one in known if (one.kind, one.loaded) == (kind, loaded) and one.race.others]
            if not held:
                continue
            winners = [one for one in held if one.race.result is RaceResult.WINNER]
            tallies.append(
                Tally(
                    kind,
                    loaded,
                    races=len(held),
                    winners=len(winners),
                    wrong=0 if kind is Kind.PAIR else sum(kind is Kind.TWINS or one.race.place == 1 for one in winners),
                    withdrawn=sum(one.race.result is RaceResult.BUSY for one in held),
                    covered=-1 if kind is Kind.DELAYED else _covered(held),
                    load=mean(one.race.load for one in held),
                    seconds=mean(one.race.took for one in held),
                )
            )
    return Calibration(datetime.now(UTC).isoformat(timespec="seconds"), tallies)


def _covered(held: Sequence[Known]) -> int:
    """How many intervals hold the right ratio: 1 for twins, and for a pair the mean of its other races."""
    count = 0
    for one in held:
        _, low, high = one.log_ratio
        others = [other.log_ratio[0] for other in held if other.pair == one.pair and other is not one]
        right = 0.0 if one.kind is Kind.TWINS else mean(others) if others else math.nan
        count += low <= right <= high
    return count


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    """So many processes that compute without a pause."""
    running = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
