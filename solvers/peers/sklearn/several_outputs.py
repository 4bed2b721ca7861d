"""Models of scikit-learn with several outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LeastSquares, MatrixModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Callback, Rate, Run
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.peers.conventions import (
    TIGHT,
    inverse_strength,
    only_from_zero,
    quietly,
    ridge_alpha,
    seed_of,
    theta_of,
    wrong_loss,
)

RANDOM_SOLVERS = ("sag", "saga")
DIRECT_SOLVERS = ("cholesky", "svd")


@dataclass(frozen=True)
class SklearnSoftmax(BlackBox[MatrixModel]):
    """sklearn.linear_model.LogisticRegression for three or more classes, from zero.

    The loss is the softmax cross-entropy, with or without l1 and l2 penalties.

    solver: default lbfgs. lbfgs, newton-cg, newton-cholesky and sag accept an l2 penalty or none; saga accepts any
    penalty.
    Cost: one pass over the rows per iteration for lbfgs, sag and saga; newton-cholesky forms a Hessian; newton-cg uses
    products with it.
    Memory: a few vectors and the predictions; (d k)^2 numbers for newton-cholesky.
    Rate: quadratic for newton-cholesky, linear for sag and saga if f is strongly convex; not known to the lab for the
    others.
    Choose it for several classes: newton-cholesky for few columns and classes, lbfgs or newton-cg for many, saga for an
    l1 penalty; not for high accuracy, which lbfgs and sag do not reach.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (MatrixModel,)
    opaque = True
    solver: Literal["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"] = "lbfgs"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem) or wrong_loss(problem, "softmax"):
            return objection
        if problem.outputs == 2:
            return "for two classes it minimises the logistic loss of one output, which is a different function"
        if problem.penalty.l1 and self.solver != "saga":
            return f"its {self.solver} has no l1 penalty, and l1 is {problem.penalty.l1:g}; its saga has one"
        return None

    def run(
        self, problem: MatrixModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
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


@dataclass(frozen=True)
class SklearnOutputs(BlackBox[MatrixModel]):
    """sklearn.linear_model.Ridge for several outputs: least squares with or without an l2 penalty, on centred rows.

    solver: default cholesky. cholesky and svd are direct, with one factorisation for all outputs; lsqr, sparse_cg, sag
    and saga iterate from zero, one output after another.
    Cost: cholesky n d (d + k) operations, once; lsqr and sparse_cg two products with the rows per iteration and output.
    Memory: the rows twice.
    Rate: exact after one iteration for the direct solvers; not known to the lab for the others, because the rows are
    centred.
    Choose it for several targets of the same rows: cholesky for few columns, sparse_cg or lsqr for many; not for nearly
    dependent columns without a penalty, where only svd is accurate.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (MatrixModel, LeastSquares)
    opaque = True
    solver: Literal["cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga"] = "cholesky"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        return "it is compared on dense rows only, and these rows are sparse" if problem.rows.sparse else None

    def run(
        self, problem: MatrixModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
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
