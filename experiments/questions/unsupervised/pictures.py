"""Figures and tables of `unsupervised`: rates and noise floors of principal components, and the ends of k-means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from experiments.figures.records import Bars, Figure, Line, Lines, ResultTable
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.grammar import Spec
from experiments.lab.spec.supplied import Named
from experiments.questions.unsupervised import centres, components
from problems.foundation.arrays import EPS

STEPS_DRAWN = (1.0, 0.1, 0.01)  # of the constant steps of Oja's rule
ANGLES = (
    "How to read this: the sine of the angle between V and the best subspace. A line with marks is a problem; the "
    "dotted line that starts on it is theory, a factor lambda_(k+1)/lambda_k per iteration."
)
SCHEDULES = (
    "How to read this: lower is better. With a constant step Oja's rule soon stops improving, at a level that is lower "
    "for a smaller step; with decreasing steps it continues to improve. Steps are relative to 1/max |x|^2."
)
FLOORS = (
    "How to read this: a mark is the mean of f - f* over the second half of a run that starts at the minimum. The "
    "dotted lines are proportional to the step, as for rows sampled one by one, and to its square, as for rows in a "
    "new random order in each epoch."
)
GAPS = (
    "How to read this: a mark is a run that reached the tolerance. The further left, the closer are the eigenvalues k "
    "and k + 1; a solver with a horizontal line does not depend on them. The dotted line is the theory of power "
    "iteration near the minimum."
)
RATES = "The factor per iteration by which the sine of the angle shrinks, measured and in theory."
OJA = (
    "f - f* at the end, and the noise floor: the mean of f - f* over the second half of a run that starts at the "
    "minimum. Empty where the run from theta_0 has not reached the floor."
)
LOWEST = "How to read this: higher is better. The share of runs whose f is within 1% of the lowest f of all runs."
SECONDS = (
    "How to read this: lower is better. Lloyd's algorithm runs to its end; the other lines end where f is within 1% of "
    "that of Lloyd's algorithm from the same start."
)
ABOVE = (
    "How to read this: by how much f after some epochs of mini-batches is higher than f at the end of Lloyd's "
    "algorithm from the same start, as a share of it. Where a mark is missing f is not higher."
)
ENDS = "The ends of runs from the same starts. Seconds are those inside the solver, the median of the runs."
GROWTH = "Medians over starts: Lloyd's algorithm to its end, and mini-batches after one epoch and after more."


def figures(
    result: Result, gaps: Mapping[Named, float], rows: Sequence[CellResult], solvers: Sequence[Named]
) -> list[Figure]:
    """Angles, iterations against the gap between eigenvalues, Oja's rule by epoch and step, and the ends of k-means."""
    oja_runs = result.measured("oja")
    drawn = [
        angles(result.measured("power")),
        against_gap(gaps, rows, solvers),
        schedules(oja_runs),
        floors_by_step(oja_runs),
    ]
    return [*(figure for figure in drawn if figure is not None), *cluster_figures(result)]


def angles(runs: Sequence[MeasurementResult]) -> Lines | None:
    """The angle after each power iteration, and the theory."""
    if not runs:
        return None
    lines, guides = [], []
    for run in runs:
        k = np.arange(1.0, len(run["sines"]) + 1)
        lines.append(Line(label_of(run), k.tolist(), [max(sine, EPS) for sine in run["sines"]]))
        if run["theory"]:
            first = next((i for i, sine in enumerate(run["sines"]) if sine < 0.1), 0)
            y = run["sines"][first] * run["theory"] ** (k[first:] - k[first])
            label = f"theory, {run['theory']:.3g}"
            guides.append(Line(label, k[first:].tolist(), np.maximum(y, EPS).tolist(), guide=True))
    axes = ("iteration", "sine of the angle")
    title = "Power iteration and the ratio of eigenvalues"
    return Lines("power", title, ANGLES, axes, ("linear", "log"), [*lines, *guides])


def against_gap(gaps: Mapping[Named, float], rows: Sequence[CellResult], solvers: Sequence[Named]) -> Lines | None:
    """The iterations of each solver against the gap between eigenvalues, and the theory of power iteration."""
    points = {solver: components.runs_by_gap(gaps, rows, solver) for solver in solvers}
    if not any(len(runs) > 1 for runs in points.values()):
        return None
    lines = [
        Line(str(solver), [gap for gap, _ in runs], [iterations for _, iterations in runs])
        for solver, runs in points.items()
        if runs
    ]
    reduction = {  # of f - f* from the start to the tolerance, by gap
        gaps[row.problem]: row.typical.trace[0].gap / row.rule.tolerance
        for row in rows
        if row.solver == Spec("power-iteration") and row.solved and gaps.get(row.problem)
    }
    x = sorted(gap for gap, ratio in reduction.items() if gap < 1 and ratio > 1)
    y = [math.log(reduction[gap]) / (-2 * math.log1p(-gap)) for gap in x]
    axes = ("1 - lambda_(k+1) / lambda_k", "iterations")
    title = f"Iterations to {rows[0].rule.tolerance:g} against the gap between eigenvalues"
    theory = Line("theory, power iteration", x, y, guide=True)
    return Lines("eigengap", title, GAPS, axes, ("log", "log"), [*lines, theory])


