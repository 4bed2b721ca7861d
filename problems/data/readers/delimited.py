"""Rows of a CSV file: text with a header line and columns separated by commas, semicolons, tabs or vertical bars."""

from __future__ import annotations

import csv
import re
import warnings
from pathlib import Path

from problems.data.readers.raw_table import RawTable, table_of
from problems.foundation.checks import DataError


def _parser_message(message: str) -> str:
    """pandas' message about a row with too many fields, in plain words."""
    match = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if match is None:
        return message.strip().replace("Error tokenizing data. C error: ", "")
    return f"line {match[2]} has {match[3]} fields, and the lines before it have {match[1]}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _separator(path: Path) -> str:
    """The character that separates the columns, inferred from the first line; a comma by default."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
    try:
        return csv.Sniffer().sniff(head, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def read_csv(file: str | Path, target: str | None = None) -> RawTable:
    """Read a CSV file with a header line; the last column is the target by default.

    The separator is inferred from the first line. Raises DataError, which names the place, for a file that cannot be
    read, a column that does not exist, and a cell that is empty or not a number.
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
                keep_default_na=False,  # "None" and "NA" may be names of classes; as features they are refused
                na_values=[""],
                low_memory=False,
            )
    except pd.errors.EmptyDataError:
        raise DataError(f"{path} is empty; a header line and rows of numbers are needed") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8: byte {error.start} is invalid; save it as UTF-8") from None
    except pd.errors.ParserWarning:
        raise DataError(
            f"{path}: the rows have more fields than the header line has names; each column needs a name"
        ) from None
    except (pd.errors.ParserError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file: {_parser_message(str(error))}") from None
    frame.columns = [str(name) for name in frame.columns]
    if all(_is_number(name) for name in frame.columns):
        raise DataError(f"{path}: the first line contains numbers; a header line with names of the columns is needed")
    return table_of(path, frame, target)
