"""Rows from arrays in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp

from problems.data.preparation import dense_rows, prepared
from problems.data.readers.raw_table import encoding
from problems.data.source import Dataset, RowSource, Task, needed
from problems.foundation.about import About
from problems.foundation.checks import DataError, as_classes, as_labels, as_rows, as_sparse_rows

MOST_INTEGER_CLASSES = 20  # different integers up to which a target holds classes


@dataclass(frozen=True, eq=False)
class Arrays(RowSource):
    """X and y from numpy, scipy.sparse or pandas, used as they are unless they are to be standardised.

    X            shape (n, d); a pandas DataFrame names the columns. A signal needs none
    y            shape (n,), or (n, outputs); numbers, or for classes any values. A problem without a target needs none
    standardize  whether columns, and targets that are numbers, are shifted and scaled to mean 0 and variance 1
    """

    name: ClassVar[str] = "arrays"
    makes: ClassVar[tuple[Task, ...]] = tuple(Task)

    X: Any = None
    y: Any = None
    standardize: bool = False

    def __str__(self) -> str:
        """The shape and the start of the digest; no spec can name arrays in memory."""
        shape = " x ".join(map(str, np.shape(self.X if self.X is not None else self.y)))
        return f"arrays({shape}, {self.digest()[:8]}{', standardized' if self.standardize else ''})"

    def digest(self) -> str:
        """SHA-256 of the contents of the arrays."""
        digest = hashlib.sha256()
        for array in (self.X, self.y):
            csr = sp.csr_array(array) if sp.issparse(array) else None
            for part in (array,) if csr is None else (csr.data, csr.indices, csr.indptr):
                values = np.ascontiguousarray(part)
                plain = values if values.dtype.kind in "biufc" else np.array(values.tolist(), str)
                digest.update(f"{values.dtype} {np.shape(array)}".encode() + plain.tobytes())
        return digest.hexdigest()

    def natural_task(self) -> Literal[Task.NUMBERS, Task.CLASSES]:
        """Classes: two different values, text, or at most 20 different integers; numbers: anything else."""
        if self.y is None:
            raise ValueError("y is missing; numbers or classes are needed here")
        y = _vector_or_matrix(self.y)
        if y.ndim != 1:
            return Task.NUMBERS
        _refuse_missing(y)
        integers = y.dtype.kind != "f" or bool(np.all(y == np.round(y)))
        count = len(set(y.tolist()))
        return Task.CLASSES if count == 2 or (integers and count <= MOST_INTEGER_CLASSES) else Task.NUMBERS

    def load(self, task: Task) -> Dataset:
        y, notes = self._target(task)
        target = str(getattr(self.y, "name", None) or "y")
        if task is Task.SIGNAL:
            return Dataset(None, as_rows(np.zeros((np.size(y), 1)), y)[1], target=target)
        if self.X is None:
            raise ValueError("X is missing; rows are needed here")
        columns = tuple(map(str, getattr(self.X, "columns", ())))
        X = self.X if sp.issparse(self.X) else _as_array(self.X, "X")
        if task is Task.FEATURES or task is Task.POINTS:
            X = dense_rows(X, str(self))
        check = as_sparse_rows if sp.issparse(X) else as_rows
        X, checked = check(X, np.zeros(np.shape(X)[:1]) if y is None else y)
        y = None if y is None else checked
        units: tuple[float, ...] = ()
        if self.standardize:
            X, y, columns, steps, units = prepared(X, y, columns, task, str(self))
            notes = (*notes, *steps)
        return Dataset(X, y, About(notes, columns, units), target=target)

    def _target(self, task: Task) -> tuple[Any, tuple[str, ...]]:
        """The target for the task, and a note if values became other labels or classes."""
        if task is Task.FEATURES:
            return None, ()
        if self.y is None:
            raise ValueError(f"y is missing; {needed(task)}")
        y = _vector_or_matrix(self.y)
        if y.ndim > 1 and task is not Task.NUMBERS:
            raise DataError(f"y has shape {y.shape}; {needed(task)}, in one column")
        if task is not Task.LABELS and task is not Task.CLASSES:
            return y, ()
        _refuse_missing(y)
        codes = as_labels(y) if task is Task.LABELS else as_classes(y)
        if y.dtype.kind in "iuf" and np.array_equal(codes, y):
            return codes, ()
        return codes, (encoding(str(getattr(self.y, "name", None) or "y"), y, codes),)


def _vector_or_matrix(y: Any) -> Any:
    """y as an array; a single column becomes a vector."""
    if sp.issparse(y):
        raise DataError("y is a sparse matrix; it must be an array")
    if np.ndim(y) == 2 and np.shape(y)[1] == 1:
        y = y.iloc[:, 0] if hasattr(y, "iloc") else y[:, 0] if isinstance(y, np.ndarray) else np.asarray(y)[:, 0]
    if isinstance(y, np.ma.MaskedArray):
        raise DataError("y is a masked array; fill or drop the masked entries first")
    return _as_array(y, "y")


def _refuse_missing(y: Any) -> None:
    import pandas as pd

    missing = np.flatnonzero(pd.isna(y))
    if len(missing):
        raise DataError(f"y is {y[missing[0]]} at row {missing[0]}; every row needs a target")


def _as_array(values: Any, name: str) -> Any:
    """An array or a masked array as it is, anything else as an array; all columns of a DataFrame must be numbers."""
    if isinstance(values, np.ndarray) or not hasattr(values, "dtypes"):
        return values if isinstance(values, np.ndarray) else np.asarray(values)
    if values.ndim == 2:
        for column, kind in values.dtypes.items():
            if kind.kind not in "biuf":
                raise DataError(f"column {column!r} of {name} holds {kind} values; it must hold real numbers")
        return values.to_numpy(np.float64, na_value=np.nan)
    nullable = not isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf"
    return values.to_numpy(np.float64, na_value=np.nan) if nullable else np.asarray(values)
