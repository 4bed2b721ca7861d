"""Small networks cannot tell and large ones overfit; the sentences of `network-size` follow from its numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.network_size import EXPERIMENT, answer, trials
from experiments.questions.network_size.sized import fitted, halves, tried

SETTINGS = {"depths": [1, 2], "widths": [1, 4, 32], "seeds": 3, "iterates": 150, "held": 500}
GIVEN: dict[str, Any] = {
    "data": "moons", "target": None, "noise": 0.3, "n": 60, "held": 300, "rows": 0, "depth": 1, "width": 3,
    "activation": "tanh", "l2": 0.0, "solver": "lbfgs", "iterates": 30, "seed": 0, "keep": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(settings=SETTINGS), store, engine)


def test_a_small_network_cannot_tell_and_a_large_one_learns_the_noise(result: Result) -> None:
    assert all(read.good for read in result.reads)
    (table,) = answer(result).tables
    column = {name: k for k, name in enumerate(table.columns)}
    rows: list[Any] = list(table.rows)
    assert [row[column["parameters"]] for row in rows] == [5, 7, 17, 37, 129, 1185]
    small, large = rows[0], rows[-1]
    assert small[column["train error"]] > 0.05 > large[column["train error"]]
    assert large[column["gap"]] > small[column["gap"]]
    assert all(row[column["best seed's"]] <= row[column["train loss"]] <= row[column["worst seed's"]] for row in rows)
    assert {figure.name for figure in answer(result).figures} == {
        "errors", "spread", "test error", "seeds in a poorer minimum", "seconds", "along", "planes",
    }  # fmt: skip


def doctored(result: Result, **of: Any) -> list[str]:
    """The sentences had each run come to other numbers, functions of its width and seed."""
    reads = [
        Read(read.trial, Reading(read.reading.values | {k: f(read["width"], read["seed"]) for k, f in of.items()}))
        for read in result.reads
    ]
    return list(answer(dataclasses.replace(result, reads=reads)).verdicts)


def test_its_sentences_follow_from_the_numbers(result: Result) -> None:
    worse: Any = {"train_error": lambda w, s: 0.2 / w, "test_error": lambda w, s: 0.1 if w == 4 else 0.3}
    over = doctored(result, **worse, train_loss=lambda w, s: 1.0 if w == 1 and s == 2 else 0.0, rest=lambda w, s: 0.0)
    assert "depth 1, width 4, with 17, errs least on rows held out: 10.0%" in over[0]
    assert "Overfitting begins at 129 parameters (depth 1, width 32): there and in 2 of the 3 sizes" in over[1]
    assert over[3].startswith("2 of 18 runs, 11%, end poorer")
    assert "2 of them had come to rest in a minimum of their own" in over[3]
    assert "most frequent at depth 1, width 1, 1 of 3 seeds; none does at widths above 1." in over[3]
    even = doctored(result, train_error=lambda w, s: 0.1, test_error=lambda w, s: 0.1, train_loss=lambda w, s: 0.1)
    assert "Overfitting does not show in the errors up to 1185 parameters" in even[1]
    assert even[3].startswith("0 of 18 runs")
    better = doctored(result, test_error=lambda w, s: 1 / w, parameters=lambda w, s: w)
    assert better[1].startswith("The largest size is the best")


def test_runs_that_fail_are_told_and_all_failures_leave_an_answer(engine: Local, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        asked = Options(quick=True, settings=SETTINGS | {"solver": "qr", "widths": [2], "depths": [1]})
        told = answer(conduct(EXPERIMENT, asked, store, engine))
    assert told.verdicts[0].startswith("3 of 3 runs failed; the first: ValueError: ")
    assert not told.tables
    assert not told.figures


@pytest.mark.parametrize("data", ["iris", "diabetes", "synthetic", "rings"])
def test_errors_are_those_of_rows_that_were_not_learned(data: str) -> None:
    net, X, _ = halves(data, None, 0.1, 60, 40, 3, [3], "tanh", 0.0)
    theta = net.start(np.random.default_rng(0))
    assert tried(net, theta, net.X, net.y)[0] == pytest.approx(net.value(theta))
    joined = np.vstack([net.X, X])
    assert len(np.unique(joined, axis=0)) >= 0.95 * len(joined)
    if data in ("iris", "diabetes"):
        np.testing.assert_allclose(net.X.mean(0), 0, atol=1e-12)
        assert len(X) == pytest.approx(len(joined) / 3, abs=1)
    found = fitted(**GIVEN | {"data": data})
    assert found["train_loss"] < found["along"][0]
    assert found["train_loss"] == found["along"][-1]


def test_one_s_own_file_and_settings_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    rng = np.random.default_rng(0)
    lines = [f"{a},{b},{'yes' if a > b else 'no'}" for a, b in rng.standard_normal((60, 2)).round(3)]
    file.write_text("\n".join(["a,b,told", *lines]))
    found = fitted(**GIVEN | {"data": str(file), "target": "told", "keep": True})
    assert found["classes"]
    assert found["test_error"] < found["constant_error"]
    assert len(found["shade"]) > 100
    for wrong, sentence in (
        ({"widths": [0]}, "at least 1"),
        ({"l2": -1.0}, "l2"),
        ({"activation": "tan"}, "tan"),
        ({"data": "moon"}, "moons"),
        ({"solver": "adm"}, "adam"),
    ):
        with pytest.raises(SpecError, match=sentence):
            trials(Options(settings={**EXPERIMENT.settings, **wrong}))
