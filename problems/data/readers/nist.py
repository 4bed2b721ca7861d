"""NIST's Statistical Reference Datasets: .dat files that hold rows, a model, starting values and certified answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from problems.data.readers.nist_model import FUNCTIONS, stated, understood
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?"
MOST = 2**24  # bytes; the largest of NIST's own files has 10^5


@dataclass(frozen=True)
class NistFile:
    """What a file of NIST's StRD holds. The decimals y and X are kept exactly in `exact`.

    y + y_low and X + X_low are those decimals to twice the digits of float64.
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
    y_low: Vector  # what float64 lost of y
    X_low: Matrix  # what float64 lost of X


def split(numbers: Sequence[Sequence[Fraction]]) -> tuple[Matrix, Matrix]:
    """The float64 nearest each number, and the float64 nearest to what that lost. OverflowError beyond float64."""
    high = [[float(number) for number in row] for row in numbers]
    low = [
        [float(number - Fraction(near)) for number, near in zip(row, nearest, strict=True)]
        for row, nearest in zip(numbers, high, strict=True)
    ]
    return np.array(high, np.float64), np.array(low, np.float64)


def read_nist(file: str | Path) -> NistFile:
    """Read a file of NIST's StRD, linear or nonlinear regression; a DataError says what is wrong with any other."""
    path = Path(file)
    lines = _lines(path)
    if "StRD" not in next(filter(str.strip, lines), ""):
        raise DataError(f"{path} is no file of NIST's StRD: its first line is not 'NIST/ITL StRD'")
    procedure = _after(lines, "Procedure:")
    if "Least Squares Regression" not in procedure:
        said = f"its procedure is {procedure!r}" if procedure else "it names no procedure"
        raise DataError(f"{path}: {said}; linear and nonlinear least squares regression are read")
    kind: Literal["linear", "nonlinear"] = "nonlinear" if "Nonlinear" in procedure else "linear"
    name = _after(lines, "Dataset Name:").split("(")[0].strip() or path.stem
    table = _nonlinear(path, lines) if kind == "nonlinear" else _linear(path, lines)
    parameters = tuple(name for name, _ in table)
    values = np.array([numbers for _, numbers in table])
    response, formula = stated(path, lines)
    columns, exact = _data(path, lines)
    if response not in (columns[0], *(f"{function}({columns[0]})" for function in FUNCTIONS)):
        raise DataError(f"{path}: the model is of {response}, and the first column of the data is {columns[0]}")
    understood(path, formula, parameters, columns[1:])
    try:
        high, low = split(exact)
    except OverflowError:
        raise DataError(f"{path}: a number of the data is beyond 1.8e308, the largest that float64 holds") from None
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
        if path.stat().st_size > MOST:
            raise DataError(f"{path} has {path.stat().st_size} bytes; a file of NIST's StRD has far less than {MOST}")
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text, from byte {error.start} on") from None


def _after(lines: list[str], title: str) -> str:
    """The rest of the first line that begins with `title`; empty where there is none."""
    return next((line.strip()[len(title) :].strip() for line in lines if line.strip().startswith(title)), "")


def _exactly(path: Path, text: str, place: str) -> Fraction:
    if not re.fullmatch(NUMBER, text):
        raise DataError(f"{path}, {place}: {text!r} is not a number")
    number = Decimal(re.sub("[Dd]", "E", text))
    if number and not -400 < number.adjusted() < 400:  # of 1e999999999 Fraction would write all digits
        raise DataError(f"{path}, {place}: {text} is beyond what float64 holds")
    return Fraction(number)


def _float(path: Path, text: str, place: str) -> float:
    try:
        return float(_exactly(path, text, place))
    except OverflowError:
        raise DataError(f"{path}, {place}: {text} is beyond what float64 holds") from None


def _linear(path: Path, lines: list[str]) -> list[tuple[str, list[float]]]:
    """Name, certified value and standard deviation of each parameter."""
    found = []
    for k, line in enumerate(lines, 1):
        words = line.split()
        if len(words) == 3 and re.fullmatch(r"[Bb]\d+", words[0]):
            found.append((words[0], [_float(path, word, f"line {k}") for word in words[1:]]))
    return _counted(path, lines, found)


def _nonlinear(path: Path, lines: list[str]) -> list[tuple[str, list[float]]]:
    """Name, starting values, certified value and standard deviation of each parameter."""
    found: list[tuple[str, list[float]]] = []
    for k, line in enumerate(lines, 1):
        parts = re.fullmatch(r"\s*([Bb]\d+)\s*=\s*(.+)", line)
        if parts is None:
            continue
        numbers = [_float(path, word, f"line {k}") for word in parts[2].split()]
        if len(numbers) != (len(found[0][1]) if found else 4):
            raise DataError(
                f"{path}, line {k}: {parts[1]} has {len(numbers)} numbers; two starting values, "
                "the certified value and its standard deviation are needed"
            )
        found.append((parts[1], numbers))
    return _counted(path, lines, found)


def _counted(path: Path, lines: list[str], found: list[tuple[str, list[float]]]) -> list[tuple[str, list[float]]]:
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise DataError(f"{path}: a parameter is certified twice, of {', '.join(names)}")
    said = re.search(r"(\d+)\s+Parameters?\b", "\n".join(lines))
    if not found or (said is not None and int(said[1]) != len(found)):
        raise DataError(
            f"{path}: {len(found)} parameters have certified values, and the model has {said[1] if said else 'some'}"
        )
    return found


def _residual_sum(path: Path, lines: list[str]) -> float:
    for k, line in enumerate(lines, 1):
        found = re.match(rf"\s*(?:Residual Sum of Squares:|Residual\s+\d+)\s+({NUMBER})", line)
        if found:
            return _float(path, found[1], f"line {k}")
    raise DataError(f"{path}: there is no certified residual sum of squares")


def _data(path: Path, lines: list[str]) -> tuple[tuple[str, ...], tuple[tuple[Fraction, ...], ...]]:
    """Names of the columns, the response first, and the rows below them, exactly."""
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
    said = re.search(r"(\d+)\s+Observations?\b", head)
    among = re.search(r"Data\s*\(\s*lines\s+(\d+)\s+to\s+(\d+)\s*\)", head)
    declared = int(said[1]) if said else int(among[2]) - int(among[1]) + 1 if among else len(rows)
    if not rows or len(rows) != declared:
        raise DataError(f"{path} holds {len(rows)} rows of data, and its header says {declared or 'some'}")
    return columns, tuple(rows)
