"""Evolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.linalg import norm

from problems.forms import Objective
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import at_least, not_negative, positive
from solvers.base import Iterates, Solver
from solvers.random_search.length_scale import energy, inside, nowhere, reach


@dataclass(frozen=True)
class Genetic(Solver[Objective]):
    """A genetic algorithm on real numbers, for any f.

        1. x, y: each the best of `tournament` drawn from the population
        2. child_j uniform on [min(x_j, y_j) - blend |x_j - y_j|, max(x_j, y_j) + blend |x_j - y_j|]
        3. child <- child + mutation z with probability `mutants`,     z normal with the population's covariance
        4. the `elite` best of the old population and the children are the new one

    Mutations narrow as the population does, and along its own axes. The first population is theta_0 and normal
    points about it. Who falls outside a constraint is moved back where the problem can do that, and is worth nothing
    elsewhere. An iterate is a generation, told by its best.
    population: 50 + 5 dim where it is left out, and 500 at most.
    tournament, blend, mutation, mutants, elite: as above.
    spread: of the first population; where it is left out, four times as far as f falls from theta_0 on a line.
    Cost: `population` values of f an iterate. Memory: a few populations of vectors of length `dim`.
    Rate: linear at best, slower with dim and with the condition number; none is proven.
    Choose it for few coefficients and many minima, or an f known by its values alone; not where there is a gradient.
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
        return super().objection(problem) or nowhere(problem)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        size, dim = self.population or min(50 + 5 * problem.dim, 500), problem.dim
        spread = self.spread or 4 * reach(problem, theta0, rng)[0]
        X = theta0 + spread * rng.standard_normal((size, dim))
        X[0] = theta0
        X, f = _valued(problem, X)
        while True:
            drawn = rng.integers(size, size=(2, size - self.elite, self.tournament))
            x, y = X[np.take_along_axis(drawn, f[drawn].argmin(2)[..., None], 2)[..., 0]]
            low, apart = np.minimum(x, y), abs(x - y)
            children = low - self.blend * apart + (1 + 2 * self.blend) * apart * rng.random(x.shape)
            mutated = rng.random(len(children)) < self.mutants
            z = rng.standard_normal((np.count_nonzero(mutated), size)) @ (X - X.mean(0)) / np.sqrt(size)
            children[mutated] += self.mutation * z
            best = f.argsort()[: self.elite]
            children, f_children = _valued(problem, children)
            X, f = np.vstack([X[best], children]), np.append(f[best], f_children)
            theta = X[f.argmin()].copy()
            yield theta
            if np.ptp(X, axis=0).max() <= EPS * norm(theta):
                return "its population is one point"


def _valued(problem: Objective, X: Matrix) -> tuple[Matrix, Vector]:
    """The points, each inside the set that f is minimised over where that can be done, and their values."""
    X = np.array([inside(problem, x) for x in X])
    return X, np.array([energy(problem, x) for x in X])
