"""Methods for k-means: rows are assigned to the nearest centre, and centres move to the mean of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from problems.forms import Clustering, Partition
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least
from solvers.base import Iterates, Solver, Trait
from solvers.kernels.unsupervised import mini_batches


@dataclass(frozen=True)
class Lloyd(Solver[Clustering]):
    """Lloyd's algorithm for k-means.

        1. assign each row to the nearest centre; if several are nearest, to the first
        2. c_j <- c_j + sum_(i in j) (x_i - c_j) / n_j,     the mean of its n_j rows

    It ends when no row changes its cluster. It is Newton's method on f with full steps, because the Hessian is the
    diagonal matrix n_j/n; f never increases.
    empty: what happens to a centre without rows. With the default farthest it moves to the row farthest from its own
    centre, which never increases f. With keep it does not move, as with a gradient of zero.
    Cost: one pass over the rows, n k d operations per iteration.
    Memory: two numbers per row, and three matrices of the shape of the centres.
    Rate: none in general; if the clusters are well separated it ends after a few iterations.
    Choose it for k-means with rows that fit into memory, from several starts, because the result depends on theta_0;
    not for millions of rows and low accuracy: use mini-batch-k-means.
    Source: Lloyd (1982), doi:10.1109/TIT.1982.1056489; as Newton's method: Bottou & Bengio (1995), NIPS 7.
    """

    needs = (Clustering,)
    monotone = True
    empty: Literal["farthest", "keep"] = "farthest"

    def iterate(self, problem: Clustering, theta0: Vector, rng: np.random.Generator) -> Iterates:
        C = theta0.reshape(problem.k, -1)
        partition = problem.partition(theta0)
        while True:
            C = C + partition.offset_sums / np.maximum(partition.counts, 1)[:, None]
            if self.empty == "farthest":
                _move_empty(C, problem.X, partition)
            yield C.flatten()
            before, partition = partition, problem.partition(C.ravel())
            if np.array_equal(partition.labels, before.labels):
                return "no row changes its cluster"


def _move_empty(C: Matrix, X: Matrix, partition: Partition) -> None:
    """Move each centre without rows to the row farthest from its centre, but to no row that is a centre."""
    empty = np.flatnonzero(partition.counts == 0)
    if not len(empty):
        return
    distances = ((X - C[partition.labels]) ** 2).sum(1)  # to the new means of their clusters
    for j in empty:
        i = int(distances.argmax())
        if distances[i] > 0:
            C[j] = X[i]
            distances = np.minimum(distances, ((X - X[i]) ** 2).sum(1))


@dataclass(frozen=True)
class MiniBatchKMeans(Solver[Clustering]):
    """Mini-batch k-means: every centre is the mean of the rows that have been assigned to it so far.

        1. assign each of the next `batch` rows of a random permutation to the nearest centre
        2. for each of them:  n_j <- n_j + 1     c_j <- c_j + (x_i - c_j) / n_j

    It is SGD on f with a step for each centre, 1/n_j, where n_j counts over all epochs. An iteration is an epoch, which
    reads every row once.
    batch: default 100, the number of rows per assignment.
    Cost: one pass over the rows, n k d operations per iteration.
    Memory: two matrices of the shape of the centres, one number per row, and a batch of labels.
    Rate: after e epochs the first, wrong assignments of the rows still have a weight of 1/e in a centre: f - f*
    decreases as 1/e^2.
    Choose it for very many rows and low accuracy; not for high accuracy: use lloyd.
    Source: Sculley (2010), doi:10.1145/1772690.1772862; one row at a time: MacQueen (1967).
    """

    needs = (Clustering,)
    traits = frozenset({Trait.STOCHASTIC})
    batch: int = 100

    def __post_init__(self) -> None:
        at_least(1, batch=self.batch)

    def iterate(self, problem: Clustering, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield from mini_batches(problem, theta0, self.batch, rng)
