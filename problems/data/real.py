"""Rows that someone measured: scikit-learn's bundled sets by name, one's own by the path of a file."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import scipy.sparse as sp

from problems.data.readers.files import NIST, read_table
from problems.data.readers.nist import read_nist
from problems.data.readers.nist_design import design
from problems.data.readers.table import Task
from problems.forms import About
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError, as_classes, as_labels, as_rows
from problems.foundation.names import meant


def _diabetes() -> tuple[Matrix, Vector]:
    """442 patients, 10 measures, and how far the disease went in a year. Efron et al. (2004)."""
    from sklearn.datasets import load_diabetes

    return as_rows(*load_diabetes(return_X_y=True, scaled=False))


def _breast_cancer() -> tuple[Matrix, Vector]:
    """569 tumours, 30 measures; 0 malignant, 1 benign. Street, Wolberg & Mangasarian (1993)."""
    from sklearn.datasets import load_breast_cancer

    return as_rows(*load_breast_cancer(return_X_y=True))


def _iris() -> tuple[Matrix, Vector]:
    """150 flowers of three kinds, 4 measures. Fisher (1936)."""
    from sklearn.datasets import load_iris

    return as_rows(*load_iris(return_X_y=True))


def _wine() -> tuple[Matrix, Vector]:
    """178 wines of three growers, 13 measures. Forina et al. (1988)."""
    from sklearn.datasets import load_wine

    return as_rows(*load_wine(return_X_y=True))


def _digits() -> tuple[Matrix, Vector]:
    """1797 digits written by hand, 8 x 8 points each. Alpaydin & Kaynak (1998)."""
    from sklearn.datasets import load_digits

    return as_rows(*load_digits(return_X_y=True))


def _linnerud() -> tuple[Matrix, Vector]:
    """20 men, what they did of 3 exercises, and what they weigh. Tenenhaus (1998)."""
    from sklearn.datasets import load_linnerud

    X, Y = load_linnerud(return_X_y=True)
    return as_rows(X, Y[:, 0])


BUNDLED = {
    "diabetes": _diabetes,
    "breast_cancer": _breast_cancer,
    "iris": _iris,
    "wine": _wine,
    "digits": _digits,
    "linnerud": _linnerud,
}
MANY = 0.25  # a sparse file of more entries than this share becomes an array


def real_rows(
    data: str, target: str | None, task: Task | Literal["classes"], standardize: bool
) -> tuple[Any, Vector, About]:
    """X, an array or a CSR array, y, and what a person should know of them.

    y holds -1 and 1 for a classification, of classes 0, 1, 2 and so on. Standardised, the columns of X and a
    regression's y have mean 0 and variance 1, and constant columns are left out; those of a CSR array have mean
    square 1. ValueError for a name that is neither a set nor a path, DataError for a file that cannot be used.
    """
    if data in BUNDLED:
        X: Any
        X, y = BUNDLED[data]()
        notes: tuple[str, ...] = ()
        columns: tuple[str, ...] = ()
        if task == "classification":
            y = as_labels(y)
        elif task == "classes":
            y = as_classes(y)
    elif not Path(data).suffix and not Path(data).exists():
        raise ValueError(f"no data set {data!r}; {meant(data, ['synthetic', *BUNDLED])}; or give a file's path")
    else:
        table = read_table(data, target)
        X, notes, columns = table.X, table.notes, table.columns
        if task in ("classification", "classes"):
            y, which = table.labels() if task == "classification" else table.codes()
            notes = (*notes, which)
        else:
            y = table.numbers()
    if sp.issparse(X) and X.nnz > MANY * X.shape[0] * X.shape[1]:
        X = X.toarray()
    if standardize and sp.issparse(X):
        X = scaled(X)
        notes = (*notes, "sparse columns are scaled to mean square 1, and not moved; empty ones are left out")
    elif standardize:
        varying = X.max(0) > X.min(0)
        if not varying.any():
            raise DataError(f"{data}: every column is constant; at least one must vary")
        columns = tuple(name for name, kept in zip(columns, varying, strict=False) if kept)
        X = standardized(X)
    if standardize and task == "regression":
        y = standardized(y[:, None]).ravel()
        if not y.size:
            raise DataError(f"{data}: the target is the same in every row; it must vary")
    return X, y, About(notes, columns)


def standardized(columns: Matrix) -> Matrix:
    """Columns moved and scaled to mean 0 and variance 1, those that are constant left out.

    Scales differ by thousands in a person's own table; on one scale, a step and a tolerance mean the same
    everywhere. A power of two, which is exact, first brings each column to about 1, so that squares neither
    overflow nor vanish.
    """
    columns = columns[:, columns.max(0) > columns.min(0)]
    _, exponent = np.frexp(abs(columns).max(0))
    columns = np.ldexp(columns, -exponent)
    columns = columns - columns.mean(0)
    return np.ascontiguousarray(columns / columns.std(0))


def scaled(X: Any) -> Any:
    """The columns of a CSR array with mean square 1, those of zeros left out; none is moved: zeros stay zeros."""
    X = sp.csr_array(X[:, np.flatnonzero(np.bincount(X.indices, minlength=X.shape[1]))])
    _, exponent = np.frexp(abs(X).max(axis=0).toarray().ravel())
    values = np.ldexp(X.data, -exponent[X.indices])
    mean_square = np.bincount(X.indices, values**2, X.shape[1]) / X.shape[0]
    return sp.csr_array((values / np.sqrt(mean_square)[X.indices], X.indices, X.indptr), shape=X.shape)


class Certified(NamedTuple):
    """The rows of a linear model whose answer is certified."""

    X: Matrix
    y: Vector
    low: tuple[Matrix, Vector]  # what float64 lost of X and y
    intercept: bool
    about: About


def is_certified(data: str) -> bool:
    """Whether `data` is the path of a file of NIST's StRD."""
    return Path(data).suffix.lower() == NIST


def certified_rows(data: str, target: str | None, standardize: bool | None, intercept: bool | None) -> Certified:
    """The rows of a NIST file's linear model as they are, for scaled ones would have other coefficients.

    ValueError where that, or an intercept other than the model's, is asked for; DataError for a broken file.
    """
    if standardize:
        raise ValueError("standardize would change the coefficients that NIST certifies; leave it out for a .dat file")
    if target is not None:
        raise ValueError(f"target is for tables; the model of {data} says what is predicted")
    given = design(read_nist(data))
    if intercept is not None and intercept != given.intercept:
        raise ValueError(f"the model of {data} has {'an' if given.intercept else 'no'} intercept; leave intercept out")
    about = About((f"NIST certifies the coefficients of {Path(data).name}",), given.columns, given.certified)
    return Certified(given.X, given.y, (given.X_low, given.y_low), given.intercept, about)


def only_synthetic(factory: Callable[..., Any], data: str, **given: Any) -> None:
    """Refuse parameters of the synthetic rows beside real ones, which would silently ignore them."""
    for name, parameter in inspect.signature(factory).parameters.items():
        if name in given and given[name] != parameter.default:
            raise ValueError(f"{name} is for synthetic data; the rows of {data} are what they are")
