"""One cell: a problem, a solver and a seed under one rule, run to an outcome."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any

import numpy as np

from experiments.lab.reference.referee import Reference
from experiments.lab.run.clock import Stopwatch
from experiments.lab.run.drivers import faithful, laps, stepped
from experiments.lab.run.judge import Judge
from experiments.lab.run.observed_rate import observed
from experiments.lab.run.stopping import Rule
from experiments.lab.run.trace import Sample
from problems.forms import Ledger, Objective, Smooth
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Rate, Refusal, Solver
from solvers.base.spectrum import Spectrum

SHOWN = 64  # coefficients up to which the outcome holds the answer itself


@dataclass(frozen=True)
class Cell:
    """What to run, by name."""

    problem: str
    solver: str
    seed: int
    rule: Rule
    note: str = ""  # what stands beside the solver's name in tables


@dataclass
class Outcome:
    """What came of a cell."""

    status: str
    reason: str = ""
    iterations: int = 0
    seconds: float = 0.0  # inside the solver, to the last iterate judged; of a black box, in its last run
    cpu: float = 0.0  # processor seconds of the whole cell, the lab's own included
    warm: float = 0.0  # seconds of loading and compiling before the clock
    passes: float | None = None  # None where a peer read the data itself
    gap: float = math.inf  # f(theta) - lower at the end
    trace: list[Sample] = field(default_factory=list)
    predicted: Rate | None = None
    observed: Rate | None = None
    measures: dict[str, float] = field(default_factory=dict)
    theta: list[float] = field(default_factory=list)
    path: list[list[float]] = field(default_factory=list)
    session: str = ""  # when the run began that this cell was part of

    @property
    def solved(self) -> bool:
        return self.status == "solved"


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
    """Run one cell in this process. Whatever the solver raises becomes a status; nothing is hidden, none escapes.

    theta0: the problem's own start for this seed where it is left out. now: the clock's timer.
    """
    if refused := solver.objection(problem):
        return Outcome("skipped", refused)
    start, rng = streams(seed)
    theta0 = problem.start(start) if theta0 is None else theta0
    began = process_time()
    with np.errstate(all="ignore"):  # overflow is for the judge to see, not for the terminal
        judge = Judge(problem.metered(Ledger()), theta0, rule, reference, solver.judged_by_best)
        if not judge.over:
            _drive(problem.metered(Ledger()), solver, theta0, rng, judge, Stopwatch(now))
        last = judge.trace[-1]
        outcome = Outcome(
            status=judge.status,
            reason=judge.reason,
            iterations=last.iteration,
            seconds=last.seconds,
            cpu=process_time() - began,
            passes=last.passes,
            gap=last.gap,
            trace=judge.trace,
            observed=observed(judge.trace, floor=2 * reference.width, degree=reference.degree),
            measures=problem.measures(judge.theta) if np.isfinite(judge.theta).all() else {},
            theta=judge.theta.tolist() if judge.theta.size <= SHOWN else [],
            path=[theta.tolist() for theta in judge.path] if rule.keep else [],
        )
        outcome.predicted = solver.predicted(problem, reference.spectrum)
        if reference.spectrum and outcome.predicted and outcome.status in ("diverged", "stalled"):
            outcome.reason += _theory(solver, reference.spectrum)
    return outcome


def _drive(
    problem: Objective, solver: Solver[Any], theta0: Vector, rng: np.random.Generator, judge: Judge, watch: Stopwatch
) -> None:
    if not isinstance(solver, BlackBox):
        drive: Any = stepped
    else:
        drive = faithful if solver.faithful else laps
    try:
        drive(problem, solver, theta0, rng, judge, watch)
    except Refusal as refusal:
        judge.status, judge.reason = "skipped", str(refusal)
    except Breakdown as breakdown:
        judge.end("failed", f"it broke down: {breakdown}")
    except MemoryError:
        judge.status, judge.reason = "oom", "it asked for more memory than there is"
    except (Exception, SystemExit) as error:
        judge.end("failed", f"{type(error).__name__}: {error}")


def _theory(solver: Solver[Any], spectrum: Spectrum) -> str:
    """The stability bound beside the step, where a solver takes fixed steps along whole gradients."""
    step = getattr(solver, "step", None) if Smooth in solver.needs else None
    return f"; its step is {step * spectrum.L / 2:.3g} times 2/L" if step else ""
