"""Rows without a target: principal components and clusters."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from problems.forms.sums import FiniteSum
from problems.foundation.arrays import Matrix, Vector


class PrincipalSubspace(FiniteSum):
    """f = |X - X V V'|^2 / (2 n), X centred; theta holds V, shape (d, k), row by row.

    A rotation of V has the same f.
    """

    promise = "centred rows and a number of principal components"
    X: Matrix
    k: int


class Partition(NamedTuple):
    """The nearest centre of each row (the first of equally near ones), and sums over the rows of each centre."""

    labels: NDArray[np.int64]  # (n,)
    distances: Vector  # (n,), the squared distance of each row to its centre
    counts: Vector  # (k,), the number of rows of each centre
    offset_sums: Matrix  # (k, d), the sum of x_i - c_j over the rows i of centre j


class Clustering(FiniteSum):
    """f = (1/2n) sum_i min_j |x_i - c_j|^2; theta holds the centres C, shape (k, d), row by row."""

    promise = "rows to be put into clusters"
    X: Matrix
    k: int

    @abstractmethod
    def partition(self, theta: Vector) -> Partition:
        """Each row assigned to its nearest centre; counts as one gradient and one pass."""

    @abstractmethod
    def plus_plus_start(self, rng: np.random.Generator) -> Vector:
        """Centres by k-means++: rows, drawn with probabilities proportional to squared distances to earlier ones."""
