"""Solvers of scikit-learn for losses with a kink, and for losses whose derivative has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Callback, Run
from solvers.base.endings import DIRECT
from solvers.peers.conventions import HIGHS, TIGHT, no_l2, only_from_zero, quietly, seed_of, theta_of


@dataclass(frozen=True)
class SklearnQuantile(BlackBox[LinearModel]):
    """sklearn.linear_model.QuantileRegressor: the quantile or absolute loss, with or without l1, by HiGHS.

        min sum_i tau over_i + (1 - tau) under_i + n alpha |w|_1     over X w + b + over - under = y

    solver: default highs; highs-ds is the dual simplex method; highs-ipm is an interior-point method with crossover to
    a vertex.
    Cost: one iteration, with about n simplex steps.
    Memory: the rows several times, sparse.
    Rate: exact after one iteration, to about nine digits.
    Choose it for up to some ten thousand rows; not with an l2 penalty, which a linear program cannot have.
    Source: Koenker & Bassett (1978), doi:10.2307/1913643; Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
    """

    needs = (LinearModel,)
    opaque = True
    solver: Literal["highs", "highs-ds", "highs-ipm"] = "highs"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        if problem.loss.name not in ("absolute", "quantile"):
            return f"it minimises the absolute and the quantile loss, not the {problem.loss.name} loss"
        return no_l2(problem)

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.linear_model import QuantileRegressor

        absolute = problem.loss.name == "absolute"  # the absolute loss is twice the quantile loss of the median
        model = QuantileRegressor(
            quantile=0.5 if absolute else problem.loss.shape,
            alpha=problem.penalty.l1 / 2 if absolute else problem.penalty.l1,
            fit_intercept=problem.rows.intercept,
            solver=self.solver,
            solver_options=HIGHS,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        return Run(theta_of(model, problem.rows.intercept), done=True, reason=DIRECT)


@dataclass(frozen=True)
class SklearnLinearSVC(BlackBox[LinearModel]):
    """sklearn.svm.LinearSVC: the hinge or squared hinge loss with margin 1 and no intercept, by liblinear.

        min C sum_i l_i + |w|^2/2,  or C sum_i l_i + |w|_1 for the squared hinge,     l_i a full square

    It is coordinate descent in the dual, with one coordinate per row; with an l1 penalty it is in the primal. An
    iteration is an epoch.
    Cost: one pass over the rows, or over the columns, per iteration.
    Memory: a sparse copy of the rows.
    Rate: linear, in expectation.
    Choose it for very many sparse rows and low accuracy; not with an intercept, which liblinear would penalise.
    Source: Hsieh et al. (2008), doi:10.1145/1390156.1390208; Fan et al. (2008), https://jmlr.org/papers/v9/fan08a.html.
    """

    needs = (LinearModel,)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        name, (l1, l2) = problem.loss.name, (problem.penalty.l1, problem.penalty.l2)
        if name not in ("hinge", "squared hinge"):
            return f"it minimises the hinge and the squared hinge loss, not the {name} loss"
        if problem.loss.shape != 1:
            return f"its margin is 1, and here the margin is {problem.loss.shape:g}"
        if problem.rows.intercept:
            return "liblinear penalises the intercept, so that it would minimise a different function"
        if bool(l1) == bool(l2) or (l1 and name == "hinge"):
            return f"liblinear needs an l2 penalty, or an l1 penalty of the squared hinge; l1 is {l1:g}, l2 is {l2:g}"
        return None

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.svm import LinearSVC

        only_from_zero(theta0)
        squared, l1 = problem.loss.name == "squared hinge", problem.penalty.l1
        model = LinearSVC(
            penalty="l1" if l1 else "l2",
            loss="squared_hinge" if squared else "hinge",
            dual=not l1,
            C=(0.5 if squared else 1.0) / (problem.n * (l1 or problem.penalty.l2)),
            fit_intercept=False,
            tol=TIGHT,
            max_iter=budget,
            random_state=seed_of(rng),
        )
        quietly(model.fit, problem.rows.X, problem.y)
        return Run(theta_of(model, intercept=False), done=int(np.max(model.n_iter_)) < budget)
