"""How to fix a run that did not reach its tolerance: one sentence, from its traits, its step and how it ended."""

from __future__ import annotations

from experiments.lab.analysis.results import CellResult
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Cause, Status
from solvers.base import Trait

LOW = 0.2  # in units of 2/L: a step this small is worth raising before anything else is tried

BY_STATUS = {
    Status.SEPARABLE: "Add a penalty, l2 above 0: without one f has no minimum.",
    Status.LOCAL: "Start elsewhere: other values, another seed or initialiser; or give a network more hidden units.",
    Status.OVERLONG: "Drop one of the dependent columns, add an l2 penalty, or choose a minimum-norm method.",
    Status.LOST: "Report this as a fault of the lab, with the problem and the solver.",
    Status.TIMEOUT: "One step takes longer than the deadline: allow more, or choose a method with cheaper steps.",
    Status.CRASHED: "Its process ended: look for native code that fails on these rows.",
    Status.OOM: "Choose a method that forms no matrix of all columns by all columns, or fewer columns.",
    Status.FAILED: "Its reason says what it lacks; dependent columns, for example, need a penalty or another method.",
}


def advice(row: CellResult, reference: Reference | None) -> str:
    """Advice for a row that ran and was not solved."""
    outcome = row.typical
    stochastic, fixed = Trait.STOCHASTIC in outcome.traits, Trait.FIXED_STEP in outcome.traits
    ratio = step_ratio(row, reference) if fixed else None
    if row.status is Status.DIVERGED:
        if stochastic:
            return "Lower the step or let it decay: its noise lifts f above its value at the start."
        if fixed:
            return "Lower the step: a fixed one must stay below 2/L."
        return "The method does not converge on this problem: choose another."
    if row.status is Status.STALLED:
        if outcome.cause is Cause.ENDED:
            return "It found nothing better from there: try another start or method; the minimum may be a local one."
        if stochastic:
            return "A constant step keeps a noise floor: lower it, let it decay, or take more rows in each step."
        if ratio:
            return "A step too large oscillates about the minimum and cannot settle: lower it."
        return "Choose another method."
    if row.status is Status.BUDGET:
        if ratio and ratio >= 1:
            return "Lower the step: above 2/L it cannot settle."
        if ratio and ratio < LOW:
            return "Raise the step: it is far below 2/L."
        return "Allow more time or iterations, or ask for less: a looser tolerance."
    return BY_STATUS[row.status]


def step_ratio(row: CellResult, reference: Reference | None) -> float | None:
    """The row's step in units of 2/L; None where no step is given or L is not known."""
    step = row.solver.get("step")
    return step * reference.spectrum.L / 2 if step and reference and reference.spectrum else None
