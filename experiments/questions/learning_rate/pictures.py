"""The figures of the sweeps: marks for each step, gaps by step and iteration, and paths in the plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.figures.records import Contour, Field, IteratePath, Step, Sweep, drawn
from experiments.lab.analysis.results import CellResult
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Status
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import problem_of
from experiments.questions.learning_rate.sweeps import Method, edges_of, unit_of

KEPT = 100  # iterates of each path that are all kept; of later ones only some
GRID = 60  # points per side of the contour's grid
MOMENTS = 24  # columns of a map of gaps
TOO_LOW, TOO_HIGH = 0.01, 1.1  # steps whose paths are printed beside the best one, in units of 2/L
LIMIT_CAPTION = (
    "How to read this: each mark is one run; a lower mark needs fewer iterations. Theory promises convergence left of "
    "the line, and none in the hatched part right of it."
)
NO_LIMIT_CAPTION = (
    "How to read this: each mark is one run; a lower mark needs fewer iterations. Theory gives no sharp limit here."
)
MAP_CAPTION = (
    "How to read this: each row is one step, and iterations go to the right. The darker the shade, the smaller the "
    "gap. Grey is after the end of a run that diverged."
)
CONTOUR_CAPTION = (
    "How to read this: the lines are levels of f - f*, and the cross is its minimum. All paths begin at the same "
    f"point. All of their first {KEPT} iterates are drawn, and fewer of the later ones. A step that is too small makes "
    "slow progress, a good one reaches the minimum, and one that is too large moves ever further away."
)


def step_of(row: CellResult) -> float:
    """The step that the row's solver was given."""
    return float(row.solver.get("step"))


def sweep_of(problem: Named, method: Method, reference: Reference, rows: Sequence[CellResult]) -> Sweep:
    """The figure of one method on one problem, from its rows in the order of their steps."""
    unit = unit_of(method, reference)
    limit = method.limit if unit else None
    steps = [
        Step(step_of(row) / (unit or 1.0), step_of(row), row.status, row.typical.iterations, row.typical.gap)
        for row in rows
    ]
    tolerance = rows[0].rule.tolerance
    return Sweep(
        name=f"{problem}, {method.solver}",
        title=f"Learning rates of {method.solver} on {problem}",
        caption=LIMIT_CAPTION if limit else NO_LIMIT_CAPTION,
        tolerance=tolerance,
        drawn=drawn(tolerance, rows[0].typical.trace[0].gap),
        steps=steps,
        unit="2/L" if unit else "1",
        limit=limit,
    )


def gap_map(sweep: Sweep, rows: Sequence[CellResult]) -> Field:
    """The gap by step and iteration."""
    last = max(row.typical.iterations for row in rows)
    moments = np.unique(np.geomspace(1, max(last, 2), MOMENTS).round().astype(int)).tolist()
    floor, ceiling = sweep.drawn
    z = []
    for row in rows:
        run = row.typical
        iterations, gaps = [sample.iteration for sample in run.trace], [sample.gap for sample in run.trace]
        at_end = None if run.status is Status.DIVERGED else gaps[-1]
        known = [
            at_end if k > iterations[-1] else gaps[int(np.searchsorted(iterations, k, side="right")) - 1]
            for k in moments
        ]
        z.append([float(np.clip(gap, floor, ceiling)) if gap is not None and gap < np.inf else None for gap in known])
    return Field(
        name=sweep.name,
        title=f"Gap by step and iteration: {sweep.name}",
        caption=MAP_CAPTION,
        axes=("iterations", f"step, in units of {sweep.unit}"),
        x=[str(k) for k in moments],
        y=[f"{step.ratio:.4g}" for step in sweep.steps],
        z=z,
        measure="gap",
        scale="log",
    )


def contour(problem: Named, rows: Sequence[CellResult], sweep: Sweep) -> Contour:
    """f over the plane of weight and bias, with the path of each step."""
    model, steps = problem_of(problem), sweep.steps
    solved = [row for row in rows if row.solved] or rows
    minimum = np.array(min(solved, key=lambda row: row.typical.gap).typical.theta)
    start = np.array(rows[0].typical.path[0])
    half = 1.5 * abs(start - minimum).max()
    x, y = (np.linspace(centre - half, centre + half, GRID) for centre in minimum)
    lowest = model.value(minimum)
    paths = [
        IteratePath(
            f"{step.ratio:.3g} x {sweep.unit}: {step.status}, {step.iterations} iterations",
            [(float(a), float(b)) for a, b in row.typical.path],
        )
        for row, step in zip(rows, steps, strict=True)
    ]
    best = edges_of(steps).best
    return Contour(
        name=sweep.name,
        title=f"Paths of {rows[0].solver.name} on the loss of one feature",
        caption=CONTOUR_CAPTION,
        axes=("weight", "bias"),
        x=x.tolist(),
        y=y.tolist(),
        gap=[[max(model.value(np.array([a, b])) - lowest, 0.0) for a in x] for b in y],
        minimum=(float(minimum[0]), float(minimum[1])),
        paths=paths,
        shown=(_nearest(steps, TOO_LOW), steps.index(best) if best else 0, _nearest(steps, TOO_HIGH)),
    )


def _nearest(steps: Sequence[Step], ratio: float) -> int:
    """The index of the step whose ratio is nearest, on a logarithmic scale."""
    return min(range(len(steps)), key=lambda k: abs(np.log(steps[k].ratio / ratio)))
