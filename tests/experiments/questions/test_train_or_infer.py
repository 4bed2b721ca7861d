"""Inference discards layers and training keeps them; the sentences of `train-or-infer` follow from its numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from experiments.figures.records import Bars
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.train_or_infer import EXPERIMENT, SETTINGS, answer, costs, infer, measurements
from problems.data.synthetic.shapes import Waves
from problems.networks.problem import network
from problems.parts.activations import ACTIVATIONS

pytestmark = pytest.mark.xdist_group("train-or-infer")  # its tests share a run

SMALL = {"depths": [1, 4, 16], "widths": [8, 32], "batches": [1, 256, 1024], "depth": 4, "width": 32, "batch": 256}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, Options(settings={**SETTINGS, **SMALL}), store, engine)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_inference_gives_the_predictions_of_the_network(activation: Any) -> None:
    net = network(Waves(n=7, outputs=3), hidden=(5, 4), activation=activation)
    theta = np.random.default_rng(0).standard_normal(net.dim)  # a start would have biases of 0
    np.testing.assert_allclose(infer(net, theta, net.X), net.predict(theta, net.X), rtol=1e-12)


def test_inference_needs_the_memory_of_a_few_layers_and_training_that_of_all() -> None:
    flat, deep = (costs(depth, 32, 512, "tanh", 0) for depth in (3, 12))
    assert deep["inference_bytes"] == pytest.approx(flat["inference_bytes"], rel=0.05)
    assert 2 <= deep["inference_bytes"] / deep["layer_bytes"] <= 4
    assert deep["kept"] / flat["kept"] == pytest.approx(4, rel=0.1)
    assert deep["kept"] == pytest.approx(deep["counted"], rel=0.1)
    assert deep["training_bytes"] > deep["kept"]
    assert flat["work"] == pytest.approx(3 - 1 / 3, abs=0.02)


def test_every_size_is_a_row_and_memory_grows_as_theory_says(result: Result) -> None:
    answered = answer(result)
    assert [row[:3] for row in answered.tables[0].rows] == [
        (1, 32, 256), (4, 8, 256), (4, 32, 1), (4, 32, 256), (4, 32, 1024), (16, 32, 256),
    ]  # fmt: skip
    powers = next(sentence for sentence in answered.verdicts if "depth^" in sentence).split("depth^")
    assert powers[0].startswith("Over the largest sizes the memory of training and that of inference grow like")
    assert float(powers[1].split()[0]) == pytest.approx(1, abs=0.2)
    assert abs(float(powers[2].split(",")[0])) < 0.3
    assert {figure.name for figure in answered.figures} == {
        f"{quantity} {name}" for quantity in ("Time", "Memory") for name in ("depth", "width", "batch")
    } | {"parts"}


def changed(result: Result, **values: float) -> Result:
    """The result if all measurements had these values."""
    runs = [
        MeasurementResult(run.measurement, MeasuredValues({**run.measured.values, **values}))
        for run in result.measurements
    ]
    return dataclasses.replace(result, measurements=runs)


def test_sentences_follow_from_the_numbers(result: Result) -> None:
    times: dict[str, float] = {"inference": 1.0, "forward": 2.0, "gradient": 3.0, "update": 1.0, "training": 4.0}
    sizes: dict[str, float] = {"kept": 1, "counted": 2, "training_bytes": 4096, "inference_bytes": 1024, "work": 2.5}
    answered = answer(changed(result, **times, **sizes, layer_bytes=512, parameters=128))
    ratio, parts, memory, growth, layers = answered.verdicts
    assert ratio.startswith("A training step takes 4x the processor time of inference: the median of 6 sizes, from 4x")
    assert ratio.endswith("The backward pass takes 0.5x the time of the forward pass, with 1.5x the multiplications.")
    assert parts.endswith(
        "a step takes 4 s. Of the time of its parts the forward pass takes 50%, the backward pass 25% and the update "
        "25%."
    )
    assert memory == (
        "At depth 16, width 32, batch 256 training needs 4 kB at once and inference 1 kB: 4x the memory. The gradient "
        "and the new theta are 50% of the memory of training."
    )
    assert "depth^-0.00 and depth^-0.00" in growth.replace("^0.00", "^-0.00")
    assert layers.startswith("From depth 1 to 16 inference needs the memory of 2 to 2 layers.")
    assert layers.endswith("keeps 0.50 times as much as these (from 0.50 to 0.50 times), at most 1 B.")


def test_failed_measurements_are_reported(result: Result) -> None:
    failed = [MeasurementResult(result.measurements[0].measurement, MeasuredValues(reason="no memory"))]
    answered = answer(dataclasses.replace(result, measurements=failed))
    assert answered.verdicts == ["1 of 1 measurements failed. The reason of the first: no memory."]
    assert answered.figures == []


def test_bars_are_the_shares_of_the_parts_of_a_step(result: Result) -> None:
    answered = answer(changed(result, forward=2.0, gradient=5.0, update=1.0))
    (bars,) = (figure for figure in answered.figures if isinstance(figure, Bars))
    assert bars.names == ["1", "256", "1024"]
    shares = {name: values[0] for name, values in bars.groups}
    assert shares == pytest.approx({"forward pass": 2 / 6, "backward pass": 3 / 6, "update": 1 / 6})


def test_wrong_settings_are_refused() -> None:
    for wrong, sentence in (
        ({"widths": [0, 4]}, "widths is 0; it must be at least 1"),
        ({"batches": []}, "batches is empty"),
        ({"depth": 0}, "depth is 0"),
        ({"activation": "tan"}, "no activation 'tan'"),
    ):
        with pytest.raises(SpecError, match=sentence):
            measurements(Options(settings={**SETTINGS, **wrong}))


def test_a_quick_look_leaves_the_largest_sizes_out_unless_the_user_set_them() -> None:
    def depths(**chosen: Any) -> set[int]:
        plan = measurements(Options(quick=True, settings={**SETTINGS, **chosen}))
        return {dict(measurement.given)["depth"] for measurement in plan}

    assert max(depths()) == 16
    assert max(depths(depths=[1, 64])) == 64
