"""Races of a comparison: who races, what its rows and verdict say, and that a finished race is not held again."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.comparison.comparison import comparison
from experiments.lab import run_races
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.race.race import Race, RaceResult
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.run_races import MOST_ENTRANTS, entrants
from experiments.lab.spec.grammar import parse
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.finding import answer_to

PROBLEM = parse("linear-regression(n=50, d=3, seed=0)")


def row(solver: str, seconds: float, seed: int = 0, status: Status = Status.SOLVED) -> CellResult:
    return CellResult(PROBLEM, parse(solver), seed, Rule(), [Outcome(status, seconds=seconds, cpu=seconds)] * 3)


def names(rows: list[CellResult], seconds: float = 10.0) -> list[str]:
    return [str(cell.solver) for cell in entrants(rows, seconds)]


def test_the_first_two_race_with_whoever_is_near_them() -> None:
    far = [row("lbfgs", 1e-2), row("qr", 1e-4), row("svd", 1.9e-4), row("newton", 2.1e-4)]
    assert names(far) == ["qr", "svd"]
    assert names([row("qr", 1e-4), row("lbfgs", 1e-2), row("newton", 2e-2)]) == ["qr", "lbfgs"]
    assert len(names([row(f"s{k}", 1e-4) for k in range(9)])) == MOST_ENTRANTS


def test_nobody_races_alone_on_several_seeds_or_for_too_long() -> None:
    assert names([row("qr", 1e-4), row("svd", 1e-4, status=Status.BUDGET)]) == []
    assert names([row("qr", 1e-4), row("svd", 1e-4), row("qr", 1e-4, seed=1), row("svd", 1e-4, seed=1)]) == []
    assert names([row("qr", 1.0), row("svd", 1.0)]) == []
    assert names([row("qr", 1e-4), row("svd", 1e-4)], seconds=0.0) == []


def compared(folder: Path, engine: Local) -> Result:
    with Store(folder) as store:
        return run_experiment(
            comparison("compare", "?", [PROBLEM], ["qr", "lbfgs"], Rule(), repeats=5), Options(), store, engine
        )


def test_a_comparison_is_decided_by_its_race_which_is_held_once(
    tmp_path: Path, engine: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compared(tmp_path, engine)
    race = first.races[PROBLEM]
    assert {timed.solver for timed in race.times} == {"qr", "lbfgs"}
    assert [row.seconds for row in first.rows] == [timed.seconds for timed in race.times]
    assert "of CPU time" in answer_to(first).verdicts[0]
    monkeypatch.setattr(run_races, "hold_race", lambda *arguments: pytest.fail("the race is in the store"))
    assert compared(tmp_path, engine).races == first.races


def test_where_no_race_can_be_held_the_times_are_medians_and_the_reason_is_given(
    tmp_path: Path, engine: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_races, "hold_race", lambda *arguments: Race(RaceResult.NONE, reason="killed after 3 s"))
    result = compared(tmp_path, engine)
    assert [row.raced for row in result.rows] == [None, None]
    verdicts = answer_to(result).verdicts
    assert "of CPU time" not in verdicts[0]
    assert any("did not race, and their times are medians: killed after 3 s." in text for text in verdicts)
