"""What a classifier of two columns says all over their plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.figures.records import Boundary
from experiments.lab.analysis.results import Row
from experiments.lab.analysis.verdict import percent
from experiments.lab.reference.referee import Reference
from experiments.lab.spec.grammar import SpecError
from experiments.lab.workers.worker import problem_of
from problems.forms import LayeredModel, LinearModel
from problems.foundation.arrays import dense
from problems.foundation.checks import DataError

GRID = 60  # points a side
POINTS = 1000  # the most rows drawn
FLAT = 0.05  # a line between probabilities this close together means nothing


def boundary_of(problem: str, rows: Sequence[Row], reference: Reference) -> Boundary | None:
    """The answers over the plane of the run that ended lowest, for labelled rows of two columns."""
    ended = [row for row in rows if row.typical.theta and np.isfinite(row.typical.gap) and row.typical.measures]
    if not ended:
        return None
    best = min(ended, key=lambda row: row.typical.gap)
    try:
        model = problem_of(problem)
    except (DataError, SpecError):
        return None  # the rows lay in a file that is gone
    if not isinstance(model, LinearModel | LayeredModel) or not model.loss.labels:
        return None
    X = dense(model.rows.X) if isinstance(model, LinearModel) else model.X
    (left, bottom), (right, top) = X.min(0), X.max(0)
    x, y = (
        np.linspace(low - (high - low) / 3, high + (high - low) / 3, GRID)
        for low, high in ((left, right), (bottom, top))
    )
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    z = model.predict(np.array(best.typical.theta), plane)
    probability = 0.5 * (1 + np.tanh(z / 2)).reshape(GRID, GRID)
    rarer_last = np.argsort(-np.where(model.y > 0, np.sum(model.y > 0), np.sum(model.y < 0)), kind="stable")
    shown = rarer_last[-POINTS:]
    flat = float(np.ptp(probability)) < FLAT
    right = percent(best.typical.measures["accuracy"])
    return Boundary(
        name=problem,
        title=f"What {problem} has learned by {best.solver}: {right} of its rows right",
        caption="How to read this: the shade is the probability of label 1, from 0, dark, to 1, bright; "
        + ("here it is all but the same everywhere. " if flat else "the line is where it is one half. ")
        + "Circles are rows of label 1 and squares of label -1"
        + (f", {POINTS} of {len(X)}." if len(X) > POINTS else "."),
        axes=(reference.columns[0], reference.columns[1]),
        x=x.tolist(),
        y=y.tolist(),
        probability=probability.tolist(),
        line=not flat,
        points=[(float(a), float(b), int(label)) for (a, b), label in zip(X[shown], model.y[shown], strict=True)],
    )
