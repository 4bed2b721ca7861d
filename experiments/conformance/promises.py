"""What a solver promises by what it is: that it gets there, and as fast as it says."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.conformance.contract import iterates
from experiments.conformance.examples import Example
from experiments.conformance.failure import Fallen
from experiments.lab.run.cell import Outcome, run_cell
from experiments.lab.run.stopping import Rule
from problems.certificates.rounding import rounding
from problems.forms import FiniteSum, Objective
from problems.foundation.arrays import EPS, Vector

NEAR = 1e-6  # of the first gap: what a method that minimises f must come to
ON_THE_WAY = 0.1  # of the first gap: what a slow or noisy one must come to
FAR = 5.0  # away in every coefficient


def _differs(solver: Any, example: Example) -> bool:
    """Whether chance has a say in its iterates."""
    first, other = (iterates(solver, example, example.seed + k, 3) for k in (0, 1))
    return [theta.tobytes() for theta in first] != [theta.tobytes() for theta in other]


def _raced(solver: Any, example: Example) -> tuple[Outcome, float]:
    """The outcome of a run to NEAR of the first gap, and that gap."""
    on, known = example.on, example.reference()
    for theta0 in _begins(solver, example):
        first = on.value(theta0) - known.lower
        tolerance = max(NEAR * first, 4 * known.width, 1e-13)
        rule = Rule(tolerance=tolerance, seconds=0.5 if blind(solver) else 2.0, iterations=20_000, passes=100_000)
        outcome = run_cell(on, solver, example.seed, rule, known, theta0=theta0)
        if outcome.status != "skipped":
            break
    return outcome, first


def _begins(solver: Any, example: Example) -> list[Vector]:
    """Where to begin, and where else if that is refused: far off with a floor of noise, which then is low."""
    theta0 = example.start()
    return [theta0 + FAR, theta0] if noisy(solver, example) else [theta0]


def noisy(solver: Any, example: Example) -> bool:
    """Whether it goes by a few rows, or by points drawn at random, so that a floor of noise is no fault."""
    rows = any(issubclass(form, FiniteSum) for form in solver.needs)
    return solver.judged_by_best or FiniteSum in solver.needs or (rows and _differs(solver, example))


def rows_or_chance(solver: Any) -> bool:
    """Whether a step of it, even from the minimum, may lead away."""
    return blind(solver) or any(issubclass(form, FiniteSum) for form in solver.needs)


def blind(solver: Any) -> bool:
    """Whether it knows values of f alone, which takes many of them, the more the more coefficients there are."""
    return tuple(solver.needs) == (Objective,)


def reaches_the_minimum(solver: Any, example: Example) -> None:
    """On an easy problem it comes near f*, and does not end before."""
    outcome, first = _raced(solver, example)
    if outcome.solved or outcome.status == "skipped" or not first > 0:
        return
    if math.isfinite(outcome.gap) and outcome.gap <= ON_THE_WAY * first:
        by_itself = "ended by itself" in outcome.reason and not _differs(solver, example)
        rough = noisy(solver, example) or blind(solver)
        if outcome.status == "budget" or (outcome.status == "stalled" and rough and not by_itself):
            return
    raise Fallen(
        f"after {outcome.iterations} iterates f - f* is {outcome.gap:.3g}, {first:.3g} at the start: "
        f"{outcome.status}, {outcome.reason or 'its budget is used up'}"
    )


def goes_downhill(solver: Any, example: Example) -> None:
    """Its first iterates reach a lower f than theta_0's."""
    on, known = example.on, example.reference()
    theta0 = _begins(solver, example)[0]
    first = on.value(theta0)
    most = 1000 if blind(solver) else 50
    found = iterates(solver, example, example.seed, most, theta0)
    seen = [f for theta in found if math.isfinite(f := on.value(theta))]
    if seen and min(seen) >= first > known.upper + 1e-9 * abs(first):
        raise Fallen(f"f goes from {first:.6g} to {seen[-1]:.6g} in {len(seen)} iterates, and is never lower")


def never_rises(solver: Any, example: Example) -> None:
    """f never rises from iterate to iterate, as the class says."""
    on = example.on
    values = [on.value(example.start()), *(on.value(t) for t in iterates(solver, example, example.seed, 100))]
    scale = 10 * getattr(on, "n", 1) * EPS * max(abs(values[0]), EPS)
    for k, (before, after) in enumerate(pairwise(values), start=1):
        if after > before + scale and on.violation(example.start()) == 0:
            raise Fallen(f"f rises from {before:.17g} to {after:.17g} at iterate {k}")


def stays_at_the_minimum(solver: Any, example: Example) -> None:
    """Started at the minimum it stays there."""
    on, known = example.on, example.reference()
    theta = example.nearest()
    best = on.value(theta)
    rule = Rule(tolerance=1e-300, seconds=1.0, iterations=20, keep=20)
    outcome = run_cell(on, solver, example.seed, rule, known, theta0=theta)
    worst = max((on.value(np.array(t)) for t in outcome.path), default=best)
    start = on.value(example.start())
    if not worst <= best + 1e-9 * max(abs(start - best), abs(best)) + rounding(getattr(on, "n", 1), best):
        raise Fallen(f"from the minimum, f = {best:.9g}, it goes to f = {worst:.9g}")


def is_never_below_the_bound(solver: Any, example: Example) -> None:
    """No iterate lies below what the referee has proven."""
    on, known = example.on, example.reference()
    for theta in iterates(solver, example, example.seed, 20):
        f = on.value(theta)
        if f < known.lower - rounding(getattr(on, "n", 1), f) and on.violation(theta) <= NEAR:
            raise Fallen(f"f = {f:.17g} at an iterate, below the referee's bound {known.lower:.17g}")


def is_as_fast_as_it_says(solver: Any, example: Example) -> None:
    """The rate seen is about the one that `rate` states for the problem, or better."""
    known = example.reference()
    claimed = solver.predicted(example.on, known.spectrum)
    if claimed is None or claimed.order != 1 or claimed.factor >= 1:
        return
    outcome, first = _raced(solver, example)
    if claimed.factor == 0:
        if outcome.iterations > 1 and not outcome.gap <= NEAR * first:
            raise Fallen(f"it says that one step is enough; {outcome.iterations} were made, f - f* {outcome.gap:.3g}")
        return
    seen = outcome.observed
    if seen is None or outcome.iterations < 10:
        return
    if seen.factor > claimed.factor**0.6:
        raise Fallen(f"it says that the error falls by {claimed.factor:.3g} an iterate; {seen.factor:.3g} was seen")
