"""scikit-learn's linear models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.arrays import Vector
from problems.forms import LeastSquares, LinearModel, TwiceSmooth

from ..base import BlackBox, Lap, Note
from .conventions import c_of, only_from_zero, quietly, ridge_alpha, seed_of, theta_of, wrong_loss

RANDOM = ("sag", "saga")
TIGHT = 1e-15  # a tolerance of its own that it does not reach before the lab's


@dataclass(frozen=True)
class SklearnLinearRegression(BlackBox[LinearModel]):
    """sklearn.linear_model.LinearRegression: least squares on centred rows by LAPACK's gelsd. No penalty.

    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, LeastSquares)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        return f"it has no penalty, and l2 is {problem.penalty.l2:g}" if problem.penalty.l2 else None

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import LinearRegression

        model = LinearRegression(fit_intercept=problem.rows.intercept)
        model.fit(problem.rows.X, problem.y)
        return Lap(theta_of(model, problem.rows.intercept), done=True, why="it is direct")


@dataclass(frozen=True)
class SklearnRidge(BlackBox[LinearModel]):
    """sklearn.linear_model.Ridge: least squares with an L2 penalty.

    solver   cholesky, svd: direct; lsqr, sparse_cg, sag, saga: iterations, from zero, of centred rows

    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, LeastSquares)
    opaque = True
    solver: Literal["cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga"] = "cholesky"

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import Ridge

        direct = self.solver in ("cholesky", "svd")
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


@dataclass(frozen=True)
class SklearnLogistic(BlackBox[LinearModel]):
    """sklearn.linear_model.LogisticRegression: cross-entropy with an L2 penalty, from zero.

    solver   lbfgs, newton-cg, newton-cholesky, sag, saga, or liblinear, which penalises the intercept

    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel, TwiceSmooth)
    opaque = True
    solver: Literal["lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"] = "lbfgs"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem) or wrong_loss(problem, "logistic"):
            return refused
        if self.solver == "liblinear" and problem.rows.intercept:
            return "liblinear penalises the intercept, so it would minimise another function"
        if self.solver == "liblinear" and not problem.penalty.l2:
            return "liblinear cannot do without a penalty, and l2 is 0"
        return None

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import LogisticRegression

        only_from_zero(theta0)
        model = LogisticRegression(
            C=c_of(problem),
            fit_intercept=problem.rows.intercept,
            solver=self.solver,
            tol=TIGHT,
            max_iter=budget,
            random_state=seed_of(rng) if self.solver in (*RANDOM, "liblinear") else None,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        return Lap(theta_of(model, problem.rows.intercept), done=int(np.max(model.n_iter_)) < budget)
