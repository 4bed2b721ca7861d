"""One cell: a problem, a solver and a seed under one rule, run to an outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import numpy as np

from experiments.lab.reference.descent import is_stationary
from experiments.lab.reference.reference import Reference
from experiments.lab.run.clock import Stopwatch
from experiments.lab.run.drivers import drive
from experiments.lab.run.judge import Judge
from experiments.lab.run.observed_rate import observed_rate
from experiments.lab.run.outcome import Cause, Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.supplied import Named, named
from problems.forms import FiniteSum, Ledger, Objective
from problems.foundation.arrays import Vector
from solvers.base import Breakdown, Refusal, Solver, Trait

NO_BETTER = 1e-3  # share by which f must lie below that of a constant answer to be called better
MOST_SHOWN = 64  # coefficients up to which the outcome holds theta itself
DEFAULT_RULE = Rule()


@dataclass(frozen=True, init=False)
class Cell:
    """What to run, by name; text is parsed once, here."""

    problem: Named
    solver: Named
    seed: int
    rule: Rule
    note: str  # shown beside the solver's name in tables

    def __init__(
        self, problem: Named | str, solver: Named | str, seed: int = 0, rule: Rule = DEFAULT_RULE, note: str = ""
    ) -> None:
        values = {"problem": named(problem), "solver": named(solver), "seed": seed, "rule": rule, "note": note}
        for field, value in values.items():
            object.__setattr__(self, field, value)


def streams(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """The generators of a cell: for theta_0, the same for all solvers, and for the solver."""
    start, solver = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(start), np.random.default_rng(solver)


def run_cell(
    problem: Objective,
    solver: Solver[Any],
    seed: int,
    rule: Rule,
    reference: Reference,
    theta0: Vector | None = None,
    now: Callable[[], float] = perf_counter,
) -> Outcome:
    """Run one cell in this process. Whatever the solver raises becomes a status; no exception escapes.

    theta0: the problem's own start for this seed where it is not given. now: the clock's timer.
    """
    traits = tuple(sorted(solver.traits))
    if objection := solver.objection(problem):
        return Outcome(Status.SKIPPED, objection, Cause.OBJECTION, traits=traits)
    start, rng = streams(seed)
    theta0 = problem.start(start) if theta0 is None else theta0
    began = process_time()
    with np.errstate(all="ignore"):  # overflow is for the judge to see, not for the terminal
        noisy = Trait.STOCHASTIC in solver.traits
        judge = Judge(problem.metered(Ledger()), theta0, rule, reference, solver.judged_by_best, noisy)
        if not judge.over:
            _drive(problem.metered(Ledger()), solver, theta0, rng, judge, Stopwatch(now))
        if judge.status is Status.STALLED and not problem.convex:
            _explain_end(problem, judge)
        last = judge.trace[-1]
        measures = problem.measures(judge.theta) if np.isfinite(judge.theta).all() else {}
        outcome = Outcome(
            status=judge.status or Status.STALLED,
            reason="; ".join(filter(None, [judge.reason, *_quality(problem, judge, measures.get("accuracy"))])),
            cause=judge.cause,
            iterations=last.iteration,
            seconds=last.seconds,
            cpu=process_time() - began,
            passes=last.passes,
            gap=last.gap,
            trace=judge.trace,
            observed=observed_rate(judge.trace, floor=2 * reference.width / judge.scale, degree=reference.degree),
            traits=traits,
            measures=measures,
            theta=judge.theta.tolist() if judge.theta.size <= MOST_SHOWN else [],
            path=[theta.tolist() for theta in judge.path] if rule.keep else [],
        )
        outcome.predicted = solver.predicted(problem, reference.spectrum)
        step = getattr(solver, "step", None) if Trait.FIXED_STEP in solver.traits else None
        if step and reference.spectrum and outcome.status in (Status.DIVERGED, Status.STALLED):
            outcome.reason += f"; its step is {step * reference.spectrum.L / 2:.3g} times 2/L"
    return outcome


def _drive(
    problem: Objective, solver: Solver[Any], theta0: Vector, rng: np.random.Generator, judge: Judge, watch: Stopwatch
) -> None:
    """Run the solver; whatever it raises becomes a status."""
    try:
        drive(problem, solver, theta0, rng, judge, watch)
    except Refusal as refusal:
        judge.give(Status.SKIPPED, Cause.REFUSAL, str(refusal))
    except Breakdown as breakdown:
        judge.end(Status.FAILED, Cause.BREAKDOWN, f"it broke down: {breakdown}")
    except MemoryError:
        judge.give(Status.OOM, Cause.NONE, "it needs more memory than there is")
    except (Exception, SystemExit) as error:
        judge.end(Status.FAILED, Cause.ERROR, f"{type(error).__name__}: {error}")


def _explain_end(problem: Objective, judge: Judge) -> None:
    """Of a run that stalled where f is not convex: whether it stands at a stationary point above the lowest f known."""
    if np.isfinite(judge.theta).all() and is_stationary(problem, judge.theta, judge.rule.tolerance * judge.scale):
        where = f"a stationary point with f {judge.f:.6g}; the lowest known is {judge.reference.goal:.6g}"
        judge.give(Status.LOCAL, judge.cause, f"{where}; {judge.reason}")


def _quality(problem: Objective, judge: Judge, accuracy: float | None) -> Iterator[str]:
    """What the fit of a run that did not reach the tolerance is worth, where f is not convex."""
    if judge.status not in (Status.LOCAL, Status.STALLED, Status.BUDGET) or problem.convex:
        return
    if accuracy is not None and isinstance(problem, FiniteSum):
        yield f"{round(accuracy * problem.n)} of {problem.n} rows are right"
    baseline = judge.reference.baseline
    if baseline is not None and judge.f >= (1 - NO_BETTER) * baseline:
        yield "it is no better than a constant answer"
