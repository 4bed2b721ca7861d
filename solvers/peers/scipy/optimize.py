"""scipy.optimize.minimize and least_squares: from one point to a minimum near it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import NonlinearLeastSquares, Smooth, TwiceSmooth
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from solvers.base import BlackBox, Lap, Note, Refusal

# each method's own tests for stopping, switched off: the lab's referee stops it
NEVER: dict[str, dict[str, Any]] = {
    "L-BFGS-B": {"ftol": 0.0, "gtol": 0.0, "maxfun": 10**9},
    "BFGS": {"gtol": 0.0},
    "CG": {"gtol": 0.0},
    "Newton-CG": {"xtol": 0.0},
    "trust-ncg": {"gtol": 0.0},
}
SECOND_ORDER = ("Newton-CG", "trust-ncg")


@dataclass(frozen=True)
class Minimize(BlackBox[Smooth]):
    """scipy.optimize.minimize: smooth f, by a method of its choice.

    method: L-BFGS-B, BFGS, CG, from gradients; Newton-CG, trust-ncg, from gradients and products with the Hessian.
    Its own tests for stopping are switched off.
    Cost: a few gradients an iterate, products with the Hessian besides. Memory: BFGS d^2 numbers, the others vectors.
    Rate: superlinear for BFGS, Newton-CG and trust-ncg; linear for the others.
    Choose it as the first that others reach for: L-BFGS-B for many coefficients, BFGS for few; not where rows alone are
    cheap.
    Source: Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2.
    """

    needs = (Smooth,)
    faithful = True
    method: Literal["L-BFGS-B", "BFGS", "CG", "Newton-CG", "trust-ncg"] = "L-BFGS-B"

    def objection(self, problem: Any) -> str | None:
        if self.method in SECOND_ORDER and not isinstance(problem, TwiceSmooth):
            return f"{self.method} needs {TwiceSmooth.promise}: {problem.lacks(TwiceSmooth) or 'there is none'}"
        return super().objection(problem)

    def run(self, problem: Smooth, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.optimize import minimize

        more: dict[str, Any] = {}
        if isinstance(problem, TwiceSmooth) and self.method in SECOND_ORDER:
            more["hessp"] = _products(problem)
        result = minimize(
            problem.value_and_gradient,
            theta0,
            jac=True,
            method=self.method,
            callback=lambda xk: note(xk),
            options=NEVER[self.method] | {"maxiter": budget},
            **more,
        )
        return Lap(result.x, done=result.nit < budget, why=str(result.message).strip().lower())


def _products(problem: TwiceSmooth) -> Callable[[Vector, Vector], Vector]:
    """(theta, v) -> H(theta) v, the curvatures found once for all products at one theta."""
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

    method: trf, a trust region; dogbox, Powell's dog leg in a box; lm, MINPACK's Levenberg-Marquardt.
    It asks for a Jacobian where it has moved to and nowhere else, by which its iterates are known. Its own tolerances
    are at rounding level.
    Cost: one Jacobian, its factorisation, and a few residuals an iterate. Memory: two Jacobians.
    Rate: quadratic near a minimum with residuals of 0; linear elsewhere; at once on a quadratic.
    Choose it for curves and other small problems with residuals, lm where these outnumber the coefficients; not for
    many coefficients: each step solves with the whole Jacobian.
    Source: More (1978), doi:10.1007/BFb0067700; Branch, Coleman & Li (1999), doi:10.1137/S1064827595289108.
    """

    needs = (NonlinearLeastSquares,)
    faithful = True
    method: Literal["trf", "dogbox", "lm"] = "trf"

    def run(
        self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator, budget: int, note: Note
    ) -> Lap:
        from scipy.optimize import least_squares

        last = theta0

        def jacobian(theta: Vector) -> Matrix:
            nonlocal last
            if not np.array_equal(theta, last):
                last = theta.copy()
                note(last)
            J: Matrix = dense(problem.residual_and_jacobian(theta)[1])
            return J

        own = {"ftol": EPS, "xtol": EPS, "gtol": EPS, "max_nfev": budget + 1}  # the first evaluation is at theta_0
        try:
            result = least_squares(problem.residual, theta0, jacobian, method=self.method, **own)
        except ValueError as error:
            raise Refusal(str(error).rstrip(".")) from None
        return Lap(result.x, done=result.status != 0, why=str(result.message).rstrip("."))
