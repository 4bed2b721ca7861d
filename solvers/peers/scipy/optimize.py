"""Local optimisation of scipy.optimize: minimize and least_squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import NonlinearLeastSquares, Smooth, TwiceSmooth
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from solvers.base import BlackBox, Callback, Refusal, Run

# options that switch off each method's stopping tests, because the lab stops it
NO_STOPPING_TESTS: dict[str, dict[str, Any]] = {
    "L-BFGS-B": {"ftol": 0.0, "gtol": 0.0, "maxfun": 10**9},
    "BFGS": {"gtol": 0.0},
    "CG": {"gtol": 0.0},
    "Newton-CG": {"xtol": 0.0},
    "trust-ncg": {"gtol": 0.0},
}
SECOND_ORDER = ("Newton-CG", "trust-ncg")


@dataclass(frozen=True)
class Minimize(BlackBox[Smooth]):
    """scipy.optimize.minimize: smooth f.

    method: default L-BFGS-B. L-BFGS-B, BFGS and CG use gradients; Newton-CG and trust-ncg use gradients and products
    with the Hessian. Their stopping tests are switched off.
    Cost: a few gradients per iteration, and products with the Hessian.
    Memory: d^2 numbers for BFGS, a few vectors for the others.
    Rate: superlinear for BFGS, Newton-CG and trust-ncg; linear for the others.
    Choose it as the usual method of other programs: L-BFGS-B for many coefficients, BFGS for few; not if only gradients
    of few rows are cheap.
    Source: Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2.
    """

    needs = (Smooth,)
    faithful = True
    method: Literal["L-BFGS-B", "BFGS", "CG", "Newton-CG", "trust-ncg"] = "L-BFGS-B"

    def objection(self, problem: Any) -> str | None:
        if self.method in SECOND_ORDER and not isinstance(problem, TwiceSmooth):
            return f"{self.method} needs {TwiceSmooth.promise}: {problem.lacks(TwiceSmooth) or 'this problem has none'}"
        return super().objection(problem)

    def run(self, problem: Smooth, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback) -> Run:
        from scipy.optimize import minimize

        products: dict[str, Any] = {}
        if isinstance(problem, TwiceSmooth) and self.method in SECOND_ORDER:
            products["hessp"] = _products(problem)
        result = minimize(
            problem.value_and_gradient,
            theta0,
            jac=True,
            method=self.method,
            callback=lambda xk: callback(xk),
            options=NO_STOPPING_TESTS[self.method] | {"maxiter": budget},
            **products,
        )
        return Run(result.x, done=result.nit < budget, reason=str(result.message).strip().lower())


def _products(problem: TwiceSmooth) -> Callable[[Vector, Vector], Vector]:
    """(theta, v) -> H(theta) v; the curvatures are computed once for all products at the same theta."""
    at: Vector | None = None
    product: Callable[[Vector], Vector]

    def hessp(theta: Vector, v: Vector) -> Vector:
        nonlocal at, product
        if at is None or not np.array_equal(theta, at):
            at, product = theta.copy(), problem.hessian_product(theta)
        return product(v)

    return hessp


@dataclass(frozen=True)
class ScipyLeastSquares(BlackBox[NonlinearLeastSquares]):
    """scipy.optimize.least_squares: f = |r(theta)|^2 / 2 by Levenberg-Marquardt or a trust region.

    It evaluates the Jacobian only at new iterates, which shows what the iterates are. scipy's tolerances are at
    rounding level.
    method: default trf. trf is a trust-region method, dogbox Powell's dog leg in a box, lm the Levenberg-Marquardt of
    MINPACK.
    Cost: one Jacobian, its factorisation, and a few residuals per iteration.
    Memory: two Jacobians.
    Rate: quadratic near a minimum with residuals of 0, otherwise linear; exact after one iteration on a quadratic.
    Choose it for curves and other small problems with residuals, lm if there are more residuals than coefficients; not
    for many coefficients, because each step factors the full Jacobian.
    Source: More (1978), doi:10.1007/BFb0067700; Branch, Coleman & Li (1999), doi:10.1137/S1064827595289108.
    """

    needs = (NonlinearLeastSquares,)
    faithful = True
    method: Literal["trf", "dogbox", "lm"] = "trf"

    def run(
        self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.optimize import least_squares

        last = theta0

        def jacobian(theta: Vector) -> Matrix:
            nonlocal last
            if not np.array_equal(theta, last):
                last = theta.copy()
                callback(last)
            J: Matrix = dense(problem.residual_and_jacobian(theta)[1])
            return J

        limits = {"ftol": EPS, "xtol": EPS, "gtol": EPS, "max_nfev": budget + 1}  # the first evaluation is at theta_0
        try:
            result = least_squares(problem.residual, theta0, jacobian, method=self.method, **limits)
        except ValueError as error:
            raise Refusal(str(error).rstrip(".")) from None
        return Run(result.x, done=result.status != 0, reason=str(result.message).rstrip("."))
