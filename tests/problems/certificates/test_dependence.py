"""Dependent columns are named by the relation that holds between them, in their own units."""

from __future__ import annotations

import numpy as np
import pytest

from problems.certificates.dependence import dependence
from problems.data.preparation import standardized

RNG = np.random.default_rng(0)
A, B, C = RNG.standard_normal((3, 40))
CLASSES = np.eye(3)[RNG.integers(0, 3, 40)]


@pytest.mark.parametrize("standardised", [False, True])
@pytest.mark.parametrize(
    ("columns", "names", "relation"),
    [
        (
            np.column_stack([CLASSES, A]),
            ("red", "green", "blue", "weight"),
            "red + green + blue is constant: drop one,",
        ),
        (np.column_stack([A, 1.8 * A + 32]), ("celsius", "fahrenheit"), "1.8 celsius - fahrenheit is constant: drop"),
        (np.column_stack([A, B, A + B]), ("rent", "food", "total"), "rent + food - total is constant: drop one,"),
        (np.column_stack([A, B, 3 * A]), ("a", "b", "a3"), "3 a - a3 is constant: drop one,"),
        (np.column_stack([A, B, A, B]), ("a", "b", "c", "d"), "a - c is constant; b - d is constant: of each drop one"),
    ],
)
def test_the_relation_is_named(columns: np.ndarray, names: tuple[str, ...], relation: str, standardised: bool) -> None:
    rows, units = standardized(columns) if standardised else (columns, np.zeros(0))
    assert dependence(rows, True, names, units).startswith(relation)


def test_independent_columns_need_no_sentence() -> None:
    assert dependence(np.column_stack([A, B, A + 1e-7 * C]), True, "abc", ()) == ""
    assert dependence(np.column_stack([A, A + 1]), True, "ab", ()) != ""
    assert dependence(np.column_stack([A, A + 1]), False, "ab", ()) == "", "without an intercept they are independent"
    assert "0 in every row" in dependence(np.column_stack([A, 2 * A]), False, "ab", ())
