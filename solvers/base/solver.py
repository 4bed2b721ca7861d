"""What a solver is: a frozen record of hyperparameters that yields iterates.

A solver has no tolerance, budget, clock or history: the lab has them. All work that it needs, such as a factorisation
or an estimate of the largest curvature, happens inside `iterate`, so that the clock counts it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from problems.forms import Form, missing
from problems.foundation.arrays import Vector
from solvers.base.rate import Rate
from solvers.base.recurrence import Recurrence
from solvers.base.spectrum import Spectrum
from solvers.base.traits import Trait

P = TypeVar("P")
Iterates = Generator[NDArray[np.float64], None, Any]  # returns the reason why it ended, or None


@dataclass(frozen=True)
class Solver(ABC, Generic[P]):
    """A method for problems that keep the promises in `needs`."""

    needs: ClassVar[tuple[type[Form], ...]]
    traits: ClassVar[frozenset[Trait]] = frozenset()
    minimises: ClassVar[bool] = True  # it minimises f; False if it has a criterion of its own
    monotone: ClassVar[bool] = False  # f never increases from one iterate to the next, on any problem
    judged_by_best: ClassVar[bool] = False  # it samples, so f of its states varies: the best state counts

    @abstractmethod
    def iterate(self, problem: P, theta0: Vector, rng: np.random.Generator) -> Iterates:
        """Yield theta_1, theta_2, ..., and return when rounding errors allow nothing better: with the reason, or None.

        Every yielded array is new and is never written again; theta0 is never written; all randomness comes from `rng`.
        An array of shape (k, dim) means k consecutive iterates. Raises Breakdown or Refusal.
        """

    def objection(self, problem: Any) -> str | None:
        """Why this solver cannot take `problem`, in one sentence; None if it can."""
        return missing(problem, self.needs)

    def recurrence(self) -> Recurrence | None:
        """The recurrence that defines the iterates if every step uses all rows; None if there is none."""
        return None

    def rate(self, spectrum: Spectrum) -> Rate | None:
        """The asymptotic rate that theory gives on a problem with this spectrum; None if theory gives none."""
        return None

    def predicted(self, problem: P, spectrum: Spectrum | None) -> Rate | None:
        """The asymptotic rate that theory gives on `problem`; `spectrum` is None if it is not known."""
        return self.rate(spectrum) if spectrum else None
