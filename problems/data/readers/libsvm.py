"""Rows out of a LIBSVM (SVMlight) file: a label and `index:value` pairs a line, zeros left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from problems.data.readers.table import MOST, Table
from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError

CHUNK = 2**24  # bytes of lines taken at once
COLUMNS = 2**26  # as many as are read
NUMBER = rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


class Part(NamedTuple):
    """What some lines hold."""

    labels: Vector  # (n,)
    lines: NDArray[np.int64]  # (n,), the number of each row's line
    counts: NDArray[np.int64]  # (n,), how many pairs it has
    columns: NDArray[np.int64]  # the pairs' indices, as they are written
    values: Vector  # the pairs' values


def read_libsvm(file: str | Path, target: str | None = None) -> Table:
    """Read labels and a CSR array; indices begin at 1, or at 0 where one is 0. DataError names the line.

    Comments, empty lines and qid are passed over.
    """
    import pandas as pd

    path = Path(file)
    if target is not None:
        raise DataError(f"{path}: the target of a LIBSVM file is the number that begins each line; leave --target out")
    parts = [_part(path, first, lines) for first, lines in _chunks(path)]
    if not any(len(part.columns) for part in parts):
        raise DataError(f"{path} holds no pairs index:value; lines such as '1 3:0.5 7:2' are needed")
    y, lines, counts, columns, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    notes = []
    if columns.min() == 0:
        notes.append("an index is 0, so the columns are counted from 0")
    else:
        columns -= 1
    starts = np.concatenate([[0], np.cumsum(counts)])
    X = sp.csr_array((values, columns, starts), shape=(len(y), int(columns.max()) + 1))
    X.sort_indices()
    twice = np.flatnonzero(np.diff(X.indices) == 0)
    twice = twice[~np.isin(twice + 1, starts)]
    if len(twice):
        row = np.searchsorted(starts, twice[0], side="right") - 1
        raise DataError(f"{path}, line {lines[row]}: index {X.indices[twice[0]] + (not notes)} is there twice")
    X.eliminate_zeros()
    share = 100 * X.nnz / (X.shape[0] * X.shape[1])
    notes.append(f"{X.nnz} entries in {X.shape[0]} rows and {X.shape[1]} columns are not zero, {share:.3g}% of all")
    return Table(path, X, (), "label", pd.Series(y, name="label"), tuple(notes))


def _chunks(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Lines, and the number of the first of them."""
    first = 1
    try:
        if path.stat().st_size > MOST:
            raise DataError(f"{path} has {path.stat().st_size / 2**30:.3g} GiB; at most {MOST / 2**30:g} GiB are read")
        with path.open("rb") as file:
            if file.read(3) != b"\xef\xbb\xbf":
                file.seek(0)
            while lines := file.readlines(CHUNK):
                yield first, lines
                first += len(lines)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None


def _part(path: Path, first: int, lines: list[bytes]) -> Part:
    labels, where, counts, pairs = [], [], [], []
    for k, line in enumerate(lines, first):
        words = line.partition(b"#")[0].split()
        if not words:
            continue
        if not re.fullmatch(NUMBER, words[0]):
            wrong = "has no label before its pairs" if b":" in words[0] else f"begins with {_shown(words[0])}"
            raise DataError(f"{path}, line {k} {wrong}; a line is one number and pairs such as 3:0.5")
        given = words[2:] if words[1:] and words[1].startswith(b"qid:") else words[1:]
        labels.append(float(words[0]))
        where.append(k)
        counts.append(len(given))
        pairs += given
    split = [pair.partition(b":") for pair in pairs]
    if b" ".join(pairs).translate(None, b"0123456789:+-.eE "):  # float would read nan and 1_0
        _blame(path, where, counts, pairs)
    try:
        columns = np.array([int(index) for index, _, _ in split], np.int64)
        values = np.array([float(value) for _, _, value in split], np.float64)
    except (ValueError, OverflowError):
        _blame(path, where, counts, pairs)
    if columns.min(initial=0) < 0 or columns.max(initial=0) > COLUMNS or not np.isfinite(values).all():
        _blame(path, where, counts, pairs)
    if not np.isfinite(labels).all():
        k = int(np.flatnonzero(~np.isfinite(labels))[0])
        raise DataError(f"{path}, line {where[k]}: the label is beyond 1.8e308, the largest that float64 holds")
    return Part(np.array(labels, np.float64), np.array(where, np.int64), np.array(counts, np.int64), columns, values)


def _blame(path: Path, where: list[int], counts: list[int], pairs: list[bytes]) -> NoReturn:
    """Name the first pair that cannot be used."""
    for line, pair in zip(np.repeat(where, counts), pairs, strict=True):
        found: Any = re.fullmatch(rb"(\d{1,18}):(" + NUMBER + rb")", pair)
        if found is None:
            raise DataError(
                f"{path}, line {line}: {_shown(pair)} is no pair index:value "
                "of a whole number, zero or above, and a finite number"
            )
        if int(found[1]) > COLUMNS:
            raise DataError(f"{path}, line {line}: index {int(found[1])} is too large; at most {COLUMNS} are read")
        if not np.isfinite(float(found[2])):
            raise DataError(f"{path}, line {line}: {_shown(pair)} is beyond 1.8e308, the largest that float64 holds")
    raise DataError(f"{path} is not a LIBSVM file")


def _shown(word: bytes) -> str:
    return "'" + word[:30].decode("ascii", "backslashreplace") + "'"
