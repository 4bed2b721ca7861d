"""Paths, selection, held-out error and twins: theory is confirmed, and the sentences follow from the numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import SpecError, spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.regularisation import EXPERIMENT, SETTINGS, SOLVERS, answer, measurements
from experiments.questions.regularisation.penalised import (
    LARGEST_GAP,
    PENALTIES,
    largest_weight,
    minimiser,
    path,
    penalty_of,
    synthetic_rows,
    users_rows,
)

pytestmark = pytest.mark.xdist_group("regularisation")  # its tests share a run

ROWS: dict[str, Any] = {
    "data": None, "target": None, "n": 60, "d": 12, "sparsity": 0.75, "correlation": 0.3, "noise": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    paths = dataclasses.replace(EXPERIMENT, cells=lambda options, references: [], problems=lambda options: [])
    with Store(tmp_path_factory.mktemp("store")) as store:
        settings = {**SETTINGS, **ROWS, "seeds": 3}
        return run_experiment(paths, Options(quick=True, settings=settings), store, engine)


def runs_of(result: Result, name: str, penalty: str) -> list[MeasurementResult]:
    return [run for run in result.measured(name) if run["penalty"] == penalty]


def test_each_penalty_does_what_theory_says(result: Result) -> None:
    assert all(run.good for run in result.measurements)
    assert len(result.measurements) == 2 * 3 * 3
    for penalty in PENALTIES:
        for run in runs_of(result, "path", penalty):
            assert run["gap"] <= LARGEST_GAP
            assert run["error"][0] == pytest.approx(run["free"], rel=0.05), "nearly no penalty"
            assert min(run["error"]) <= run["free"] * 1.02
    for run in runs_of(result, "path", "l1"):
        assert run["nonzero"][-1] <= 1, "at the largest weight nothing is left, except for rounding"
        assert min(run["mistaken"]) == 0
        assert run["found"][0] == run["used"] == 3
    assert all(set(run["nonzero"]) == {12} for run in runs_of(result, "path", "l2")), "ridge never reaches 0"
    differences = {
        penalty: np.median([run["difference"][-5] for run in runs_of(result, "twin", penalty)]) for penalty in PENALTIES
    }
    assert differences["l2"] < differences["elastic-net"] < differences["l1"]


def test_the_first_coefficient_enters_where_theory_says() -> None:
    rows, _ = synthetic_rows(40, 6, 0.5, 0.2, 0.3, seed=1)
    X, y = rows.training
    largest = largest_weight(X, y)
    for share, nonzero in ((1.0001, 0), (0.99, 1)):
        theta, _ = minimiser(X, y, penalty_of("l1", share * largest, 0.5), np.zeros(7))
        assert np.count_nonzero(theta[:-1]) == nonzero
    ridge, _ = minimiser(X, y, penalty_of("l2", 0.3, 0.5), np.zeros(7))
    centred = X - X.mean(0)
    closed_form = np.linalg.solve(centred.T @ centred / 40 + 0.3 * np.eye(6), centred.T @ y / 40)
    np.testing.assert_allclose(ridge[:-1], closed_form, rtol=1e-9)


def test_the_synthetic_split_is_one_model_with_the_stated_sparsity() -> None:
    rows, w = synthetic_rows(200, 8, 0.5, 0.2, 0.0, seed=3)
    assert (len(rows.training.X), len(rows.held_out.X), np.count_nonzero(w)) == (200, 1000, 4)
    for X, y in (rows.training, rows.held_out):
        intercepts = y - X @ w
        np.testing.assert_allclose(intercepts, intercepts[0], atol=1e-9)


def changed(result: Result, change: Callable[[MeasurementResult], dict[str, Any]]) -> Result:
    """The result with some values of each measurement replaced."""
    runs = [
        MeasurementResult(run.measurement, MeasuredValues({**run.measured.values, **change(run)}))
        for run in result.measurements
    ]
    return dataclasses.replace(result, measurements=runs)


def test_the_sentence_of_prediction_names_the_lowest_error_first(result: Result) -> None:
    errors = {"l2": 0.001, "l1": 8.0, "elastic-net": 9.0}

    def ridge_wins(run: MeasurementResult) -> dict[str, Any]:
        path = run.measurement.name == "path"
        error = [errors[run["penalty"]]] * 13
        return {"validation": error, "error": error, "free": 5.0, "constant": 7.0} if path else {}

    assert answer(changed(result, ridge_wins)).verdicts[0] == (
        "At the weight with the lowest error on validation rows, the mean squared error on test rows is 0.001 with L2 "
        "(t = 1e+02), 8 with L1 (t = 1), 9 with ElasticNet (t = 2). It is 5 without a penalty, and 7 for the best "
        "constant answer. "
        "L2 has a lower error than L1 on 3 of 3 seeds."
    )


def test_the_error_is_that_of_the_weight_which_the_validation_rows_choose(result: Result) -> None:
    def lucky(run: MeasurementResult) -> dict[str, Any]:
        if run.measurement.name == "twin":
            return {}
        return {"validation": [2.0] * 6 + [1.0] + [2.0] * 6, "error": [0.1] * 6 + [4.0] + [0.2] * 6}

    answered = answer(changed(result, lucky))
    assert "on test rows is 4 with" in answered.verdicts[0]
    assert [row[2] for row in answered.tables[0].rows] == [4.0] * 3


def test_the_sentences_of_selection_and_twins_follow_from_the_numbers(result: Result) -> None:
    def perfect(run: MeasurementResult) -> dict[str, Any]:
        if run.measurement.name == "path":
            return {"found": [3] * 13, "mistaken": [0] * 13}
        return {"difference": [1.0 if run["penalty"] == "l1" else 0.25] * 13}

    _, selection, twins = answer(changed(result, perfect)).verdicts
    assert "L1 finds 3 of the 3 columns in use and selects 0 others; L2 finds 3 of the 3" in selection
    assert selection.endswith("With L1 the weight that predicts best is also the weight that selects best.")
    assert twins == (
        "Two columns with a correlation of 0.98 have the same hidden coefficient. At t = 0.1 the difference of their "
        "estimated coefficients, relative to their sum, is 1.00 with L1 (one of them is 0 on 3 of 3 seeds), 0.25 with "
        "L2, 0.25 with ElasticNet."
    )

    def best_at_the_lightest(run: MeasurementResult) -> dict[str, Any]:
        if run.measurement.name == "twin":
            return {}
        return {"validation": [1.0] + [2.0] * 12, "found": [3] * 13, "mistaken": [5] * 12 + [1]}

    selection = answer(changed(result, best_at_the_lightest)).verdicts[1]
    assert "L1 finds 3 of the 3 columns in use and selects 5 others (5 mistakes; the fewest are 1, at" in selection
    assert "at t = 1);" in selection
    assert selection.endswith("With L1 the weight that predicts best is not the weight that selects best.")


def test_without_any_path_the_reason_is_given(result: Result) -> None:
    reason = MeasuredValues(reason="ValueError: no")
    failed = [MeasurementResult(run.measurement, reason) for run in result.measurements]
    answered = answer(dataclasses.replace(result, measurements=failed))
    assert answered.verdicts == ["No path was measured: ValueError: no."]


def test_a_user_s_rows_have_no_hidden_model_and_are_scaled_by_the_training_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 2)) * [1, 1000] + [5, 0]
    table = "\n".join(f"{a},{b},3,{a + b / 1000}" for a, b in X)
    file = tmp_path / "own.csv"
    file.write_text(f"height,weight,same,y\n{table}\n")
    rows = users_rows(str(file), "y", seed=0)
    assert rows.columns == ("height", "weight")
    np.testing.assert_allclose([rows.training.X.mean(0), rows.training.X.std(0)], [[0, 0], [1, 1]], atol=1e-12)
    assert abs(rows.held_out.X.mean(0)).max() > 1e-3, "held-out rows do not take part in the scale"
    assert (len(rows.training.y), len(rows.held_out.y)) == (20, 10)
    run = path("l1", 0.5, (0.001, 0.1), 0, 5, **{**ROWS, "data": str(file)})
    assert run["used"] is None
    assert run["error"][0] < 0.01 * run["constant"]
    assert set(run["names"]) == set(rows.columns)
    options = Options(settings={**SETTINGS, "data": str(file), "target": "y"})
    assert {measurement.name for measurement in measurements(options)} == {"path"}, "twins are synthetic"
    assert EXPERIMENT.problems(options)[0] == spec("lasso", data=str(file), target="y")


def test_every_solver_is_a_row_of_the_comparison_however_its_run_ended(engine: Local, tmp_path: Path) -> None:
    comparison = dataclasses.replace(EXPERIMENT, measurements=lambda options: [], repeats=1)
    with Store(tmp_path) as store:
        options = Options(quick=True, settings={**SETTINGS, "data": "diabetes"})
        answered = answer(run_experiment(comparison, options, store, engine))
    (table,) = answered.tables
    assert table.columns == ("solver", "lasso", "ridge", "elastic-net")
    rows = {str(row[0]): row[1:] for row in table.rows}
    assert set(rows) == set(SOLVERS)
    assert str(rows["cholesky"][0]).startswith("skipped: ")
    assert str(rows["cholesky"][1]).endswith("s")
    assert answered.verdicts[0] == "No path was measured."
    assert any(sentence.startswith("On ridge(data=diabetes) ") for sentence in answered.verdicts)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"mix": 1.5}, "mix is 1.5"),
        ({"twins": -0.1}, "twins is -0.1"),
        ({"seeds": 0}, "seeds is 0; it must be at least 1"),
        ({"data": "diabete"}, "did you mean diabetes"),
        ({"data": "diabetes", "target": "age"}, "only a table has columns"),
    ],
)
def test_wrong_settings_are_refused_before_anything_runs(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        measurements(Options(settings={**SETTINGS, **wrong}))
