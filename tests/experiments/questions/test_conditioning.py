"""What the condition number does: measurements follow theory, and the sentences of `conditioning` the numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.conditioning import (
    EXPERIMENT,
    ITERATIONS_POWER,
    NORMAL_EQUATIONS,
    QR,
    answer,
    digits,
    digits_lost,
    measurements,
    problem,
)

OPTIONS = Options(quick=True, settings={"n": 120, "d": 60, "seeds": 2})
CONDITIONS = [1e1, 1e2, 1e3, 1e4]


def test_iterations_and_digits_follow_theory(engine: Local, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        result = run_experiment(EXPERIMENT, OPTIONS, store, engine)
    powers = {solver: power for solver, power, _ in answer(result).tables[0].rows}
    assert powers["gradient-descent"] == pytest.approx(1, abs=0.15)
    assert powers["qr"] == 0
    lost = {solver: digits_lost(result, solver) for solver in (QR, NORMAL_EQUATIONS)}
    assert lost[QR] == pytest.approx(1, abs=0.15)
    assert lost[NORMAL_EQUATIONS] == pytest.approx(2, abs=0.3)


def test_a_breakdown_keeps_no_digits() -> None:
    kept = digits(QR, 10.0, 40, 10, 0)
    assert kept["digits"] > 13
    broken = digits(NORMAL_EQUATIONS, 1e14, 40, 10, 0)
    assert broken["digits"] is None or broken["digits"] < 1
    assert bool(broken["message"]) == (broken["digits"] is None)


def row(solver: str, condition: float, iterations: int, status: Status = Status.SOLVED) -> CellResult:
    outcome = Outcome(status, iterations=iterations, gap=0.0)
    return CellResult(problem(condition, OPTIONS), spec(solver), 0, Rule(), [outcome])


def invented(power: Callable[[str], float], lost: Callable[[str], float]) -> Result:
    """Runs whose iterations grow like k^p, and measurements that lose so many digits for each digit of k(X)."""
    rows = [
        row(str(solver), k, round(1000 * k ** power(solver.name))) for solver in ITERATIONS_POWER for k in CONDITIONS
    ]
    measured = []
    for measurement in measurements(OPTIONS):
        given = dict(measurement.given)
        kept = 15 - lost(given["solver"].name) * math.log10(given["condition"])
        measured.append(MeasurementResult(measurement, MeasuredValues({"digits": max(kept, 0.0), "message": ""})))
    return Result("conditioning", "conditioning", "", rows, {}, {}, "", measurements=measured)


def test_powers_are_told_and_what_is_constant_is_said_so() -> None:
    powers = {"gradient-descent": 1.0, "nesterov": 0.5, "qr": 0.0}
    answered = answer(invented(lambda solver: powers.get(solver, 0.25), lambda solver: 1.0))
    assert answered.verdicts[0] == (
        "With the condition number k, iterations grow like k^1.00 with gradient-descent, k^0.50 with nesterov, k^0.25 "
        "with conjugate-gradient, k^0.25 with lbfgs, and do not grow with qr."
    )
    assert [theory for _, _, theory in answered.tables[0].rows] == [1.0, None, 0.5, None, 0.0]
    flat = answer(invented(lambda solver: 0.0, lambda solver: 1.0)).verdicts[0]
    assert flat == (
        "With the condition number k, iterations do not grow with gradient-descent, nesterov, conjugate-gradient, "
        "lbfgs, qr."
    )


def test_lost_digits_are_compared_in_the_right_order() -> None:
    lost = {"qr": 1.0, "normal-equations": 2.0}
    answered = answer(invented(lambda solver: 1.0, lambda solver: lost.get(solver, 1.0)))
    assert answered.verdicts[1] == (
        "For each digit of k(X), QR loses 1.00 digits of the solution. Without refinement the normal equations lose "
        "2.00, 2.0 times as many."
    )
    assert len(answer(invented(lambda solver: 1.0, lambda solver: 14.0)).verdicts) == 1, "too few points to fit"


def test_its_figures_show_only_runs_that_arrived() -> None:
    result = invented(lambda solver: 1.0, lambda solver: 1.0)
    late = row("lbfgs", 1e5, 10, Status.BUDGET)
    answered = answer(dataclasses.replace(result, rows=[*result.rows, late]))
    lines = {line.label: line for line in answered.figures[0].lines}  # type: ignore[union-attr]
    assert lines["lbfgs"].x == CONDITIONS
    assert lines["proportional to k"].y == [*CONDITIONS, 1e5]
    assert lines["proportional to sqrt(k)"].y[1] == 10
    kept = {line.label: line for line in answered.figures[1].lines}  # type: ignore[union-attr]
    assert kept["qr"].low == kept["qr"].y == kept["qr"].high
    assert kept["16 - 2 log10 k(X)"].y[1] == pytest.approx(15.65 - 4, abs=0.01)
    assert kept["16 - log10 k(X)"].y[1] == pytest.approx(15.65 - 2, abs=0.01)
    nothing = answer(dataclasses.replace(result, rows=[], measurements=[]))
    assert nothing.verdicts == []
