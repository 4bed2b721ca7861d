"""Activations asked: what is measured agrees with theory, faults are seen, and the sentences follow from readings."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading, trial
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.activations import EXPERIMENT, FACTORS, HIDDEN, answer, factors
from experiments.questions.activations import measured as activation_trials
from experiments.questions.activations.measured import dying, flow, properties
from problems.networks.diagnostics import dead, passes
from problems.networks.problem import network
from problems.parts.activations import ACTIVATIONS

SETTINGS = {
    "width": 24, "depth": 8, "gains": [1.0, 2.0], "seeds": 2, "rates": [0.1, 50.0], "epochs": 30,
}  # fmt: skip


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)


def changed(result: Result, name: str, change: Callable[[Read], dict[str, Any]]) -> Result:
    """The result with some values of each reading of that trial others."""
    reads = [
        Read(read.trial, Reading({**read.reading.values, **change(read)})) if read.trial.name == name else read
        for read in result.reads
    ]
    return dataclasses.replace(result, reads=reads)


def test_measured_properties_are_the_table_s_and_a_wrong_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ACTIVATIONS:
        assert properties(name)["differs"] == [], name
    wrong = {"least": -2.0, "order": 0, "monotone": False, "monotone_slope": True, "identity": False}
    for key, value in wrong.items():
        false = dataclasses.replace(ACTIVATIONS["tanh"], **{key: value})  # type: ignore[arg-type]
        with monkeypatch.context() as context:
            context.setitem(activation_trials.ACTIVATIONS, "tanh", false)
            assert properties("tanh")["differs"] == [key]


@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_a_layer_multiplies_the_gradient_by_what_theory_says(gain: float) -> None:
    asked = [trial(flow, activation=a, gain=gain, depth=12, width=128, seed=s) for a in FACTORS for s in range(3)]
    for (name, _), found in factors([Read(each, Reading(flow(**dict(each.given)))) for each in asked]).items():
        assert found == pytest.approx(gain * FACTORS[name], rel=0.08), name
    sigmoid = flow("sigmoid", gain, 12, 128, 0)["ratio"]
    assert 0 < sigmoid <= (gain / 4) ** 11 * 1.5


def test_units_are_dead_where_no_row_reaches_them_and_long_steps_kill_relu_s_but_not_leaky_ones() -> None:
    on = network(data="moons", hidden=(5, 4), activation="relu")
    theta = on.start(np.random.default_rng(0))
    assert dead(passes(on, theta)) < 9
    theta[on.layers[0].bias : on.layers[0].own] = -100.0
    assert dead(passes(on, theta)) >= 5
    short, long = (dying("relu", rate, 50, 0) for rate in (0.01, 30.0))
    assert short["dead"] == short["before"] < 0.5 < long["dead"]
    assert dying("leaky-relu", 1.0, 50, 0)["dead"] == 0
    with np.errstate(all="ignore"):
        assert dying("leaky-relu", 100.0, 50, 0)["dead"] is None, "it ends in numbers that are not finite"


def test_its_sentences_follow_from_the_readings(result: Result) -> None:
    told = answer(result)
    assert {read["name"] for read in result.read("properties")} == set(ACTIVATIONS)
    assert {figure.name for figure in told.figures} == {
        "a", "slope", "depth, gain 1", "depth, gain 2", "gain", "dead", "cost",
    }  # fmt: skip
    assert len(told.tables[0].rows) == len(ACTIVATIONS)
    assert len(told.tables[1].rows) == 2 * len(HIDDEN)
    assert told.verdicts[0].startswith("Range, smoothness, monotony")
    vanished = next(sentence for sentence in told.verdicts if sentence.startswith("At gain 1 "))
    assert "with sigmoid it falls to" in vanished
    level = answer(changed(result, "flow", lambda read: {"ratio": 1.0})).verdicts
    assert any(f"keeps within 10 times with {', '.join(HIDDEN)}" in sentence for sentence in level)
    assert any(sentence.startswith("Where theory knows") and "within 50%" in sentence for sentence in level)
    wrong = answer(changed(result, "properties", lambda read: {"differs": ["order"]})).verdicts[0]
    assert wrong.startswith("Measured properties differ")
    spared = answer(changed(result, "dying", lambda read: {"before": 0.0, "dead": 0.0})).verdicts
    assert any("dead or asleep with none; never with relu" in sentence for sentence in spared)
    assert not any("not finite" in sentence for sentence in spared)


def test_nothing_at_all_is_an_answer_too(result: Result) -> None:
    assert answer(dataclasses.replace(result, reads=[])).figures == []
    none = answer(changed(result, "flow", lambda read: {"ratio": None}))
    assert all(math.isfinite(x) for row in none.tables[1].rows for x in row if isinstance(x, float))
