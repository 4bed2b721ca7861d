"""Losses against outliers: theory is confirmed, and the sentences follow from the numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import solvers
from experiments.figures.records import Bars, Lines
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.losses import EXPERIMENT, SETTINGS, SOLVERS, answer, measurements
from experiments.questions.losses.robust import LARGEST_GAP, LOSSES, acceptance, estimate, shape, theory
from problems.data.synthetic.linear import Synthetic
from problems.forms import LeastSquares
from problems.linear.regression import linear_regression

pytestmark = pytest.mark.xdist_group("losses")  # its tests share a run

NOT_SQUARED = linear_regression(Synthetic(n=30, d=3), "absolute").lacks(LeastSquares)
ROWS: dict[str, Any] = {"n": 400, "d": 4, "condition": 10.0, "noise": 1.0, "shift": 20.0, "delta": 1.345}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    small = dataclasses.replace(EXPERIMENT, repeats=1)
    with Store(tmp_path_factory.mktemp("store")) as store:
        settings = {**SETTINGS, "n": 100, "d": 3, "seeds": 4}
        return run_experiment(small, Options(quick=True, settings=settings), store, engine)


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_errors_are_those_of_theory(share: float) -> None:
    known = {key: value for key, value in ROWS.items() if key != "delta"}
    for loss in ("squared", "absolute"):
        runs = [estimate(loss, (share,), (), seed, **ROWS) for seed in range(30)]
        assert all(run["gap"] <= LARGEST_GAP for run in runs)
        measured = np.sqrt(np.mean([run["error"][0] ** 2 for run in runs]))
        assert measured == pytest.approx(theory(loss, share, **known), rel=0.25)


def test_the_quantile_loss_of_one_half_and_huber_s_limits() -> None:
    one, other = (estimate(loss, (0.1,), (2.0,), 0, **ROWS) for loss in ("quantile", "absolute"))
    assert one["error"] == pytest.approx(other["error"], abs=1e-6)
    squared, wide = (estimate(loss, (0.1,), (), 0, **{**ROWS, "delta": 1e4}) for loss in ("squared", "huber"))
    assert wide["error"] == pytest.approx(squared["error"], rel=1e-3), "Huber's loss with a large delta is the square"
    assert shape("squared", 1.0, [-2.0, 3.0]) == [2.0, 4.5]
    assert shape("absolute", 1.0, [-2.0, 3.0]) == [2.0, 3.0]
    assert shape("huber", 1.0, [-0.5, 3.0]) == [0.125, 2.5]


def test_acceptance_gives_the_reason_of_each_refusal() -> None:
    answers = acceptance("absolute", ("qr", "sgd", "sklearn-logistic"))
    assert answers["lacking"] == [NOT_SQUARED, "", ""]
    assert answers["objections"][0].endswith(answers["lacking"][0])
    assert answers["objections"][1] == ""
    assert "logistic" in answers["objections"][2]


def test_every_measurement_succeeds_and_every_solver_that_accepts_a_loss_is_a_row(result: Result) -> None:
    assert [run.reason for run in result.measurements if not run.good] == []
    answered = answer(result)
    errors, by_solver = answered.tables
    assert [row[0] for row in errors.rows] == list(LOSSES)
    rows = {str(row[0]): row[1:] for row in by_solver.rows}
    assert set(SOLVERS) <= set(rows) <= set(solvers.TABLE)
    assert str(rows["qr"][0]).endswith("s")
    assert str(rows["qr"][1]).startswith("refuses: it needs a linear least-squares problem")
    assert rows["svd"][0] == "accepts it", "it was not run"
    assert [type(figure) for figure in answered.figures] == [Lines, Lines, Lines, Bars]
    outliers = answered.figures[0]
    assert isinstance(outliers, Lines)
    assert [line.label for line in outliers.lines] == [*LOSSES, "theory, squared", "theory, absolute"]
    band = outliers.lines[0]
    assert all(low <= mid <= high for low, mid, high in zip(band.low, band.y, band.high, strict=True))  # type: ignore[operator]


def changed(result: Result, change: Callable[[MeasurementResult], dict[str, Any]]) -> list[str]:
    """The sentences if some values of each measurement were others, without those of the comparison of solvers."""
    runs = [
        MeasurementResult(run.measurement, MeasuredValues({**run.measured.values, **change(run)}))
        for run in result.measurements
    ]
    return list(answer(dataclasses.replace(result, measurements=runs, rows=[])).verdicts)


def test_sentences_follow_from_the_numbers(result: Result) -> None:
    first = {"squared": 1.0, "huber": 1.5, "absolute": 2.0, "quantile": 2.0}  # without outliers
    growth = {"squared": 10.0, "huber": 3.0, "absolute": 1.0, "quantile": 1.0}  # from a share of 0.05 on

    def change(run: MeasurementResult) -> dict[str, Any]:
        if run.measurement.name == "acceptance":
            return {}
        few, many = first[run["loss"]], first[run["loss"]] * growth[run["loss"]]
        tails = [9.0, 7.0, 1.0, 1.0] if run["loss"] == "squared" else [3.0] * 4
        return {"error": [few, few, *[many] * 5], "tail_error": tails}

    without, outliers, tails, medians, solvers_of_losses = changed(result, change)
    assert without == (
        "Without outliers the squared loss has the least error, 1 (root mean square over seeds). The error is 1.50 "
        "times as large with Huber's loss and 2.00 times as large with the absolute loss (theory for the absolute "
        "loss: 1.25)."
    )
    assert outliers == (
        "With 10% of outliers the error is 10 with the squared loss (10.0 times as large), 4.5 with Huber's loss (3.0 "
        "times as large), 2 with the absolute loss (1.0 times as large). The error of the squared loss is larger than "
        "that of the absolute loss from a share of 5% on."
    )
    assert tails == (
        "With Student's noise of 1 degree of freedom the median error is 9 with the squared loss and 3 with the "
        "absolute loss. Of 1, 2, 5, 30 degrees of freedom the error of the squared loss is larger up to 2 degrees."
    )
    assert medians == (
        "The quantile loss of 0.5 and the absolute loss give the same estimate: their errors are equal to the last "
        "digit."
    )
    assert solvers_of_losses.startswith(f"Of {len(solvers.TABLE)} solvers ")
    assert solvers_of_losses.endswith(f"give the same reason: {NOT_SQUARED}.")


def test_sentences_of_other_results(result: Result) -> None:
    def robust_wins(run: MeasurementResult) -> dict[str, Any]:
        if run.measurement.name == "acceptance":
            accepts = {"squared": 3, "huber": 2, "absolute": 1}[run["loss"]]
            count = len(run["solvers"])
            refusals = ["it cannot"] * (count - accepts)
            return {"objections": [""] * accepts + refusals, "lacking": [""] * count}
        loss = run["loss"]
        return {"error": [{"absolute": 1.0, "quantile": 1.5}.get(loss, 2.0)] * 7, "tail_error": [1.0] * 4}

    without, outliers, tails, medians, solvers_of_losses = changed(result, robust_wins)
    assert without.startswith("Without outliers the absolute loss has the least error, 1 (root")
    assert "theory" not in without
    assert outliers.endswith("is larger than that of the absolute loss from a share of 0% on.")
    assert tails.endswith("is larger at none of these degrees.")
    assert medians.endswith("give different estimates: their errors differ by up to 0.5.")
    assert solvers_of_losses.endswith(
        "solvers 3 accept the squared loss, 2 accept Huber's loss, 1 accept the absolute loss. Of the 2 that accept "
        "the squared loss and refuse the absolute loss, 2 give the same reason: it cannot."
    )


def test_without_measurements_there_is_still_an_answer(result: Result) -> None:
    answered = answer(dataclasses.replace(result, measurements=[], rows=[], references={}))
    assert answered.verdicts == ["No estimate was made."]
    assert answered.figures == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"noise": 0.0}, "noise is 0.0"), ({"seeds": 0}, "seeds is 0"), ({"n": 20}, "n is 20 and d is 10")],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        measurements(Options(settings={**SETTINGS, **wrong}))
