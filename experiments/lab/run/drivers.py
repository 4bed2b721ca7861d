"""Three ways to run a solver under the clock: iterate by iterate, by its callback, or whole with growing budgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.lab.run.clock import Stopwatch
from experiments.lab.run.judge import Judge
from experiments.lab.run.outcome import Cause, Status
from experiments.lab.run.trace import Moment
from problems.forms import Ledger, Objective
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Run, Solver


def drive(
    problem: Objective, solver: Solver[Any], theta0: Vector, rng: np.random.Generator, judge: Judge, watch: Stopwatch
) -> None:
    """Run the solver in the way that it allows, until the judge says that the run is over."""
    if not isinstance(solver, BlackBox):
        by_iterates(problem, solver, theta0, rng, judge, watch)
    elif solver.faithful:
        by_callback(problem, solver, theta0, rng, judge, watch)
    else:
        by_reruns(problem, solver, theta0, rng, judge, watch)


def by_iterates(
    problem: Objective, solver: Solver[Any], theta0: Vector, rng: np.random.Generator, judge: Judge, watch: Stopwatch
) -> None:
    """Ask for one iterate after the other; only the asking is billed."""
    ledger = problem.ledger
    iterates = watch.call(solver.iterate, problem, theta0, rng)
    take, advance = judge.take, watch.next
    try:
        while not take(advance(iterates), watch.seconds, ledger.passes):
            pass
    except StopIteration as end:
        judge.ended(end.value)


class _Halt(BaseException):
    """Raised through a black box to end its run; not an Exception, so that none of its handlers catches it."""


def by_callback(
    problem: Objective, solver: BlackBox[Any], theta0: Vector, rng: np.random.Generator, judge: Judge, watch: Stopwatch
) -> None:
    """Run once, and judge at each callback, whose own time is not billed."""
    now = watch.now
    resumed = now()
    last: Vector = theta0

    def passes() -> float:
        return np.nan if solver.opaque else problem.ledger.passes

    def callback(theta: Vector) -> None:
        nonlocal resumed, last
        watch.seconds += now() - resumed
        last = np.array(theta)
        if judge.take(last, watch.seconds, passes()):
            raise _Halt
        resumed = now()

    try:
        run = solver.run(problem, theta0.copy(), rng, judge.rule.iterations, callback)
    except _Halt:
        return
    watch.seconds += now() - resumed
    if np.array_equal(run.theta, last) or not judge.take(run.theta, watch.seconds, passes()):
        judge.ended(run.reason)


def budgets(most: int) -> Iterator[int]:
    """Each half as large again as the one before.

    >>> list(budgets(30))
    [1, 2, 3, 4, 6, 9, 13, 19, 28, 30]
    """
    budget = 1
    while budget < most:
        yield budget
        budget = max(budget + 1, budget * 3 // 2)
    yield most


def by_reruns(
    problem: Objective, solver: BlackBox[Any], theta0: Vector, rng: np.random.Generator, judge: Judge, watch: Stopwatch
) -> None:
    """Run anew with growing budgets; once one is enough, bisect between it and the last that was not.

    Every run has its own clock, ledger and random state, and is judged by itself, so that a peer is charged for the
    smallest budget that suffices and for nothing before it. Limits on a cell's time count all runs together.
    """
    state, rule = rng.bit_generator.state, judge.rule
    spent = 0.0

    def run_with(budget: int) -> tuple[Run, Moment]:
        nonlocal spent
        rng.bit_generator.state = state
        metered = problem.metered(Ledger())
        clock = Stopwatch(watch.now)
        answer = clock.call(solver.run, metered, theta0.copy(), rng, budget, lambda theta: None)
        spent += clock.seconds
        return answer, Moment(answer.theta, clock.seconds, np.nan if solver.opaque else metered.ledger.passes)

    too_few, before = 0, theta0
    for budget in budgets(rule.iterations):
        answer, moment = run_with(budget)
        if not judge.accepts(answer.theta):
            return
        judge.sample(budget, moment)
        if judge.status is Status.SOLVED:
            break
        if answer.done or np.array_equal(answer.theta, before):
            judge.ended(answer.reason or "a larger budget changes nothing")
        elif moment.seconds > rule.seconds or 1.5 * spent > rule.rerun_seconds or budget == rule.iterations:
            judge.end(Status.BUDGET, Cause.USED_UP, f"{budget} iterations in one run, {spent:.3g} s in all runs")
        if judge.over:
            return
        too_few, before = budget, answer.theta
    enough = moment
    while judge.trace[-1].iteration - too_few > 1 and spent < rule.rerun_seconds:
        middle = (too_few + judge.trace[-1].iteration) // 2
        _, moment = run_with(middle)
        sample = judge.measure(middle, moment)
        if judge.solves(sample):
            judge.trace[-1], enough = sample, moment
        else:
            judge.trace.insert(-1, sample)
            too_few = middle
    judge.theta = enough.theta
