"""Sentences follow from numbers: change the numbers, and the sentence changes."""

from __future__ import annotations

import math
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.analysis.results import CellResult
from experiments.lab.analysis.statistics import FEWEST, median_interval, ratio_interval
from experiments.lab.analysis.verdict import mixed, usefulness, verdict
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import spec

P = spec("p")
KNOWN = Reference(1.0, 1.0 + 1e-13, 3)


def row(solver: str, times: list[float], status: str = "solved", gap: float = 1e-7, seed: int = 0) -> CellResult:
    outcomes = [Outcome(Status(status), "why", iterations=5, seconds=t, gap=gap) for t in times]
    return CellResult(P, spec(solver), seed, Rule(), outcomes)


FAST, SLOW, NOISY = [1.0, 1.01, 0.99, 1.02, 0.98], [3.0, 3.1, 2.9, 3.05, 2.95], [0.5, 4.0, 1.1, 2.0, 0.9]


def test_a_clear_winner_is_named_with_its_interval() -> None:
    text = verdict(P, [row("b", SLOW), row("a", FAST)], KNOWN)
    assert "a is 3.0x faster" in text
    assert "interval" in text
    swapped = verdict(P, [row("a", SLOW), row("b", FAST)], KNOWN)
    assert "b is 3.0x faster" in swapped


def test_a_tie_is_said_to_be_one_with_what_would_settle_it() -> None:
    text = verdict(P, [row("a", FAST), row("b", NOISY)], KNOWN)
    assert "no clear winner" in text
    assert "settle it" in text


def test_a_tie_names_those_that_cannot_be_distinguished_and_counts_the_rest() -> None:
    tied = verdict(P, [row("a", FAST), *(row(name, NOISY) for name in "bcdefgh")], KNOWN)
    assert re.search(r"and \w, \w, \w(, \w)* and \d more cannot be distinguished from it", tied)


def test_the_repeats_that_would_settle_a_tie_grow_with_the_square_of_the_uncertainty() -> None:
    """An interval of a ratio r +- h (in logarithms) leaves 1 when n repeats shrink h below r: n = 2 n0 (h/r)^2."""
    close = verdict(P, [row("a", spread(1.0, 0.10)), row("b", spread(1.08, 0.10))], KNOWN)
    closer = verdict(P, [row("a", spread(1.0, 0.10)), row("b", spread(1.04, 0.10))], KNOWN)
    few, many = (int(re.search(r"about (\d+) repeats", text)[1]) for text in (close, closer))  # type: ignore[index]
    assert 3 * few < many < 6 * few, "half the difference needs four times the repeats"
    hopeless = verdict(P, [row("a", spread(1.0, 0.1)), row("b", spread(1.0001, 0.1))], KNOWN)
    assert "more repeats would hardly settle it" in hopeless


def spread(median: float, width: float) -> list[float]:
    """Eleven times about a median."""
    return [median * (1 + width * k / 5) for k in range(-5, 6)]


def test_a_tie_with_the_third_is_seen_in_the_third_s_own_interval() -> None:
    near = [1.2, 1.21, 1.19, 1.22, 1.18]
    wide = [0.6, 9.0, 1.3, 4.0, 1.25]
    text = verdict(P, [row("a", FAST), row("b", near), row("c", wide)], KNOWN)
    assert "a reached 1e-06 in 1 s, and c cannot be distinguished from it (the ratio of c to it is" in text


def test_a_start_that_is_near_enough_leaves_nothing_to_compare() -> None:
    assert "nothing to compare" in verdict(P, [row("a", [0.0]), row("b", [0.0])], KNOWN)


def test_a_loser_with_too_few_timings_is_said_to_have_too_few() -> None:
    text = verdict(P, [row("a", FAST), row("b", [200.0])], KNOWN)
    assert "a reached 1e-06 first, in 1 s, and b next, in" in text
    assert "a larger budget" in text
    assert "each of its 3 runs took at least 98x" in verdict(P, [row("a", FAST), row("b", [100.0, 200, 201])], KNOWN)


def test_times_of_separate_runs_are_said_to_be() -> None:
    one, other = row("a", FAST), row("b", SLOW)
    assert mixed(P, [one, other]) is None
    other.typical.session = "later"
    assert "2 runs at different moments" in (mixed(P, [one, other]) or "")


def test_a_single_run_shows_no_interval() -> None:
    text = verdict(P, [row("a", [1.0]), row("b", [2.0])], KNOWN)
    assert "a reached 1e-06 first, in 1 s, and b next, in" in text
    assert "more repeats" in text


def test_only_what_was_reached_counts() -> None:
    stuck = row("c", [0.1], "stalled", gap=0.3)
    assert "only a reached" in verdict(P, [row("a", FAST), stuck], KNOWN)
    assert "no solver reached 1e-06; c came nearest, with a gap of 0.3 (stalled)" in verdict(P, [stuck], KNOWN)
    assert "f* is known to within 0.5" in verdict(P, [stuck], Reference(1.0, 1.5, 3))
    assert "nothing to reach: no minimum" in verdict(P, [stuck], Reference(0.0, 1.0, 3, unattained="no minimum"))
    one_seed_failed = [row("a", FAST), row("a", [9.0], "budget", seed=1), row("b", SLOW), row("b", SLOW, seed=1)]
    assert "only b reached" in verdict(P, one_seed_failed, KNOWN)


def test_a_minimum_that_is_hardly_better_than_a_constant_answer_is_named() -> None:
    assert usefulness(P, Reference(0.69, 0.69, 3, baseline=0.6931)) is not None
    assert usefulness(P, Reference(0.30, 0.30, 3, baseline=0.6931)) is None
    assert usefulness(P, Reference(-math.inf, 1.0, 3, baseline=0.7)) is None
    assert usefulness(P, KNOWN) is None


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
