"""scikit-learn's answers to losses that turn at a corner, or whose slope does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Lap, Note
from solvers.peers.conventions import HIGHS, TIGHT, no_l2, only_from_zero, quietly, seed_of, theta_of


@dataclass(frozen=True)
class SklearnQuantile(BlackBox[LinearModel]):
    """sklearn.linear_model.QuantileRegressor: the quantile or the absolute loss with an l1 or none, by HiGHS.

        min sum_i tau over_i + (1 - tau) under_i + n alpha |w|_1     over X w + b + over - under = y

    solver: highs; highs-ds, the dual simplex method; highs-ipm, an interior point and then a vertex.
    Cost: one iterate: some n simplex steps. Memory: the rows several times, sparse.
    Rate: at once, to about nine digits.
    Choose it for up to some ten thousand rows; not for an l2, which is no linear program.
    Source: Koenker & Bassett (1978), doi:10.2307/1913643; Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
    """

    needs = (LinearModel,)
    opaque = True
    solver: Literal["highs", "highs-ds", "highs-ipm"] = "highs"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        if problem.loss.name not in ("absolute", "quantile"):
            return f"it minimises the absolute and the quantile loss, not the {problem.loss.name} loss"
        return no_l2(problem)

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from sklearn.linear_model import QuantileRegressor

        half = problem.loss.name == "absolute"  # the absolute loss is twice the median's
        model = QuantileRegressor(
            quantile=0.5 if half else problem.loss.shape,
            alpha=problem.penalty.l1 / 2 if half else problem.penalty.l1,
            fit_intercept=problem.rows.intercept,
            solver=self.solver,
            solver_options=HIGHS,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        return Lap(theta_of(model, problem.rows.intercept), done=True, why="it is direct")


@dataclass(frozen=True)
class SklearnLinearSVC(BlackBox[LinearModel]):
    """sklearn.svm.LinearSVC: the hinge or the squared hinge loss of margin 1 without an intercept, by liblinear.

        min C sum_i l_i + |w|^2/2,  or C sum_i l_i + |w|_1 for the squared one,     l_i a whole square

    Coordinate descent in the dual, one coordinate a row; in the primal for an l1.
    Cost: an iterate is an epoch over the rows, or the columns. Memory: the rows once more, sparse.
    Rate: linear, in expectation.
    Choose it for very many sparse rows and few digits; not with an intercept, which liblinear would penalise.
    Source: Hsieh et al. (2008), doi:10.1145/1390156.1390208; Fan et al. (2008),
    https://jmlr.org/papers/v9/fan08a.html.
    """

    needs = (LinearModel,)
    opaque = True

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        name, (l1, l2) = problem.loss.name, (problem.penalty.l1, problem.penalty.l2)
        if name not in ("hinge", "squared hinge"):
            return f"it minimises the hinge and the squared hinge loss, not the {name} loss"
        if problem.loss.shape != 1:
            return f"its margin is 1, and here it is {problem.loss.shape:g}"
        if problem.rows.intercept:
            return "liblinear penalises the intercept, so it would minimise another function"
        if bool(l1) == bool(l2) or (l1 and name == "hinge"):
            return f"liblinear needs an l2, or for the squared hinge alone an l1, and l1 is {l1:g}, l2 {l2:g}"
        return None

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
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
        return Lap(theta_of(model, intercept=False), done=int(np.max(model.n_iter_)) < budget)
