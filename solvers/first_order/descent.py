"""First-order methods on the whole gradient."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.linalg import norm

from problems.forms import Smooth
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import fraction, positive
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum, largest_curvature
from solvers.kernels.training import descent
from solvers.kernels.update_functions import gradient_step, heavy_ball, look_ahead

LONGEST = 1e100  # a step, where f falls without end


@dataclass(frozen=True)
class GradientDescent(Solver[Smooth]):
    """Gradient descent for smooth f.

        theta <- theta - step g,     g the gradient at theta

    rule: fixed            step is 1/L where it is left out, L a bound on the curvature, or the largest at theta_0
                           where none is known (found first, on the clock); converges below 2/L and not above
          backtracking     step doubled, then halved until f falls by step g.g / 2 or more (Armijo)
          barzilai-borwein step s.s / s.y, s and y the last changes of theta and g, halved until f falls by
                           1e-4 step g.g below the largest of its last ten values
    step: the step of the fixed rule; the first one tried by the others, 1/|g| where it is left out.
    Cost: one gradient an iterate; backtracking takes two or so. Memory: two vectors of length `dim`; five with a
    search.
    Rate: max |1 - step lambda| over the Hessian's eigenvalues lambda: 1 - mu/L at 1/L, so that the iterates needed
    grow with the condition number L/mu. Backtracking: 1 - mu/(2 L) or better. Barzilai-Borwein: linear, in practice
    far better; no better one is proven.
    Choose it with Barzilai and Borwein's steps where the condition number is moderate and L-BFGS's memory too much,
    with fixed ones to see what the others gain; not for a bad condition, where L-BFGS costs as much and is faster.
    Source: Cauchy (1847); Nesterov, Lectures on Convex Optimization (2018), section 2.1.5; Armijo (1966),
    doi:10.2140/pjm.1966.16.1; Barzilai & Borwein (1988), doi:10.1093/imanum/8.1.141; with the safeguard: Raydan (1997),
    doi:10.1137/S1052623494266365.
    """

    needs = (Smooth,)
    step: float | None = None
    rule: Literal["fixed", "backtracking", "barzilai-borwein"] = "fixed"

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if self.rule != "fixed":
            return (yield from self._searched(problem, theta0))
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        yield from descent(problem, gradient_step, theta0, step)

    def _searched(self, problem: Smooth, theta0: Vector) -> Iterates:
        c, memory = (0.5, 1) if self.rule == "backtracking" else (1e-4, 10)
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        recent = deque([f], memory)
        step = min(self.step or 1 / float(norm(g) or 1.0), LONGEST)
        while np.isfinite(f) and np.isfinite(g).all():
            while True:
                new = theta - step * g
                f_new, g_new = problem.value_and_gradient(new)
                if f_new <= max(recent) - c * step * (g @ g) + 4 * EPS * abs(f) or np.array_equal(new, theta):
                    break
                step /= 2
            yield new
            s, y = new - theta, g_new - g
            if not s.any():
                return "a step changes nothing"
            if self.rule == "backtracking":
                step = 2 * step
            else:
                step = float(s @ s / (s @ y)) if s @ y > EPS * norm(s) * norm(y) else 10 * step
            theta, f, g, step = new, f_new, g_new, min(step, LONGEST)
            recent.append(f)
        raise Breakdown("f or its gradient is not finite")

    def rate(self, spectrum: Spectrum) -> Rate | None:
        if self.rule != "fixed":
            return None  # what it depends on is the path, not the spectrum alone
        return Rate(float(abs(1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues).max()))


@dataclass(frozen=True)
class Momentum(Solver[Smooth]):
    """The heavy ball: gradient descent that keeps a part of its last move.

        v <- momentum v - step g     theta <- theta + v,     g the gradient at theta

    step: 1/L where it is left out, L a bound on the curvature, or the largest at theta_0 where none is known; converges
    below 2 (1 + momentum)/L.
    momentum: 0.9, the part kept; with 0 it is gradient descent.
    Cost: one gradient an iterate. Memory: three vectors of length `dim`.
    Rate: the largest root, over the eigenvalues lambda, of z^2 - (1 + momentum - step lambda) z + momentum; at best
    (sqrt(k) - 1)/(sqrt(k) + 1), k = L/mu.
    Choose it where gradient descent is too slow and f is near quadratic; not where f must fall at every iterate.
    Source: Polyak (1964), doi:10.1016/0041-5553(64)90137-5.
    """

    needs = (Smooth,)
    step: float | None = None
    momentum: float = 0.9

    def __post_init__(self) -> None:
        positive(step=self.step)
        fraction(momentum=self.momentum)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        yield from descent(problem, heavy_ball, theta0, step, (self.momentum,))

    def rate(self, spectrum: Spectrum) -> Rate:
        step = self.step or 1 / spectrum.start
        roots = (_largest_root(1 + self.momentum - step * value, self.momentum) for value in spectrum.eigenvalues)
        return Rate(max(roots))


@dataclass(frozen=True)
class Nesterov(Solver[Smooth]):
    """Nesterov's accelerated gradient: the gradient is taken ahead, at p.

        theta' <- p - step g(p)     p <- theta' + beta (theta' - theta)     theta <- theta'

    step: 1/L where it is left out, L a bound on the curvature, or the largest at theta_0 where none is known.
    momentum: beta; where it is left out, (k - 1)/(k + 2) at iterate k; with 0 it is gradient descent.
    Cost: one gradient an iterate. Memory: three vectors of length `dim`.
    Rate: f - f* <= 2 L |theta_0 - theta*|^2 / (k + 1)^2 for every convex f where beta is left out and no curvature is
    above L = 1/step; with a fixed beta the largest root, over the eigenvalues lambda, of
    z^2 - (1 + beta)(1 - step lambda) z + beta (1 - step lambda).
    Choose it for convex f of unknown condition; not where f must fall at every iterate.
    Source: Nesterov (1983); Lectures on Convex Optimization (2018), section 2.2.
    """

    needs = (Smooth,)
    step: float | None = None
    momentum: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)
        fraction(momentum=self.momentum)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        yield from descent(problem, look_ahead, theta0, step, (-1.0 if self.momentum is None else self.momentum,))

    def rate(self, spectrum: Spectrum) -> Rate | None:
        if self.momentum is None:
            return None  # 1/k^2 and no faster in general
        left = 1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues
        return Rate(max(_largest_root((1 + self.momentum) * z, self.momentum * z) for z in left))


def _largest_root(b: float, c: float) -> float:
    """The largest modulus among the roots of z^2 - b z + c."""
    return float(abs(np.roots([1.0, -b, c])).max())
