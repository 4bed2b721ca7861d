"""Rows of a LIBSVM (SVMlight) file: each line is a label and pairs `index:value`; other entries are 0.

scikit-learn parses the file. The checks before and after exist because its parser reads nan and 1_0, has no limits, and
does not say in which line an error is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
import scipy.sparse as sp

from problems.data.readers.raw_table import MOST_BYTES, RawTable
from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError

MOST_COLUMNS = 2**26
NUMBER = rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"  # possessive: no backtracking in long lines
PAIR = re.compile(rb"(\d{1,18}):(" + NUMBER + rb")")
LINE = re.compile(
    rb"\s*+(?:" + NUMBER + rb"(?:\s++qid:\S*+)?(?:\s++\d{1,18}:" + NUMBER + rb"(?=\s|#|$))*+\s*+)?(?:#.*+\s*+)?"
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_libsvm(file: str | Path, target: str | None = None) -> RawTable:
    """The labels of a file as target, and its pairs as a CSR array; comments and qid are ignored.

    Indices start at 1, or at 0 if some index is 0. Raises DataError, which names the line.
    """
    import pandas as pd

    path = Path(file)
    if target is not None:
        raise DataError(
            f"{path}: the target of a LIBSVM file is the number that starts each line; do not give --target"
        )
    X, y = _loaded(path)
    notes = []
    if X.indices.min() == 0:
        notes.append("an index is 0, so the columns are counted from 0")
    else:
        X = sp.csr_array((X.data, X.indices - 1, X.indptr), shape=(X.shape[0], X.shape[1] - 1))
    X.eliminate_zeros()
    share = 100 * X.nnz / (X.shape[0] * X.shape[1])
    notes.append(f"{X.nnz} entries in {X.shape[0]} rows and {X.shape[1]} columns are not zero, {share:.3g}% of all")
    return RawTable(path, X, (), "label", pd.Series(y, name="label"), tuple(notes))


def _loaded(path: Path) -> tuple[Any, Vector]:
    """X, a CSR array whose columns are the indices as they are written, and y."""
    from sklearn.datasets import load_svmlight_file

    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise DataError(f"{path} has {size / 2**30:.3g} GiB; the limit is {MOST_BYTES / 2**30:g} GiB")
        with path.open("rb") as stream:
            _check_lines(path, stream)
            _skip_byte_order_mark(stream)
            try:
                X, y = load_svmlight_file(stream, zero_based=True)
            except ValueError:  # the parser needs ascending indices
                X, y = load_svmlight_file(BytesIO(b"\n".join(_sorted_lines(path, stream))), zero_based=True)
            if X.shape[1] > MOST_COLUMNS or not (np.isfinite(X.data).all() and np.isfinite(y).all()):
                _refuse(path, stream)
    except OverflowError:  # an index beyond 32 bits
        with path.open("rb") as stream:
            _refuse(path, stream)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    return sp.csr_array(X), y


def _skip_byte_order_mark(stream: BinaryIO) -> None:
    stream.seek(0)
    if stream.read(3) != BYTE_ORDER_MARK:
        stream.seek(0)


def _check_lines(path: Path, stream: BinaryIO) -> None:
    """Raise DataError for a line that is no LIBSVM, and for a file without a pair."""
    _skip_byte_order_mark(stream)
    pairs = False
    for number, line in enumerate(stream, 1):
        if not LINE.fullmatch(line):
            _check_line(path, number, line)
            raise DataError(f"{path}, line {number}: a line is a label and pairs such as 3:0.5")
        pairs = pairs or b":" in line.partition(b"#")[0]
    if not pairs:
        raise DataError(f"{path} holds no pairs index:value; lines such as '1 3:0.5 7:2' are needed")


def _refuse(path: Path, stream: BinaryIO) -> NoReturn:
    """Raise DataError for the first line with a number that is too large."""
    _skip_byte_order_mark(stream)
    for number, line in enumerate(stream, 1):
        _check_line(path, number, line)
    raise DataError(f"{path} is not a LIBSVM file")


def _check_line(path: Path, number: int, line: bytes) -> None:
    """Raise DataError if a label or a pair of the line cannot be used."""
    words = line.partition(b"#")[0].split()
    if not words:
        return
    if not re.fullmatch(NUMBER, words[0]):
        wrong = "has no label before its pairs" if b":" in words[0] else f"starts with {_quoted(words[0])}"
        raise DataError(f"{path}, line {number} {wrong}; a line is a label and pairs such as 3:0.5")
    if not np.isfinite(float(words[0])):
        raise DataError(f"{path}, line {number}: the label is beyond 1.8e308, the largest number in float64")
    for pair in _pairs(words):
        match = PAIR.fullmatch(pair)
        if match is None:
            raise DataError(
                f"{path}, line {number}: {_quoted(pair)} is not a pair index:value; "
                "the index is an integer from 0 on, the value a finite number"
            )
        if int(match[1]) > MOST_COLUMNS:
            raise DataError(f"{path}, line {number}: index {int(match[1])} is too large; the limit is {MOST_COLUMNS}")
        if not np.isfinite(float(match[2])):
            raise DataError(f"{path}, line {number}: {_quoted(pair)} is beyond 1.8e308, the largest number in float64")


def _sorted_lines(path: Path, stream: BinaryIO) -> Iterator[bytes]:
    """Valid lines with their pairs sorted by index; a DataError names a line in which an index occurs twice."""
    _skip_byte_order_mark(stream)
    for number, line in enumerate(stream, 1):
        words = line.partition(b"#")[0].split()
        pairs = sorted(_pairs(words), key=_index)
        for pair, following in pairwise(pairs):
            if _index(pair) == _index(following):
                raise DataError(f"{path}, line {number}: index {_index(pair)} occurs twice")
        yield b" ".join(words[:1] + pairs)


def _pairs(words: list[bytes]) -> list[bytes]:
    return words[2:] if words[1:] and words[1].startswith(b"qid:") else words[1:]


def _index(pair: bytes) -> int:
    return int(pair.partition(b":")[0])


def _quoted(word: bytes) -> str:
    return "'" + word[:30].decode("ascii", "backslashreplace") + "'"
