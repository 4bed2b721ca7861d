"""Centres of clusters: rows choose the nearest centre, centres go to the middle of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from problems.forms import Clustering, Partition
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least
from solvers.base import Iterates, Solver
from solvers.kernels.unsupervised import mini_batches


@dataclass(frozen=True)
class Lloyd(Solver[Clustering]):
    """Lloyd's algorithm for k-means.

        1. each row joins the centre nearest to it, the first of several
        2. c_j <- c_j + sum_(i in j) (x_i - c_j) / n_j,     the mean of its n_j rows

    It ends when no row has changed its cluster. It is Newton's method on f with full steps, since the Hessian is the
    diagonal n_j/n; f never rises.
    empty: what becomes of a centre without rows: farthest, it goes to the row farthest from its own centre, which
    never raises f; or keep, it stays where it is, as under a gradient.
    Cost: one pass, n k d operations an iterate. Memory: two numbers a row, three matrices of the centres' shape.
    Rate: none in general; where clusters lie apart a few iterates, then the end.
    Choose it for k-means with rows that fit in memory, from several starts, for where it ends depends on theta_0; not
    for millions of rows and few digits: mini-batch-k-means.
    Source: Lloyd (1982), doi:10.1109/TIT.1982.1056489; as Newton's method: Bottou & Bengio (1995), NIPS 7.
    """

    needs = (Clustering,)
    monotone = True
    empty: Literal["farthest", "keep"] = "farthest"

    def iterate(self, problem: Clustering, theta0: Vector, rng: np.random.Generator) -> Iterates:
        C = theta0.reshape(problem.k, -1)
        now = problem.partition(theta0)
        while True:
            C = C + now.pull / np.maximum(now.counts, 1)[:, None]
            if self.empty == "farthest":
                _fill(C, problem.X, now)
            yield C.flatten()
            before, now = now, problem.partition(C.ravel())
            if np.array_equal(now.labels, before.labels):
                return "no row changes its cluster"


def _fill(C: Matrix, X: Matrix, now: Partition) -> None:
    """Move centres without rows to the rows farthest from theirs, none to a row that is a centre already."""
    vacant = np.flatnonzero(now.counts == 0)
    if not len(vacant):
        return
    distances = ((X - C[now.labels]) ** 2).sum(1)  # from the means, where their centres are now
    for j in vacant:
        i = int(distances.argmax())
        if distances[i] > 0:
            C[j] = X[i]
            distances = np.minimum(distances, ((X - X[i]) ** 2).sum(1))


@dataclass(frozen=True)
class MiniBatchKMeans(Solver[Clustering]):
    """k-means on a few rows at a time: every centre is the mean of the rows that have chosen it so far.

        1. each of the next `batch` rows of a fresh order joins the centre nearest to it
        2. for each of them:  n_j <- n_j + 1     c_j <- c_j + (x_i - c_j) / n_j

    It is SGD on f with a step of its own for each centre, 1/n_j, n_j counted over all epochs. An iterate is an epoch,
    every row read once.
    batch: rows a step, 100.
    Cost: one pass, n k d operations an iterate. Memory: one matrix of the centres' shape and a batch.
    Rate: after e epochs the rows' first, wrong choices still weigh 1/e in a centre: f - f* goes as 1/e^2.
    Choose it for very many rows and few digits; not for many digits: lloyd.
    Source: Sculley (2010), doi:10.1145/1772690.1772862; a row at a time: MacQueen (1967).
    """

    needs = (Clustering,)
    batch: int = 100

    def __post_init__(self) -> None:
        at_least(1, batch=self.batch)

    def iterate(self, problem: Clustering, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield from mini_batches(problem, theta0, self.batch, rng)
