"""Figures of `network-size`: errors, losses, minima and seconds by size, and the predictions over the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.records import Field, Figure, Frames, Line, Lines

if TYPE_CHECKING:
    from experiments.questions.network_size import Size

LEAST = 1e-6  # a lower loss is drawn there
ERRORS = (
    "How to read this: lower is better. Where the lines of held-out rows rise while those of training rows fall, "
    "networks overfit. Lines are medians over seeds; bands show the middle half of the seeds."
)
SPREAD = (
    "How to read this: a line is the median over seeds, and its band goes from the best seed to the worst. Where the "
    "band is wide, runs end in minima with different losses."
)
ERROR_MAP = "How to read this: the darker, the lower the error on held-out rows. Medians over seeds."
WORSE_MAP = (
    "How to read this: the lighter, the more seeds end with a training loss well above that of the best seed of their "
    "size."
)
TIMES = "How to read this: lower is better. Medians over seeds of the processor time per iteration."
TRAINING = (
    "How to read this: where the held-out loss rises while the training loss still falls, stopping earlier would have "
    "been better. Medians over seeds."
)
PLANE = (
    "How to read this: each picture is one width, from narrow to wide. The line separates the predicted classes; dots "
    "and squares are training rows. An island around a single row shows that its noise was learned."
)


def drawn(sizes: Sequence[Size], best: Size) -> list[Figure]:
    """All figures."""
    depths = sorted({size.depth for size in sizes})
    by_depth = {depth: [size for size in sizes if size.depth == depth] for depth in depths}
    measure = "share of wrong predictions" if best.classes else "mean squared error"
    errors, spread, seconds = [], [], []
    for depth, group in by_depth.items():
        x = [float(size.parameters) for size in group]
        low, high = ([_quantile(size, "held_out_error", q) for size in group] for q in (0.25, 0.75))
        held_out = [size.middle("held_out_error") for size in group]
        errors.append(Line(f"held-out rows, depth {depth}", x, held_out, low, high))
        errors.append(Line(f"training rows, depth {depth}", x, [size.middle("training_error") for size in group]))
        low, high = ([_quantile(size, "training_loss", q) for size in group] for q in (0, 1))
        widths = [float(size.width) for size in group]
        spread.append(Line(f"depth {depth}", widths, [size.middle("training_loss") for size in group], low, high))
        seconds.append(Line(f"depth {depth}", x, [1e3 * size.seconds_per_iteration for size in group]))
    figures: list[Figure] = [
        Lines("errors", "Errors by size", ERRORS, ("parameters", measure), ("log", "linear"), errors,
              upright=[(float(best.parameters), f"best: {best.name}")]),
        Lines("spread", "Where runs from different seeds end", SPREAD, ("width", "training loss at the end"),
              ("log", "linear"), spread),
        _map(sizes, "held-out error", measure, ERROR_MAP,
             {(size.depth, size.width): size.middle("held_out_error") for size in sizes}),
        _map(sizes, "seeds in a worse minimum", "share of seeds", WORSE_MAP,
             {(size.depth, size.width): size.worse_share for size in sizes}),
        Lines("seconds", "Time per iteration", TIMES, ("parameters", "milliseconds"), ("log", "linear"), seconds),
        _losses(best, sizes[-1]),
    ]  # fmt: skip
    return [*figures, *_planes(by_depth[best.depth])]


def _quantile(size: Size, name: str, q: float) -> float:
    return float(np.quantile([run[name] for run in size.runs], q))


def _map(sizes: Sequence[Size], name: str, measure: str, caption: str, values: dict[tuple[int, int], float]) -> Field:
    depths, widths = sorted({size.depth for size in sizes}), sorted({size.width for size in sizes})
    z = [[values.get((depth, width)) for width in widths] for depth in depths]
    title = f"{name[0].upper()}{name[1:]} by depth and width"
    axes = ("width: units of each hidden layer", "depth: hidden layers")
    return Field(name, title, caption, axes, [str(w) for w in widths], [str(d) for d in depths], z, measure)


def _losses(best: Size, largest: Size) -> Lines:
    """Both losses during training, of the best size and of the largest."""
    lines = []
    for size in (best, largest) if best is not largest else (best,):
        moments = sorted({at for run in size.runs for at in run["at"] if at})
        for name, rows in (("training_losses", "training rows"), ("held_out_losses", "held-out rows")):
            losses = [
                [run[name][int(np.searchsorted(run["at"], at, side="right")) - 1] for at in moments]
                for run in size.runs
            ]
            y = np.maximum(np.median(losses, 0), LEAST).tolist()
            lines.append(Line(f"{size.name}, {rows}", [float(at) for at in moments], y))
    return Lines("losses", "Losses of the best and the largest size during training", TRAINING, ("iterations", "loss"),
                 ("log", "log"), lines)  # fmt: skip


def _planes(sizes: Sequence[Size]) -> list[Figure]:
    """The predictions of networks of one depth, where rows lie in a plane and have two classes."""
    runs = [(size, run) for size in sizes for run in size.runs if "shade" in run.measured.values]
    if not runs:
        return []
    first = runs[0][1]
    moments = [
        f"width {size.width}: wrong on {run['training_error']:.0%} of training rows, {run['held_out_error']:.0%} of "
        "held-out rows"
        for size, run in runs
    ]
    return [
        Frames("planes", f"Predictions of networks of depth {sizes[0].depth} over the plane, by width", PLANE,
               ("x1", "x2"), first["x"], first["y"], moments, [run["shade"] for _, run in runs],
               [(x, y, int(label)) for x, y, label in first["points"]])
    ]  # fmt: skip
