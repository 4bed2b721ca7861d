"""Sentences follow from numbers: change the numbers, and the sentence changes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.figures.records import Step
from experiments.lab.analysis.results import Row
from experiments.lab.analysis.statistics import FEWEST, median_interval, ratio_interval
from experiments.lab.analysis.verdict import mixed, verdict, worth
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Outcome
from experiments.lab.run.stopping import Rule
from experiments.questions import convergence, learning_rate
from solvers.base.spectrum import Spectrum

KNOWN = Reference(1.0, 1.0 + 1e-13, 3)


def row(solver: str, times: list[float], status: str = "solved", gap: float = 1e-7, seed: int = 0) -> Row:
    return Row("p", solver, seed, Rule(), [Outcome(status, "why", 5, t, gap=gap) for t in times])


FAST, SLOW, NOISY = [1.0, 1.01, 0.99, 1.02, 0.98], [3.0, 3.1, 2.9, 3.05, 2.95], [0.5, 4.0, 1.1, 2.0, 0.9]


def test_a_clear_winner_is_named_with_its_interval() -> None:
    text = verdict("p", [row("b", SLOW), row("a", FAST)], KNOWN)
    assert "a is 3x faster" in text
    assert "interval" in text
    swapped = verdict("p", [row("a", SLOW), row("b", FAST)], KNOWN)
    assert "b is 3x faster" in swapped


def test_a_tie_is_said_to_be_one_with_what_would_settle_it() -> None:
    text = verdict("p", [row("a", FAST), row("b", NOISY)], KNOWN)
    assert "no clear winner" in text
    assert "settle it" in text


def test_a_tie_with_the_third_is_told_by_the_third_s_own_interval() -> None:
    near = [1.2, 1.21, 1.19, 1.22, 1.18]
    wide = [0.6, 9.0, 1.3, 4.0, 1.25]
    text = verdict("p", [row("a", FAST), row("b", near), row("c", wide)], KNOWN)
    assert "cannot be told from c (the ratio to c is" in text


def test_a_start_that_is_near_enough_leaves_nothing_to_compare() -> None:
    assert "nothing to compare" in verdict("p", [row("a", [0.0]), row("b", [0.0])], KNOWN)


def test_a_loser_with_too_few_timings_is_said_to_have_too_few() -> None:
    text = verdict("p", [row("a", FAST), row("b", [200.0])], KNOWN)
    assert "a came first" in text
    assert "a larger budget" in text
    assert "each of its 3 runs took at least 98x" in verdict("p", [row("a", FAST), row("b", [100.0, 200, 201])], KNOWN)


def test_times_of_separate_runs_are_said_to_be() -> None:
    one, other = row("a", FAST), row("b", SLOW)
    assert mixed("p", [one, other]) is None
    other.typical.session = "later"
    assert "2 runs at different moments" in (mixed("p", [one, other]) or "")


def test_a_single_run_shows_no_interval() -> None:
    text = verdict("p", [row("a", [1.0]), row("b", [2.0])], KNOWN)
    assert "a came first" in text
    assert "more repeats" in text


def test_only_what_was_reached_counts() -> None:
    stuck = row("c", [0.1], "stalled", gap=0.3)
    assert "only a reached" in verdict("p", [row("a", FAST), stuck], KNOWN)
    assert "no solver reached 1e-06; c came nearest, with a gap of 0.3 (stalled)" in verdict("p", [stuck], KNOWN)
    assert "only within 0.5" in verdict("p", [stuck], Reference(1.0, 1.5, 3))
    assert "nothing to reach: no minimum" in verdict("p", [stuck], Reference(0.0, 1.0, 3, unattained="no minimum"))
    one_seed_failed = [row("a", FAST), row("a", [9.0], "budget", seed=1), row("b", SLOW), row("b", SLOW, seed=1)]
    assert "only b reached" in verdict("p", one_seed_failed, KNOWN)


def test_a_minimum_that_is_worth_little_is_said_to_be() -> None:
    assert worth("p", Reference(0.69, 0.69, 3, baseline=0.6931)) is not None
    assert worth("p", Reference(0.30, 0.30, 3, baseline=0.6931)) is None
    assert worth("p", Reference(-math.inf, 1.0, 3, baseline=0.7)) is None
    assert worth("p", KNOWN) is None


@settings(max_examples=50)
@given(samples=st.lists(st.floats(1e-6, 1e3), min_size=FEWEST, max_size=20), factor=st.floats(1e-3, 1e3))
def test_intervals_hold_the_median_and_scale(samples: list[float], factor: float) -> None:
    low, high = median_interval(samples) or (0, 0)
    assert low <= np.median(samples) <= high
    assert min(samples) <= low <= high <= max(samples)
    ratio = ratio_interval([factor * s for s in samples], samples)
    assert ratio is not None
    assert ratio[0] <= factor * (1 + 1e-9)
    assert ratio[1] >= factor * (1 - 1e-9)
    assert median_interval(samples[: FEWEST - 1]) is None


def test_the_interval_covers_as_often_as_it_says() -> None:
    """Over many sets of timings of a known median, about 95 % of intervals hold it."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(300):
        low, high = median_interval(rng.lognormal(0, 0.5, 25)) or (0, 0)
        held += low <= 1.0 <= high
    assert 0.90 <= held / 300 <= 0.99


def steps(lost_from: float, how: str = "diverged", best: float = 0.9) -> list[Step]:
    return [
        Step(r, r, how if r >= lost_from else "budget" if r <= 0.01 else "solved", int(100 * abs(r - best)) + 10, 1e-7)
        for r in (0.001, 0.01, 0.5, 0.9, 0.99, 1.01, 1.5)
    ]


SPECTRUM = Spectrum(np.array([0.1, 1.0]), 1.0)


def sentence(chosen: list[Step]) -> str:
    return learning_rate.sentence("p", chosen, SPECTRUM, Rule(iterations=5000))


def test_the_learning_rate_s_sentence_follows_the_sweep() -> None:
    text = sentence(steps(1.01))
    assert "fewest iterates, 10, at 0.9" in text
    assert "0.01 x 2/L and less is too low for 5000 iterates" in text
    assert "converges at 0.99 and diverges at 1.01, as theory says, whose limit is 1" in text
    assert "diverges at 0.99, though theory's limit is 1" in sentence(steps(0.99))
    assert "no longer settles at 1.01" in sentence(steps(1.01, "stalled"))
    assert "fewest iterates, 10, at 0.5" in sentence(steps(1.01, best=0.5))
    assert "no rate of the sweep was too high" in sentence(steps(9.0))
    assert "no learning rate of the sweep reached" in sentence(steps(0.0))


def test_answers_cover_every_row_whatever_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure is a row in figures and records too, or told apart as skipped."""
    from experiments.lab.analysis.results import Result

    monkeypatch.setattr(convergence, "boundary_of", lambda problem, rows: None)
    rows = [row("a", FAST), row("b", [1.0], "timeout", math.inf), row("c", [0.0], "skipped", math.inf)]
    result = Result("r", "convergence", "q", rows, {"p": KNOWN}, {}, "")
    answer: Any = convergence.answer(result)
    assert [r.record()["status"] for r in result.rows] == ["solved", "timeout", "skipped"]
    assert "only a reached" in answer.verdicts[0]
