"""Small networks underfit and large ones overfit; the sentences of `network-size` follow from its numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import Spec, SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.network_size import EXPERIMENT, SETTINGS, answer, measurements
from experiments.questions.network_size.sized import loss_and_error, network_on, trained

pytestmark = pytest.mark.xdist_group("network-size")  # its tests share a run

SMALL = {"depths": [1, 2], "widths": [1, 4, 32], "seeds": 3, "iterations": 150, "held_out": 500}
GIVEN: dict[str, Any] = {
    "data": "moons", "target": None, "noise": 0.3, "n": 60, "held_out": 300, "rows_seed": 0, "depth": 1, "width": 3,
    "activation": "tanh", "l2": 0.0, "solver": Spec("lbfgs"), "iterations": 30, "seed": 0, "draw": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, Options(settings={**SETTINGS, **SMALL}), store, engine)


def test_a_small_network_underfits_and_a_large_one_learns_the_noise(result: Result) -> None:
    assert all(run.good for run in result.measurements)
    (table,) = answer(result).tables
    column = {name: k for k, name in enumerate(table.columns)}
    rows: list[Any] = list(table.rows)
    assert [row[column["parameters"]] for row in rows] == [5, 7, 17, 37, 129, 1185]
    small, large = rows[0], rows[-1]
    assert small[column["training error"]] > 0.05 > large[column["training error"]]
    assert large[column["gap"]] > small[column["gap"]]
    for row in rows:
        lowest, middle, highest = (row[column[f"{word}training loss"]] for word in ("lowest ", "", "highest "))
        assert lowest <= middle <= highest
        assert row[column["gap"]] == pytest.approx(row[column["held-out error"]] - row[column["training error"]])
    assert {figure.name for figure in answer(result).figures} == {
        "errors", "spread", "held-out error", "seeds in a worse minimum", "seconds", "losses", "planes",
    }  # fmt: skip


def changed(result: Result, **values: Any) -> list[str]:
    """The sentences if each run had other values, given as functions of its width and seed."""
    runs = [
        MeasurementResult(
            run.measurement,
            MeasuredValues(run.measured.values | {k: f(run["width"], run["seed"]) for k, f in values.items()}),
        )
        for run in result.measurements
    ]
    return list(answer(dataclasses.replace(result, measurements=runs)).verdicts)


def test_sentences_follow_from_the_numbers(result: Result) -> None:
    over = changed(
        result,
        training_error=lambda width, seed: 0.2 / width,
        held_out_error=lambda width, seed: 0.1 if width == 4 else 0.3,
        constant_error=lambda width, seed: 0.5,
        training_loss=lambda width, seed: 1.0 if width == 1 and seed == 2 else 0.0,
        gradient_ratio=lambda width, seed: 0.0,
        held_out_loss=lambda width, seed: float(width),
    )
    assert over[0].startswith(
        "Of 6 sizes from 5 to 1185 parameters, depth 1, width 4 (17 parameters) has the lowest error on held-out rows. "
        "Its median error over 3 seeds is 10.0% on held-out rows and 5.0% on training rows; the best constant answer "
        "has an error of 50.0% on held-out rows. The smallest size, depth 1, width 1, has an error of 30.0% on "
        "held-out rows and 20.0% on training rows."
    )
    assert over[1].startswith("Overfitting begins at 129 parameters (depth 1, width 32). 2 of the 3 sizes above the")
    assert over[1].endswith("depth 2, width 32, has an error of 30.0% on held-out rows and 0.6% on training rows.")
    assert "the best size is depth 1, width 1, with 1. The best size by errors has 4, the largest size 32." in over[2]
    assert over[3].startswith("2 of 18 runs (11%) end worse than the best seed of their size")
    assert "2 of them had reached a minimum of their own" in over[3]
    assert "0 were still moving" in over[3]
    assert over[3].endswith("at depth 1, width 1: 1 of 3 seeds; no run ends worse at widths above 1.")
    even = changed(
        result,
        training_error=lambda width, seed: 0.1,
        held_out_error=lambda width, seed: 0.1,
        training_loss=lambda width, seed: 0.1,
    )
    assert even[1].startswith("The errors show no overfitting up to 1185 parameters.")
    assert even[3].startswith("0 of 18 runs (0%)")
    better = changed(result, held_out_error=lambda width, seed: 1 / width, parameters=lambda width, seed: width)
    assert better[1].startswith("The largest size is the best")


def test_costs_compare_the_largest_size_with_the_smallest(result: Result) -> None:
    sentence = changed(
        result,
        parameters=lambda width, seed: 128 * width,
        memory=lambda width, seed: 1024 * width,
        seconds=lambda width, seed: 1e-3 * width,
        iterations=lambda width, seed: 1,
    )[-1]
    assert sentence == (
        "The largest size has 32x the parameters of the smallest: 32 kB and 1 kB. A forward and a backward pass need "
        "32 kB and 1 kB. An iteration takes 32 ms and 1 ms of processor time. Over all sizes the time grows like "
        "parameters^1.00."
    )


def test_failed_runs_are_reported_and_without_any_run_there_is_still_an_answer(engine: Local, tmp_path: Path) -> None:
    settings = {**SETTINGS, **SMALL, "solver": "qr", "widths": [2], "depths": [1]}
    with Store(tmp_path) as store:
        answered = answer(run_experiment(EXPERIMENT, Options(quick=True, settings=settings), store, engine))
    assert len(answered.verdicts) == 1
    assert answered.verdicts[0].startswith("3 of 3 runs failed. The reason of the first: ValueError: ")
    assert not answered.tables
    assert not answered.figures


@pytest.mark.parametrize("data", ["iris", "diabetes", "waves", "circles", "synthetic"])
def test_errors_are_those_of_rows_that_were_not_used_for_training(data: str) -> None:
    net, held_out = network_on(data, None, 0.1, 60, 40, 3, (3,), "tanh", 0.0)
    theta = net.start(np.random.default_rng(0))
    assert loss_and_error(net, theta, net.X, net.y)[0] == pytest.approx(net.value(theta))
    joined = np.vstack([net.X, held_out.X])
    assert len(np.unique(joined, axis=0)) >= 0.95 * len(joined)
    if data in ("iris", "diabetes"):
        np.testing.assert_allclose(net.X.mean(0), 0, atol=1e-12)
        np.testing.assert_allclose(net.X.std(0), 1, atol=1e-12)
        assert len(held_out.X) == pytest.approx(len(joined) / 3, abs=1)
    else:
        assert (len(net.X), len(held_out.X)) == (60, 40)
    run = trained(**GIVEN | {"data": data})
    assert run["training_loss"] < run["training_losses"][0]
    assert run["training_loss"] == run["training_losses"][-1]
    assert run["held_out_loss"] == run["held_out_losses"][-1]
    assert run["classes"] == (data in ("iris", "circles"))


def test_a_user_s_file_is_trained_on(tmp_path: Path) -> None:
    file = tmp_path / "own data.csv"
    rng = np.random.default_rng(0)
    lines = [f"{a},{b},{'yes' if a > b else 'no'},3" for a, b in rng.standard_normal((60, 2)).round(3)]
    file.write_text("\n".join(["a,b,label,constant", *lines]))
    run = trained(**GIVEN | {"data": str(file), "target": "label", "draw": True})
    assert run["classes"]
    assert run["held_out_error"] < run["constant_error"]
    assert len(run["shade"]) > 100, "the constant column is left out, and the others are a plane"
    plan = measurements(Options(settings={**SETTINGS, "data": str(file), "target": "label"}))
    assert dict(plan[0].given)["data"] == str(file)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"widths": [0]}, "widths is 0; it must be at least 1"),
        ({"depths": []}, "depths and widths"),
        ({"seeds": 0}, "seeds is 0"),
        ({"held_out": 0}, "held_out is 0"),
        ({"l2": -1.0}, "l2 is -1.0"),
        ({"activation": "tan"}, "no activation 'tan'; .*tanh"),
        ({"data": "moon"}, "moons"),
        ({"data": "nowhere.csv"}, "there is no file nowhere.csv"),
        ({"data": "hilbert"}, "a source of rows is needed"),
        ({"target": "label"}, "only a table has columns"),
        ({"solver": "lbfg"}, "did you mean lbfgs"),
    ],
)
def test_wrong_settings_are_refused_before_anything_runs(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        measurements(Options(settings={**SETTINGS, **wrong}))


def test_a_quick_look_is_smaller_unless_the_user_set_it() -> None:
    def widths(**chosen: Any) -> set[int]:
        plan = measurements(Options(quick=True, settings={**SETTINGS, **chosen}))
        return {dict(measurement.given)["width"] for measurement in plan}

    assert max(widths()) == 32
    assert max(widths(widths=[8, 128])) == 128
