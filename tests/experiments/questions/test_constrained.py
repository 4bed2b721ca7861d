"""ADMM against primal-dual: what a wrong parameter costs is counted, and the sentences follow the numbers."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from experiments.figures.records import Bars, Lines
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult, measurement_of
from experiments.lab.run.outcome import Status
from experiments.lab.run.trace import Sample
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import Spec, parse, spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.lab.workers.worker import problem_of
from experiments.questions import constrained
from experiments.questions.constrained import parameters
from experiments.questions.constrained.parameters import SPLITTING, iterations_with
from problems.forms import Saddle
from solvers.composite.splitting import PrimalDual, default_rho
from tests.helpers import made_results

pytestmark = pytest.mark.xdist_group("constrained")  # its tests share a run

ADMM, PRIMAL_DUAL = SPLITTING
LASSO = spec("lasso", n=40, d=10)
SMALL: dict[str, Any] = {
    "problems": [
        "lasso(n=40, d=10)",
        "basis-pursuit(n=20, d=40, nonzeros=3)",
        "total-variation(n=40, pieces=3, weight=0.01)",
        "nonnegative-least-squares(n=40, d=6)",
    ],
    "decades": 2,
    "steps": 1,
    "most": 3000,
}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("constrained")) as store:
        options = Options(quick=True, repeats=1, settings=SMALL)
        return run_experiment(constrained.EXPERIMENT, options, store, engine)


def test_every_solver_succeeds_and_is_in_the_table(result: Result) -> None:
    assert all(row.solved for row in result.rows), [(row.problem, row.solver, row.status) for row in result.rows]
    assert all(measured.good for measured in result.measurements)
    answer = constrained.answer(result)
    table = [(problem, solver) for problem, solver, *_ in answer.tables[0].rows]
    assert sorted(table) == sorted((str(row.problem), str(row.solver)) for row in result.rows)
    for problem in SMALL["problems"]:
        assert any(verdict.startswith(f"On {problem} ") for verdict in answer.verdicts)
    kinds = [figure.kind for figure in answer.figures]
    assert [kinds.count(kind) for kind in ("convergence", "lines", "bars")] == [4, 3, 1]


def test_the_default_is_better_than_a_hundredth_and_than_a_hundred_times_it(result: Result) -> None:
    for solver in SPLITTING:
        by_problem = parameters.counts_of(result.measured("iterations_with"), solver)
        assert [str(problem) for problem in by_problem] == SMALL["problems"]
        for problem, counts in by_problem.items():
            assert list(counts) == [0.01, 0.1, 1.0, 10.0, 100.0]
            assert counts[1.0] is not None
            assert (parameters.cost_of(counts, 100.0) or 0) > 1, (solver, problem, counts)


def saddle() -> Saddle:
    problem = problem_of(LASSO)
    assert isinstance(problem, Saddle)
    return problem


def measured(solver: Spec, factor: float) -> dict[str, Any]:
    return iterations_with(LASSO, solver, factor, tolerance=1e-6, most=3000, seed=0)


def test_the_parameters_are_multiples_of_the_solvers_own_defaults() -> None:
    rho = default_rho(saddle(), saddle().operator().shape[0])
    assert rho == pytest.approx(1 / 80)
    for factor in (0.1, 1.0, 10.0):
        assert measured(ADMM, factor)["parameter"] == pytest.approx(factor * rho)
    sigma, tau = PrimalDual().steps(saddle(), saddle().operator(), np.random.default_rng(0))
    for factor in (0.01, 1.0, 100.0):
        assert measured(PRIMAL_DUAL, factor)["parameter"] == pytest.approx(factor * tau / sigma, rel=0.01)


def test_the_product_of_the_steps_stays_at_the_inverse_of_the_squared_norm() -> None:
    squared_norm = np.linalg.norm(saddle().operator(), 2) ** 2
    for factor in (0.01, 1.0, 100.0):
        solver, _ = parameters._solver_with(PRIMAL_DUAL, factor, saddle(), np.random.default_rng(0))
        assert isinstance(solver, PrimalDual)
        assert solver.sigma is not None
        assert solver.tau is not None
        assert solver.sigma * solver.tau * squared_norm == pytest.approx(1, rel=0.02)
        assert solver.sigma * solver.tau * squared_norm <= 1


def test_iterations_are_counted_up_to_the_first_within_the_tolerance() -> None:
    measured_run = measured(ADMM, 1.0)
    assert 0 <= abs(measured_run["gap"]) <= 1e-6
    one_fewer = iterations_with(LASSO, ADMM, 1.0, tolerance=1e-6, most=measured_run["iterations"] - 1, seed=0)
    assert one_fewer["iterations"] is None
    assert one_fewer["gap"] > 1e-6
    with pytest.raises(ValueError, match=r"landscape is not a sum F\(K theta\) \+ G\(theta\)"):
        iterations_with(spec("landscape"), ADMM, 1.0, 1e-6, 10, 0)


def results_of(counts: dict[float, int | None], problem: str = "lasso", solver: Spec = ADMM) -> list[MeasurementResult]:
    given: dict[str, Any] = {"problem": spec(problem), "solver": solver, "tolerance": 1e-6, "most": 500, "seed": 0}
    return [
        MeasurementResult(
            measurement_of(iterations_with, factor=factor, **given),
            MeasuredValues({"iterations": count, "parameter": 3 * factor}),
        )
        for factor, count in counts.items()
    ]


COUNTS: dict[float, int | None] = {0.01: None, 0.1: 40, 1.0: 20, 10.0: 10, 100.0: 30}


def test_what_a_wrong_parameter_costs_follows_from_the_counts() -> None:
    assert parameters.sensitivity_sentence(ADMM, results_of(COUNTS)) == (
        "With rho wrong by a factor of 10, in the worse direction, admm takes 2x the iterations of the default. With "
        "rho wrong by a factor of 100, in the worse direction, admm does not reach the tolerance within 500 iterations "
        "on lasso. The default is worst on lasso: there it takes 2x the iterations of the best value of the grid, 10 "
        "times the default."
    )
    both = [*results_of(COUNTS), *results_of({0.1: 100, 1.0: 20, 10.0: 25, 100.0: 60}, "ridge")]
    assert parameters.sensitivity_sentence(ADMM, both) == (
        "With rho wrong by a factor of 10, in the worse direction, admm takes 2x to 5x the iterations of the default. "
        "With rho wrong by a factor of 100, in the worse direction, admm takes 3x the iterations of the default, and "
        "it does not reach the tolerance within 500 iterations on lasso. The default is worst on lasso: there it takes "
        "2x the iterations of the best value of the grid, 10 times the default."
    )
    best = parameters.sensitivity_sentence(ADMM, results_of({0.1: 30, 1.0: 20, 10.0: 20}))
    assert best is not None
    assert best.endswith("On no problem does another value of the grid need fewer iterations than the default.")
    assert parameters.sensitivity_sentence(ADMM, results_of(COUNTS | {1.0: None})) is None
    assert parameters.sensitivity_sentence(PRIMAL_DUAL, results_of(COUNTS)) is None
    assert parameters.cost_of({1.0: 20, 10.0: None}, 10.0) == math.inf
    assert parameters.cost_of({1.0: 20, 10.0: 5, 0.1: 40}, 10.0) == 2, "the worse of the two directions"


def test_the_table_and_the_figure_hold_the_counts() -> None:
    results = [*results_of(COUNTS), *results_of({1.0: 7}, "ridge", PRIMAL_DUAL)]
    assert parameters.sensitivity_table(results).rows == [
        ("lasso", "admm", "rho", 3.0, 20, 2.0, ">"),
        ("ridge", "primal-dual", "tau/sigma", 3.0, 7, None, None),
    ]
    figure = parameters.sensitivity(ADMM, results)
    assert isinstance(figure, Lines)
    (line,) = figure.lines
    assert (line.label, line.x, line.y) == ("lasso", [0.01, 0.1, 1.0, 10.0, 100.0], [None, 40.0, 20.0, 10.0, 30.0])
    assert figure.axes == ("rho, in units of the default", "iterations to the tolerance")
    assert figure.upright == [(1.0, "default")]
    assert parameters.sensitivity(PRIMAL_DUAL, results_of(COUNTS)) is None


def runs_of(*runs: tuple[str, str, int, float]) -> Result:
    """Solved runs: problem, solver, iterations, seconds."""
    rows = [made_results.row(problem, solver, seconds, iterations=k) for problem, solver, k, seconds in runs]
    return made_results.result_of(rows, kind="constrained")


RUNS = (
    *(("lasso", "admm", 30, 0.4), ("lasso", "primal-dual", 90, 0.1), ("lasso", "fista", 50, 0.05)),
    *(("ridge", "admm", 10, 0.2), ("ridge", "primal-dual", 20, 0.3), ("ridge", "qr", 1, 0.8)),
)


def test_both_are_compared_by_iterations_and_by_time() -> None:
    assert constrained.admm_against_primal_dual(runs_of(*RUNS)) == (
        "With default parameters, admm needs fewer iterations than primal-dual on 2 of 2 problems, and less time on 1. "
        "admm against primal-dual, in iterations and time: 30 against 90 and 400 ms against 100 ms on lasso; 10 "
        "against 20 and 200 ms against 300 ms on ridge."
    )
    assert "fewer iterations than primal-dual on 1 of 2 problems, and less time on 1." in (
        constrained.admm_against_primal_dual(runs_of(("lasso", "admm", 99, 0.4), *RUNS[1:])) or ""
    )
    assert constrained.admm_against_primal_dual(runs_of(RUNS[0], RUNS[4])) is None, "never both on one problem"


def test_the_faster_of_both_is_compared_with_the_fastest_other_solver() -> None:
    assert constrained.against_the_others(runs_of(*RUNS)) == (
        "The faster of admm and primal-dual takes 2x the time of fista on lasso (primal-dual); 0.25x the time of qr on "
        "ridge (admm)."
    )
    assert constrained.against_the_others(runs_of(*RUNS[:2])) is None


def test_bars_are_the_seconds_of_both_and_of_the_fastest_other_solver() -> None:
    figure = constrained.seconds_figure(runs_of(*RUNS, ("lasso", "ista", 3, 9.0), ("hinge", "qr", 1, 0.7)))
    assert isinstance(figure, Bars)
    assert figure.names == ["lasso", "ridge", "hinge"]
    assert dict(figure.groups) == {
        "admm": [0.4, 0.2, None], "primal-dual": [0.1, 0.3, None], constrained.REST: [0.05, 0.8, 0.7],
    }  # fmt: skip
    assert constrained.seconds_figure(made_results.result_of([])) is None


def test_gap_and_violation_are_drawn_where_a_constraint_is_violated() -> None:
    trace = [Sample(0, 0.0, 0.0, 5.0, 9.0), Sample(1, 0.1, 2.0, -0.5, 0.25), Sample(2, 0.2, 4.0, 0.0, 1e-9)]
    rows = [made_results.row("p", "admm", trace=trace), made_results.row("p", "scipy-linprog", trace=trace)]
    figure = constrained.violation_figure(spec("p"), rows)
    assert figure is not None
    assert [(line.label, line.x, line.y) for line in figure.lines] == [
        ("admm, gap", [1.0, 2.0], [0.5, None]), ("admm, violation", [1.0, 2.0], [0.25, 1e-9]),
    ]  # fmt: skip
    assert figure.level == [(1e-6, "tolerance")]
    free = [made_results.row("p", "admm", trace=made_results.trace(1.0, 0.1))]
    assert constrained.violation_figure(spec("p"), free) is None


def test_nothing_is_said_of_cells_that_are_missing_or_failed(result: Result) -> None:
    some = [row for row in result.rows if row.solver != ADMM]
    answered = constrained.answer(dataclasses.replace(result, rows=some, measurements=()))
    assert not any("admm needs" in verdict or "(admm)" in verdict for verdict in answered.verdicts)
    crashed = [
        dataclasses.replace(
            row, outcomes=[dataclasses.replace(row.outcomes[0], status=Status.CRASHED, reason="it ended")]
        )
        for row in result.rows
    ]
    answered = constrained.answer(dataclasses.replace(result, rows=crashed, measurements=()))
    assert len(answered.verdicts) == len(SMALL["problems"])
    assert all("no solver reached" in verdict for verdict in answered.verdicts)
    assert len(answered.tables[0].rows) == len(crashed)


def test_problems_are_the_four_or_those_of_the_user() -> None:
    def chosen(**settings: Any) -> list[str]:
        options = Options(quick=True, seed=2, settings=constrained.SETTINGS | settings)
        return [str(problem) for problem in constrained.problems(options)]

    assert chosen() == [f"{name}(seed=2)" for name in constrained.FOUR]
    assert chosen(problems=["lasso(n=9)", parse("hinge")]) == ["lasso(n=9, seed=2)", "hinge(seed=2)"]
    assert chosen(data="rents.csv", target="rent") == [
        "lasso(data=rents.csv, target=rent)", "nonnegative-least-squares(data=rents.csv, target=rent)",
    ]  # fmt: skip
    quick = constrained.measurements(Options(quick=True, settings=constrained.SETTINGS))
    assert {dict(measurement.given)["most"] for measurement in quick} == {8000}
    assert len(quick) == 4 * 2 * 7
