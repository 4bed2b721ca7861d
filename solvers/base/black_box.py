"""Solvers that cannot be stepped: solvers of other libraries, which are called as a whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from problems.foundation.arrays import Vector
from solvers.base.solver import Iterates, P, Solver

Callback = Callable[[Vector], None]


@dataclass(frozen=True)
class Run:
    """The result of one run of a black box."""

    theta: Vector
    done: bool  # it stopped by itself, before its budget was used up
    reason: str = ""  # why it stopped


@dataclass(frozen=True)
class BlackBox(Solver[P]):
    """A solver that is called as a whole.

    A faithful solver runs once and calls `callback` with the iterate after each of its iterations; the lab stops the
    run by raising an exception in the callback. A solver without a faithful callback is run again and again with
    growing budgets, which the lab chooses.
    """

    faithful: ClassVar[bool] = False  # it calls `callback` after each iteration
    opaque: ClassVar[bool] = False  # it reads the data itself, so its passes over them cannot be counted

    @abstractmethod
    def run(self, problem: P, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback) -> Run:
        """A new run of at most `budget` iterations from theta0, an array of shape (dim,) that it may overwrite.

        Raises Breakdown and Refusal.
        """

    def iterate(self, problem: P, theta0: Vector, rng: np.random.Generator) -> Iterates:
        """Yield theta_1, theta_2, ..., where theta_k is the answer of a new run of k iterations."""
        state, budget, done = rng.bit_generator.state, 0, False
        while not done:
            budget += 1
            rng.bit_generator.state = state
            run = self.run(problem, theta0.copy(), rng, budget, lambda theta: None)
            done = run.done
            yield run.theta
