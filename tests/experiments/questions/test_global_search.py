"""What a search that is begun again costs, and what `global` says of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.global_search import BY_GRADIENTS, BY_VALUES, EXPERIMENT, SOLVERS, answer, runs
from experiments.questions.global_search.restarts import Runs, arrivals, ratio
from experiments.questions.global_search.verdicts import Place, compare, summed, thinning

SETTINGS = {"seeds": 2, "starts": 8, "evaluations": 200, "patience": 100, "dims": [3]}


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(1, 1000), st.booleans()), min_size=1, max_size=30), st.booleans())
def test_simulated_restarts_cost_what_is_expected_of_them(seen: list[tuple[float, bool]], last: bool) -> None:
    spent, arrived = zip(*seen, (100.0, True), strict=True)
    own = Runs(spent, arrived)
    expected = own.expected
    assert expected is not None
    searches = np.concatenate([own.searches(np.random.default_rng(seed)) for seed in range(20)])
    assert searches.mean() == pytest.approx(expected, rel=0.12)
    (line,) = arrivals({"one": own})
    heights = [y for y in line.y if y is not None]
    assert heights == sorted(heights)
    assert heights[-1] == 1.0


def test_the_ratio_of_two_lies_in_its_interval_and_is_one_of_a_method_to_itself() -> None:
    quick, slow = Runs((10.0, 12.0, 14.0) * 5, (True,) * 15), Runs((100.0, 300.0, 200.0) * 5, (True, False, True) * 5)
    middle, low, high = ratio(slow, quick)
    assert low < middle < high
    assert middle == pytest.approx(25)
    assert ratio(quick, quick)[1] <= 1 <= ratio(quick, quick)[2]


GOOD, DEAR, NEVER = Runs((10.0,) * 9, (True,) * 9), Runs((900.0,) * 9, (True,) * 9), Runs((900.0,) * 9, (False,) * 9)


@pytest.mark.parametrize(
    ("lbfgs", "genetic", "told"),
    [
        (GOOD, DEAR, "900: 90x as many (95% interval 90x to 90x); beside lbfgs with gradients by differences"),
        (DEAR, GOOD, "10: 90x fewer"),
        (GOOD, GOOD, "cannot be told apart"),
        (GOOD, NEVER, "no search by values arrives, in 8.1e+03 evaluations"),
        (NEVER, GOOD, "none of 9 starts of lbfgs arrives, and genetic needs 10 evaluations"),
        (NEVER, NEVER, "nothing arrives: none of 9 starts of lbfgs"),
        (None, GOOD, "no gradient can be asked (it has none), and genetic needs 10"),
        (None, None, "nothing arrives"),
    ],
)
def test_the_sentence_follows_from_the_runs(lbfgs: Runs | None, genetic: Runs | None, told: str) -> None:
    own = {name: each for name, each in (("lbfgs", lbfgs), ("genetic", genetic)) if each}
    found = compare(Place("here", 2, own), {} if lbfgs else {"lbfgs": "it has none"}, BY_GRADIENTS, BY_VALUES)
    assert told in found.sentence
    assert ("It does not on here" in (summed([found]) or "")) == (genetic is GOOD and lbfgs is not GOOD)


def test_the_share_of_good_starts_stands_beside_its_power() -> None:
    assert "0.01 in 4 (were it p^d: 0.01)" in (thinning([(2, 0.1), (4, 0.01)]) or "")
    assert thinning([(2, 0.0), (4, 0.0)]) is None


def test_every_method_on_every_landscape_is_a_row_that_says_what_came_of_it(engine: Local, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        result = conduct(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)
    told = answer(result)
    (table,) = told.tables
    rows = {(row[0], row[1]): row for row in table.rows}
    names = {str(place) for place, _ in rows}
    assert {"ackley", "ackley in 3", "rastrigin in 3", "beale"} < names
    assert len(rows) == len(names) * len(SOLVERS)
    assert "no derivative at its minimum" in str(rows["ackley", "lbfgs"][6])
    assert rows["booth", "newton"][2:4] == (8, 8)
    assert rows["himmelblau", "genetic"][2] == 2
    assert "On rosenbrock lbfgs, begun again" in " ".join(told.verdicts)
    assert {figure.kind for figure in told.figures} == {"field", "lines", "contour"}
    same = next(row for row in result.rows if row.solver == "lbfgs" and "booth" in row.problem)
    again = runs(same.problem, "lbfgs", 0, 1, 200)
    assert again["spent"] == [same.typical.passes]

    bad = [dataclasses.replace(read, reading=Reading(reason="killed")) for read in result.reads]
    none = answer(dataclasses.replace(result, reads=bad, rows=[]))
    assert all(row[6] == "killed" for row in none.tables[0].rows)
    assert none.figures == []
    assert answer(dataclasses.replace(result, reads=[], rows=[])).verdicts == []
