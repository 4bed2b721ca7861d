"""The convergence figure of one problem: the gap of every run, and which solvers are drawn at first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import solvers
from experiments.figures.records import Convergence, ConvergenceCurve, drawn
from experiments.lab.analysis.results import CellResult
from experiments.lab.reference.reference import Reference
from experiments.lab.spec.supplied import Named

MOST_CURVES = 12  # that a reader can distinguish
CAPTION = (
    "How to read this: a lower curve is better, and a curve further left is faster; the dotted line is the tolerance. "
    "A large mark ends a curve: a bar where its budget was used up, a square where it stalled, a cross where it "
    "diverged, its own mark where it was solved. Of many solvers the best of each family are drawn, then the best of "
    "the rest. Values far below the tolerance or far above the first gap are drawn at the edge. Passes are unknown for "
    "peers that read the data themselves."
)


def convergence_figure(problem: Named, rows: Sequence[CellResult], reference: Reference) -> Convergence:
    """The gap of each run of one problem, at each iterate that was judged. `rows` must not be empty."""
    curves = [curve for row in rows if not row.skipped and (curve := _curve_of(row)) is not None]
    tolerance = rows[0].rule.tolerance
    return Convergence(
        name=str(problem),
        title=f"Convergence on {problem}",
        caption=CAPTION,
        measure=reference.label(rows[0].rule.absolute),
        tolerance=tolerance,
        drawn=drawn(tolerance, max((curve.gap[0] for curve in curves), default=0.0)),
        curves=curves,
        shown=solvers_drawn(rows),
    )


def _curve_of(row: CellResult) -> ConvergenceCurve | None:
    """The run as a curve; None where no gap is finite."""
    trace = [sample for sample in row.typical.trace if np.isfinite(sample.gap)]
    if not trace:
        return None
    seconds = [sample.seconds for sample in trace]
    # the runs of a black box are timed separately; a run with more iterations bounds the time of one with fewer
    least = np.minimum.accumulate(seconds[::-1])[::-1].tolist()
    return ConvergenceCurve(
        solver=str(row.solver),
        seed=row.seed,
        status=row.status,
        iterations=[sample.iteration for sample in trace],
        seconds=least,
        passes=[sample.passes for sample in trace],
        gap=[sample.gap for sample in trace],
    )


def solvers_drawn(rows: Sequence[CellResult]) -> list[str]:
    """The solvers whose curves are drawn at first, at most MOST_CURVES: the best of each family, then the best others.

    The best are those that solved the problem fastest, and then those that ended with the smallest gap.
    """
    ran = sorted((row for row in rows if not row.skipped), key=lambda row: row.merit)
    by_merit = list(dict.fromkeys(row.solver for row in ran))
    best_of_family: dict[str, Named] = {}
    for solver in by_merit:
        best_of_family.setdefault(_family(solver), solver)
    chosen = list(dict.fromkeys([*best_of_family.values(), *by_merit]))[:MOST_CURVES]
    return [str(solver) for solver in dict.fromkeys(row.solver for row in rows) if solver in chosen]


def _family(solver: Named) -> str:
    """The family of a solver of the catalogue; any other solver is a family of its own."""
    entry = solvers.TABLE.get(solver.name)
    return entry.family if entry else str(solver)
