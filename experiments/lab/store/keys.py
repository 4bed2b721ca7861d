"""What a finished cell depends on, as one digest: change any of it, and the cell is run again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache
from pathlib import Path

import problems
import solvers
from experiments.lab.measurement.measurement import Trial
from experiments.lab.run.cell import Cell
from experiments.lab.spec.grammar import parse, place
from experiments.lab.store.store import digest
from experiments.lab.workers.environment import processor, versions
from problems.foundation.checks import DataError
from problems.foundation.source import fingerprint

LAB = "experiments.lab.workers.worker"


@cache
def _machine(threads: int, jobs: int) -> str:
    return json.dumps([versions(), processor(), threads, jobs], sort_keys=True)


@cache
def _source(problem: str, solver: str) -> str:
    places = (place(parse(problem), problems.TABLE), place(parse(solver), solvers.TABLE))
    return fingerprint(LAB, *(where.partition(":")[0] for where in places))


@cache
def files_of(problem: str) -> tuple[str, ...]:
    """Digests of the files that the problem's parameters name."""
    return _digests([value for _, value in parse(problem).given if isinstance(value, str)])


def _digests(names: list[str]) -> tuple[str, ...]:
    """Of those names that are files'."""
    try:
        return tuple(hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in names if Path(name).is_file())
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read: {error.strerror}") from None


def cell_key(cell: Cell, repeat: int, threads: int, jobs: int) -> str:
    """Problem, its files, solver, seed, rule, repeat; versions, processor, threads, jobs; the source that runs."""
    what = json.dumps([dataclasses.asdict(cell), repeat], sort_keys=True)
    return digest(what, *files_of(cell.problem), _machine(threads, jobs), _source(cell.problem, cell.solver))


def trial_key(trial: Trial, threads: int, jobs: int) -> str:
    """The same of a trial: what is given, its files, and the source of its module and of the names given to it."""
    module = trial.place.rpartition(":")[0]
    given = json.dumps([trial.place, trial.given], sort_keys=True, default=str)
    texts = [text for _, value in trial.given for text in (value if isinstance(value, tuple) else (value,))]
    names = [text for text in texts if isinstance(text, str)]
    modules = {where for name in names if (where := _module_of(name))}
    files = [*names, module] if module.endswith(".py") else names
    source = fingerprint(LAB, *sorted(modules), *(() if module.endswith(".py") else (module,)))
    return digest("trial", given, *_digests(files), _machine(threads, jobs), source)


def _module_of(text: str) -> str | None:
    """The module of the solver or the problem that a text names; None where it names neither."""
    name = text.partition("(")[0].strip()
    for table in (solvers.TABLE, problems.TABLE):
        if name in table:
            return str(table[name].place).partition(":")[0]
    return None


def reference_key(problem: str, threads: int) -> str:
    """The same of a problem's reference, which the referee's own solvers find."""
    return digest(problem, *files_of(problem), _machine(threads, 1), _source(problem, "newton"))
