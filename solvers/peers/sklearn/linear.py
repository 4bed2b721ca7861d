"""Linear regression of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import Composite, LeastSquares, LinearModel, NonnegativeModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Callback, Rate, Run, Trait
from solvers.base.endings import DIRECT
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

RANDOM_SOLVERS = ("sag", "saga")
DIRECT_SOLVERS = ("cholesky", "svd")
DENSE_SOLVERS = ("cholesky", "svd", "saga")  # of Ridge: they centre only dense rows


@dataclass(frozen=True)
class SklearnLinearRegression(BlackBox[LinearModel]):
    """sklearn.linear_model.LinearRegression: least squares on centred rows by LAPACK's gelsd, without a penalty.

    Sparse rows are not converted: for them it uses LSQR, run to rounding level.
    Cost: one iteration with at least 2 n d^2 operations.
    Memory: the rows twice.
    Rate: exact after one iteration.
    Choose it for regression without a penalty, also with dependent columns; not with a penalty.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, LeastSquares)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or any_penalty(problem)

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.linear_model import LinearRegression

        model = LinearRegression(fit_intercept=problem.rows.intercept, tol=TIGHT)  # of LSQR
        model.fit(problem.rows.X, problem.y)
        return Run(theta_of(model, problem.rows.intercept), done=True, reason=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class SklearnRidge(BlackBox[LinearModel]):
    """sklearn.linear_model.Ridge: least squares with an l2 penalty, on centred rows.

    solver: default cholesky. cholesky and svd are direct; lsqr, sparse_cg, sag and saga iterate from zero.
    Cost: cholesky n d^2 operations, once; lsqr and sparse_cg two products with the rows per iteration; sag and saga one
    pass over the rows per iteration.
    Memory: the rows twice.
    Rate: exact after one iteration for the direct solvers; not known to the lab for the others, because the rows are
    centred.
    Choose it for ridge regression: cholesky for few columns, sparse_cg or lsqr for many, sag for very many rows; not
    for a penalty near zero, because cholesky squares the condition number.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, LeastSquares)
    traits = frozenset({Trait.SQUARES_CONDITION})
    opaque = True
    solver: Literal["cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga"] = "cholesky"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        if not problem.rows.sparse:
            return None
        if self.solver == "svd" or (self.solver in DENSE_SOLVERS and problem.rows.intercept):
            return f"its {self.solver} does not accept sparse rows{' with an intercept' * (self.solver != 'svd')}"
        if self.solver == "cholesky" and not problem.penalty.l2:
            return "its cholesky is replaced by svd if columns are dependent, and svd does not accept sparse rows"
        return None

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.linear_model import Ridge

        direct = self.solver in DIRECT_SOLVERS
        if not direct:
            only_from_zero(theta0)
        model = Ridge(
            alpha=ridge_alpha(problem),
            fit_intercept=problem.rows.intercept,
            solver=self.solver,
            tol=TIGHT,
            max_iter=budget,
            random_state=seed_of(rng) if self.solver in RANDOM_SOLVERS else None,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        done = direct or (model.n_iter_ is not None and int(np.max(model.n_iter_)) < budget)
        return Run(theta_of(model, problem.rows.intercept), done, DIRECT if direct else "")

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return Rate(0.0) if self.solver in DIRECT_SOLVERS else None


@dataclass(frozen=True)
class SklearnElasticNet(BlackBox[LinearModel]):
    """sklearn.linear_model.ElasticNet: least squares with l1 and perhaps l2 penalties, on centred rows.

    It is coordinate descent from zero. It removes columns whose coefficients are proven to be zero by the duality gap.
    An iteration is a sweep.
    selection: default cyclic; or random.
    Cost: one pass over the columns with nonzero coefficients per iteration.
    Memory: the rows twice, column by column.
    Rate: linear after the nonzero columns are identified; not known to the lab.
    Choose it for the lasso and the elastic net with up to some 10,000 columns; not for ridge regression alone, where it
    is slow.
    Source: Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01; Pedregosa et al. (2011).
    """

    needs = (LinearModel, Composite)
    opaque = True
    selection: Literal["cyclic", "random"] = "cyclic"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem) or wrong_loss(problem, "squared"):
            return objection
        return None if problem.penalty.l1 else "it is slow and unreliable without an l1 penalty, and l1 is 0"

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        return _elastic_net(problem, theta0, rng, budget, self.selection, positive=False)


@dataclass(frozen=True)
class SklearnNonnegative(BlackBox[NonnegativeModel]):
    """sklearn.linear_model.ElasticNet(positive=True): least squares over w >= 0, with or without penalties.

    It is coordinate descent from zero on centred rows. An iteration is a sweep.
    selection: default cyclic; or random.
    Cost: one pass over the columns with positive coefficients per iteration.
    Memory: the rows twice, column by column.
    Rate: linear after the positive coefficients are identified; not known to the lab.
    Choose it for many columns with few positive coefficients; not for few columns: use scipy-nnls.
    Source: Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01; Pedregosa et al. (2011).
    """

    needs = (NonnegativeModel,)
    opaque = True
    selection: Literal["cyclic", "random"] = "cyclic"

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or wrong_loss(problem, "squared")

    def run(
        self, problem: NonnegativeModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        return _elastic_net(problem, theta0, rng, budget, self.selection, positive=True)


def _elastic_net(
    problem: Rows, theta0: Vector, rng: np.random.Generator, budget: int, selection: str, positive: bool
) -> Run:
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
    return Run(theta_of(model, problem.rows.intercept), done=int(model.n_iter_) < budget)
