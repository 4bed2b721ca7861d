"""Plain SGD beside what lowers its noise floor, and beside solvers without one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.figures.records import Convergence, ConvergenceCurve, drawn
from experiments.lab.analysis.results import CellResult
from experiments.lab.reference.reference import Reference

CURVES = (
    "How to read this: lower is better, and further left is sooner; the dotted line is the tolerance. Plain SGD levels "
    "off at its noise floor. A bar at the end of a curve: the budget ended the run."
)


def final_gaps(name: str, rows: Sequence[CellResult]) -> str | None:
    """Which solvers ended above the tolerance, the farthest first, and how far."""
    short = [row for row in rows if not row.solved and row.typical.trace and math.isfinite(row.typical.gap)]
    if not short:
        return None
    short.sort(key=lambda row: -row.typical.gap)
    gaps = ", ".join(f"{row.solver} {row.typical.gap:.2g}" for row in short)
    rule = rows[0].rule
    budget = f"{rule.passes:g} passes" if rule.passes else f"{rule.seconds:g} s"
    return f"On {name} these solvers do not reach {rule.tolerance:g} within {budget}. Their final f - f*: {gaps}."


def gap_curves(name: str, rows: Sequence[CellResult], reference: Reference) -> Convergence:
    """The gaps against seconds, iterations and passes."""
    curves = []
    for row in rows:
        trace = [sample for sample in row.typical.trace if math.isfinite(sample.gap)]
        if not row.skipped and trace:
            iterations, seconds, passes, gap, _ = zip(*trace, strict=True)
            curves.append(ConvergenceCurve(str(row.solver), row.seed, row.status, iterations, seconds, passes, gap))
    tolerance, first = rows[0].rule.tolerance, max((curve.gap[0] for curve in curves), default=0.0)
    return Convergence(
        name=name,
        title=f"With a noise floor and without: {name}",
        caption=CURVES,
        measure=reference.label(rows[0].rule.absolute),
        tolerance=tolerance,
        drawn=drawn(tolerance, first),
        curves=curves,
        shown=[curve.solver for curve in curves],
    )
