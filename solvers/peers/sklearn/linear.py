"""scikit-learn's linear regressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import Composite, LeastSquares, LinearModel, NonnegativeModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Lap, Note, Rate
from solvers.base.spectrum import Spectrum
from solvers.peers.conventions import (
    TIGHT,
    Rows,
    any_penalty,
    only_from_zero,
    quietly,
    ridge_alpha,
    seed_of,
    strength,
    theta_of,
    wrong_loss,
)

RANDOM = ("sag", "saga")
DIRECT = ("cholesky", "svd")
DENSE = ("cholesky", "svd", "saga")  # those of Ridge that centre rows only where they are dense


@dataclass(frozen=True)
class SklearnLinearRegression(BlackBox[LinearModel]):
    """sklearn.linear_model.LinearRegression: least squares on centred rows by LAPACK's gelsd. No penalty.

    Sparse rows stay as they are: LSQR, run to rounding level, stands in for gelsd.
    Cost: one iterate: 2 n d^2 operations and more. Memory: the rows twice.
    Rate: at once.
    Choose it for regression without a penalty, columns dependent or not.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, LeastSquares)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or any_penalty(problem)

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import LinearRegression

        model = LinearRegression(fit_intercept=problem.rows.intercept, tol=TIGHT)  # of LSQR
        model.fit(problem.rows.X, problem.y)
        return Lap(theta_of(model, problem.rows.intercept), done=True, why="it is direct")

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class SklearnRidge(BlackBox[LinearModel]):
    """sklearn.linear_model.Ridge: least squares with an l2 penalty, on centred rows.

    solver: cholesky, svd: direct; lsqr, sparse_cg, sag, saga: iterations from zero.
    Cost: cholesky n d^2 operations, once; lsqr and sparse_cg two products with the rows an iterate; sag and saga every
    row once. Memory: the rows twice.
    Rate: at once for the direct ones; unknown to the lab for centred rows.
    Choose it for ridge regression: cholesky for few columns, sparse_cg or lsqr for many, sag for very many rows; not
    for a penalty that vanishes: it squares the condition number.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, LeastSquares)
    opaque = True
    solver: Literal["cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga"] = "cholesky"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        if not problem.rows.sparse:
            return None
        if self.solver == "svd" or (self.solver in DENSE and problem.rows.intercept):
            return f"its {self.solver} takes no sparse rows{' with an intercept' * (self.solver != 'svd')}"
        if self.solver == "cholesky" and not problem.penalty.l2:
            return "its cholesky gives way to svd where columns are dependent, and svd takes no sparse rows"
        return None

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import Ridge

        direct = self.solver in DIRECT
        if not direct:
            only_from_zero(theta0)
        model = Ridge(
            alpha=ridge_alpha(problem),
            fit_intercept=problem.rows.intercept,
            solver=self.solver,
            tol=TIGHT,
            max_iter=budget,
            random_state=seed_of(rng) if self.solver in RANDOM else None,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        done = direct or (model.n_iter_ is not None and int(np.max(model.n_iter_)) < budget)
        return Lap(theta_of(model, problem.rows.intercept), done, "it is direct" if direct else "")

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return Rate(0.0) if self.solver in DIRECT else None


@dataclass(frozen=True)
class SklearnElasticNet(BlackBox[LinearModel]):
    """sklearn.linear_model.ElasticNet: least squares with an l1 and perhaps an l2 penalty, on centred rows.

    Coordinate descent from zero, with columns screened out that the gap proves to be zero. An iterate is a sweep.
    selection: cyclic, or random.
    Cost: every nonzero column once an iterate. Memory: the rows twice, column by column.
    Rate: linear once the nonzero columns are found; unknown to the lab.
    Choose it for the lasso and the elastic net with up to some 10,000 columns; not for ridge alone, which it is slow
    at.
    Source: Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01; Pedregosa et al. (2011).
    """

    needs = (LinearModel, Composite)
    opaque = True
    selection: Literal["cyclic", "random"] = "cyclic"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem) or wrong_loss(problem, "squared"):
            return refused
        return None if problem.penalty.l1 else "it is slow and unsure without an l1 penalty, and l1 is 0"

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        return _elastic_net(problem, theta0, rng, budget, self.selection, positive=False)


@dataclass(frozen=True)
class SklearnNonnegative(BlackBox[NonnegativeModel]):
    """sklearn.linear_model.ElasticNet(positive=True): least squares over w >= 0, with l1 and l2 penalties or without.

    Coordinate descent from zero on centred rows. An iterate is a sweep.
    selection: cyclic, or random.
    Cost: every column above zero once an iterate. Memory: the rows twice, column by column.
    Rate: linear once the columns above zero are found; unknown to the lab.
    Choose it for many columns of which few are above 0; not for few columns: scipy-nnls.
    Source: Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01; Pedregosa et al. (2011).
    """

    needs = (NonnegativeModel,)
    opaque = True
    selection: Literal["cyclic", "random"] = "cyclic"

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or wrong_loss(problem, "squared")

    def run(self, problem: NonnegativeModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        return _elastic_net(problem, theta0, rng, budget, self.selection, positive=True)


def _elastic_net(
    problem: Rows, theta0: Vector, rng: np.random.Generator, budget: int, selection: str, positive: bool
) -> Lap:
    from sklearn.linear_model import ElasticNet

    only_from_zero(theta0)
    alpha, ratio = strength(problem)
    model = ElasticNet(
        alpha=alpha,
        l1_ratio=ratio,
        fit_intercept=problem.rows.intercept,
        max_iter=budget,
        tol=TIGHT,
        positive=positive,
        selection=selection,
        random_state=seed_of(rng) if selection == "random" else None,
    )
    quietly(model.fit, problem.rows.X, problem.y)
    return Lap(theta_of(model, problem.rows.intercept), done=int(model.n_iter_) < budget)
