"""Starts asked: He keeps relu's signals, zeros stay copies, and the sentences follow from runs and readings."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.initialisation import EXPERIMENT, answer, raced
from experiments.questions.initialisation.measured import copies, stack
from problems.networks.diagnostics import distinct
from problems.networks.problem import network
from problems.parts.initialisers import INITIALISERS

SETTINGS = {"depth": 8, "width": 24, "seeds": 1, "hidden": 12, "layers": [2], "iterations": 500}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)


def ratio(initialiser: str, activation: str, depth: int = 8) -> tuple[float, float]:
    """The last signal over the first and the first gradient over the last, of wide stacks."""
    found = [stack(initialiser, activation, depth, 256, seed) for seed in range(3)]
    signal, gradient = (np.mean([each[name] for each in found], axis=0) for name in ("signal", "gradient"))
    return float(signal[-1] / signal[0]), float(gradient[0] / gradient[-1])


def test_relu_s_signals_halve_from_normal_and_keep_from_he() -> None:
    for kept in ratio("he", "relu"):
        assert kept == pytest.approx(1, abs=0.35)
    for halved in ratio("normal", "relu"):
        assert halved == pytest.approx(0.5**7, rel=0.35)
    assert ratio("normal", "tanh")[0] == pytest.approx(1 / 8, rel=0.5)
    assert sum(stack("zeros", "tanh", 4, 16, 0)["signal"]) == 0


def test_units_that_begin_as_copies_stay_copies() -> None:
    for activation in ("tanh", "relu", "sigmoid"):
        cold, warm = copies("zeros", activation, 0), copies("xavier", activation, 0)
        assert (cold["distinct"], warm["distinct"]) == (1, warm["units"])
        assert cold["first"] == 0 < warm["first"]
        assert cold["f"] > warm["f"]
    on = network(data="moons", hidden=4, activation="maxout")
    theta = on.start(np.random.default_rng(0))
    assert distinct(on, theta) == 4
    W, V = on.layers[0].weights(theta), on.layers[1].weights(theta)
    W[:, [1, 5]], V[1] = W[:, [0, 4]], V[0]
    assert distinct(on, theta) == 3


def test_its_sentences_follow_from_the_numbers(result: Result) -> None:
    told = answer(result)
    assert {race.initialiser for race in raced(result)} == set(INITIALISERS)
    assert all(race.good == 0 for race in raced(result) if race.initialiser == "zeros")
    assert any(sentence == "From zeros 0 of 4 runs arrive." for sentence in told.verdicts)
    assert any("relu he is the levelest start" in sentence for sentence in told.verdicts)
    assert any("all are copies of one" in sentence for sentence in told.verdicts)
    assert {figure.name for figure in told.figures} == {
        "signal tanh", "gradient tanh", "signal relu", "gradient relu", "iterates",
    }  # fmt: skip
    won = [dataclasses.replace(row.typical, status="solved", iterations=3) for row in result.rows]
    rows = [dataclasses.replace(row, outcomes=[each]) for row, each in zip(result.rows, won, strict=True)]
    other = answer(dataclasses.replace(result, rows=rows)).verdicts
    assert any(sentence == "From zeros 4 of 4 runs arrive." for sentence in other)
    assert any("A warm start takes 100%" in sentence for sentence in other)
    assert not any("does not arrive" in sentence for sentence in other)
    unlike = dataclasses.replace(result, reads=[doctored(read) for read in result.reads])
    sentences = answer(unlike).verdicts
    assert any("orthogonal is the levelest start" in sentence for sentence in sentences)
    assert any("of 8 units 8 differ" in sentence for sentence in sentences)


def doctored(read: Read) -> Read:
    """Of stacks all level from orthogonal and nowhere else; of copies none left."""
    values: dict[str, Any] = dict(read.reading.values)
    if read.trial.name == "stack":
        base = 1.0 if read["initialiser"] == "orthogonal" else 3.0
        values = {name: [base**k for k in range(len(values[name]))] for name in ("signal", "gradient")}
    else:
        values["distinct"] = values["units"]
    return Read(read.trial, Reading(values))


def test_nothing_at_all_and_only_failures_are_answers_too(result: Result) -> None:
    empty = answer(dataclasses.replace(result, rows=[], reads=[]))
    assert (empty.verdicts, empty.figures) == ([], [])
    lost = [dataclasses.replace(row.typical, status="crashed", trace=[], measures={}) for row in result.rows]
    rows = [dataclasses.replace(row, outcomes=[each]) for row, each in zip(result.rows, lost, strict=True)]
    told = answer(dataclasses.replace(result, rows=rows, reads=[]))
    assert any("arrives every time from no start" in sentence for sentence in told.verdicts)
    assert all(row[4] == 0 and row[5] is None for row in told.tables[1].rows)
