"""Figures of any numbers, for print: lines, bars, fields, and the frames of a boundary that is being learned."""

from __future__ import annotations

import base64
import math
import textwrap
from typing import Any

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from experiments.figures.canvas import LINES, MARKS, canvas_of, draw_labelled, scale_axes, set_title
from experiments.figures.records import Bars, Field, Frames, Lines
from experiments.figures.style import LIGHT, styled

MOST_TICKS = 30  # texts on an axis
MOST_FRAMES = 5  # moments that are printed
MOST_MARKED = 40  # points of a line up to which each has a mark
KEY_WIDTH = 90  # characters
HATCHES = ("", "//", "..", "xx", "\\\\", "oo", "++", "--", "**", "||")


def lines(figure: Lines) -> Canvas:
    """Series against a number, each with its band, and the vertical and horizontal lines of the figure."""
    canvas, (panel,) = canvas_of(7.2, 5)
    measured = [line for line in figure.lines if not line.guide]
    for line in figure.lines:
        x, y, low, high = (np.array(values, float) for values in (line.x, line.y, line.low, line.high))
        if line.guide:
            panel.plot(x, y, color="black", linestyle=":", linewidth=1, label=line.label)
            continue
        style = styled(measured.index(line))
        colour, dash = LIGHT[style.colour], LINES[style.dash]
        mark = MARKS[style.mark] if len(x) <= MOST_MARKED else ""
        panel.plot(x, y, color=colour, linestyle=dash, marker=mark, markersize=4, linewidth=1.4, label=line.label)
        if len(low):
            panel.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
    for at, text in figure.upright:
        panel.axvline(at, color="black", linestyle="--", linewidth=1)
        panel.annotate(text, (at, 1), xycoords=("data", "axes fraction"), rotation=90, va="top", ha="right", fontsize=7)
    for at, text in figure.level:
        panel.axhline(at, color="black", linestyle="--", linewidth=1)
        panel.annotate(text, (1, at), xycoords=("axes fraction", "data"), va="bottom", ha="right", fontsize=7)
    panel.set(xlabel=figure.axes[0], ylabel=figure.axes[1])
    scale_axes(panel, *figure.scales)
    panel.legend(fontsize=7, frameon=False)
    set_title(canvas, figure.title)
    return canvas


def bars(figure: Bars) -> Canvas:
    """Groups of bars side by side, one bar of each group for each name."""
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
    set_title(canvas, figure.title)
    return canvas


def field(figure: Field) -> Canvas:
    """A shade for each pair (x, y), or a colour and a letter where z holds classes; grey where there is no number."""
    canvas, (panel,) = canvas_of(max(5.6, 0.5 * len(figure.x) + 2.5), max(4.0, 0.4 * len(figure.y) + 2))
    z = np.ma.masked_invalid(np.array(figure.z, float))
    places = (range(len(figure.x)), range(len(figure.y)))
    if figure.classes:
        count = len(figure.classes)
        shades = ListedColormap([LIGHT[k % len(LIGHT)] for k in range(count)])
        panel.pcolormesh(*places, z, cmap=shades, norm=BoundaryNorm(np.arange(count + 1) - 0.5, count), rasterized=True)
        letters = [chr(ord("A") + k) for k in range(count)]
        for (j, i), value in np.ndenumerate(z.filled(math.nan)):
            if math.isfinite(value):
                panel.text(i, j, letters[int(value)], ha="center", va="center", color="white", fontsize=7)
        key = "   ".join(f"{letter} {name}" for letter, name in zip(letters, figure.classes, strict=True))
        panel.set_title("\n".join(textwrap.wrap(key, KEY_WIDTH)), fontsize=7)
    else:
        norm = LogNorm() if figure.scale == "log" else None
        shown = panel.pcolormesh(*places, z, cmap="cividis", norm=norm, rasterized=True)
        canvas.colorbar(shown, ax=panel, label=figure.measure)
    panel.set_facecolor("#dddddd")
    across, up = (max(1, math.ceil(len(names) / MOST_TICKS)) for names in (figure.x, figure.y))
    panel.set_xticks(places[0][::across], figure.x[::across], rotation=45, ha="right", fontsize=7)
    panel.set_yticks(places[1][::up], figure.y[::up], fontsize=7)
    panel.set(xlabel=figure.axes[0], ylabel=figure.axes[1])
    panel.grid(visible=False)
    set_title(canvas, figure.title)
    return canvas


def frames(figure: Frames) -> Canvas:
    """Some moments side by side, the first and the last among them."""
    count = min(MOST_FRAMES, len(figure.moments))
    chosen = np.unique(np.linspace(0, len(figure.moments) - 1, count).round().astype(int))
    canvas, panels = canvas_of(2.6 * len(chosen), 3.6, len(chosen), sharey=True)
    for panel, k in zip(panels, chosen, strict=True):
        shade = shade_of(figure, k)
        panel.pcolormesh(figure.x, figure.y, shade, cmap="cividis", vmin=0, vmax=1, rasterized=True)
        if shade.min() < 0.5 < shade.max():
            panel.contour(figure.x, figure.y, shade, levels=[0.5], colors="white", linewidths=1.5)
        draw_labelled(panel, figure.points, size=4)
        panel.set_title(figure.moments[k], fontsize=7)
        panel.set_xlabel(figure.axes[0])
        panel.grid(visible=False)
    panels[0].set_ylabel(figure.axes[1])
    set_title(canvas, figure.title)
    return canvas


def shade_of(figure: Frames, k: int) -> NDArray[np.float64]:
    """The probability of label 1 at moment k, shape (len(y), len(x))."""
    shade = np.frombuffer(base64.b64decode(figure.shades[k]), np.uint8)
    return shade.reshape(len(figure.y), len(figure.x)) / 255


def packed(probability: Any) -> str:
    """Probabilities, shape (len(y), len(x)), as a moment of Frames holds them: one byte per point."""
    return base64.b64encode(np.rint(255 * np.clip(probability, 0, 1)).astype(np.uint8).tobytes()).decode()
