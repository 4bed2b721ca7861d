"""From an experiment to a result: what the store has is taken from it, the rest is run and stored."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.statistics import FEWEST
from experiments.lab.experiment import Experiment, Options
from experiments.lab.measurement.measurement import Read, Trial
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Cell, Outcome
from experiments.lab.run.stopping import Rule
from experiments.lab.store.keys import cell_key, files_of, reference_key, trial_key
from experiments.lab.store.store import Store, StoreError
from experiments.lab.workers.engine import Local

Progress = Callable[[str, int, int], None]  # what is going on, how many are done, of how many


def silent(what: str, done: int, total: int) -> None:
    """No progress shown."""


def conduct(
    experiment: Experiment,
    options: Options,
    store: Store,
    engine: Local,
    command: str = "",
    progress: Progress = silent,
) -> Result:
    """Run an experiment, or what of it the store does not hold yet.

    Repeats go round by round, so that whatever slows the machine for a while slows all solvers. Only what solved
    its problem is repeated, and only while its runs together have taken less than three budgets; beyond the third
    round only what takes no more than ten times the fastest, because nothing slower can win or tie.
    Raises StoreError, NoReference, and what keeps a problem from being built.
    """
    options = dataclasses.replace(options, settings={**experiment.settings, **options.settings})
    problems = list(dict.fromkeys(experiment.problems(options)))
    reference_keys = {problem: reference_key(problem, engine.threads) for problem in problems}
    references = _referee(reference_keys, store, engine, progress)
    cells = list(dict.fromkeys(experiment.cells(options, references)))
    repeats = options.repeats or (min(experiment.repeats, FEWEST) if options.quick else experiment.repeats)
    trials = {trial: trial_key(trial, engine.threads, engine.jobs) for trial in experiment.trials(options)}
    keys = {cell: [cell_key(cell, repeat, engine.threads, engine.jobs) for repeat in range(repeats)] for cell in cells}
    store.put_run(
        experiment.name,
        {
            "kind": experiment.kind,
            "question": experiment.question,
            "options": dataclasses.asdict(options),
            "command": command,
            "environment": engine.environment(),
            "references": reference_keys,
            "files": {problem: digests for problem in problems if (digests := files_of(problem))},
            "cells": [dataclasses.asdict(cell) | {"keys": keys[cell]} for cell in cells],
            "trials": [dataclasses.asdict(trial) | {"key": key} for trial, key in trials.items()],
        },
    )
    _measure(trials, store, engine, progress)
    session = datetime.now(UTC).isoformat(timespec="seconds")
    spent, times = dict.fromkeys(cells, 0.0), dict.fromkeys(cells, math.inf)
    fastest: dict[str, float] = {}
    for repeat in range(repeats):
        due = {
            cell: keys[cell][repeat]
            for cell in cells
            if spent[cell] < 3 * cell.rule.seconds and (repeat < 3 or times[cell] <= 10 * fastest[cell.problem])
        }
        what = f"repeat {repeat + 1} of {repeats}" if repeat else "cells"
        for done, (cell, outcome) in enumerate(_round(due, references, store, engine, session), start=1):
            spent[cell] += max(outcome.cpu, outcome.seconds) if outcome.solved else math.inf
            if outcome.solved:
                times[cell] = outcome.seconds
                fastest[cell.problem] = min(fastest.get(cell.problem, math.inf), outcome.seconds)
            progress(what, done, len(due))
    return recall(experiment.name, store)


def recall(name: str, store: Store) -> Result:
    """The result of the last run of that name, as far as its cells have finished. Raises StoreError."""
    run = store.run(name)
    if run is None:
        raise StoreError(f"{store.path} holds no run of {name}; it holds {', '.join(store.runs()) or 'none'}")
    references = {problem: store.reference(key) for problem, key in run["references"].items()}
    rows = []
    for cell in run["cells"]:
        outcomes = [outcome for key in cell["keys"] if (outcome := store.outcome(key))]
        rows.append(Row(cell["problem"], cell["solver"], cell["seed"], Rule(**cell["rule"]), outcomes, cell["note"]))
    trials = [(_trial(trial), store.reading(trial["key"])) for trial in run["trials"]]
    reads = [Read(trial, reading) for trial, reading in trials if reading]
    return Result(
        name=name,
        kind=run["kind"],
        question=run["question"],
        rows=[row for row in rows if row.outcomes],
        references={problem: reference for problem, reference in references.items() if reference},
        environment=run["environment"],
        command=run["command"],
        options=run["options"],
        files=run["files"],
        unfinished=sum(not row.outcomes for row in rows) + len(trials) - len(reads),
        reads=reads,
    )


def _trial(body: dict[str, Any]) -> Trial:
    given = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in body["given"])
    return Trial(body["place"], given, body["seconds"])


def _measure(trials: dict[Trial, str], store: Store, engine: Local, progress: Progress) -> None:
    """Take the trials that the store lacks, and those that failed; each is stored as it finishes."""
    kept = {trial: store.reading(key) for trial, key in trials.items()}
    lacking = [trial for trial, reading in kept.items() if reading is None or reading.reason]
    for done, (trial, reading) in enumerate(engine.readings(lacking), start=1):
        store.put_reading(trials[trial], reading)
        progress("trials", done, len(lacking))


def _referee(keys: dict[str, str], store: Store, engine: Local, progress: Progress) -> dict[str, Reference]:
    kept = {problem: store.reference(key) for problem, key in keys.items()}
    found = {problem: reference for problem, reference in kept.items() if reference}
    lacking = [problem for problem in keys if problem not in found]
    for done, (problem, reference) in enumerate(engine.references(lacking), start=1):
        store.put_reference(keys[problem], reference)
        found[problem] = reference
        progress("the referee's references", done, len(lacking))
    return found


def _round(
    due: dict[Cell, str], references: dict[str, Reference], store: Store, engine: Local, session: str
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
