"""The decision boundary of a classifier of two columns, drawn over their plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.figures.records import Boundary
from experiments.lab.analysis.formats import percent
from experiments.lab.analysis.results import CellResult
from experiments.lab.reference.reference import Reference
from experiments.lab.spec.grammar import SpecError
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import problem_of
from problems.forms import LayeredModel, LinearModel
from problems.foundation.arrays import Vector, dense
from problems.foundation.checks import DataError

GRID = 60  # points per side
MOST_POINTS = 1000  # rows that are drawn
FLAT = 0.05  # a range of probabilities below which the line of 1/2 has no meaning


def boundary_of(problem: Named, rows: Sequence[CellResult], reference: Reference) -> Boundary | None:
    """The probabilities of the run with the smallest gap, over the plane of its two columns.

    None where no run ended with a finite gap, where the problem has no two labels, or where its file is gone.
    """
    ended = [row for row in rows if row.typical.theta and np.isfinite(row.typical.gap) and row.typical.measures]
    if not ended:
        return None
    best = min(ended, key=lambda row: row.typical.gap)
    try:
        model = problem_of(problem)
    except (DataError, SpecError):
        return None
    if not isinstance(model, LinearModel | LayeredModel) or not model.loss.labels:
        return None
    X = dense(model.rows.X) if isinstance(model, LinearModel) else model.X
    x, y = (np.linspace(*_widened(column), GRID) for column in X.T)
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    z = model.predict(np.array(best.typical.theta), plane)
    probability = 0.5 * (1 + np.tanh(z / 2)).reshape(GRID, GRID)
    flat = float(np.ptp(probability)) < FLAT
    frequency = np.where(model.y > 0, np.sum(model.y > 0), np.sum(model.y < 0))
    shown = np.argsort(-frequency, kind="stable")[-MOST_POINTS:]  # the rarer label last: on top, and never cut off
    return Boundary(
        name=str(problem),
        title=f"{problem} as learned by {best.solver}: {percent(best.typical.measures['accuracy'])} of its rows are "
        "classified correctly",
        caption=_caption(flat, len(X)),
        axes=(reference.columns[0], reference.columns[1]),
        x=x.tolist(),
        y=y.tolist(),
        probability=probability.tolist(),
        line=not flat,
        points=[(float(a), float(b), int(label)) for (a, b), label in zip(X[shown], model.y[shown], strict=True)],
    )


def _widened(column: Vector) -> tuple[float, float]:
    """The range of a column, with a third of it added on both sides."""
    low, high = float(column.min()), float(column.max())
    return low - (high - low) / 3, high + (high - low) / 3


def _caption(flat: bool, n: int) -> str:
    middle = "here it is almost the same everywhere" if flat else "the line is where it is one half"
    some = f" {MOST_POINTS} of the {n} rows are drawn." if n > MOST_POINTS else ""
    return (
        f"How to read this: the shade is the probability of label 1, from 0 (dark) to 1 (bright); {middle}. "
        f"Circles are rows of label 1, squares rows of label -1.{some}"
    )
