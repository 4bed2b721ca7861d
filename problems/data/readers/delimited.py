"""Rows out of a CSV file: text, a header line, columns with commas, semicolons, tabs or bars between them."""

from __future__ import annotations

import csv
import re
import warnings
from pathlib import Path

from problems.data.readers.table import Table, table_of
from problems.foundation.checks import DataError


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
    frame.columns = [str(name) for name in frame.columns]
    if all(_is_number(name) for name in frame.columns):
        raise DataError(f"{path}: the first line holds numbers; a header line that names the columns is needed")
    return table_of(path, frame, target)
