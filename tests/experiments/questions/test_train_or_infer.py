"""Inference forgets layers and training keeps them; the sentences of `train-or-infer` follow from its numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.train_or_infer import EXPERIMENT, answer, infer, step, trials
from problems.networks.problem import network
from problems.parts.activations import ACTIVATIONS

SETTINGS = {"depths": [1, 4, 16], "widths": [8, 32], "batches": [1, 256, 1024], "depth": 4, "width": 32, "batch": 256}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(settings=SETTINGS), store, engine)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_inference_says_what_the_network_says(activation: str) -> None:
    net = network(n=7, hidden=(5, 4), outputs=3, activation=activation)  # type: ignore[arg-type]
    theta = np.random.default_rng(0).standard_normal(net.dim)  # a start has biases of 0
    np.testing.assert_allclose(infer(net, theta, net.X), net.predict(theta, net.X), rtol=1e-12)


def test_memory_is_a_few_layers_for_inference_and_all_of_them_for_training() -> None:
    flat, deep = (step(depth, 32, 512, "tanh", 0) for depth in (3, 12))
    assert deep["infer_bytes"] == pytest.approx(flat["infer_bytes"], rel=0.05)
    assert 2 <= deep["infer_bytes"] / deep["layer_bytes"] <= 4
    assert deep["kept"] / flat["kept"] == pytest.approx(4, rel=0.1)
    assert deep["kept"] == pytest.approx(deep["keeps"], rel=0.1)
    assert deep["train_bytes"] > deep["kept"]
    assert flat["work"] == pytest.approx(3 - 1 / 3, abs=0.02)


def test_every_size_is_a_row_and_memory_grows_as_theory_says(result: Result) -> None:
    told = answer(result)
    assert [row[:3] for row in told.tables[0].rows] == [
        (1, 32, 256), (4, 8, 256), (4, 32, 1), (4, 32, 256), (4, 32, 1024), (16, 32, 256),
    ]  # fmt: skip
    powers = next(sentence for sentence in told.verdicts if "depth^" in sentence).split("depth^")
    assert float(powers[1].split()[0]) == pytest.approx(1, abs=0.2)
    assert abs(float(powers[2].split(",")[0])) < 0.3
    assert {figure.name for figure in told.figures} == {
        f"{what} {way}" for what in ("Time", "Memory") for way in ("depth", "width", "batch")
    } | {"parts"}


def test_its_sentences_follow_from_the_numbers(result: Result) -> None:
    times = {"infer": 1.0, "forward": 2.0, "gradient": 3.0, "update": 1.0, "train": 4.0}
    times |= {"kept": 1, "keeps": 2}
    reads = [Read(read.trial, Reading({**read.reading.values, **times})) for read in result.reads]
    text = " ".join(answer(dataclasses.replace(result, reads=reads)).verdicts)
    assert "takes 4x the processor time of inference" in text
    assert "The pass back takes 0.5x" in text
    assert "the pass forward is 50%, the pass back 25%, the update 25%" in text
    assert "is 0.50 times what is counted" in text
    lost = answer(dataclasses.replace(result, reads=[Read(result.reads[0].trial, Reading(reason="no memory"))]))
    assert lost.verdicts == ["1 of 1 measurements failed; the first: no memory."]
    assert lost.figures == []


def test_settings_that_are_no_sizes_are_refused() -> None:
    whole = {**EXPERIMENT.settings}
    with pytest.raises(SpecError, match="at least 1"):
        trials(Options(settings=whole | {"widths": [0, 4]}))
    with pytest.raises(SpecError, match="no activation 'tan'"):
        trials(Options(settings=whole | {"activation": "tan"}))
