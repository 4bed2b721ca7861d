"""What a worker process does: builds problems and solvers from their names, warms them, runs cells."""

from __future__ import annotations

import multiprocessing.connection
import os
import signal
import sys
import threading
import warnings
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from time import perf_counter
from typing import Any

import numpy as np

import problems
import solvers
from experiments.lab.measurement.measurement import Reading, Trial, take
from experiments.lab.reference.referee import Reference, refer
from experiments.lab.run.cell import Cell, Outcome, run_cell
from experiments.lab.spec.grammar import build, parse
from experiments.lab.workers.threads import enforce
from problems.forms import Ledger, Objective
from solvers.base import Solver

NOUGHT = 199  # stands for 0 where a solver ends the process


def prepare(threads: int, memory: int | None) -> None:
    """Make this process one that can be killed, and that does not outlive its parent."""
    os.dup2(2, 1)  # what a solver prints is no part of the lab's answer
    leave = os._exit
    os._exit = lambda code: leave(code or NOUGHT)  # type: ignore[assignment]  # the pool takes 0 for an end in peace
    warnings.simplefilter("ignore")  # what a library has to say of a run, the judge sees
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    enforce(threads)
    if sys.platform == "linux":
        _die_with_the_fork_server()
    else:
        threading.Thread(target=_die_with_the_parent, daemon=True).start()
    if memory and sys.platform == "linux":
        import resource

        with suppress(ValueError, OSError):  # a smaller limit is set already
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _die_with_the_fork_server() -> None:
    """Have the kernel end this process with the one that forked it, whatever native loop it may be in.

    The fork server ends with the lab, unless a child holds the pipe open by which it knows that the lab is there.
    """
    import ctypes
    from multiprocessing import forkserver

    server: Any = getattr(forkserver, "_forkserver", None)
    if server is not None and server._forkserver_alive_fd is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _die_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


@lru_cache(maxsize=2)
def problem_of(spec: str) -> Objective:
    """The problem of that name, kept for the next cell."""
    problem: Objective = build(parse(spec), problems.TABLE)
    return problem


@lru_cache(maxsize=64)
def solver_of(spec: str) -> Solver[Any]:
    """The solver of that name."""
    solver: Solver[Any] = build(parse(spec), solvers.TABLE)
    return solver


WARMED: set[tuple[str, str]] = set()


def warm(problem_spec: str, solver_spec: str) -> float:
    """Seconds spent on loading and compiling all that the pair needs, by a discarded step on a tiny sibling.

    Nothing is left to do, and 0 is the answer, where this process has warmed the pair before.
    """
    if (problem_spec, solver_spec) in WARMED:
        return 0.0
    WARMED.add((problem_spec, solver_spec))
    began = perf_counter()
    sibling, solver = problem_of(problem_spec).sibling(), solver_of(solver_spec)
    if solver.objection(sibling) is None:
        rng = np.random.default_rng(0)
        try:
            with np.errstate(all="ignore"):
                for _ in islice(solver.iterate(sibling.metered(Ledger()), sibling.start(rng), rng), 1):
                    pass
        except Exception:
            return perf_counter() - began  # what ails the solver will show on the clock
    return perf_counter() - began


def read(asked: Trial) -> Reading:
    """Take one trial."""
    with np.errstate(all="ignore"):
        return take(asked)


def referee(spec: str) -> Reference:
    """The referee's interval for the problem of that name."""
    return refer(problem_of(spec))


def measure(cell: Cell, reference: Reference) -> Outcome:
    """Run one cell."""
    warmed = warm(cell.problem, cell.solver)
    outcome = run_cell(problem_of(cell.problem), solver_of(cell.solver), cell.seed, cell.rule, reference)
    outcome.warm = warmed
    return outcome
