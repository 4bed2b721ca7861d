"""Figures that compare solvers, for print: convergence, sweeps over steps, paths and decision boundaries."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas

from experiments.figures.canvas import LINES, MARKS, canvas_of, draw_labelled, scale_axes, set_title
from experiments.figures.records import Boundary, Contour, Convergence, ConvergenceCurve, Sweep
from experiments.figures.style import LIGHT, look
from experiments.lab.run.outcome import Status
from problems.foundation.names import suggestion

# marks at the end of a curve that is not solved
ENDS = {Status.BUDGET: "|", Status.STALLED: "s", Status.LOCAL: "s", Status.DIVERGED: "x"}
SWEPT = (
    (Status.SOLVED, "o", 0), (Status.BUDGET, "|", 4), (Status.STALLED, "s", 3), (Status.LOCAL, "s", 3),
    (Status.DIVERGED, "x", 1),
)  # fmt: skip
LEVELS = 14  # of a contour
AXES: dict[str, tuple[str, Callable[[ConvergenceCurve], Sequence[float | None]]]] = {
    "seconds": ("seconds in the solver", lambda curve: curve.seconds),
    "iterations": ("iterations", lambda curve: curve.iterations),
    "passes": ("passes over the data", lambda curve: curve.passes),
}
FEW = 50  # points up to which each is drawn large


def convergence(figure: Convergence, x: str | None = None) -> Canvas:
    """The gap against seconds, iterations and passes, side by side; against one of them where x names it.

    Raises ValueError for another x.
    """
    if x is not None and x not in AXES:
        raise ValueError(f"a convergence figure has no axis {x!r}; {suggestion(x, AXES)}")
    axes = AXES if x is None else {x: AXES[x]}
    canvas, panels = canvas_of(13 if x is None else 8, 5.2, len(axes), sharey=True)
    solvers = list(dict.fromkeys(curve.solver for curve in figure.curves))
    shown = [curve for curve in figure.curves if curve.solver in figure.shown]
    for panel, (axis_label, x_of) in zip(panels, axes.values(), strict=True):
        for curve in shown:
            style = look(curve.solver, solvers)
            points = [(at, gap) for at, gap in zip(x_of(curve), curve.gap, strict=True) if at]
            if not points:
                continue
            x_values, gaps = zip(*points, strict=True)
            gaps = np.clip(gaps, *figure.drawn)
            mark, colour = MARKS[style.mark], LIGHT[style.colour]
            label = curve.solver if curve.seed == figure.curves[0].seed else None
            panel.plot(x_values, gaps, linestyle=LINES[style.dash], color=colour, marker=mark, markersize=3,
                       markevery=0.2, linewidth=1.2, label=label)  # fmt: skip
            end = mark if curve.status == Status.SOLVED else ENDS.get(curve.status, "x")
            panel.plot(x_values[-1], gaps[-1], end, color=colour, markersize=8)
        panel.axhline(figure.tolerance, color="black", linestyle=":", linewidth=1)
        panel.set_xlabel(axis_label)
        scale_axes(panel)
    panels[0].set_ylabel(figure.measure)
    handles, labels = panels[len(panels) // 2].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside right upper", fontsize=6.5, frameon=False)
    set_title(canvas, figure.title)
    return canvas


def sweep(figure: Sweep) -> Canvas:
    """Iterations to the tolerance, and the gap at the end, against the step.

    A run that did not reach the tolerance is drawn at the largest number of iterations of the sweep.
    """
    canvas, (counts, gaps) = canvas_of(10, 4.8, 2)
    top = max(step.iterations for step in figure.steps)
    for status, mark, colour in SWEPT:
        chosen = [step for step in figure.steps if step.status == status]
        if not chosen:
            continue
        solved = status is Status.SOLVED
        style = {"color": LIGHT[colour], "label": str(status), "markersize": 7}
        ratios = [step.ratio for step in chosen]
        heights = [step.iterations if solved else top for step in chosen]
        counts.plot(ratios, heights, mark, linestyle="-" if solved else "", **style)
        gaps.plot(ratios, [np.clip(step.gap, *figure.drawn) for step in chosen], mark, **style)
    gaps.axhline(figure.tolerance, color="black", linestyle=":", linewidth=1)
    right = max(step.ratio for step in figure.steps) * 1.3
    for panel, label in ((counts, "iterations to the tolerance"), (gaps, "gap at the end")):
        if figure.limit:
            edge = max(right, 1.1 * figure.limit)
            panel.axvspan(figure.limit, edge, facecolor="none", edgecolor="#999999", hatch="//", linewidth=0)
            panel.axvline(figure.limit, color="black", linewidth=1)
        panel.set(xlabel=f"step, in units of {figure.unit}", ylabel=label)
        scale_axes(panel)
    counts.legend(frameon=False)
    set_title(canvas, figure.title)
    return canvas


def contour(figure: Contour) -> Canvas:
    """Level lines of f, and one path per panel."""
    canvas, panels = canvas_of(12, 5.2, len(figure.shown), sharey=True)
    gap = np.array(figure.gap)
    levels = np.geomspace(max(gap.max() * 1e-4, 1e-12), gap.max(), LEVELS)
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
    set_title(canvas, figure.title)
    return canvas


def boundary(figure: Boundary) -> Canvas:
    """The probability of label 1 as a shade, the line where it is 1/2, and the rows."""
    canvas, (panel,) = canvas_of(5.6, 5.4)
    shades = panel.pcolormesh(figure.x, figure.y, figure.probability, cmap="cividis", vmin=0, vmax=1, rasterized=True)
    if figure.line:
        panel.contour(figure.x, figure.y, figure.probability, levels=[0.5], colors="white", linewidths=2)
    draw_labelled(panel, figure.points, size=7 if len(figure.points) <= FEW else 3)
    canvas.colorbar(shades, ax=panel, label="probability of label 1")
    panel.set(title="\n".join(textwrap.wrap(figure.title, 60)), xlabel=figure.axes[0], ylabel=figure.axes[1])
    panel.legend(loc="upper right", fontsize=7)
    panel.grid(visible=False)
    return canvas
