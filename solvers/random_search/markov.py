"""Chains of states that rise by chance and fall by inclination: sampling, and annealing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from problems.forms import FiniteSum, Objective
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import at_least, fraction, positive
from solvers.base import Iterates, Solver
from solvers.kernels.blocks import blocks
from solvers.random_search.length_scale import energy, inside, nowhere, reach

IDEAL = 0.234  # of the proposals accepted: Roberts, Gelman & Gilks (1997), doi:10.1214/aoap/1034625254
GAIN = 0.1  # of the width's logarithm, on what an acceptance is above the ideal


def acceptance(pi_x: float, pi_y: float, q_xy: float = 0.0, q_yx: float = 0.0) -> float:
    """a(x, y) = min(1, pi(y) q(y, x) / (pi(x) q(x, y))), from the logarithms of all four; q cancels if symmetric.

    Then pi(x) q(x, y) a(x, y) = pi(y) q(y, x) a(y, x): the chain leaves pi as it is.

    >>> acceptance(0.0, 1.0), round(acceptance(0.0, -math.log(4)), 12)
    (1.0, 0.25)
    """
    return math.exp(min(0.0, (pi_y + q_yx) - (pi_x + q_xy)))


def chain(
    problem: Objective,
    theta0: Vector,
    rng: np.random.Generator,
    width: float,
    temperature: Callable[[NDArray[np.int64]], Vector],
    tuned: float,
    moved: Callable[[Objective, Vector], Vector] = lambda problem, y: y,
) -> Iterates:
    """States x_1, x_2, ... of the chain with pi = exp(-f/T) and proposals y = x + width z, z standard normal.

    temperature: T at those steps, counted from 0.  tuned: how many steps change the width towards IDEAL.  moved: where
    a proposal is moved to, at the price of detailed balance.
    """
    x, f = theta0, energy(problem, theta0)
    for done, size in blocks(problem.n * problem.dim if isinstance(problem, FiniteSum) else problem.dim):
        z, u = rng.standard_normal((size, problem.dim)), rng.random(size)
        states = np.empty_like(z)
        for i, T in enumerate(temperature(np.arange(done, done + size)).tolist()):
            y = moved(problem, x + width * z[i])
            f_y = energy(problem, y)
            a = acceptance(-f / T, -f_y / T)
            if u[i] < a:
                x, f = y, f_y
            if done + i < tuned:
                width *= math.exp(GAIN * (a - IDEAL))
            states[i] = x
        yield states


@dataclass(frozen=True)
class MetropolisHastings(Solver[Objective]):
    """Metropolis-Hastings: a random walk whose states are distributed as exp(-f/temperature), for any f.

        1. y = theta + width z,     z standard normal
        2. theta <- y with probability a = min(1, exp((f(theta) - f(y)) / temperature)), and stays where it is else

    An iterate is a state, and a run is judged by its best: near a minimum f lies about dim temperature / 2 above it.
    What lies outside a constraint has no density and is never accepted.
    temperature: in units of f.
    width: of a proposal, at first; where it is left out, set by how far f falls from theta_0 on a line.
    burn_in: so many iterates change the width, to accept 0.234 of the proposals; it is held from then on, and
    detailed balance with it. 500 a coefficient where it is left out; with 0 the width given is kept throughout.
    Cost: one value of f an iterate. Memory: two vectors of length `dim`, and those of up to 512 states.
    Rate: none to a minimum; a mean over k states errs by sqrt(t/k), t about dim times the condition number.
    Choose it to see which theta are about as good as the best; not for digits: temperature sets a floor.
    Source: Metropolis et al. (1953), doi:10.1063/1.1699114; Hastings (1970), doi:10.1093/biomet/57.1.97.
    """

    needs = (Objective,)
    judged_by_best = True
    temperature: float = 1e-3
    width: float | None = None
    burn_in: int | None = None

    def __post_init__(self) -> None:
        positive(temperature=self.temperature, width=self.width)
        at_least(0, burn_in=self.burn_in)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or nowhere(problem)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        width = self.width or reach(problem, theta0, rng)[0] / math.sqrt(problem.dim)
        tuned = 500 * problem.dim if self.burn_in is None else self.burn_in
        yield from chain(problem, theta0, rng, width, lambda k: np.full(k.size, self.temperature), tuned)


@dataclass(frozen=True)
class SimulatedAnnealing(Solver[Objective]):
    """Simulated annealing: a random walk that also goes uphill, the less the further it has cooled, for any f.

        1. y = theta + width z,     z standard normal
        2. theta <- y with probability a = min(1, exp((f(theta) - f(y)) / T)), and stays where it is else
        3. width <- width exp((a - 0.234) / 10)

    An iterate is a state, and a run is judged by its best. A proposal outside a constraint is moved back where the
    problem can do that, and refused elsewhere.
    schedule: geometric, T = temperature cooling^k at iterate k, counted from 0; logarithmic, T = temperature log 2 /
    log(2 + k), as slow as the theory of finding the lowest minimum asks.
    temperature: the first; where it is left out, by how much f changes around theta_0.
    cooling: below 1; 1 - 1/(100 dim) where it is left out. The slower, the likelier the lowest of several minima.
    width: of the first proposal; where it is left out, set by how far f falls from theta_0 on a line.
    Cost: one value of f an iterate. Memory: two vectors of length `dim`, and those of up to 512 states.
    Rate: geometric, f - f* falls as T does until the walk cannot follow; then by about 1/dim an iterate at best.
    Choose it where f is known by its values alone, and may have minima that a short walk leads out of; not where there
    is a gradient and one minimum, nor with many kinks and edges (an l1 penalty, a constraint), along which a walk of
    one width in all directions creeps.
    Source: Kirkpatrick, Gelatt & Vecchi (1983), doi:10.1126/science.220.4598.671; Hajek (1988),
    doi:10.1287/moor.13.2.311.
    """

    needs = (Objective,)
    judged_by_best = True
    temperature: float | None = None
    cooling: float | None = None
    width: float | None = None
    schedule: Literal["geometric", "logarithmic"] = "geometric"

    def __post_init__(self) -> None:
        positive(temperature=self.temperature, width=self.width, cooling=self.cooling)
        fraction(cooling=self.cooling)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or nowhere(problem)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        h, rise = (0.0, 0.0) if self.temperature and self.width else reach(problem, theta0, rng)
        first = self.temperature or rise
        cooling = self.cooling or 1 - 1 / (100 * problem.dim)

        def temperature(k: NDArray[np.int64]) -> Vector:
            if self.schedule == "logarithmic":
                return first * math.log(2) / np.log(2 + k)
            falling: Vector = first * np.maximum(cooling**k, EPS**2)  # so that f/T stays finite
            return falling

        width = self.width or h / math.sqrt(problem.dim)
        yield from chain(problem, theta0, rng, width, temperature, math.inf, inside)
