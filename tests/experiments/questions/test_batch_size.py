"""The noise floor of SGD goes as theory says, and the sentences of `batch-size` as the numbers do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading, trial
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.batch_size import EXPERIMENT, answer
from experiments.questions.batch_size.noise_floor import curvature, floor, laws

PROBLEM = "linear-regression(n=512, d=3, condition=2, noise=0.5)"
SETTINGS = {"n": 512, "d": 3, "batches": [1, 8, 24, 512], "tolerances": [1e-2], "passes": 30}


def floors(batches: tuple[int, ...], shares: tuple[float, ...]) -> list[Read]:
    asked = [trial(floor, problem=PROBLEM, batch=batch, share=share, seed=0) for batch in batches for share in shares]
    return [Read(each, Reading(floor(**dict(each.given)))) for each in asked]


def test_floors_depend_on_step_over_batch_alone_with_theory_s_powers() -> None:
    found = {law.regime: law for law in laws(floors((1, 4, 16), (0.8, 0.4, 0.01, 0.005, 0.002)))}
    often, seldom = found["an epoch forgets its start"], found["it does not and batches have one size"]
    assert often.step == pytest.approx(1, abs=0.5)
    for power in (seldom.step, seldom.batch):
        assert power == pytest.approx(3, abs=0.4)


def test_a_smaller_last_batch_leaves_a_floor_proportional_to_the_step() -> None:
    (law,) = laws(floors((24,), (0.03, 0.01, 0.003)))
    assert law.regime.endswith("the last batch is smaller")
    assert law.step == pytest.approx(1, abs=0.4)


def test_the_curvature_of_a_batch_goes_from_a_row_s_to_the_whole() -> None:
    between = [curvature(100, batch, 1.0, 20.0) for batch in (1, 10, 50, 100, 1000)]
    assert between == sorted(between, reverse=True)
    assert (between[0], between[-1]) == (20.0, 1.0)


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(quick=True, repeats=1, settings=SETTINGS), store, engine)


def changed(result: Result, change: Callable[[Any], Any]) -> Result:
    """The result with each floor another."""
    reads = [
        Read(read.trial, Reading({**read.reading.values, "floor": change(read)})) if read["floor"] else read
        for read in result.read("floor")
    ]
    return dataclasses.replace(result, reads=reads)


def test_its_sentences_follow_from_the_numbers(result: Result) -> None:
    told = answer(result)
    about = [sentence for sentence in told.verdicts if "noise floor" in sentence]
    assert len(about) == 2
    assert {figure.kind for figure in told.figures} == {"lines", "convergence"}
    assert {row[0] for row in told.tables[0].rows} == {"linear-regression", "logistic"}
    squared = changed(result, lambda read: (read["step"] / read["batch"]) ** 2)
    assert "like step^2 / batch^2 where" in answer(squared).verdicts[0]
    assert "theory: 3" in answer(squared).verdicts[0]
    one = next(row for row in result.rows if "batch=1)" in row.solver)
    lost = dataclasses.replace(one.typical, status="budget")
    rows = [dataclasses.replace(r, outcomes=[lost]) if "batch=1)" in r.solver else r for r in result.rows]
    assert any("of 1 none arrives" in sentence for sentence in answer(dataclasses.replace(result, rows=rows)).verdicts)


def test_every_run_is_a_row_and_nothing_at_all_is_an_answer_too(result: Result) -> None:
    wanted = {"sgd", "sgd(schedule=inverse)", "sgd(averaging=true)", "saga", "svrg", "gradient-descent", "lbfgs"}
    assert wanted <= {row.solver for row in result.rows}
    assert answer(dataclasses.replace(result, rows=[], reads=[])).figures == []


def test_what_has_no_known_minimum_has_no_floor_but_a_reason(engine: Local, tmp_path: Path) -> None:
    settings = SETTINGS | {"data": "xor", "batches": [1], "passes": 3}
    with Store(tmp_path) as store:
        found = conduct(EXPERIMENT, Options(quick=True, repeats=1, settings=settings), store, engine)
    assert all("takes rows, convexity" in read.reading.reason for read in found.reads)
    assert answer(found).tables[0].rows == []
    assert {row.solver for row in found.rows} >= {"sgd", "saga"}
