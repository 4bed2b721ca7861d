"""scipy.optimize.minimize."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.arrays import Vector
from problems.forms import Smooth, TwiceSmooth

from ..base import BlackBox, Lap, Note

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
    """scipy.optimize.minimize of a smooth f.

    method   L-BFGS-B, BFGS, CG: from gradients; Newton-CG, trust-ncg: from gradients and products with the Hessian

    Its own tests for stopping are switched off. Cost and memory are the method's.
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
