"""Arrays in memory as a source: numpy, scipy.sparse and pandas give the same rows, and what is no rows is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from problems.data.arrays import Arrays
from problems.data.bundled import BreastCancer, Diabetes
from problems.data.source import Task
from problems.foundation.checks import DataError, as_labels, as_rows, as_sparse_rows
from problems.linear.logistic import logistic
from problems.linear.regression import linear_regression
from problems.linear.softmax import softmax
from problems.parts.rows import Rows

RNG = np.random.default_rng(0)
X = np.where(RNG.random((12, 4)) < 0.5, RNG.standard_normal((12, 4)), 0.0)
Y = RNG.standard_normal((12, 2))
LABELS = np.array([-1.0, 1.0] * 6)


def frame(columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    "rows",
    [
        X,
        np.asfortranarray(X),
        X[::-1][::-1],
        X.tolist(),
        pd.DataFrame(X, columns=list("abcd")),
        pd.DataFrame(X, columns=list("abcd")).convert_dtypes(),
        sp.csr_array(X),
        sp.csc_array(X),
        sp.coo_array(X),
        sp.csr_matrix(X),
        sp.lil_array(X),
    ],
    ids=["array", "Fortran", "view", "list", "frame", "nullable", "csr", "csc", "coo", "matrix", "lil"],
)
@pytest.mark.parametrize("intercept", [True, False])
def test_every_container_of_the_same_numbers_is_the_same_problem(rows: Any, intercept: bool) -> None:
    model: Any = linear_regression(Arrays(rows, Y[:, 0]), intercept=intercept)
    plain: Any = linear_regression(Arrays(X, Y[:, 0]), intercept=intercept)
    theta = np.random.default_rng(1).standard_normal(model.dim)
    assert model.rows.sparse == sp.issparse(rows), "sparse rows stay sparse"
    np.testing.assert_allclose(model.value(theta), plain.value(theta), rtol=1e-14)
    np.testing.assert_allclose(model.gradient(theta), plain.gradient(theta), rtol=1e-12, atol=1e-14)
    assert model.about.columns == (("a", "b", "c", "d") if isinstance(rows, pd.DataFrame) else ())
    assert model.about.notes == (), "arrays are used as they are"


def test_rows_are_copied_or_left_alone_and_never_written_to() -> None:
    given, target = X.copy(), LABELS.copy()
    given.flags.writeable = target.flags.writeable = False
    model: Any = logistic(Arrays(given, target))
    model.gradient(np.ones(5))
    np.testing.assert_array_equal(given, X)
    whole = pd.DataFrame({"a": [1, 2, 3], "b": [True, False, True]})
    np.testing.assert_array_equal(Arrays(whole, [1, 2, 4]).rows(Task.NUMBERS).X, [[1, 1], [2, 0], [3, 1]])


@pytest.mark.parametrize(
    ("y", "note"),
    [
        (LABELS, None),
        (LABELS.astype(int), None),
        (LABELS[:, None], None),
        (pd.DataFrame({"ok": LABELS}), None),
        ((LABELS + 1) / 2, "y = 0 is -1 and 1 is 1"),
        (LABELS > 0, "y = False is -1 and True is 1"),
        (np.where(LABELS > 0, "yes", "no"), "y = no is -1 and yes is 1"),
        (np.where(LABELS > 0, "yes", "no").astype(object), "y = no is -1 and yes is 1"),
        (pd.Series(np.where(LABELS > 0, 7.5, 2), name="size"), "size = 2 is -1 and 7.5 is 1"),
        (pd.Series(np.where(LABELS > 0, "b", "a"), name="kind", dtype="category"), "kind = a is -1 and b is 1"),
        (pd.DataFrame({"kind": np.where(LABELS > 0, "b", "a")}), "y = a is -1 and b is 1"),
        (pd.Series(np.where(LABELS > 0, 4, 3), dtype="Int64"), "y = 3 is -1 and 4 is 1"),
    ],
)
def test_any_two_values_are_labels_and_a_note_says_which_is_which(y: Any, note: str | None) -> None:
    source = Arrays(X, y)
    assert source.natural_task() is Task.CLASSES
    rows = source.rows(Task.LABELS)
    np.testing.assert_array_equal(rows.y, LABELS)
    assert rows.about.notes == (() if note is None else (note,))
    np.testing.assert_array_equal(source.rows(Task.CLASSES).y, LABELS > 0)
    model: Any = logistic(source, l2=0.1)
    np.testing.assert_array_equal(model.y, LABELS)


def test_classes_are_numbered_in_the_order_of_their_values() -> None:
    kinds = np.array(["oak", "elm", "ash"])[np.arange(12) % 3]
    rows = Arrays(X, kinds).rows(Task.CLASSES)
    np.testing.assert_array_equal(rows.y, [2, 1, 0] * 4)
    assert rows.about.notes == ("y = ash is 0, elm is 1, oak is 2",)
    many = Arrays(np.ones((80, 1)), np.arange(80) % 8 + 1).rows(Task.CLASSES)
    assert many.about.notes == ("y = 1 is 0, 2 is 1, 3 is 2, ..., 8 is 7",)
    np.testing.assert_array_equal(many.y, np.arange(80) % 8)
    assert softmax(Arrays(X, kinds)).outputs == 3
    assert Arrays(X, np.arange(12) % 3).rows(Task.CLASSES).about.notes == (), "0, 1, 2 stay what they are"


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (np.linspace(0, 1, 12), Task.NUMBERS),
        (np.array([0.5, 1.5] * 6), Task.CLASSES),
        (np.arange(12.0), Task.CLASSES),
        (np.arange(12), Task.CLASSES),
        (np.arange(30), Task.NUMBERS),
        (np.arange(30) % 20, Task.CLASSES),
        (np.arange(30).astype(str)[:12], Task.CLASSES),
        (Y, Task.NUMBERS),
        (Y[:, :1], Task.NUMBERS),
        (pd.Series(np.linspace(0, 1, 12), dtype="Float64"), Task.NUMBERS),
    ],
)
def test_numbers_and_classes_are_distinguished(y: Any, task: Task) -> None:
    assert Arrays(np.ones((len(y), 1)), y).natural_task() is task


@pytest.mark.parametrize("y", [Y, Y.tolist(), pd.DataFrame(Y), np.asfortranarray(Y)])
def test_several_targets_are_several_outputs(y: Any) -> None:
    model: Any = linear_regression(Arrays(X, y))
    assert model.outputs == 2
    np.testing.assert_array_equal(model.y, Y)
    np.testing.assert_array_equal(Arrays(sp.csr_array(X), y).rows(Task.NUMBERS).y, Y)


@pytest.mark.parametrize(("bundled", "task"), [(BreastCancer, Task.LABELS), (Diabetes, Task.NUMBERS)])
def test_standardised_arrays_are_the_bundled_rows(bundled: Any, task: Task) -> None:
    raw, done = bundled(standardize=False).rows(task), bundled().rows(task)
    rows = Arrays(raw.X, raw.y, standardize=True).rows(task)
    np.testing.assert_array_equal(rows.X, done.X)
    np.testing.assert_array_equal(rows.y, done.y)
    sparse = Arrays(sp.csr_array(X), Y[:, 0], standardize=True).rows(Task.NUMBERS)
    np.testing.assert_allclose((sparse.X.toarray() ** 2).mean(0), 1)
    assert "mean square 1" in sparse.about.notes[0]


def test_constant_columns_are_dropped_with_their_names_where_rows_are_standardised() -> None:
    table = pd.DataFrame({"a": [1.0, 2, 4], "b": [5.0, 5, 5], "c": [0.0, 1, 0]})
    rows = Arrays(table, [1, 2, 4], standardize=True).rows(Task.NUMBERS)
    assert rows.about.columns == ("a", "c")
    assert rows.X.shape == (3, 2)
    np.testing.assert_allclose(rows.X.mean(0), 0, atol=1e-15)


def test_features_and_points_are_arrays_though_the_rows_are_sparse() -> None:
    for task in (Task.FEATURES, Task.POINTS):
        rows = Arrays(sp.csr_array(X), Y[:, 0]).rows(task)
        np.testing.assert_array_equal(rows.X, X)
    with pytest.raises(DataError, match=r"an array of 1000000 x 1000000 they are too large"):
        Arrays(sp.csr_array((10**6, 10**6)), None).rows(Task.FEATURES)


def test_a_signal_needs_no_rows() -> None:
    np.testing.assert_array_equal(Arrays(y=[1.0, 2, 4]).rows(Task.SIGNAL).y, [1, 2, 4])
    assert str(Arrays(y=[1.0, 2, 4])).startswith("arrays(3, ")


def test_the_text_of_arrays_tells_different_arrays_apart() -> None:
    texts = {
        str(source)
        for source in (
            Arrays(X, LABELS),
            Arrays(X, -LABELS),
            Arrays(X + 1e-15 * np.eye(12, 4), LABELS),
            Arrays(X.astype(np.float32), LABELS),
            Arrays(X, LABELS, standardize=True),
            Arrays(sp.csr_array(X), LABELS),
            Arrays(X[:, :3], LABELS),
            Arrays(X, LABELS > 0),
            Arrays(X, np.where(LABELS > 0, "b", "a")),
            Arrays(X, np.where(LABELS > 0, "a", "b")),
            Arrays(X),
        )
    }
    assert len(texts) == 11
    assert str(Arrays(X.copy(), LABELS.copy())) == str(Arrays(X, LABELS))
    assert str(Arrays(np.asfortranarray(X), LABELS)) == str(Arrays(X, LABELS))
    assert str(Arrays(sp.coo_array(X), LABELS)) == str(Arrays(sp.csr_array(X), LABELS))
    assert str(Arrays(X, LABELS)).startswith("arrays(12 x 4, ")
    assert Arrays(X, LABELS) != Arrays(X, LABELS), "compared by identity; arrays have no single truth value"
    assert len({Arrays(X, LABELS), Arrays(X, LABELS)}) == 2


GAPS = pd.Series([1, None] * 6, dtype="Int64")


@pytest.mark.parametrize(
    ("source", "task", "words"),
    [
        (Arrays(X), Task.LABELS, "y is missing; labels are needed here"),
        (Arrays(y=LABELS), Task.LABELS, "X is missing; rows are needed here"),
        (Arrays(X, np.where(LABELS > 0, np.nan, 1.0)), Task.LABELS, "y is nan at row 1; every row needs a target"),
        (Arrays(X, [None, *LABELS[1:]]), Task.CLASSES, "y is None at row 0"),
        (Arrays(X, GAPS), Task.LABELS, "y is nan at row 1"),
        (Arrays(X, GAPS), Task.NUMBERS, "y is nan at row 1; every entry must be finite"),
        (Arrays(X, [1, "a"] * 6), Task.SIGNAL, "y holds <U21 values; it must hold real numbers"),
        (Arrays(X, np.array([1, "a"] * 6, object)), Task.LABELS, "y holds values that cannot be ordered"),
        (Arrays(X, np.ones(12)), Task.LABELS, r"y holds one class \(1\); two are needed"),
        (Arrays(X, np.array(["a", "b", "c"] * 4)), Task.LABELS, r"y holds 3 classes \(a, b, c\); two are needed"),
        (Arrays(X, np.arange(12)), Task.LABELS, r"y holds 12 classes \(0, 1, 2, 3, 4, \.\.\.\); two are needed"),
        (Arrays(X, np.linspace(0, 1, 12)), Task.CLASSES, "12 different values in 12 rows; .* and 10 at most"),
        (Arrays(X, Y), Task.LABELS, r"y has shape \(12, 2\); labels are needed here, in one column"),
        (Arrays(X, Y), Task.POINTS, r"y has shape \(12, 2\); points are needed here"),
        (Arrays(X, LABELS[:3]), Task.LABELS, "y has 3 entries and X has 12 rows"),
        (Arrays(X, Y[:3]), Task.NUMBERS, "y has 3 entries and X has 12 rows"),
        (Arrays(sp.csr_array(X), Y[:3]), Task.NUMBERS, "y has 3 entries and X has 12 rows"),
        (Arrays(X, Y * [1, np.inf]), Task.NUMBERS, "y is .*inf at row 0, column 1; every entry must be finite"),
        (Arrays(X, np.ma.masked_array(LABELS, LABELS > 0)), Task.LABELS, "y is a masked array"),
        (Arrays(X, np.ma.masked_array(Y[:, :1], Y[:, :1] > 0)), Task.NUMBERS, "y is a masked array"),
        (Arrays(np.ma.masked_array(X, X > 0), LABELS), Task.LABELS, "X is a masked array"),
        (Arrays(X, sp.csr_array(Y)), Task.NUMBERS, "y is a sparse matrix"),
        (Arrays(X * 1j, LABELS), Task.LABELS, "X holds complex128 values"),
        (Arrays(sp.csr_array(X) * 1j, LABELS), Task.LABELS, "X holds complex128 values"),
        (Arrays(X, LABELS * 1j), Task.NUMBERS, "y holds complex128 values"),
        (Arrays(X[:, 0], LABELS), Task.LABELS, r"X has 1 axes, shape \(12,\)"),
        (Arrays(pd.Series(X[:, 0]), LABELS), Task.LABELS, r"X has 1 axes, shape \(12,\)"),
        (Arrays(5.0), Task.FEATURES, "X has 0 axes"),
        (Arrays(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), [0, 1]), Task.LABELS, "column 'b' of X holds .* values"),
        (Arrays(pd.DataFrame({"a": GAPS}), LABELS), Task.LABELS, "X is nan at row 1, column 0"),
        (Arrays(np.where(X.max() == X, np.inf, X), LABELS), Task.LABELS, "X is inf at row 7, column 3"),
    ],
)
def test_what_is_no_rows_is_refused_with_what_and_where(source: Arrays, task: Task, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        source.rows(task)


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        ([[1.0, np.nan]], [1.0], "X is nan at row 0, column 1"),
        ([[1.0]], [np.inf], "y is inf at row 0"),
        (np.ones((0, 2)), np.ones(0), "at least one row"),
        (np.ones((2, 0)), np.ones(2), "one column"),
        (np.ones((2, 2, 2)), np.ones(2), "3 axes"),
        (np.ones((2, 1)), np.ones((2, 2, 1)), "3 axes, shape .*; it must have 1 or 2"),
        (np.ones((2, 1)), np.ones(3), "3 entries and X has 2 rows; the two numbers must be equal"),
        (np.ones((2, 1)) * 1j, np.ones(2), "complex"),
        ([["a"], ["b"]], [1, 2], "real numbers"),
        (np.ma.masked_array([[1.0]], [[True]]), [1.0], "masked"),
    ],
)
def test_arrays_that_are_no_rows_are_refused(X: Any, y: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        as_rows(X, y)


def test_a_sparse_entry_that_is_not_finite_is_named() -> None:
    bad = sp.csr_array(([1.0, np.inf], ([0, 3], [1, 2])), shape=(5, 4))
    with pytest.raises(DataError, match="X is inf at row 3, column 2; every entry must be finite"):
        as_sparse_rows(bad, np.ones(5))
    with pytest.raises(DataError, match=r"X has shape \(5, 0\); at least one row and one column are needed"):
        as_sparse_rows(sp.csr_array((5, 0)), np.ones(5))
    with pytest.raises(DataError, match="y has 4 entries and X has 5 rows"):
        as_sparse_rows(sp.csr_array((5, 2)), np.ones(4))


def test_small_integers_do_not_wrap() -> None:
    rows, _ = as_rows(np.full((300, 1), 100, np.int8), np.ones(300, np.int8))
    assert Rows(rows, intercept=False).gram()[0, 0] == 300 * 100**2
    with pytest.raises(DataError, match=r"y holds 3 classes \(1, 2, 3\); two are needed"):
        as_labels(np.array([1.0, 2.0, 3.0]))
