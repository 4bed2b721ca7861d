"""What is kept comes back equal, infinities included; what is no record of ours is set aside."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from experiments.lab.measurement.measurement import MeasuredValues, Measurement
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.outcome import Cause, Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run.trace import Sample
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.store.records import StoredCell, StoredMeasurement, StoredRun
from experiments.lab.store.store import Store, StoreError, digest
from solvers.base import Basis, Rate
from solvers.base.spectrum import Spectrum

OUTCOME = Outcome(
    Status.STALLED, "why", Cause.NO_PROGRESS, 7, 0.5, 1.5, 0.1, None, math.inf,
    [Sample(0, 0.0, None, 1.0), Sample(7, 0.5, 3.5, math.inf, 0.25)],
    Rate(0.5, basis=Basis.SPLITTING), Rate(0.25, 2), ("stochastic",),
    {"accuracy": 0.5}, [1.0, -2.5], [[0.0], [1.0]], "then",
)  # fmt: skip
REFERENCE = Reference(
    -math.inf, 2.0, 3, ("a", "b"), Spectrum(np.array([0.5, 2.0]), 2.5), 0.7, "no", ("note",), known=1.0
)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put_outcome("o", OUTCOME)
        store.put_reference("r", REFERENCE)
        store.put_values("v", MeasuredValues({"x": [1.0, float("nan")], "y": np.float64(2.0)}, ""))
    with Store(tmp_path) as store:
        assert store.outcome("o") == OUTCOME
        known = store.reference("r")
        assert known is not None
        assert known.spectrum is not None
        np.testing.assert_array_equal(known.spectrum.eigenvalues, [0.5, 2.0])
        assert (known.lower, known.upper, known.known, known.columns) == (-math.inf, 2.0, 1.0, ("a", "b"))
        assert store.values("v") == MeasuredValues({"x": [1.0, None], "y": 2.0}, "")
        assert store.outcome("nothing") is None


def test_cells_and_measurements_come_back_with_their_specs() -> None:
    cell = Cell("ridge(data=synthetic(n=50), l2=1)", "sgd(step=0.1)", 3, Rule(tolerance=1e-3), "note")
    stored = StoredCell.model_validate_json(StoredCell.of(cell, ["k"]).model_dump_json())
    assert (stored.problem.restored(), stored.solver.restored()) == (cell.problem, cell.solver)
    assert (stored.rule, stored.keys) == (cell.rule, ["k"])
    measurement = Measurement("m:f", (("problem", spec("xor", hidden=(4, 4))), ("sizes", (1, 2)), ("text", "xor")))
    again = StoredMeasurement.model_validate_json(StoredMeasurement.of(measurement, "k").model_dump_json())
    assert again.restored() == measurement


@pytest.mark.parametrize(
    "body",
    ['{"outcome": {"status": "perfect"}}', '{"outcome": {"status": "solved", "surprise": 1}}', "[]", '{"x": 1}', "{"],
)
def test_a_record_that_is_none_of_ours_is_set_aside(tmp_path: Path, body: str) -> None:
    with Store(tmp_path) as store:
        store.put_outcome("k", OUTCOME)
    with sqlite3.connect(tmp_path / "cells.sqlite") as db:
        db.execute("update record set body = ?, sha256 = ?", (body, digest("cell", "k", body)))
    with Store(tmp_path) as store:
        assert store.outcome("k") is None
        assert store.damaged == ["cell k"]
        store.put_outcome("k", OUTCOME)
        assert store.outcome("k") == OUTCOME


@pytest.mark.parametrize("name", ["../escaped", "a/b", "", ".hidden", "x" * 101, "a\nb"])
def test_a_run_has_a_name_that_could_be_a_file_s(tmp_path: Path, name: str) -> None:
    run = StoredRun(
        kind="convergence", question="", options={}, command="", environment={}, problems=[], cells=[], measurements=[]
    )
    with Store(tmp_path) as store, pytest.raises(StoreError, match="cannot name a run"):
        store.put_run(name, run)
    body = run.model_dump_json()
    with sqlite3.connect(tmp_path / "cells.sqlite") as db:
        db.execute("insert into record values ('run', ?, ?, ?)", (name, body, digest("run", name, body)))
    with Store(tmp_path) as store:
        assert store.runs() == []
        assert len(store.damaged) == 1


def test_text_is_parsed_once_for_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments.lab.spec import grammar

    texts: list[str] = []
    tokens = grammar._tokens

    def counted(text: str) -> list[grammar._Token]:
        texts.append(text)
        return tokens(text)

    monkeypatch.setattr(grammar, "_tokens", counted)
    cell = Cell("ridge(n=50)", "qr")
    assert hash(cell) == hash(Cell(parse("ridge(n=50)"), parse("qr")))
    assert sorted(texts) == sorted(["ridge(n=50)", "qr"] * 2)
