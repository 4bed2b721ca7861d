"""Solvers against each other, drawn: curves, sweeps, paths and boundaries."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas

from experiments.figures.canvas import LINES, MARKS, canvas_of, logarithmic
from experiments.figures.records import Boundary, Contour, Convergence, Curve, Sweep
from experiments.figures.style import LIGHT, look

ENDS = {"budget": "|", "stalled": "s", "diverged": "x"}


def convergence(figure: Convergence) -> Canvas:
    canvas, panels = canvas_of(13, 5.2, 3, sharey=True)
    axes: Sequence[tuple[str, Callable[[Curve], Sequence[float | None]]]] = (
        ("seconds in the solver", lambda curve: curve.seconds),
        ("iterates", lambda curve: curve.iterations),
        ("passes over the data", lambda curve: curve.passes),
    )
    solvers = list(dict.fromkeys(curve.solver for curve in figure.curves))
    drawn = [curve for curve in figure.curves if curve.solver in figure.shown]
    for panel, (label, x_of) in zip(panels, axes, strict=True):
        for curve in drawn:
            style = look(curve.solver, solvers)
            points = [(x, np.clip(gap, *figure.drawn)) for x, gap in zip(x_of(curve), curve.gap, strict=True) if x]
            if not points:
                continue
            x, y = zip(*points, strict=True)
            mark, colour = MARKS[style.mark], LIGHT[style.colour]
            panel.plot(x, y, linestyle=LINES[style.dash], color=colour, marker=mark, markersize=3, markevery=0.2,
                       linewidth=1.2, label=curve.solver if curve.seed == figure.curves[0].seed else None)  # fmt: skip
            end = mark if curve.status == "solved" else ENDS.get(curve.status, "x")
            panel.plot(x[-1], y[-1], end, color=colour, markersize=8)
        panel.axhline(figure.tolerance, color="black", linestyle=":", linewidth=1)
        panel.set_xlabel(label)
        logarithmic(panel)
    panels[0].set_ylabel(figure.measure)
    handles, labels = panels[1].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside right upper", fontsize=6.5, frameon=False)
    canvas.suptitle(figure.title)
    return canvas


def sweep(figure: Sweep) -> Canvas:
    canvas, (upper, lower) = canvas_of(10, 4.8, 2)
    top = max(step.iterations for step in figure.steps)
    for status, mark, colour in (
        ("solved", "o", LIGHT[0]),
        ("budget", "|", LIGHT[4]),
        ("stalled", "s", LIGHT[3]),
        ("diverged", "x", LIGHT[1]),
    ):
        chosen = [step for step in figure.steps if step.status == status]
        ratios = [step.ratio for step in chosen]
        if chosen:
            heights = [step.iterations if status == "solved" else top for step in chosen]
            upper.plot(ratios, heights, mark, color=colour, label=status, markersize=7,
                       linestyle="-" if status == "solved" else "")  # fmt: skip
            gaps = [np.clip(step.gap, *figure.drawn) for step in chosen]
            lower.plot(ratios, gaps, mark, color=colour, label=status, markersize=7)
    lower.axhline(figure.tolerance, color="black", linestyle=":", linewidth=1)
    for panel, label in ((upper, "iterates to the tolerance"), (lower, "gap at the end")):
        right = max(step.ratio for step in figure.steps) * 1.3
        if figure.limit:
            edge = max(right, 1.1 * figure.limit)
            panel.axvspan(figure.limit, edge, facecolor="none", edgecolor="#999999", hatch="//", linewidth=0)
            panel.axvline(figure.limit, color="black", linewidth=1)
        panel.set(xlabel=f"step, in units of {figure.unit}", ylabel=label)
        logarithmic(panel)
    upper.legend(frameon=False)
    canvas.suptitle(figure.title)
    return canvas


def contour(figure: Contour) -> Canvas:
    canvas, panels = canvas_of(12, 4.6, len(figure.shown), sharey=True)
    gap = np.array(figure.gap)
    levels = np.geomspace(max(gap.max() * 1e-4, 1e-12), gap.max(), 14)
    for panel, k in zip(panels, figure.shown, strict=True):
        path = figure.paths[k]
        panel.contour(figure.x, figure.y, gap, levels=levels, colors="#888888", linewidths=0.6)
        x, y = zip(*path.points, strict=True)
        panel.plot(x, y, "o-", color=LIGHT[1], markersize=3, linewidth=1)
        panel.plot(*figure.minimum, "P", color="black", markersize=8)
        panel.set(
            xlim=(figure.x[0], figure.x[-1]),
            ylim=(figure.y[0], figure.y[-1]),
            xlabel=figure.axes[0],
            title=path.label,
            aspect="equal",
        )
    panels[0].set_ylabel(figure.axes[1])
    return canvas


def boundary(figure: Boundary) -> Canvas:
    canvas, (panel,) = canvas_of(5.6, 5.4)
    field = panel.pcolormesh(figure.x, figure.y, figure.probability, cmap="cividis", vmin=0, vmax=1, rasterized=True)
    if figure.line:
        panel.contour(figure.x, figure.y, figure.probability, levels=[0.5], colors="white", linewidths=2)
    size = 7 if len(figure.points) <= 50 else 3
    for label, mark, face in ((1, "o", "white"), (-1, "s", "black")):
        points = [(x, y) for x, y, own in figure.points if own == label]
        if points:
            panel.plot(*zip(*points, strict=True), mark, color=face, markeredgecolor="#777777", markersize=size,
                       label=f"label {label}")  # fmt: skip
    canvas.colorbar(field, ax=panel, label="probability of label 1")
    panel.set(title="\n".join(textwrap.wrap(figure.title, 60)), xlabel=figure.axes[0], ylabel=figure.axes[1])
    panel.legend(loc="upper right", fontsize=7)
    panel.grid(visible=False)
    return canvas
