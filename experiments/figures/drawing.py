"""Figures for print: PNG and SVG files from the same records as the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from experiments.figures import general_plots, solver_plots
from experiments.figures.records import Convergence, Figure, Picture

SETTINGS: Any = {
    "font.size": 9,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: it can be searched, and drawing takes a third of the time
    "svg.hashsalt": "solver-lab",  # the same numbers give the same file
    "figure.dpi": 150,
}


def stem_of(run: str, figure: Figure) -> str:
    """A file name, without its ending, for a figure of a run."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", f"{run} {figure.kind} {figure.name}").strip("-.")[:120]


def canvas(figure: Figure, x: str | None = None) -> Canvas:
    """One figure as matplotlib draws it, with its caption.

    x: of a convergence figure, the axis to draw: "seconds", "iterations" or "passes"; all three by default. Raises
    ValueError for an x that the figure does not have, and for a picture, which is SVG.
    """
    if isinstance(figure, Picture):
        raise ValueError(f"{figure.name!r} is a picture in SVG, in its field `svg`; matplotlib does not draw it")
    with mpl.rc_context(SETTINGS):
        if x is None:
            drawn = DRAW[figure.kind](figure)
        elif isinstance(figure, Convergence):
            drawn = solver_plots.convergence(figure, x)
        else:
            raise ValueError(f"a figure of kind {figure.kind!r} has no choice of axes; x must be None")
        drawn.text(0.01, 0.005, figure.caption, fontsize=7, color="#444444", wrap=True, va="bottom")
    return drawn


def save(figure: Figure, folder: Path, stem: str) -> list[Path]:
    """Draw one figure into `folder` as stem.png and stem.svg, and return the files' paths.

    A picture is SVG already and has no PNG. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{stem}.png", folder / f"{stem}.svg"]
    if isinstance(figure, Picture):
        files[1].write_text(figure.svg, encoding="utf-8")
        return files[1:]
    drawn = canvas(figure)
    with mpl.rc_context(SETTINGS):
        drawn.savefig(files[0], metadata={"Software": None})
        drawn.set_layout_engine("none")  # the layout is found; the engine would find it again
        drawn.savefig(files[1], metadata={"Date": None})
    return files


DRAW: dict[str, Callable[[Any], Canvas]] = {
    "convergence": solver_plots.convergence,
    "sweep": solver_plots.sweep,
    "contour": solver_plots.contour,
    "boundary": solver_plots.boundary,
    "lines": general_plots.lines,
    "bars": general_plots.bars,
    "field": general_plots.field,
    "frames": general_plots.frames,
}
