"""Where gradient methods overtake the closed form: the sentences and maps follow from the numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.figures.records import Field
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions import crossover
from experiments.questions.crossover import SETTINGS, IterationTime, crossing, fitted, grid, regression
from tests.helpers import made_results

GRID = [(n, d) for n in (1000, 10000, 100000) for d in (10, 30, 100, 300)]


def row(solver: str, n: int, d: int, iterations: int, seconds: float, tolerance: float = 1e-3) -> CellResult:
    """A solved run whose iterations take that many seconds each."""
    problem, rule = regression(n, d, 10.0, 0), Rule(tolerance=tolerance)
    return made_results.row(problem, solver, iterations * seconds, iterations=iterations, rule=rule)


def made(iterations: int) -> Result:
    """A closed form that takes n d^2 and a gradient method that takes n d per iteration, with the same constant."""
    rows = [row("cholesky", n, d, 1, 1e-9 * n * d**2) for n, d in GRID]
    rows += [row("lbfgs", n, d, iterations, 1e-9 * n * d) for n, d in GRID]
    return made_results.result_of(rows, kind="crossover")


def test_times_are_fitted_and_put_the_border_where_it_is() -> None:
    result = made(50)
    time = fitted([row for row in result.rows if row.solver.name == "cholesky"])
    assert time is not None
    assert (time.a, time.b) == pytest.approx((1, 2))
    answered = crossover.answer(result)
    assert answered.verdicts == [
        "To 0.001, of 12 regressions the fastest solver is a closed form on 6, a Krylov method on 0, a gradient "
        "method on 6. Where it is a gradient method, it is most often lbfgs, with n from 1000 to 100000, d from 100 to "
        "300 and k up to 10.",
        "With 100000 rows, the fitted times make lbfgs faster than cholesky for more columns than these: 50 to 0.001 "
        "at k = 10 (50 iterations). The time of cholesky grows like d^2, that of one iteration of lbfgs like d^1.",
    ]
    (table,) = answered.tables
    assert table.rows[1] == ("lbfgs", pytest.approx(1.0), pytest.approx(1.0), 50.0)
    assert "n from 1000 to 100000, d = 300 and k up to 10." in crossover.answer(made(200)).verdicts[0]
    assert "200 to 0.001" in crossover.answer(made(200)).verdicts[1]


def test_the_border_is_the_number_of_columns_at_which_both_take_as_long() -> None:
    closed, gradient = IterationTime(-20.0, 1.1, 2.0), IterationTime(-18.0, 0.9, 1.0)
    d = crossing(closed, gradient, 1000, 7.0)
    assert d is not None

    def seconds(time: IterationTime) -> float:
        return float(2.718281828459045**time.constant * 1000**time.a * d**time.b)

    assert seconds(closed) == pytest.approx(7 * seconds(gradient))
    assert crossing(gradient, closed, 1000, 7.0) is None, "the closed form's time must grow faster with d"
    assert crossing(closed, gradient, 1000, 1e12) is None


def test_the_map_has_the_fastest_solver_with_n_across_and_d_upward() -> None:
    (field,) = crossover.answer(made(50)).figures
    assert isinstance(field, Field)
    assert (field.axes, field.x, field.y) == (
        ("rows n", "columns d"), ["1000", "10000", "100000"], ["10", "30", "100", "300"],
    )  # fmt: skip
    assert field.classes == ["cholesky", "lbfgs"]
    assert [list(line) for line in field.z] == [[0] * 3, [0] * 3, [1] * 3, [1] * 3], "lbfgs wins where d is large"
    lost = [made_results.failed(regression(1000, 10, 10.0, 0), "qr", Status.BUDGET, rule=Rule(tolerance=1e-3))]
    (field,) = crossover.answer(made_results.result_of([*lost, row("qr", 100, 10, 1, 1.0)])).figures
    assert isinstance(field, Field)
    assert field.z == [[0.0, None]]


def test_a_tolerance_that_no_solver_reaches_is_said_to_be() -> None:
    lost = made_results.failed(regression(1000, 10, 10.0, 0), "qr", rule=Rule(tolerance=1e-9))
    answered = crossover.answer(made_results.result_of([lost, *made(50).rows]))
    assert answered.verdicts[0] == "No solver reached 1e-09 on any regression."
    only_closed = [row for row in made(50).rows if row.solver.name == "cholesky"]
    answered = crossover.answer(made_results.result_of(only_closed))
    assert answered.verdicts == [
        "To 0.001, of 12 regressions the fastest solver is a closed form on 12, a Krylov method on 0, a gradient "
        "method on 0."
    ]


def test_few_runs_or_one_shape_give_no_fit() -> None:
    assert fitted([row("qr", n, 10, 1, 1e-6 * n) for n in (100, 1000, 10000, 100000)] * 2) is None
    assert fitted([row("qr", 100, 10, 1, 1.0)]) is None


def test_the_grid_has_more_rows_than_columns_and_no_regression_that_is_too_large() -> None:
    full = list(grid(Options(settings=SETTINGS)))
    assert len(full) == len(set(full)) == 2 * 16
    assert all(d < n and n * d <= SETTINGS["most"] for n, d, _ in full)
    assert {n for n, _, _ in grid(Options(quick=True, settings=SETTINGS))} == {100, 1000, 10000}
    chosen = {**SETTINGS, "rows": [20, 40]}
    assert {n for n, _, _ in grid(Options(quick=True, settings=chosen))} == {20, 40}, "what the user sets stays"


def test_the_grid_runs_and_every_place_is_on_the_map(engine: Local, tmp_path: Path) -> None:
    small = {"rows": [50, 200], "columns": [3, 100], "conditions": [10.0], "tolerances": [1e-3]}
    with Store(tmp_path) as store:
        result = run_experiment(crossover.EXPERIMENT, Options(quick=True, repeats=1, settings=small), store, engine)
    (figure,) = crossover.answer(result).figures
    assert isinstance(figure, Field)
    assert (figure.x, figure.y) == (["50", "200"], ["3", "100"])
    assert [[z is None for z in line] for line in figure.z] == [[False, False], [True, False]]
