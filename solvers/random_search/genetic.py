"""A real-coded genetic algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.linalg import norm

from problems.forms import Objective
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import at_least, not_negative, positive
from solvers.base import Iterates, Solver
from solvers.random_search.length_scale import energy, infeasible_reason, inside, length_scale


@dataclass(frozen=True)
class Genetic(Solver[Objective]):
    """A real-coded genetic algorithm, for any f.

        1. x, y: each the best of `tournament` random members of the population
        2. child_j uniform on [min(x_j, y_j) - blend |x_j - y_j|, max(x_j, y_j) + blend |x_j - y_j|]
        3. child <- child + mutation z with probability `mutants`,     z normal with the population's covariance
        4. the new population: the `elite` best of the old one, and the children

    Mutations become smaller as the population contracts, along its principal axes. The first population is theta_0 and
    normal points around it. A point outside a constraint is projected onto it if the problem has a projection;
    otherwise its value is infinite. An iteration is a generation, and the iterate is its best member.
    population: by default 50 + 5 dim, at most 500. tournament, blend, mutation, mutants, elite: as above; default 4,
    0.3, 1, 0.5 and 1.
    spread: the standard deviation of the first population. By default four times the distance over which f decreases
    from theta_0 on a line.
    Cost: `population` values of f per iteration.
    Memory: three populations of vectors of length `dim`.
    Rate: linear at best, and slower with dim and with the condition number; none is proven.
    Choose it for few coefficients and many minima, or if only values of f are known; not if there is a gradient.
    Source: Holland (1975); Eshelman & Schaffer (1993), doi:10.1016/B978-0-08-094832-4.50018-0, for the blend.
    """

    needs = (Objective,)
    monotone = True
    population: int | None = None
    tournament: int = 4
    blend: float = 0.3
    mutation: float = 1.0
    mutants: float = 0.5
    elite: int = 1
    spread: float | None = None

    def __post_init__(self) -> None:
        at_least(1, tournament=self.tournament, elite=self.elite)
        at_least(self.elite + 1, population=self.population)
        not_negative(blend=self.blend, mutation=self.mutation, mutants=self.mutants)
        positive(spread=self.spread)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or infeasible_reason(problem)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        size, dim = self.population or min(50 + 5 * problem.dim, 500), problem.dim
        spread = self.spread or 4 * length_scale(problem, theta0, rng)[0]
        X = theta0 + spread * rng.standard_normal((size, dim))
        X[0] = theta0
        X, f = _evaluated(problem, X)
        while True:
            contestants = rng.integers(size, size=(2, size - self.elite, self.tournament))
            x, y = X[np.take_along_axis(contestants, f[contestants].argmin(2)[..., None], 2)[..., 0]]
            low, distance = np.minimum(x, y), abs(x - y)
            children = low - self.blend * distance + (1 + 2 * self.blend) * distance * rng.random(x.shape)
            mutated = rng.random(len(children)) < self.mutants
            z = rng.standard_normal((np.count_nonzero(mutated), size)) @ (X - X.mean(0)) / np.sqrt(size)
            children[mutated] += self.mutation * z
            best = f.argsort()[: self.elite]
            children, f_children = _evaluated(problem, children)
            X, f = np.vstack([X[best], children]), np.append(f[best], f_children)
            theta = X[f.argmin()].copy()
            yield theta
            if np.ptp(X, axis=0).max() <= EPS * norm(theta):
                return "all members of its population are equal"


def _evaluated(problem: Objective, X: Matrix) -> tuple[Matrix, Vector]:
    """The points, projected onto the feasible set if the problem has a projection, and their values."""
    X = np.array([inside(problem, x) for x in X])
    return X, np.array([energy(problem, x) for x in X])
