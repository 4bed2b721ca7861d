"""Profiles count failures, and the sentence names the solver that is fastest most often, not the slowest."""

from __future__ import annotations

import pytest

from experiments.comparison.profiles import CAPTION, MOST_NAMES, most_solved, profiles, shares_within
from experiments.figures.records import Lines
from experiments.lab.analysis.results import CellResult
from experiments.lab.run.outcome import Status
from tests.helpers.made_results import failed, result_of, row

# slow solves all four problems; quick solves three, three times as fast, and fails on the fourth
ROWS = [
    *(row(f"p{k}", "quick", 1.0, passes=100.0) for k in range(3)),
    *(row(f"p{k}", "slow", 3.0, passes=20.0) for k in range(3)),
    failed("p3", "quick"),
    row("p3", "slow", 3.0, passes=20.0),
]


def drawn(rows: list[CellResult]) -> tuple[Lines, Lines]:
    performance, data = profiles(result_of(rows))
    return performance, data


def share(figure: Lines, solver: str, x: float) -> float:
    """The share of the solver's line at x: that of the last point at or before it."""
    (line,) = [line for line in figure.lines if line.label == solver]
    value = [y for at, y in zip(line.x, line.y, strict=True) if at <= x * (1 + 1e-9)][-1]
    assert value is not None
    return value


def test_a_performance_profile_counts_failures() -> None:
    performance, _ = drawn(ROWS)
    assert (share(performance, "quick", 1.0), share(performance, "slow", 1.0)) == (0.75, 0.25)
    assert share(performance, "slow", 2.9) == 0.25
    assert share(performance, "slow", 3.1) == 1.0
    assert share(performance, "quick", performance.lines[0].x[-1]) == 0.75, "the failure stays a failure for any time"
    assert (performance.axes[0], performance.axes[1]) == ("time over the fastest time", "share of problems")


def test_a_data_profile_counts_passes_and_failures() -> None:
    _, data = drawn(ROWS)
    assert (share(data, "slow", 20.0), share(data, "quick", 20.0)) == (1.0, 0.0)
    assert share(data, "quick", 105.0) == 0.75
    assert data.axes == ("passes", "share of problems")
    assert data.name == "data profile"


def test_a_cost_that_is_missing_is_infinite() -> None:
    assert shares_within("a", [{"a": 1.0}, {"a": 4.0}, {"b": 1.0}, {}], [1.0, 2.0, 4.0, 1e9]) == [0.25, 0.25, 0.5, 0.5]


def test_the_best_solvers_are_drawn_first_and_few_problems_are_called_few() -> None:
    performance, _ = drawn([*ROWS, *(row(f"p{k}", "slowest", 30.0, passes=900.0) for k in range(4))])
    assert [line.label for line in performance.lines] == ["slow", "quick", "slowest"]
    assert performance.caption.startswith(CAPTION)
    assert "4 problems are few" in performance.caption
    many = [row(f"p{k}", "quick", passes=1.0) for k in range(10)]
    assert drawn(many)[0].caption == CAPTION


def test_fewer_than_two_solved_problems_have_no_profile() -> None:
    rows = [row("p0", "quick"), failed("p1", "quick"), failed("p1", "slow", Status.SKIPPED)]
    assert profiles(result_of(rows)) == []
    assert most_solved(result_of(rows)) is None
    assert len(profiles(result_of([*rows, row("p1", "other")]))) == 2


def test_the_fastest_most_often_is_the_one_that_comes_first() -> None:
    expected = "Of 4 problems, slow solved the most: 4. Most often the fastest: quick, on 3."
    assert most_solved(result_of(ROWS)) == expected
    assert most_solved(result_of(ROWS[::-1])) == expected, "whatever the order of the rows"
    slower = [*(row(f"p{k}", "quick", 9.0) for k in range(4)), *ROWS[3:6], ROWS[7]]
    assert most_solved(result_of(slower)) == (
        "Of 4 problems, slow, quick solved the most: 4. Most often the fastest: slow, on 4."
    )


def test_ties_are_listed_and_long_lists_are_cut() -> None:
    rows = [row(f"p{k}", solver, 1.0 if (k < 2) == (solver == "a") else 2.0) for k in range(4) for solver in "ab"]
    assert most_solved(result_of(rows)) == (
        "Of 4 problems, a, b solved the most: 4. Most often the fastest: a, b, on 2."
    )
    several = [row(f"p{k}", f"s{m}", 1.0 + (k + m) % (MOST_NAMES + 2)) for k in range(2) for m in range(MOST_NAMES + 2)]
    assert most_solved(result_of(several)) == "Of 2 problems, s0, s1, s2, s3 and 2 more solved the most: 2."


def test_a_solver_that_fails_on_one_seed_has_not_solved_the_problem() -> None:
    rows = [*ROWS, failed("p0", "slow", seed=1), row("p0", "quick", seed=1)]
    performance, _ = drawn(rows)
    last = performance.lines[0].x[-1]
    assert share(performance, "slow", last) == pytest.approx(0.75)
