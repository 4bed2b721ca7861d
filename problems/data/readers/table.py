"""A person's own table, wherever it was read from: rows of numbers and a target."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError, most_classes
from problems.foundation.names import meant

Task = Literal["regression", "classification"]
MOST = 2**31  # bytes that the numbers of a file may take in memory


@dataclass(frozen=True)
class Table:
    """What a file holds: every column but the target as numbers, the target as it was written."""

    path: Path
    X: Any  # (n, d), an array or a CSR array of scipy
    columns: tuple[str, ...]  # none where the file names none
    target: str
    y: Any  # a pandas Series of numbers, truth values or text, none missing
    notes: tuple[str, ...]

    @property
    def task(self) -> Task:
        """Classification where the target holds two values, or text that is mostly no numbers; regression otherwise."""
        import pandas as pd

        numbers = pd.to_numeric(self.y, errors="coerce").notna().mean()
        return "classification" if self.y.nunique() == 2 or numbers < 0.5 else "regression"

    def numbers(self) -> Vector:
        """The target as numbers, shape (n,)."""
        return _column(self.path, self.y, "a regression needs numbers")

    def labels(self) -> tuple[Vector, str]:
        """The target as -1 and 1, shape (n,), and a sentence that says which is which."""
        classes = sorted(self.y.unique())
        if len(classes) != 2:
            shown = ", ".join(map(str, classes[:5])) + (", ..." if len(classes) > 5 else "")
            count = "one class" if len(classes) == 1 else f"{len(classes)} classes"
            raise DataError(f"{self.path}: column {self.target!r} holds {count} ({shown}); two are needed")
        low, high = (f"{value:g}" if isinstance(value, float) else value for value in classes)
        return np.where(self.y == classes[1], 1.0, -1.0), f"{self.target} = {low} is -1 and {high} is 1"

    def codes(self) -> tuple[Vector, str]:
        """The target as numbers of classes from 0 on, shape (n,), and a sentence that says which is which."""
        classes = sorted(self.y.unique())
        if not 1 < len(classes) <= most_classes(len(self.y)):
            raise DataError(
                f"{self.path}: column {self.target!r} holds {len(classes)} different values in {len(self.y)} rows; "
                f"there must be at least 2 classes, and {most_classes(len(self.y))} at most"
            )
        named = [f"{value} is {code}" for code, value in enumerate(classes)]
        if len(named) > 5:
            named[3:-1] = ["..."]
        y = np.searchsorted(classes, self.y).astype(np.float64)
        return y, f"{self.target} = {', '.join(named)}"


def _numeric(series: Any) -> bool:
    return series.dtype.kind in "biuf"


def _column(path: Path, series: Any, demand: str) -> Vector:
    """One column as finite float64; a DataError that names the first cell that is not."""
    import pandas as pd

    empty = np.flatnonzero(series.isna())
    if len(empty):
        raise DataError(f"{path}: column {series.name!r} is empty in row {empty[0] + 1}; fill it or drop the row")
    numbers = pd.to_numeric(series, errors="coerce") if not _numeric(series) else series
    values = np.asarray(numbers, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        found = str(series.iloc[bad[0]])
        if re.fullmatch(r"-?\d+,\d+", found):
            demand = f"write {found.replace(',', '.')}: decimal commas are not read"
        raise DataError(f"{path}: column {series.name!r} holds {found!r} in row {bad[0] + 1}; {demand}")
    return values


def within(path: Path, rows: int, columns: int) -> None:
    """Refuse, before anything is allocated, more numbers than `MOST` bytes hold."""
    if 8 * rows * columns > MOST:
        size = 8 * rows * columns / 2**30
        raise DataError(
            f"{path} declares {rows} rows and {columns} columns, {size:.3g} GiB as float64; "
            f"at most {MOST / 2**30:g} GiB are read"
        )


def table_of(path: Path, frame: Any, target: str | None) -> Table:
    """The table in a pandas frame of named columns; the last is the target unless another is named."""
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
        raise DataError(f"{path} has no column {target!r}; {meant(target, names)}")
    kept = [name for name in names if name != target]
    X = np.column_stack([_column(path, frame[name], "features must be numbers") for name in kept])
    y = frame[target]
    empty = np.flatnonzero(y.isna())
    if len(empty):
        raise DataError(f"{path}: column {target!r} is empty in row {empty[0] + 1}; fill it or drop the row")
    constant = [name for name, same in zip(kept, X.max(0) == X.min(0), strict=True) if same]
    if constant:
        notes.append(f"constant, so left out where columns are standardised: {', '.join(constant)}")
    return Table(path, X, tuple(kept), target, y, tuple(notes))
