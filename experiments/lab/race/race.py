"""A race: processes one after the other, until the interval of every ratio is narrow enough."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import mean
from time import perf_counter

import numpy as np

from experiments.lab.race.intervals import RankInterval, rank_interval
from experiments.lab.race.process import Entrant, ProcessTimes
from problems.foundation.arrays import Matrix

LOOKS = (8, 10, 12, 16, 20, 24, 32)  # processes after which a race may end
DECIDES, SHOWN = 0.99, 0.95  # levels of the intervals
ENOUGH = 0.012  # half width of the interval of a log ratio at which a race ends
COARSEST = 0.02  # the same, beyond which solvers that cannot be told apart are not called equal
MARGIN = 0.003  # a smaller log ratio is no difference
LAYOUT = 0.004  # standard deviation of a log ratio over fork servers: where the code of two solvers lies in memory
DEVIATIONS = {DECIDES: 2.576, SHOWN: 1.960}  # of a normal distribution

Timer = Callable[[Sequence[Entrant], int], ProcessTimes]  # times the entrants in a new process with that seed


class RaceResult(StrEnum):
    """What a race says."""

    WINNER = "winner"
    TIE = "tie"
    BUSY = "too busy"  # the machine, for anything to be said
    NONE = "none"  # no times could be taken


@dataclass
class Compared:
    """The time of another solver divided by that of the fastest."""

    solver: str
    seconds: float
    ratio: float
    low: float  # at SHOWN
    high: float
    decided: bool  # whether its interval at DECIDES lies beyond MARGIN
    tell: float  # the relative difference that could just be told


@dataclass
class Timed:
    """The CPU seconds of a solver, with an interval at SHOWN."""

    solver: str
    seconds: float
    low: float
    high: float


@dataclass
class Race:
    """What was measured, and what follows from it."""

    result: RaceResult
    solver: str = ""  # the fastest
    place: int = 0  # of the fastest among the entrants
    seconds: float = 0.0  # of CPU time, until it reaches the tolerance
    others: list[Compared] = field(default_factory=list)  # the next first
    times: list[Timed] = field(default_factory=list)  # of every solver
    processes: int = 0
    runs: int = 0  # that were timed
    took: float = 0.0  # wall seconds
    load: float = 0.0  # mean number of processes that ran or wanted to, in the last minute
    waited: float = 0.0  # share of the time in which something waited for a core
    switched: float = 0.0  # share of the runs in which a solver was taken off its core
    reason: str = ""


def race(entrants: Sequence[Entrant], timer: Timer, most_seconds: float = math.inf, seed: int = 0) -> Race:
    """Race the solvers. A race ends by the width of its intervals alone, or by its time, never by who leads.

    timer: how one process is timed. most_seconds: after which no further process begins.
    """
    began, waited = perf_counter(), _waited()
    all_times: list[ProcessTimes] = []
    ratios: list[RankInterval] = []
    leader = 0
    for k in range(LOOKS[-1]):
        all_times.append(timer(entrants, 1000 * seed + k))
        if all_times[-1].reason:
            return Race(RaceResult.NONE, reason=all_times[-1].reason)
        late = perf_counter() - began > most_seconds
        if k + 1 in LOOKS or late:
            logs = np.log([times.seconds for times in all_times])
            leader = int(np.argmin(np.median(logs, axis=0)))
            ratios = _ratios(logs, leader, DECIDES)
            if late or all(one.half_width <= max(ENOUGH, abs(one.centre) / 4) for one in ratios):
                break
    took = perf_counter() - began
    if len(all_times) < LOOKS[0]:
        reason = f"{len(all_times)} of {LOOKS[0]} processes took {took:.3g} s, and no more time was allowed"
        return Race(RaceResult.NONE, reason=reason)
    names = [entrant.cell.solver for entrant in entrants]
    shown = _ratios(logs, leader, SHOWN)
    timed = [_timed(str(name), logs[:, i].tolist()) for i, name in enumerate(names)]
    others = []
    for i, decides, at_95 in zip((i for i in range(len(names)) if i != leader), ratios, shown, strict=True):
        if names[i] != names[leader]:
            decides, at_95 = (
                one.widened(DEVIATIONS[level] * LAYOUT) for one, level in ((decides, DECIDES), (at_95, SHOWN))
            )
        others.append(
            Compared(
                solver=str(names[i]),
                seconds=timed[i].seconds,
                ratio=math.exp(at_95.centre),
                low=math.exp(at_95.low),
                high=math.exp(at_95.high),
                decided=decides.low > MARGIN,
                tell=math.expm1(decides.half_width + MARGIN),
            )
        )
    return Race(
        _result(others),
        str(names[leader]),
        leader,
        timed[leader].seconds,
        sorted(others, key=lambda other: other.ratio),
        times=timed,
        processes=len(all_times),
        runs=sum(times.runs for times in all_times),
        took=took,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan,
        waited=(_waited() - waited) / took,
        switched=mean(times.switched for times in all_times),
    )


def _timed(solver: str, logs: list[float]) -> Timed:
    centre, low, high = rank_interval(logs, SHOWN)
    return Timed(solver, math.exp(centre), math.exp(low), math.exp(high))


def _ratios(logs: Matrix, leader: int, level: float) -> list[RankInterval]:
    """The log ratio of every other solver to the leader."""
    return [rank_interval((logs[:, i] - logs[:, leader]).tolist(), level) for i in range(logs.shape[1]) if i != leader]


def _result(others: Sequence[Compared]) -> RaceResult:
    if all(other.decided for other in others):
        return RaceResult.WINNER
    open_ones = [other for other in others if not other.decided]
    return (
        RaceResult.TIE if all(other.tell <= math.expm1(COARSEST + MARGIN) for other in open_ones) else RaceResult.BUSY
    )


def _waited() -> float:
    """Seconds since the machine started in which some task waited for a core; 0 where the system does not say."""
    pressure = Path("/proc/pressure/cpu")
    try:
        return float(pressure.read_text().splitlines()[0].rpartition("=")[2]) / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
