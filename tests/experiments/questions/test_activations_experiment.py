"""The experiment `activations`: measurements agree with theory, faults are seen, sentences follow from the numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult, measurement_of
from experiments.lab.run_experiment import run_experiment
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.activations import EXPERIMENT, HIDDEN, QUICK, answer, measured, measurements
from experiments.questions.activations import SETTINGS as DEFAULTS
from experiments.questions.activations.measured import dying, flow, properties
from experiments.questions.activations.verdicts import THEORY, factors_per_layer
from problems.data.synthetic.shapes import Moons
from problems.networks.diagnostics import dead_units, passes
from problems.networks.problem import network
from problems.parts.activations import ACTIVATIONS

pytestmark = pytest.mark.xdist_group("activations-experiment")  # its tests share a run

SETTINGS = {
    "width": 24, "depth": 8, "gains": [1.0, 2.0], "seeds": 2, "rates": [0.1, 50.0], "epochs": 30,
}  # fmt: skip


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)


def changed(
    result: Result, function: Callable[..., Any], change: Callable[[MeasurementResult], dict[str, Any]]
) -> list[str]:
    """The sentences where some values of plan measurement by that function are others."""
    results = [
        MeasurementResult(known.measurement, MeasuredValues({**known.measured.values, **change(known)}))
        if known.measurement.name == function.__name__
        else known
        for known in result.measurements
    ]
    return list(answer(dataclasses.replace(result, measurements=results)).verdicts)


def test_measured_properties_are_the_table_s_and_a_wrong_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ACTIVATIONS:
        assert properties(name)["differs"] == [], name
    wrong = {"least": -2.0, "order": 0, "monotone": False, "monotone_derivative": True, "identity": False}
    for key, value in wrong.items():
        false = dataclasses.replace(ACTIVATIONS["tanh"], **{key: value})  # type: ignore[arg-type]
        with monkeypatch.context() as context:
            context.setitem(measured.ACTIVATIONS, "tanh", false)
            assert properties("tanh")["differs"] == [key]


@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_a_layer_multiplies_the_gradient_by_what_theory_says(gain: float) -> None:
    planned = [
        measurement_of(flow, activation=name, gain=gain, depth=12, width=128, seed=seed)
        for name in THEORY
        for seed in range(3)
    ]
    flows = [MeasurementResult(plan, MeasuredValues(flow(**dict(plan.given)))) for plan in planned]
    for (name, _), factor in factors_per_layer(flows).items():
        assert factor == pytest.approx(gain * THEORY[name], rel=0.08), name
    sigmoid = flow("sigmoid", gain, 12, 128, 0)["ratio"]
    assert 0 < sigmoid <= (gain / 4) ** 11 * 1.5


def test_units_are_dead_where_no_row_reaches_them_and_long_steps_kill_relu_s_but_not_leaky_ones() -> None:
    problem = network(Moons(), hidden=(5, 4), activation="relu")
    theta = problem.start(np.random.default_rng(0))
    assert dead_units(passes(problem, theta)) < 9
    problem.layers[0].biases(theta)[:] = -100.0
    assert dead_units(passes(problem, theta)) >= 5
    short, long = (dying("relu", rate, 50, 0) for rate in (0.01, 30.0))
    assert short["dead"] == short["before"] < 0.5 < long["dead"]
    assert dying("leaky-relu", 1.0, 50, 0)["dead"] == 0
    with np.errstate(all="ignore"):
        assert dying("leaky-relu", 100.0, 50, 0)["dead"] is None, "its parameters are no longer finite"


def test_quick_is_smaller_except_where_the_user_chose() -> None:
    def seeds_and_epochs(**given: Any) -> set[tuple[int, int]]:
        planned = measurements(Options(quick=True, settings={**DEFAULTS, **given}))
        trained = [dict(measurement.given) for measurement in planned if measurement.name == dying.__name__]
        return {(len({plan["seed"] for plan in trained}), plan["epochs"]) for plan in trained}

    assert seeds_and_epochs() == {(QUICK["seeds"], QUICK["epochs"])}
    assert seeds_and_epochs(epochs=7, seeds=2) == {(2, 7)}


def test_its_figures_and_tables_cover_every_activation(result: Result) -> None:
    answered = answer(result)
    assert {known["name"] for known in result.measured(properties.__name__)} == set(ACTIVATIONS)
    assert {figure.name for figure in answered.figures} == {
        "a", "derivative", "depth, gain 1", "depth, gain 2", "gain", "dead", "cost",
    }  # fmt: skip
    rows = {row[0]: row for row in answered.tables[0].rows}
    assert set(rows) == set(ACTIVATIONS)
    assert rows["relu"][1:6] == ("0 to inf", "0", True, True, False)
    assert rows["tanh"][1:6] == ("-1 to 1", "2 or more", True, False, True)
    factors = {(row[0], row[1]): row[3] for row in answered.tables[1].rows}
    assert len(factors) == 2 * len(HIDDEN)
    assert factors["relu", 2.0] == pytest.approx(math.sqrt(2))
    assert factors["sigmoid", 2.0] is None, "theory has but a bound"
    curve = next(line for line in answered.figures[1].lines if line.label == "relu")  # type: ignore[union-attr]
    assert set(zip(np.sign(curve.x), curve.y, strict=True)) == {(-1, 0.0), (0, 0.0), (1, 1.0)}


def test_agreement_with_the_table_is_said_and_so_is_a_difference(result: Result) -> None:
    assert "of all 10 activations are those in the table of activations." in answer(result).verdicts[0]
    wrong = changed(result, properties, lambda known: {"differs": ["order"] if known["name"] == "elu" else []})[0]
    assert wrong == ("Measured properties differ from those in the table of activations: elu (continuous derivatives).")


def test_the_cheapest_and_the_most_expensive_are_named(result: Result) -> None:
    costs = {"relu": 2.0, "gelu": 50.0}
    sentence = changed(result, properties, lambda known: {"both_ns": costs.get(known["name"], 10.0)})[1]
    assert sentence == (
        "Forward and backward, relu costs the least, 2 ns per output. gelu costs the most, 50 ns: 25x as much."
    )


def test_vanishing_and_exploding_gradients_are_told_apart(result: Result) -> None:
    factors = {"sigmoid": 0.1, "maxout": 10.0}
    sentences = changed(
        result, flow, lambda known: {"ratio": factors.get(known["activation"], 1.0) ** (known["depth"] - 1)}
    )
    others = ", ".join(name for name in HIDDEN if name not in factors)
    assert sentences[2] == (
        "At gain 1, through 8 layers, the gradient shrinks most with sigmoid, to 1e-07 of its size (0.1 per layer). It "
        f"grows most with maxout, 1e+07 times (10 per layer). It stays within a factor of 10 with {others}."
    )
    level = changed(result, flow, lambda known: {"ratio": 1.0})
    everyone = ", ".join(HIDDEN)
    assert level[2] == f"At gain 1, through 8 layers, the gradient stays within a factor of 10 with {everyone}."
    worst = max(abs(1 / (gain * theory) - 1) for gain in (1.0, 2.0) for theory in THEORY.values())
    assert level[4] == f"Where theory knows the factor per layer, the measured factor is within {worst:.0%} of it."


def test_dead_units_are_told_with_the_learning_rate(result: Result) -> None:
    spared = changed(result, dying, lambda known: {"before": 0.0, "dead": 0.0})[-1]
    assert spared == (
        "After 30 iterations of gradient descent, no hidden units have died with relu, leaky-relu, elu, gelu, tanh, "
        "sigmoid."
    )

    def killed(known: MeasurementResult) -> dict[str, Any]:
        if known["activation"] == "relu":
            return {"before": 0.1, "dead": 0.3 if known["rate"] == 0.1 else 0.6}
        return {"before": 0.0, "dead": None if known["activation"] == "elu" and known["rate"] == 50 else 0.0}

    assert changed(result, dying, killed)[-1] == (
        "After 30 iterations of gradient descent, hidden units have died with relu from a learning rate of 0.1 on "
        "(30%, at most 60% at 50). None have died with leaky-relu, elu, gelu, tanh, sigmoid. Units that are dead at "
        "the start are counted too: 10% with relu. Training ends in values that are not finite with elu from a "
        "learning rate of 50 on."
    )


def test_nothing_at_all_is_an_answer_too(result: Result) -> None:
    nothing = answer(dataclasses.replace(result, measurements=[]))
    assert (nothing.figures, nothing.verdicts) == ([], [])
    assert not any("the gradient" in sentence for sentence in changed(result, flow, lambda known: {"ratio": None}))
