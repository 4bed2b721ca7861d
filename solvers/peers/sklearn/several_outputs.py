"""scikit-learn's models of several outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LeastSquares, MatrixModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Lap, Note, Rate
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

RANDOM = ("sag", "saga")
DIRECT = ("cholesky", "svd")


@dataclass(frozen=True)
class SklearnSoftmax(BlackBox[MatrixModel]):
    """sklearn.linear_model.LogisticRegression of three classes and more: softmax with l1 and l2 penalties, from zero.

    solver: lbfgs, newton-cg, newton-cholesky, sag: with an l2 at most; saga: with any penalty.
    Cost: a pass over the rows an iterate for lbfgs, sag and saga; newton-cholesky forms a Hessian; newton-cg takes
    products with it. Memory: a few vectors and the predictions; newton-cholesky (d k)^2 numbers.
    Rate: quadratic for newton-cholesky, linear for sag and saga where f is strongly convex; unknown for the others.
    Choose it for classes: newton-cholesky for few columns and classes, lbfgs or newton-cg for many, saga for an l1; not
    for many digits, which lbfgs and sag do not give.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (MatrixModel,)
    opaque = True
    solver: Literal["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"] = "lbfgs"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem) or wrong_loss(problem, "softmax"):
            return refused
        if problem.outputs == 2:
            return "of two classes it minimises the logistic loss of one output, which is another function"
        if problem.penalty.l1 and self.solver != "saga":
            return f"its {self.solver} has no l1 penalty, and l1 is {problem.penalty.l1:g}; its saga has one"
        return None

    def run(self, problem: MatrixModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
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
            random_state=seed_of(rng) if self.solver in RANDOM else None,
        )
        quietly(model.fit, problem.rows.X, problem.y)
        return Lap(theta_of(model, problem.rows.intercept), done=int(np.max(model.n_iter_)) < budget)


@dataclass(frozen=True)
class SklearnOutputs(BlackBox[MatrixModel]):
    """sklearn.linear_model.Ridge of several outputs: least squares with an l2 penalty or none, on centred rows.

    solver: cholesky, svd: direct, one factor for all outputs; lsqr, sparse_cg, sag, saga: iterations from zero, one
    output after the other.
    Cost: cholesky n d (d + k) operations, once; lsqr and sparse_cg two products with the rows an iterate and output.
    Memory: the rows twice.
    Rate: at once for the direct ones; unknown to the lab for centred rows.
    Choose it for several targets of the same rows: cholesky for few columns, sparse_cg or lsqr for many; not for
    nearly dependent columns without a penalty, where only svd keeps digits.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (MatrixModel, LeastSquares)
    opaque = True
    solver: Literal["cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga"] = "cholesky"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        return "it is compared on dense rows alone, and these are sparse" if problem.rows.sparse else None

    def run(self, problem: MatrixModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
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
