"""A user's own comparison: any problems and any solvers, answered as `convergence` is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import solvers
from experiments.lab.experiment import Experiment, Options, References
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import build_solver, check_names, seeded
from experiments.lab.spec.grammar import Spec, SpecError, parse, spec
from experiments.lab.spec.supplied import Named, named
from problems.data.readers.nist import read_nist
from problems.data.readers.reading import NIST, READERS, read_table

RACE_SECONDS = 10.0  # for each problem
Task = Literal["regression", "classification"]


def checked_problems(problems: Sequence[Named | str]) -> list[Named]:
    """The problems by name, known to exist and to have their parameters; their rows are not read. Raises SpecError."""
    names = [named(problem) for problem in problems]
    for name in names:
        check_names(name)
    return names


def checked_solvers(given: Sequence[Named | str]) -> list[Named]:
    """The solvers by name, known to exist and to have their parameters. Raises SpecError."""
    names = [named(solver) for solver in given]
    for name in names:
        build_solver(name)
    return names


def comparison(
    name: str,
    question: str,
    problems: Sequence[Named | str],
    chosen: Sequence[Named | str] | None,
    rule: Rule,
    seeds: Sequence[int] | None = None,
    repeats: int = 11,
) -> Experiment:
    """The experiment that runs these solvers (all of the catalogue for None) on these problems.

    seeds: of the cells; the one of the options where they are not given. Raises SpecError.
    """
    known = checked_problems(problems)
    able = checked_solvers(solvers.everyone() if chosen is None else chosen)

    def seeded_problems(options: Options) -> Sequence[Named]:
        return [seeded(problem, options.seed) for problem in known]

    def cells(options: Options, references: References) -> Sequence[Cell]:
        return [
            Cell(problem, solver, seed, rule)
            for problem in seeded_problems(options)
            for seed in (seeds or [options.seed])
            for solver in able
        ]

    return Experiment(name, "convergence", question, seeded_problems, cells, repeats, race_seconds=RACE_SECONDS)


def problem_of(text: str, target: str | None = None, task: Task | None = None, l2: float | None = None) -> Spec:
    """The problem that a user named: a catalogue name with parameters, or a file of rows.

    A file is a classification where its target holds text or only two values, unless `task` says otherwise, and with
    more than two classes a softmax; a file of NIST's is the regression that it describes. Raises SpecError and
    DataError.
    """
    suffix = Path(text).suffix.lower()
    if suffix == NIST:
        if target or task:
            raise SpecError("--target and --task are for tables; the model in a .dat file says what is predicted")
        problem = spec("linear-regression" if read_nist(text).kind == "linear" else "curve", data=text)
    elif suffix in READERS or Path(text).is_file():
        problem = _of_table(text, target, task)
    elif target or task:
        raise SpecError("--target and --task are for files; a catalogue name has its own parameters")
    else:
        problem = parse(text)
    if l2 is None:
        return problem
    if problem.get("l2") is not None:
        raise SpecError(f"l2 is given twice, as --l2 {l2:g} and in {problem}")
    return problem.where(l2=l2)


def _of_table(file: str, target: str | None, task: Task | None) -> Spec:
    """The model that suits a table's target."""
    table = read_table(file, target)
    chosen = table.target if table.columns else target
    given = {"data": file} if chosen is None else {"data": file, "target": chosen}
    if task == "regression" or (task is None and not table.classifies):
        return spec("linear-regression", **given)
    return spec("softmax" if table.y.nunique() > 2 else "logistic", **given)
