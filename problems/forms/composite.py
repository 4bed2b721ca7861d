"""Functions in two parts, of which one at least has no more than a prox."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from problems.forms.objective import Objective
from problems.forms.smooth import Smooth
from problems.foundation.arrays import Matrix, Vector


class Composite(Objective):
    """f = s + h, s smooth, h convex with a prox. Every smooth f is one, with h = 0."""

    promise = "a smooth part and a prox of the rest"

    @property
    @abstractmethod
    def smooth(self) -> Smooth:
        """s, charged to the same ledger; f itself where h = 0."""

    @abstractmethod
    def rest(self, theta: Vector) -> float:
        """h(theta)."""

    @abstractmethod
    def prox(self, v: Vector, step: float) -> Vector:
        """argmin_u h(u) + |u - v|^2 / (2 step), a fresh array."""


class Saddle(Objective):
    """f(theta) = F(K theta) + G(theta), F and G convex, each with a prox."""

    promise = "a saddle form, F(K theta) + G(theta) with a prox each"

    @abstractmethod
    def operator(self) -> Any:
        """K, shape (m, dim), an array or a CSR array of scipy, formed anew: the solver pays."""

    @abstractmethod
    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        """argmin_u F*(u) + |u - v|^2 / (2 step), shape (m,), F* the convex conjugate of F."""

    @abstractmethod
    def prox_rest(self, v: Vector, step: float) -> Vector:
        """argmin_u G(u) + |u - v|^2 / (2 step), shape (dim,)."""

    @abstractmethod
    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """At least f(theta) - f*, proven by a point of the dual, shape (m,); inf where it proves nothing."""

    def stiffness(self) -> float | None:
        """About how much F's slope changes for a change of K theta, which default steps go by; None: F is a mean."""
        return None


class BasisPursuit(Objective):
    """min |theta|_1 over A theta = b, with its parts in the open."""

    promise = "equations A theta = b with |theta|_1 to be least on them"
    A: Matrix
    b: Vector


class TotalVariation(Objective):
    """f(theta) = |theta - y|^2 / (2n) + weight sum_i |theta_(i+1) - theta_i|, with its parts in the open."""

    promise = "a signal penalised by its total variation"
    y: Vector
    weight: float
