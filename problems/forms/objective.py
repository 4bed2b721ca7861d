"""A function to minimise, and what every problem states about itself."""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from problems.forms.ledger import Ledger
from problems.foundation.about import NOTHING, About
from problems.foundation.arrays import Vector


class Form(ABC):
    """A promise of a problem; `promise` names it in the sentence that says that it is missing."""

    promise: ClassVar[str]


class Objective(Form):
    """A function f to minimise over R^dim."""

    promise = "a value f(theta)"
    ledger: Ledger
    convex: ClassVar[bool] = True
    measure: ClassVar[str] = "f - f*"  # what f(theta) minus its infimum means to a user
    degree: ClassVar[int] = 2  # near a minimiser f - f* is about |theta - theta*|^degree; 1 for a norm of residuals
    about: About = NOTHING
    origin: Any = None  # the spec that it was built from; None for an object of other origin

    @property
    @abstractmethod
    def dim(self) -> int:
        """The number of coefficients in theta."""

    @abstractmethod
    def value(self, theta: Vector) -> float:
        """f(theta); not finite if theta is not."""

    def start(self, rng: np.random.Generator) -> Vector:
        """theta_0, the same for every solver with this seed; zero unless the problem needs another start."""
        return np.zeros(self.dim)

    def measures(self, theta: Vector) -> dict[str, float]:
        """Other numbers that describe theta, by name, such as the accuracy: the share of correctly classified rows."""
        return {}

    def violation(self, theta: Vector) -> float:
        """The distance of theta from the feasible set, relative to the data or to theta; 0 without constraints."""
        return 0.0

    @abstractmethod
    def sibling(self) -> Self:
        """A tiny problem of the same kind. A step on it, before the clock starts, loads all libraries and kernels."""

    def metered(self, ledger: Ledger) -> Self:
        """A shallow copy of the problem, with the same data and its own ledger."""
        other = copy.copy(self)
        other.ledger = ledger
        return other

    def lacks(self, form: type[Form]) -> str | None:
        """The reason why this problem does not make that promise, in words; None if no reason is known."""
        return None


class Certified(Objective):
    """f with a proven bound on f(theta) - f*."""

    promise = "a certificate"

    @abstractmethod
    def gap(self, theta: Vector) -> float:
        """A proven upper bound on f(theta) - f*, except for rounding; inf if nothing is proven at this theta."""

    @property
    def attained(self) -> bool:
        """Whether the gap can become 0; if not, the bound may be loose even at the minimum."""
        return True

    def value_bound(self, theta: Vector) -> float:
        """A number that f(theta) does not exceed, rounding included; inf where no such bound is known."""
        return math.inf

    def unattained(self, theta: Vector) -> str | None:
        """A sentence that says why no theta attains f*, if `theta`, a late iterate, helps to prove it; else None."""
        return None


def missing(problem: Any, needs: tuple[type[Form], ...]) -> str | None:
    """The first of `needs` that `problem` does not promise, as a sentence; None when it promises all."""
    for form in needs:
        if not isinstance(problem, form):
            return f"it needs {form.promise}: {problem.lacks(form) or 'this problem has none'}"
    return None
