"""Rows without a target: directions to keep, groups to find."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from problems.forms.sums import FiniteSum
from problems.foundation.arrays import Matrix, Vector


class PrincipalSubspace(FiniteSum):
    """f = |X - X V V'|^2 / (2 n), X centred; theta holds V, shape (d, k), row by row. A rotation of V is as good."""

    promise = "centred rows, and directions to keep of them"
    X: Matrix
    k: int


class Partition(NamedTuple):
    """To which centre each row is nearest, the first of several, and what that makes of the centres."""

    labels: NDArray[np.int64]  # (n,)
    distances: Vector  # (n,), squared, each row's to its centre
    counts: Vector  # (k,), rows a centre
    pull: Matrix  # (k, d), the sum of x_i - c_j over the rows of centre j


class Clustering(FiniteSum):
    """f = (1/2n) sum_i min_j |x_i - c_j|^2; theta holds the centres C, shape (k, d), row by row."""

    promise = "rows to be put into clusters"
    X: Matrix
    k: int

    @abstractmethod
    def partition(self, theta: Vector) -> Partition:
        """The rows shared out among the centres of theta; a gradient and a pass are charged."""

    @abstractmethod
    def scattered(self, rng: np.random.Generator) -> Vector:
        """Centres by k-means++: rows, each drawn by its squared distance to those drawn before."""
