"""Solvers that misbehave in ways that only a process of their own can contain."""

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
    """Never comes back, inside BLAS."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:  # the warming step on a sibling passes
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
    """Dies of a signal."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            os.kill(os.getpid(), signal.SIGSEGV)
        yield theta0.copy()


@dataclass(frozen=True)
class Hoards(Solver[Objective]):
    """Asks for more memory than any machine has."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            np.ones(2**44)
        yield theta0.copy()


@dataclass(frozen=True)
class Diverges(Solver[Objective]):
    """Doubles theta for ever."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = np.ones(problem.dim)
        while True:
            theta = 2 * theta
            yield theta


@dataclass(frozen=True)
class Imports(Solver[Objective]):
    """Imports a module that takes its time, where it is used."""

    needs = (Objective,)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        import tests.helpers.slow_to_import as slow

        yield theta0 + slow.NOTHING


@dataclass(frozen=True)
class Sleeps(Solver[Objective]):
    """Takes a while over each iterate, and leaves a line in a file for each run."""

    needs = (Objective,)
    log: str = ""
    seconds: float = 0.2

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if problem.dim > 4:
            with open(self.log, "a") as file:
                file.write(f"{os.getpid()}\n")
            time.sleep(self.seconds)
        yield theta0.copy()
