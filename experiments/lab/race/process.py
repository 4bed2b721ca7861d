"""What one process contributes to a race: one time for each solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from experiments.lab.race.replay import replay
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell, run_cell, streams
from experiments.lab.spec.building import build_problem, build_solver
from problems.forms import Ledger, Objective
from problems.foundation.arrays import Vector
from solvers.base import Solver

SECONDS = 0.25  # of CPU time for one solver, in one process
MOST_VISITS, FEWEST_VISITS, MOST_RUNS = 12, 4, 6
WARM_UPS = 5  # a new process copies the memory of its parent in its first runs
PIECES = 200  # of memory of random sizes


@dataclass(frozen=True)
class Entrant:
    """A solver of a race, by its cell. delay: a share of its time that it waits, to test the race itself."""

    cell: Cell
    delay: float = 0.0


@dataclass
class ProcessTimes:
    """The CPU seconds of each solver in one process."""

    seconds: list[float]
    runs: int = 0  # that were timed
    switched: float = 0.0  # share of timed runs in which another process was given the core
    reason: str = ""  # why there are no times


def time_solvers(entrants: Sequence[Entrant], reference: Reference, seed: int) -> ProcessTimes:
    """Time the solvers in turns. The seed decides their order and where their memory lies.

    A visit is one run that is not counted, because the caches hold what another solver used, and up to six that are.
    The time of a solver is the mean of the faster half of the least times of its visits: what disturbs a run only adds.
    """
    rng = np.random.default_rng(seed)
    memory = [_pieces(rng)]
    problem = build_problem(entrants[0].cell.problem)
    timed: list[_Timed | None] = [None] * len(entrants)
    for i in rng.permutation(len(entrants)):
        memory.append(_pieces(rng))
        cell = entrants[i].cell
        solver = build_solver(cell.solver)
        outcome = run_cell(problem, solver, cell.seed, cell.rule, reference)
        if not outcome.solved:
            return ProcessTimes([], reason=f"{cell.solver} did not reach the tolerance again: {outcome.reason}")
        timed[i] = _Timed(problem, solver, cell.seed, outcome.iterations)
        timed[i].warm_up(entrants[i].delay)
    runners = [runner for runner in timed if runner]
    slowest = max(runner.expected for runner in runners)
    runs = int(np.clip(SECONDS / MOST_VISITS / slowest - 1, 1, MOST_RUNS))
    visits = int(np.clip(SECONDS / (runs + 1) / slowest, FEWEST_VISITS, MOST_VISITS))
    times = np.empty((len(runners), visits, runs))
    switches = 0
    for visit in range(visits):
        for i in rng.permutation(len(runners)):
            runners[i].run()
            for run in range(runs):
                before = _switches()
                times[i, visit, run] = runners[i].run()
                switches += _switches() > before
    return ProcessTimes([faster_half(each.min(1)) for each in times], times.size, switches / times.size)


class _Timed:
    """A solver on a problem, run again and again."""

    def __init__(self, problem: Objective, solver: Solver[Any], seed: int, iterations: int) -> None:
        self.problem, self.solver, self.seed, self.iterations = problem, solver, seed, iterations
        self.theta0: Vector = problem.start(streams(seed)[0])
        self.wait = self.expected = 0.0

    def warm_up(self, delay: float) -> None:
        """Run a few times, and set the wait to that share of a run."""
        began, times = thread_time(), [self.run()]
        while len(times) < WARM_UPS and thread_time() - began < SECONDS:
            times.append(self.run())
        self.wait = delay * faster_half(times)
        self.expected = max(min(times), 1e-7)

    def run(self) -> float:
        """CPU seconds of one run of this thread."""
        rng, metered = streams(self.seed)[1], self.problem.metered(Ledger())
        with np.errstate(all="ignore"):
            waited = _spin(self.wait) if self.wait else 0.0
            return waited + replay(metered, self.solver, self.theta0, rng, self.iterations, thread_time)


def faster_half(times: Any) -> float:
    """The mean of the faster half."""
    ordered = np.sort(times)
    return float(ordered[: max(1, len(ordered) // 2)].mean())


def _spin(seconds: float) -> float:
    """Keep the core busy, and return for how long. thread_time takes half a microsecond, too long for a short wait."""
    now = perf_counter if seconds < 5e-5 else thread_time
    began = now()
    while (passed := now() - began) < seconds:
        pass
    return passed


def _pieces(rng: np.random.Generator) -> list[bytearray]:
    """Pieces of memory of random sizes, every other one given back, so that what comes next lies elsewhere."""
    return [bytearray(int(size)) for size in np.exp(rng.uniform(2, 10, PIECES))][::2]


def _switches() -> int:
    """How often this thread was taken off its core; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    usage = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
    return resource.getrusage(usage).ru_nivcsw
