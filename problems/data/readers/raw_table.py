"""A user's table, independent of the format of its file: rows of numbers and a target."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError, as_classes, as_labels, class_name
from problems.foundation.names import suggestion

MOST_BYTES = 2**31  # that the numbers of a file may need in memory
MOST_CLASSES_SHOWN = 5


@dataclass(frozen=True)
class RawTable:
    """The contents of a file: all columns except the target as numbers, and the target as it is written."""

    path: Path
    X: Any  # (n, d), an array or a CSR array of scipy
    columns: tuple[str, ...]  # empty if the file has no names
    target: str
    y: Any  # a pandas Series of numbers, booleans or text, none missing
    notes: tuple[str, ...]

    @property
    def classifies(self) -> bool:
        """Whether the target holds classes: two different values, or text that is mostly not numbers."""
        import pandas as pd

        numbers = pd.to_numeric(self.y, errors="coerce").notna().mean()
        return bool(self.y.nunique() == 2 or numbers < 0.5)

    def numbers(self, reason: str) -> Vector:
        """The target as numbers, shape (n,). Raises DataError, which ends with that reason, for anything else."""
        return _column(self.path, self.y, reason)

    def labels(self) -> tuple[Vector, str]:
        """The target as -1 and 1, shape (n,), and a sentence that says which value is which."""
        y = as_labels(self.y, f"{self.path}: column {self.target!r}")
        return y, encoding(self.target, self.y, y)

    def codes(self) -> tuple[Vector, str]:
        """The target as classes 0, 1, 2, ..., shape (n,), and a sentence that says which value is which."""
        y = as_classes(self.y, f"{self.path}: column {self.target!r}")
        return y, encoding(self.target, self.y, y)


def encoding(name: str, values: Any, codes: Vector) -> str:
    """The sentence that says which value became which code; of many classes the first three and the last."""
    codes, first = np.unique(codes, return_index=True)
    pairs = [f"{class_name(value)} is {code:g}" for value, code in zip(np.asarray(values)[first], codes, strict=True)]
    if len(pairs) > MOST_CLASSES_SHOWN:
        pairs[3:-1] = ["..."]
    joined = f"{pairs[0]} and {pairs[1]}" if len(pairs) == 2 else ", ".join(pairs)
    return f"{name} = {joined}"


def _column(path: Path, series: Any, demand: str) -> Vector:
    """One column as finite float64. Raises DataError, which names the first cell that is empty or not a number."""
    import pandas as pd

    _refuse_empty_cells(path, series)
    numbers = series if series.dtype.kind in "biuf" else pd.to_numeric(series, errors="coerce")
    values = np.asarray(numbers, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        cell = str(series.iloc[wrong[0]])
        if re.fullmatch(r"-?\d+,\d+", cell):
            demand = f"write {cell.replace(',', '.')}: decimal commas are not read"
        raise DataError(f"{path}: column {series.name!r} holds {cell!r} in row {wrong[0] + 1}; {demand}")
    return values


def _refuse_empty_cells(path: Path, series: Any) -> None:
    empty = np.flatnonzero(series.isna())
    if len(empty):
        raise DataError(f"{path}: column {series.name!r} is empty in row {empty[0] + 1}; fill it or drop the row")


def check_size(path: Path, rows: int, columns: int) -> None:
    """Raise DataError, before memory is allocated, if a table needs more than `MOST_BYTES`."""
    if 8 * rows * columns > MOST_BYTES:
        size = 8 * rows * columns / 2**30
        raise DataError(
            f"{path} declares {rows} rows and {columns} columns, {size:.3g} GiB as float64; "
            f"the limit is {MOST_BYTES / 2**30:g} GiB"
        )


def table_of(path: Path, frame: Any, target: str | None) -> RawTable:
    """The table in a pandas frame with named columns; the last one is the target by default. Raises DataError."""
    names = list(frame.columns)
    if not len(frame) or len(names) < 2:
        raise DataError(
            f"{path} has {len(frame)} rows and {len(names)} columns; "
            "at least one row, one column of numbers and a target are needed"
        )
    notes = []
    if target is None:
        target = names[-1]
        notes.append(f"the target is the last column, {target}")
    elif target not in names:
        raise DataError(f"{path} has no column {target!r}; {suggestion(target, names)}")
    kept = [name for name in names if name != target]
    X = np.column_stack([_column(path, frame[name], "features must be numbers") for name in kept])
    _refuse_empty_cells(path, frame[target])
    constant = [name for name, same in zip(kept, X.max(0) == X.min(0), strict=True) if same]
    if constant:
        notes.append(f"constant columns, which standardising drops: {', '.join(constant)}")
    return RawTable(path, X, tuple(kept), target, frame[target], tuple(notes))
