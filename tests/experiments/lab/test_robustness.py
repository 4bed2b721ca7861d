"""Estimates by losses under outliers and heavy tails, and who takes which loss: theory, and honest sentences."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import solvers
from experiments.figures.records import Bars
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.losses import EXPERIMENT, SOLVERS, answer, trials
from experiments.questions.losses.robust import LOSSES, minimised, shape, theory
from problems.linear.regression import linear_regression

SEEDS = 12


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    once = dataclasses.replace(EXPERIMENT, repeats=1)
    with Store(tmp_path_factory.mktemp("store")) as store:
        return conduct(once, Options(quick=True, settings={"n": 100, "d": 6, "seeds": SEEDS}), store, engine)


def squares(result: Result, loss: str) -> Any:
    """The root mean square of the errors over seeds, by share of outliers."""
    return np.sqrt(np.mean([np.square(r["error"]) for r in result.read("estimate") if r["loss"] == loss], axis=0))


def test_errors_are_those_that_theory_expects(result: Result) -> None:
    assert all(read.good for read in result.reads)
    shares = result.read("estimate")[0]["shares"]
    rows: dict[str, Any] = {"d": 6, "n": 100, "condition": 10.0, "noise": 1.0, "shift": 20.0}
    for loss in ("squared", "absolute"):
        expected = np.array([theory(loss, share, **rows) for share in shares], float)
        np.testing.assert_allclose(squares(result, loss)[:-1], expected[:-1], rtol=0.4)
    lone = {loss: squares(result, loss) for loss in LOSSES}
    assert lone["squared"][0] < lone["absolute"][0], "without outliers squares are best"
    assert lone["huber"][0] < 1.15 * lone["squared"][0]
    assert all(lone["squared"][3:] > 2 * lone["absolute"][3:])
    halves = {r["seed"]: r["error"] for r in result.read("estimate") if r["loss"] == "quantile"}
    for read in result.read("estimate"):
        if read["loss"] == "absolute" and read["seed"] in halves:
            np.testing.assert_allclose(read["error"], halves[read["seed"]], rtol=1e-6)


def test_an_outlier_moves_the_absolute_loss_no_further_however_far_it_lies() -> None:
    near, far = (
        {
            loss: minimised(linear_regression(n=60, d=3, noise=0.5, outliers=0.1, shift=shift, loss=loss), loss)[0]  # type: ignore[arg-type]
            for loss in LOSSES
        }
        for shift in (50.0, 5000.0)
    )
    for loss in ("absolute", "huber"):
        np.testing.assert_allclose(near[loss], far[loss], atol=1e-3)
    assert np.linalg.norm(far["squared"]) > 10 * np.linalg.norm(near["squared"])


def test_the_table_has_every_solver_that_takes_a_loss_and_every_contestant(result: Result) -> None:
    told = answer(result)
    table = {row[0]: row[1:] for row in told.tables[1].rows}
    assert set(SOLVERS) <= set(table) <= set(solvers.TABLE)
    assert "lloyd" not in table
    assert str(table["qr"][1]).startswith("refuses: ")
    assert "no slope where a residual is 0" in str(table["lbfgs"][2])
    assert table["scipy-linprog-model"][0] == "refuses: the squared loss is no line on either side of a corner"
    assert table["minres"][0] == "takes it"
    assert str(table["cholesky"][0]).endswith("s")
    counts = {name: dict(zip(LOSSES, row, strict=True)) for name, row in table.items()}
    bars = next(figure for figure in told.figures if isinstance(figure, Bars))
    for loss, values in bars.groups:
        assert sum(value or 0 for value in values) == sum(
            not str(row[loss]).startswith("refuses") for row in counts.values()
        )


def test_the_sentences_follow_from_the_numbers(result: Result) -> None:
    def turned(errors: dict[str, float]) -> list[str]:
        reads = []
        for read in result.reads:
            values = dict(read.reading.values)
            if "error" in values:
                given = errors.get(read["loss"], 1.0)
                values |= {"error": [given] * len(values["error"]), "heavy": [given] * len(values["heavy"])}
            reads.append(Read(read.trial, Reading(values)))
        return list(answer(dataclasses.replace(result, reads=reads)).verdicts)

    one = turned({"squared": 3.0, "huber": 2.0, "absolute": 1.0})
    assert one[0].startswith("Without outliers the absolute loss errs least, by 1 in")
    assert "the squared loss 3.00 times as much" in one[0]
    assert one[1].endswith("squares err more than the absolute loss from 0% on.")
    assert "squares err more up to 30 of" in one[2]
    assert "agree to the last digit" in one[3]
    other = turned({"squared": 0.5, "quantile": 2.0})
    assert other[1].endswith("squares err more than the absolute loss at no share.")
    assert "at none of" in other[2]
    assert "do not estimate the same" in other[3]
    whole = answer(result).verdicts
    assert sum(sentence.startswith("On linear-regression(loss=") for sentence in whole) == len(LOSSES)
    lost = [Read(read.trial, Reading(reason="it was killed")) for read in result.reads]
    told = answer(dataclasses.replace(result, reads=lost, rows=result.rows[:3]))
    assert told.verdicts[0] == "No estimate was made."
    assert {row[0] for row in told.tables[0].rows} == {row.solver for row in result.rows[:3]}
    some = [read for read in result.reads if read.good and dict(read.trial.given).get("loss") == "absolute"]
    assert answer(dataclasses.replace(result, reads=some)).verdicts


def test_losses_are_what_their_formulas_say() -> None:
    residuals = [-3.0, -0.5, 0.0, 2.0]
    assert shape("squared", 1.0, residuals) == [4.5, 0.125, 0, 2]
    assert shape("absolute", 1.0, residuals) == [3, 0.5, 0, 2]
    assert shape("huber", 1.0, residuals) == [2.5, 0.125, 0, 1.5]


@pytest.mark.parametrize(("key", "value"), [("delta", 0.0), ("seeds", 0), ("n", 12), ("shift", -1.0)])
def test_settings_out_of_range_are_refused(key: str, value: float) -> None:
    with pytest.raises(SpecError, match=key):
        trials(Options(settings={**EXPERIMENT.settings, key: value}))
