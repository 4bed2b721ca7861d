"""Races: intervals by the signed-rank test, verdicts by the width of the interval, times of real solvers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from experiments.lab.analysis.race_verdict import not_raced, race_verdict, ratios_text
from experiments.lab.race.intervals import rank_interval
from experiments.lab.race.process import Entrant, ProcessTimes, time_solvers
from experiments.lab.race.race import LOOKS, Race, RaceResult, Timer, race
from experiments.lab.race.replay import replay
from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import Cell, run_cell, streams
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import build_problem, build_solver
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.single_use import NoAnswer, in_new_process
from problems.forms import Ledger

PROBLEM = "linear-regression(n=50, d=3)"
A, B, C = (Entrant(Cell(PROBLEM, solver)) for solver in ("qr", "svd", "lbfgs"))


def timer(seconds: Sequence[float], spread: float, seed: int = 0) -> Timer:
    """Invented processes: those times, each with its own error."""
    rng = np.random.default_rng(seed)

    def timed(entrants: Sequence[Entrant], process: int) -> ProcessTimes:
        errors = np.exp(spread * rng.standard_normal(len(entrants)))
        return ProcessTimes([t * e for t, e in zip(seconds, errors, strict=True)], runs=10)

    return timed


@given(st.lists(st.floats(-10, 10), min_size=8, max_size=30, unique=True), st.sampled_from([0.95, 0.99]))
def test_a_rank_interval_holds_the_centres_that_the_signed_rank_test_does_not_reject(
    values: list[float], level: float
) -> None:
    centre, low, high = rank_interval(values, level)
    assert low <= centre <= high
    outside = 1e-6 * (1 + high - low)
    for shift, rejected in ((low - outside, True), (high + outside, True), (centre, False)):
        shifted = np.array(values) - shift
        if len(set(abs(shifted))) == len(values):  # without ties the distribution is exact
            assert (wilcoxon(shifted, method="exact").pvalue <= 1 - level) == rejected


def test_too_few_values_have_no_interval_and_one_wild_value_moves_none() -> None:
    assert rank_interval([1.0, 2.0, 3.0], 0.99)[1:] == (-math.inf, math.inf)
    calm = rank_interval([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9], 0.95)
    wild = rank_interval([1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1e6], 0.95)
    assert wild.centre == pytest.approx(calm.centre, abs=0.05)


def test_equal_solvers_have_no_winner_and_different_ones_have_the_faster() -> None:
    results = [race([A, A], timer([1.0, 1.0], 0.01, seed)).result for seed in range(200)]
    assert results.count(RaceResult.WINNER) <= 6  # 1% are to be expected, and 3% are unlikely by chance
    assert results.count(RaceResult.TIE) > 150
    for seed in range(20):
        found = race([A, B, C], timer([1.1, 1.0, 3.0], 0.01, seed))
        assert (found.result, found.solver, found.others[0].solver) == (RaceResult.WINNER, "svd", "qr")
        assert found.others[0].low < found.others[0].ratio < found.others[0].high
        assert found.others[0].ratio == pytest.approx(1.1, rel=0.02)
        assert found.others[1].ratio == pytest.approx(3.0, rel=0.02)


def test_a_race_without_narrow_intervals_says_nothing_and_a_late_one_ends() -> None:
    busy = race([A, B], timer([1.0, 1.0], 0.5))
    assert (busy.result, busy.processes) == (RaceResult.BUSY, LOOKS[-1])
    late = race([A, B], timer([1.0, 2.0], 0.01), most_seconds=0.0)
    assert (late.result, late.times) == (RaceResult.NONE, [])
    assert "1 of 8 processes" in late.reason
    assert "did not race, and their times are medians: 1 of 8" in str(not_raced(parse("xor"), late))
    assert not_raced(parse("xor"), busy) is None


def test_verdicts_of_races_name_the_winner_the_tie_or_what_could_have_been_told() -> None:
    problem = parse("xor")
    winner = race_verdict(problem, race([A, B], timer([1e-4, 2.5e-4], 0.01)), 1e-6)
    assert "On xor qr is 2.5" in winner
    assert re.search(r"svd: (99|100|101)[.\d]* us against 2[45]", winner)
    assert "Measured in 8 processes and 80 runs" in winner
    swapped = race_verdict(problem, race([A, B], timer([2.5e-4, 1e-4], 0.01)), 1e-6)
    assert "On xor svd is 2.5" in swapped
    tie = race_verdict(problem, race([A, A], timer([1e-4, 1e-4], 0.002)), 1e-6)
    assert "there is no winner: qr and qr are equal to within" in tie
    busy = race_verdict(problem, race([A, B], timer([1e-4, 1e-4], 0.3)), 1e-6)
    assert "the machine was too busy, and a difference of" in busy


@given(st.floats(1.0, 1e4), st.floats(1e-6, 1.0))
def test_a_ratio_is_never_shown_as_an_interval_from_1_to_1(ratio: float, width: float) -> None:
    _, low, high = ratios_text(ratio, ratio / (1 + width), ratio * (1 + width))
    assert low != high


@pytest.mark.parametrize("solver", ["newton", "nesterov", "sgd", "lbfgs", "scipy-minimize", "coordinate-descent"])
def test_a_replay_does_the_work_of_the_run_that_was_judged(solver: str) -> None:
    cell = Cell("logistic(n=60, d=3, l2=0.01)", solver, rule=Rule(tolerance=0.05 if solver == "sgd" else 1e-6))
    problem, method = build_problem(cell.problem), build_solver(cell.solver)
    outcome = run_cell(problem, method, 0, cell.rule, refer(problem))
    start, rng = streams(0)
    metered = problem.metered(Ledger())
    passes = replay(metered, method, problem.start(start), rng, outcome.iterations, lambda: metered.ledger.passes)
    assert outcome.solved
    assert passes == pytest.approx(outcome.passes)


def test_a_solver_that_waits_loses_a_race_in_processes_of_its_own() -> None:
    reference = refer(build_problem(A.cell.problem))

    def timed(entrants: Sequence[Entrant], seed: int) -> ProcessTimes:
        times: ProcessTimes = in_new_process(time_solvers, entrants, reference, seed, seconds=60.0)
        return times

    slow = Entrant(A.cell, delay=3.0)
    found: Race = race([slow, A], timed)
    assert (found.result, found.solver) == (RaceResult.WINNER, "qr")
    assert found.others[0].ratio > 2


def test_a_process_that_ends_is_named() -> None:
    with pytest.raises(NoAnswer, match="ended without an answer"):
        in_new_process(exit_at_once, seconds=10.0)
    with pytest.raises(NoAnswer, match=r"ValueError: .*"):
        in_new_process(int, "x", seconds=10.0)


def exit_at_once() -> None:
    import os

    os._exit(3)
