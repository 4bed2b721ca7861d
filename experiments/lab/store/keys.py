"""What a finished cell depends on, as one digest: change any of it, and the cell is run again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import problems
import solvers
from experiments.lab.measurement.measurement import Measurement
from experiments.lab.run.cell import Cell
from experiments.lab.spec.building import files_of, place_of, problem_arguments
from experiments.lab.spec.grammar import Spec
from experiments.lab.spec.supplied import Named, Supplied
from experiments.lab.store.store import digest
from experiments.lab.workers.environment import processor, versions
from problems.foundation.checks import DataError
from problems.foundation.source import fingerprint

LAB = "experiments.lab.workers.worker"
RACE = "experiments.lab.race.race"
REFEREE = "experiments.lab.reference.referee"


@cache
def _machine(threads: int, jobs: int) -> str:
    return json.dumps([versions(), processor(), threads, jobs], sort_keys=True)


@cache
def _modules(named: Named, of_solver: bool = False) -> tuple[str, ...]:
    """The modules that define a problem, with its source of data, or a solver."""
    if isinstance(named, Supplied):
        return (named.module,) if named.module else ()
    if of_solver:
        return (place_of(named.name, solvers.TABLE).partition(":")[0],)
    source = problem_arguments(named)[1].get("data")
    module = place_of(named.name, problems.TABLE).partition(":")[0]
    return (module,) if source is None else (module, type(source).__module__)


@cache
def _source(*modules: str) -> str:
    return fingerprint(LAB, *modules)


def _identity(named: Named) -> str:
    return named.digest if isinstance(named, Supplied) else str(named)


@cache
def file_digests(problem: Named) -> tuple[str, ...]:
    """Digests of the files that the problem's parameters name. Raises DataError."""
    return _digests(files_of(problem))


def _digests(files: Iterable[Path]) -> tuple[str, ...]:
    try:
        return tuple(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read: {error.strerror}") from None


def cell_key(cell: Cell, repeat: int, threads: int, jobs: int, known: float | None = None) -> str:
    """Problem, its files, solver, seed, rule, repeat; versions, processor, threads, jobs; the source that runs.

    known: the lowest f known, where the cell is judged by it.
    """
    names = [_identity(cell.problem), _identity(cell.solver)]
    what = json.dumps([*names, cell.seed, dataclasses.asdict(cell.rule), repeat, known], sort_keys=True)
    source = _source(*_modules(cell.problem), *_modules(cell.solver, of_solver=True))
    return digest("cell", what, *file_digests(cell.problem), _machine(threads, jobs), source)


def reference_key(problem: Named, threads: int) -> str:
    """The same of a problem's reference, which the referee's own solvers find."""
    files, source = file_digests(problem), _source(REFEREE, *_modules(problem))
    return digest("reference", _identity(problem), *files, _machine(threads, 1), source)


def race_key(cells: Sequence[Cell], threads: int, known: float | None) -> str:
    """The same of a race of those cells, which all have one problem."""
    return digest("race", _source(RACE), *(cell_key(cell, 0, threads, 1, known) for cell in cells))


def lowered_key(key: str, known: float) -> str:
    """The key of a reference whose lowest f known was found by a run, after that of the referee."""
    return digest("lowered", key, repr(known))


def measurement_key(measurement: Measurement, threads: int, jobs: int) -> str:
    """The same of a measurement: its arguments, their files, the source of its module and of the names among them."""
    module = measurement.place.rpartition(":")[0]
    given = json.dumps([measurement.place, measurement.given], sort_keys=True, default=str)
    values = [value for _, given_value in measurement.given for value in _flat(given_value)]
    files = [path for value in values if isinstance(value, str) and (path := Path(value)).is_file()]
    files += [path for value in values if isinstance(value, Spec) for path in files_of(value)]
    own_file = module.endswith(".py")
    modules = {name for value in values for name in _modules_named(value)} | ({module} if not own_file else set())
    digests = _digests([*files, *([Path(module)] if own_file else [])])
    return digest("measurement", given, *digests, _machine(threads, jobs), _source(*sorted(modules)))


def _flat(value: Any) -> Iterable[Any]:
    return [item for part in value for item in _flat(part)] if isinstance(value, tuple) else [value]


def _modules_named(value: Any) -> tuple[str, ...]:
    """The modules of the solver or the problem that an argument names; none where it names neither."""
    name = value.name if isinstance(value, Spec) else value
    if name in solvers.TABLE:
        return (str(solvers.TABLE[name].place).partition(":")[0],)
    if name in problems.TABLE:
        return _modules(value if isinstance(value, Spec) else Spec(name))
    return ()
