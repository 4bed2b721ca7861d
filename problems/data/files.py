"""Rows from a user's files: tables, and NIST's Statistical Reference Datasets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from problems.data.preparation import dense_if_full, dense_rows, prepared
from problems.data.readers.nist import NistFile, read_nist
from problems.data.readers.nist_design import design
from problems.data.readers.raw_table import RawTable
from problems.data.readers.reading import SEPARATE_TARGET, read_table
from problems.data.source import Dataset, RowSource, StatedModel, Task, needed
from problems.foundation.about import About
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError, as_rows
from problems.foundation.names import suggestion

NEVER_STANDARDIZED = (Task.POINTS, Task.SIGNAL)


@dataclass(frozen=True)
class Table(RowSource):
    """A file of rows: CSV with a header line, LIBSVM (.svm, .libsvm), NPZ (arrays X and y) or Parquet.

    file         its path
    target       the column to predict, the last one by default; a list of columns, [a, b], for several outputs. For
                 problems without a target (pca, k-means): the column to leave out, none by default
    standardize  whether columns, and targets that are numbers, are shifted and scaled to mean 0 and variance 1; sparse
                 columns are scaled only. Yes by default, except for the points of a curve and a signal
    """

    name: ClassVar[str] = "table"
    makes: ClassVar[tuple[Task, ...]] = tuple(Task)

    file: str
    target: str | tuple[str, ...] | None = None
    standardize: bool | None = None

    def natural_task(self) -> Literal[Task.NUMBERS, Task.CLASSES]:
        if isinstance(self.target, tuple):
            return Task.NUMBERS
        return Task.CLASSES if read_table(self.file, self.target).classifies else Task.NUMBERS

    def load(self, task: Task) -> Dataset:
        if isinstance(self.target, tuple):
            return self._with_several_targets(self.target, task)
        if task is Task.FEATURES:
            return self._features(self.target)
        table = read_table(self.file, self.target)
        y, encoding = _target(table, task)
        X = dense_rows(table.X, self.file) if task in NEVER_STANDARDIZED else dense_if_full(table.X)
        return self._dataset(task, X, y, table.columns, (*table.notes, *encoding), table.target)

    def _features(self, ignored: str | None) -> Dataset:
        """All columns except the ignored one; labels of LIBSVM and y of NPZ are always ignored."""
        table = read_table(self.file, ignored)
        X, columns, notes = dense_rows(table.X, self.file), table.columns, table.notes
        if ignored is None and Path(self.file).suffix.lower() not in SEPARATE_TARGET:
            last = table.numbers("every column is a feature, except one that is named as target")
            X, columns, notes = np.column_stack([X, last]), (*columns, table.target), ()
        X, _ = as_rows(X, np.zeros(len(X)))
        if not np.ptp(X, axis=0).any():
            raise DataError(f"{self.file}: every column is constant; at least one must vary")
        features = self._dataset(Task.FEATURES, X, None, columns, notes)
        with np.errstate(over="ignore"):
            if not np.isfinite((features.X * features.X).sum()):
                raise DataError(
                    f"{self.file}: the squares of its numbers overflow; scale the columns, or standardize them"
                )
        return features

    def _with_several_targets(self, names: tuple[str, ...], task: Task) -> Dataset:
        """Several columns of one file as targets."""
        if task is not Task.NUMBERS:
            raise ValueError(f"target names {len(names)} columns; {needed(task)}, in one column")
        if len(set(names)) < len(names):
            raise ValueError(f"target names {', '.join(names)}; each column may be named once")
        table = read_table(self.file, names[0])
        columns, Y = list(table.columns), [table.numbers("a regression needs numbers")]
        for name in names[1:]:
            if name not in columns:
                raise DataError(f"{self.file} has no column {name!r}; {suggestion(name, columns)}")
            Y.append(table.X[:, columns.index(name)])
        kept = [k for k, name in enumerate(columns) if name not in names]
        if not kept:
            raise DataError(f"{self.file}: every column is a target; at least one must be left to predict from")
        X = np.ascontiguousarray(table.X[:, kept])
        return self._dataset(task, X, np.column_stack(Y), tuple(columns[k] for k in kept), table.notes)

    def _dataset(
        self, task: Task, X: Any, y: Any, columns: tuple[str, ...], notes: tuple[str, ...], target: str = "y"
    ) -> Dataset:
        """The rows, standardised if that is wanted."""
        if task in NEVER_STANDARDIZED and self.standardize:
            raise ValueError("standardize is for linear models, networks and clusters; here the file is used unscaled")
        units: tuple[float, ...] = ()
        if task not in NEVER_STANDARDIZED and self.standardize is not False:
            X, y, columns, steps, units = prepared(X, y, columns, task, self.file)
            notes = (*notes, *steps)
        return Dataset(X, y, About(notes, columns, units), target=target)


def _target(table: RawTable, task: Task) -> tuple[Vector, tuple[str, ...]]:
    """The target for a task, and a note that says which class is which."""
    if task is Task.LABELS:
        y, note = table.labels()
        return y, (note,)
    if task is Task.CLASSES:
        y, note = table.codes()
        return y, (note,)
    return table.numbers("a regression needs numbers"), ()


@dataclass(frozen=True)
class Nist(RowSource):
    """A file of NIST's Statistical Reference Datasets (.dat): rows, a model, starting values, certified coefficients.

    Its decimals are kept exactly, and its columns are not scaled, because scaled ones would have other coefficients.

    file  its path

    Source: NIST's Statistical Reference Datasets (1999), doi:10.18434/T43G6C.
    """

    name: ClassVar[str] = "nist"
    makes: ClassVar[tuple[Task, ...]] = (Task.NUMBERS, Task.POINTS)

    file: str

    def load(self, task: Task) -> Dataset:
        contents = read_nist(self.file)
        return _points(contents) if task is Task.POINTS else _rows(contents)


def _rows(file: NistFile) -> Dataset:
    """The rows of a linear model, without its column of ones."""
    model = design(file)
    about = About((f"NIST certifies the coefficients of {file.path.name}",), model.columns, certified=model.certified)
    low: tuple[Matrix, Vector] = (model.X_low, model.y_low)
    return Dataset(model.X, model.y, about, model.intercept, low)


def _points(file: NistFile) -> Dataset:
    """The named columns and the response of a nonlinear model."""
    f = file.residual_sum / (2 * len(file.y))
    notes: tuple[str, ...] = (
        f"the certified residual sum of squares of {file.name} is {file.residual_sum:.10e}, f = {f:.10e}",
    )
    if file.response != "y":
        notes += (f"the response is {file.response}",)
    model = StatedModel(file.formula, file.response, file.parameters, file.starts)
    about = About(notes, file.columns, certified=tuple(file.certified.tolist()))
    return Dataset(file.X, file.y, about, target="y", model=model)
