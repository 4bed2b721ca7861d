"""What may mend a run that did not reach its tolerance: one sentence, from what it was and how it ended."""

from __future__ import annotations

import solvers
from experiments.lab.analysis.results import Row
from experiments.lab.reference.referee import Reference
from experiments.lab.spec.grammar import parse

LOW = 0.2  # in units of 2/L: a step this small is worth raising before anything else is tried


def advice(row: Row, reference: Reference | None) -> str:
    """Advice for a row that ran and was not solved."""
    spec = parse(row.solver)
    entry = solvers.TABLE.get(spec.name)
    stochastic = entry is not None and (entry.needs == ("FiniteSum",) or "sgd" in spec.name or "mlp" in spec.name)
    step = spec.get("step")
    ratio = step * reference.spectrum.L / 2 if step and reference and reference.spectrum and not stochastic else None
    if row.status == "diverged":
        if stochastic:
            return "Lower the step or let it decay: its noise lifts f above where it began."
        if step or (entry is not None and entry.family == "first order"):
            return "Lower the step: a fixed one must stay below 2/L."
        return "The method does not converge on this problem: choose another."
    if row.status == "stalled":
        if "ended by itself" in row.typical.reason:
            return "It found nothing better from there: try another start or method; the minimum may be a local one."
        if stochastic:
            return "A constant step keeps a noise floor: lower it, let it decay, or take more rows a step."
        return (
            "A step too large goes round the minimum and cannot settle: lower it."
            if ratio
            else "Choose another method."
        )
    if row.status == "budget":
        if ratio and ratio >= 1:
            return "Lower the step: above 2/L it cannot settle."
        if ratio and ratio < LOW:
            return "Raise the step: it is far below 2/L."
        return "Allow it more time or iterates, or ask for less: a looser tolerance."
    return {
        "separable": "Add a penalty, l2 above 0: without one f has no minimum.",
        "timeout": "One step takes longer than the deadline: allow more, or choose a method with cheaper steps.",
        "crashed": "Its process ended: look for native code that fails on these rows.",
        "oom": "Choose a method that forms no matrix of all columns by all columns, or fewer columns.",
    }.get(row.status, "Its reason says what it lacks; dependent columns, for one, want a penalty or another method.")
