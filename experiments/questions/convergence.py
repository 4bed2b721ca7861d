"""Which solver gets there first, and how fast does each go?

Every solver that can takes every problem, under one tolerance and one budget. The answer for each problem is the
solver that reaches the tolerance first and by how much, with an interval from interleaved repeats; a tie is said to
be one. Beside the rate seen over the later half of a run stands the one that theory gives, where it gives one:
1 - mu/L for gradient descent, (sqrt(k) - 1)/(sqrt(k) + 1) for conjugate gradients, quadratic for Newton.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import solvers
from experiments.comparison.decision_boundary import boundary_of
from experiments.comparison.profiles import profiles, steadiest
from experiments.figures.records import Convergence, Curve, Figure, drawn
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import mixed, unproven, verdict, worth
from experiments.lab.experiment import Answer, Experiment, Options, References, seeded
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse

QUICK = ("linear-regression", "logistic(data=breast_cancer)", "xor(model=linear)", "xor(model=stacked)", "xor")
WHOLE = (
    "linear-regression",
    "linear-regression(condition=10000)",
    "linear-regression(data=diabetes)",
    "linear-regression(loss=absolute, outliers=0.05)",
    "ridge",
    "lasso",
    "elastic-net",
    "nonnegative-least-squares",
    "logistic",
    "logistic(data=breast_cancer)",
    "softmax(data=iris)",
    "hinge",
    "xor(model=linear)",
    "xor(model=stacked)",
    "xor",
    "network",
    "curve",
    "landscape",
    "linear-system",
    "basis-pursuit",
    "total-variation",
    "pca",
    "k-means",
)
ROUGH = ("xor", "network")  # whose losses fall so slowly that 1e-3 is asked


MOST = 12  # curves that an eye can tell apart
CAPTION = (
    "How to read this: lower is better and further left is sooner; the dotted line is the tolerance. A large mark ends "
    "a curve: a bar where its budget ended, a square where it stalled, a cross where it diverged, its own mark where "
    "it was solved. Of many solvers the best of each family are drawn, then the best of the rest. Values far below the "
    "tolerance or far above the first are drawn at the edge. Passes are not known of peers that read the data "
    "themselves."
)


def problems(options: Options) -> Sequence[str]:
    """The catalogue, on synthetic and on real data."""
    return [seeded(problem, options.seed) for problem in (QUICK if options.quick else WHOLE)]


def rule_for(problem: str, seconds: float) -> Rule:
    """1e-6; on networks 1e-3, for a cross-entropy whose infimum is 0 falls no faster than 1/t by gradient descent."""
    return Rule(tolerance=1e-3 if problem.startswith(ROUGH) else 1e-6, seconds=seconds)


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every problem, in all its variants unless it must be quick; refusals are rows with reasons."""
    seconds = 0.1 if options.quick else 0.3
    entries = tuple(solvers.TABLE) if options.quick else solvers.everyone()
    return [
        Cell(problem, solver, options.seed, rule_for(problem, seconds))
        for problem in problems(options)
        for solver in entries
    ]


EXPERIMENT = Experiment("convergence", "convergence", __doc__ or "", problems, cells)


def answer(result: Result) -> Answer:
    """A sentence and a figure for each problem, and the boundary of the best classifier of the plane."""
    verdicts: list[str] = []
    figures: list[Figure] = []
    boundaries: list[Figure] = []
    for problem in result.problems:
        rows, reference = result.of(problem), result.references.get(problem)
        if reference is None:
            verdicts.append(f"The reference of {problem} was damaged and set aside; the same command finds it again.")
            continue
        told = (mixed(problem, rows), unproven(problem, rows, reference), worth(problem, reference))
        verdicts += filter(None, [verdict(problem, rows, reference), *told])
        figures.append(curves(problem, rows, reference))
        if len(reference.columns) == 2:
            boundary = boundary_of(problem, rows, reference)
            boundaries += [boundary] if boundary else []
    figures += [*boundaries, *profiles(result)]
    if chosen := result.settings.get("figures"):
        kinds = [{"profiles": "lines"}.get(name, name) for name in chosen]
        figures = [figure for figure in figures if figure.kind in kinds]
    verdicts += filter(None, [steadiest(result)])
    return Answer(verdicts, figures)


def curves(problem: str, rows: Sequence[Row], reference: Reference) -> Convergence:
    """The figure of one problem: the gap of every run that was made, at each iterate judged."""
    found = []
    for row in rows:
        trace = [sample for sample in row.typical.trace if np.isfinite(sample.gap)]
        if row.status != "skipped" and trace:
            iterations, seconds, passes, gap, _ = zip(*trace, strict=True)
            # the runs of a black box are timed apart; none takes longer to an iterate than a run that goes beyond it
            sooner = np.minimum.accumulate(seconds[::-1])[::-1].tolist()
            found.append(Curve(row.solver, row.seed, row.status, iterations, sooner, passes, gap))
    return Convergence(
        name=problem,
        title=f"Convergence on {problem}",
        caption=CAPTION,
        measure=reference.measure,
        tolerance=rows[0].rule.tolerance,
        drawn=drawn(rows[0].rule.tolerance, max((curve.gap[0] for curve in found), default=0.0)),
        curves=found,
        shown=_telling(rows),
    )


def _telling(rows: Sequence[Row]) -> list[str]:
    """The solvers whose curves tell most, at most MOST: the best of each family, then the best of the rest.

    The best are those that solved the problem fastest, and then those that came nearest.
    """
    ran = sorted((row for row in rows if row.status != "skipped"), key=lambda row: row.merit)
    best = list(dict.fromkeys(row.solver for row in ran))
    first = {_family(solver): solver for solver in reversed(best)}
    chosen = list(dict.fromkeys([*sorted(first.values(), key=best.index), *best]))[:MOST]
    return [solver for solver in dict.fromkeys(row.solver for row in rows) if solver in chosen]


def _family(solver: str) -> str:
    entry = solvers.TABLE.get(parse(solver).name)
    return entry.family if entry else solver
