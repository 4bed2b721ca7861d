"""From an experiment to a result: what the store has is taken from it, the rest is run and stored."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.analysis.statistics import FEWEST
from experiments.lab.calibration import last
from experiments.lab.experiment import Experiment, Options
from experiments.lab.measurement.measurement import Measurement, MeasurementResult
from experiments.lab.progress import Progress, silent
from experiments.lab.race.race import Race, Timed
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.outcome import Outcome
from experiments.lab.run_races import hold_races
from experiments.lab.spec.supplied import Named
from experiments.lab.store.keys import cell_key, file_digests, lowered_key, measurement_key, reference_key
from experiments.lab.store.records import (
    StoredCell,
    StoredHeat,
    StoredMeasurement,
    StoredName,
    StoredProblem,
    StoredRun,
    plain,
)
from experiments.lab.store.store import Store, StoreError
from experiments.lab.workers.engine import Local

EVERYONE = 3  # rounds in which every solver that solved its problem is timed again
LOWERINGS = 5  # times that runs are judged anew by a lower f that one of them has found
LOWER = 0.1  # tolerances by which a run must lie below the lowest f known to replace it
SLOW = 10.0  # times the fastest: what is slower can neither win nor tie, and is timed no further


def run_experiment(
    experiment: Experiment,
    options: Options,
    store: Store,
    engine: Local,
    command: str = "",
    progress: Progress = silent,
) -> Result:
    """Run an experiment, or the part of it that the store does not hold yet.

    Repeats go round by round, so that whatever slows the machine for a while slows all solvers. Only what solved its
    problem is repeated, and only while its runs together have taken less than three budgets; beyond the third round
    only what takes no more than ten times the fastest.
    Raises StoreError, NoReference, and what keeps a problem from being built.
    """
    options = dataclasses.replace(options, settings={**experiment.settings, **options.settings})
    problems = list(dict.fromkeys(experiment.problems(options)))
    reference_keys = {problem: reference_key(problem, engine.threads) for problem in problems}
    references = _find_references(reference_keys, store, engine, progress)
    cells = list(dict.fromkeys(experiment.cells(options, references)))
    repeats = options.repeats or (min(experiment.repeats, FEWEST) if options.quick else experiment.repeats)
    measurements = {
        measurement: measurement_key(measurement, engine.threads, engine.jobs)
        for measurement in experiment.measurements(options)
    }
    environment = engine.environment() | {"calibration": str(last() or "")}
    race_keys: dict[Named, str] = {}
    session = datetime.now(UTC).isoformat(timespec="seconds")

    def key(cell: Cell, repeat: int) -> str:
        return cell_key(cell, repeat, engine.threads, engine.jobs, references[cell.problem].known)

    def put_plan() -> None:
        store.put_run(
            experiment.name,
            StoredRun(
                kind=experiment.kind,
                question=experiment.question,
                options=plain({**vars(options), "settings": dict(options.settings)}),
                command=command,
                environment=environment,
                problems=[
                    StoredProblem(problem=StoredName.of(problem), reference=key, files=list(file_digests(problem)))
                    for problem, key in reference_keys.items()
                ],
                cells=[StoredCell.of(cell, [key(cell, repeat) for repeat in range(repeats)]) for cell in cells],
                measurements=[StoredMeasurement.of(measurement, key) for measurement, key in measurements.items()],
                races=[StoredHeat(problem=StoredName.of(problem), key=key) for problem, key in race_keys.items()],
            ),
        )

    def run_round(due: Sequence[Cell], repeat: int) -> dict[Cell, Outcome]:
        what = f"repeat {repeat + 1} of {repeats}" if repeat else "cells"
        finished = {}
        for cell, outcome in _round({cell: key(cell, repeat) for cell in due}, references, store, engine, session):
            finished[cell] = outcome
            progress(what, len(finished), len(due))
        return finished

    put_plan()
    _take_measurements(measurements, store, engine, progress)
    finished = run_round(cells, 0)
    for _ in range(LOWERINGS):
        lower = _lowered(references, finished)
        if not lower:
            break
        for problem, reference in lower.items():
            references[problem] = reference
            reference_keys[problem] = lowered_key(reference_keys[problem], reference.goal)
            store.put_reference(reference_keys[problem], reference)
        put_plan()
        finished |= run_round([cell for cell in cells if cell.problem in lower], 0)
    spent = {cell: max(outcome.cpu, outcome.seconds) for cell, outcome in finished.items() if outcome.solved}
    best_time = {cell: finished[cell].seconds for cell in spent}
    for repeat in range(1, repeats):
        fastest: dict[Named, float] = {}
        for cell, seconds in best_time.items():
            fastest[cell.problem] = min(fastest.get(cell.problem, math.inf), seconds)
        due = [
            cell
            for cell in cells
            if spent.get(cell, math.inf) < 3 * cell.rule.seconds
            and (repeat < EVERYONE or best_time[cell] <= SLOW * fastest[cell.problem])
        ]
        for cell, outcome in run_round(due, repeat).items():
            spent[cell] += max(outcome.cpu, outcome.seconds) if outcome.solved else math.inf
            if outcome.solved:
                best_time[cell] = min(best_time[cell], outcome.seconds)
    rows = []
    for cell in cells:
        outcomes = [kept for repeat in range(repeats) if (kept := store.outcome(key(cell, repeat)))]
        rows += [CellResult(cell.problem, cell.solver, cell.seed, cell.rule, outcomes)] if outcomes else []
    race_keys |= hold_races(rows, references, experiment.race_seconds, store, engine.threads, progress)
    if race_keys:
        put_plan()
    return load_result(experiment.name, store)


def load_result(name: str, store: Store) -> Result:
    """The result of the last run of that name, as far as its cells have finished. Raises StoreError."""
    run = store.run(name)
    if run is None:
        raise StoreError(f"{store.path} holds no run of {name}; it holds {', '.join(store.runs()) or 'none'}")
    names = {stored: stored.restored() for cell in run.cells for stored in (cell.problem, cell.solver)}
    problems = [(stored, stored.problem.restored()) for stored in run.problems]
    references = {problem: store.reference(stored.reference) for stored, problem in problems}
    rows = []
    for cell in run.cells:
        outcomes = [outcome for key in cell.keys if (outcome := store.outcome(key))]
        problem, solver = names[cell.problem], names[cell.solver]
        rows.append(CellResult(problem, solver, cell.seed, cell.rule, outcomes, cell.note))
    held = [(names[one.problem], store.race(one.key)) for one in run.races if one.problem in names]
    races = {problem: race for problem, race in held if race}
    rows = [dataclasses.replace(row, raced=_raced(row, races.get(row.problem))) for row in rows]
    measurements = [(stored.restored(), store.values(stored.key)) for stored in run.measurements]
    results = [MeasurementResult(measurement, measured) for measurement, measured in measurements if measured]
    return Result(
        name=name,
        kind=run.kind,
        question=run.question,
        rows=[row for row in rows if row.outcomes],
        references={problem: reference for problem, reference in references.items() if reference},
        environment=run.environment,
        command=run.command,
        options=run.options,
        files={problem: stored.files for stored, problem in problems if stored.files},
        unfinished=sum(not row.outcomes for row in rows) + len(measurements) - len(results),
        measurements=results,
        races=races,
    )


def _raced(row: CellResult, race: Race | None) -> Timed | None:
    return next((timed for timed in race.times if timed.solver == str(row.solver)), None) if race else None


def _take_measurements(measurements: dict[Measurement, str], store: Store, engine: Local, progress: Progress) -> None:
    """Take the measurements that the store lacks, and those that failed; each is stored as it finishes."""
    kept = {measurement: store.values(key) for measurement, key in measurements.items()}
    lacking = [measurement for measurement, measured in kept.items() if measured is None or measured.reason]
    for done, (measurement, measured) in enumerate(engine.measure(lacking), start=1):
        store.put_values(measurements[measurement], measured)
        progress("measurements", done, len(lacking))


def _find_references(keys: dict[Named, str], store: Store, engine: Local, progress: Progress) -> dict[Named, Reference]:
    kept = {problem: store.reference(key) for problem, key in keys.items()}
    references = {problem: reference for problem, reference in kept.items() if reference}
    lacking = [problem for problem in keys if problem not in references]
    for done, (problem, reference) in enumerate(engine.references(lacking), start=1):
        store.put_reference(keys[problem], reference)
        references[problem] = reference
        progress("the referee's references", done, len(lacking))
    return references


def _lowered(references: dict[Named, Reference], finished: dict[Cell, Outcome]) -> dict[Named, Reference]:
    """New references of the problems on which a run went below the lowest f known, by more than judging allows."""
    lowest: dict[Named, float] = {}
    for cell, outcome in finished.items():
        reference = references[cell.problem]
        if reference.known is not None and outcome.gap < -LOWER * cell.rule.tolerance:
            below = outcome.gap * reference.scale_under(cell.rule.absolute)
            lowest[cell.problem] = min(lowest.get(cell.problem, 0.0), below)
    return {problem: references[problem].lowered(below) for problem, below in lowest.items()}


def _round(
    due: dict[Cell, str], references: dict[Named, Reference], store: Store, engine: Local, session: str
) -> Iterator[tuple[Cell, Outcome]]:
    """Each cell with its outcome: first those in the store, then the others as they finish."""
    lacking: list[tuple[Cell, Reference]] = []
    for cell, key in due.items():
        if kept := store.outcome(key):
            yield cell, kept
        else:
            lacking.append((cell, references[cell.problem]))
    for cell, outcome in engine.outcomes(lacking):
        outcome.session = session
        store.put_outcome(due[cell], outcome)
        yield cell, outcome
