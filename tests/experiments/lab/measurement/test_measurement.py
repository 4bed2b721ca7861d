"""Measurements: functions called by name in workers, kept in the store; a failure is a result with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.cli.main import cli
from experiments.lab.experiment import Experiment, Options, settings
from experiments.lab.measurement.measurement import measurement_of
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from tests.helpers import measurements as functions

MEASUREMENTS = [
    measurement_of(functions.doubled, x=1.0),
    measurement_of(functions.raises, x=2.0),
    measurement_of(functions.hangs, seconds=2),
    measurement_of(functions.exits),
    measurement_of(functions.doubled, x=3.0),
]


def test_every_end_of_a_measurement_is_a_result_and_only_failures_are_taken_again(
    engine: Local, tmp_path: Path
) -> None:
    experiment = Experiment("fates", "fates", "", measurements=lambda options: MEASUREMENTS)
    with Store(tmp_path) as store:
        first = run_experiment(experiment, Options(), store, engine)
        written = store.db.execute("select count(*) from record where kind = 'measurement'").fetchone()
        totals: list[int] = []
        run_experiment(experiment, Options(), store, engine, progress=lambda what, done, total: totals.append(total))
    assert [result["twice"] for result in first.measured("doubled")] == [2.0, 6.0]
    assert first.measured("doubled")[0]["series"] == [1.0, 2.0]
    reasons = {failed.measurement.name: failed.reason for failed in first.measurements if not failed.good}
    assert reasons == {
        "raises": "ValueError: 2 is too much",
        "hangs": "killed at its deadline of 2 s",
        "exits": "its process ended with exit code 0",
    }
    assert written == (5,)
    assert set(totals) == {3}


def test_settings_are_read_by_the_type_of_their_default_and_refused_in_a_sentence() -> None:
    experiment = Experiment("x", "x", "", settings={"n": 10, "noise": 0.5, "data": None, "widths": [1, 2]})
    assert settings(experiment, ["n=20", "noise=1", "data='my file.csv'", "widths=[3, 4]"]) == {
        "n": 20, "noise": 1.0, "data": "my file.csv", "widths": [3, 4],
    }  # fmt: skip
    for given, sentence in (("m=1", "has no setting 'm'"), ("n=few", "n is 'few'"), ("n", "expected '='")):
        with pytest.raises(SpecError, match=sentence):
            settings(experiment, [given])


OWN = '''
"""How does a square grow?"""

import solverlab as lab


def square(x):
    return {"y": x * x}


def measurements(options):
    return [lab.measurement_of(square, x=x) for x in range(options.settings["most"])]


EXPERIMENT = lab.Experiment("squares", "squares", __doc__, measurements=measurements, settings={"most": 3})


def answer(result):
    x, y = zip(*((measured["x"], measured["y"]) for measured in result.measured("square")))
    line = lab.Line("x^2", x, y)
    lines = lab.Lines("squares", "Squares", "How to read this: up.", ("x", "y"), ("linear", "linear"), [line])
    table = lab.ResultTable("Squares", "", ("x", "y"), list(zip(x, y)))
    return lab.Answer([f"The largest is {max(y)}."], [lines], [table])
'''


def test_an_experiment_in_a_user_s_own_file_runs_like_one_of_the_catalogue(tmp_path: Path) -> None:
    file = tmp_path / "squares.py"
    file.write_text(OWN)
    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["run", str(file), "--set", "most=5", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["verdicts"] == ["The largest is 16."]
    assert [measured["y"] for measured in record["measurements"]] == [0, 1, 4, 9, 16]
    assert record["settings"] == {"most": 5}
    again = CliRunner().invoke(cli, ["report", str(out), "--experiment", str(file)])
    assert again.exit_code == 0, again.output
    page = (out / "report.html").read_text()
    assert "The largest is 16." in page
    assert (out / "figures" / "squares-lines-squares.png").exists()
    assert (out / "squares-measurements.csv").read_text().splitlines()[5] == "square,4,16,"
