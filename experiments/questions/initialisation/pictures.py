"""The figures of `initialisation`: signals and gradients layer by layer, and iterations from each start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.figures.records import Field, Figure, Line, Lines
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.supplied import Named

SIGNAL_CAPTION = (
    "How to read this: a horizontal line is good. A line that falls is a signal that vanishes on its way forward, a "
    "line that rises is one that explodes. Bands go from the smallest to the largest of the networks. Zero cannot be "
    "drawn."
)
GRADIENT_CAPTION = (
    "How to read this: read it from the right, because the gradient comes from the last layer. A horizontal line is "
    "good; a line that falls towards the left is a gradient that vanishes. Bands go from the smallest to the largest "
    "of the networks."
)
ITERATIONS_CAPTION = (
    "How to read this: the darker the shade, the fewer iterations. Grey: fewer than half of the runs reached f = 0.1."
)


class StartRuns(NamedTuple):
    """The runs of one solver on one problem from one initialiser: how many there are, and how many succeeded."""

    problem: Named  # without its initialiser
    solver: Named
    initialiser: str
    runs: int
    successes: int
    iterations: float | None  # the median of the successful runs


def figures(networks: Sequence[MeasurementResult], starts: Sequence[StartRuns]) -> list[Figure]:
    """Signals and gradients for each activation, and the iterations from each start."""
    shown: list[Figure] = []
    for activation in dict.fromkeys(network["activation"] for network in networks):
        of_activation = [network for network in networks if network["activation"] == activation]
        for quantity, caption in (("signal", SIGNAL_CAPTION), ("gradient", GRADIENT_CAPTION)):
            title = f"The {quantity}, layer by layer: {activation}"
            shown.append(_by_layer(f"{quantity} {activation}", title, caption, of_activation, quantity))
    return [*shown, *([iterations_map(starts)] if starts else [])]


def _by_layer(name: str, title: str, caption: str, networks: Sequence[MeasurementResult], quantity: str) -> Lines:
    """Variances relative to the layer where the pass begins: the first for signals, the last for gradients."""
    lines = []
    for initialiser in dict.fromkeys(network["initialiser"] for network in networks):
        values = np.array([network[quantity] for network in networks if network["initialiser"] == initialiser])
        begin = values[:, :1] if quantity == "signal" else values[:, -1:]
        if not (begin > 0).all() or not np.isfinite(values).all():
            continue
        relative = values / begin
        layers = np.arange(1.0, values.shape[1] + 1).tolist()
        mean, low, high = relative.mean(0).tolist(), relative.min(0).tolist(), relative.max(0).tolist()
        lines.append(Line(initialiser, layers, _positive(mean), _positive(low), _positive(high)))
    where = "first" if quantity == "signal" else "last"
    axes = ("layer", f"variance over that of the {where} layer")
    return Lines(name, title, caption, axes, ("linear", "log"), lines)


def _positive(values: Sequence[float]) -> list[float | None]:
    return [float(value) if value > 0 else None for value in values]


def iterations_map(starts: Sequence[StartRuns]) -> Field:
    """The median iterations from each initialiser, where at least half of the runs succeeded."""
    initialisers = list(dict.fromkeys(start.initialiser for start in starts))
    pairs = list(dict.fromkeys((start.problem, start.solver) for start in starts))
    known = {
        (start.problem, start.solver, start.initialiser): max(start.iterations, 1.0)
        for start in starts
        if start.iterations is not None and 2 * start.successes >= start.runs
    }
    return Field(
        name="iterations",
        title="Iterations to f = 0.1 from each start",
        caption=ITERATIONS_CAPTION,
        axes=("initialiser", "problem and solver"),
        x=initialisers,
        y=[f"{short_name(problem)}, {solver.name}" for problem, solver in pairs],
        z=[[known.get((*pair, initialiser)) for initialiser in initialisers] for pair in pairs],
        measure="iterations",
        scale="log",
    )


def short_name(problem: Named) -> str:
    """The data, the number and the size of the hidden layers, and the activation."""
    hidden = problem.get("hidden")
    sizes = [hidden] if isinstance(hidden, int) else list(hidden or [])
    layers = f"{len(sizes)} x {sizes[0]}" if sizes else "no"
    data = Path(str(problem.get("data") or problem.name)).name
    return f"{data}, {layers} {problem.get('activation')} units"
