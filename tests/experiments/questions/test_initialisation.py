"""Starts: He keeps relu's signals, zeros stay equal, and the sentences follow from runs and measurements."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.figures.records import Field, Lines
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult, measurement_of
from experiments.lab.run.outcome import Status
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions import initialisation
from experiments.questions.initialisation import EXPERIMENT, answer, start_runs
from experiments.questions.initialisation.measured import deep_network, equal_units
from experiments.questions.initialisation.pictures import StartRuns, figures, iterations_map, short_name
from experiments.questions.initialisation.verdicts import (
    runs_sentences,
    theory_sentences,
    variance_ratios,
    variance_sentences,
    zeros_sentences,
)
from problems.data.synthetic.shapes import Moons
from problems.networks.diagnostics import distinct_units
from problems.networks.problem import network
from problems.parts.initialisers import INITIALISERS
from tests.helpers import made_results

pytestmark = pytest.mark.xdist_group("initialisation")  # its tests share a run

SMALL = {"depth": 8, "width": 24, "seeds": 1, "hidden": 12, "layers": [2], "iterations": 500}
MOONS = spec("network", data="moons", hidden=(12, 12), activation="tanh")
ADAM = spec("adam", step=0.01)


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, Options(quick=True, settings=SMALL), store, engine)


def measured_ratio(initialiser: str, activation: str, depth: int = 8) -> tuple[float, float]:
    """The last signal over the first and the first gradient over the last, of wide networks."""
    networks = [deep_network(initialiser, activation, depth, 256, seed) for seed in range(3)]
    signal, gradient = (np.mean([one[name] for one in networks], axis=0) for name in ("signal", "gradient"))
    return float(signal[-1] / signal[0]), float(gradient[0] / gradient[-1])


def test_relu_s_signals_halve_from_normal_and_keep_from_he() -> None:
    for kept in measured_ratio("he", "relu"):
        assert kept == pytest.approx(1, abs=0.35)
    for halved in measured_ratio("normal", "relu"):
        assert halved == pytest.approx(0.5**7, rel=0.35)
    assert measured_ratio("normal", "tanh")[0] == pytest.approx(1 / 8, rel=0.5)
    assert sum(deep_network("zeros", "tanh", 4, 16, 0)["signal"]) == 0


def test_units_that_begin_equal_stay_equal() -> None:
    for activation in initialisation.COMPARED:
        zeros, xavier = equal_units("zeros", activation, 0), equal_units("xavier", activation, 0)
        assert (zeros["distinct"], xavier["distinct"]) == (1, xavier["units"])
        assert zeros["first"] == 0 < xavier["first"]
        assert zeros["f"] > xavier["f"]


def test_units_with_two_pieces_are_equal_only_if_both_pieces_are() -> None:
    problem = network(Moons(), hidden=4, activation="maxout")
    theta = problem.start(np.random.default_rng(0))
    assert distinct_units(problem, theta) == 4
    W, V = problem.layers[0].weights(theta), problem.layers[1].weights(theta)
    W[:, 1], V[1] = W[:, 0], V[0]
    assert distinct_units(problem, theta) == 4
    W[:, 5] = W[:, 4]
    assert distinct_units(problem, theta) == 3


def deep(activation: str, initialiser: str, signal: list[float], gradient: list[float]) -> MeasurementResult:
    given: dict[str, Any] = {"initialiser": initialiser, "activation": activation, "depth": len(signal), "width": 4}
    values = MeasuredValues({"signal": signal, "gradient": gradient})
    return MeasurementResult(measurement_of(deep_network, seed=0, **given), values)


def test_the_best_start_keeps_both_variances_and_the_worst_loses_most() -> None:
    networks = [
        deep("relu", "he", [2.0, 2.0, 4.0], [3.0, 3.0, 2.0]),
        deep("relu", "normal", [1.0, 0.5, 0.25], [0.2, 0.5, 1.0]),
        deep("relu", "zeros", [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
        deep("tanh", "xavier", [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
    ]
    ratios = variance_ratios(networks)
    assert ratios["relu", "he"] == (2.0, 1.5)
    assert ratios["relu", "normal"] == (0.25, 0.2), "signals last over first, gradients first over last"
    assert ratios["relu", "zeros"] == (None, None)
    assert variance_sentences(ratios, networks) == [
        "Through 3 layers of relu, he keeps variances most constant: that of the signal is multiplied by 2 on its way, "
        "that of the gradient by 1.5. normal keeps them least constant: that of the signal is multiplied by 0.25 on "
        "its way, that of the gradient by 0.2. From zeros no signal or no gradient passes.",
        "Through 3 layers of tanh, xavier keeps variances most constant: that of the signal is multiplied by 1 on its "
        "way, that of the gradient by 1.",
    ]
    assert variance_sentences(variance_ratios(networks[2:3]), networks) == []


def test_the_means_over_networks_are_compared() -> None:
    networks = [deep("relu", "he", [1.0, 3.0], [1.0, 1.0]), deep("relu", "he", [3.0, 1.0], [5.0, 1.0])]
    assert variance_ratios(networks) == {("relu", "he"): (1.0, 3.0)}


def test_theory_stands_beside_what_was_measured() -> None:
    layers = list(range(1, 9))
    networks = [
        deep("relu", "normal", [0.5**k for k in layers], [1.0] * 8),
        deep("relu", "he", [1.02**k for k in layers], [1.0] * 8),
        deep("tanh", "normal", [9.0, 9.0, 9.0, *(k**-1.2 for k in layers[3:])], [1.0] * 8),
    ]
    assert theory_sentences(variance_ratios(networks), networks) == [
        "A layer of relu multiplies the variance of the signal by 0.50 from normal (theory: 0.5) and by 1.02 from he "
        "(theory: 1).",
        "From normal, the variance of the signal through tanh is proportional to the layer to the power -1.20 "
        "(theory: -1).",
    ]
    assert theory_sentences({}, []) == []


def units(initialiser: str, activation: str, distinct: int, f: float) -> MeasurementResult:
    values = {"first": 0.0, "last": 0.25, "distinct": distinct, "units": 8, "f": f}
    given = {"initialiser": initialiser, "activation": activation, "seed": 0}
    return MeasurementResult(measurement_of(equal_units, **given), MeasuredValues(values))


def test_the_sentence_on_zeros_follows_from_the_units() -> None:
    results = [units("zeros", "tanh", 1, 0.69), units("he", "tanh", 8, 0.2), units("xavier", "relu", 7, 0.1)]
    assert zeros_sentences(results) == [
        "From zeros with tanh, the gradients of the two layers' weights have norms 0 and 0.25. After 1000 steps, of 8 "
        "units all are equal, and f is 0.69.",
        "From every other start, except xavier with relu, all units differ. The lowest f is 0.1.",
    ]
    several = zeros_sentences([units("zeros", "tanh", 3, 0.5), units("he", "tanh", 8, 0.2)])
    assert "of 8 units 3 are distinct" in several[0]
    assert several[1] == "From every other start all units differ. The lowest f is 0.2."


def starts(**counts: tuple[int, int, float | None]) -> list[StartRuns]:
    return [StartRuns(MOONS, ADAM, name.replace("_", "-"), *count) for name, count in counts.items()]


def test_the_sentences_on_runs_follow_from_the_counts() -> None:
    runs = starts(
        he=(4, 4, 30.0), xavier=(4, 4, 50.0), normal=(4, 3, 10.0), zeros=(4, 0, None), warm_start=(4, 4, 20.0)
    )
    assert runs_sentences(runs) == [
        "On moons, 2 x 12 tanh units, adam(step=0.01) reaches f = 0.1 soonest from warm-start, in 20 iterations, and "
        "latest from xavier, in 50 (medians). Runs that fail: normal 1 of 4, zeros 4 of 4.",
        "From zeros 0 of 4 runs reach f = 0.1.",
        "A warm start needs 40% of the iterations of xavier, from which it was trained (median).",
    ]
    assert runs_sentences(starts(he=(2, 2, 7.0))) == [
        "On moons, 2 x 12 tanh units, adam(step=0.01) reaches f = 0.1 soonest from he, in 7 iterations (median)."
    ]
    assert runs_sentences(starts(he=(2, 1, 7.0))) == [
        "On moons, 2 x 12 tanh units, adam(step=0.01) does not reach f = 0.1 every time from any start. Runs that "
        "fail: he 1 of 2."
    ]
    assert runs_sentences([]) == []


def test_the_map_has_initialisers_across_and_leaves_out_rare_successes() -> None:
    field = iterations_map(starts(he=(4, 4, 30.0), normal=(4, 2, 12.0), orthogonal=(4, 1, 5.0), zeros=(4, 0, None)))
    assert isinstance(field, Field)
    assert (field.axes, field.x) == (("initialiser", "problem and solver"), ["he", "normal", "orthogonal", "zeros"])
    assert (field.y, field.z) == (["moons, 2 x 12 tanh units, adam"], [[30.0, 12.0, None, None]])


def test_signals_are_drawn_relative_to_the_first_layer_and_gradients_to_the_last() -> None:
    networks = [deep("relu", "he", [2.0, 4.0], [6.0, 3.0]), deep("relu", "he", [1.0, 1.0], [1.0, 1.0])]
    signal, gradient = figures(networks, [])
    assert isinstance(signal, Lines)
    assert isinstance(gradient, Lines)
    assert (signal.lines[0].x, signal.lines[0].y) == ([1.0, 2.0], [1.0, 1.5])
    assert (signal.lines[0].low, signal.lines[0].high) == ([1.0, 1.0], [1.0, 2.0])
    assert gradient.lines[0].y == [1.5, 1.0]
    assert (signal.axes[1], gradient.axes[1]) == (
        "variance over that of the first layer", "variance over that of the last layer",
    )  # fmt: skip
    (blocked, _) = figures([deep("relu", "zeros", [0.0, 0.0], [0.0, 1.0])], [])
    assert isinstance(blocked, Lines)
    assert blocked.lines == []


def test_its_answer_covers_every_start(result: Result) -> None:
    answered = answer(result)
    assert {start.initialiser for start in start_runs(result)} == set(INITIALISERS)
    assert all(start.successes == 0 for start in start_runs(result) if start.initialiser == "zeros")
    assert "From zeros 0 of 4 runs reach f = 0.1." in answered.verdicts
    assert any("relu, he keeps variances most constant" in sentence for sentence in answered.verdicts)
    assert any("all are equal" in sentence for sentence in answered.verdicts)
    assert {figure.name for figure in answered.figures} == {
        "signal tanh", "gradient tanh", "signal relu", "gradient relu", "iterations",
    }  # fmt: skip
    columns = {table.title: table.columns for table in answered.tables}
    assert all(len(row) == len(columns[table.title]) for table in answered.tables for row in table.rows)
    (units_table,) = [table for table in answered.tables if table.title == "Equal units"]
    zeros = [dict(zip(units_table.columns, row, strict=True)) for row in units_table.rows if row[1] == "zeros"]
    assert {row["distinct units"] for row in zeros} == {1}
    won = [dataclasses.replace(row.typical, status=Status.SOLVED, iterations=3) for row in result.rows]
    rows = [dataclasses.replace(row, outcomes=[outcome]) for row, outcome in zip(result.rows, won, strict=True)]
    other = answer(dataclasses.replace(result, rows=rows)).verdicts
    assert "From zeros 4 of 4 runs reach f = 0.1." in other
    assert any("A warm start needs 100%" in sentence for sentence in other)
    assert not any("Runs that fail" in sentence for sentence in other)


def test_nothing_at_all_and_only_failures_are_answers_too(result: Result) -> None:
    empty = answer(dataclasses.replace(result, rows=[], measurements=[]))
    assert (empty.verdicts, empty.figures) == ([], [])
    lost = [dataclasses.replace(row.typical, status=Status.CRASHED, trace=[], measures={}) for row in result.rows]
    rows = [dataclasses.replace(row, outcomes=[outcome]) for row, outcome in zip(result.rows, lost, strict=True)]
    answered = answer(dataclasses.replace(result, rows=rows, measurements=[]))
    assert any("does not reach f = 0.1 every time from any start" in sentence for sentence in answered.verdicts)
    (runs_table,) = [table for table in answered.tables if table.title == "Iterations from each start"]
    assert all(row[4] == 0 and row[5] is None for row in runs_table.rows)


def test_starts_of_one_problem_are_counted_together() -> None:
    problems = [MOONS.where(initialiser=name) for name in ("he", "zeros")]
    rows = [made_results.row(problems[0], ADAM, seed=k, iterations=10 * (k + 1)) for k in range(3)]
    rows += [made_results.failed(problems[1], ADAM, seed=k) for k in range(2)]
    assert start_runs(made_results.result_of(rows)) == [
        StartRuns(MOONS, ADAM, "he", 3, 3, 20.0), StartRuns(MOONS, ADAM, "zeros", 2, 0, None),
    ]  # fmt: skip


def test_data_of_the_user_have_a_cross_entropy_and_no_seed(tmp_path: Path) -> None:
    def planned(**chosen: Any) -> str:
        options = Options(quick=True, seed=2, settings=initialisation.SETTINGS | chosen)
        return str(initialisation.trained_network(2, "tanh", "he", options))

    end = "hidden=[12, 12], activation=tanh, initialiser=he"
    assert planned() == f"network(data=moons, n=100, {end}, seed=2)"
    assert planned(data="circles") == f"network(data=circles, n=100, {end}, seed=2)"
    assert planned(data="iris") == f"network(data=iris, loss=cross-entropy, {end})"
    assert short_name(parse(planned(data="iris"))) == "iris, 2 x 12 tanh units"
    assert short_name(parse("xor(hidden=4, activation=relu)")) == "xor, 1 x 4 relu units"


def test_quick_runs_are_fewer_unless_the_user_sets_them() -> None:
    def seeds(quick: bool, count: int) -> int:
        return len(initialisation.seeds(Options(quick, settings=initialisation.SETTINGS | {"seeds": count})))

    assert (seeds(False, 15), seeds(True, 15), seeds(True, 4)) == (15, 3, 4)
    full = initialisation.problems(Options(settings=initialisation.SETTINGS))
    assert len(full) == 2 * 2 * len(INITIALISERS) + 2 * len(INITIALISERS)
    assert {problem.name for problem in full} == {"network", "xor"}
