"""Rows out of a NumPy .npz file: arrays X and y, their sizes read from the headers before anything is allocated."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from problems.data.readers.table import Table, within
from problems.foundation.checks import DataError, as_rows
from problems.foundation.names import meant

NO_NUMBERS = {
    "O": "Python objects, which are pickles, and no pickle is ever read",
    "c": "complex numbers",
    "U": "text",
    "S": "text",
    "V": "records",
    "M": "dates",
    "m": "spans of time",
}


class Header(NamedTuple):
    """What one array of the file says of itself."""

    shape: tuple[int, ...]
    dtype: Any


def read_npz(file: str | Path, target: str | None = None) -> Table:
    """Read the array y, or the one that `target` names, and the rows X, or the only other array; DataError."""
    path = Path(file)
    try:
        with zipfile.ZipFile(path) as archive:
            headers = {info.filename.removesuffix(".npy"): _header(path, archive, info) for info in archive.infolist()}
            features, target = _chosen(path, headers, target)
            X, y = (_array(path, archive, name, headers[name], axes) for name, axes in ((features, 2), (target, 1)))
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is not an .npz file, or is not whole: {str(error)[:80]}") from None
    except (RuntimeError, NotImplementedError, zlib.error, EOFError) as error:  # encrypted, packed otherwise, cut off
        raise DataError(f"{path} cannot be unpacked: {error}") from None
    except OSError as error:
        if error.filename is None:  # a place before the file's beginning
            raise DataError(f"{path} is not an .npz file, or is not whole") from None
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    import pandas as pd

    try:
        with np.errstate(over="ignore"):  # of a long double
            X, numbers = as_rows(X, y)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    return Table(path, X, (), target, pd.Series(y if y.dtype.kind == "b" else numbers, name=target), ())


def _header(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    """Shape and type of one array, and that the file holds as many bytes as they need."""
    if not info.filename.endswith(".npy"):
        raise DataError(f"{path} holds {info.filename!r}, which is no array; np.savez(FILE, X=X, y=y) writes none")
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as stream:
        try:
            version = npy.read_magic(stream)
            shape, _, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(stream)
        except (ValueError, TypeError) as error:
            raise DataError(f"{path}: array {name} has no header that NumPy reads: {str(error)[:80]}") from None
        begin = stream.tell()
    if any(size < 0 for size in shape):
        raise DataError(f"{path}: array {name} declares the shape {shape}, which is negative")
    if dtype.kind in NO_NUMBERS:
        raise DataError(f"{path}: array {name} holds {NO_NUMBERS[dtype.kind]}; real numbers are needed")
    within(path, math.prod(shape[:1]), math.prod(shape[1:]))
    needed = math.prod(shape) * dtype.itemsize
    if info.file_size - begin != needed:
        raise DataError(
            f"{path}: array {name} of shape {shape} takes {needed} bytes, and the file holds {info.file_size - begin}"
        )
    return Header(shape, dtype)


def _chosen(path: Path, headers: dict[str, Header], target: str | None) -> tuple[str, str]:
    """The names of the arrays of rows and of targets."""
    y = target or "y"
    if y not in headers:
        raise DataError(f"{path} has no array {y!r}; {meant(y, headers) if headers else 'it holds none'}")
    others = [name for name in headers if name != y]
    X = "X" if "X" in others else others[0] if len(others) == 1 else None
    if X is None:
        raise DataError(f"{path} holds the arrays {', '.join(headers)}; the rows must be X, or be the only other")
    return X, y


def _array(path: Path, archive: zipfile.ZipFile, name: str, header: Header, axes: int) -> Any:
    column = axes == 1 and header.shape[1:] == (1,)  # which is a target too
    if len(header.shape) != axes and not column:
        raise DataError(f"{path}: array {name} has {len(header.shape)} axes, shape {header.shape}; {axes} are needed")
    with archive.open(name + ".npy") as stream:
        try:
            array = npy.read_array(stream, allow_pickle=False)
        except ValueError as error:
            raise DataError(f"{path}: array {name} is not whole: {str(error)[:80]}") from None
    return array.ravel() if column else array
