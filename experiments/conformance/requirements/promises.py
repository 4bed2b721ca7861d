"""What a solver promises by its class: that it reaches the minimum, and how fast."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np

from experiments.conformance.cases.examples import Example
from experiments.conformance.requirements.contract import iterates, stepping
from experiments.conformance.requirements.failure import PropertyFailed
from experiments.lab.run.cell import run_cell
from experiments.lab.run.outcome import Cause, Outcome, Status
from experiments.lab.run.stopping import Rule
from problems.certificates.rounding import rounding
from problems.forms import FiniteSum, Objective
from problems.foundation.arrays import EPS, Vector
from solvers.base import Trait

NEAR = 1e-6  # times the first gap: what a method that minimises f must reach
ON_THE_WAY = 0.1  # times the first gap: what a slow or noisy method must reach
FAR = 5.0  # added to every coefficient of a start
FAR_FOR_ROWS = 20.0  # for a method that reads some of the rows: so far that its noise is small beside the gap
BRIEFLY = 10  # iterations: the memory of a non-monotone line search. Grippo et al. (1986), doi:10.1137/0723046


def stopped_clock() -> float:
    """A time that never passes: a run is limited by its work alone, so that a busy machine changes no result."""
    return 0.0


def uses_values_only(solver: Any) -> bool:
    """Whether the solver evaluates f only; then it needs many values, the more the more coefficients there are."""
    return tuple(solver.needs) == (Objective,)


def may_leave_the_minimum(solver: Any) -> bool:
    """Whether an iteration that starts at the minimum may lead away from it."""
    return uses_values_only(solver) or any(issubclass(form, FiniteSum) for form in solver.needs)


def has_a_noise_floor(solver: Any) -> bool:
    """Whether the solver says that it uses some of the rows at a time, or random points: then noise is no fault."""
    return solver.judged_by_best or uses_values_only(solver) or Trait.STOCHASTIC in solver.traits


def _is_random(solver: Any, example: Example) -> bool:
    """Whether the iterates depend on the seed."""
    first, other = (iterates(solver, example, example.seed + k, 3) for k in (0, 1))
    return [theta.tobytes() for theta in first] != [theta.tobytes() for theta in other]


def _starts(solver: Any, example: Example) -> list[Vector]:
    """The start of the example. For a noisy solver a distant start comes first, from which the noise floor is low."""
    theta0 = example.start()
    if not has_a_noise_floor(solver):
        return [theta0]
    distance = FAR_FOR_ROWS if Trait.STOCHASTIC in solver.traits else FAR
    return [max((theta0 + distance, theta0 - distance), key=example.problem.value), theta0]


def _run(solver: Any, example: Example) -> tuple[Outcome, float]:
    """The outcome of a run to NEAR times the first gap, and the first gap; the next start where one is refused."""
    problem, reference = example.problem, example.reference()
    for theta0 in _starts(solver, example):
        first_gap = problem.value(theta0) - reference.lower
        tolerance = max(NEAR * first_gap, 4 * reference.width, 1e-13)
        passes = 5_000 if uses_values_only(solver) else 100_000
        rule = Rule(tolerance=tolerance, iterations=20_000, passes=passes, absolute=True)
        outcome = run_cell(problem, solver, example.seed, rule, reference, theta0=theta0, now=stopped_clock)
        if outcome.status is not Status.SKIPPED:
            break
    return outcome, first_gap


def reaches_the_minimum(solver: Any, example: Example) -> None:
    """On an easy problem the solver comes near f*, and does not stop before."""
    outcome, first_gap = _run(solver, example)
    if outcome.solved or outcome.status is Status.SKIPPED or not first_gap > 0:
        return
    if math.isfinite(outcome.gap) and outcome.gap <= ON_THE_WAY * first_gap:
        stopped = outcome.cause is Cause.ENDED and not _is_random(solver, example)
        stalled = outcome.status in (Status.STALLED, Status.LOCAL)
        if outcome.status is Status.BUDGET or (stalled and has_a_noise_floor(solver) and not stopped):
            return
    raise PropertyFailed(
        f"after {outcome.iterations} iterations f - f* is {outcome.gap:.3g}; it was {first_gap:.3g} at the start "
        f"({outcome.status}: {outcome.reason or 'its budget is used up'})"
    )


def goes_downhill(solver: Any, example: Example) -> None:
    """One of the first iterates has a lower f than theta_0."""
    problem, reference = example.problem, example.reference()
    theta0 = _starts(solver, example)[0]
    first = problem.value(theta0)
    if not first > reference.upper + 1e-9 * abs(first):
        return
    most, values = 1000 if uses_values_only(solver) else 50, []
    with np.errstate(all="ignore"):
        for theta in islice(stepping(solver, example, example.seed, theta0), most):
            f = problem.value(theta)
            if f < first:
                return
            if math.isfinite(f):
                values.append(f)
    if values:
        raise PropertyFailed(
            f"f goes from {first:.6g} to {values[-1]:.6g} in {len(values)} iterations, and is never lower than at first"
        )


def never_rises(solver: Any, example: Example) -> None:
    """f never increases from one iterate to the next, as the class states."""
    _check_rise(solver, example, 1)


def soon_descends(solver: Any, example: Example) -> None:
    """A second-order method lets f increase for a few iterations only, also far from the minimum."""
    _check_rise(solver, example, BRIEFLY)


def _check_rise(solver: Any, example: Example, latest: int) -> None:
    """f of an iterate is at most the largest of the `latest` values before it."""
    problem, theta0 = example.problem, example.start()
    if problem.violation(theta0) > 0:
        return
    with np.errstate(all="ignore"):
        values = [problem.value(theta) for theta in (theta0, *iterates(solver, example, example.seed, 100))]
    slack = 10 * getattr(problem, "n", 1) * EPS * max(abs(values[0]), EPS)
    for k, f in enumerate(values[1:], start=1):
        before = max(values[max(0, k - latest) : k])
        if f > before + slack:
            raise PropertyFailed(f"f increases from {before:.17g} to {f:.17g} at iteration {k}")


def stays_at_the_minimum(solver: Any, example: Example) -> None:
    """Started at the minimum, the solver stays there."""
    problem, reference = example.problem, example.reference()
    theta = example.nearest()
    best, start = problem.value(theta), problem.value(example.start())
    rule = Rule(tolerance=1e-300, iterations=20, absolute=True, keep=20)
    outcome = run_cell(problem, solver, example.seed, rule, reference, theta0=theta, now=stopped_clock)
    worst = max((problem.value(np.array(theta)) for theta in outcome.path), default=best)
    slack = 1e-9 * max(abs(start - best), abs(best)) + rounding(getattr(problem, "n", 1), best)
    if not worst <= best + slack:
        raise PropertyFailed(f"it leaves the minimum, f = {best:.9g}, and reaches f = {worst:.9g}")


def is_never_below_the_bound(solver: Any, example: Example) -> None:
    """No iterate has an f below the referee's proven lower bound."""
    problem, reference = example.problem, example.reference()
    for theta in iterates(solver, example, example.seed, 20):
        f = problem.value(theta)
        below = f < reference.lower - rounding(getattr(problem, "n", 1), f)
        if below and problem.violation(theta) <= NEAR:
            raise PropertyFailed(f"an iterate has f = {f:.17g}, below the referee's bound {reference.lower:.17g}")


def is_as_fast_as_it_says(solver: Any, example: Example) -> None:
    """The observed rate is about the rate that the solver predicts for the problem, or better."""
    predicted = solver.predicted(example.problem, example.reference().spectrum)
    if predicted is None or predicted.order != 1 or predicted.factor >= 1:
        return
    outcome, first_gap = _run(solver, example)
    if predicted.factor == 0:
        if outcome.iterations > 1 and not outcome.gap <= NEAR * first_gap:
            raise PropertyFailed(
                f"it predicts that one iteration is enough; after {outcome.iterations} f - f* is {outcome.gap:.3g}"
            )
        return
    observed = outcome.observed
    if observed is None or outcome.iterations < 10:
        return
    if observed.factor > predicted.factor**0.6:
        raise PropertyFailed(
            f"it predicts that each iteration multiplies the error by {predicted.factor:.3g}; "
            f"{observed.factor:.3g} was observed"
        )
