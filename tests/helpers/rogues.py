"""Solvers that misbehave in ways that only a separate process can contain."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

import numpy as np

from problems.forms import Objective
from problems.foundation.arrays import Vector
from solvers.base import Iterates, Solver


@dataclass(frozen=True)
class Hangs(Solver[Objective]):
    """Never returns: it loops inside BLAS."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:  # the warm-up step on the sibling must succeed
            A = rng.standard_normal((1500, 1500))
            while True:
                A = A @ A
                A /= abs(A).max()
        yield theta0.copy()


@dataclass(frozen=True)
class Exits(Solver[Objective]):
    """Ends its process."""

    needs = (Objective,)
    code: int = 3

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            os._exit(self.code)
        yield theta0.copy()


@dataclass(frozen=True)
class Segfaults(Solver[Objective]):
    """Is killed by a signal."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            os.kill(os.getpid(), signal.SIGSEGV)
        yield theta0.copy()


@dataclass(frozen=True)
class Hoards(Solver[Objective]):
    """Requests more memory than any machine has."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            np.ones(2**44)
        yield theta0.copy()


@dataclass(frozen=True)
class Diverges(Solver[Objective]):
    """Doubles theta without end."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = np.ones(problem.dim)
        while True:
            theta = 2 * theta
            yield theta


@dataclass(frozen=True)
class Imports(Solver[Objective]):
    """Imports a module that is slow to import, inside `iterate`."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        import tests.helpers.slow_to_import as slow

        yield theta0 + slow.NOTHING


@dataclass(frozen=True)
class Sleeps(Solver[Objective]):
    """Takes `seconds` for each iterate, and writes a line to a file for each run."""

    needs = (Objective,)
    log: str = ""
    seconds: float = 0.2

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            with open(self.log, "a") as file:
                file.write(f"{os.getpid()}\n")
            time.sleep(self.seconds)
        yield theta0.copy()


@dataclass(frozen=True)
class CountsThreads(Solver[Objective]):
    """Returns, as its reason, how many threads BLAS and numba may use."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        import numba
        from threadpoolctl import threadpool_info

        yield theta0 + 1.0
        return f"threads: {max(numba.get_num_threads(), *(pool['num_threads'] for pool in threadpool_info()))}"
