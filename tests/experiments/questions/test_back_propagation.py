"""Both ways of the backward pass give one gradient; the sentences of `back-propagation` follow from its numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from experiments.figures.records import Picture
from experiments.lab.analysis.formats import storage
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.cost import peak_bytes
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.back_propagation import EXPERIMENT, answer, measurements
from experiments.questions.back_propagation import SETTINGS as DEFAULTS
from experiments.questions.back_propagation.jacobians import LAYERS, MEASURES, backward_cost, cost_model
from experiments.questions.back_propagation.verdicts import jacobian_size

pytestmark = pytest.mark.xdist_group("back-propagation")  # its tests share a run

SETTINGS = {**DEFAULTS, "width": 512, "batch": 4, "megabytes": 1}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)


def invented(result: Result, powers: dict[str, float], difference: float = 0.5) -> list[MeasurementResult]:
    """The measurements, with 1e-6 n^p for each measure and its power p; where J was not formed it stays so."""
    measured = []
    for known in result.measurements:
        values = {name: 1e-6 * float(known["width"]) ** p for name, p in powers.items() if known[name] is not None}
        values = {name: values.get(name) for name in MEASURES}
        formed = values["bytes with J"] is not None
        values["difference"] = difference if formed else None
        measured.append(MeasurementResult(known.measurement, MeasuredValues(values)))
    return measured


def sentences(result: Result, measured: list[MeasurementResult]) -> list[str]:
    return list(answer(dataclasses.replace(result, measurements=measured)).verdicts)


def test_what_the_deck_computes() -> None:
    assert jacobian_size(4096, 16) == (
        "The Jacobian of a layer from 4096 to 4096 float32 numbers has 16.8 million entries, 64 MB. For a batch of 16 "
        "it has 4.29 billion entries, 16 GB."
    )
    assert jacobian_size(10, 1).endswith("has 100 entries, 400 B.")


@pytest.mark.parametrize("kind", LAYERS)
def test_the_jacobian_s_bytes_are_its_entries_and_its_product_is_that_of_the_backward_pass(kind: str) -> None:
    cost = backward_cost(kind, 64, 3, 256, 10.0, 0)
    exact = 4 * (3 * 64) ** 2
    assert exact <= cost["bytes with J"] <= 1.2 * exact
    assert cost["bytes without J"] < 0.1 * exact
    assert cost["difference"] < 1e-5
    for megabytes, patience in ((0, 10.0), (256, 0.0)):
        unformed = backward_cost(kind, 64, 3, megabytes, patience, 0)
        assert (unformed["bytes with J"], unformed["seconds with J"], unformed["difference"]) == (None, None, None)


def test_bytes_that_were_freed_count_for_the_peak_alone() -> None:
    peak = peak_bytes(lambda: len(bytearray(10**6)))
    assert peak.bytes >= 10**6 > 100 * peak.held
    assert storage(3 * 2**20) == "3 MB"


def test_a_cost_model_separates_calls_from_arithmetic(result: Result) -> None:
    n = [2.0**k for k in range(1, 10)]
    plan = [known.measurement for known in result.measurements if (known["kind"], known["batch"]) == ("dense", 1)]
    values = [{"seconds with J": 1e-5 * width + 1e-9 * width**3} for width in n]
    measured = [
        MeasurementResult(measurement, MeasuredValues({"width": width} | value))
        for measurement, width, value in zip(plan, n, values, strict=True)
    ]
    model = cost_model(measured, "dense", 1, "seconds with J")
    assert [p for p, _ in model.terms] == [1, 3]
    assert [c for _, c in model.terms] == pytest.approx([1e-5, 1e-9])
    assert model.at(1000.0) == pytest.approx(1.01)
    assert model.call_share(100.0) == pytest.approx(0.5)
    few = cost_model(measured[:2], "dense", 1, "seconds with J")
    assert (few.power, few.at(1000.0), few.call_share(1000.0)) == (None, None, None)


def test_memory_grows_as_theory_says_and_what_does_not_fit_is_predicted(result: Result) -> None:
    assert all(measured.good for measured in result.measurements)
    powers, costs = answer(result).tables
    assert [row[:2] for row in powers.rows] == [(kind, rows) for kind in LAYERS for rows in (1, 4)]
    for row in powers.rows:
        assert float(str(row[2]).split()[0]) == pytest.approx(2, abs=0.15)
    activation = costs.rows[1]
    assert activation[2] == storage(4 * (4 * 512) ** 2) == "16 MB"
    assert activation[-1] == "predicted"
    assert costs.rows[0][-1] == "measured"
    assert float(str(activation[3]).removesuffix(" MB")) == pytest.approx(16, rel=0.05)


def test_both_ways_are_compared_in_the_right_order(result: Result) -> None:
    powers = {"bytes with J": 3, "bytes without J": 2, "seconds with J": 1, "seconds without J": 0}
    measured = invented(result, powers)
    widths = [m["width"] for m in measured if (m["kind"], m["batch"]) == ("activation", 1) and m["bytes with J"]]
    n = max(widths)
    sentences_found = sentences(result, measured)[1]
    assert sentences_found.startswith(
        f"At width {n}, the backward pass through relu(x) takes {storage(1e-6 * n**3)} with the Jacobian and "
        f"{storage(1e-6 * n**2)} without it, a ratio of "
    )
    assert f"It takes {n} us and 1 us, a ratio of {float(f'{n:.2g}'):g}x." in sentences_found
    assert "The two gradients differ by at most 0.5." in sentences_found
    assert (
        "memory grows like n^3.00 (2) with the Jacobian and n^2.00 (1) without it, and time like n^1.00 (2) and n^0.00 "
        "(1); theory's powers are in brackets."
    ) in sentences_found.replace("-0.00", "0.00")
    assert "The two gradients are equal." in sentences(result, invented(result, powers, difference=0.0))[1]


def test_the_largest_layer_is_predicted_where_it_was_not_measured(result: Result) -> None:
    powers = {"bytes with J": 2, "bytes without J": 1, "seconds with J": 2, "seconds without J": 1}
    measured = invented(result, powers)
    at_256 = dataclasses.replace(result, options={"settings": {**SETTINGS, "width": 64}}, measurements=measured)
    predicted, known = sentences(result, measured)[3], answer(at_256).verdicts[3]
    assert predicted.startswith(
        "A batch of 4 through an activation of width 512 would take 0.262 B and 262 ms with the Jacobian "
        "(predicted from widths up to 128)."
    )
    assert predicted.endswith("One backward pass takes 0.000512 B and 512 us.")
    assert "width 64 takes " in known
    assert "predicted" not in known


def test_pictures_are_drawn_with_their_gradients(result: Result) -> None:
    answered = answer(result)
    assert (
        "At x=1, y=-3, z=4, (x + y) * z is -8. One backward pass gives its gradient: df/dx = 4, df/dy = 4, df/dz = -2."
    ) in answered.verdicts
    assert sum(isinstance(figure, Picture) for figure in answered.figures) == 2


def test_failed_measurements_are_counted(result: Result) -> None:
    failed = [MeasurementResult(known.measurement, MeasuredValues(reason="no memory")) for known in result.measurements]
    lost = answer(dataclasses.replace(result, measurements=failed))
    assert "36 of 36 measurements failed; first: no memory." in lost.verdicts
    assert lost.tables[0].rows[0] == ("activation", 1, None, None, None, None)


def test_a_user_s_formula_is_drawn_and_a_wrong_one_refused(result: Result) -> None:
    settings: dict[str, Any] = {**result.settings, "formula": "sin(x) * y", "at": "x=0, y=2"}
    answered = answer(dataclasses.replace(result, options={"settings": settings}))
    first = next(figure for figure in answered.figures if isinstance(figure, Picture))
    assert first.name == "your formula"
    assert "sin(x) * y" in first.svg
    assert (
        "At x=0, y=2, sin(x) * y is 0. One backward pass gives its gradient: df/dx = 2, df/dy = 0." in answered.verdicts
    )
    with pytest.raises(SpecError, match="never closes"):
        measurements(Options(settings={**SETTINGS, "formula": "sin(x", "at": ""}))
    with pytest.raises(SpecError, match="width is 512, batch 0 and megabytes 1; each must be at least 1"):
        measurements(Options(settings={**settings, **SETTINGS, "batch": 0}))
