"""Why a solver lost: one line from its numbers, or its failure and what would mend it."""

from __future__ import annotations

import solvers
from experiments.lab.analysis.advice import advice
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import duration, factor, fold
from experiments.lab.reference.referee import Reference
from experiments.lab.spec.grammar import parse


def why(row: Row, result: Result) -> str:
    """Why the row did not win on its problem; nothing for the winner, and the refusal where it was skipped."""
    reference = result.references.get(row.problem)
    if row.status == "skipped":
        return row.typical.reason
    if not row.solved:
        reason = row.typical.reason.rstrip(".")
        return f"{reason[:1].upper()}{reason[1:]}. {advice(row, reference)}" if reason else advice(row, reference)
    best = min((other for other in result.of(row.problem) if other.solved), key=lambda other: other.seconds or 0.0)
    if row is best or not row.seconds or not best.seconds:
        return ""
    return (
        f"{fold(row.seconds / best.seconds)} the time of {best.solver}: {_numbers(row, best)}{_cause(row, reference)}."
    )


def _numbers(row: Row, best: Row) -> str:
    """Its iterates and what each costs, beside the winner's."""
    k, other = row.typical.iterations, best.typical.iterations
    each, least = (row.seconds or 0.0) / max(k, 1), (best.seconds or 0.0) / max(other, 1)
    if k == 1:
        return f"its one step takes {duration(each)}"
    if other == 1:
        return f"{k} iterates of {duration(each)} each against one step of {duration(least)}"
    more = f"{fold(k / other)} the iterates" if k != other else "as many iterates"
    return f"{more}, {k} against {other}, at {fold(each / least)} the cost of each"


def _cause(row: Row, reference: Reference | None) -> str:
    """What theory says of its rate, and what in the problem sets it."""
    rate, run = row.typical.predicted, row.typical
    if rate is None or run.iterations <= 1 or rate.order == 2 or rate.factor == 0:
        return ""
    entry = solvers.TABLE.get(parse(row.solver).name)
    if reference and reference.spectrum and entry and entry.family not in ("stationary", "unsupervised"):
        return (
            f"; theory gives {factor(rate)} an iterate, for the condition number is {reference.spectrum.condition:.3g}"
        )
    told = f"; theory gives {factor(rate)} an iterate"
    return f"{told}, the spectral radius of its splitting" if entry and entry.family == "stationary" else told
