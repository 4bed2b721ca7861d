"""Linear systems and least squares."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from problems.forms.objective import Form
from problems.foundation.arrays import Matrix, Vector


class LeastSquares(Form):
    """min |B theta - c|^2 / (2 n), with the rows of B and c for QR and SVD."""

    promise = "a linear least-squares problem"

    @abstractmethod
    def least_squares(self) -> tuple[Any, Vector]:
        """B, shape (rows, dim), an array or a CSR array of scipy, and c, shape (rows,), formed anew.

        The intercept is a column of B, and an l2 penalty adds rows. This counts as two passes: one that copies the
        rows, and one for the solver that reads the copy.
        """

    def low_order(self) -> tuple[Matrix, Vector] | None:
        """What rounding to float64 removed from B and c, in their shapes; None unless the data have more digits."""
        return None


class LinearSystem(Form):
    """A theta = b."""

    promise = "a square linear system"

    @abstractmethod
    def system(self) -> tuple[Any, Vector]:
        """A, shape (dim, dim), an array or a CSR array, and b, shape (dim,), formed anew at the solver's cost."""


class SymmetricSystem(LinearSystem):
    """A theta = b with A symmetric, definite or indefinite."""

    promise = "a symmetric system"


class SPDSystem(SymmetricSystem):
    """A theta = b with A symmetric positive definite (semidefinite if columns of the data are dependent)."""

    promise = "a symmetric positive definite system"


class MultipleRightHandSides(LeastSquares, SPDSystem):
    """min |B Theta - C|^2 / (2 n) over matrices Theta; each column is a least-squares problem with the same B.

    theta holds the rows of Theta one after the other. As one problem its matrices are kron(B, I) and kron(A, I). A
    solver that factorises should factorise B or A once.
    """

    promise = "several right-hand sides"

    @abstractmethod
    def shared_least_squares(self) -> tuple[Any, Matrix]:
        """B, shape (rows, d), an array or a CSR array of scipy, and C, shape (rows, k), formed anew."""

    @abstractmethod
    def shared_system(self) -> tuple[Any, Matrix]:
        """A, shape (d, d), and its right-hand sides, shape (d, k), formed anew."""
