"""Losses drawn and tabled: their shapes, what outliers and heavy tails do to estimates, and who takes which."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

import solvers
from experiments.figures.records import Bars, Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import duration
from experiments.lab.measurement.measurement import Read
from experiments.lab.spec.grammar import parse
from experiments.questions.losses.robust import HALF, LOSSES, WORD, shape, theory

AXIS = "|theta - hidden|"
MOVED = (
    "How to read this: the lower the better; a flat line is not moved by outliers. Medians over seeds, bands hold the "
    "middle half; the dotted lines are what theory expects of the squared and of the absolute loss for many rows."
)
HEAVY = (
    "How to read this: the lower the better; the further left, the more rows lie far out. Medians over seeds, bands "
    "hold the middle half."
)
BENT = (
    "How to read this: what a row costs that is off by so much; squares make the far ones count ever more, the other "
    "two each further step by the same."
)
COUNTED = "How to read this: how many solvers of each family take a loss; where a bar is missing none does."
ERRED = "Medians over seeds of |theta - hidden|; the largest gap is that to which any of the estimates was minimised."
WHO = (
    "A time is what a race took, on rows of which a tenth are outliers; 'takes it' stands where a solver did not race; "
    "else why it refuses, or what became of its race. Solvers that take none of the losses are left out."
)

Estimates = dict[str, list[Read]]  # by loss, a reading a seed
Takes = dict[str, dict[str, str]]  # by loss and solver, why it is refused; empty where it is taken


def middle(reads: Sequence[Read], name: str) -> list[float]:
    """The median over seeds of a series."""
    return [float(median(each)) for each in zip(*(read[name] for read in reads), strict=True)]


def figures(by: Estimates, takes: Takes) -> list[Figure]:
    """Errors against outliers and tails, the losses themselves, and who takes them by family."""
    drawn = {loss: reads for loss, reads in by.items() if loss != HALF}
    found: list[Figure] = []
    if drawn:
        read = next(iter(drawn.values()))[0]
        lines = [band(loss, reads, "shares", "error") for loss, reads in drawn.items()]
        lines += [guide for loss in drawn if (guide := expected(loss, read))]
        axes = ("share of rows that are outliers", AXIS)
        found.append(Lines("outliers", "Error against outliers", MOVED, axes, ("linear", "log"), lines))
        lines = [band(loss, reads, "degrees", "heavy") for loss, reads in drawn.items()]
        axes = ("degrees of freedom of Student's noise", AXIS)
        found.append(Lines("tails", "Error against heavy tails", HEAVY, axes, ("log", "log"), lines))
        found.append(bent(drawn, read["delta"]))
    if takes:
        found.append(counted(takes))
    return found


def band(loss: str, reads: Sequence[Read], across: str, name: str) -> Line:
    """The median of a series over seeds, and the middle half of them."""
    low, mid, high = np.quantile([read[name] for read in reads], (0.25, 0.5, 0.75), axis=0).tolist()
    return Line(loss, list(reads[0][across]), mid, low, high)


def expected(loss: str, read: Read) -> Line | None:
    """What theory says of the error against the share of outliers."""
    rows = {key: read[key] for key in ("d", "n", "condition", "noise", "shift")}
    values = [theory(loss, share, **rows) for share in read["shares"]]
    known = all(value is not None for value in values)
    return Line(f"theory, {loss}", list(read["shares"]), values, guide=True) if known else None


def bent(drawn: Estimates, delta: float) -> Lines:
    """The losses of one residual."""
    residuals = np.linspace(-4, 4, 33).tolist()
    lines = [Line(loss, residuals, shape(loss, delta, residuals)) for loss in drawn]
    return Lines("shapes", "What a residual costs", BENT, ("residual", "loss"), ("linear", "linear"), lines)


def counted(takes: Takes) -> Bars:
    """How many solvers of each family take each loss."""
    able = {loss: [name for name, reason in told.items() if not reason] for loss, told in takes.items()}
    family = {name: entry.family for name, entry in solvers.TABLE.items()}
    families = list(dict.fromkeys(family[name] for own in able.values() for name in own if name in family))
    groups = [
        (loss, [float(n) if (n := sum(family.get(name) == one for name in own)) else None for one in families])
        for loss, own in able.items()
    ]
    return Bars("families", "Who takes which loss", COUNTED, ("family", "solvers"), "linear", families, groups)


def errors(by: Estimates) -> Table:
    """The median error of each loss in a row, by the share of outliers."""
    shares = next(iter(by.values()))[0]["shares"]
    rows = [
        (loss, *middle(reads, "error"), max(read["gap"] for read in reads))
        for loss, reads in by.items()
        if loss != HALF
    ]
    return Table("Error by share of outliers", ERRED, ("loss", *(f"{share:.0%}" for share in shares), "gap"), rows)


def solvers_by_loss(result: Result, takes: Takes) -> Table:
    """Each solver that takes one of the losses in a row: its time, or why there is none."""
    raced = {(parse(row.problem).get("loss"), row.solver): row for row in result.rows}
    asked = dict.fromkeys([*(name for told in takes.values() for name in told), *(solver for _, solver in raced)])
    rows = []
    for solver in asked:
        refused = [takes.get(loss, {}).get(solver, "") for loss in LOSSES]
        if not all(refused):
            told = [outcome(raced.get((loss, solver)), why) for loss, why in zip(LOSSES, refused, strict=True)]
            rows.append((solver, *told))
    return Table("Which solver allows which loss", WHO, ("solver", *(WORD[loss] for loss in LOSSES)), rows)


def outcome(row: Row | None, refused: str) -> str:
    """What became of a solver on one loss, in a few words."""
    if row is None or row.status == "skipped":
        return f"refuses: {refused or (row.typical.reason if row else '')}" if refused or row else "takes it"
    if row.seconds is not None:
        return duration(row.seconds)
    return f"{row.status}, {row.typical.gap:.1g} short"
