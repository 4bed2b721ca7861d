"""XOR: no line learns it, a hidden layer does, and the sentences follow from the runs."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from experiments.cli.common.explain import explain
from experiments.figures.general_plots import shade_of
from experiments.figures.records import Frames
from experiments.lab.analysis.proportion import Proportion
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.run.outcome import Status
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import Spec, parse
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.xor import EXPERIMENT, answer, by_choice, by_film, by_width, labellings
from experiments.questions.xor.boundaries import GRID, MOST_MOMENTS, Film
from experiments.questions.xor.models import DESIGNED, LINEAR, SETTINGS, STACKED, Runs, learned, network

pytestmark = pytest.mark.xdist_group("xor")  # its tests share a run

SMALL = {"seeds": 2, "widths": [1, 4], "hidden": 4, "iterations": 400}
OPTIONS = Options(quick=True, settings={**SETTINGS, **SMALL})


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, OPTIONS, store, engine)


def changed(result: Result, change: Callable[[CellResult], dict[str, object]]) -> Result:
    """The result with other fields in the outcome of each row."""
    rows = [
        dataclasses.replace(row, outcomes=[dataclasses.replace(row.typical, **change(row))])  # type: ignore[arg-type]
        for row in result.rows
    ]
    return dataclasses.replace(result, rows=rows)


def test_a_line_separates_fourteen_of_sixteen_labellings() -> None:
    assert labellings() == {"separable": 14, "xor": False, "most": 3}


def test_theory_is_true_of_every_model(result: Result) -> None:
    runs = Runs(result)
    for problem in (LINEAR, STACKED):
        rows = runs.on(problem)
        assert not any(map(learned, rows))
        assert (lowest := runs.lowest(rows)) is not None
        assert lowest == pytest.approx(math.log(2), abs=1e-5)
    for solver in ("gradient-descent", "lbfgs"):
        one = runs.success(network(1), Spec(solver))
        assert one is not None
        assert (one.successes, one.runs) == (0, 2)
    for problem in DESIGNED:
        assert all(learned(row) for row in runs.rows[problem, Spec("newton")])
    assert any(learned(row) for row in runs.on(network(4)))
    from_zero = [row for row in result.rows if row.problem.get("initialiser") == "zeros"]
    assert from_zero
    assert not any(map(learned, from_zero))


def test_sentences_follow_from_the_runs(result: Result) -> None:
    sentences = answer(result).verdicts
    assert sentences[0] == (
        "A line separates 14 of the 16 ways to label the four points. XOR is not one of them: the best line classifies "
        "3 of its 4 points correctly."
    )
    assert sentences[1].startswith("One neuron learned XOR in 0 of 10 runs by perceptron, adaline, gradient-descent")
    assert sentences[1].endswith("The lowest f is 0.6931; a random guess has log 2 = 0.6931.")
    assert any(
        sentence.startswith("From the initialiser zeros gradient-descent never learned XOR, with any of sigmoid, tanh")
        for sentence in sentences
    )
    assert len(answer(result).tables[0].rows) == len(Runs(result).rows)


def test_sentences_if_every_run_had_succeeded(result: Result) -> None:
    sentences = answer(changed(result, lambda row: {"measures": {"accuracy": 1.0}})).verdicts
    assert any(sentence.startswith("One neuron learned XOR in 10 of 10 runs") for sentence in sentences)
    assert any(
        "it in 10 of 10 runs with the product of the inputs as a third column, 10 of 10 runs with the rbf kernel, "
        "10 of 10 runs with the polynomial kernel." in sentence
        for sentence in sentences
    )
    least = "100% with 1, 100% with 4. The least width that never failed is 1."
    assert sum(sentence.endswith(least) for sentence in sentences) == 4
    assert "With 4 hidden tanh units every solver learned XOR from 2 of 2 starts." in sentences
    assert not any("never learned" in sentence for sentence in sentences)


def test_sentences_of_widths_and_choices_name_the_best_and_the_worst(result: Result) -> None:
    def lbfgs_alone(row: CellResult) -> dict[str, object]:
        return {"measures": {"accuracy": float(row.solver == Spec("lbfgs") and row.problem == network(4))}}

    runs = Runs(changed(result, lbfgs_alone))
    assert by_width(runs, OPTIONS)[:2] == [
        "With tanh units gradient-descent learned XOR from these shares of 2 starts, by the number of hidden units: 0% "
        "with 1, 0% with 4. No width never failed.",
        "With tanh units lbfgs learned XOR from these shares of 2 starts, by the number of hidden units: 0% with 1, "
        "100% with 4. The least width that never failed is 4.",
    ]
    tanh, relu = by_choice(runs, OPTIONS)[:2]
    assert tanh.startswith(
        "With 4 hidden tanh units XOR was learned most often by lbfgs (from 2 of 2 starts), and least often by "
        "gradient-descent, momentum, "
    )
    assert tanh.endswith("simulated-annealing (from 0 of 2 starts).")
    assert relu == "With 4 hidden relu units every solver learned XOR from 0 of 2 starts."


def test_runs_that_broke_are_counted_and_without_runs_the_answer_is_empty(result: Result) -> None:
    broken = answer(changed(result, lambda row: {"status": Status.CRASHED, "measures": {}, "trace": [], "path": []}))
    assert any(sentence.startswith("One neuron learned XOR in 0 of 10") for sentence in broken.verdicts)
    assert {figure.kind for figure in broken.figures} == {"lines", "bars", "field"}
    assert all(row[-1] == f"{row[2]} crashed" for row in broken.tables[0].rows)
    nothing = answer(dataclasses.replace(result, rows=[], measurements=[], references={}))
    assert (nothing.verdicts, nothing.figures, nothing.tables[0].rows) == ([], [], [])


def test_a_film_shows_the_classifier_from_its_start_to_its_end(result: Result) -> None:
    films = {figure.name: figure for figure in answer(result).figures if isinstance(figure, Frames)}
    assert set(films) == {
        f"{problem}, gradient-descent" for problem in (LINEAR, "xor(hidden=4)", "xor(hidden=4, activation=relu)")
    }
    film = films["xor(hidden=4), gradient-descent"]
    assert 5 < len(film.moments) == len(film.shades) <= MOST_MOMENTS
    assert len(base64.b64decode(film.shades[0])) == GRID**2
    assert [line.label for line in film.traces] == ["f", "gradient, layer 1", "gradient, layer 2", "dead units"]
    assert film.moments[0].startswith("iteration 0:")
    assert film.moments[-1].endswith("100% correct")
    last = shade_of(film, len(film.shades) - 1)
    for x, y, label in film.points:
        k, j = (int(np.abs(np.array(axis) - at).argmin()) for axis, at in ((film.x, x), (film.y, y)))
        assert (last[j, k] > 0.5) == (label == 1)
    assert film.traces[0].y[-1] == pytest.approx(0.01, rel=0.2), "it ends where the judge saw f = 0.01"
    verdict = next(sentence for sentence in answer(result).verdicts if f"boundary of {film.name} " in sentence)
    assert f"It ends at iteration {film.traces[0].x[-1]:.0f} with f = " in verdict


@pytest.mark.parametrize(
    ("accuracy", "sentence"),
    [
        ([0.5, 0.75, 1.0, 1.0], "classifies all four points correctly from iteration 4 on. It ends at iteration 9"),
        ([0.5, 1.0, 0.75, 0.75], "classifies all four points correctly for some iterations only."),
        ([0.5, 0.75, 0.75, 0.75], "never classifies all four points correctly."),
        ([1.0] * 4, "classifies all four points correctly from iteration 0 on."),
    ],
)
def test_the_sentence_of_a_film_says_from_when_on_all_points_are_correct(accuracy: list[float], sentence: str) -> None:
    frames = Frames("xor, newton", "", "", ("x1", "x2"), [], [], [], [], [])
    (made,) = by_film([Film(frames, [0, 1, 4, 9], [0.9, 0.5, 0.25, 0.125], accuracy)])
    assert made.startswith(f"The boundary of xor, newton {sentence}")
    assert made.endswith(f"with f = 0.125 and {accuracy[-1]:.0%} of the points correct.")


def test_with_relu_the_film_is_of_a_failure_and_else_of_a_success(result: Result) -> None:
    half = changed(result, lambda row: {"measures": {"accuracy": float(row.seed == 1)}})
    seeds = {row.problem: row.seed for row in Runs(half).films()}
    assert seeds == {LINEAR: 1, network(4): 1, network(4, "relu"): 0}


def test_defaults_are_not_given_to_the_problem() -> None:
    assert network(3) == parse("xor(hidden=3)")
    assert network(3, "relu", "he") == parse("xor(hidden=3, activation=relu, initialiser=he)")


def test_the_interval_of_a_share_contains_it_and_is_narrower_with_more_runs() -> None:
    for successes in (0, 3, 10):
        (low, high), (lower, higher) = (Proportion(k * 10, k * successes, None).interval for k in (1, 10))
        assert 0 <= low <= lower <= successes / 10 <= higher <= high <= 1


def test_a_name_that_is_a_problem_and_an_experiment_is_explained_as_both() -> None:
    text = explain("xor")
    assert text.startswith("xor (network problem)")
    assert "xor (modelling experiment)" in text
    assert "Where: experiments.questions.xor" in text
