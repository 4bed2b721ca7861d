"""Trials: measurements by name, in workers, kept in the store; failures are readings with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.cli.main import cli
from experiments.lab.experiment import Experiment, Options, settings
from experiments.lab.measurement.measurement import trial
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from tests.helpers import measurements as trials

ASKED = [
    trial(trials.doubled, x=1.0),
    trial(trials.raises, x=2.0),
    trial(trials.hangs, seconds=2),
    trial(trials.exits),
    trial(trials.doubled, x=3.0),
]


def test_every_fate_of_a_trial_is_a_reading_and_only_failures_are_tried_again(engine: Local, tmp_path: Path) -> None:
    asked = Experiment("fates", "fates", "", trials=lambda options: ASKED)
    with Store(tmp_path) as store:
        first = conduct(asked, Options(), store, engine)
        written = store.db.execute("select count(*) from record where kind = 'trial'").fetchone()
        told: list[int] = []
        conduct(asked, Options(), store, engine, progress=lambda what, done, total: told.append(total))
    assert [read["twice"] for read in first.read("doubled")] == [2.0, 6.0]
    assert first.read("doubled")[0]["series"] == [1.0, 2.0]
    reasons = {read.trial.name: read.reading.reason for read in first.reads if not read.good}
    assert reasons == {
        "raises": "ValueError: 2 is too much",
        "hangs": "killed at its deadline of 2 s",
        "exits": "its process ended with exit code 0",
    }
    assert written == (5,)
    assert set(told) == {3}


def test_settings_are_read_by_the_type_of_their_default_and_refused_in_a_sentence() -> None:
    asked = Experiment("x", "x", "", settings={"n": 10, "noise": 0.5, "data": None, "widths": [1, 2]})
    assert settings(asked, ["n=20", "noise=1", "data='my file.csv'", "widths=[3, 4]"]) == {
        "n": 20, "noise": 1.0, "data": "my file.csv", "widths": [3, 4],
    }  # fmt: skip
    for given, sentence in (("m=1", "has no setting 'm'"), ("n=few", "n is 'few'"), ("n", "expected '='")):
        with pytest.raises(SpecError, match=sentence):
            settings(asked, [given])


OWN = '''
"""How does a square grow?"""

from experiments.figures.data import Line, Lines, Table
from experiments.lab.plan import Answer, Experiment
from experiments.lab.trial import trial


def square(x):
    return {"y": x * x}


EXPERIMENT = Experiment(
    "squares", "squares", __doc__, trials=lambda options: [trial(square, x=x) for x in range(options.settings["most"])],
    settings={"most": 3},
)


def answer(result):
    x, y = zip(*((read["x"], read["y"]) for read in result.read("square")))
    line = Lines("squares", "Squares", "How to read this: up.", ("x", "y"), ("linear", "linear"), [Line("x^2", x, y)])
    return Answer([f"The largest is {max(y)}."], [line], [Table("Squares", "", ("x", "y"), list(zip(x, y)))])
'''


def test_an_experiment_in_a_person_s_own_file_runs_like_one_of_the_house(tmp_path: Path) -> None:
    file = tmp_path / "squares.py"
    file.write_text(OWN)
    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["run", str(file), "--set", "most=5", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["verdicts"] == ["The largest is 16."]
    assert [reading["y"] for reading in told["readings"]] == [0, 1, 4, 9, 16]
    assert told["settings"] == {"most": 5}
    again = CliRunner().invoke(cli, ["report", str(out)])
    assert again.exit_code == 0, again.output
    page = (out / "report.html").read_text()
    assert "The largest is 16." in page
    assert (out / "figures" / "squares-lines-squares.png").exists()
    assert (out / "squares-readings.csv").read_text().splitlines()[5] == "square,4,16,"
