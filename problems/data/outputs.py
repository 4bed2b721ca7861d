"""Several targets of the same rows: from hidden coefficients, of linnerud, or columns of one's own file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from problems.data.real import real_rows, standardized
from problems.data.synthetic.rows import Plant
from problems.data.synthetic.targets import numbers
from problems.forms import About
from problems.foundation.arrays import Matrix
from problems.foundation.checks import DataError, at_least
from problems.foundation.names import meant


def planted_targets(hidden: Plant, outputs: int, **noises: Any) -> Matrix:
    """Y, shape (n, outputs): the first column of `hidden`, each other of normal coefficients with the same zeros."""
    at_least(1, outputs=outputs)
    columns = [numbers(hidden, **noises)]
    for _ in range(outputs - 1):
        w, b = hidden.rng.standard_normal(hidden.w.size) * (hidden.w != 0), hidden.rng.standard_normal()
        columns.append(numbers(replace(hidden, w=w, b=b, z=hidden.X @ w + b), **noises))
    return np.column_stack(columns)


def real_targets(data: str, names: Sequence[str], outputs: int, standardize: bool) -> tuple[Any, Matrix, About]:
    """X, Y and what a person should know of them: the columns of a file that have those names, or linnerud's first.

    ValueError where `outputs` does not fit, DataError where a column is not there.
    """
    if data == "linnerud" and not names:
        from sklearn.datasets import load_linnerud

        X, Y = load_linnerud(return_X_y=True)
        if outputs > Y.shape[1]:
            raise ValueError(f"outputs is {outputs}; linnerud has {Y.shape[1]} targets")
        X, Y = X.astype(np.float64), Y[:, :outputs].astype(np.float64)
        return (standardized(X), standardized(Y), About()) if standardize else (X, Y, About())
    if not names:
        raise ValueError(f"outputs is {outputs}; of {data} name as many targets: target=[...], one column each")
    if outputs not in (1, len(names)):
        raise ValueError(f"outputs is {outputs}, and {len(names)} targets are named; leave outputs out")
    if len(set(names)) < len(names):
        raise ValueError(f"target names {', '.join(names)}; each column may be named once")
    X, y, about = real_rows(data, names[0], "regression", standardize)
    columns, Y = list(about.columns), [y]
    for name in names[1:]:
        if name not in columns:
            raise DataError(f"{data} has no column {name!r} that varies; {meant(name, columns)}")
        Y.append(X[:, columns.index(name)])
    kept = [k for k, name in enumerate(columns) if name not in names]
    if not kept:
        raise DataError(f"{data}: every column is a target; at least one must be left to predict from")
    return np.ascontiguousarray(X[:, kept]), np.column_stack(Y), About(about.notes, tuple(columns[k] for k in kept))
