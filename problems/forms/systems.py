"""Linear systems and least squares."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from problems.forms.objective import Form
from problems.foundation.arrays import Matrix, Vector


class LeastSquares(Form):
    """min |B theta - c|^2 / (2 n) over rows that QR and SVD read."""

    promise = "a linear least-squares problem"

    @abstractmethod
    def least_squares(self) -> tuple[Any, Vector]:
        """B, shape (rows, dim), an array or a CSR array of scipy, and c, shape (rows,), formed anew.

        Intercept and penalty are rows and columns of B. Two passes are charged: one that copies the rows, one for
        whoever asked, who will read them.
        """

    def low_order(self) -> tuple[Matrix, Vector] | None:
        """What float64 lost of B and c, in their shapes, where the data are known to more digits; None elsewhere."""
        return None


class LinearSystem(Form):
    """A theta = b."""

    promise = "a square linear system"

    @abstractmethod
    def system(self) -> tuple[Any, Vector]:
        """A, shape (dim, dim), an array or a CSR array of scipy, and b, shape (dim,), formed anew: the solver pays."""


class SymmetricSystem(LinearSystem):
    """A theta = b with A symmetric, be it definite or not."""

    promise = "a symmetric system"


class SPDSystem(SymmetricSystem):
    """A theta = b with A symmetric positive definite (semidefinite where columns of the data are dependent)."""

    promise = "a symmetric positive definite system"


class SeveralSides(LeastSquares, SPDSystem):
    """min |B Theta - C|^2 / (2 n) over matrices Theta, whose columns are problems of their own with one B for all.

    theta holds the rows of Theta one after the other. As one problem they have kron(B, I), kron(A, I); whoever factors
    does better to factor B or A once.
    """

    promise = "several right sides"

    @abstractmethod
    def shared_least_squares(self) -> tuple[Any, Matrix]:
        """B, shape (rows, d), an array or a CSR array of scipy, and C, shape (rows, k), formed anew."""

    @abstractmethod
    def shared_system(self) -> tuple[Any, Matrix]:
        """A, shape (d, d), and its right sides, shape (d, k), formed anew."""
