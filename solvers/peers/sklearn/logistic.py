"""Logistic regression of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Callback, Run
from solvers.peers.conventions import TIGHT, inverse_strength, only_from_zero, quietly, seed_of, theta_of, wrong_loss

RANDOM_SOLVERS = ("sag", "saga", "liblinear")


@dataclass(frozen=True)
class SklearnLogistic(BlackBox[LinearModel]):
    """sklearn.linear_model.LogisticRegression: cross-entropy with or without l1 and l2 penalties, from zero.

    solver: default lbfgs. lbfgs, newton-cg, newton-cholesky and sag accept an l2 penalty or none; saga accepts any
    penalty; liblinear accepts an l1 or an l2 penalty, and no intercept, because it would penalise it.
    Cost: one pass over the rows per iteration for lbfgs, sag and saga; newton-cholesky forms a Hessian; newton-cg and
    liblinear use products with it.
    Memory: a few vectors; d^2 numbers for newton-cholesky.
    Rate: quadratic for newton-cholesky, linear for sag and saga if f is strongly convex; not known to the lab for the
    others.
    Choose it for labels of two classes: newton-cholesky for many rows and few columns, lbfgs or newton-cg for many
    columns, saga for an l1 penalty; not saga if the columns have different scales.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LinearModel,)
    opaque = True
    solver: Literal["lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"] = "lbfgs"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem) or wrong_loss(problem, "logistic"):
            return objection
        l1, l2 = problem.penalty.l1, problem.penalty.l2
        if l1 and self.solver not in ("saga", "liblinear"):
            return f"its {self.solver} has no l1 penalty, and l1 is {l1:g}; its saga has one"
        if self.solver == "liblinear":
            if problem.rows.intercept:
                return "liblinear penalises the intercept, so that it would minimise a different function"
            if bool(l1) == bool(l2):
                return f"liblinear needs an l1 or an l2 penalty, not both, and l1 is {l1:g}, l2 is {l2:g}"
        return None

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from sklearn.linear_model import LogisticRegression

        only_from_zero(theta0)
        C, ratio = inverse_strength(problem)
        model = LogisticRegression(
            C=C,
            l1_ratio=ratio,
            fit_intercept=problem.rows.intercept,
            solver=self.solver,
            tol=TIGHT,
            max_iter=budget,
            random_state=seed_of(rng) if self.solver in RANDOM_SOLVERS else None,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        return Run(theta_of(model, problem.rows.intercept), done=int(np.max(model.n_iter_)) < budget)
