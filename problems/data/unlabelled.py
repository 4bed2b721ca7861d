"""Rows without a target: of a chosen spectrum, in clusters, measured by someone, or a person's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.linalg import norm

from problems.data.readers.files import read_table
from problems.data.real import BUNDLED, standardized
from problems.forms import NOTHING, About
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError, as_rows
from problems.foundation.names import meant

LABELLED = (".svm", ".libsvm", ".npz")  # files whose target is no column among others
DENSE = 2**27  # numbers that a sparse file may become, centred


def spectral(n: int, eigenvalues: Vector, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), centred, X'X/n with exactly those eigenvalues, of which there are at most n - 1 above zero."""
    d = eigenvalues.size
    rank = min(d, n - 1)
    G = rng.standard_normal((n, rank))
    Q, _ = np.linalg.qr(G - G.mean(0))
    V, _ = np.linalg.qr(rng.standard_normal((d, d)))
    return np.ascontiguousarray(np.sqrt(n) * (Q * np.sqrt(eigenvalues[:rank])) @ V[:, :rank].T)


def blobs(n: int, d: int, k: int, spread: float, rng: np.random.Generator) -> Matrix:
    """n rows, normal of standard deviation `spread` about k centres in turns, whose least distance is 1."""
    centres = rng.standard_normal((k, d))
    apart = norm(centres[:, None] - centres, axis=2)[np.triu_indices(k, 1)]
    if apart.size:
        centres /= apart.min()
    return centres[np.arange(n) % k] + spread * rng.standard_normal((n, d))


def unlabelled(data: str, target: str | None, standardize: bool) -> tuple[Matrix, About]:
    """The columns of a bundled set or of a file, without its target where one is named, and what to know of them.

    Standardised, columns have mean 0 and variance 1, and constant ones are left out. ValueError for a name that is
    neither a set nor a path, DataError for a file that cannot be used.
    """
    if data in BUNDLED:
        if target is not None:
            raise ValueError(f"target is a column of a file; {data} has its labels left out already")
        X, about = BUNDLED[data]()[0], NOTHING
    elif not Path(data).suffix and not Path(data).exists():
        raise ValueError(f"no data set {data!r}; {meant(data, ['synthetic', *BUNDLED])}; or give a file's path")
    else:
        X, about = _columns(data, target)
    X, _ = as_rows(X, np.zeros(len(X)))
    if not np.ptp(X, axis=0).any():
        raise DataError(f"{data}: every column is constant; at least one must vary")
    X = standardized(X) if standardize else X
    with np.errstate(over="ignore"):
        if not np.isfinite((X * X).sum()):
            raise DataError(f"{data}: the squares of its numbers overflow; scale the columns, or standardize them")
    return X, about


def _columns(data: str, target: str | None) -> tuple[Matrix, About]:
    table = read_table(data, target)
    X, names, notes = table.X, table.columns, table.notes
    if hasattr(X, "toarray"):
        if X.shape[0] * X.shape[1] > DENSE:
            raise DataError(f"{data} is sparse, and of {X.shape[0]} x {X.shape[1]}; centred it would be too large")
        X = X.toarray()
    if target is None and Path(data).suffix.lower() not in LABELLED:
        try:  # the last column, which was taken for a target, is a feature like the others
            X, names = np.column_stack([X, table.numbers()]), (*names, table.target)
        except DataError as refused:
            what = str(refused).rpartition(";")[0]
            raise DataError(f"{what}; every column is a feature, but one that is named as target") from None
        notes = tuple(note for note in notes if not note.startswith("the target is"))
    return X, About(notes=notes, columns=names)
