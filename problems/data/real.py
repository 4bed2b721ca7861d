"""Rows that someone measured: scikit-learn's bundled sets by name, one's own by the path of a CSV file."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Matrix, Vector
from ..checks import DataError, as_labels, as_rows
from ..forms import About
from ..names import meant
from .table import Task, read_csv


def _diabetes() -> tuple[Matrix, Vector]:
    """442 patients, 10 measures, and how far the disease went in a year. Efron et al. (2004)."""
    from sklearn.datasets import load_diabetes

    return as_rows(*load_diabetes(return_X_y=True, scaled=False))


def _breast_cancer() -> tuple[Matrix, Vector]:
    """569 tumours, 30 measures; 0 malignant, 1 benign. Street, Wolberg & Mangasarian (1993)."""
    from sklearn.datasets import load_breast_cancer

    return as_rows(*load_breast_cancer(return_X_y=True))


BUNDLED = {"diabetes": _diabetes, "breast_cancer": _breast_cancer}


def real_rows(data: str, target: str | None, task: Task, standardize: bool) -> tuple[Matrix, Vector, About]:
    """X, y and what a person should know of them.

    y holds -1 and 1 for a classification. Standardised, the columns of X and a regression's y have mean 0 and
    variance 1, and constant columns are left out. ValueError for a name that is neither a set nor a path,
    DataError for a file that cannot be used.
    """
    if data in BUNDLED:
        X, y = BUNDLED[data]()
        notes: tuple[str, ...] = ()
        columns: tuple[str, ...] = ()
        if task == "classification":
            y = as_labels(y)
    elif not Path(data).suffix and not Path(data).exists():
        raise ValueError(f"no data set {data!r}; {meant(data, ['synthetic', *BUNDLED])}; or give a file's path")
    else:
        table = read_csv(data, target)
        X, notes, columns = table.X, table.notes, table.columns
        if task == "classification":
            y, which = table.labels()
            notes = (*notes, which)
        else:
            y = table.numbers()
    if standardize:
        varying = np.ptp(X, axis=0) > 0
        if not varying.any():
            raise DataError(f"{data}: every column is constant; at least one must vary")
        columns = tuple(name for name, kept in zip(columns, varying, strict=False) if kept)
        X = standardized(X)
        if task == "regression":
            y = standardized(y[:, None]).ravel()
            if not y.size:
                raise DataError(f"{data}: the target is the same in every row; it must vary")
    return *as_rows(X, y), About(notes, columns)


def standardized(columns: Matrix) -> Matrix:
    """Columns moved and scaled to mean 0 and variance 1, those that are constant left out.

    Scales differ by thousands in a person's own table; on one scale, a step and a tolerance mean the same
    everywhere. A power of two, which is exact, first brings each column to about 1, so that squares neither
    overflow nor vanish.
    """
    columns = columns[:, np.ptp(columns, axis=0) > 0]
    _, exponent = np.frexp(abs(columns).max(0))
    columns = np.ldexp(columns, -exponent)
    columns = columns - columns.mean(0)
    return np.ascontiguousarray(columns / columns.std(0))


def only_synthetic(factory: Callable[..., Any], data: str, **given: Any) -> None:
    """Refuse parameters of the synthetic rows beside real ones, which would silently ignore them."""
    for name, parameter in inspect.signature(factory).parameters.items():
        if name in given and given[name] != parameter.default:
            raise ValueError(f"{name} is for synthetic data; the rows of {data} are what they are")
