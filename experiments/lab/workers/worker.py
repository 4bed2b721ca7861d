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

from experiments.lab.measurement.measurement import MeasuredValues, Measurement
from experiments.lab.measurement.measurement import measure as take_measurement
from experiments.lab.reference.referee import refer
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell, run_cell
from experiments.lab.run.outcome import Outcome
from experiments.lab.spec.building import build_problem, build_solver
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.threads import enforce
from problems.forms import Ledger, Objective
from solvers.base import Solver

STANDS_FOR_0 = 199  # the exit code where a solver ends the process with 0, which the pool takes for a normal end


def prepare(threads: int, memory: int | None) -> None:
    """Make this process one that can be killed, and that does not outlive its parent."""
    os.dup2(2, 1)  # what a solver prints is no part of the lab's answer
    leave = os._exit
    os._exit = lambda code: leave(code or STANDS_FOR_0)  # type: ignore[assignment]  # the pool takes 0 for an end in peace
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
def problem_of(problem: Named) -> Objective:
    """The problem of that name, kept for the next cell."""
    return build_problem(problem)


@lru_cache(maxsize=64)
def solver_of(solver: Named) -> Solver[Any]:
    """The solver of that name."""
    return build_solver(solver)


WARMED: set[tuple[Named, Named]] = set()


def warm(problem: Named, solver: Named) -> float:
    """Seconds spent on loading and compiling all that the pair needs, by a discarded step on a tiny sibling.

    Nothing is left to do, and 0 is the answer, where this process has warmed the pair before.
    """
    if (problem, solver) in WARMED:
        return 0.0
    WARMED.add((problem, solver))
    began = perf_counter()
    sibling, method = problem_of(problem).sibling(), solver_of(solver)
    if method.objection(sibling) is None:
        rng = np.random.default_rng(0)
        try:
            with np.errstate(all="ignore"):
                for _ in islice(method.iterate(sibling.metered(Ledger()), sibling.start(rng), rng), 1):
                    pass
        except Exception:
            return perf_counter() - began  # the solver's fault shows on the clock too
    return perf_counter() - began


def measure(measurement: Measurement) -> MeasuredValues:
    """Take one measurement."""
    with np.errstate(all="ignore"):
        return take_measurement(measurement)


def find_reference(problem: Named) -> Reference:
    """The referee's reference of the problem."""
    return refer(problem_of(problem))


def run(cell: Cell, reference: Reference) -> Outcome:
    """Run one cell."""
    warmed = warm(cell.problem, cell.solver)
    outcome = run_cell(problem_of(cell.problem), solver_of(cell.solver), cell.seed, cell.rule, reference)
    outcome.warm = warmed
    return outcome
