"""NIST's Statistical Reference Datasets: .dat files with rows, a model, starting values and certified coefficients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from problems.data.readers.nist_model import FUNCTIONS, check_model, read_model
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?"
MOST_BYTES = 2**24  # the largest of NIST's files has 10^5


@dataclass(frozen=True)
class NistFile:
    """The contents of a file of NIST's StRD.

    `exact` holds the decimals of the data; y + y_low and X + X_low are these decimals to twice the digits of float64.
    """

    path: Path
    name: str
    kind: Literal["linear", "nonlinear"]
    response: str  # the left-hand side of the model, a formula of the response: y, or log(y)
    formula: str  # its right-hand side in Python's notation, without the error term
    parameters: tuple[str, ...]  # b1, b2, ... or B0, B1, ...
    starts: Matrix  # (2, p); (0, p) of a linear model
    certified: Vector  # (p,)
    deviations: Vector  # (p,), their certified standard deviations
    residual_sum: float  # certified sum of squared residuals
    columns: tuple[str, ...]  # names of the predictors
    exact: tuple[tuple[Fraction, ...], ...]  # n rows, the response first
    y: Vector  # (n,)
    X: Matrix  # (n, predictors)
    y_low: Vector  # what rounding to float64 removed from y
    X_low: Matrix  # what rounding to float64 removed from X


def split_decimals(numbers: Sequence[Sequence[Fraction]]) -> tuple[Matrix, Matrix]:
    """Each number rounded to float64, and the rest rounded to float64. Raises OverflowError beyond float64."""
    high = [[float(number) for number in row] for row in numbers]
    low = [
        [float(number - Fraction(rounded)) for number, rounded in zip(row, rounded_row, strict=True)]
        for row, rounded_row in zip(numbers, high, strict=True)
    ]
    return np.array(high, np.float64), np.array(low, np.float64)


def read_nist(file: str | Path) -> NistFile:
    """Read a file of NIST's StRD for linear or nonlinear regression. Raises DataError, which says what is wrong."""
    path = Path(file)
    lines = _lines(path)
    if "StRD" not in next(filter(str.strip, lines), ""):
        raise DataError(f"{path} is not a file of NIST's StRD: its first line is not 'NIST/ITL StRD'")
    procedure = _after(lines, "Procedure:")
    if "Least Squares Regression" not in procedure:
        problem = f"its procedure is {procedure!r}" if procedure else "it names no procedure"
        raise DataError(f"{path}: {problem}; it must be linear or nonlinear least squares regression")
    kind: Literal["linear", "nonlinear"] = "nonlinear" if "Nonlinear" in procedure else "linear"
    name = _after(lines, "Dataset Name:").split("(")[0].strip() or path.stem
    table = _nonlinear(path, lines) if kind == "nonlinear" else _linear(path, lines)
    parameters = tuple(name for name, _ in table)
    values = np.array([numbers for _, numbers in table])
    response, formula = read_model(path, lines)
    columns, exact = _data(path, lines)
    if response not in (columns[0], *(f"{function}({columns[0]})" for function in FUNCTIONS)):
        raise DataError(f"{path}: the model predicts {response}, but the first column of the data is {columns[0]}")
    check_model(path, formula, parameters, columns[1:])
    try:
        high, low = split_decimals(exact)
    except OverflowError:
        raise DataError(f"{path}: a number of the data is beyond 1.8e308, the largest number in float64") from None
    return NistFile(
        path=path,
        name=name,
        kind=kind,
        response=response,
        formula=formula,
        parameters=parameters,
        starts=np.ascontiguousarray(values[:, :-2].T),
        certified=values[:, -2].copy(),
        deviations=values[:, -1].copy(),
        residual_sum=_residual_sum(path, lines),
        columns=columns[1:],
        exact=exact,
        y=high[:, 0].copy(),
        X=np.ascontiguousarray(high[:, 1:]),
        y_low=low[:, 0].copy(),
        X_low=np.ascontiguousarray(low[:, 1:]),
    )


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(
                f"{path} has {path.stat().st_size} bytes; the limit for a file of NIST's StRD is {MOST_BYTES}"
            )
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text: byte {error.start} is invalid") from None


def _after(lines: list[str], title: str) -> str:
    """The rest of the first line that starts with `title`; empty if there is no such line."""
    return next((line.strip()[len(title) :].strip() for line in lines if line.strip().startswith(title)), "")


