"""XOR asked: what no line can do is not done, a hidden layer does it, and the sentences follow from the runs."""

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
from experiments.lab.analysis.proportion import wilson
from experiments.lab.analysis.results import Result, Row
from experiments.lab.experiment import Options
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.xor import EXPERIMENT, answer, labellings
from experiments.questions.xor.boundaries import GRID, MOMENTS
from experiments.questions.xor.models import LINEAR, Runs, learned

SETTINGS = {"seeds": 2, "widths": [1, 4], "hidden": 4, "iterations": 400}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)


def changed(result: Result, change: Callable[[Row], dict[str, object]]) -> Result:
    """The result with some fields of each row's outcome others."""
    rows = [
        dataclasses.replace(row, outcomes=[dataclasses.replace(row.typical, **change(row))])  # type: ignore[arg-type]
        for row in result.rows
    ]
    return dataclasses.replace(result, rows=rows)


def test_a_line_separates_fourteen_labellings_of_sixteen() -> None:
    assert labellings() == {"separable": 14, "xor": False, "most": 3}


def test_theory_holds_of_every_model(result: Result) -> None:
    runs = Runs(result)
    for problem in LINEAR:
        rows = runs.on(problem)
        assert not any(map(learned, rows))
        assert (lowest := runs.lowest(rows)) is not None
        assert lowest == pytest.approx(math.log(2), abs=1e-5)
    for solver in ("gradient-descent", "lbfgs"):
        one = runs.of("xor(hidden=1)", solver)
        assert one is not None
        assert (one.good, one.runs) == (0, 2)
    assert all(learned(row) for row in runs.rows["xor(model=features)", "newton"])
    assert any(learned(row) for row in runs.on("xor(hidden=4)"))
    cold = [row for row in result.rows if "initialiser=zeros" in row.problem]
    assert cold
    assert not any(map(learned, cold))


def test_its_sentences_follow_from_the_runs(result: Result) -> None:
    told = answer(result).verdicts
    assert any("separates 14, and XOR is not among them" in sentence for sentence in told)
    assert any(sentence.startswith("One neuron learned XOR in 0 of 10 runs") for sentence in told)
    assert any(sentence.startswith("From zeros gradient-descent never learned it") for sentence in told)
    right = answer(changed(result, lambda row: {"measures": {"accuracy": 1.0}})).verdicts
    assert any(sentence.startswith("One neuron learned XOR in 10 of 10 runs") for sentence in right)
    assert any("1 is the least width that never failed" in sentence for sentence in right)
    assert any("every solver learned it" in sentence for sentence in right)
    assert not any("never learned" in sentence for sentence in right)
    assert len(answer(result).tables[0].rows) == len(Runs(result).rows)


def test_whatever_broke_is_counted_and_nothing_at_all_is_an_answer_too(result: Result) -> None:
    broken = answer(changed(result, lambda row: {"status": "crashed", "measures": {}, "trace": [], "path": []}))
    assert any(sentence.startswith("One neuron learned XOR in 0 of 10") for sentence in broken.verdicts)
    assert {figure.kind for figure in broken.figures} == {"lines", "bars", "field"}
    nothing = answer(dataclasses.replace(result, rows=[], reads=[], references={}))
    assert (nothing.verdicts, nothing.figures, nothing.tables[0].rows) == ([], [], [])


def test_a_film_shows_the_classifier_s_way_from_its_start_to_its_end(result: Result) -> None:
    films = {figure.name: figure for figure in answer(result).figures if isinstance(figure, Frames)}
    assert set(films) == {
        f"{problem}, gradient-descent" for problem in (LINEAR[0], "xor(hidden=4)", "xor(hidden=4, activation=relu)")
    }
    film = films["xor(hidden=4), gradient-descent"]
    assert 5 < len(film.moments) == len(film.shades) <= MOMENTS
    assert len(base64.b64decode(film.shades[0])) == GRID**2
    assert [line.label for line in film.traces] == ["f", "gradient, layer 1", "gradient, layer 2", "dead units"]
    assert film.moments[0].startswith("iterate 0:")
    assert film.moments[-1].endswith("100% right")
    last = shade_of(film, len(film.shades) - 1)
    for x, y, label in film.points:
        k, j = (int(np.abs(np.array(axis) - at).argmin()) for axis, at in ((film.x, x), (film.y, y)))
        assert (last[j, k] > 0.5) == (label == 1)
    assert film.traces[0].y[-1] == pytest.approx(0.01, rel=0.2), "it ends where the judge saw f = 0.01"


def test_a_name_that_is_a_problem_and_an_experiment_is_explained_as_both() -> None:
    told = explain("xor")
    assert told.startswith("xor (network problem)")
    assert "xor (modelling experiment)" in told
    assert "Where: experiments.questions.xor" in told


def test_the_interval_of_a_share_holds_it_and_narrows() -> None:
    for good in (0, 3, 10):
        (low, high), (lower, higher) = wilson(good, 10), wilson(10 * good, 100)
        assert 0 <= low <= lower <= good / 10 <= higher <= high <= 1
