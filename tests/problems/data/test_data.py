"""Where rows come from: exact conditioning, and refusals of files that name the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.certificates.separation import separating
from problems.data.readers.delimited import read_csv
from problems.data.real import real_rows, standardized
from problems.data.synthetic.rows import conditioned
from problems.foundation.checks import DataError, as_labels, as_rows
from problems.parts.rows import Rows
from tests.helpers.small_problems import problem


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    d=st.integers(1, 12),
    more=st.integers(2, 40),
    condition=st.sampled_from([1.0, 7.0, 1e4]),
)
def test_synthetic_rows_have_exactly_the_condition_number_asked_for(
    seed: int, d: int, more: int, condition: float
) -> None:
    X = conditioned(d + more, d, condition, np.random.default_rng(seed))
    hessian = Rows(X).gram() / len(X)
    assert np.linalg.cond(hessian) == pytest.approx(condition, rel=1e-6)
    np.testing.assert_allclose(X.mean(0), 0, atol=1e-12)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    scale=st.sampled_from([1e-310, 1e-200, 1e-3, 1.0, 1e8, 1e200, 1e308]),
    shift=st.sampled_from([0.0, 3.0]),
)
def test_standard_columns_are_standard_at_every_scale(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    X = scale * (0.3 * rng.uniform(-1, 1, (20, 3)) + shift / 10)
    X = np.column_stack([X, np.full(20, scale)])
    done = standardized(X)
    assert done.shape == (20, 3), "the constant column is left out"
    np.testing.assert_allclose(done.mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(done.std(0), 1, rtol=1e-10 if scale > 1e-300 else 1e-3)


def file(folder: Path, text: str | bytes, name: str = "own.csv") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("text", "target", "task", "words"),
    [
        ("", None, "regression", ["empty"]),
        ("x,y\n", None, "regression", ["0 rows"]),
        ("y\n1\n2\n", None, "regression", ["1 columns"]),
        ("x,y\n1,2\n2,3\n", "z", "regression", ["no column 'z'", "x, y"]),
        ("age,y\n1,2\n2,3\n", "agee", "regression", ["did you mean age?"]),
        ("x,y\n1,2\nfast,3\n", None, "regression", ["'x'", "'fast'", "row 2"]),
        ("x,y\n1,2\n,3\n", None, "regression", ["'x'", "empty", "row 2"]),
        ("x,y\n1,2\nnan,3\n", None, "regression", ["'x'", "row 2"]),
        ("x,y\n1,2\n2,inf\n", None, "regression", ["'y'", "inf", "row 2"]),
        ("x,y\n1,low\n2,high\n", None, "regression", ["'y'", "'low'", "row 1"]),
        ("x,y\n1,2\n2,\n", None, "classification", ["'y'", "empty", "row 2"]),
        ("x,y\n1,a\n2,a\n", None, "classification", ["one class (a)"]),
        ("x,y\n1,a\n2,b\n3,c\n", None, "classification", ["3 classes", "a, b, c"]),
        ("x,y\n1,2\n1,3\n", None, "regression", ["constant"]),
        ("x,y\n1,2\n2,2\n", None, "regression", ["same in every row"]),
        ("x,y\n1,2\n2,3,4,5\n", None, "regression", ["not a CSV"]),
        ("x,y\n1,10,5\n2,20,6\n", None, "regression", ["more fields than the header"]),
        ("x,y\n1,2\nNA,3\n", None, "regression", ["'x'", "'NA'", "row 2"]),
        ("x,y\n1,1\n2,2\n3,?\n4,4\n", None, "regression", ["'y'", "'?'", "row 3"]),
        (b"x,y\n\xff\xfe\x00,2\n", None, "regression", ["UTF-8"]),
        (b"\x00\x01\x02PK\x03\x04", None, "regression", []),
    ],
)
def test_a_bad_file_is_refused_with_what_and_where(
    tmp_path: Path, text: str | bytes, target: str | None, task: Any, words: list[str]
) -> None:
    path = file(tmp_path, text)
    with pytest.raises(DataError) as refused:
        real_rows(path, target, task, True)
    assert str(path) in str(refused.value)
    for word in words:
        assert word in str(refused.value), refused.value


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            real_rows(str(path), None, "regression", True)
    with pytest.raises(ValueError, match="did you mean diabetes"):
        real_rows("diabetis", None, "regression", True)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_file_is_read_whatever_parts_its_columns(tmp_path: Path, separator: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.standard_normal((9, 3)), columns=["a", "b b", "y"])
    path = tmp_path / "own.csv"
    frame.to_csv(path, index=False, sep=separator, encoding="utf-8-sig")
    table = read_csv(path)
    assert (table.target, table.columns, table.task) == ("y", ("a", "b b"), "regression")
    np.testing.assert_array_equal(table.X, frame[["a", "b b"]])
    assert "last column" in table.notes[0]


def test_truth_values_and_text_are_classes(tmp_path: Path) -> None:
    path = file(tmp_path, "x,ok\n1,True\n2,False\n3,True\n")
    assert read_csv(path).task == "classification"
    X, y, about = real_rows(path, "ok", "classification", False)
    np.testing.assert_array_equal(y, [1, -1, 1])
    np.testing.assert_array_equal(X.ravel(), [1, 2, 3])
    assert "ok = False is -1 and True is 1" in about.notes


def test_words_that_look_empty_are_classes_too_and_a_stray_mark_makes_no_classes(tmp_path: Path) -> None:
    _, y, _ = real_rows(file(tmp_path, "x,y\n1,None\n2,Some\n3,None\n"), None, "classification", False)
    np.testing.assert_array_equal(y, [-1, 1, -1])
    assert (
        read_csv(file(tmp_path, "x,y\n" + "".join(f"{k},{k * k}\n" for k in range(9)) + "9,?\n")).task == "regression"
    )


def test_rows_are_arrays_that_kernels_take(tmp_path: Path) -> None:
    path = file(tmp_path, "x,w,y\n1,2,3\n2,3,5\n3,5,9\n4,1,2\n")
    for standardize in (True, False):
        on = problem(f'linear-regression(data="{path}", standardize={standardize})')
        assert np.isfinite(on.value_and_gradient(np.zeros(on.dim))[0])


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        ([[1.0, np.nan]], [1.0], "X is nan at row 0, column 1"),
        ([[1.0]], [np.inf], "y is inf at row 0"),
        (np.ones((0, 2)), np.ones(0), "at least one row"),
        (np.ones((2, 0)), np.ones(2), "one column"),
        (np.ones((2, 2, 2)), np.ones(2), "3 axes"),
        (np.ones((2, 1)), np.ones(3), "3 entries"),
        (np.ones((2, 1)) * 1j, np.ones(2), "complex"),
        ([["a"], ["b"]], [1, 2], "real numbers"),
        (np.ma.masked_array([[1.0]], [[True]]), [1.0], "masked"),
    ],
)
def test_arrays_that_are_no_rows_are_refused(X: Any, y: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        as_rows(X, y)


def test_small_integers_do_not_wrap() -> None:
    X, _ = as_rows(np.full((300, 1), 100, np.int8), np.ones(300, np.int8))
    assert Rows(X, intercept=False).gram()[0, 0] == 300 * 100**2
    with pytest.raises(DataError, match="3 different values"):
        as_labels(np.array([1.0, 2.0, 3.0]))


def test_parameters_of_synthetic_rows_are_refused_beside_real_ones() -> None:
    with pytest.raises(ValueError, match="n is for synthetic data"):
        problem("linear-regression(data=diabetes, n=50)")


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), overlap=st.booleans())
def test_separable_labels_are_recognised_and_others_are_not(seed: int, overlap: bool) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 2))
    y = np.where(X @ rng.standard_normal(2) > 0.1, 1.0, -1.0)
    if np.ptp(y) == 0:
        y[0] = -y[0]
        return
    if overlap:  # a row of each label in the same place inside the cloud, and its mirror image about it
        centre = X.mean(0)
        X = np.vstack([X, 2 * centre - X])
        y = np.append(y, y)
    assert (separating(Rows(X), y) is None) == overlap
