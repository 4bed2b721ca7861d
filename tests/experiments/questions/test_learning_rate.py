"""Sweeps over steps: the limits are those at which the methods diverge, and sentences follow from the numbers."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np
import pytest

from experiments.figures.records import Contour, Field, Step, Sweep
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell, run_cell
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.workers.worker import find_reference, problem_of, solver_of
from experiments.questions.learning_rate import METHODS, answer, cells, problems, rule_for
from experiments.questions.learning_rate.pictures import gap_map
from experiments.questions.learning_rate.sweeps import (
    GRADIENT_DESCENT,
    Method,
    edges_of,
    limits_sentence,
    sweep_sentence,
    unit_of,
)
from solvers.base.spectrum import Spectrum
from tests.helpers.made_results import failed, result_of, row, trace

PLANE = parse("linear-regression(n=100, d=1, condition=10, noise=0.5)")
P = spec("p")
SPECTRUM = Spectrum(np.array([0.1, 1.0]), 1.0)
KNOWN = Reference(0.0, 0.0, 2, spectrum=SPECTRUM)
BY_NAME = {method.solver: method for method in METHODS}


@lru_cache
def known() -> Reference:
    return find_reference(PLANE)


def status_at(method: Method, ratio: float) -> Status:
    """How a run of the method ends with a step of `ratio` times 2/L."""
    unit = unit_of(method, known())
    assert unit is not None
    solver = spec(method.solver, step=ratio * unit)
    return run_cell(problem_of(PLANE), solver_of(solver), 0, Rule(seconds=20.0, iterations=20_000), known()).status


@pytest.mark.parametrize("name", [name for name, method in BY_NAME.items() if method.limit])
def test_a_method_converges_just_below_its_limit_and_not_just_above(name: str) -> None:
    method = BY_NAME[name]
    assert method.limit is not None
    assert status_at(method, 0.97 * method.limit) is Status.SOLVED
    assert status_at(method, 1.03 * method.limit) in (Status.DIVERGED, Status.STALLED)


def test_the_limits_are_those_of_theory() -> None:
    beta = 0.9
    limits = {name: method.limit for name, method in BY_NAME.items()}
    assert limits == {"gradient-descent": 1.0, "momentum": 1 + beta, "nesterov": 2 / 3, "sgd": None, "adam": None}


def steps(lost_from: float, end: Status = Status.DIVERGED, best: float = 0.9) -> list[Step]:
    """Steps of which those from `lost_from` on fail, and those up to 0.01 are too small."""

    def status(ratio: float) -> Status:
        return end if ratio >= lost_from else Status.BUDGET if ratio <= 0.01 else Status.SOLVED

    ratios = (0.001, 0.01, 0.5, 0.9, 0.99, 1.01, 1.2, 1.5)
    return [Step(r, r, status(r), int(100 * abs(r - best)) + 10, 1e-7) for r in ratios]


def sentence(chosen: list[Step]) -> str:
    return sweep_sentence(P, chosen, SPECTRUM, Rule(iterations=5000))


def test_the_sentence_follows_the_sweep() -> None:
    assert sentence(steps(1.01)) == (
        "On p gradient descent needs the fewest iterations, 10, at 0.9 x 2/L (theory: 0.909). Steps of 0.01 x 2/L and "
        "less are too small for 5000 iterations. It still converges at 0.99 x 2/L and diverges at 1.01 x 2/L, as "
        "theory predicts (its limit is 1)."
    )
    assert "converges at 0.9 x 2/L and diverges at 0.99 x 2/L, although theory's limit is 1." in sentence(steps(0.99))
    assert "stalls at 1.01 x 2/L" in sentence(steps(1.01, Status.STALLED))
    assert "fewest iterations, 10, at 0.5 x 2/L" in sentence(steps(1.01, best=0.5))
    assert sentence(steps(9.0)).endswith("No step of the sweep is too large.")
    assert sentence(steps(0.0)) == "On p no learning rate of the sweep reached 1e-06."


def test_the_edges_are_the_best_the_last_and_the_lost_step() -> None:
    ratios = [step.ratio if step else None for step in edges_of(steps(1.01))]
    assert ratios == [0.9, 0.99, 1.01]
    assert edges_of(steps(0.0)) == (None, None, None)
    best, last, lost = edges_of(steps(9.0))
    assert (best.ratio if best else None, last.ratio if last else None, lost) == (0.9, 1.5, None)


def sweep(method: Method, lost_from: float) -> tuple[Method, Sweep]:
    scaled = [dataclasses.replace(step, ratio=step.ratio * (method.limit or 1)) for step in steps(lost_from)]
    return method, Sweep("s", "t", "", 1e-6, (1e-9, 1e3), scaled, "2/L", method.limit)


def test_the_other_limits_are_counted_where_the_sweeps_agree_with_them() -> None:
    momentum, nesterov = BY_NAME["momentum"], BY_NAME["nesterov"]
    text = limits_sentence([sweep(momentum, 1.01), sweep(nesterov, 0.9), sweep(GRADIENT_DESCENT, 0.5)])
    assert text is not None
    assert "momentum 1.9, nesterov 0.667. They hold in 1 of 2 sweeps, to within 2%" in text
    assert "2 of 2 sweeps" in (limits_sentence([sweep(momentum, 1.01), sweep(nesterov, 1.01)]) or "")
    assert "0 of 1 sweeps" in (limits_sentence([sweep(momentum, 1.5)]) or ""), "it converges far above its limit"
    assert limits_sentence([sweep(GRADIENT_DESCENT, 1.01), sweep(BY_NAME["sgd"], 1.01)]) is None
    assert limits_sentence([sweep(momentum, 9.0)]) is None


def test_cells_have_steps_in_units_of_2_over_l_where_l_is_known() -> None:
    options = Options(quick=True)
    planned = cells(options, dict.fromkeys(problems(options), KNOWN))
    of_momentum = [cell for cell in planned if cell.problem.name == "logistic" and cell.solver.name == "momentum"]
    assert [cell.solver.get("step") for cell in of_momentum][-3:] == pytest.approx(
        [2 * 1.9 * r for r in (1.02, 1.1, 1.5)]
    )
    assert of_momentum[-1].note == "2.85 x 2/L"
    of_adam = [cell for cell in planned if cell.problem.name == "logistic" and cell.solver.name == "adam"]
    assert (of_adam[0].solver.get("step"), of_adam[0].note) == (1e-4, "step 0.0001")
    unknown = Reference(0.0, 0.0, 17)
    assert rule_for(spec("xor"), GRADIENT_DESCENT, unknown, True).tolerance == 1e-3
    assert rule_for(spec("logistic"), GRADIENT_DESCENT, unknown, True).tolerance == 1e-6
    assert unit_of(GRADIENT_DESCENT, unknown) is None


def made() -> Result:
    """Gradient descent on a problem whose L is 1: slow, solved and diverged."""
    rule = Rule(tolerance=1e-3, iterations=100, keep=5)

    def at(ratio: float) -> Cell:
        return Cell(PLANE, spec("gradient-descent", step=2 * ratio), 0, rule)

    path = [[0.0, 0.0], [1.0, 0.5]]
    end = {"theta": [1.0, 0.5], "path": path, "rule": rule}
    rows: list[CellResult] = [
        row(PLANE, at(0.8).solver, iterations=3, trace=trace(8.0, 2.0, 0.1, 1e-4), gap=1e-4, **end),
        failed(PLANE, at(0.1).solver, Status.BUDGET, iterations=3, trace=trace(8.0, 7.0, 6.0, 5.0), gap=5.0, **end),
        failed(PLANE, at(1.2).solver, Status.DIVERGED, iterations=2, trace=trace(8.0, 80.0, 800.0), gap=800.0, **end),
    ]
    return result_of(rows, {PLANE: KNOWN}, "learning-rate")


def test_the_sweep_the_map_and_the_contour_are_sorted_by_step() -> None:
    answered = answer(made())
    kinds = {figure.kind: figure for figure in answered.figures}
    swept, field, contour = kinds["sweep"], kinds["field"], kinds["contour"]
    assert isinstance(swept, Sweep)
    assert isinstance(field, Field)
    assert isinstance(contour, Contour)
    assert [(step.ratio, step.status) for step in swept.steps] == [
        (0.1, Status.BUDGET), (0.8, Status.SOLVED), (1.2, Status.DIVERGED),
    ]  # fmt: skip
    assert (swept.limit, swept.unit) == (1.0, "2/L")
    assert (field.axes, field.y, field.x) == (
        ("iterations", "step, in units of 2/L"),
        ["0.1", "0.8", "1.2"],
        ["1", "2", "3"],
    )
    assert [list(line) for line in field.z] == [[7.0, 6.0, 5.0], [2.0, 0.1, 1e-4], [80.0, 800.0, None]]
    assert contour.minimum == (1.0, 0.5)
    assert [contour.paths[k].label for k in contour.shown] == [
        "0.1 x 2/L: budget, 3 iterations", "0.8 x 2/L: solved, 3 iterations", "1.2 x 2/L: diverged, 2 iterations",
    ]  # fmt: skip
    assert min(value for line in contour.gap for value in line) >= 0
    (table,) = answered.tables
    assert dict(zip(table.columns, table.rows[0], strict=True)) == {
        "problem": str(PLANE), "solver": "gradient-descent", "best step": 0.8, "iterations": 3, "converges at": 0.8,
        "lost at": 1.2, "limit of theory": 1.0, "unit": "2/L",
    }  # fmt: skip
    assert f"On {PLANE} gradient descent needs the fewest iterations, 3, at 0.8 x 2/L" in answered.verdicts[0]


def test_the_last_gap_stays_after_a_run_that_did_not_diverge() -> None:
    rows = [
        row(P, spec("sgd", step=1.0), iterations=4, trace=trace(8.0, 4.0, 2.0, 1.0, 1e-5), gap=1e-5),
        row(P, spec("sgd", step=2.0), iterations=1, trace=trace(8.0, 1e-4), gap=1e-4),
    ]
    chosen = [Step(1.0, 1.0, Status.SOLVED, 4, 1e-5), Step(2.0, 2.0, Status.SOLVED, 1, 1e-4)]
    field = gap_map(Sweep("s", "t", "", 1e-3, (1e-7, 1e3), chosen, "1", None), rows)
    assert [list(line) for line in field.z] == [[4.0, 2.0, 1.0, 1e-5], [1e-4] * 4]


def test_a_lost_reference_and_an_empty_result_are_answers_too() -> None:
    lost = answer(dataclasses.replace(made(), references={}))
    assert lost.verdicts == [
        f"The reference of {PLANE} was damaged and has been removed. Run the same command again to find it anew."
    ]
    assert lost.figures == []
    empty = answer(dataclasses.replace(made(), rows=[]))
    assert (empty.verdicts, empty.figures) == ([], [])
