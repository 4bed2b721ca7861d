"""Principal components and k-means of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import Clustering, PrincipalSubspace
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least
from solvers.base import BlackBox, Callback, Rate, Run, Trait
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.peers.conventions import quietly, seed_of


@dataclass(frozen=True)
class SklearnPCA(BlackBox[PrincipalSubspace]):
    """sklearn.decomposition.PCA: principal components of the rows.

    solver: the default full is an SVD of the rows; covariance_eigh computes eigenvectors of X'X; randomized is an SVD
    of products of the rows with random directions, with as many power iterations as there are iterations.
    Cost: full at least 2 n d^2 operations, covariance_eigh n d^2, both once; randomized two products of the rows with k
    + 10 directions per iteration.
    Memory: the rows twice.
    Rate: exact after one iteration for full and covariance_eigh; lambda_(k+11) / lambda_k for randomized.
    Choose it for principal components: covariance_eigh for many rows, randomized for a few components of many columns;
    not to start from theta_0, which it ignores: randomized samples its own directions, from the same distribution as
    theta_0.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html; randomized: Halko, Martinsson &
    Tropp (2011), doi:10.1137/090771806.
    """

    needs = (PrincipalSubspace,)
    opaque = True
    solver: Literal["full", "covariance_eigh", "randomized"] = "full"

    def run(
        self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.decomposition import PCA

        model = PCA(
            n_components=problem.k, svd_solver=self.solver, iterated_power=budget, random_state=seed_of(rng)
        ).fit(problem.X)
        direct = self.solver != "randomized"
        return Run(model.components_.T.flatten(), done=direct, reason=DIRECT if direct else "")

    def predicted(self, problem: PrincipalSubspace, spectrum: Spectrum | None) -> Rate | None:
        return Rate(0.0) if self.solver != "randomized" else None


@dataclass(frozen=True)
class SklearnKMeans(BlackBox[Clustering]):
    """sklearn.cluster.KMeans from theta_0, once, until it converges.

    algorithm: the default lloyd; elkan has the same iterates and omits distances that the triangle inequality makes
    unnecessary.
    Cost: one pass over the rows, n k d operations per iteration; fewer for elkan.
    Memory: a few numbers per row; k numbers per row for elkan.
    Rate: none in general; if the clusters are well separated it ends after a few iterations.
    Choose it for k-means, elkan for well separated clusters; not for millions of rows and low accuracy.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html; Elkan (2003), ICML 20.
    """

    needs = (Clustering,)
    opaque = True
    algorithm: Literal["lloyd", "elkan"] = "lloyd"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        return "its elkan needs at least two centres" if self.algorithm == "elkan" and problem.k == 1 else None

    def run(
        self, problem: Clustering, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
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
        return Run(model.cluster_centers_.flatten(), done=model.n_iter_ < budget, reason="no row changes its cluster")


@dataclass(frozen=True)
class SklearnMiniBatchKMeans(BlackBox[Clustering]):
    """sklearn.cluster.MiniBatchKMeans from theta_0, on batches of random rows.

    Each centre is the mean of the rows assigned to it.

    An iteration is as many sampled rows as there are rows. Now and then it moves centres with few rows to random rows.
    batch: default 1024, the number of rows per update.
    Cost: one pass over the rows, n k d operations per iteration.
    Memory: a few numbers per row.
    Rate: not known to the lab.
    Choose it for very many rows and low accuracy; not for high accuracy.
    Source: Sculley (2010), doi:10.1145/1772690.1772862; Pedregosa et al. (2011),
    https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (Clustering,)
    traits = frozenset({Trait.STOCHASTIC})
    opaque = True
    batch: int = 1024

    def __post_init__(self) -> None:
        at_least(1, batch=self.batch)

    def run(
        self, problem: Clustering, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
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
        return Run(centres.flatten(), done=False)
