"""What figures for print have in common."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import NullLocator

LINES: dict[str, Any] = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-.", "longdash": (0, (10, 2))}
MARKS = {"circle": "o", "square": "s", "triangle-up": "^", "diamond": "D", "x": "x"}


def canvas_of(width: float, height: float, columns: int = 1, **options: Any) -> tuple[Canvas, Any]:
    canvas = Canvas(figsize=(width, height), layout="constrained")
    layout: Any = canvas.get_layout_engine()
    layout.set(rect=(0, 0.06, 1, 0.94))
    return canvas, canvas.subplots(1, columns, squeeze=False, **options)[0]


def logarithmic(panel: Any, x: str = "log", y: str = "log") -> None:
    """Set the scales; numbers on a logarithmic axis in plain text, which is drawn many times faster than powers."""
    panel.set(xscale=x, yscale=y)
    for axis, scale in ((panel.xaxis, x), (panel.yaxis, y)):
        if scale == "log":
            axis.set_major_formatter(lambda value, _: f"{value:g}")
            axis.set_minor_locator(NullLocator())
