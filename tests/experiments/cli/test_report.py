"""`solverlab report` on a store that someone else may have written: it is read, and nothing in it is executed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from experiments.lab.measurement.measurement import MeasuredValues, Measurement
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run.trace import Sample
from experiments.lab.store.records import (
    Stored,
    StoredCell,
    StoredMeasurement,
    StoredName,
    StoredOutcome,
    StoredProblem,
    StoredReference,
    StoredRun,
    StoredValues,
)
from experiments.lab.store.store import NAME, Store, digest
from experiments.lab.workers.environment import environment
from tests.helpers.command_line import call

TRAP = """
from pathlib import Path

import solverlab as lab

Path({mark!r}).touch()
EXPERIMENT = lab.Experiment("caught", "caught", "What is executed?")


def problem() -> None:
    raise RuntimeError("a stored problem was built")


def answer(result: lab.Result) -> lab.Answer:
    return lab.Answer([f"The file was run for {{result.name}}."])
"""


def put(folder: Path, kind: str, key: str, record: Stored) -> None:
    """Write a record with a correct digest, as anyone can."""
    text = record.model_dump_json()
    with closing(sqlite3.connect(folder / NAME)) as store, store:
        store.execute("insert into record values(?, ?, ?, ?)", (kind, key, text, digest(kind, key, text)))


def run_of(kind: str, **fields: Any) -> StoredRun:
    nothing: dict[str, Any] = {"problems": [], "cells": [], "measurements": []}
    return StoredRun(
        kind=kind, question="What is executed?", options={}, command="", environment=environment(1, 1),
        **nothing | fields,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty store, in a working directory that has a module `trap`; to import it leaves a mark."""
    (tmp_path / "trap.py").write_text(TRAP.format(mark=str(tmp_path / "mark")))
    with Store(tmp_path / "o"):
        pass
    return tmp_path / "o"


def report(folder: Path, *words: str) -> tuple[str, str]:
    """The page, and what was said on stderr."""
    result = call("report", "o", *words, cwd=folder.parent)
    assert result.stdout.strip() == "o/report.html"
    return (folder / "report.html").read_text(), result.stderr


def test_a_file_that_a_store_names_is_run_only_when_the_user_names_it(folder: Path) -> None:
    mark, trap = folder.parent / "mark", folder.parent / "trap.py"
    call_of_trap = StoredMeasurement.of(Measurement(f"{trap}:answer"), "k")
    put(folder, "measurement", "k", StoredValues(measured=MeasuredValues({"x": 1.0})))
    put(folder, "run", "caught", run_of(str(trap), measurements=[call_of_trap]))
    page, _ = report(folder)
    assert not mark.exists()
    assert "The answer of caught is given by" in page
    assert "--experiment" in page
    page, _ = report(folder, "--experiment", "trap.py")
    assert mark.exists()
    assert "The file was run for caught." in page


def test_code_that_stored_problems_and_solvers_name_is_not_imported(folder: Path) -> None:
    """A picture of two columns would need the problem itself."""
    problem, solver = StoredName(text="trap:problem"), StoredName(text="trap:Solver")
    cell = StoredCell(problem=problem, solver=solver, seed=0, rule=Rule(), note="", keys=["c"])
    stored_problem = StoredProblem(problem=problem, reference="r", files=[])
    outcome = Outcome(
        Status.SOLVED, gap=0.0, seconds=1.0, iterations=1, theta=[0.0] * 3, measures={"accuracy": 1.0},
        trace=[Sample(0, 0.0, 0.0, 1.0), Sample(1, 1.0, 1.0, 0.0)],
    )  # fmt: skip
    put(folder, "reference", "r", StoredReference.of(Reference(0.0, 0.0, 3, columns=("x1", "x2"))))
    put(folder, "cell", "c", StoredOutcome(outcome=outcome))
    put(folder, "run", "compare", run_of("convergence", problems=[stored_problem], cells=[cell]))
    page, _ = report(folder)
    assert not (folder.parent / "mark").exists()
    assert "On trap:problem only trap:Solver reached 1e-06, in 1 s." in page


def test_a_stored_name_writes_nothing_outside_the_folder_and_is_listed_as_damaged(folder: Path) -> None:
    put(folder, "run", "sound", run_of("convergence"))
    put(folder, "run", "../escaped", run_of("convergence"))
    before = sorted(path.name for path in folder.parent.iterdir())
    page, said = report(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == before
    assert not list(folder.rglob("*escaped*"))
    assert "escaped" not in page
    assert (folder / "sound.json").exists()
    assert "1 damaged records of o/cells.sqlite are not used: run '../escaped'" in said
