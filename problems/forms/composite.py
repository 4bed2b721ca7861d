"""Functions of two parts, at least one of which need not be smooth and is used through its prox."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from problems.forms.objective import Objective
from problems.forms.smooth import Smooth
from problems.foundation.arrays import Matrix, Vector


class Composite(Objective):
    """f = s + h, s smooth, h convex with a prox. Every smooth f is such a sum, with h = 0."""

    promise = "a smooth part and a prox of the rest"

    @property
    @abstractmethod
    def smooth(self) -> Smooth:
        """s, with the same ledger; f itself if h = 0."""

    @abstractmethod
    def rest(self, theta: Vector) -> float:
        """h(theta)."""

    @abstractmethod
    def prox(self, v: Vector, step: float) -> Vector:
        """argmin_u h(u) + |u - v|^2 / (2 step), a fresh array."""


class Saddle(Objective):
    """f(theta) = F(K theta) + G(theta), F and G convex, each with a prox."""

    promise = "a saddle form, F(K theta) + G(theta) with proxes of F and G"

    @abstractmethod
    def operator(self) -> Any:
        """K, shape (m, dim), an array or a CSR array of scipy, formed anew at the solver's cost."""

    @abstractmethod
    def prox_conjugate(self, v: Vector, step: float) -> Vector:
        """argmin_u F*(u) + |u - v|^2 / (2 step), shape (m,), where F* is the convex conjugate of F."""

    @abstractmethod
    def prox_rest(self, v: Vector, step: float) -> Vector:
        """argmin_u G(u) + |u - v|^2 / (2 step), shape (dim,)."""

    @abstractmethod
    def saddle_gap(self, theta: Vector, dual: Vector) -> float:
        """A proven upper bound on f(theta) - f* from a dual point, shape (m,); inf if the point proves nothing."""

    def stiffness(self) -> float | None:
        """The approximate curvature of F, from which default steps are computed; None if F is a mean of losses."""
        return None


class BasisPursuit(Objective):
    """min |theta|_1 subject to A theta = b; solvers may read A and b."""

    promise = "a basis-pursuit problem, min |theta|_1 subject to A theta = b"
    A: Matrix
    b: Vector


class TotalVariation(Objective):
    """f(theta) = |theta - y|^2 / (2n) + weight sum_i |theta_(i+1) - theta_i|; solvers may read y and weight."""

    promise = "a signal penalised by its total variation"
    y: Vector
    weight: float
