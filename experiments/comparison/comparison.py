"""A person's own comparison: any problems against any solvers, answered as `convergence` is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import problems
import solvers
from experiments.lab.experiment import Experiment, Options, References, seeded
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, SpecError, arguments, build, parse
from problems.data.readers.files import NIST, READERS, read_table
from problems.data.readers.nist import read_nist
from problems.data.readers.table import Task

FACTORY: dict[Task, str] = {"regression": "linear-regression", "classification": "logistic"}


def checked(specs: Sequence[str], table: Mapping[str, Any]) -> list[str]:
    """Each name with parameters as it will be shown, known to be in its catalogue and to have those parameters."""
    found = []
    for text in specs:
        spec = parse(text)
        if table is solvers.TABLE:
            build(spec, table)
        else:
            arguments(spec, table)  # a problem's rows are for the workers to read
        found.append(str(spec))
    return found


def race(
    name: str,
    question: str,
    chosen: Sequence[str],
    contestants: Sequence[str] | None,
    rule: Rule,
    seeds: Sequence[int] | None = None,
    repeats: int = 11,
) -> Experiment:
    """The experiment of these problems against these solvers (all of them for None).

    seeds: of the cells; the one that the options give where it is left out. Raises SpecError.
    """
    named = checked(chosen, problems.TABLE)
    able = checked(solvers.everyone() if contestants is None else contestants, solvers.TABLE)

    def asked(options: Options) -> Sequence[str]:
        return [seeded(problem, options.seed) for problem in named]

    def cells(options: Options, references: References) -> Sequence[Cell]:
        return [
            Cell(problem, solver, seed, rule)
            for problem in asked(options)
            for seed in (seeds or [options.seed])
            for solver in able
        ]

    return Experiment(name, "convergence", question, asked, cells, repeats)


def problem_in(given: str, target: str | None, task: Task | None, l2: float | None) -> str:
    """The problem that a person named: a catalogue name with parameters, or a file of rows.

    A file is a classification where its target holds text or just two values, unless `task` says otherwise, and of
    more than two classes one by softmax; one of NIST's StRD is the regression that it describes. Raises SpecError and
    DataError.
    """
    suffix = Path(given).suffix.lower()
    if suffix == NIST:
        if target or task:
            raise SpecError("--target and --task are for tables; the model in a .dat file says what is predicted")
        linear = read_nist(given).kind == "linear"
        spec = Spec("linear-regression", (("data", given),)) if linear else Spec("curve", (("file", given),))
    elif suffix in READERS or Path(given).is_file():
        table = read_table(given, target)
        chosen = table.target if table.columns else target
        whole = (("data", given),) if chosen is None else (("data", given), ("target", chosen))
        name = FACTORY[task or table.task]
        spec = Spec("softmax" if name == "logistic" and table.y.nunique() > 2 else name, whole)
    elif target or task:
        raise SpecError("--target and --task belong to a file; a catalogue name has its own parameters")
    else:
        spec = parse(given)
    if l2 is not None:
        if spec.get("l2") is not None:
            raise SpecError(f"l2 is given twice, as --l2 {l2:g} and in {spec}")
        spec = Spec(spec.name, (*spec.given, ("l2", l2)))
    return str(spec)
