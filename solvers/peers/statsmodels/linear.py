"""statsmodels' regressions. It is an optional package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LeastSquares, LinearModel
from problems.foundation.arrays import Vector, dense
from solvers.base import BlackBox, Breakdown, Lap, Note, Rate
from solvers.base.spectrum import Spectrum
from solvers.peers.conventions import any_penalty, not_installed, quietly, wrong_loss

PACKAGE = "statsmodels"
# each method's own tests for stopping, switched off: the lab's referee stops it
NEVER: dict[str, dict[str, float]] = {
    "newton": {"tol": 0.0},
    "bfgs": {"gtol": 0.0},
    "lbfgs": {"factr": 0.0, "pgtol": 0.0, "maxfun": 10**9},
    "cg": {"gtol": 0.0},
    "ncg": {"avextol": 0.0},
}


@dataclass(frozen=True)
class StatsmodelsOLS(BlackBox[LeastSquares]):
    """statsmodels.OLS: least squares, with all that its tables need besides. A penalty enters as rows.

    method: pinv, by the SVD, of minimum norm where several are least; qr.
    Cost: one iterate: several factorisations of the rows, for covariances and ranks are found too. Memory: the rows
    three times; sparse rows dense.
    Rate: at once.
    Choose it for standard errors and tests of coefficients; not for speed.
    Source: Seabold & Perktold (2010), doi:10.25080/Majora-92bf1922-011.
    """

    needs = (LeastSquares,)
    method: Literal["pinv", "qr"] = "pinv"

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or not_installed(PACKAGE)

    def run(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from statsmodels.regression.linear_model import OLS

        B, c = problem.least_squares()
        try:
            fitted = quietly(OLS(c, dense(B)).fit, method=self.method)
        except np.linalg.LinAlgError:
            raise Breakdown("the columns are dependent") from None
        return Lap(np.array(fitted.params), done=True, why="it is direct")

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class StatsmodelsLogit(BlackBox[LinearModel]):
    """statsmodels.Logit: cross-entropy without a penalty, by maximum likelihood from theta_0.

    method: newton; bfgs, lbfgs, cg, from gradients; ncg, from gradients and Hessians. Their own tests for stopping
    are switched off.
    Cost: newton and ncg form a Hessian an iterate, the others take a few gradients. Memory: the rows twice.
    Rate: quadratic for newton, superlinear for bfgs and ncg, linear for the others.
    Choose it for standard errors and tests of coefficients; not for large data, nor for a penalty.
    Source: Seabold & Perktold (2010), doi:10.25080/Majora-92bf1922-011.
    """

    needs = (LinearModel,)
    faithful = True
    opaque = True
    method: Literal["newton", "bfgs", "lbfgs", "cg", "ncg"] = "newton"

    def objection(self, problem: Any) -> str | None:
        refused = super().objection(problem) or wrong_loss(problem, "logistic") or any_penalty(problem)
        return refused or not_installed(PACKAGE)

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from statsmodels.discrete.discrete_model import Logit

        own = NEVER[self.method] | {"maxiter": budget, "disp": False}
        try:
            model = Logit((problem.y > 0).astype(np.float64), dense(problem.rows.stored()))
            fitted = quietly(model.fit, theta0, self.method, callback=note, **own)
        except np.linalg.LinAlgError:
            raise Breakdown("its Hessian is singular") from None
        return Lap(np.array(fitted.params), done=bool(fitted.mle_retvals["converged"]))
