"""Paths, support, held-out error and twins: theory holds, and the sentences follow from the numbers."""

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
from experiments.questions.regularisation import EXPERIMENT, SOLVERS, answer, trials
from experiments.questions.regularisation.penalised import (
    GAP,
    PENALTIES,
    drawn,
    fitted,
    heaviest,
    parted,
    path,
    penalty_of,
)

ROWS = {"data": None, "target": None, "n": 60, "d": 12, "sparsity": 0.75, "correlation": 0.3, "noise": 0.5}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    small = dataclasses.replace(EXPERIMENT, cells=lambda options, references: [], problems=lambda options: [])
    with Store(tmp_path_factory.mktemp("store")) as store:
        return conduct(small, Options(quick=True, settings={**ROWS, "seeds": 3}), store, engine)


def of(result: Result, name: str, penalty: str) -> list[Read]:
    return [read for read in result.read(name) if read["penalty"] == penalty]


def test_each_penalty_does_what_theory_says(result: Result) -> None:
    assert all(read.good for read in result.reads)
    assert len(result.reads) == 2 * 3 * 3
    for penalty in PENALTIES:
        for read in of(result, "path", penalty):
            assert read["gap"] <= GAP
            assert read["error"][0] == pytest.approx(read["free"], rel=0.05), "next to no penalty"
            assert min(read["error"]) <= read["free"] * 1.02
    for read in of(result, "path", "l1"):
        assert read["nonzero"][-1] <= 1, "at the heaviest weight nothing is left, or what rounding leaves"
        assert min(read["mistaken"]) == 0
        assert read["found"][0] == read["used"] == 3
    assert all(set(read["nonzero"]) == {12} for read in of(result, "path", "l2")), "ridge never gets to 0"
    apart = {penalty: np.median([read["apart"][-5] for read in of(result, "twin", penalty)]) for penalty in PENALTIES}
    assert apart["l2"] < apart["elastic-net"] < apart["l1"]


def test_the_first_coefficient_comes_in_where_theory_says() -> None:
    half = drawn(40, 6, 0.5, 0.2, 0.3, seed=1)
    most = heaviest(half.X, half.y)
    for share, left in ((1.0001, 0), (0.99, 1)):
        theta, _ = fitted(half.X, half.y, penalty_of("l1", share * most, 0.5), np.zeros(7))
        assert np.count_nonzero(theta[:-1]) == left
    ridge, _ = fitted(half.X, half.y, penalty_of("l2", 0.3, 0.5), np.zeros(7))
    X = half.X - half.X.mean(0)
    closed = np.linalg.solve(X.T @ X / 40 + 0.3 * np.eye(6), X.T @ half.y / 40)
    np.testing.assert_allclose(ridge[:-1], closed, rtol=1e-9)


def test_the_sentences_follow_from_the_numbers(result: Result) -> None:
    def turned(change: Any) -> Result:
        reads = []
        for read in result.reads:
            values = dict(read.reading.values)
            change(read, values)
            reads.append(Read(read.trial, Reading(values)))
        return dataclasses.replace(result, reads=reads)

    def ridge_wins(read: Read, values: dict[str, Any]) -> None:
        if "error" in values:
            values["error"] = [0.001 if read["penalty"] == "l2" else 9.0] * len(values["error"])

    told = answer(turned(ridge_wins)).verdicts
    assert told[0].startswith("On rows held out the mean squared error is 0.001 by L2 (t = 1e+02), 9 by")
    assert told[0].endswith("on 3 of 3 seeds.")

    def perfect(read: Read, values: dict[str, Any]) -> None:
        if "found" in values:
            values["found"] = [values["used"]] * len(values["found"])
            values["mistaken"] = [0] * len(values["found"])
        else:
            values["apart"] = [1.0] * len(values["apart"])

    told = answer(turned(perfect)).verdicts
    assert told[1].endswith("For L1 the best predictor is also the best detector.")
    assert "1.00 with L1, one left out on 3 of 3 seeds" in told[2]
    lost = [Read(read.trial, Reading(reason="ValueError: no")) for read in result.reads]
    assert answer(dataclasses.replace(result, reads=lost)).verdicts == ["No path was measured: ValueError: no."]


def test_own_rows_have_no_hidden_columns_and_are_scaled_by_those_learned_from(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 2)) * [1, 1000] + [5, 0]
    table = "\n".join(f"{a},{b},3,{a + b / 1000}" for a, b in X)
    file = tmp_path / "own.csv"
    file.write_text(f"height,weight,same,y\n{table}\n")
    half = parted(str(file), "y", seed=0)
    assert half.names == ("height", "weight")
    np.testing.assert_allclose([half.X.mean(0), half.X.std(0)], [[0, 0], [1, 1]], atol=1e-12)
    assert (len(half.y), len(half.target)) == (20, 10)
    told = path("l1", 0.5, [0.001, 0.1], 0, 5, **{**ROWS, "data": str(file)})  # type: ignore[arg-type]
    assert told["used"] is None
    assert told["error"][0] < 0.01 * told["constant"]
    assert told["names"][0] in half.names
    chosen = {**EXPERIMENT.settings, "data": str(file), "target": "y"}
    asked = trials(Options(settings=chosen))
    assert {each.name for each in asked} == {"path"}, "twins are drawn, never one's own"
    assert f"{file}" in str(EXPERIMENT.problems(Options(settings=chosen))[0])


def test_every_solver_is_a_row_of_the_race_whatever_became_of_it(engine: Local, tmp_path: Path) -> None:
    race = dataclasses.replace(EXPERIMENT, trials=lambda options: [], repeats=1)
    with Store(tmp_path) as store:
        told = answer(conduct(race, Options(quick=True, settings={"data": "diabetes"}), store, engine))
    (table,) = told.tables
    assert table.columns == ("solver", "lasso", "ridge", "elastic-net")
    rows = {row[0]: row[1:] for row in table.rows}
    assert set(rows) == set(SOLVERS)
    assert str(rows["cholesky"][0]).startswith("skipped: ")
    assert str(rows["cholesky"][1]).endswith("s")
    assert told.verdicts[0] == "No path was measured."


@pytest.mark.parametrize(("key", "value"), [("mix", 1.5), ("twins", -0.1), ("seeds", 0)])
def test_settings_out_of_range_are_refused(key: str, value: float) -> None:
    with pytest.raises(SpecError, match=key):
        trials(Options(settings={**EXPERIMENT.settings, key: value}))
