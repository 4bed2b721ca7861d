"""Figures for print: PNG and SVG from the same numbers as the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from experiments.figures import general_plots as plots
from experiments.figures import solver_plots as races
from experiments.figures.records import Figure, Picture

SETTINGS: Any = {
    "font.size": 9,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: to be searched, and drawn in a third of the time
    "svg.hashsalt": "solver-lab",  # the same numbers give the same file
    "figure.dpi": 150,
}


def stem_of(run: str, figure: Figure) -> str:
    """A file name for a figure of a run."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", f"{run} {figure.kind} {figure.name}").strip("-.")[:120]


def save(figure: Figure, folder: Path, stem: str) -> list[Path]:
    """Draw one figure into `folder` as stem.png and stem.svg; the files' paths. A picture is SVG as it stands."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{stem}.png", folder / f"{stem}.svg"]
    if isinstance(figure, Picture):
        files[1].write_text(figure.svg, encoding="utf-8")
        return files[1:]
    with mpl.rc_context(SETTINGS):
        canvas = DRAW[figure.kind](figure)
        canvas.text(0.01, 0.005, figure.caption, fontsize=7, color="#444444", wrap=True, va="bottom")
        canvas.savefig(files[0], metadata={"Software": None})
        canvas.set_layout_engine("none")  # it has done its work, and would do it again
        canvas.savefig(files[1], metadata={"Date": None})
    return files


DRAW: dict[str, Callable[[Any], Canvas]] = {
    "convergence": races.convergence,
    "sweep": races.sweep,
    "contour": races.contour,
    "boundary": races.boundary,
    "lines": plots.lines,
    "bars": plots.bars,
    "field": plots.field,
    "frames": plots.frames,
}
