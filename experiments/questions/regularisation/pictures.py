"""Penalties along their paths, drawn and tabled: coefficients, errors, columns found, twins, and who solves what."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from experiments.figures.records import Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import duration
from experiments.lab.measurement.measurement import Read
from experiments.lab.spec.grammar import parse
from experiments.questions.regularisation.penalised import WORD

UNIT = "weight t, over the lasso's largest"
FOLLOW = (
    "How to read this: a line is one coefficient; the heavier the penalty, further to the right, the nearer to 0. "
    "In brackets stands what the hidden coefficient is, where there is one. Drawn are the "
    "{many} that are largest without a penalty."
)
FOUND = (
    "How to read this: of the columns that the hidden coefficients use the share that is found, the higher the better, "
    "and of all others the share that is taken for one, the lower the better. Medians over seeds; ridge, whose "
    "coefficients are never 0, takes every column."
)
ERRORS = (
    "How to read this: the lower the better; too light a penalty, to the left, learns the noise, too heavy a one, to "
    "the right, learns nothing. Lines are medians over seeds, bands hold the middle half of them."
)
BEST = (
    "Medians over seeds at the weight of the least error, which is chosen on the very rows held out; mistakes are "
    "columns missed and columns wrongly taken."
)
RACED = "Time to the tolerance, or what kept a solver from it."
SHARED = (
    "How to read this: 0 means that two columns which are nearly copies get the same coefficient, 1 that one of them "
    "gets all. Medians over seeds, and the band of their middle half."
)

Paths = dict[str, list[Read]]  # by penalty, a reading a seed


def middle(reads: Sequence[Read], name: str) -> list[float]:
    """The median over seeds of a series along the path."""
    return [float(median(each)) for each in zip(*(read[name] for read in reads), strict=True)]


def best_at(reads: Sequence[Read]) -> int:
    """Where on the path the median error on rows held out is least; of equals the heaviest weight."""
    errors = middle(reads, "error")
    return max(k for k, error in enumerate(errors) if error == min(errors))


def share_at(reads: Sequence[Read]) -> float:
    """The weight of the least error, in units of the heaviest."""
    return float(reads[0]["shares"][best_at(reads)])


def mistakes(reads: Sequence[Read]) -> list[float]:
    """The median number of columns missed or wrongly taken along the path."""
    each = [
        [read["used"] - found + false for found, false in zip(read["found"], read["mistaken"], strict=True)]
        for read in reads
    ]
    return [float(median(values)) for values in zip(*each, strict=True)]


def band(label: str, reads: Sequence[Read], series: Sequence[Sequence[float | None]]) -> Line:
    """The median of a series over seeds, and the middle half of them."""
    columns = [[value for value in each if value is not None] for each in zip(*series, strict=True)]
    low, mid, high = ([float(np.quantile(each, q)) if each else None for each in columns] for q in (0.25, 0.5, 0.75))
    return Line(label, list(reads[0]["shares"]), mid, low, high)


def figures(paths: Paths, pairs: Paths) -> list[Figure]:
    """The coefficients under each penalty, errors, columns found, twins."""
    found: list[Figure] = [coefficients(penalty, reads[0]) for penalty, reads in paths.items() if reads[0]["keep"]]
    if paths:
        lines = [band(WORD[penalty], reads, [read["error"] for read in reads]) for penalty, reads in paths.items()]
        first = next(iter(paths.values()))
        level = [
            (float(median(read["free"] for read in first)), "no penalty"),
            (float(median(read["constant"] for read in first)), "one answer for all"),
        ]
        axes = (UNIT, "mean squared error on rows held out")
        found.append(Lines("error", "Error on rows held out", ERRORS, axes, ("log", "linear"), lines, level=level))
    if any(reads[0]["used"] for reads in paths.values()):
        lines = []
        for penalty, reads in paths.items():
            used = max(reads[0]["used"], 1)
            rest = max(reads[0]["columns"] - used, 1)
            x = list(reads[0]["shares"])
            lines.append(Line(f"{WORD[penalty]}: found", x, [each / used for each in middle(reads, "found")]))
            lines.append(Line(f"{WORD[penalty]}: mistaken", x, [each / rest for each in middle(reads, "mistaken")]))
        axes = (UNIT, "share of columns")
        found.append(Lines("support", "Columns found, and columns mistaken", FOUND, axes, ("log", "linear"), lines))
    if pairs:
        lines = [band(WORD[penalty], reads, [read["apart"] for read in reads]) for penalty, reads in pairs.items()]
        axes = (UNIT, "difference over sum")
        found.append(Lines("twins", "What becomes of twins", SHARED, axes, ("log", "linear"), lines))
    return found


def coefficients(penalty: str, read: Read) -> Lines:
    """The path of the largest coefficients of one seed."""
    both = zip(read["names"], read["hidden"], strict=True)
    labels = [name if hidden is None else f"{name} ({hidden:.2g})" for name, hidden in both]
    lines = [Line(label, list(read["shares"]), list(y)) for label, y in zip(labels, read["coefficients"], strict=True)]
    how, axes = FOLLOW.format(many=len(lines)), (UNIT, "coefficient")
    return Lines(f"path {penalty}", f"Coefficients under {WORD[penalty]}", how, axes, ("log", "linear"), lines)


def summary(paths: Paths) -> Table:
    """Each penalty in a row, at its best weight."""
    rows: list[tuple[str | float | None, ...]] = []
    for penalty, reads in paths.items():
        k = best_at(reads)
        known = reads[0]["used"] is not None
        counts = [middle(reads, name)[k] if known else None for name in ("found", "mistaken")]
        least = [min(middle(reads, "error")), middle(reads, "nonzero")[k]]
        wrong = mistakes(reads) if known else []
        fewest = (min(wrong), reads[0]["shares"][wrong.index(min(wrong))]) if known else (None, None)
        rows.append((WORD[penalty], share_at(reads), *least, *counts, *fewest, max(read["gap"] for read in reads)))
    columns = ("penalty", "best t", "error", "kept", "found", "mistaken", "fewest mistakes", "at t", "largest gap")
    return Table("Where each penalty predicts best", BEST, columns, rows)


def raced(result: Result) -> Table:
    """Each solver in a row: its time on each penalty, or why there is none."""
    at = {(row.problem, row.solver): row for row in result.rows}
    rows: list[tuple[str, ...]] = []
    for solver in dict.fromkeys(row.solver for row in result.rows):
        told = []
        for problem in result.problems:
            row = at.get((problem, solver))
            if row is None:
                told.append("")
            elif row.seconds is not None:
                told.append(duration(row.seconds))
            else:
                told.append(f"{row.status}: {row.typical.reason}" if row.typical.reason else row.status)
        rows.append((solver, *told))
    names = [parse(problem).name for problem in result.problems]
    return Table("Which solver for which penalty", RACED, ("solver", *names), rows)
