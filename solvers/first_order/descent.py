"""First-order methods that use the full gradient."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.linalg import norm

from problems.forms import Smooth
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import fraction, positive
from solvers.base import Breakdown, Iterates, Rate, Recurrence, Solver, Trait
from solvers.base.endings import UNCHANGED
from solvers.base.spectrum import Spectrum, largest_curvature
from solvers.first_order.schedules import Schedule
from solvers.kernels.training import descent
from solvers.kernels.update_functions import gradient_step, heavy_ball, look_ahead

LONGEST_STEP = 1e100  # if f decreases without end


@dataclass(frozen=True)
class GradientDescent(Solver[Smooth]):
    """Gradient descent for smooth f.

        theta <- theta - step g,     g the gradient at theta

    rule: how the step is chosen, default fixed.
        fixed            the step is constant; it converges if and only if the step is below 2/L
        backtracking     the step is doubled, then halved until f decreases by at least step g.g / 2 (Armijo)
        barzilai-borwein the step is s.s / s.y, s and y the last changes of theta and g, then halved until f is lower
                         by 1e-4 step g.g than the largest of its last ten values
    step: of the fixed rule, by default 1/L, where L is a bound on the curvature, or the largest curvature at theta_0 if
    no bound is known; L is computed first, on the clock. Of the other rules it is the first trial, by default 1/|g|.
    Cost: one gradient per iteration; about two with backtracking.
    Memory: four vectors of length `dim`; six with a line search.
    Rate: max |1 - step lambda| over the eigenvalues lambda of the Hessian. It is 1 - mu/L with the step 1/L, so the
    number of iterations grows with the condition number L/mu. Backtracking: 1 - mu/(2 L) or better. Barzilai-Borwein:
    linear, in practice much faster; no better rate is proven.
    Choose it with Barzilai-Borwein steps if the condition number is moderate and L-BFGS needs too much memory, or with
    fixed steps as a baseline; not for a large condition number: L-BFGS costs the same per iteration and is faster.
    Source: Cauchy (1847); Nesterov, Lectures on Convex Optimization (2018), section 2.1.5; Armijo (1966),
    doi:10.2140/pjm.1966.16.1; Barzilai & Borwein (1988), doi:10.1093/imanum/8.1.141; with the safeguard: Raydan (1997),
    doi:10.1137/S1052623494266365.
    """

    needs = (Smooth,)
    traits = frozenset({Trait.FIXED_STEP})
    step: float | None = None
    rule: Literal["fixed", "backtracking", "barzilai-borwein"] = "fixed"

    def __post_init__(self) -> None:
        positive(step=self.step)

    def recurrence(self) -> Recurrence | None:
        return Recurrence.GRADIENT_DESCENT if self.rule == "fixed" else None

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        if self.rule != "fixed":
            return (yield from self._line_search(problem, theta0))
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        yield from descent(problem, gradient_step, theta0, Schedule(step))

    def _line_search(self, problem: Smooth, theta0: Vector) -> Iterates:
        c, memory = (0.5, 1) if self.rule == "backtracking" else (1e-4, 10)
        theta = theta0
        f, g = problem.value_and_gradient(theta)
        recent = deque([f], memory)
        step = min(self.step or 1 / float(norm(g) or 1.0), LONGEST_STEP)
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
                return UNCHANGED
            if self.rule == "backtracking":
                step = 2 * step
            else:
                step = float(s @ s / (s @ y)) if s @ y > EPS * norm(s) * norm(y) else 10 * step
            theta, f, g, step = new, f_new, g_new, min(step, LONGEST_STEP)
            recent.append(f)
        raise Breakdown("f or its gradient is not finite")

    def rate(self, spectrum: Spectrum) -> Rate | None:
        if self.rule != "fixed":
            return None  # it depends on the iterates, not on the spectrum alone
        return Rate(float(abs(1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues).max()))


@dataclass(frozen=True)
class Momentum(Solver[Smooth]):
    """The heavy ball method: gradient descent plus a fraction of the previous step.

        v <- momentum v - step g     theta <- theta + v,     g the gradient at theta

    step: by default 1/L, where L is a bound on the curvature, or the largest curvature at theta_0 if no bound is known.
    It converges if the step is below 2 (1 + momentum)/L.
    momentum: default 0.9, the fraction of the previous step. With 0 it is gradient descent.
    Cost: one gradient per iteration.
    Memory: four vectors of length `dim`.
    Rate: the largest modulus of the roots of z^2 - (1 + momentum - step lambda) z + momentum, over the eigenvalues
    lambda; at best (sqrt(k) - 1)/(sqrt(k) + 1), where k = L/mu.
    Choose it if gradient descent is too slow and f is nearly quadratic; not if f must decrease at every iteration.
    Source: Polyak (1964), doi:10.1016/0041-5553(64)90137-5.
    """

    needs = (Smooth,)
    traits = frozenset({Trait.FIXED_STEP})
    step: float | None = None
    momentum: float = 0.9

    def __post_init__(self) -> None:
        positive(step=self.step)
        fraction(momentum=self.momentum)

    def recurrence(self) -> Recurrence:
        return Recurrence.HEAVY_BALL

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        yield from descent(problem, heavy_ball, theta0, Schedule(step), (self.momentum,))

    def rate(self, spectrum: Spectrum) -> Rate:
        step = self.step or 1 / spectrum.start
        roots = (_largest_root(1 + self.momentum - step * value, self.momentum) for value in spectrum.eigenvalues)
        return Rate(max(roots))


@dataclass(frozen=True)
class Nesterov(Solver[Smooth]):
    """Nesterov's accelerated gradient method: the gradient is evaluated at an extrapolated point p.

        theta' <- p - step g(p)     p <- theta' + beta (theta' - theta)     theta <- theta'

    step: by default 1/L, where L is a bound on the curvature, or the largest curvature at theta_0 if no bound is known.
    momentum: beta, by default (k - 1)/(k + 2) at iteration k. With 0 it is gradient descent.
    Cost: one gradient per iteration.
    Memory: four vectors of length `dim`.
    Rate: f - f* <= 2 L |theta_0 - theta*|^2 / (k + 1)^2 for every convex f with the default beta, if no curvature is
    above L = 1/step. With a fixed beta it is the largest modulus of the roots of z^2 - (1 + beta)(1 - step lambda) z +
    beta (1 - step lambda), over the eigenvalues lambda.
    Choose it for convex f whose condition number is not known; not if f must decrease at every iteration.
    Source: Nesterov (1983); Lectures on Convex Optimization (2018), section 2.2.
    """

    needs = (Smooth,)
    traits = frozenset({Trait.FIXED_STEP})
    step: float | None = None
    momentum: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)
        fraction(momentum=self.momentum)

    def recurrence(self) -> Recurrence:
        return Recurrence.NESTEROV

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        beta = -1.0 if self.momentum is None else self.momentum
        yield from descent(problem, look_ahead, theta0, Schedule(step), (beta,))

    def rate(self, spectrum: Spectrum) -> Rate | None:
        if self.momentum is None:
            return None  # no linear rate holds in general: f - f* is O(1/k^2)
        z = 1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues
        return Rate(max(_largest_root((1 + self.momentum) * factor, self.momentum * factor) for factor in z))


def _largest_root(b: float, c: float) -> float:
    """The largest modulus of the roots of z^2 - b z + c."""
    return float(abs(np.roots([1.0, -b, c])).max())
