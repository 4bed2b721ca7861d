"""Checks of numbers, digits of agreement, suggestions for unknown names, and the closure of imports."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.checks import (
    DataError,
    as_classes,
    as_labels,
    at_least,
    class_name,
    fraction,
    most_classes,
    not_negative,
    positive,
)
from problems.foundation.digits import MOST_DIGITS, digits
from problems.foundation.names import suggestion
from problems.foundation.source import closure, fingerprint

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("check", "allowed", "refused", "rule"),
    [
        (positive, [1e-300, 1.0, None], [0.0, -1.0, INF, NAN], "it must be a positive number"),
        (not_negative, [0.0, 1.0, None], [-1e-300, INF, NAN], "it must be zero or a positive number"),
        (fraction, [0.0, 0.999, None], [1.0, -0.1, NAN], "it must be at least 0 and less than 1"),
    ],
)
def test_a_number_outside_its_range_is_refused_with_the_range(
    check: Callable[..., None], allowed: list[Any], refused: list[float], rule: str
) -> None:
    for value in allowed:
        check(step=value)
    for value in refused:
        with pytest.raises(ValueError, match=f"^step is {value}; {rule}$"):
            check(other=0.5, step=value)


def test_a_least_value_is_named() -> None:
    at_least(3, n=3, m=None, k=4.5)
    for value in (2, INF, NAN):
        with pytest.raises(ValueError, match=f"^n is {value}; it must be at least 3$"):
            at_least(3, n=value)


@given(values=st.lists(st.integers(-5, 5), min_size=2, max_size=30))
def test_labels_and_classes_keep_the_order_of_values(values: list[int]) -> None:
    y = np.array(values, float)
    distinct = sorted(set(values))
    if len(distinct) == 2:
        np.testing.assert_array_equal(as_labels(y), np.where(y == distinct[1], 1, -1))
    else:
        count = "one class" if len(distinct) == 1 else f"{len(distinct)} classes"
        with pytest.raises(DataError, match=rf"^target holds {count} \({distinct[0]}.*\); two are needed$"):
            as_labels(y, "target")
    if 1 < len(distinct) <= most_classes(len(values)):
        np.testing.assert_array_equal(np.array(distinct)[as_classes(y).astype(int)], y)
        np.testing.assert_array_equal(as_classes(np.array([f"k{9 + v:02}" for v in values])), as_classes(y))
    else:
        held = "one value" if len(distinct) == 1 else f"{len(distinct)} different values"
        with pytest.raises(DataError, match=f"^y holds {held} in {len(values)} rows"):
            as_classes(y)


def test_ten_classes_or_a_fifth_of_the_rows_are_allowed() -> None:
    assert [most_classes(n) for n in (2, 50, 55, 1000)] == [10, 10, 11, 200]
    assert [class_name(value) for value in (1.0, 2.5, "a", True, np.float64(3))] == ["1", "2.5", "a", "True", "3"]


def test_digits_are_those_of_the_worst_coefficient() -> None:
    assert digits(np.array([1.0, 2.0]), [1.0, 2.0]) == MOST_DIGITS == 15
    assert digits(np.array([1.001, 2.0]), [1.0, 2.0]) == pytest.approx(3)
    assert digits(np.array([1.001, 2.0002]), [1.0, 2.0]) == pytest.approx(3), "the worst of both"
    assert digits(np.array([1e-4, 2.0]), [0.0, 2.0]) == pytest.approx(4), "absolute where the certified value is 0"
    assert digits(np.array([3.0]), [1.0]) == digits(np.array([NAN]), [1.0]) == digits(np.array([INF]), [1.0]) == 0
    assert digits(np.array([1e300]), [1e-300]) == 0


def test_a_suggestion_is_close_or_lists_what_there_is() -> None:
    assert suggestion("lgistic", ["logistic", "lasso"]) == "did you mean logistic?"
    assert suggestion("laso", ["lasso", "lassos", "x"]) == "did you mean lasso or lassos?"
    assert suggestion("x", iter(["a", "b"])) == "there are: a, b"


def test_the_closure_follows_imports_of_a_user_s_files_and_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "mine_for_closure"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "top.py").write_text(
        "import json\nimport numpy\nimport problems\nfrom problems.data import synthetic\n"
        "from . import near\ndef later():\n    from .far import x\n    from problems.foundation import digits\n"
    )
    (package / "near.py").write_text("x = 1\n")
    (package / "far.py").write_text("x = 2\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    modules = closure("mine_for_closure.top")
    assert {
        "mine_for_closure", "mine_for_closure.top", "mine_for_closure.near", "mine_for_closure.far",
        "problems.foundation.digits", "problems.foundation.arrays",
    } <= modules.keys()  # fmt: skip
    assert not {"json", "numpy", "problems", "problems.data", "problems.data.synthetic"} & modules.keys()
    assert fingerprint("mine_for_closure.near") != fingerprint("mine_for_closure.far")
    assert fingerprint("mine_for_closure.near") == fingerprint("mine_for_closure.near")
