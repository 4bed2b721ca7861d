"""Global optimisation of scipy.optimize: from values of f only, in a box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import Objective
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, positive
from solvers.base import BlackBox, Callback, Run
from solvers.peers.conventions import box
from solvers.random_search.length_scale import energy, infeasible_reason, inside


@dataclass(frozen=True)
class DifferentialEvolution(BlackBox[Objective]):
    """scipy.optimize.differential_evolution: any f in a box, by a population and its differences.

    An iteration is a generation, and the iterate is its best member. Polishing by a gradient method at the end is
    switched off, and scipy's tolerance is 0. It does not find a minimum outside the box. A theta outside a constraint
    is projected onto it, if the problem has a projection.
    width: default 10; the box is theta_0 - width to theta_0 + width.
    population: default 15, members per coefficient.
    Cost: population dim values of f per iteration.
    Memory: a population of population dim points.
    Rate: none is proven; slower with dim.
    Choose it for few coefficients and many minima; not for more than some tens of coefficients, nor for convex f.
    Source: Storn & Price (1997), doi:10.1023/A:1008202821328.
    """

    needs = (Objective,)
    faithful = True
    width: float = 10.0
    population: int = 15

    def __post_init__(self) -> None:
        positive(width=self.width)
        at_least(5, population=self.population)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or infeasible_reason(problem)

    def run(self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback) -> Run:
        from scipy.optimize import differential_evolution

        def report(intermediate_result: Any) -> None:
            callback(inside(problem, intermediate_result.x))

        result = differential_evolution(
            lambda theta: energy(problem, inside(problem, theta)),
            box(theta0, self.width),
            x0=theta0,
            maxiter=budget,
            popsize=self.population,
            tol=0.0,
            polish=False,
            rng=rng,
            callback=report,
        )
        return Run(
            inside(problem, result.x), done=result.nit < budget, reason="all members of its population are equal"
        )


@dataclass(frozen=True)
class DualAnnealing(BlackBox[Objective]):
    """scipy.optimize.dual_annealing: any f in a box, by annealing with long jumps and L-BFGS-B.

    An iteration is 2 dim values of f, as many as it evaluates at one temperature; the iterate is the best point so far.
    L-BFGS-B uses finite differences of f, and its tolerances are switched off. It does not find a minimum outside the
    box. A theta outside a constraint is projected onto it, if the problem has a projection.
    width: default 10; the box is theta_0 - width to theta_0 + width.
    Cost: 2 dim values of f per iteration.
    Memory: a few vectors of length `dim`, and those of L-BFGS-B.
    Rate: none is proven; near a minimum the rate of L-BFGS-B, with dim + 1 values per step.
    Choose it if f has many minima and is smooth near them; not if f has many kinks (an l1 penalty, a constraint).
    Source: Xiang et al. (1997), doi:10.1016/S0375-9601(97)00474-X.
    """

    needs = (Objective,)
    faithful = True
    width: float = 10.0

    def __post_init__(self) -> None:
        positive(width=self.width)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or infeasible_reason(problem)

    def run(self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback) -> Run:
        from scipy.optimize import dual_annealing

        best, values, per_iteration = theta0.copy(), 0, 2 * problem.dim

        def value(theta: Vector) -> float:
            nonlocal values
            f = energy(problem, inside(problem, theta))
            values += 1
            if values % per_iteration == 0:
                callback(inside(problem, best))
            return f

        def lower(theta: Vector, f: float, context: int) -> None:
            nonlocal best
            best = theta.copy()

        bounds = box(theta0, self.width)
        local_search = {"method": "L-BFGS-B", "bounds": bounds, "options": {"ftol": 0.0, "gtol": 0.0}}
        with np.errstate(invalid="ignore"):  # finite differences of f at the boundary of the feasible set
            result = dual_annealing(
                value,
                bounds,
                x0=theta0,
                maxiter=budget,
                maxfun=per_iteration * budget,
                rng=rng,
                callback=lower,
                minimizer_kwargs=local_search,
            )
        answer = inside(problem, result.x)
        callback(answer)
        return Run(answer, done=result.nfev < per_iteration * budget, reason="; ".join(result.message))
