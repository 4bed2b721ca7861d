"""Figures and tables of penalties: coefficients, errors, columns found, twins, and the seconds of solvers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from experiments.figures.records import Figure, Line, Lines, ResultTable
from experiments.lab.analysis.formats import duration
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.questions.regularisation.penalised import NAMES

WEIGHT = "weight t, relative to the lasso's largest"
COEFFICIENTS = (
    "How to read this: a line is one coefficient; the larger the weight, further to the right, the nearer it is to 0. "
    "The number in brackets is the hidden coefficient, where there is one. Drawn are the {count} coefficients that are "
    "largest without a penalty."
)
SUPPORT = (
    "How to read this: of the columns with a nonzero hidden coefficient the share that is found (higher is better), "
    "and of all other columns the share that is selected by mistake (lower is better). Medians over seeds. Ridge, "
    "whose coefficients are never 0, selects every column."
)
ERRORS = (
    "How to read this: lower is better. With too small a weight, on the left, the noise is learned; with too large a "
    "weight, on the right, nothing is learned. Lines are medians over seeds; bands show the middle half of the seeds."
)
BEST = (
    "Medians over seeds at the weight with the lowest error on validation rows; the error is that on other rows, the "
    "test rows. Mistakes are columns missed and columns selected by mistake."
)
SECONDS = "The time to the tolerance, or why a solver did not reach it."
TWINS = (
    "How to read this: 0 means that two nearly equal columns get the same coefficient, 1 that one of them gets all. "
    "Lines are medians over seeds; bands show the middle half of the seeds."
)

Paths = dict[str, list[MeasurementResult]]  # by penalty, one run for each seed


def middle(runs: Sequence[MeasurementResult], name: str) -> list[float]:
    """The median over seeds of a series along the path."""
    return [float(median(values)) for values in zip(*(run[name] for run in runs), strict=True)]


def best_index(runs: Sequence[MeasurementResult]) -> int:
    """The place on the path with the lowest median error on validation rows; of equals the largest weight."""
    errors = middle(runs, "validation")
    return max(k for k, error in enumerate(errors) if error == min(errors))


def best_share(runs: Sequence[MeasurementResult]) -> float:
    """The weight with the lowest error, relative to the lasso's largest."""
    return float(runs[0]["shares"][best_index(runs)])


def mistakes(runs: Sequence[MeasurementResult]) -> list[float]:
    """The median number of columns missed or selected by mistake, along the path."""
    counts = [
        [run["used"] - found + mistaken for found, mistaken in zip(run["found"], run["mistaken"], strict=True)]
        for run in runs
    ]
    return [float(median(values)) for values in zip(*counts, strict=True)]


def band(label: str, runs: Sequence[MeasurementResult], series: Sequence[Sequence[float | None]]) -> Line:
    """The median of a series over seeds, and the middle half of the seeds."""
    columns = [[value for value in values if value is not None] for values in zip(*series, strict=True)]
    low, mid, high = (
        [float(np.quantile(values, q)) if values else None for values in columns] for q in (0.25, 0.5, 0.75)
    )
    return Line(label, list(runs[0]["shares"]), mid, low, high)


def figures(paths: Paths, twins: Paths) -> list[Figure]:
    """The coefficients under each penalty, errors, columns found, twins."""
    drawn: list[Figure] = [coefficients(penalty, runs[0]) for penalty, runs in paths.items() if runs[0]["keep"]]
    if paths:
        lines = [band(NAMES[penalty], runs, [run["error"] for run in runs]) for penalty, runs in paths.items()]
        first = next(iter(paths.values()))
        level = [
            (float(median(run["free"] for run in first)), "no penalty"),
            (float(median(run["constant"] for run in first)), "best constant answer"),
        ]
        axes = (WEIGHT, "mean squared error on test rows")
        drawn.append(Lines("error", "Error on test rows", ERRORS, axes, ("log", "linear"), lines, level=level))
    if any(runs[0]["used"] for runs in paths.values()):
        drawn.append(support(paths))
    if twins:
        lines = [band(NAMES[penalty], runs, [run["difference"] for run in runs]) for penalty, runs in twins.items()]
        axes = (WEIGHT, "difference / sum")
        drawn.append(Lines("twins", "Coefficients of two nearly equal columns", TWINS, axes, ("log", "linear"), lines))
    return drawn


def coefficients(penalty: str, run: MeasurementResult) -> Lines:
    """The path of the largest coefficients of one seed."""
    pairs = zip(run["names"], run["hidden"], strict=True)
    labels = [name if hidden is None else f"{name} ({hidden:.2g})" for name, hidden in pairs]
    lines = [Line(label, list(run["shares"]), list(y)) for label, y in zip(labels, run["coefficients"], strict=True)]
    caption, axes = COEFFICIENTS.format(count=len(lines)), (WEIGHT, "coefficient")
    return Lines(f"path {penalty}", f"Coefficients under {NAMES[penalty]}", caption, axes, ("log", "linear"), lines)


def support(paths: Paths) -> Lines:
    """The shares of columns found and of columns selected by mistake."""
    lines = []
    for penalty, runs in paths.items():
        used = max(runs[0]["used"], 1)
        others = max(runs[0]["columns"] - used, 1)
        x = list(runs[0]["shares"])
        lines.append(Line(f"{NAMES[penalty]}: found", x, [count / used for count in middle(runs, "found")]))
        lines.append(Line(f"{NAMES[penalty]}: mistaken", x, [count / others for count in middle(runs, "mistaken")]))
    title = "Columns found, and columns selected by mistake"
    return Lines("support", title, SUPPORT, (WEIGHT, "share of columns"), ("log", "linear"), lines)


def summary(paths: Paths) -> ResultTable:
    """Each penalty in a row, at its best weight."""
    rows: list[tuple[str | float | None, ...]] = []
    for penalty, runs in paths.items():
        k = best_index(runs)
        known = runs[0]["used"] is not None
        counts = [middle(runs, name)[k] if known else None for name in ("found", "mistaken")]
        least = [middle(runs, "error")[k], middle(runs, "nonzero")[k]]
        wrong = mistakes(runs) if known else []
        fewest = (min(wrong), runs[0]["shares"][wrong.index(min(wrong))]) if known else (None, None)
        rows.append((NAMES[penalty], best_share(runs), *least, *counts, *fewest, max(run["gap"] for run in runs)))
    columns = (
        "penalty", "best t", "error", "nonzero coefficients", "columns found", "columns mistaken", "fewest mistakes",
        "t with the fewest", "largest gap",
    )  # fmt: skip
    return ResultTable("The weight that predicts best", BEST, columns, rows)


def seconds_by_solver(result: Result) -> ResultTable:
    """Each solver in a row: its time on each penalty, or why there is none."""
    by_pair = {(row.problem, row.solver): row for row in result.rows}
    rows = [
        (str(solver), *(outcome(by_pair.get((problem, solver))) for problem in result.problems))
        for solver in dict.fromkeys(row.solver for row in result.rows)
    ]
    names = [problem.name for problem in result.problems]
    return ResultTable("Which solver for which penalty", SECONDS, ("solver", *names), rows)


def outcome(row: CellResult | None) -> str:
    """The time of a solver on one problem, or its status with the reason."""
    if row is None:
        return ""
    if row.seconds is not None:
        return duration(row.seconds)
    return f"{row.status}: {row.typical.reason}" if row.typical.reason else str(row.status)
