"""Tables of a user: CSV files, standardised columns, several targets, and refusals that name the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import SpecError, parse
from problems.certificates.separation import separating
from problems.data.files import Table
from problems.data.preparation import standardized
from problems.data.readers.delimited import read_csv
from problems.data.source import Task
from problems.foundation.checks import DataError
from problems.linear.regression import linear_regression
from problems.parts.rows import Rows

NUMBERS, LABELS, CLASSES = Task.NUMBERS, Task.LABELS, Task.CLASSES


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    scale=st.sampled_from([1e-310, 1e-200, 1e-3, 1.0, 1e8, 1e200, 1e308]),
    shift=st.sampled_from([0.0, 3.0]),
)
def test_columns_are_standardised_at_every_scale(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    X = scale * (0.3 * rng.uniform(-1, 1, (20, 3)) + shift / 10)
    X = np.column_stack([X, np.full(20, scale)])
    done, units = standardized(X)
    tolerance = 1e-10 if scale > 1e-300 else 1e-3
    np.testing.assert_allclose(units / scale, (X[:, :3] / scale).std(0), rtol=tolerance)
    assert done.shape == (20, 3), "the constant column is dropped"
    np.testing.assert_allclose(done.mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(done.std(0), 1, rtol=1e-10 if scale > 1e-300 else 1e-3)


def file(folder: Path, text: str | bytes, name: str = "own.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("text", "target", "task", "words"),
    [
        ("", None, NUMBERS, ["empty"]),
        ("x,y\n", None, NUMBERS, ["0 rows"]),
        ("y\n1\n2\n", None, NUMBERS, ["1 columns"]),
        ("x,y\n1,2\n2,3\n", "z", NUMBERS, ["no column 'z'", "x, y"]),
        ("age,y\n1,2\n2,3\n", "agee", NUMBERS, ["did you mean age?"]),
        ("x,y\n1,2\nfast,3\n", None, NUMBERS, ["'x'", "'fast'", "row 2", "features must be numbers"]),
        ("x,y\n1,2\n,3\n", None, NUMBERS, ["'x'", "empty", "row 2"]),
        ("x,y\n1,2\nnan,3\n", None, NUMBERS, ["'x'", "row 2"]),
        ("x,y\n1,2\n2,inf\n", None, NUMBERS, ["'y'", "inf", "row 2"]),
        ("x,y\n1,low\n2,high\n", None, NUMBERS, ["'y'", "'low'", "row 1", "a regression needs numbers"]),
        ("x;y\n1,5;2\n2;3\n", None, NUMBERS, ["'x'", "'1,5'", "row 1", "write 1.5: decimal commas are not read"]),
        ("x,y\n1,2\n2,\n", None, LABELS, ["'y'", "empty", "row 2"]),
        ("x,y\n1,a\n2,a\n", None, LABELS, ["'y' holds one class (a); two are needed"]),
        ("x,y\n1,a\n2,b\n3,c\n", None, LABELS, ["'y' holds 3 classes (a, b, c); two are needed"]),
        ("x,y\n1,a\n2,a\n", None, CLASSES, ["'y' holds one value in 2 rows", "at least 2 classes, and 10"]),
        ("x,y\n1,2\n1,3\n", None, NUMBERS, ["every column is constant"]),
        ("x,y\n1,2\n2,2\n", None, NUMBERS, ["same in every row"]),
        ("x,y\n1,2\n2,3,4,5\n", None, NUMBERS, ["not a CSV", "line 3 has 4 fields, and the lines before it have 2"]),
        ("x,y\n1,10,5\n2,20,6\n", None, NUMBERS, ["more fields than the header"]),
        ("x,y\n1,2\nNA,3\n", None, NUMBERS, ["'x'", "'NA'", "row 2"]),
        ("x,y\n1,1\n2,2\n3,?\n4,4\n", None, NUMBERS, ["'y'", "'?'", "row 3"]),
        ("1,2\n3,4\n", None, NUMBERS, ["the first line contains numbers"]),
        (b"x,y\n\xff\xfe\x00,2\n", None, NUMBERS, ["UTF-8"]),
        (b"\x00\x01\x02PK\x03\x04", None, NUMBERS, []),
    ],
)
def test_a_bad_file_is_refused_with_what_and_where(
    tmp_path: Path, text: str | bytes, target: str | None, task: Task, words: list[str]
) -> None:
    path = file(tmp_path, text)
    with pytest.raises(DataError) as refused:
        Table(path, target).rows(task)
    assert str(path) in str(refused.value)
    for word in words:
        assert word in str(refused.value), refused.value


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            Table(str(path)).rows(NUMBERS)
    with pytest.raises(SpecError, match="did you mean diabetes"):
        build_problem(parse("linear-regression(data=diabetis)"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_file_is_read_whatever_separates_its_columns(tmp_path: Path, separator: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.standard_normal((9, 3)), columns=["a", "b b", "y"])
    path = tmp_path / "own.csv"
    frame.to_csv(path, index=False, sep=separator, encoding="utf-8-sig")
    table = read_csv(path)
    assert (table.target, table.columns, table.classifies) == ("y", ("a", "b b"), False)
    np.testing.assert_array_equal(table.X, frame[["a", "b b"]])
    assert table.notes == ("the target is the last column, y",)


def test_booleans_and_text_are_classes(tmp_path: Path) -> None:
    path = file(tmp_path, "x,ok\n1,True\n2,False\n3,True\n")
    assert read_csv(path).classifies
    rows = Table(path, "ok", standardize=False).rows(LABELS)
    np.testing.assert_array_equal(rows.y, [1, -1, 1])
    np.testing.assert_array_equal(rows.X.ravel(), [1, 2, 3])
    assert rows.about.notes == ("ok = False is -1 and True is 1",)
    assert (rows.target, rows.about.columns) == ("ok", ("x",))


def test_words_that_look_empty_are_classes_and_one_stray_mark_makes_no_classes(tmp_path: Path) -> None:
    rows = Table(file(tmp_path, "x,y\n1,None\n2,Some\n3,None\n"), standardize=False).rows(LABELS)
    np.testing.assert_array_equal(rows.y, [-1, 1, -1])
    text = "x,y\n" + "".join(f"{k},{k * k}\n" for k in range(9)) + "9,?\n"
    assert not read_csv(file(tmp_path, text)).classifies


@pytest.mark.parametrize(
    ("targets", "natural"), [("0101", CLASSES), ("0123", NUMBERS), ("abca", CLASSES), ("ab?1", CLASSES)]
)
def test_the_natural_task_of_a_file_follows_its_target(tmp_path: Path, targets: str, natural: Task) -> None:
    path = file(tmp_path, "x,y\n" + "".join(f"{k},{y}\n" for k, y in enumerate(targets)))
    assert Table(path).natural_task() is natural
    assert Table(path, target=("x", "y")).natural_task() is NUMBERS


def test_constant_columns_are_named_and_dropped_only_where_rows_are_standardised(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b,c,y\n1,5,0,1\n2,5,1,2\n4,5,0,4\n")
    scaled, plain = Table(path).rows(NUMBERS), Table(path, standardize=False).rows(NUMBERS)
    for rows in (scaled, plain):
        assert "constant columns, which standardising drops: b" in rows.about.notes
    assert (scaled.X.shape, scaled.about.columns) == ((3, 2), ("a", "c"))
    assert (plain.X.shape, plain.about.columns) == ((3, 3), ("a", "b", "c"))
    np.testing.assert_allclose([scaled.X.mean(), scaled.y.mean(), scaled.y.std()], [0, 0, 1], atol=1e-15)
    np.testing.assert_array_equal(plain.y, [1, 2, 4])


def test_points_and_signals_are_never_scaled(tmp_path: Path) -> None:
    path = file(tmp_path, "t,y\n1,5\n2,7\n4,6\n")
    for task in (Task.POINTS, Task.SIGNAL):
        rows = Table(path).rows(task)
        np.testing.assert_array_equal(rows.y, [5, 7, 6])
        np.testing.assert_array_equal(rows.X, [[1], [2], [4]])
        with pytest.raises(ValueError, match="standardize is for linear models, networks and clusters"):
            Table(path, standardize=True).rows(task)


def test_a_table_without_a_target_keeps_every_column_but_the_one_that_is_named(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b,c\n1,5,0\n2,6,1\n4,5,0\n")
    rows = Table(path, standardize=False).rows(Task.FEATURES)
    np.testing.assert_array_equal(rows.X, [[1, 5, 0], [2, 6, 1], [4, 5, 0]])
    assert (rows.y, rows.about.columns) == (None, ("a", "b", "c"))
    rows = Table(path, "b", standardize=False).rows(Task.FEATURES)
    np.testing.assert_array_equal(rows.X, [[1, 0], [2, 1], [4, 0]])
    assert rows.about.columns == ("a", "c")
    with pytest.raises(DataError, match="every column is constant"):
        Table(file(tmp_path, "a,b\n1,2\n1,2\n", "flat.csv")).rows(Task.FEATURES)
    with pytest.raises(DataError, match="squares of its numbers overflow; scale the columns, or standardize them"):
        Table(file(tmp_path, "a,b\n1e200,2\n1,3\n", "huge.csv"), standardize=False).rows(Task.FEATURES)


@pytest.mark.parametrize(
    ("target", "task", "words"),
    [
        (("a", "a"), NUMBERS, "target names a, a; each column may be named once"),
        (("a", "bb"), NUMBERS, "has no column 'bb'; did you mean b"),
        (("a", "b", "c"), NUMBERS, "every column is a target; at least one must be left to predict from"),
        (("a", "b"), LABELS, "target names 2 columns; labels are needed here, in one column"),
        (("a", "b"), Task.FEATURES, "target names 2 columns; features are needed here"),
    ],
)
def test_several_targets_that_cannot_be_are_refused(
    tmp_path: Path, target: tuple[str, ...], task: Task, words: str
) -> None:
    path = file(tmp_path, "a,b,c\n1,5,0\n2,6,1\n4,5,0\n")
    with pytest.raises(ValueError, match=words):
        Table(path, target).rows(task)


def test_rows_are_arrays_that_kernels_take(tmp_path: Path) -> None:
    path = file(tmp_path, "x,w,y\n1,2,3\n2,3,5\n3,5,9\n4,1,2\n")
    for standardize in (True, False):
        model: Any = linear_regression(Table(path, standardize=standardize))
        assert np.isfinite(model.value_and_gradient(np.zeros(model.dim))[0])
        assert model.about.columns == ("x", "w")


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), overlap=st.booleans())
def test_separable_labels_are_recognised_and_others_are_not(seed: int, overlap: bool) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 2))
    y = np.where(X @ rng.standard_normal(2) > 0.1, 1.0, -1.0)
    assume(np.ptp(y) > 0)
    if overlap:  # a row of each label in the same place inside the cloud, and its mirror image about it
        centre = X.mean(0)
        X = np.vstack([X, 2 * centre - X])
        y = np.append(y, y)
    assert (separating(Rows(X), y) is None) == overlap
