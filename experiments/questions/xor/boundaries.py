"""The decision boundary of a classifier during training: a picture for each moment, from the iterates of the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.figures.general_plots import packed
from experiments.figures.records import Frames, Line
from experiments.lab.analysis.results import CellResult
from experiments.lab.workers.worker import problem_of
from problems.forms import LinearModel
from problems.networks.diagnostics import dead_units, passes, weight_gradient_norms
from problems.networks.network import Network

GRID = 40  # points along each side of the plane
MOST_MOMENTS = 40
KEEP = 1  # what a rule must keep, so that the path has the iterates of the trace
CAPTION = (
    "How to read this: the shade is the probability of label 1, from 0 (dark) to 1 (bright), and on the line it is one "
    "half. Circles are rows with label 1 and squares are rows with label -1. The slider moves through the iterations."
)


@dataclass(frozen=True)
class Film:
    """The pictures of one run, and at each of its moments the iteration, f and the share of correct rows."""

    frames: Frames
    iterations: list[int]
    f: list[float]
    accuracy: list[float]


def film(row: CellResult, title: str) -> Film | None:
    """The film of a run whose rule kept KEEP iterates; None where no iterate is finite."""
    run = row.typical
    points = [(sample, np.array(theta)) for sample, theta in zip(run.trace, run.path, strict=False)]
    points = [(sample, theta) for sample, theta in points if np.isfinite(theta).all()]
    model = problem_of(row.problem)
    if not points or not isinstance(model, LinearModel | Network):
        return None
    chosen = np.unique(np.linspace(0, len(points) - 1, MOST_MOMENTS).round().astype(int))
    iterations, thetas = [points[k][0].iteration for k in chosen], [points[k][1] for k in chosen]
    X = model.X if isinstance(model, Network) else np.asarray(model.rows.X)
    (left, bottom), (right, top) = X.min(0), X.max(0)
    x, y = (np.linspace((4 * a - b) / 3, (4 * b - a) / 3, GRID) for a, b in ((left, right), (bottom, top)))
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    f = [model.value(theta) for theta in thetas]
    accuracy = [float(np.mean(model.y * model.predict(theta, X) > 0)) for theta in thetas]
    at = [float(iteration) for iteration in iterations]
    traces = [Line("f", at, f)]
    if isinstance(model, Network):
        passed = [passes(model, theta) for theta in thetas]
        by_layer = zip(*(weight_gradient_norms(run) for run in passed), strict=True)
        traces += [Line(f"gradient, layer {k}", at, list(norms)) for k, norms in enumerate(by_layer, 1)]
        traces.append(Line("dead units", at, [float(dead_units(run)) for run in passed]))
    frames = Frames(
        name=f"{row.problem}, {row.solver}",
        title=title,
        caption=CAPTION,
        axes=("x1", "x2"),
        x=x.tolist(),
        y=y.tolist(),
        moments=[
            f"iteration {k}: f {value:.3g}, {share:.0%} correct"
            for k, value, share in zip(iterations, f, accuracy, strict=True)
        ],
        shades=[packed(0.5 * (1 + np.tanh(model.predict(theta, plane) / 2)).reshape(GRID, GRID)) for theta in thetas],
        points=[(float(a), float(b), int(label)) for (a, b), label in zip(X, model.y, strict=True)],
        traces=traces,
    )
    return Film(frames, iterations, f, accuracy)
