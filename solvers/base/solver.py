"""What a solver is: a frozen record of hyperparameters that yields iterates.

A solver owns no tolerance, no budget, no clock and no history: the lab does. All work that it needs, a
factorisation or an estimate of curvature included, happens inside `iterate`, so that it is on the clock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from problems.forms import Form, missing
from problems.foundation.arrays import Vector
from solvers.base.errors import Breakdown as Breakdown
from solvers.base.errors import Refusal as Refusal
from solvers.base.spectrum import Spectrum

P = TypeVar("P")
Iterates = Generator[NDArray[np.float64], None, Any]  # returns why it ended, or None


@dataclass(frozen=True)
class Rate:
    """How the error e, the square root of the gap f - f*, falls: e <- factor e^order, an iterate."""

    factor: float
    order: int = 1


@dataclass(frozen=True)
class Solver(ABC, Generic[P]):
    """A method for problems that keep the promises in `needs`."""

    needs: ClassVar[tuple[type[Form], ...]]
    minimises: ClassVar[bool] = True  # f; False for a method that has a criterion of its own
    monotone: ClassVar[bool] = False  # f never rises from iterate to iterate, on any problem
    judged_by_best: ClassVar[bool] = False  # a sampler, whose states go up and down: its best so far is its answer

    @abstractmethod
    def iterate(self, problem: P, theta0: Vector, rng: np.random.Generator) -> Iterates:
        """Yield theta_1, theta_2, ... and return when nothing better will come, with the reason or None.

        A yielded array is fresh and never written again; theta0 is never written; all randomness is `rng`'s.
        An array of shape (k, dim) stands for k consecutive iterates. Raises Breakdown or Refusal.
        """

    def objection(self, problem: Any) -> str | None:
        """Why this solver cannot take `problem`, in a sentence; None when it can."""
        return missing(problem, self.needs)

    def rate(self, spectrum: Spectrum) -> Rate | None:
        """The asymptotic rate that theory gives on a problem of this spectrum; None where it gives none."""
        return None

    def predicted(self, problem: P, spectrum: Spectrum | None) -> Rate | None:
        """The asymptotic rate that theory gives on `problem`, whose spectrum is given where it is known."""
        return self.rate(spectrum) if spectrum else None


@dataclass(frozen=True)
class Lap:
    """What one run of a black box came to."""

    theta: Vector
    done: bool  # it stopped by itself, before its budget was used up
    why: str = ""


Note = Callable[[Vector], None]


@dataclass(frozen=True)
class BlackBox(Solver[P]):
    """A solver that cannot be stepped: someone else's, called whole.

    With a faithful callback it runs once and calls `note` after each of its iterations; the lab stops the run by
    raising through it. Without one it is run afresh with growing budgets, which the lab chooses.
    """

    faithful: ClassVar[bool] = False  # it calls `note`
    opaque: ClassVar[bool] = False  # it reads the data itself, so that passes are not counted

    @abstractmethod
    def run(self, problem: P, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        """A fresh run of at most `budget` iterations from theta0."""

    def iterate(self, problem: P, theta0: Vector, rng: np.random.Generator) -> Iterates:
        """theta_k is the answer of a fresh run of k iterations."""
        state, budget, done = rng.bit_generator.state, 0, False
        while not done:
            budget += 1
            rng.bit_generator.state = state
            lap = self.run(problem, theta0.copy(), rng, budget, lambda theta: None)
            done = lap.done
            yield lap.theta
