"""A classifier's boundary on its way: one picture a moment of its run, from the iterates that the run kept."""

from __future__ import annotations

import numpy as np

from experiments.figures.general_plots import packed
from experiments.figures.records import Frames, Line
from experiments.lab.analysis.results import Row
from experiments.lab.workers.worker import problem_of
from problems.forms import LinearModel
from problems.networks.diagnostics import dead, norms, passes
from problems.networks.network import Network

GRID, MOMENTS = 40, 40  # points a side, and pictures at most
CAPTION = (
    "How to read this: the shade is the probability of label 1, from 0, dark, to 1, bright, and the line is where it "
    "is one half. Circles are rows of label 1 and squares of label -1; move through the iterates with the slider."
)
KEEP = 1  # what a rule must keep, so that the path has the iterates of the trace


def film(row: Row, title: str) -> Frames | None:
    """The run of `row`, whose rule kept KEEP iterates; None where nothing is left of it to show."""
    run = row.typical
    taken = [(s, np.array(t)) for s, t in zip(run.trace, run.path, strict=False) if np.isfinite(t).all()]
    model = problem_of(row.problem)
    if not taken or not isinstance(model, LinearModel | Network):
        return None
    taken = [taken[k] for k in np.unique(np.linspace(0, len(taken) - 1, MOMENTS).round().astype(int))]
    X = model.X if isinstance(model, Network) else np.asarray(model.rows.X)
    (left, bottom), (right, top) = X.min(0), X.max(0)
    x, y = (np.linspace((4 * a - b) / 3, (4 * b - a) / 3, GRID) for a, b in ((left, right), (bottom, top)))
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    at = [float(sample.iteration) for sample, _ in taken]
    f = [model.value(theta) for _, theta in taken]
    traces = [Line("f", at, f)]
    if isinstance(model, Network):
        seen = [passes(model, theta) for _, theta in taken]
        by_layer = zip(*(norms(each) for each in seen), strict=True)
        traces += [Line(f"gradient, layer {k}", at, list(found)) for k, found in enumerate(by_layer, 1)]
        traces.append(Line("dead units", at, [float(dead(each)) for each in seen]))
    shares = [float(np.mean(model.y * model.predict(theta, X) > 0)) for _, theta in taken]
    return Frames(
        name=f"{row.problem}, {row.solver}",
        title=title,
        caption=CAPTION,
        axes=("x1", "x2"),
        x=x.tolist(),
        y=y.tolist(),
        moments=[
            f"iterate {k:.0f}: f {value:.3g}, {share:.0%} right" for k, value, share in zip(at, f, shares, strict=True)
        ],
        shades=[packed(0.5 * (1 + np.tanh(model.predict(theta, plane) / 2)).reshape(GRID, GRID)) for _, theta in taken],
        points=[(float(a), float(b), int(label)) for (a, b), label in zip(X, model.y, strict=True)],
        traces=traces,
    )
