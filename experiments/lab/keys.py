"""What a finished cell depends on, as one digest: change any of it, and the cell is run again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import cache
from pathlib import Path

import problems
import solvers
from problems.checks import DataError
from problems.source import fingerprint

from .cell import Cell
from .environment import processor, versions
from .spec import parse, place
from .store import digest
from .trial import Trial

LAB = "experiments.lab.worker"


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
    """The same of a trial: what is given, its files, and the source of its module."""
    module = trial.place.rpartition(":")[0]
    given = json.dumps([trial.place, trial.given], sort_keys=True, default=str)
    names = [str(value) for _, value in trial.given if isinstance(value, str)]
    if module.endswith(".py"):
        names.append(module)
    source = fingerprint(LAB) if module.endswith(".py") else fingerprint(LAB, module)
    return digest("trial", given, *_digests(names), _machine(threads, jobs), source)


def reference_key(problem: str, threads: int) -> str:
    """The same of a problem's reference, which the referee's own solvers find."""
    return digest(problem, *files_of(problem), _machine(threads, 1), _source(problem, "newton"))
