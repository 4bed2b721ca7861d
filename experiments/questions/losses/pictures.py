"""Figures and tables of losses: their shapes, errors against outliers and heavy tails, and who accepts which loss."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

import solvers
from experiments.figures.records import Bars, Figure, Line, Lines, ResultTable
from experiments.lab.analysis.formats import duration
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.supplied import Named
from experiments.questions.losses.robust import LOSSES, MEDIAN, NAMES, shape, theory

ERROR = "|theta - hidden|"
OUTLIERS = (
    "How to read this: lower is better; outliers do not change the estimate where a line is flat. Lines are medians "
    "over seeds; bands show the middle half of the seeds. The dotted lines are the theory of the squared and of the "
    "absolute loss for many rows."
)
TAILS = (
    "How to read this: lower is better; the further left, the more rows are far from the model. Lines are medians over "
    "seeds; bands show the middle half of the seeds."
)
SHAPES = (
    "How to read this: the loss of one row against its residual. The derivative of the squared loss grows with the "
    "residual; that of the other two is constant far from 0."
)
FAMILIES = (
    "How to read this: the number of solvers of each family that accept a loss; where a bar is missing none does."
)
ERRORS = "Medians over seeds of |theta - hidden|. The gap is the largest of all estimates by that loss."
SOLVERS = (
    "A time is that of a run to the tolerance on rows of which a tenth are outliers. 'accepts it' means that the "
    "solver was not run. Otherwise the table shows why the solver refuses the loss, or how its run ended. Solvers that "
    "accept none of the losses are not listed."
)


class Acceptance(NamedTuple):
    """Whether a solver accepts a loss."""

    objection: str  # a sentence; empty where it accepts the loss
    lacking: str  # why the problem lacks a form that the solver needs; empty where it has all of them


Estimates = dict[str, list[MeasurementResult]]  # by loss, one run for each seed
Answers = dict[str, dict[Named, Acceptance]]  # by loss and solver


def middle(runs: Sequence[MeasurementResult], name: str) -> list[float]:
    """The median over seeds of a series."""
    return [float(median(values)) for values in zip(*(run[name] for run in runs), strict=True)]


def figures(by_loss: Estimates, accepted: Answers) -> list[Figure]:
    """Errors against outliers and tails, the losses themselves, and which families accept them."""
    shown = {loss: runs for loss, runs in by_loss.items() if loss != MEDIAN}
    drawn: list[Figure] = []
    if shown:
        first = next(iter(shown.values()))[0]
        lines = [band(loss, runs, "shares", "error") for loss, runs in shown.items()]
        lines += [guide for loss in shown if (guide := expected(loss, first))]
        axes = ("share of rows that are outliers", ERROR)
        drawn.append(Lines("outliers", "Error against outliers", OUTLIERS, axes, ("linear", "log"), lines))
        lines = [band(loss, runs, "degrees", "tail_error") for loss, runs in shown.items()]
        axes = ("degrees of freedom of Student's noise", ERROR)
        drawn.append(Lines("tails", "Error against heavy tails", TAILS, axes, ("log", "log"), lines))
        drawn.append(shapes(shown, first["delta"]))
    if accepted:
        drawn.append(families(accepted))
    return drawn


def band(loss: str, runs: Sequence[MeasurementResult], x: str, name: str) -> Line:
    """The median of a series over seeds, and the middle half of the seeds."""
    low, mid, high = np.quantile([run[name] for run in runs], (0.25, 0.5, 0.75), axis=0).tolist()
    return Line(loss, list(runs[0][x]), mid, low, high)


def expected(loss: str, run: MeasurementResult) -> Line | None:
    """The theory of the error against the share of outliers; None where there is none."""
    rows = {key: run[key] for key in ("d", "n", "condition", "noise", "shift")}
    values = [theory(loss, share, **rows) for share in run["shares"]]
    known = all(value is not None for value in values)
    return Line(f"theory, {loss}", list(run["shares"]), values, guide=True) if known else None


def shapes(shown: Estimates, delta: float) -> Lines:
    """The losses of one residual."""
    residuals = np.linspace(-4, 4, 33).tolist()
    lines = [Line(loss, residuals, shape(loss, delta, residuals)) for loss in shown]
    return Lines("shapes", "The loss of one residual", SHAPES, ("residual", "loss"), ("linear", "linear"), lines)


def families(accepted: Answers) -> Bars:
    """How many solvers of each family accept each loss."""
    able = {
        loss: [solver.name for solver, answer in by_solver.items() if not answer.objection]
        for loss, by_solver in accepted.items()
    }
    family_of = {name: entry.family for name, entry in solvers.TABLE.items()}
    shown = list(dict.fromkeys(family_of[name] for names in able.values() for name in names if name in family_of))
    groups = []
    for loss, names in able.items():
        counts = [sum(family_of.get(name) == family for name in names) for family in shown]
        groups.append((loss, [float(count) if count else None for count in counts]))
    return Bars(
        "families", "Which families accept which loss", FAMILIES, ("family", "solvers"), "linear", shown, groups
    )


def errors_by_share(by_loss: Estimates) -> ResultTable:
    """The median error of each loss in a row, by the share of outliers."""
    shares = next(iter(by_loss.values()))[0]["shares"]
    rows = [
        (loss, *middle(runs, "error"), max(run["gap"] for run in runs))
        for loss, runs in by_loss.items()
        if loss != MEDIAN
    ]
    columns = ("loss", *(f"{share:.0%}" for share in shares), "largest gap")
    return ResultTable("Error by share of outliers", ERRORS, columns, rows)


def solvers_by_loss(result: Result, accepted: Answers) -> ResultTable:
    """Each solver that accepts one of the losses in a row: its time, or why there is none."""
    by_pair = {(row.problem.get("loss"), row.solver): row for row in result.rows}
    known = [solver for by_solver in accepted.values() for solver in by_solver]
    rows: list[tuple[str, ...]] = []
    for solver in dict.fromkeys([*known, *(row.solver for row in result.rows)]):
        answers = {loss: by_solver[solver] for loss, by_solver in accepted.items() if solver in by_solver}
        objections = [answers[loss].objection if loss in answers else "" for loss in LOSSES]
        if not all(objections):
            pairs = zip(LOSSES, objections, strict=True)
            rows.append((str(solver), *(outcome(by_pair.get((loss, solver)), refusal) for loss, refusal in pairs)))
    columns = ("solver", *(NAMES[loss] for loss in LOSSES))
    return ResultTable("Which solver accepts which loss", SOLVERS, columns, rows)


def outcome(row: CellResult | None, objection: str) -> str:
    """How the run of a solver on one loss ended, in a few words."""
    if row is None:
        return f"refuses: {objection}" if objection else "accepts it"
    if row.skipped:
        return f"refuses: {objection or row.typical.reason}"
    if row.seconds is not None:
        return duration(row.seconds)
    return f"{row.status}, with a gap of {row.typical.gap:.1g}"
