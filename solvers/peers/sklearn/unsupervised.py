"""scikit-learn's principal components and k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import Clustering, PrincipalSubspace
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least
from solvers.base import BlackBox, Lap, Note, Rate
from solvers.base.spectrum import Spectrum
from solvers.peers.conventions import quietly, seed_of


@dataclass(frozen=True)
class SklearnPCA(BlackBox[PrincipalSubspace]):
    """sklearn.decomposition.PCA: principal directions of the rows.

    solver: full, an SVD of the rows; covariance_eigh, eigenvectors of X'X; randomized, an SVD of the rows' products
    with random directions after as many power iterations as there are iterates.
    Cost: full 2 n d^2 operations and more, covariance_eigh n d^2, once; randomized two products of the rows with
    k + 10 directions an iterate. Memory: the rows twice.
    Rate: at once for the direct ones; randomized goes by lambda_(k+11) / lambda_k.
    Choose it for principal components: covariance_eigh for many rows, randomized for a few directions of many columns;
    not to start from theta_0, which it ignores: randomized draws directions of its own, as theta_0's are drawn.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html; randomized: Halko, Martinsson &
    Tropp (2011), doi:10.1137/090771806.
    """

    needs = (PrincipalSubspace,)
    opaque = True
    solver: Literal["full", "covariance_eigh", "randomized"] = "full"

    def run(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.decomposition import PCA

        model = PCA(
            n_components=problem.k, svd_solver=self.solver, iterated_power=budget, random_state=seed_of(rng)
        ).fit(problem.X)
        direct = self.solver != "randomized"
        return Lap(model.components_.T.flatten(), done=direct, why="it is direct" if direct else "")

    def predicted(self, problem: PrincipalSubspace, spectrum: Spectrum | None) -> Rate | None:
        return Rate(0.0) if self.solver != "randomized" else None


@dataclass(frozen=True)
class SklearnKMeans(BlackBox[Clustering]):
    """sklearn.cluster.KMeans from theta_0: once, to the end.

    algorithm: lloyd; or elkan, the same iterates, with distances that the triangle inequality spares.
    Cost: one pass, n k d operations an iterate; elkan fewer. Memory: a few numbers a row; elkan k.
    Rate: none in general; where clusters lie apart a few iterates, then the end.
    Choose it for k-means: elkan for clusters that lie apart; not for millions of rows and few digits.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html; Elkan (2003), ICML 20.
    """

    needs = (Clustering,)
    opaque = True
    algorithm: Literal["lloyd", "elkan"] = "lloyd"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        return "its elkan needs more centres than one" if self.algorithm == "elkan" and problem.k == 1 else None

    def run(self, problem: Clustering, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.cluster import KMeans

        model = KMeans(
            n_clusters=problem.k,
            init=theta0.reshape(problem.k, -1),
            n_init=1,
            max_iter=budget,
            tol=0.0,
            algorithm=self.algorithm,
        )
        quietly(model.fit, problem.X)
        return Lap(model.cluster_centers_.flatten(), done=model.n_iter_ < budget, why="no row changes its cluster")


@dataclass(frozen=True)
class SklearnMiniBatchKMeans(BlackBox[Clustering]):
    """sklearn.cluster.MiniBatchKMeans from theta_0: rows drawn at random, each centre the mean of those it has got.

    An iterate is as many rows as there are. Centres with few rows are now and then moved to rows drawn at random.
    batch: rows a step.
    Cost: one pass, n k d operations an iterate. Memory: a few numbers a row.
    Rate: unknown to the lab.
    Choose it for very many rows and few digits; not for many digits.
    Source: Sculley (2010), doi:10.1145/1772690.1772862; Pedregosa et al. (2011),
    https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (Clustering,)
    opaque = True
    batch: int = 1024

    def __post_init__(self) -> None:
        at_least(1, batch=self.batch)

    def run(self, problem: Clustering, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.cluster import MiniBatchKMeans

        model = MiniBatchKMeans(
            n_clusters=problem.k,
            init=theta0.reshape(problem.k, -1),
            n_init=1,
            max_iter=budget,
            batch_size=self.batch,
            max_no_improvement=None,
            tol=0.0,
            random_state=seed_of(rng),
        )
        quietly(model.fit, problem.X)
        centres = np.asarray(model.cluster_centers_, dtype=np.float64)
        return Lap(centres.flatten(), done=False)
