"""Why a solver did not win: one line from its numbers, or its failure and how to fix it."""

from __future__ import annotations

from experiments.lab.analysis.advice import advice
from experiments.lab.analysis.formats import capitalised, duration, rate_text, ratio_text
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.reference.reference import Reference
from solvers.base import Basis


def why(row: CellResult, result: Result) -> str:
    """Why the row did not win on its problem; nothing for the winner, and the refusal where it was skipped."""
    reference = result.references.get(row.problem)
    if row.skipped:
        return row.typical.reason
    if not row.solved:
        reason = row.typical.reason.rstrip(".")
        return f"{capitalised(reason)}. {advice(row, reference)}" if reason else advice(row, reference)
    best = min((other for other in result.of(row.problem) if other.solved), key=lambda other: other.seconds or 0.0)
    if row is best or not row.seconds or not best.seconds:
        return ""
    numbers, cause = _numbers(row, best), _cause(row, reference)
    return f"{ratio_text(row.seconds / best.seconds)} the time of {best.solver}: {numbers}{cause}."


def _numbers(row: CellResult, best: CellResult) -> str:
    """Its iterations and the cost of each, beside the winner's."""
    k, best_k = row.typical.iterations, best.typical.iterations
    cost, best_cost = (row.seconds or 0.0) / max(k, 1), (best.seconds or 0.0) / max(best_k, 1)
    if k == 1:
        return f"its one step takes {duration(cost)}"
    if best_k == 1:
        return f"{k} iterations of {duration(cost)} each against one step of {duration(best_cost)}"
    count = f"{ratio_text(k / best_k)} the iterations" if k != best_k else "as many iterations"
    return f"{count}, {k} against {best_k}, at {ratio_text(cost / best_cost)} the cost of each"


def _cause(row: CellResult, reference: Reference | None) -> str:
    """What theory says of its rate, and what in the problem decides it."""
    rate, run = row.typical.predicted, row.typical
    if rate is None or run.iterations <= 1 or rate.order == 2 or rate.factor == 0:
        return ""
    text = f"; theory gives a factor of {rate_text(rate)} per iteration"
    if rate.basis is Basis.SPLITTING:
        return f"{text}, the spectral radius of its splitting"
    if rate.basis is Basis.EIGENVALUES:
        return f"{text}, the squared ratio of two neighbouring singular values"
    if reference and reference.spectrum:
        return f"{text}, for the condition number {reference.spectrum.condition:.3g}"
    return text
