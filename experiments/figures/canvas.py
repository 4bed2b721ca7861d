"""What the figures for print share: their canvas, line styles, marks and logarithmic axes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import NullLocator

LINES: dict[str, Any] = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-.", "longdash": (0, (10, 2))}
MARKS = {"circle": "o", "triangle-up": "^", "diamond": "D", "triangle-down": "v", "star": "*"}
LABELS = ((1, "o", "white"), (-1, "s", "black"))  # each label of two classes, its mark and its colour
TITLE_WIDTH = 90  # characters


def canvas_of(width: float, height: float, columns: int = 1, **options: Any) -> tuple[Canvas, Any]:
    """A canvas of that size in inches, and its panels side by side; space for a caption is left below them."""
    canvas = Canvas(figsize=(width, height), layout="constrained")
    layout: Any = canvas.get_layout_engine()
    layout.set(rect=(0, 0.06, 1, 0.94))
    return canvas, canvas.subplots(1, columns, squeeze=False, **options)[0]


def scale_axes(panel: Any, x: str = "log", y: str = "log") -> None:
    """Set the scale of both axes, "linear" or "log".

    A logarithmic axis shows plain numbers, because matplotlib draws them much faster than powers of ten.
    """
    panel.set(xscale=x, yscale=y)
    for axis, scale in ((panel.xaxis, x), (panel.yaxis, y)):
        if scale == "log":
            axis.set_major_formatter(lambda value, _: f"{value:g}")
            axis.set_minor_locator(NullLocator())


def draw_labelled(panel: Any, points: Sequence[tuple[float, float, int]], size: float) -> None:
    """Draw rows of the plane: circles for label 1, squares for label -1."""
    for label, mark, face in LABELS:
        chosen = [(x, y) for x, y, other in points if other == label]
        if chosen:
            panel.plot(*zip(*chosen, strict=True), mark, color=face, markeredgecolor="#777777", markersize=size,
                       label=f"label {label}")  # fmt: skip


def set_title(canvas: Canvas, title: str) -> None:
    """Write the title above all panels, on as many lines as it needs."""
    canvas.suptitle("\n".join(textwrap.wrap(title, TITLE_WIDTH)))
