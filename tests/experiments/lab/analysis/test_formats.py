"""Numbers as readers see them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from experiments.lab.analysis.formats import duration, percent, ratio_text, storage
from experiments.lab.analysis.proportion import Proportion

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
SIZES = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3}


@given(st.floats(1e-6, 1e5))
def test_a_duration_is_right_to_three_digits_in_its_unit(seconds: float) -> None:
    number, unit = duration(seconds).split()
    assert math.isclose(float(number) * UNITS[unit], seconds, rel_tol=6e-3)
    assert float(number) < 1000 or unit == "s"


@given(st.floats(1.0, 1e13))
def test_a_size_is_right_to_three_digits_in_its_unit(size: float) -> None:
    number, unit = storage(size).split()
    assert math.isclose(float(number) * SIZES[unit], size, rel_tol=6e-3)


@given(st.floats(1e-3, 1e6))
def test_a_ratio_is_right_to_two_digits(ratio: float) -> None:
    assert ratio_text(ratio).endswith("x")
    assert math.isclose(float(ratio_text(ratio)[:-1]), ratio, rel_tol=6e-2)


@given(st.floats(0, 1))
def test_a_share_is_all_or_nothing_only_where_it_is(share: float) -> None:
    assert (percent(share) == "100%") == (share == 1)
    assert float(percent(share)[:-1]) <= 100 * share + 1e-9


@given(runs=st.integers(1, 200), successes=st.integers(0, 200))
def test_the_interval_of_a_proportion_holds_it_and_shrinks_with_the_runs(runs: int, successes: int) -> None:
    successes = min(successes, runs)
    low, high = Proportion(runs, successes, None).interval
    assert 0 <= low <= successes / runs <= high <= 1
    more_low, more_high = Proportion(4 * runs, 4 * successes, None).interval
    assert more_high - more_low < high - low
