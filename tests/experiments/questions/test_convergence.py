"""`convergence`: a figure for each problem, every run in it, and the figures that a file asks for."""

from __future__ import annotations

import math

import pytest

import solvers
from experiments.figures.records import Convergence
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Status
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.spec.supplied import supplied
from experiments.questions.convergence import answer, cells, problems, rule_for
from problems.data.arrays import Arrays
from problems.linear.logistic import logistic
from tests.helpers.made_results import failed, result_of, row, trace

P, Q = spec("p"), spec("q")
KNOWN = Reference(1.0, 1.0 + 1e-13, 3)


def made(**options: object) -> Result:
    rows = [
        row(P, "a", 1.0, trace=trace(2.0, 1e-7)),
        failed(P, "b", Status.TIMEOUT, trace=trace(2.0, 1.0), gap=1.0),
        failed(P, "c", Status.SKIPPED),
        row(Q, "a", 3.0, trace=trace(4.0, 1e-8)),
        row(Q, "b", 2.0, trace=trace(4.0, 1e-8)),
    ]
    return result_of(rows, {P: KNOWN, Q: KNOWN}, options={"settings": options})


def test_every_problem_has_a_sentence_and_a_figure_of_every_run() -> None:
    answered = answer(made())
    assert "only a reached" in answered.verdicts[0]
    assert "b reached 1e-06 first" in answered.verdicts[1]
    assert answered.verdicts[-1] == "Of 2 problems, a solved the most: 2."
    figures = [figure for figure in answered.figures if isinstance(figure, Convergence)]
    assert [figure.name for figure in figures] == ["p", "q"]
    assert [(curve.solver, curve.status) for curve in figures[0].curves] == [
        ("a", Status.SOLVED),
        ("b", Status.TIMEOUT),
    ]
    assert [figure.name for figure in answered.figures[2:]] == ["performance profile", "data profile"]


def test_a_file_chooses_its_figures() -> None:
    assert [figure.kind for figure in answer(made(figures=["profiles"])).figures] == ["lines", "lines"]
    assert [figure.kind for figure in answer(made(figures=["convergence"])).figures] == ["convergence"] * 2
    assert answer(made(figures=["boundary"])).figures == []


def test_the_boundary_of_two_columns_is_drawn() -> None:
    problem = supplied(logistic(Arrays([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]], [-1, 1, 1])))
    end = {"theta": [1.0, 1.0, 0.0], "measures": {"accuracy": 1.0}, "trace": trace(1.0, 1e-7)}
    reference = Reference(0.0, 0.0, 3, columns=("x1", "x2"))
    answered = answer(result_of([row(problem, "newton", **end)], {problem: reference}))
    assert [figure.kind for figure in answered.figures] == ["convergence", "boundary"]


def test_a_reference_that_is_lost_is_said_to_be() -> None:
    lost = made()
    del lost.references[P]
    answered = answer(lost)
    assert "reference of p was damaged" in answered.verdicts[0]
    assert [figure.name for figure in answered.figures if figure.kind == "convergence"] == ["q"]


def test_every_solver_runs_on_every_problem() -> None:
    planned = cells(Options(), {})
    pairs = {(cell.problem, cell.solver) for cell in planned}
    assert len(pairs) == len(planned) == len(problems(Options())) * len(solvers.everyone())
    quick = cells(Options(quick=True, seed=3), {})
    assert {cell.solver.name for cell in quick} == set(solvers.TABLE)
    assert {str(cell.problem) for cell in quick} >= {"linear-regression(seed=3)", "logistic(data=breast_cancer)"}
    assert {cell.seed for cell in quick} == {3}


@pytest.mark.parametrize(
    ("problem", "tolerance"),
    [("xor", 1e-3), ("xor(model=linear)", 1e-3), ("network", 1e-3), ("logistic", 1e-6), ("curve", 1e-6)],
)
def test_networks_have_a_looser_tolerance(problem: str, tolerance: float) -> None:
    assert rule_for(parse(problem), 1.0).tolerance == tolerance
    assert math.isclose(rule_for(parse(problem), 0.3).seconds, 0.3)
