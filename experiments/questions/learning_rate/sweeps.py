"""The methods of the sweeps, their steps and limits, and what a sweep shows in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from experiments.figures.records import Step, Sweep
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.supplied import Named
from solvers.base.spectrum import Spectrum

RATIOS = (
    *np.geomspace(1e-4, 0.1, 7).round(6).tolist(),
    0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0, 1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0,
)  # fmt: skip
QUICK_RATIOS = (0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.02, 1.1, 1.5)
ABSOLUTE = (1e-4, 10.0)  # the smallest and the largest step of a sweep without a limit
AGREEMENT = 0.02  # how closely the limits of a sweep must agree with theory, as a share of the limit


@dataclass(frozen=True)
class Method:
    """A solver with a fixed step."""

    solver: str
    limit: float | None  # of convergence on a quadratic, in units of 2/L; None where theory gives none
    relative: bool = True  # whether its steps are in units of 2/L, where L is known


GRADIENT_DESCENT = Method("gradient-descent", 1.0)
METHODS = (
    GRADIENT_DESCENT,
    Method("momentum", 1.9),  # 1 + momentum
    Method("nesterov", 2 / 3),  # (1 + momentum) / (1 + 2 momentum), as momentum goes to 1
    Method("sgd", None),
    Method("adam", None, relative=False),
)


def unit_of(method: Method, reference: Reference) -> float | None:
    """2/L, where the steps of the method are in this unit; None where they are absolute."""
    return 2 / reference.spectrum.L if method.relative and reference.spectrum else None


def ratios(method: Method, reference: Reference, quick: bool) -> list[float]:
    """The steps of the sweep, in units of 2/L or absolute."""
    if unit_of(method, reference) is not None:
        return [ratio * (method.limit or 1.0) for ratio in (QUICK_RATIOS if quick else RATIOS)]
    steps: list[float] = np.geomspace(*ABSOLUTE, 11 if quick else 21).round(6).tolist()
    return steps


class Edges(NamedTuple):
    """The three steps that matter in a sweep; None where there is no such step."""

    best: Step | None  # the solved run of fewest iterations
    last: Step | None  # the largest step below `lost` that was solved
    lost: Step | None  # the smallest step above the best one that diverged or stalled


def edges_of(steps: Sequence[Step]) -> Edges:
    """The best step, and the two between which convergence is lost; `steps` are ascending."""
    solved = [step for step in steps if step.status == Status.SOLVED]
    if not solved:
        return Edges(None, None, None)
    best = min(solved, key=lambda step: (step.iterations, step.ratio))
    failed = [step for step in steps if step.status in (Status.DIVERGED, Status.STALLED) and step.ratio > best.ratio]
    lost = failed[0] if failed else None
    last = max((step for step in solved if lost is None or step.ratio < lost.ratio), key=lambda step: step.ratio)
    return Edges(best, last, lost)


def sweep_sentence(problem: Named, steps: Sequence[Step], spectrum: Spectrum, rule: Rule) -> str:
    """The best step of gradient descent, the steps that are too small, and where convergence is lost."""
    best, last, lost = edges_of(steps)
    if best is None or last is None:
        return f"On {problem} no learning rate of the sweep reached {rule.tolerance:g}."
    optimum = spectrum.L / (spectrum.L + spectrum.mu)
    sentences = [
        f"On {problem} gradient descent needs the fewest iterations, {best.iterations}, at {best.ratio:.3g} x 2/L "
        f"(theory: {optimum:.3g})."
    ]
    slow = [step.ratio for step in steps if step.ratio < best.ratio and step.status == Status.BUDGET]
    if slow:
        sentences.append(f"Steps of {max(slow):.2g} x 2/L and less are too small for {rule.iterations} iterations.")
    if lost is None:
        return " ".join([*sentences, "No step of the sweep is too large."])
    end = "diverges" if lost.status == Status.DIVERGED else "stalls"
    agrees = "as theory predicts (its limit is 1)" if last.ratio < 1 <= lost.ratio else "although theory's limit is 1"
    sentences.append(f"It still converges at {last.ratio:.3g} x 2/L and {end} at {lost.ratio:.3g} x 2/L, {agrees}.")
    return " ".join(sentences)


def limits_sentence(sweeps: Sequence[tuple[Method, Sweep]]) -> str | None:
    """How the sweeps of the other methods agree with the limits of theory; None where no sweep reaches its limit."""
    known = []
    for method, sweep in sweeps:
        edges = edges_of(sweep.steps)
        if method is not GRADIENT_DESCENT and sweep.limit and edges.last and edges.lost:
            known.append((method.solver, sweep.limit, edges.last.ratio, edges.lost.ratio))
    if not known:
        return None
    agree = [last <= (1 + AGREEMENT) * limit and lost >= (1 - AGREEMENT) * limit for _, limit, last, lost in known]
    limits = ", ".join(dict.fromkeys(f"{solver} {limit:.3g}" for solver, limit, _, _ in known))
    return (
        f"For other methods the limits of theory, in units of 2/L, are: {limits}. They hold in {sum(agree)} of "
        f"{len(known)} sweeps, to within {AGREEMENT:.0%}: no step below the limit diverges or stalls, and no step "
        "above it converges."
    )
