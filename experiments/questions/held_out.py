"""Training rows and held-out rows of a user's data or of a bundled data set."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.lab.spec.building import problem_arguments
from experiments.lab.spec.grammar import SpecError, spec
from problems.data.source import RowSource
from problems.foundation.arrays import Matrix

TRAINING_SHARE = 2 / 3  # of rows that are not drawn


class Part(NamedTuple):
    """Some of the rows: X, shape (rows, columns), and for each row a target or several."""

    X: Matrix
    y: Any


@dataclass(frozen=True)
class Split:
    """Training rows and held-out rows."""

    training: Part
    held_out: Part
    columns: tuple[str, ...] = ()  # the names of the columns, where they have names


def source_of(problem: str, data: str, target: str | None = None, **drawn: Any) -> RowSource:
    """The source that `data` names, a catalogue name or a file, for the problem of that name; not standardised.

    target: the column of a file to predict. drawn: parameters for a source that draws its rows; others ignore them.
    Raises SpecError where there is no such source, no such file, or a target is given and the source has none.
    """
    source: RowSource = problem_arguments(spec(problem, data=data))[1]["data"]
    known = {field.name for field in dataclasses.fields(source)}  # type: ignore[arg-type]
    file = getattr(source, "file", None)
    if file is not None and not Path(file).is_file():
        raise SpecError(f"there is no file {file}")
    if target is not None and "target" not in known:
        raise SpecError(f"target is {target}, and only a table has columns to choose from; data is {data}")
    values = {"standardize": False, "target": target, **drawn}
    replaced: RowSource = dataclasses.replace(source, **{key: values[key] for key in values if key in known})  # type: ignore[type-var]
    return replaced


def draws_rows(source: RowSource) -> bool:
    """Whether the source draws as many rows as it is asked for."""
    return hasattr(source, "n")


def split(X: Matrix, y: Any, training_rows: int, seed: int, columns: tuple[str, ...] = ()) -> Split:
    """That many rows to train on, chosen at random, and all others held out. ValueError where either has no rows."""
    from sklearn.model_selection import train_test_split

    if not 0 < training_rows < len(X):
        raise ValueError(f"{len(X)} rows are too few to divide into {training_rows} training rows and held-out rows")
    X, held_out_X, y, held_out_y = train_test_split(X, y, train_size=training_rows, random_state=seed)
    return Split(Part(X, y), Part(held_out_X, held_out_y), columns)


def standardized(rows: Split, numbers: bool) -> Split:
    """All rows on the scale of the training rows: their columns get mean 0 and variance 1, and so do targets `numbers`.

    Columns that are constant over the training rows are left out. ValueError where all columns are, or a target is.
    """
    (X, y), (held_out_X, held_out_y) = rows.training, rows.held_out
    varies = np.ptp(X, axis=0) > 0
    if not varies.any():
        raise ValueError(f"every column is constant over the {len(X)} training rows; at least one must vary")
    X, held_out_X = _scaled(X[:, varies], held_out_X[:, varies])
    if numbers:
        if not np.ptp(y, axis=0).all():
            raise ValueError(f"the target is the same in all {len(y)} training rows; it must vary")
        y, held_out_y = _scaled(y, held_out_y)
    names = tuple(name for name, kept in zip(rows.columns, varies, strict=True) if kept) if rows.columns else ()
    return Split(Part(X, y), Part(held_out_X, held_out_y), names)


def _scaled(training: Matrix, held_out: Matrix) -> tuple[Matrix, Matrix]:
    """Both arrays, of one axis or two, with the mean and the scale of the first."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(training.reshape(len(training), -1))
    both = (
        np.ascontiguousarray(scaler.transform(part.reshape(len(part), -1)).reshape(part.shape))
        for part in (training, held_out)
    )
    return next(both), next(both)
