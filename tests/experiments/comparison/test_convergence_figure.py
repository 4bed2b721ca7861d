"""The convergence figure holds every run, and draws the best curves first."""

from __future__ import annotations

import dataclasses
import math

import pytest

from experiments.comparison.convergence_figure import MOST_CURVES, convergence_figure, solvers_drawn
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse, spec
from tests.helpers.made_results import failed, row, trace

KNOWN = Reference(1.0, 1.0, 3, measure="f - f*")
P = spec("p")


def test_every_run_with_a_gap_is_a_curve_with_its_own_numbers() -> None:
    rows = [
        row(P, "newton", trace=trace(2.0, 0.5, 1e-7), rule=Rule(tolerance=1e-3)),
        failed(P, "sgd(step=3)", Status.DIVERGED, trace=trace(4.0, math.inf)),
        failed(P, "lsqr", Status.SKIPPED, trace=trace(1.0)),
        failed(P, "qr", Status.CRASHED),
    ]
    figure = convergence_figure(P, rows, KNOWN)
    assert [(curve.solver, curve.status) for curve in figure.curves] == [
        ("newton", Status.SOLVED), ("sgd(step=3)", Status.DIVERGED),
    ]  # fmt: skip
    newton, sgd = figure.curves
    assert (newton.iterations, newton.gap, newton.passes) == ([0, 1, 2], [2.0, 0.5, 1e-7], [0.0, 10.0, 20.0])
    assert newton.seconds == pytest.approx([0, 0.1, 0.2])
    assert sgd.gap == [4.0], "a gap that is not finite is not drawn"
    assert (figure.name, figure.tolerance, figure.measure) == ("p", 1e-3, "f - f*")
    assert figure.drawn == pytest.approx((1e-7, 4000.0)), "from the tolerance and the largest first gap"


def test_the_time_of_fewer_iterations_is_at_most_that_of_more() -> None:
    timed = [row(P, "scipy-minimize", trace=trace(3.0, 2.0, 1.0, 0.1, seconds=[0.0, 0.5, 0.2, 0.3]))]
    (curve,) = convergence_figure(P, timed, KNOWN).curves
    assert curve.seconds == pytest.approx([0.0, 0.2, 0.2, 0.3])


def test_of_many_solvers_the_fastest_are_drawn_and_not_the_slowest() -> None:
    made_up = [row(P, f"solver-{k}", seconds=1.0 + k) for k in range(MOST_CURVES + 8)]
    assert solvers_drawn(made_up[::-1]) == [f"solver-{k}" for k in range(MOST_CURVES)][::-1]
    unsolved = [failed(P, f"solver-{k}", gap=1.0 + k) for k in range(MOST_CURVES + 8)]
    assert solvers_drawn(unsolved) == [f"solver-{k}" for k in range(MOST_CURVES)]


def test_the_best_of_each_family_is_drawn_before_the_rest() -> None:
    fast = [row(P, f"sgd(step={0.01 * (k + 1):.2f})", seconds=1.0 + k) for k in range(MOST_CURVES + 3)]
    slow = [row(P, "qr", seconds=500.0), row(P, "cholesky", seconds=400.0), failed(P, "newton", gap=3.0)]
    shown = solvers_drawn([*slow, *fast])
    assert shown[:2] == ["cholesky", "newton"], "of the closed forms the faster, and the only one of its family"
    assert "qr" not in shown
    assert shown[2:] == [str(row.solver) for row in fast[: MOST_CURVES - 2]]


def test_a_run_that_solves_the_problem_is_better_than_any_that_does_not() -> None:
    few = [failed(P, f"solver-{k}", gap=0.0) for k in range(MOST_CURVES)]
    assert "late" in solvers_drawn([*few, row(P, "late", seconds=1e6)])
    skipped = dataclasses.replace(row(P, "late"), outcomes=failed(P, "late", Status.SKIPPED).outcomes)
    assert solvers_drawn([skipped]) == []
    assert solvers_drawn([row(P, parse("adam(step=0.1)")), row(P, "adam(step=0.1)", seed=1)]) == ["adam(step=0.1)"]
