"""CSV and JSON files of a result: the same numbers, and no text that a spreadsheet would execute."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer
from experiments.lab.measurement.measurement import MeasuredValues, Measurement, MeasurementResult
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Cause, Status
from experiments.lab.workers.environment import environment
from experiments.report.files import as_json, as_text, write
from tests.helpers.made_results import failed, result_of, row

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_begins_as_a_formula_is_marked_as_text(text: str) -> None:
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=1", "1-1", "", 1, -1.5, None, True])
def test_numbers_and_other_texts_are_not_changed(value: Any) -> None:
    assert as_text(value) is value


@pytest.fixture
def result() -> Result:
    rows = [
        row("logistic", "newton", 0.5, iterations=3),
        failed("logistic", "mine:Solver", Status.FAILED, cause=Cause.ERROR, reason='=HYPERLINK("http://x")'),
    ]
    measured = MeasurementResult(
        Measurement("module:function", (("text", "@SUM(A1)"), ("x", -2.0))), MeasuredValues({"y": -1.0, "z": "-z"})
    )
    fields: dict[str, Any] = {"environment": environment(1, 1), "measurements": [measured]}
    return Result(**{**vars(result_of(rows)), **fields})


def test_csv_files_hold_the_numbers_of_the_result_and_no_formula(result: Result, tmp_path: Path) -> None:
    write(tmp_path, [(result, Answer(["A verdict."]))])
    cells = json.loads((tmp_path / "convergence.json").read_text())["cells"]
    with (tmp_path / "convergence.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [line["solver"] for line in table] == [cell["solver"] for cell in cells] == ["newton", "mine:Solver"]
    assert [line["status"] for line in table] == ["solved", "failed"]
    assert float(table[0]["seconds_to_tolerance"]) == cells[0]["seconds_to_tolerance"] == 0.5
    assert table[1]["seconds_to_tolerance"] == ""
    assert table[1]["gap"] == "", "an infinite gap is no number"
    assert cells[1]["reason"] == '=HYPERLINK("http://x")'
    assert table[1]["reason"] == "'" + cells[1]["reason"]
    with (tmp_path / "convergence-measurements.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["text"], line["z"]) == ("'@SUM(A1)", "'-z")
    assert (float(line["x"]), float(line["y"])) == (-2.0, -1.0), "a negative number stays a number"


def test_json_tells_what_is_known_of_the_minimum() -> None:
    known = Reference(0.25, 0.5, 3, known=0.5, scale=2.0, scale_of="f of zero", curvature=(0.5, 2.0), size=1.0)
    one = row("p", "s", gap=1e-6)
    told = as_json(result_of([one], {one.problem: known}), Answer([]))
    assert told["references"]["p"] == {
        "lower": 0.25, "upper": 0.5, "known": 0.5, "scale": 2.0, "scale_of": "f of zero", "condition": 4.0, "dim": 3,
        "notes": [],
    }  # fmt: skip
    assert told["cells"][0]["theta_error"] == known.theta_error(1e-6, absolute=False)
