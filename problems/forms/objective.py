"""A function to minimise, and what every problem says of itself."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from problems.forms.ledger import NOTHING, About, Ledger
from problems.foundation.arrays import Vector


class Form(ABC):
    """A promise; `promise` are the words used when it is missing."""

    promise: ClassVar[str]


class Objective(Form):
    """A function f to minimise over R^dim."""

    promise = "a value f(theta)"
    ledger: Ledger
    convex: ClassVar[bool] = True
    measure: ClassVar[str] = "f - f*"  # what f(theta) less its least value means to a person
    degree: ClassVar[int] = 2  # near a minimum f - f* is like the error to this power; 1 of a residual's length
    about: About = NOTHING

    @property
    @abstractmethod
    def dim(self) -> int:
        """How many coefficients theta has."""

    @abstractmethod
    def value(self, theta: Vector) -> float:
        """f(theta); not finite where theta is not."""

    def start(self, rng: np.random.Generator) -> Vector:
        """theta_0, the same for every solver that is given this seed; zero unless the problem needs otherwise."""
        return np.zeros(self.dim)

    def measures(self, theta: Vector) -> dict[str, float]:
        """What else a person wants to know of theta, by name: the share of rows classified right, for one."""
        return {}

    def violation(self, theta: Vector) -> float:
        """How far theta is from the set that f is to be minimised over; 0 on it, and everywhere where there is none."""
        return 0.0

    @abstractmethod
    def sibling(self) -> Self:
        """A tiny problem of the same kind: a discarded step on it loads every library and kernel needed here."""

    def metered(self, ledger: Ledger) -> Self:
        """The same problem over the same data with a ledger of its own."""
        other = copy.copy(self)
        other.ledger = ledger
        return other

    def lacks(self, form: type[Form]) -> str | None:
        """Why this problem does not make that promise, in words; None where there is no more to say."""
        return None


class Certified(Objective):
    """f with a bound on how far from the minimum a point is."""

    promise = "a certificate"

    @abstractmethod
    def gap(self, theta: Vector) -> float:
        """At least f(theta) - f*, proven, rounding aside; inf where nothing is proven at this theta."""

    @property
    def attained(self) -> bool:
        """Whether the gap can become 0; elsewhere the bound may be loose even at the minimum."""
        return True

    def unattained(self, theta: Vector) -> str | None:
        """Why no theta reaches f*, in a sentence, where that is so and can be shown, `theta` having come far down."""
        return None


def missing(problem: Any, needs: tuple[type[Form], ...]) -> str | None:
    """The first of `needs` that `problem` does not promise, as a sentence; None when it promises all."""
    for form in needs:
        if not isinstance(problem, form):
            return f"it needs {form.promise}: {problem.lacks(form) or 'this problem has none'}"
    return None
