"""NumPy's .npz files: sizes are checked before memory is allocated, no pickles are read, bad files are refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.comparison.comparison import problem_of
from experiments.lab.spec.grammar import spec
from problems.data.readers.reading import read_table
from problems.foundation.checks import DataError


def bomb(shape: str, dtype: str = "<f8", body: bytes = b"") -> bytes:
    """A .npy file whose header declares that shape, whatever its body holds."""
    header = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


def npz(**members: Any) -> bytes:
    """A .npz file of arrays, or of bytes as they are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            if not isinstance(member, bytes):
                written = io.BytesIO()
                np.lib.format.write_array(written, np.asanyarray(member))
                member = written.getvalue()
            archive.writestr(name + ".npy", member)
    return packed.getvalue()


X, Y = np.ones((3, 2)), np.arange(3.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npz(X=bomb("(1000000000, 10)"), y=Y), "array X|1000000000 rows and 10 columns, 74.5 GiB"),
        (npz(X=bomb("(3000000, 1000)", "|i1", bytes(10**6)), y=Y), "3000000 rows and 1000 columns, 22.4 GiB"),
        (npz(X=bomb("(99999999999999999999, 9)"), y=Y), "GiB"),
        (npz(X=bomb("(3, 2)"), y=Y), "needs 48 bytes, the file contains 0"),
        (npz(X=bomb("(-3, 2)"), y=Y), "negative"),
        (npz(X=b"no array", y=Y), "no header"),
        (npz(X=bomb("'x'"), y=Y), "no header"),
        (npz(X=np.array([["a", 1]], object), y=Y), "Python objects, which would be unpickled"),
        (npz(X=1j * X, y=Y), "complex"),
        (npz(X=np.array([["1", "2"]]), y=Y), "text"),
        (npz(X=X, y=np.array(["a", "b", "c"])), "text"),
        (npz(X=X, y=np.array(3 * ["2020-01-01"], "M8[D]")), "dates"),
        (npz(X=X[None], y=Y), "X has 3 axes"),
        (npz(X=Y, y=Y), "X has 1 axes"),
        (npz(X=X, y=X), "y has 2 axes"),
        (npz(X=X, y=Y[:2]), "y has 2 entries and X has 3 rows"),
        (npz(X=X * np.nan, y=Y), "X is nan at row 0, column 0"),
        (npz(X=X, y=np.array([1, 2, -np.inf])), "y is -inf at row 2"),
        (npz(X=X[:0], y=Y[:0]), "at least one row"),
        (npz(X=X[:, :0], y=Y), "one column"),
        (npz(x=X, z=Y), "no array 'y'"),
        (npz(a=X, b=X, y=Y), "contains the arrays a, b, y; the rows must be X, or the only array besides y"),
        (npz(), "no array 'y'; it contains no arrays"),
        (b"PK", "not an .npz"),
    ],
)
def test_what_is_no_npz_of_rows_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as refused:
        read_table(path)
    assert str(path) in str(refused.value)


def test_an_npz_is_read_whatever_its_numbers_are(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, rows=np.asfortranarray([[100, -128], [3, 4]], np.int8), labels=np.array([[True], [False]]))
    table = read_table(path, "labels")
    np.testing.assert_array_equal(table.X, [[100, -128], [3, 4]])
    assert table.X.dtype == np.float64
    assert table.classifies
    assert problem_of(str(path), "labels") == spec("logistic", data=str(path), target="labels")
    with (path.parent / "own.npz").open("wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "no array")
    with pytest.raises(DataError, match=r"readme\.txt"):
        read_table(path)