def schedules(runs: Sequence[MeasurementResult]) -> Lines | None:
    """f - f* after each epoch of Oja's rule, by schedule and step."""
    if not runs:
        return None
    lines = []
    for run in runs:
        constant = run["schedule"] == "constant"
        if not constant or run["step"] in STEPS_DRAWN:
            label = f"constant, {run['step']:g}" if constant else run["schedule"]
            y = [gap or None for gap in run["gaps"]]
            lines.append(Line(label, list(range(1, len(y) + 1)), y))
    return Lines("oja", "Oja's rule by schedule", SCHEDULES, ("epoch", "f - f*"), ("log", "log"), lines)


def floors_by_step(runs: Sequence[MeasurementResult]) -> Lines | None:
    """The noise floor against the step."""
    points = sorted((run["step"], run["floor"]) for run in runs if run["floor"])
    if len(points) < 2:
        return None
    x, y = (list(values) for values in zip(*points, strict=True))
    guides = [
        Line(label, x, [y[0] * (step / x[0]) ** p for step in x], guide=True)
        for label, p in (("step", 1), ("step^2", 2))
    ]
    title, axes = "The noise floor of Oja's rule with a constant step", ("step, relative to 1/max |x|^2", "f - f*")
    return Lines("floor", title, FLOORS, axes, ("log", "log"), [Line("oja", x, y), *guides])


def label_of(run: MeasurementResult) -> str:
    """The label of a line: the parameter in which its problem differs from the others."""
    problem = run["problem"]
    return f"k = {problem.get('k')}" if problem.get("data") else f"ratio {problem.get('ratio'):g}"


def cluster_figures(result: Result) -> list[Figure]:
    """The ends by method and start, and time and f by the number of rows."""
    drawn: list[Figure] = []
    if found := centres.shares(result.measured("ends")):
        solvers = list(dict.fromkeys(solver for solver, _ in found))
        groups = [(init, [found.get((solver, init)) for solver in solvers]) for init in centres.STARTS]
        names, axes = [str(solver) for solver in solvers], ("method", "share of runs")
        drawn.append(Bars("ends", "Runs of k-means that end at the lowest f", LOWEST, axes, "linear", names, groups))
    sizes = centres.by_size(result.measured("growth"))
    if len(sizes) > 1:
        n = [float(size.n) for size in sizes]
        seconds = [
            Line("lloyd, to its end", n, [size.seconds for size in sizes]),
            Line("lloyd, to within 1%", n, [size.near_seconds for size in sizes]),
            Line("mini-batch-k-means, to within 1%", n, [size.seconds_to_near for size in sizes]),
        ]
        scales = ("log", "log")
        drawn.append(Lines("seconds", "k-means: seconds by rows", SECONDS, ("rows n", "seconds"), scales, seconds))
        above = [
            Line(f"after epoch {epochs}", n, [excess(size, k) for size in sizes])
            for k, epochs in enumerate(centres.EPOCHS)
        ]
        if any(y for line in above for y in line.y):
            title = "k-means: f of mini-batches above that of Lloyd's algorithm"
            drawn.append(Lines("f by rows", title, ABOVE, ("rows n", "share of f"), scales, above))
    return drawn


def excess(size: centres.BySize, k: int) -> float | None:
    """By what share f of mini-batches after EPOCHS[k] epochs is higher than that of Lloyd's algorithm, if it is."""
    return size.mini_f[k] / size.f - 1 if size.mini_f[k] > size.f > 0 else None


def tables(result: Result) -> list[ResultTable]:
    """The rates of power iteration, the ends of Oja's rule, and the ends of k-means by method and by rows."""
    rates = [(str(run["problem"]), run["theory"], run["rate"], len(run["sines"])) for run in result.measured("power")]
    oja = [
        (run["schedule"], run["step"], run["gaps"][-1], run["floor"], len(run["gaps"]))
        for run in result.measured("oja")
    ]
    return [
        ResultTable("Power iteration", RATES, ("problem", "theory", "measured", "iterations"), rates),
        ResultTable("Oja's rule", OJA, ("schedule", "step", "f - f*", "noise floor", "epochs"), oja),
        ends_table(result.measured("ends")),
        growth_table(centres.by_size(result.measured("growth"))),
    ]


def ends_table(runs: Sequence[MeasurementResult]) -> ResultTable:
    """The ends of k-means, each method and kind of start in a row."""
    shares = centres.shares(runs)
    rows = [
        (str(run["solver"]), centres.init_of(run), shares[run["solver"], centres.init_of(run)], min(run["f"]),
         median(run["f"]), run["iterations"], run["seconds"])
        for run in runs
    ]  # fmt: skip
    columns = ("method", "start", "share at the lowest f", "lowest f", "median f", "iterations", "seconds")
    return ResultTable("Ends of k-means", ENDS, columns, rows)


def growth_table(sizes: Sequence[centres.BySize]) -> ResultTable:
    """Lloyd's algorithm and mini-batches, each number of rows in a row."""
    rows = [
        (size.n, size.f, size.iterations, size.seconds, size.mini_f[0], size.mini_seconds[0], size.epochs,
         size.seconds_to_near)
        for size in sizes
    ]  # fmt: skip
    columns = ("n", "f", "iterations", "seconds", "f, 1 epoch", "seconds, 1 epoch", "epochs to 1%", "seconds to 1%")
    return ResultTable("k-means by rows", GROWTH, columns, rows)
