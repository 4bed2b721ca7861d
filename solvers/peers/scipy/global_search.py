"""scipy.optimize's global searches: from values alone, in a box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.forms import Objective
from problems.foundation.arrays import Vector
from problems.foundation.checks import at_least, positive
from solvers.base import BlackBox, Lap, Note
from solvers.peers.conventions import box
from solvers.random_search.length_scale import energy, inside, nowhere


@dataclass(frozen=True)
class DifferentialEvolution(BlackBox[Objective]):
    """scipy.optimize.differential_evolution: any f in a box, by a population that moves along its own differences.

    An iterate is a generation, told by its best. It is not polished by a gradient method at the end, and its own
    tolerance is 0. A minimum outside the box is out of its reach; a theta outside a constraint is valued, and
    answered, as moved back where the problem can do that.
    width: the box is theta_0 - width to theta_0 + width.
    population: a coefficient.
    Cost: population dim values of f an iterate. Memory: as many vectors.
    Rate: none is proven; slower with dim.
    Choose it for few coefficients and many minima; not for more than some tens of them, nor where f is convex.
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
        return super().objection(problem) or nowhere(problem)

    def run(self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.optimize import differential_evolution

        def callback(intermediate_result: Any) -> None:
            note(inside(problem, intermediate_result.x))

        result = differential_evolution(
            lambda theta: energy(problem, inside(problem, theta)),
            box(theta0, self.width),
            x0=theta0,
            maxiter=budget,
            popsize=self.population,
            tol=0.0,
            polish=False,
            rng=rng,
            callback=callback,
        )
        return Lap(inside(problem, result.x), done=result.nit < budget, why="its population is one point")


@dataclass(frozen=True)
class DualAnnealing(BlackBox[Objective]):
    """scipy.optimize.dual_annealing: any f in a box, by annealing with long jumps and L-BFGS-B from what it finds.

    An iterate is 2 dim values of f, as many as it takes at one temperature, and theta the best that it has told by
    then. L-BFGS-B goes by differences of f, its own tolerances switched off. A minimum outside the box is out of its
    reach; a theta outside a constraint is valued, and answered, as moved back where the problem can do that.
    width: the box is theta_0 - width to theta_0 + width.
    Cost: 2 dim values of f an iterate. Memory: a few vectors of length `dim`, and those of L-BFGS-B.
    Rate: none is proven; that of L-BFGS-B near a minimum, at dim + 1 values a step.
    Choose it where f has many minima and is smooth near them; not with kinks and edges (an l1 penalty, a constraint).
    Source: Xiang et al. (1997), doi:10.1016/S0375-9601(97)00474-X.
    """

    needs = (Objective,)
    faithful = True
    width: float = 10.0

    def __post_init__(self) -> None:
        positive(width=self.width)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or nowhere(problem)

    def run(self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.optimize import dual_annealing

        best, values, each = theta0.copy(), 0, 2 * problem.dim

        def value(theta: Vector) -> float:
            nonlocal values
            f = energy(problem, inside(problem, theta))
            values += 1
            if values % each == 0:
                note(inside(problem, best))
            return f

        def lower(theta: Vector, f: float, context: int) -> None:
            nonlocal best
            best = theta.copy()

        bounds = box(theta0, self.width)
        own = {"method": "L-BFGS-B", "bounds": bounds, "options": {"ftol": 0.0, "gtol": 0.0}}
        with np.errstate(invalid="ignore"):  # differences of f at the edge of the set that it is minimised over
            result = dual_annealing(
                value,
                bounds,
                x0=theta0,
                maxiter=budget,
                maxfun=each * budget,
                rng=rng,
                callback=lower,
                minimizer_kwargs=own,
            )
        answer = inside(problem, result.x)
        note(answer)
        return Lap(answer, done=result.nfev < each * budget, why="; ".join(result.message))
