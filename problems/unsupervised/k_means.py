"""k-means: the k centres that rows are nearest to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from problems.certificates.clusters import line_optimum, separation_bound, subspace_bound
from problems.data.real import only_synthetic
from problems.data.unlabelled import blobs, unlabelled
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
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least, not_negative
from problems.foundation.native import address
from problems.kernels.signature import GRADIENT
from problems.kernels.unsupervised import clusters_gradient, nearest


@dataclass
class Clusters(Clustering, TwiceSmooth, Certified):
    """f(C) = (1/2n) sum_i min_j |x_i - c_j|^2.

    Where no row is as near to a second centre, f has a gradient, (n_j/n) (c_j - mean of its rows) at centre j, and
    its Hessian is the diagonal n_j/n; elsewhere those of the first of the nearest centres stand in. f turns down at
    such places, so that 1 bounds its curvature from above everywhere.
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
            return self.scattered(rng)
        return self.X[rng.choice(self.n, self.k, replace=False)].ravel()

    def scattered(self, rng: np.random.Generator) -> Vector:
        """Arthur & Vassilvitskii (2007), https://dl.acm.org/doi/10.5555/1283383.1283494."""
        chosen = [int(rng.integers(self.n))]
        distances = np.full(self.n, np.inf)
        while len(chosen) < self.k:
            distances = np.minimum(distances, ((self.X - self.X[chosen[-1]]) ** 2).sum(1))
            total = distances.sum()
            chosen.append(int(rng.choice(self.n, p=distances / total)) if total > 0 else int(rng.integers(self.n)))
        return self.X[chosen].ravel()

    def partition(self, theta: Vector) -> Partition:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        return self._shared_out(theta)[1]

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        return self._shared_out(theta)[0]

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        f, parts = self._shared_out(theta)
        return f, (-parts.pull / self.n).ravel()

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        g: Matrix = -_partition(self.X[rows], self._centres(theta))[1].pull / len(rows)
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
        """The identity."""
        return np.copy

    @property
    def attained(self) -> bool:
        return False

    def gap(self, theta: Vector) -> float:
        """f less the highest of three lower bounds, of which two do not depend on theta."""
        f, parts = self._shared_out(theta)
        if not np.isfinite(f):
            return np.inf
        if self.X.shape[1] == 1 and self.n <= 100_000:
            return f - line_optimum(self.X, self.k)
        return f - max(subspace_bound(self.X, self.k), separation_bound(self.X, parts.labels, self.k))

    def measures(self, theta: Vector) -> dict[str, float]:
        """How many centres no row is nearest to."""
        return {"empty": float(np.count_nonzero(self._shared_out(theta)[1].counts == 0))}

    def sibling(self) -> Self:
        return type(self)(self.X[: max(self.k, 8)].copy(), self.k, self.init)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LayeredModel):
            return "its rows have no target"
        if issubclass(form, LinearSystem | LeastSquares):
            return "f is a quadratic only as long as no row changes its cluster"
        if issubclass(form, Composite | Saddle):
            return "f is a least of many quadratics, not a sum of a smooth part and a rest"
        return None

    def _centres(self, theta: Vector) -> Matrix:
        return theta.reshape(self.k, -1)

    def _curvatures(self, theta: Vector) -> Vector:
        return np.repeat(self._shared_out(theta)[1].counts / self.n, self.X.shape[1])

    def _shared_out(self, theta: Vector) -> tuple[float, Partition]:
        total, parts = _partition(self.X, self._centres(theta))
        return total / (2 * self.n), parts


def _partition(X: Matrix, C: Matrix) -> tuple[float, Partition]:
    """The sum of squared distances, not a number where a centre is none, and the parts."""
    n, k = len(X), len(C)
    parts = Partition(np.empty(n, np.int64), np.empty(n), np.empty(k), np.empty(C.shape))
    total = nearest(X, np.require(C, np.float64, ["C", "W"]), *parts)
    if not np.isfinite(C).all():  # such a centre is nearest to no row, and would pass unseen
        total = np.nan
        parts.pull[:] = np.nan
    return total, parts


def k_means(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 2,
    k: int = 5,
    spread: float = 0.1,
    init: Literal["k-means++", "random"] = "k-means++",
    standardize: bool = True,
    seed: int = 0,
) -> Clusters:
    """k-means: the k centres with the least mean squared distance of rows to the nearest.

        f(theta) = (1/2n) sum_i min_j |x_i - c_j|^2,     theta = (c_1, ..., c_k)

    Not convex: a minimum of f, where each centre is the mean of the rows nearest to it, need not be the least. Smooth
    where no row is as near to a second centre: between such places f is a quadratic of Hessian n_j/n, n_j the rows of
    centre j, so that Lloyd's step is Newton's. A centre that is nearest to no row has no slope, and stays so.

    theta_0 is k rows, drawn from the cell's seed, the same for every solver: a poor draw leads all that go downhill
    into the same poor minimum.
    Certified by the highest of three lower bounds on f*: what the best subspace of k - 1 dimensions loses (`pca`),
    which does not say much of many clusters in few dimensions; a semidefinite relaxation, which proves the best
    partition to be the best where clusters lie well apart (spread up to 0.12 or so); and for d = 1 the best partition
    itself. Where they overlap nobody can be said to have solved it: the runs end stalled, and are ranked by the f that
    they reached.

    data         synthetic, iris, wine, digits, breast_cancer, diabetes, or a file's path: CSV, Parquet, LIBSVM, NPZ
    target       a column of the file to leave out; where none is named every column is a feature (y of NPZ and the
                 labels of LIBSVM are not)
    n, d         synthetic rows and columns
    k            centres
    spread       synthetic: standard deviation of the rows about k hidden centres, the nearest two of which are 1 apart
    init         theta_0: k-means++, rows far from each other; or random, any rows
    standardize  bundled sets and files: columns moved and scaled to mean 0, variance 1
    seed         of the synthetic rows

    Source: Lloyd (1982), doi:10.1109/TIT.1982.1056489; Lloyd's step as Newton's: Bottou & Bengio (1995), NIPS 7;
    k-means++: Arthur & Vassilvitskii (2007), https://dl.acm.org/doi/10.5555/1283383.1283494; the bounds: Ding & He
    (2004), doi:10.1145/1015330.1015408, Peng & Wei (2007), doi:10.1137/050641983, Wang & Song (2011),
    doi:10.32614/RJ-2011-015.
    """
    at_least(1, k=k)
    not_negative(spread=spread)
    about = NOTHING
    if data == "synthetic":
        at_least(1, n=n, d=d)
        X = blobs(n, d, k, spread, np.random.default_rng(seed))
    else:
        only_synthetic(k_means, data, n=n, d=d, spread=spread, seed=seed)
        X, about = unlabelled(data, target, standardize)
    if k > len(X):
        raise ValueError(f"k is {k}; of {len(X)} rows it must be at most {len(X)}")
    return Clusters(X, k, init, about)
