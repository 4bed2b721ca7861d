"""Rows of a NumPy .npz file: arrays X and y, whose sizes in the headers are checked before memory is allocated."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from problems.data.readers.raw_table import RawTable, check_size
from problems.foundation.checks import DataError, as_rows
from problems.foundation.names import suggestion

NOT_NUMBERS = {
    "O": "Python objects, which would be unpickled, and that could run any code",
    "c": "complex numbers",
    "U": "text",
    "S": "text",
    "V": "records",
    "M": "dates",
    "m": "time differences",
}


class Header(NamedTuple):
    """Shape and type of one array, as the file declares them."""

    shape: tuple[int, ...]
    dtype: Any


def read_npz(file: str | Path, target: str | None = None) -> RawTable:
    """Read the target, y by default, and the rows, X or the only other array. Raises DataError."""
    path = Path(file)
    try:
        with zipfile.ZipFile(path) as archive:
            headers = {info.filename.removesuffix(".npy"): _header(path, archive, info) for info in archive.infolist()}
            features, target = _chosen(path, headers, target)
            X, y = (_array(path, archive, name, headers[name], axes) for name, axes in ((features, 2), (target, 1)))
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is not an .npz file, or is damaged: {str(error)[:80]}") from None
    except (
        RuntimeError,
        NotImplementedError,
        zlib.error,
        EOFError,
    ) as error:  # encrypted, an unknown compression, incomplete
        raise DataError(f"{path} cannot be unpacked: {error}") from None
    except OSError as error:
        if error.filename is None:  # a seek to a negative position
            raise DataError(f"{path} is not an .npz file, or is damaged") from None
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    import pandas as pd

    try:
        with np.errstate(over="ignore"):  # of a long double
            X, numbers = as_rows(X, y)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    return RawTable(path, X, (), target, pd.Series(y if y.dtype.kind == "b" else numbers, name=target), ())


def _header(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    """Shape and type of one array. Raises DataError unless the file contains as many bytes as they need."""
    if not info.filename.endswith(".npy"):
        raise DataError(
            f"{path} holds {info.filename!r}, which is not an array; np.savez(FILE, X=X, y=y) writes arrays only"
        )
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as stream:
        try:
            version = npy.read_magic(stream)
            shape, _, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(stream)
        except (ValueError, TypeError) as error:
            raise DataError(f"{path}: array {name} has no header that NumPy can read: {str(error)[:80]}") from None
        start = stream.tell()
    if any(size < 0 for size in shape):
        raise DataError(f"{path}: array {name} declares the shape {shape}; no size may be negative")
    if dtype.kind in NOT_NUMBERS:
        raise DataError(f"{path}: array {name} holds {NOT_NUMBERS[dtype.kind]}; real numbers are needed")
    check_size(path, math.prod(shape[:1]), math.prod(shape[1:]))
    needed = math.prod(shape) * dtype.itemsize
    if info.file_size - start != needed:
        raise DataError(
            f"{path}: array {name} of shape {shape} needs {needed} bytes, the file contains {info.file_size - start}"
        )
    return Header(shape, dtype)


def _chosen(path: Path, headers: dict[str, Header], target: str | None) -> tuple[str, str]:
    """The names of the array of rows and of the target."""
    y = target or "y"
    if y not in headers:
        raise DataError(f"{path} has no array {y!r}; {suggestion(y, headers) if headers else 'it contains no arrays'}")
    others = [name for name in headers if name != y]
    X = "X" if "X" in others else others[0] if len(others) == 1 else None
    if X is None:
        raise DataError(
            f"{path} contains the arrays {', '.join(headers)}; the rows must be X, or the only array besides {y}"
        )
    return X, y


def _array(path: Path, archive: zipfile.ZipFile, name: str, header: Header, axes: int) -> Any:
    column = axes == 1 and header.shape[1:] == (1,)  # accepted as a target
    if len(header.shape) != axes and not column:
        raise DataError(f"{path}: array {name} has {len(header.shape)} axes, shape {header.shape}; it must have {axes}")
    with archive.open(name + ".npy") as stream:
        try:
            array = npy.read_array(stream, allow_pickle=False)
        except ValueError as error:
            raise DataError(f"{path}: array {name} is damaged: {str(error)[:80]}") from None
    return array.ravel() if column else array
