"""Where gradients overtake the closed form, and what condition does: the sentences follow from the numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.lab.analysis.results import Result, Row
from experiments.lab.experiment import Options
from experiments.lab.run.cell import Outcome
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions import conditioning, crossover
from experiments.questions.crossover import Cost, fitted, named

GRID = [(n, d) for n in (1000, 10000, 100000) for d in (10, 30, 100, 300)]


def row(solver: str, n: int, d: int, iterations: int, each: float) -> Row:
    done = Outcome("solved", iterations=iterations, seconds=iterations * each, gap=0.0)
    return Row(named(n, d, 10, 0), solver, 0, Rule(tolerance=1e-3), [done])


def invented(iterations: int) -> Result:
    """A closed form that takes n d^2 and a method by gradients that takes n d an iterate, of one constant."""
    rows = [row("cholesky", n, d, 1, 1e-9 * n * d**2) for n, d in GRID]
    rows += [row("lbfgs", n, d, iterations, 1e-9 * n * d) for n, d in GRID]
    return Result("crossover", "crossover", "", rows, {}, {}, "")


def test_costs_are_fitted_and_put_the_border_where_it_is() -> None:
    result = invented(50)
    cost = fitted([each for each in result.rows if each.solver == "cholesky"])
    assert cost is not None
    assert (cost.a, cost.b) == pytest.approx((1, 2))
    assert isinstance(cost, Cost)
    told = crossover.answer(result)
    assert (
        "of 12 regressions the first is a closed form on 6, a Krylov method on 0, a method by gradients on 6"
        in told.verdicts[0]
    )
    assert "d from 100 to 300" in told.verdicts[0]
    assert "lbfgs overtakes cholesky from so many columns on: 50 to 0.001 at k = 10 (50 iterates)" in told.verdicts[1]
    assert "d from 300 to 300" in crossover.answer(invented(200)).verdicts[0]


def test_the_grid_is_raced_and_every_place_is_on_the_map(engine: Local, tmp_path: Path) -> None:
    small = {"rows": [50, 200], "columns": [3, 100], "conditions": [10.0], "tolerances": [1e-3]}
    with Store(tmp_path) as store:
        result = conduct(crossover.EXPERIMENT, Options(quick=True, repeats=1, settings=small), store, engine)
    (figure,) = crossover.answer(result).figures
    assert (figure.x, figure.y) == (["50", "200"], ["3", "100"])  # type: ignore[union-attr]
    assert [[z is None for z in line] for line in figure.z] == [[False, False], [True, False]]  # type: ignore[union-attr]


def test_iterates_and_digits_go_with_the_condition_as_theory_says(engine: Local, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        chosen = Options(quick=True, settings={"n": 120, "d": 60, "seeds": 2})
        result = conduct(conditioning.EXPERIMENT, chosen, store, engine)
    powers = {solver: power for solver, power, _ in conditioning.answer(result).tables[0].rows}
    assert powers["gradient-descent"] == pytest.approx(1, abs=0.15)
    assert powers["qr"] == 0
    assert (conditioning.loss(result, "normal-equations") or 0) / (
        conditioning.loss(result, "qr") or 1
    ) == pytest.approx(2, abs=0.3)
