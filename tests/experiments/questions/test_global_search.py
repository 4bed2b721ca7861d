"""What a search with restarts costs, and what `global` says about it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.figures.records import Contour, Field
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions import global_search
from experiments.questions.global_search import BY_VALUES, EXPERIMENT, GRADIENT, SOLVERS, answer, runs_of
from experiments.questions.global_search.pictures import expected_map, has_paths, label, share_map
from experiments.questions.global_search.restarts import Runs, ratio, success_curves
from experiments.questions.global_search.verdicts import Comparison, LandscapeRuns, compare, good_starts, summary

SMALL = {"seeds": 2, "starts": 8, "evaluations": 200, "patience": 100, "dims": [3]}
BOOTH = spec("landscape", function="booth", spread=2)
RASTRIGIN = spec("landscape", function="rastrigin", spread=3)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(1, 1000), st.booleans()), min_size=1, max_size=30))
def test_simulated_restarts_cost_what_is_expected_of_them(drawn: list[tuple[float, bool]]) -> None:
    evaluations, successful = zip(*drawn, (100.0, True), strict=True)
    runs = Runs(evaluations, successful)
    expected = runs.expected
    assert expected is not None
    searches = np.concatenate([runs.simulated(np.random.default_rng(seed)) for seed in range(20)])
    assert searches.mean() == pytest.approx(expected, rel=0.12)
    (line,) = success_curves({"one": runs})
    heights = [y for y in line.y if y is not None]
    assert heights == sorted(heights)
    assert heights[-1] == 1.0


def test_a_failed_run_is_paid_for_and_has_no_part_in_the_median() -> None:
    runs = Runs((10.0, 50.0), (True, False)) + Runs((30.0,), (True,))
    assert (runs.successes, runs.share, runs.expected, runs.median) == (2, pytest.approx(2 / 3), 45.0, 20.0)
    never = Runs((10.0,), (False,))
    assert (never.share, never.expected, never.median) == (0.0, None, None)
    assert success_curves({"never": never}) == []


def test_the_method_that_needs_fewer_evaluations_rises_further_left() -> None:
    quick, slow = success_curves({"quick": Runs((10.0,), (True,)), "slow": Runs((500.0,), (True,))})
    for line, evaluations in ((quick, 10.0), (slow, 500.0)):
        assert next(x for x, y in zip(line.x, line.y, strict=True) if y == 1.0) == pytest.approx(evaluations)
    assert slow.y[0] == 0.0


def test_the_ratio_of_two_lies_in_its_interval_and_is_one_of_a_method_to_itself() -> None:
    quick, slow = Runs((10.0, 12.0, 14.0) * 5, (True,) * 15), Runs((100.0, 300.0, 200.0) * 5, (True, False, True) * 5)
    middle, low, high = ratio(slow, quick)
    assert low < middle < high
    assert middle == pytest.approx(25)
    assert ratio(quick, quick)[1] <= 1 <= ratio(quick, quick)[2]


GOOD, DEAR, NEVER = Runs((10.0,) * 9, (True,) * 9), Runs((900.0,) * 9, (True,) * 9), Runs((900.0,) * 9, (False,) * 9)
START = "On here lbfgs with restarts needs {} evaluations per success (100% of its starts succeed). "


@pytest.mark.parametrize(
    ("lbfgs", "genetic", "times", "sentence"),
    [
        (GOOD, DEAR, 90, START.format(10) + "The best search by values, genetic, needs 900, 90x as many (95% interval "
         "90x to 90x). Against lbfgs with gradients by differences, d + 1 values each, it needs 30x as many, so the "
         "gradient still helps."),
        (GOOD, Runs((20.0,) * 9, (True,) * 9), 2, START.format(10) + "The best search by values, genetic, needs 20, 2x "
         "as many (95% interval 2x to 2x). Against lbfgs with gradients by differences, d + 1 values each, it needs "
         "0.67x as many, so such a gradient does not help."),
        (DEAR, GOOD, 1 / 90, START.format(900) + "The best search by values, genetic, needs 10, and the gradient "
         "method 90x as many (95% interval 90x to 90x)."),
        (GOOD, GOOD, np.nan, START.format(10) + "The best search by values, genetic, needs 10. These runs do not show "
         "which of the two is better."),
        (GOOD, NEVER, np.inf, START.format(10) + "No search by values succeeded in 8.1e+03 evaluations in all."),
        (NEVER, GOOD, 0, "On here none of 9 starts of lbfgs succeeds. genetic needs 10 evaluations per success."),
        (NEVER, NEVER, np.nan, "On here no method succeeds: none of 9 starts of lbfgs succeeds."),
        (None, GOOD, 0, "On here no gradient method runs (it has none). genetic needs 10 evaluations per success."),
        (None, None, np.nan, "On here no method succeeds: no gradient method runs (it has none)."),
    ],
)  # fmt: skip
def test_the_sentence_follows_from_the_runs(
    lbfgs: Runs | None, genetic: Runs | None, times: float, sentence: str
) -> None:
    runs = {name: given for name, given in (("lbfgs", lbfgs), ("genetic", genetic)) if given}
    refusals = {} if lbfgs else {"lbfgs": "it has none"}
    compared = compare(LandscapeRuns("here", 2, runs), refusals, GRADIENT, BY_VALUES)
    assert compared.sentence == sentence
    assert compared.ratio == pytest.approx(times, nan_ok=True)


def test_the_best_of_each_kind_is_compared() -> None:
    runs = {"lbfgs": DEAR, "newton": GOOD, "genetic": NEVER, "simulated-annealing": DEAR, "metropolis-hastings": GOOD}
    compared = compare(LandscapeRuns("here", 2, runs), {}, GRADIENT, BY_VALUES)
    assert compared.sentence.startswith("On here newton with restarts needs 10 ")
    assert "The best search by values, metropolis-hastings, needs 10." in compared.sentence


def test_the_summary_counts_where_a_gradient_helps_and_where_not() -> None:
    ratios = {"a": 90.0, "b": np.inf, "c": 2.0, "d": 0.1, "e": 0.0, "f": np.nan}
    compared = [Comparison(name, times, "") for name, times in ratios.items()]
    assert summary(compared) == (
        "A gradient helps on 3 of 6 landscapes: a, b, c. There the best search by values needs 2x to 90x the "
        "evaluations, where it succeeds. It does not help on d, e. The runs do not decide on f."
    )
    assert summary(compared[4:5]) == "A gradient helps on 0 of 1 landscapes. It does not help on e."
    assert summary([]) is None


def test_the_share_of_good_starts_stands_beside_its_power() -> None:
    assert good_starts("rastrigin", [(2, 0.1), (4, 0.02)]) == (
        "On rastrigin the share of starts from which lbfgs reaches the lowest minimum is 0.1 in 2 coefficients, 0.02 "
        "in 4 (p^d predicts 0.01)."
    )
    assert good_starts("rastrigin", [(2, 0.0), (4, 0.0)]) is None
    assert good_starts("rastrigin", [(2, 0.1)]) is None


def test_maps_have_solvers_across_and_landscapes_upward() -> None:
    runs = {BOOTH: {"lbfgs": GOOD, "genetic": NEVER}, RASTRIGIN: {"genetic": DEAR}}
    expected, share = expected_map(runs, ("lbfgs", "genetic")), share_map(runs, ("lbfgs", "genetic"))
    for field in (expected, share):
        assert (field.axes, field.x, field.y) == (("solver", "landscape"), ("lbfgs", "genetic"), ["booth", "rastrigin"])
    assert expected.z == [[10.0, None], [None, 900.0]]
    assert share.z == [[1.0, 0.0], [None, 1.0]]


def test_landscapes_are_named_with_their_coefficients_if_they_have_more_than_two() -> None:
    assert [label(problem) for problem in (BOOTH, RASTRIGIN, RASTRIGIN.where(d=5))] == [
        "booth", "rastrigin", "rastrigin (d = 5)",
    ]  # fmt: skip
    assert [has_paths(problem) for problem in (BOOTH, RASTRIGIN, RASTRIGIN.where(d=5))] == [False, True, False]


def test_every_method_on_every_landscape_is_a_row_that_says_how_it_ended(engine: Local, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        result = run_experiment(EXPERIMENT, Options(quick=True, settings=SMALL), store, engine)
    answered = answer(result)
    (table,) = answered.tables
    rows = {(row[0], row[1]): row for row in table.rows}
    names = {str(landscape) for landscape, _ in rows}
    assert {"ackley", "ackley (d = 3)", "rastrigin (d = 3)", "beale"} < names
    assert len(rows) == len(names) * len(SOLVERS)
    assert "no derivative at its minimum" in str(rows["ackley", "lbfgs"][6])
    assert rows["booth", "newton"][2:4] == (8, 8)
    assert rows["himmelblau", "genetic"][2] == 2
    assert "On rosenbrock lbfgs with restarts needs" in " ".join(answered.verdicts)
    assert {figure.kind for figure in answered.figures} == {"field", "lines", "contour"}
    assert {figure.name for figure in answered.figures if isinstance(figure, Field)} == {"expected", "share"}
    (contour,) = [figure for figure in answered.figures if isinstance(figure, Contour)]
    assert len([path for path in contour.paths if path.label.startswith("lbfgs:")]) == global_search.PATHS
    assert [contour.paths[k].label.partition(":")[0] for k in contour.shown] == [
        "lbfgs",
        "genetic",
        "simulated-annealing",
    ]
    assert min(min(line) for line in contour.gap) == pytest.approx(contour.gap[40][40], abs=1e-12)

    same = next(row for row in result.rows if row.solver.name == "lbfgs" and row.problem == BOOTH)
    again = runs_of(BOOTH, spec("lbfgs"), first=0, count=1, most=200)
    assert again["evaluations"] == [same.typical.passes]

    bad = [dataclasses.replace(one, measured=MeasuredValues(reason="killed")) for one in result.measurements]
    none = answer(dataclasses.replace(result, measurements=bad, rows=[]))
    assert all(row[6] == "killed" for row in none.tables[0].rows)
    assert none.figures == []
    assert answer(dataclasses.replace(result, measurements=[], rows=[])).verdicts == []


def test_quick_runs_are_fewer_unless_the_user_sets_them() -> None:
    def starts(quick: bool, **chosen: int) -> set[int]:
        planned = global_search.measurements(Options(quick, settings=global_search.SETTINGS | chosen))
        given = [dict(measurement.given) for measurement in planned]
        return {one["count"] for one in given if one["solver"] == spec("lbfgs")}

    assert (starts(False), starts(True), starts(True, starts=7)) == ({300}, {40}, {7})
