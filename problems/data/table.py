"""A person's own table: rows and a target column out of a CSV file."""

from __future__ import annotations

import csv
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..arrays import Matrix, Vector
from ..checks import DataError
from ..names import meant

Task = Literal["regression", "classification"]


@dataclass(frozen=True)
class Table:
    """What a file holds: every column but the target as numbers, the target as it was written."""

    path: Path
    X: Matrix  # (n, d)
    columns: tuple[str, ...]
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
        return (
            np.where(self.y == classes[1], 1.0, -1.0),
            f"{self.target} = {classes[0]} is -1 and {classes[1]} is 1",
        )


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


def _ragged(message: str) -> str:
    """pandas's account of a row with too many fields, in a reader's words."""
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if found is None:
        return message.strip().replace("Error tokenizing data. C error: ", "")
    return f"line {found[2]} has {found[3]} fields, and the lines before it {found[1]}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _separator(path: Path) -> str:
    """The character that parts the columns, told from the first line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
    try:
        return csv.Sniffer().sniff(head, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def read_csv(file: str | Path, target: str | None = None) -> Table:
    """Read a CSV file with a header line; the last column is the target unless another is named.

    The first line tells whether commas, semicolons, tabs or bars part the columns. Raises DataError, with the
    place, for a file that cannot be read, a column that is missing, and a cell that is empty or not a number.
    """
    import pandas as pd

    path = Path(file)
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            frame = pd.read_csv(
                path,
                sep=_separator(path),
                skipinitialspace=True,
                encoding="utf-8-sig",
                index_col=False,
                keep_default_na=False,  # "None" and "NA" are what they say, until they stand among numbers
                na_values=[""],
                low_memory=False,
            )
    except pd.errors.EmptyDataError:
        raise DataError(f"{path} is empty; a header line and rows of numbers are needed") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8, from byte {error.start} on; save it as UTF-8") from None
    except pd.errors.ParserWarning:
        raise DataError(
            f"{path}: the rows have more fields than the header line has names; name every column"
        ) from None
    except (pd.errors.ParserError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file: {_ragged(str(error))}") from None
    names = [str(name) for name in frame.columns]
    if all(_is_number(name) for name in names):
        raise DataError(f"{path}: the first line holds numbers; a header line that names the columns is needed")
    frame.columns = names
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
    constant = [name for name, width in zip(kept, np.ptp(X, axis=0), strict=True) if width == 0]
    if constant:
        notes.append(f"constant, so left out where columns are standardised: {', '.join(constant)}")
    return Table(path, X, tuple(kept), target, y, tuple(notes))
