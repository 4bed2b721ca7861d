"""The preparation of rows for a problem: constant columns are dropped, columns and targets are standardised.

scikit-learn's StandardScaler is not used: it loses or overflows columns around 1e200 and 1e-200, which the scaling by
powers of two below does not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from problems.data.source import Task
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError

DENSE_SHARE = 0.25  # of the entries of a sparse file; with more it becomes an array
MOST_DENSE_ENTRIES = 2**27  # that a sparse matrix may have as an array


def dense_if_full(X: Any) -> Any:
    """X as an array if more than a quarter of its entries are stored."""
    return X.toarray() if sp.issparse(X) and X.nnz > DENSE_SHARE * X.shape[0] * X.shape[1] else X


def dense_rows(X: Any, place: str) -> Any:
    """X as an array, for a task that needs one. Raises DataError, which starts with `place`, if it is too large."""
    if sp.issparse(X) and X.shape[0] * X.shape[1] > MOST_DENSE_ENTRIES:
        raise DataError(
            f"{place}: the rows are sparse, and as an array of {X.shape[0]} x {X.shape[1]} they are too large"
        )
    return X.toarray() if sp.issparse(X) else X


class Prepared(NamedTuple):
    """Rows that are ready for a problem."""

    X: Any  # an array or a CSR array
    y: Any
    columns: tuple[str, ...]  # the names of those that were kept
    notes: tuple[str, ...]  # what was done
    units: tuple[float, ...]  # what 1 of each prepared column is in its own unit


def prepared(X: Any, y: Any, columns: tuple[str, ...], task: Task, place: str) -> Prepared:
    """X and y standardised.

    The columns of an array, and targets that are numbers, get mean 0 and variance 1; constant columns are dropped. The
    columns of a CSR array get mean square 1 and are not shifted, so that zeros stay zeros. Raises DataError, which
    starts with `place`, if nothing varies.
    """
    notes: tuple[str, ...] = ()
    if sp.issparse(X):
        X, units = scaled(X)
        notes = ("sparse columns are scaled to mean square 1, and not shifted; empty columns are dropped",)
    else:
        varying = X.max(0) > X.min(0)
        if not varying.any():
            raise DataError(f"{place}: every column is constant; at least one must vary")
        columns = tuple(name for name, varies in zip(columns, varying, strict=False) if varies)
        X, units = standardized(X)
    if task is Task.NUMBERS:
        Y = y.reshape(len(y), -1)
        if (Y.max(0) == Y.min(0)).any():
            raise DataError(f"{place}: the target is the same in every row; it must vary")
        y = standardized(Y)[0].reshape(y.shape)
    return Prepared(X, y, columns, notes, tuple(units.tolist()))


def standardized(columns: Matrix) -> tuple[Matrix, Vector]:
    """The columns shifted and scaled to mean 0 and variance 1, without those that are constant; their deviations.

    The columns of a user's table may differ by factors of thousands. On one scale, a step and a tolerance mean the same
    for every table. First a power of two, which is exact, scales each column to about 1, so that squares neither
    overflow nor underflow.
    """
    columns = columns[:, columns.max(0) > columns.min(0)]
    _, exponent = np.frexp(abs(columns).max(0))
    columns = np.ldexp(columns, -exponent)
    columns = columns - columns.mean(0)
    deviations = columns.std(0)
    return np.ascontiguousarray(columns / deviations), np.ldexp(deviations, exponent)


def scaled(X: Any) -> tuple[Any, Vector]:
    """The columns of a CSR array scaled to mean square 1, without those that have no entries; their root mean squares.

    None is shifted.
    """
    X = sp.csr_array(X[:, np.flatnonzero(np.bincount(X.indices, minlength=X.shape[1]))])
    _, exponent = np.frexp(abs(X).max(axis=0).toarray().ravel())
    values = np.ldexp(X.data, -exponent[X.indices])
    mean_square = np.bincount(X.indices, values**2, X.shape[1]) / X.shape[0]
    deviations = np.sqrt(mean_square)
    rows = sp.csr_array((values / deviations[X.indices], X.indices, X.indptr), shape=X.shape)
    return rows, np.ldexp(deviations, exponent)
