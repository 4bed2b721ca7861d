"""The problem `k-means`: the k centres with the smallest mean squared distance of rows to the nearest centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from problems.certificates.clusters import line_optimum, separation_bound, subspace_bound
from problems.data.source import RowSource, Task
from problems.data.synthetic.shapes import Blobs
from problems.forms import (
    NOTHING,
    About,
    Certified,
    Clustering,
    Composite,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NativeGradient,
    Partition,
    Saddle,
    TwiceSmooth,
)
from problems.foundation.arrays import Matrix, Vector, dense
from problems.foundation.checks import at_least
from problems.foundation.native import address
from problems.kernels.signature import GRADIENT
from problems.kernels.unsupervised import clusters_gradient, nearest


@dataclass
class Clusters(Clustering, TwiceSmooth, Certified):
    """f(C) = (1/2n) sum_i min_j |x_i - c_j|^2.

    Where no row is equally near to two centres, f has a gradient, (n_j/n) (c_j - mean of its n_j rows) for centre j,
    and its Hessian is diagonal with entries n_j/n. Elsewhere the row is counted for the first of its nearest centres. f
    has a concave kink there, so that 1 is an upper bound of its curvature everywhere.
    """

    X: Matrix
    k: int
    init: str = "k-means++"
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def dim(self) -> int:
        return int(self.X.shape[1]) * self.k

    def start(self, rng: np.random.Generator) -> Vector:
        if self.init == "k-means++":
            return self.plus_plus_start(rng)
        return self.X[rng.choice(self.n, self.k, replace=False)].ravel()

    def plus_plus_start(self, rng: np.random.Generator) -> Vector:
        """k rows, each sampled in proportion to its squared distance to the nearest row sampled before: k-means++.

        scikit-learn's, with one candidate for each centre, as in the source.
        Source: Arthur & Vassilvitskii (2007), https://dl.acm.org/doi/10.5555/1283383.1283494.
        """
        from sklearn.cluster import kmeans_plusplus

        centred = self.X - self.X.mean(0)  # far from the origin its distances lose digits
        seed = int(rng.integers(2**32))
        _, rows = kmeans_plusplus(centred, self.k, random_state=seed, n_local_trials=1)
        theta: Vector = self.X[rows].ravel()
        return theta

    def partition(self, theta: Vector) -> Partition:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        return self._assigned(theta)[1]

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        return self._assigned(theta)[0]

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        f, parts = self._assigned(theta)
        return f, (-parts.offset_sums / self.n).ravel()

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        g: Matrix = -_partition(self.X[rows], self._centres(theta))[1].offset_sums / len(rows)
        return g.ravel()

    def row_smoothness(self) -> float:
        return 1.0

    def native(self) -> NativeGradient:
        at = address(clusters_gradient, GRADIENT)
        return NativeGradient(at, self.X, np.zeros(self.n), np.array([self.k], np.int64), np.zeros(0), 0)

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        self.ledger.passes += 1
        return np.diag(self._curvatures(theta))

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        self.ledger.passes += 1
        curvatures = self._curvatures(theta)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            return curvatures * v

        return product

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> v: no curvature is larger than 1."""
        return np.copy

    @property
    def attained(self) -> bool:
        return False

    def gap(self, theta: Vector) -> float:
        """f minus the largest of the lower bounds on f*: three bounds, two of which do not depend on theta."""
        f, parts = self._assigned(theta)
        if not np.isfinite(f):
            return np.inf
        if self.X.shape[1] == 1 and self.n <= 100_000:
            return f - line_optimum(self.X, self.k)
        return f - max(subspace_bound(self.X, self.k), separation_bound(self.X, parts.labels, self.k))

    def measures(self, theta: Vector) -> dict[str, float]:
        """The number of empty clusters: centres that are nearest to no row."""
        return {"empty": float(np.count_nonzero(self._assigned(theta)[1].counts == 0))}

    def sibling(self) -> Self:
        return type(self)(self.X[: max(self.k, 8)].copy(), self.k, self.init)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LayeredModel):
            return "its rows have no target"
        if issubclass(form, LinearSystem | LeastSquares):
            return "f is quadratic only as long as no row changes its cluster"
        if issubclass(form, Composite | Saddle):
            return "f is a minimum of many quadratics, not the sum of a smooth part and a part with a prox"
        return None

    def _centres(self, theta: Vector) -> Matrix:
        return theta.reshape(self.k, -1)

    def _curvatures(self, theta: Vector) -> Vector:
        return np.repeat(self._assigned(theta)[1].counts / self.n, self.X.shape[1])

    def _assigned(self, theta: Vector) -> tuple[float, Partition]:
        """f, and the partition of the rows by their nearest centres; nothing is charged."""
        total, parts = _partition(self.X, self._centres(theta))
        return total / (2 * self.n), parts


def _partition(X: Matrix, C: Matrix) -> tuple[float, Partition]:
    """The sum of squared distances to the nearest centre, and the partition; nan if a centre is not finite."""
    n, k = len(X), len(C)
    parts = Partition(np.empty(n, np.int64), np.empty(n), np.empty(k), np.empty(C.shape))
    total = nearest(X, np.require(C, np.float64, ["C", "W"]), *parts)
    if not np.isfinite(C).all():  # such a centre would be nearest to no row, and nothing would show it
        total = np.nan
        parts.offset_sums[:] = np.nan
    return total, parts


def k_means(data: RowSource = Blobs(), k: int = 5, init: Literal["k-means++", "random"] = "k-means++") -> Clusters:
    """k-means clustering: the k centres with the smallest mean squared distance of rows to the nearest centre.

        f(theta) = (1/2n) sum_i min_j |x_i - c_j|^2,     theta = (c_1, ..., c_k)

    Not convex: at a local minimum each centre is the mean of its nearest rows, but it need not be a global minimum. As
    long as no row changes its nearest centre, f is quadratic and its Hessian has the entries n_j/n, n_j the number of
    rows of centre j. There Lloyd's step is Newton's step. A centre that is nearest to no row has gradient zero and
    does not move.

    theta_0 is k rows, sampled from the cell's seed, the same for every solver. A poor sample leads all descent methods
    to the same poor local minimum.
    Certified by the largest of three lower bounds on f*. The first is the error of the best subspace of k - 1
    dimensions (`pca`); it is loose for many clusters in few dimensions. The second is a semidefinite relaxation, which
    proves that the best partition is optimal if the clusters are well separated (a spread of `blobs` up to about 0.12).
    The third, for d = 1, is the optimal partition itself. For overlapping clusters these bounds are below f*, and runs
    are compared by the f that they reach.

    data  rows
    k     number of centres
    init  theta_0: k-means++, rows far from one another; or random, any rows

    Source: Lloyd (1982), doi:10.1109/TIT.1982.1056489; Lloyd's step as Newton's: Bottou & Bengio (1995), NIPS 7;
    k-means++: Arthur & Vassilvitskii (2007), https://dl.acm.org/doi/10.5555/1283383.1283494; the bounds: Ding & He
    (2004), doi:10.1145/1015330.1015408, Peng & Wei (2007), doi:10.1137/050641983, Wang & Song (2011),
    doi:10.32614/RJ-2011-015.
    """
    at_least(1, k=k)
    rows = data.rows(Task.FEATURES)
    X = np.ascontiguousarray(dense(rows.X))
    if k > len(X):
        raise ValueError(f"k is {k}; with {len(X)} rows it must be at most {len(X)}")
    return Clusters(X, k, init, rows.about)
