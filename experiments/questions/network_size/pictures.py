"""Pictures of `network-size`: errors, losses, minima and seconds by size, and what networks say of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.records import Field, Figure, Frames, Line, Lines

if TYPE_CHECKING:
    from experiments.questions.network_size import Size

LEAST = 1e-6  # a loss below is drawn there
ERRORS = (
    "How to read this: the lower the better; where lines of rows held out rise while those of rows learned fall, "
    "networks overfit. Medians over seeds; bands hold the middle half of them."
)
SPREAD = (
    "How to read this: a line is the median over seeds, its band goes from the best to the worst: where it is wide, "
    "runs end in minima of different worth."
)
MAP = "How to read this: the darker the fewer errors on rows held out. Medians over seeds."
SHARES = (
    "How to read this: the lighter the more seeds end with a training loss well above that of the best seed of their "
    "size."
)
TIMES = "How to read this: the lower the better; medians over seeds of processor time, an iterate."
ALONG = (
    "How to read this: where the loss on rows held out turns up while that on rows learned still falls, to stop "
    "earlier would have been better. Medians over seeds."
)
PLANE = (
    "How to read this: each picture is one width, from narrow to wide; the line divides what is told apart, and dots "
    "and squares are rows learned. Islands about single rows are noise learned by heart."
)


def drawn(sizes: Sequence[Size], best: Size) -> list[Figure]:
    """All of them."""
    depths = sorted({size.depth for size in sizes})
    by_depth = {depth: [size for size in sizes if size.depth == depth] for depth in depths}
    word = "share told wrongly" if best.reads[0]["classes"] else "mean squared error"
    lines, spread, seconds = [], [], []
    for depth, own in by_depth.items():
        x = [float(size.parameters) for size in own]
        low, high = ([_quantile(size, "test_error", q) for size in own] for q in (0.25, 0.75))
        lines.append(Line(f"held out, depth {depth}", x, [size.middle("test_error") for size in own], low, high))
        lines.append(Line(f"learned, depth {depth}", x, [size.middle("train_error") for size in own]))
        low, high = ([_quantile(size, "train_loss", q) for size in own] for q in (0, 1))
        widths = [float(size.width) for size in own]
        spread.append(Line(f"depth {depth}", widths, [size.middle("train_loss") for size in own], low, high))
        seconds.append(Line(f"depth {depth}", x, [1e3 * size.an_iterate for size in own]))
    found: list[Figure] = [
        Lines("errors", "Errors by size", ERRORS, ("parameters", word), ("log", "linear"), lines,
              upright=[(float(best.parameters), f"best: {best.name}")]),
        Lines("spread", "Where runs from different seeds end", SPREAD, ("width", "training loss at the end"),
              ("log", "linear"), spread),
        _map(sizes, "test error", word, MAP, {(s.depth, s.width): s.middle("test_error") for s in sizes}),
        _map(sizes, "seeds in a poorer minimum", "share of seeds", SHARES,
             {(s.depth, s.width): len(s.poorer) / len(s.reads) for s in sizes}),
        Lines("seconds", "Time of an iterate", TIMES, ("parameters", "milliseconds"), ("log", "linear"), seconds),
        _along(best, sizes[-1]),
    ]  # fmt: skip
    return [*found, *_planes(by_depth[best.depth])]


def _quantile(size: Size, name: str, q: float) -> float:
    return float(np.quantile([read[name] for read in size.reads], q))


def _map(sizes: Sequence[Size], name: str, measure: str, caption: str, of: dict[tuple[int, int], float]) -> Field:
    depths, widths = sorted({size.depth for size in sizes}), sorted({size.width for size in sizes})
    z = [[of.get((depth, width)) for width in widths] for depth in depths]
    title = f"{name[0].upper()}{name[1:]} by depth and width"
    axes = ("width: units of each hidden layer", "depth: hidden layers")
    return Field(name, title, caption, axes, [str(w) for w in widths], [str(d) for d in depths], z, measure)


def _along(best: Size, last: Size) -> Lines:
    """Both losses over the run, of the best size and of the largest."""
    lines = []
    for size in (best, last) if best is not last else (best,):
        moments = sorted({at for read in size.reads for at in read["at"] if at})
        for name, word in (("along", "learned"), ("away", "held out")):
            each = [
                [read[name][int(np.searchsorted(read["at"], at, side="right")) - 1] for at in moments]
                for read in size.reads
            ]
            y = np.maximum(np.median(each, 0), LEAST).tolist()
            lines.append(Line(f"{size.name}, {word}", [float(at) for at in moments], y))
    return Lines("along", "Losses while the best and the largest size learn", ALONG, ("iterates", "loss"),
                 ("log", "log"), lines)  # fmt: skip


def _planes(own: Sequence[Size]) -> list[Figure]:
    """What the networks of one depth say, where rows lie in a plane and have two classes."""
    seen = [(size, read) for size in own for read in size.reads if "shade" in read.reading.values]
    if not seen:
        return []
    first = seen[0][1]
    moments = [
        f"width {size.width}: {read['train_error']:.0%} learned, {read['test_error']:.0%} held out wrong"
        for size, read in seen
    ]
    return [
        Frames("planes", f"What networks of depth {own[0].depth} say of the plane, by width", PLANE, ("x1", "x2"),
               first["x"], first["y"], moments, [read["shade"] for _, read in seen],
               [(x, y, int(label)) for x, y, label in first["points"]])
    ]  # fmt: skip
