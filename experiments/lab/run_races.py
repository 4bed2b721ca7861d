"""Races of the first solvers of each problem, after all cells have run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.lab.analysis.results import CellResult
from experiments.lab.analysis.verdict import contenders
from experiments.lab.progress import Progress
from experiments.lab.race.process import Entrant, ProcessTimes, time_solvers
from experiments.lab.race.race import LOOKS, Race, RaceResult, race
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.spec.supplied import Named
from experiments.lab.store.keys import race_key
from experiments.lab.store.store import Store
from experiments.lab.workers.single_use import NoAnswer, in_new_process

NEAR = 2.0  # times the fastest: what is slower by its medians does not race, except for the next solver
MOST_ENTRANTS = 6
RUNS_EACH = 10  # of a slow solver in one process: one that is judged, one to warm up, and four visits of two


def entrants(rows: Sequence[CellResult], seconds: float) -> list[Cell]:
    """The cells of the solvers that can be the first on a problem; none where a race would take longer than that."""
    able = contenders(rows)
    if len({row.seed for row in rows}) > 1 or len(able) < 2 or able[0].seconds == 0:
        return []
    near = [one for k, one in enumerate(able) if k < 2 or one.seconds <= NEAR * able[0].seconds][:MOST_ENTRANTS]
    row_of = {row.solver: row for row in rows}
    chosen = [row_of[one.solver] for one in near]
    expected = LOOKS[0] * sum(row.typical.cpu + RUNS_EACH * (row.seconds or 0.0) for row in chosen)
    return [Cell(row.problem, row.solver, row.seed, row.rule) for row in chosen] if expected <= seconds else []


def hold_races(
    rows: Sequence[CellResult],
    references: Mapping[Named, Reference],
    seconds: float,
    store: Store,
    threads: int,
    progress: Progress,
) -> dict[Named, str]:
    """Hold the races that the store lacks, each of so many seconds, and return the key of each problem's race."""
    of_problem = {problem: [row for row in rows if row.problem == problem] for problem in references}
    racing = {problem: those for problem in references if (those := entrants(of_problem[problem], seconds))}
    keys = {problem: race_key(those, threads, references[problem].known) for problem, those in racing.items()}
    for done, (problem, key) in enumerate(keys.items(), start=1):
        if not store.race(key):
            store.put_race(key, hold_race([*map(Entrant, racing[problem])], references[problem], threads, seconds))
        progress("races of the first solvers", done, len(keys))
    return keys


def hold_race(racing: Sequence[Entrant], reference: Reference, threads: int, seconds: float, seed: int = 0) -> Race:
    """Race those solvers in new processes."""

    def timer(racing: Sequence[Entrant], process: int) -> ProcessTimes:
        try:
            times: ProcessTimes = in_new_process(
                time_solvers, racing, reference, process, threads=threads, seconds=3 * seconds
            )
            return times
        except NoAnswer as error:
            return ProcessTimes([], reason=str(error))

    try:
        return race(racing, timer, seconds, seed)
    except OSError as error:
        return Race(RaceResult.NONE, reason=f"no process could be started: {error}")
