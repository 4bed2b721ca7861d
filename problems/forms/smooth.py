"""Functions with derivatives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from problems.forms.objective import Objective
from problems.foundation.arrays import Matrix, Vector


class Smooth(Objective):
    """f with a gradient."""

    promise = "a gradient"

    @abstractmethod
    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        """f(theta) and its gradient, shape (dim,), in one pass over the data."""

    def gradient(self, theta: Vector) -> Vector:
        """The gradient alone."""
        return self.value_and_gradient(theta)[1]

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector] | None:
        """v -> M v, where M - H(theta) is positive semidefinite for every theta; None if no M is known."""
        return None


class TwiceSmooth(Smooth):
    """f with a Hessian, as a matrix or as products with vectors."""

    promise = "a Hessian"

    @abstractmethod
    def hessian(self, theta: Vector) -> Matrix:
        """The Hessian, shape (dim, dim)."""

    @abstractmethod
    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H(theta) v; the Hessian is never formed."""


class NonlinearLeastSquares(Smooth):
    """f = |r(theta)|^2 / 2; r contains the factor of the mean over rows, and rows for a penalty."""

    promise = "residuals with a Jacobian"

    @abstractmethod
    def residual(self, theta: Vector) -> Vector:
        """r, shape (m,)."""

    @abstractmethod
    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Any]:
        """r, shape (m,), and J, shape (m, dim), an array or a CSR array of scipy."""
