"""Metropolis-Hastings sampling and simulated annealing."""

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
from solvers.base import Iterates, Solver, Trait
from solvers.kernels.blocks import blocks
from solvers.random_search.length_scale import energy, infeasible_reason, inside, length_scale

TARGET = 0.234  # the optimal acceptance rate: Roberts, Gelman & Gilks (1997), doi:10.1214/aoap/1034625254
GAIN = 0.1  # change of log(width) per difference between an acceptance probability and TARGET


def acceptance(log_pi_x: float, log_pi_y: float, log_q_xy: float = 0.0, log_q_yx: float = 0.0) -> float:
    """The Metropolis-Hastings acceptance probability a(x, y) = min(1, pi(y) q(y, x) / (pi(x) q(x, y))).

    The arguments are logarithms. A symmetric proposal density q cancels and need not be given. The probability keeps
    detailed balance, pi(x) q(x, y) a(x, y) = pi(y) q(y, x) a(y, x), so that pi is the stationary density.

    >>> acceptance(0.0, 1.0), round(acceptance(0.0, -math.log(4)), 12)
    (1.0, 0.25)
    """
    return math.exp(min(0.0, (log_pi_y + log_q_yx) - (log_pi_x + log_q_xy)))


def states(
    problem: Objective,
    theta0: Vector,
    rng: np.random.Generator,
    width: float,
    temperature: Callable[[NDArray[np.int64]], Vector],
    tuning: float,
    projection: Callable[[Objective, Vector], Vector] = lambda problem, y: y,
) -> Iterates:
    """Yield the states x_1, x_2, ... of Metropolis-Hastings sampling of pi = exp(-f/T), in blocks.

    The proposals are y = x + width z, with z standard normal.
    temperature: from the numbers of steps, counted from 0, to T at these steps.
    tuning: the number of steps that adapt the width towards the acceptance rate TARGET.
    projection: applied to each proposal; detailed balance does not hold if it changes a proposal.
    """
    x, f = theta0, energy(problem, theta0)
    for done, size in blocks(problem.n * problem.dim if isinstance(problem, FiniteSum) else problem.dim):
        z, u = rng.standard_normal((size, problem.dim)), rng.random(size)
        block = np.empty_like(z)
        for i, T in enumerate(temperature(np.arange(done, done + size)).tolist()):
            y = projection(problem, x + width * z[i])
            f_y = energy(problem, y)
            a = acceptance(-f / T, -f_y / T)
            if u[i] < a:
                x, f = y, f_y
            if done + i < tuning:
                width *= math.exp(GAIN * (a - TARGET))
            block[i] = x
        yield block


@dataclass(frozen=True)
class MetropolisHastings(Solver[Objective]):
    """Metropolis-Hastings sampling: a random walk whose states have the density exp(-f/temperature), for any f.

        1. y = theta + width z,     z standard normal
        2. theta <- y with probability a = min(1, exp((f(theta) - f(y)) / temperature)), otherwise theta is unchanged

    An iterate is a state, and the best state counts: near a minimum, f of a state is about dim temperature / 2 above
    it. A point outside a constraint has density zero and is never accepted.
    temperature: default 0.001, in units of f.
    width: the first standard deviation of a proposal. By default it depends on the distance over which f decreases from
    theta_0 on a line.
    burn_in: the number of iterations that adapt the width, to accept 0.234 of the proposals; by default 500 per
    coefficient. After it the width is constant, and detailed balance holds. With 0 the given width is used from the
    start.
    Cost: one value of f per iteration.
    Memory: three vectors of length `dim`, and two for each of up to 512 states.
    Rate: none to a minimum. The mean of k states has an error of sqrt(t/k), where t is about dim times the condition
    number.
    Choose it to see which theta are about as good as the best; not for high accuracy, because the temperature limits
    it.
    Source: Metropolis et al. (1953), doi:10.1063/1.1699114; Hastings (1970), doi:10.1093/biomet/57.1.97.
    """

    needs = (Objective,)
    traits = frozenset({Trait.SAMPLES})
    judged_by_best = True
    temperature: float = 1e-3
    width: float | None = None
    burn_in: int | None = None

    def __post_init__(self) -> None:
        positive(temperature=self.temperature, width=self.width)
        at_least(0, burn_in=self.burn_in)

    def objection(self, problem: Any) -> str | None:
        return super().objection(problem) or infeasible_reason(problem)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        width = self.width or length_scale(problem, theta0, rng)[0] / math.sqrt(problem.dim)
        tuning = 500 * problem.dim if self.burn_in is None else self.burn_in
        yield from states(problem, theta0, rng, width, lambda k: np.full(k.size, self.temperature), tuning)


@dataclass(frozen=True)
class SimulatedAnnealing(Solver[Objective]):
    """Simulated annealing: a random walk that accepts increases of f, more rarely as its temperature T decreases.

        1. y = theta + width z,     z standard normal
        2. theta <- y with probability a = min(1, exp((f(theta) - f(y)) / T)), otherwise theta is unchanged
        3. width <- width exp((a - 0.234) / 10)

    An iterate is a state, and the best state counts. A proposal outside a constraint is projected onto it if the
    problem has a projection; otherwise it is rejected.
    temperature: the first T. By default the change of f around theta_0.
    cooling: below 1, by default 1 - 1/(100 dim). Slower cooling makes it more likely to find the lowest of several
    minima.
    width: the standard deviation of the first proposal. By default it depends on the distance over which f decreases
    from theta_0 on a line.
    schedule: the default geometric is T = temperature cooling^k at iteration k, counted from 0. logarithmic is T =
    temperature log 2 / log(2 + k), as slow as the theory of finding the lowest minimum requires.
    Cost: one value of f per iteration.
    Memory: four vectors of length `dim`, and two for each of up to 512 states.
    Rate: with the geometric schedule f - f* decreases like T until the walk cannot follow; then at best by about 1/dim
    per iteration.
    Choose it if only values of f are known and f may have several minima near each other; not if there is a gradient
    and one minimum, nor if f has many kinks (an l1 penalty, a constraint), where a walk with the same width in all
    directions is slow.
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
        return super().objection(problem) or infeasible_reason(problem)

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        h, change = (0.0, 0.0) if self.temperature and self.width else length_scale(problem, theta0, rng)
        first = self.temperature or change
        cooling = self.cooling or 1 - 1 / (100 * problem.dim)

        def temperature(k: NDArray[np.int64]) -> Vector:
            if self.schedule == "logarithmic":
                return first * math.log(2) / np.log(2 + k)
            geometric: Vector = first * np.maximum(cooling**k, EPS**2)  # bounded from below, so that f/T stays finite
            return geometric

        width = self.width or h / math.sqrt(problem.dim)
        yield from states(problem, theta0, rng, width, temperature, math.inf, inside)