def _exactly(path: Path, text: str, place: str) -> Fraction:
    if not re.fullmatch(NUMBER, text):
        raise DataError(f"{path}, {place}: {text!r} is not a number")
    number = Decimal(re.sub("[Dd]", "E", text))
    if number and not -400 < number.adjusted() < 400:  # Fraction would need a billion digits for 1e999999999
        raise DataError(f"{path}, {place}: {text} is beyond the range of float64")
    return Fraction(number)


def _float(path: Path, text: str, place: str) -> float:
    try:
        return float(_exactly(path, text, place))
    except OverflowError:
        raise DataError(f"{path}, {place}: {text} is beyond the range of float64") from None


def _linear(path: Path, lines: list[str]) -> list[tuple[str, list[float]]]:
    """Name, certified value and standard deviation of each parameter."""
    table = []
    for k, line in enumerate(lines, 1):
        words = line.split()
        if len(words) == 3 and re.fullmatch(r"[Bb]\d+", words[0]):
            table.append((words[0], [_float(path, word, f"line {k}") for word in words[1:]]))
    return _counted(path, lines, table)


def _nonlinear(path: Path, lines: list[str]) -> list[tuple[str, list[float]]]:
    """Name, starting values, certified value and standard deviation of each parameter."""
    table: list[tuple[str, list[float]]] = []
    for k, line in enumerate(lines, 1):
        match = re.fullmatch(r"\s*([Bb]\d+)\s*=\s*(.+)", line)
        if match is None:
            continue
        numbers = [_float(path, word, f"line {k}") for word in match[2].split()]
        if len(numbers) != (len(table[0][1]) if table else 4):
            raise DataError(
                f"{path}, line {k}: {match[1]} has {len(numbers)} numbers; two starting values, "
                "the certified value and its standard deviation are needed"
            )
        table.append((match[1], numbers))
    return _counted(path, lines, table)


def _counted(path: Path, lines: list[str], table: list[tuple[str, list[float]]]) -> list[tuple[str, list[float]]]:
    """The table of parameters. Raises DataError unless it has as many different parameters as the header states."""
    names = [name for name, _ in table]
    if len(set(names)) < len(names):
        raise DataError(f"{path}: a parameter is certified twice; the parameters are {', '.join(names)}")
    stated = re.search(r"(\d+)\s+Parameters?\b", "\n".join(lines))
    if not table or (stated is not None and int(stated[1]) != len(table)):
        raise DataError(
            f"{path}: {len(table)} parameters have certified values; the model has {stated[1] if stated else 'some'}"
        )
    return table


def _residual_sum(path: Path, lines: list[str]) -> float:
    for k, line in enumerate(lines, 1):
        match = re.match(rf"\s*(?:Residual Sum of Squares:|Residual\s+\d+)\s+({NUMBER})", line)
        if match:
            return _float(path, match[1], f"line {k}")
    raise DataError(f"{path}: there is no certified residual sum of squares")


def _data(path: Path, lines: list[str]) -> tuple[tuple[str, ...], tuple[tuple[Fraction, ...], ...]]:
    """The names of the columns, the response first, and the rows as exact fractions."""
    titles = [k for k, line in enumerate(lines) if re.match(r"\s*Data:(\s+[A-Za-z_]\w*)+\s*$", line)]
    if not titles:
        raise DataError(f"{path}: there is no line 'Data: y x' with rows of numbers below it")
    columns = tuple(lines[titles[-1]].split()[1:])
    if len(columns) < 2 or len(set(columns)) < len(columns):
        raise DataError(
            f"{path}: the columns of the data are {', '.join(columns)}; a response and predictors are needed"
        )
    rows = []
    for k, line in enumerate(lines[titles[-1] + 1 :], titles[-1] + 2):
        words = line.split()
        if not words:
            continue
        if len(words) != len(columns):
            raise DataError(f"{path}, line {k}: {len(words)} numbers in a row of {len(columns)} columns")
        rows.append(tuple(_exactly(path, word, f"line {k}") for word in words))
    head = "\n".join(lines[: titles[-1]])
    stated = re.search(r"(\d+)\s+Observations?\b", head)
    lines_stated = re.search(r"Data\s*\(\s*lines\s+(\d+)\s+to\s+(\d+)\s*\)", head)
    declared = (
        int(stated[1]) if stated else int(lines_stated[2]) - int(lines_stated[1]) + 1 if lines_stated else len(rows)
    )
    if not rows or len(rows) != declared:
        raise DataError(f"{path} contains {len(rows)} rows of data, and its header states {declared or 'some'}")
    return columns, tuple(rows)
