"""Numbers that no race gave, drawn: lines, bars, fields, and a boundary on its way."""

from __future__ import annotations

import base64
import math
import textwrap
from typing import Any

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from experiments.figures.canvas import LINES, MARKS, canvas_of, logarithmic
from experiments.figures.records import Bars, Field, Frames, Lines
from experiments.figures.style import DASHES, LIGHT
from experiments.figures.style import MARKS as ORDER

NAMED = 30  # places on an axis that are written out
SHOWN = 5  # moments of a film in print
HATCHES = ("", "//", "..", "xx", "\\\\", "oo", "++", "--", "**", "||")


def lines(figure: Lines) -> Canvas:
    canvas, (panel,) = canvas_of(7.2, 5)
    drawn = [line for line in figure.lines if not line.guide]
    for line in figure.lines:
        x, y, low, high = (np.array(values, float) for values in (line.x, line.y, line.low, line.high))
        if line.guide:
            panel.plot(x, y, color="black", linestyle=":", linewidth=1, label=line.label)
            continue
        k = drawn.index(line)
        colour = LIGHT[k % len(LIGHT)]
        mark = MARKS[ORDER[k % len(ORDER)]] if len(x) <= 40 else ""
        dash = LINES[DASHES[k // len(LIGHT) % len(DASHES)]]
        panel.plot(x, y, color=colour, linestyle=dash, marker=mark, markersize=4, linewidth=1.4, label=line.label)
        if len(low):
            panel.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
    for at, word in figure.upright:
        panel.axvline(at, color="black", linestyle="--", linewidth=1)
        panel.annotate(word, (at, 1), xycoords=("data", "axes fraction"), rotation=90, va="top", ha="right", fontsize=7)
    for at, word in figure.level:
        panel.axhline(at, color="black", linestyle="--", linewidth=1)
        panel.annotate(word, (1, at), xycoords=("axes fraction", "data"), va="bottom", ha="right", fontsize=7)
    panel.set(xlabel=figure.axes[0], ylabel=figure.axes[1])
    logarithmic(panel, *figure.scales)
    panel.legend(fontsize=7, frameon=False)
    _titled(canvas, figure.title)
    return canvas


def bars(figure: Bars) -> Canvas:
    canvas, (panel,) = canvas_of(max(6.0, 0.5 * len(figure.names) * len(figure.groups)), 4.8)
    places = np.arange(len(figure.names))
    width = 0.8 / len(figure.groups)
    for k, (label, values) in enumerate(figure.groups):
        at = places - 0.4 + (k + 0.5) * width
        panel.bar(at, np.array(values, float), width, color=LIGHT[k % len(LIGHT)], hatch=HATCHES[k % len(HATCHES)],
                  edgecolor="white", linewidth=0, label=label)  # fmt: skip
    panel.set_xticks(places, figure.names, rotation=30, ha="right", fontsize=7)
    panel.set(xlabel=figure.axes[0], ylabel=figure.axes[1], yscale=figure.scale)
    panel.grid(visible=False, axis="x")
    if len(figure.groups) > 1:
        panel.legend(fontsize=7, frameon=False)
    _titled(canvas, figure.title)
    return canvas


def field(figure: Field) -> Canvas:
    canvas, (panel,) = canvas_of(max(5.6, 0.5 * len(figure.x) + 2.5), max(4.0, 0.4 * len(figure.y) + 2))
    z = np.ma.masked_invalid(np.array(figure.z, float))
    places = (range(len(figure.x)), range(len(figure.y)))
    if figure.classes:
        count = len(figure.classes)
        shades = ListedColormap([LIGHT[k % len(LIGHT)] for k in range(count)])
        panel.pcolormesh(*places, z, cmap=shades, norm=BoundaryNorm(np.arange(count + 1) - 0.5, count), rasterized=True)
        short = [chr(ord("A") + k) for k in range(count)]
        for (j, i), value in np.ndenumerate(z.filled(math.nan)):
            if math.isfinite(value):
                panel.text(i, j, short[int(value)], ha="center", va="center", color="white", fontsize=7)
        key = "   ".join(f"{letter} {name}" for letter, name in zip(short, figure.classes, strict=True))
        panel.set_title("\n".join(textwrap.wrap(key, 90)), fontsize=7)
    else:
        norm = LogNorm() if figure.scale == "log" else None
        shown = panel.pcolormesh(*places, z, cmap="cividis", norm=norm, rasterized=True)
        canvas.colorbar(shown, ax=panel, label=figure.measure)
    panel.set_facecolor("#dddddd")  # where there is no number
    across, up = (max(1, math.ceil(len(names) / NAMED)) for names in (figure.x, figure.y))
    panel.set_xticks(places[0][::across], figure.x[::across], rotation=45, ha="right", fontsize=7)
    panel.set_yticks(places[1][::up], figure.y[::up], fontsize=7)
    panel.set(xlabel=figure.axes[0], ylabel=figure.axes[1])
    panel.grid(visible=False)
    _titled(canvas, figure.title)
    return canvas


def frames(figure: Frames) -> Canvas:
    count = min(SHOWN, len(figure.moments))
    chosen = np.unique(np.linspace(0, len(figure.moments) - 1, count).round().astype(int))
    canvas, panels = canvas_of(2.6 * len(chosen), 3.6, len(chosen), sharey=True)
    for panel, k in zip(panels, chosen, strict=True):
        shade = shade_of(figure, k)
        panel.pcolormesh(figure.x, figure.y, shade, cmap="cividis", vmin=0, vmax=1, rasterized=True)
        if shade.min() < 0.5 < shade.max():
            panel.contour(figure.x, figure.y, shade, levels=[0.5], colors="white", linewidths=1.5)
        for label, mark, face in ((1, "o", "white"), (-1, "s", "black")):
            own = [(x, y) for x, y, other in figure.points if other == label]
            if own:
                panel.plot(*zip(*own, strict=True), mark, color=face, markeredgecolor="#777777", markersize=4)
        panel.set_title(figure.moments[k], fontsize=7)
        panel.set_xlabel(figure.axes[0])
        panel.grid(visible=False)
    panels[0].set_ylabel(figure.axes[1])
    _titled(canvas, figure.title)
    return canvas


def shade_of(figure: Frames, k: int) -> NDArray[np.float64]:
    """The probability of label 1 at moment k, shape (len(y), len(x))."""
    bytes_ = np.frombuffer(base64.b64decode(figure.shades[k]), np.uint8)
    return bytes_.reshape(len(figure.y), len(figure.x)) / 255


def packed(probability: Any) -> str:
    """A moment's probabilities as a shade: a byte a point takes a sixth of what numbers would."""
    return base64.b64encode(np.rint(255 * np.clip(probability, 0, 1)).astype(np.uint8).tobytes()).decode()


def _titled(canvas: Canvas, title: str) -> None:
    canvas.suptitle("\n".join(textwrap.wrap(title, 90)))
