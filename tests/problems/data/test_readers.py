"""A user's files: every format gives the same rows, and everything else is refused with a sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as some
from sklearn.datasets import dump_svmlight_file

from experiments.comparison.comparison import problem_of
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import SpecError
from problems.data.files import Table
from problems.data.preparation import scaled
from problems.data.readers.reading import read_table
from problems.data.source import Task
from problems.foundation.checks import DataError
from problems.linear.regression import linear_regression

FORMATS = (".csv", ".npz", ".parquet", ".svm")


def stored(folder: Path, ending: str, X: Any, y: Any) -> Path:
    """The rows in a file of that format."""
    path = folder / f"own{ending}"
    frame = pd.DataFrame(X, columns=[f"c{k}" for k in range(X.shape[1])]).assign(y=y)
    if ending == ".csv":
        frame.to_csv(path, index=False)
    elif ending == ".parquet":
        frame.to_parquet(path, index=False)
    elif ending == ".npz":
        np.savez_compressed(path, X=X, y=y)
    else:
        lines = (
            f"{label!r} " + " ".join(f"{k + 1}:{v!r}" for k, v in enumerate(row) if v or k == X.shape[1] - 1)
            for label, row in zip(np.asarray(y).tolist(), X.tolist(), strict=True)
        )
        path.write_text("\n".join(lines))
    return path


NUMBERS = st.floats(-1e300, 1e300, allow_subnormal=False) | st.sampled_from([0.0, 1.0, -2.5])


@settings(max_examples=30)
@given(data=st.data(), n=st.integers(1, 6), d=st.integers(1, 4))
def test_the_same_rows_come_out_of_every_format(
    data: Any, n: int, d: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    X = data.draw(some.arrays(np.float64, (n, d), elements=NUMBERS))
    y = data.draw(some.arrays(np.float64, n, elements=NUMBERS))
    folder = tmp_path_factory.mktemp("same")
    for ending in FORMATS:
        table = read_table(stored(folder, ending, X, y))
        dense = table.X.toarray() if sp.issparse(table.X) else table.X
        rounding = 0 if ending != ".csv" else 4e-16  # pandas reads fast
        np.testing.assert_allclose(dense, X, rtol=rounding)
        np.testing.assert_allclose(table.numbers("numbers"), y, rtol=rounding)
        assert table.classifies == (len(set(y)) == 2)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_becomes_the_same_problem(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 3)), np.where(rng.standard_normal(30) > 0, 1.0, 4.0)
    path = str(stored(tmp_path, ending, X, y))
    named = problem_of(path, l2=0.5)
    assert (named.name, named.get("l2")) == ("logistic", 0.5)
    problem, same = build_problem(named), build_problem(problem_of(str(stored(tmp_path, ".csv", X, y)), l2=0.5))
    theta = rng.standard_normal(problem.dim)
    assert problem.value(theta) == pytest.approx(same.value(theta), rel=1e-13)
    assert any("1 is -1 and 4 is 1" in note for note in problem.about.notes)
    assert problem_of(path, task="regression").name == "linear-regression"
    for strange in (b"", b"\xff" * 40, bytes(40)):
        Path(path).write_bytes(strange)
        with pytest.raises(DataError, match="own"):
            read_table(path)
    Path(path).unlink()
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_table(path)
    Path(path).mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        read_table(path)


@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=150)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_with_a_sentence_that_names_it(
    tmp_path_factory: pytest.TempPathFactory, ending: str, data: Any
) -> None:
    folder = tmp_path_factory.mktemp("damage", numbered=True)
    path = stored(folder, ending, np.arange(12.0).reshape(6, 2) / 7, np.array([1.0, 2.0] * 3))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    path.write_bytes(content)
    try:
        table = read_table(path)
        assert np.isfinite(table.X.data if sp.issparse(table.X) else table.X).all()
        table.labels()
    except DataError as refused:
        assert str(path) in str(refused)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"# nothing\n\n", "no pairs"),
        (b"1\n-1\n", "no pairs"),
        (b"1 1:2\n1:2 3:4\n", "line 2 has no label"),
        (b"1,3 1:2\n", "line 1 starts with '1,3'; a line is a label and pairs such as 3:0.5"),
        (b"yes 1:2\n", "'yes'"),
        (b"nan 1:2\n", "'nan'"),
        (b"1e999 1:2\n", "label is beyond"),
        (b"1 1:2\n1 -3:1\n", "line 2: '-3:1'"),
        (b"1 2.5:1\n", "'2.5:1'"),
        (b"1 3\n", "'3' is not a pair index:value; the index is an integer from 0 on, the value a finite number"),
        (b"1 1:2:3 4\n", "'1:2:3'"),
        (b"1 1:nan\n", "'1:nan'"),
        (b"1 1:1_0\n", "'1:1_0'"),
        (b"1 1:1e999\n", "line 1: '1:1e999' is beyond"),
        (b"1 1:2\n2 99999999999:1\n", "line 2: index 99999999999 is too large; the limit is 67108864"),
        (b"1 9999999999999999999999:1\n", "line 1"),
        (b"1 1:2\n\n# so\n2 3:1 1:4 3:5\n", "line 4: index 3 occurs twice"),
        (b"1 0:1 0:1\n", "line 1: index 0 occurs twice"),
        ("1 ²:1\n".encode(), "line 1"),
        (b"1 1:2\n1 99999999:1\n", "line 2: index 99999999 is too large"),
        (b"1 1:2\n1 3:1\n-1e400 3:1\n", "line 3: the label is beyond 1.8e308"),
        (b"1 5:1 2:1\n1 7:1 7:2\n", "line 2: index 7 occurs twice"),
    ],
)
def test_what_is_no_libsvm_is_refused_with_its_line(tmp_path: Path, text: bytes, words: str) -> None:
    path = tmp_path / "own.svm"
    path.write_bytes(text)
    with pytest.raises(DataError, match=words):
        read_table(path)


def test_libsvm_as_people_write_it(tmp_path: Path) -> None:
    path = tmp_path / "own.libsvm"
    path.write_bytes(b"\xef\xbb\xbf# made by hand\r\n+1 qid:7 3:.5 1:-2e0 # first\r\n\r\n-1 2:0 4:1\r\n")
    table = read_table(path)
    np.testing.assert_array_equal(table.X.toarray(), [[-2, 0, 0.5, 0], [0, 0, 0, 1]])
    assert table.X.nnz == 3, "a zero in the file is not stored"
    assert table.X.has_canonical_format, "indices in any order are sorted"
    np.testing.assert_array_equal(table.y, [1, -1])
    assert "3 entries in 2 rows and 4 columns are not zero, 37.5% of all" in table.notes
    assert table.classifies
    path.write_bytes(b"1 0:5 2:1\n")
    table = read_table(path)
    np.testing.assert_array_equal(table.X.toarray(), [[5, 0, 1]])
    assert "counted from 0" in table.notes[0]
    with pytest.raises(DataError, match="do not give --target"):
        read_table(path, "y")


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), zero_based=st.booleans(), shuffled=st.booleans())
def test_libsvm_is_what_scikit_learn_wrote_in_any_order(
    seed: int, zero_based: bool, shuffled: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(seed)
    entries = np.where(rng.random((20, 7)) < 0.4, rng.standard_normal((20, 7)), 0.0)
    entries[0, 0] = entries[3, 6] = 1.5  # the first and the last column are used
    X = sp.csr_array(entries)
    path = tmp_path_factory.mktemp("svm") / "rows.svm"
    dump_svmlight_file(X, rng.integers(3, size=20), str(path), zero_based=zero_based, comment="made here")
    if shuffled:
        lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
        shown = [[line[0], *(line[k] for k in 1 + rng.permutation(len(line) - 1))] for line in lines]
        path.write_text("\n".join(map(" ".join, shown)))
    table = read_table(path)
    np.testing.assert_allclose(table.X.toarray(), entries, rtol=1e-15)
    assert table.X.has_canonical_format
    assert table.notes[0].startswith("an index is 0") == zero_based


def test_a_long_line_that_is_no_libsvm_is_refused_at_once(tmp_path: Path) -> None:
    """Backtracking in a pattern for numbers would take hours for a million digits."""
    path = tmp_path / "own.svm"
    for line in (b"1" * 10**6 + b"x 1:2\n", b"1 1:" + b"2" * 10**6 + b"x\n", b"1 " + b"1:2 " * 10**5 + b"x\n"):
        path.write_bytes(line)
        with pytest.raises(DataError, match="line 1"):
            read_table(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.svm"
    path.write_bytes(b"1 1:2\n-1 2:1\n")
    monkeypatch.setattr("problems.data.readers.libsvm.MOST_BYTES", 10)
    with pytest.raises(DataError, match="the limit is"):
        read_table(path)


def test_sparse_columns_are_scaled_and_stay_sparse(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    S = sp.random_array((40, 30), density=0.05, rng=rng, format="csr") * 1e200
    done, units = scaled(S)
    filled = np.asarray((S != 0).sum(0)).ravel() > 0
    assert done.shape == (40, filled.sum())
    np.testing.assert_allclose((done.toarray() ** 2).mean(0), 1)
    np.testing.assert_allclose(done.toarray() * units, S.toarray()[:, filled], rtol=1e-12)
    path = stored(tmp_path, ".svm", np.pad(np.eye(9), ((0, 0), (0, 1))), np.arange(9.0))
    rows = Table(str(path)).rows(Task.NUMBERS)
    assert sp.issparse(rows.X)
    assert rows.X.shape == (9, 9)
    assert rows.y.mean() == pytest.approx(0)
    assert any("not shifted" in note for note in rows.about.notes)
    problem: Any = linear_regression(Table(str(path)))
    assert np.isfinite(problem.value_and_gradient(np.zeros(problem.dim))[0])
    features = Table(str(path), standardize=False).rows(Task.FEATURES)
    np.testing.assert_array_equal(features.X, np.pad(np.eye(9), ((0, 0), (0, 1))))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"x": ["red", "blue"], "y": [1.0, 2.0]}, "'x' holds values of type (large_)?string; numbers"),
        ({"x": pd.to_datetime(["2020-01-01", "2020-01-02"]), "y": [1.0, 2.0]}, "'x' holds values of type timestamp"),
        ({"x": [[1.0], [2.0]], "y": [1.0, 2.0]}, "'x' holds values of type list"),
        ({"x": pd.array([1, None], "Int64"), "y": [1.0, 2.0]}, "'x' is empty in row 2"),
        ({"x": [1.0, np.inf], "y": [1.0, 2.0]}, "'x' holds 'inf' in row 2"),
        ({"x": [1.0, 2.0], "y": [None, "a"]}, "'y' is empty in row 1"),
        ({"y": [1.0, 2.0]}, "1 columns"),
        ({"x": [], "y": []}, "0 rows"),
    ],
)
def test_columns_of_a_parquet_file_that_are_not_numbers_are_refused_by_name(
    tmp_path: Path, columns: dict[str, Any], words: str
) -> None:
    path = tmp_path / "own.parquet"
    frame = pd.DataFrame({name: np.array(c) if isinstance(c, list) and not c else c for name, c in columns.items()})
    frame.to_parquet(path, index=False)
    with pytest.raises(DataError, match=words):
        read_table(path)


def test_parquet_types_that_are_numbers_or_classes_are_read(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    integers = pa.array([1, 2], pa.int8())
    money = pa.array(["1.25", "-3.5"]).cast(pa.decimal128(9, 2))
    kinds = pa.array(["no", "yes"]).dictionary_encode()
    path = tmp_path / "own.parquet"
    pq.write_table(pa.table({"a": integers, "b": money, "c": pa.array([True, False]), "y": kinds}), path)
    table = read_table(path)
    np.testing.assert_array_equal(table.X, [[1, 1.25, 1], [2, -3.5, 0]])
    y, which = table.labels()
    np.testing.assert_array_equal(y, [-1, 1])
    assert which == "y = no is -1 and yes is 1"
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10**6, np.int8)), pa.array([1.0]))
    pq.write_table(pa.table([column] * 301, names=[f"c{k}" for k in range(301)]), path)
    assert path.stat().st_size < 2 * 10**6
    with pytest.raises(DataError, match=r"1000000 rows and 301 columns, 2\.24 GiB"):
        read_table(path)


def test_the_extra_that_parquet_needs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"pip install 'solver-lab\[parquet\]'"):
        read_table(tmp_path / "own.parquet")


@pytest.mark.parametrize(("name", "words"), [("own.npy", "np.savez"), ("own.pkl", "pickle"), ("own.joblib", "pickle")])
def test_other_formats_are_refused_with_what_to_do(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match=words):
        problem_of(str(tmp_path / name))


def test_target_and_task_are_for_files() -> None:
    with pytest.raises(SpecError, match="--target and --task are for files"):
        problem_of("logistic", "y")
