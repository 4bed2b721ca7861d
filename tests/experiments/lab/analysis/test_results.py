"""What a row tells of the error of theta, and what a reference keeps when a run goes below it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from experiments.lab.analysis.results import theta_error
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Status
from experiments.report.files import records
from tests.helpers import made_results

KNOWN = Reference(0.0, 1e-9, 3, known=1e-9, scale=2.0, curvature=(0.01, 1.5), size=10.0)


def test_the_error_of_theta_is_told_of_solved_runs_alone() -> None:
    row = made_results.row("p", "s")
    row.outcomes[0].gap = 1e-8
    result = replace(made_results.result_of([row]), references={row.problem: KNOWN})
    assert theta_error(row, result) == pytest.approx(math.sqrt(2 * 2e-8 / 0.01) / 10)
    assert records(result)[0]["theta_error"] == theta_error(row, result)
    for status in (Status.LOCAL, Status.STALLED, Status.BUDGET):
        row.outcomes[0].status = status
        assert theta_error(row, result) is None, "the curvature elsewhere is another"


def test_a_lower_f_leaves_nothing_that_held_at_the_higher_one() -> None:
    lower = KNOWN.lowered(-5e-10)
    assert (lower.known, lower.upper) == (5e-10, 5e-10)
    assert lower.condition is None
    assert lower.theta_error(1e-8, absolute=False) is None
    assert KNOWN.lowered(-1.0).known == 0.0, "never below what is proven"


@pytest.mark.parametrize(("curvature", "words"), [((0.01, 1.5), "150"), ((1e-18, 1.5), "beyond the digits of float64")])
def test_the_condition_is_a_sentence(curvature: tuple[float, float], words: str) -> None:
    known = replace(KNOWN, curvature=curvature)
    note = known.condition_note()
    assert note == f"the condition number of the Hessian at the minimum, scaled to a diagonal of 1, is {words}"
    assert (known.theta_error(0.0, absolute=True) is None) == (known.condition == math.inf)


def test_the_scale_is_a_sentence() -> None:
    known = replace(KNOWN, scale_of="f of the best constant answer")
    assert known.scale_note(absolute=False) == "gap = (f - f*) / 2, where 2 is f of the best constant answer"
    assert known.scale_note(absolute=True) == ""
    assert (known.label(absolute=False), known.label(absolute=True)) == ("(f - f*) / 2", "f - f*")
