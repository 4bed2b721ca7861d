"""Regressions of statsmodels, which is an optional package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LeastSquares, LinearModel
from problems.foundation.arrays import Vector, dense
from solvers.base import BlackBox, Breakdown, Callback, Rate, Run
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.peers.conventions import any_penalty, not_installed, quietly, wrong_loss

PACKAGE = "statsmodels"
# options that switch off each method's stopping tests, because the lab stops it
NO_STOPPING_TESTS: dict[str, dict[str, float]] = {
    "newton": {"tol": 0.0},
    "bfgs": {"gtol": 0.0},
    "lbfgs": {"factr": 0.0, "pgtol": 0.0, "maxfun": 10**9},
    "cg": {"gtol": 0.0},
    "ncg": {"avextol": 0.0},
}


@dataclass(frozen=True)
class StatsmodelsOLS(BlackBox[LeastSquares]):
    """statsmodels.OLS: least squares, with everything that its tables of results need. A penalty becomes rows.

    method: the default pinv is by the SVD, which gives the solution of minimum norm if there are several; or qr.
    Cost: one iteration with several factorisations of the rows, because it also computes covariances and ranks.
    Memory: the rows three times; sparse rows are converted to dense rows.
    Rate: exact after one iteration.
    Choose it for standard errors and tests of coefficients; not for speed.
    Source: Seabold & Perktold (2010), doi:10.25080/Majora-92bf1922-011.
    """

    needs = (LeastSquares,)
    method: Literal["pinv", "qr"] = "pinv"

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or not_installed(PACKAGE)

    def run(
        self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from statsmodels.regression.linear_model import OLS

        B, c = problem.least_squares()
        try:
            fitted = quietly(OLS(c, dense(B)).fit, method=self.method)
        except np.linalg.LinAlgError:
            raise Breakdown("the columns are dependent") from None
        return Run(np.array(fitted.params), done=True, reason=DIRECT)

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class StatsmodelsLogit(BlackBox[LinearModel]):
    """statsmodels.Logit: cross-entropy without a penalty, by maximum likelihood from theta_0.

    method: the default newton uses Hessians; bfgs, lbfgs and cg use gradients; ncg uses gradients and Hessians. Their
    stopping tests are switched off.
    Cost: a Hessian per iteration for newton and ncg, a few gradients for the others.
    Memory: the rows twice.
    Rate: quadratic for newton, superlinear for bfgs and ncg, linear for the others.
    Choose it for standard errors and tests of coefficients; not for large data, nor with a penalty.
    Source: Seabold & Perktold (2010), doi:10.25080/Majora-92bf1922-011.
    """

    needs = (LinearModel,)
    faithful = True
    opaque = True
    method: Literal["newton", "bfgs", "lbfgs", "cg", "ncg"] = "newton"

    def objection(self, problem: Any) -> str | None:
        objection = super().objection(problem) or wrong_loss(problem, "logistic") or any_penalty(problem)
        return objection or not_installed(PACKAGE)

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from statsmodels.discrete.discrete_model import Logit

        options = NO_STOPPING_TESTS[self.method] | {"maxiter": budget, "disp": False}
        try:
            model = Logit((problem.y > 0).astype(np.float64), dense(problem.rows.design_matrix()))
            fitted = quietly(model.fit, theta0, self.method, callback=callback, **options)
        except np.linalg.LinAlgError:
            raise Breakdown("its Hessian is singular") from None
        return Run(np.array(fitted.params), done=bool(fitted.mle_retvals["converged"]))
