"""Proximal gradient methods: a gradient step on the smooth part, then a prox of the rest."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import Composite
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import positive
from solvers.base import Iterates, Rate, Solver, Trait
from solvers.base.endings import UNCHANGED
from solvers.base.spectrum import Spectrum, largest_curvature

MEMORY = 10  # values of f that the line search of projected gradients compares with


@dataclass(frozen=True)
class ISTA(Solver[Composite]):
    """The proximal gradient method for f = s + h, where s is smooth and h has a prox.

        theta <- prox(theta - step g, step),     g the gradient of s at theta

    With h = l1 |w|_1 the prox is soft thresholding, which gives the method its name. With h the indicator function of a
    set it is the projection onto the set. With h = 0 the method is gradient descent.
    step: by default 1/L, where L is a bound on the curvature of s (estimated first, on the clock). If no bound is
    known, L is the largest curvature at theta_0, or along a later step if that is larger.
    Cost: one gradient and one prox per iteration.
    Memory: four vectors of length `dim`.
    Rate: 1/k for every convex f with the step 1/L; linear, 1 - mu/L, if s is strongly convex.
    Choose it as a baseline for faster methods; not for speed: FISTA costs the same per iteration.
    Source: Daubechies, Defrise & De Mol (2004), doi:10.1002/cpa.20042; Beck & Teboulle (2009), doi:10.1137/080716542.
    """

    needs = (Composite,)
    traits = frozenset({Trait.FIXED_STEP})
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        s = problem.smooth
        step = self.step or 1 / largest_curvature(s, theta0, rng)
        theta, g = theta0, s.gradient(theta0)
        while True:
            new = problem.prox(theta - step * g, step)
            yield new
            if norm(new - theta) <= 4 * EPS * norm(new):
                return UNCHANGED
            g_new = s.gradient(new)
            if self.step is None:
                step = _safe_step(step, theta, new, g, g_new)
            theta, g = new, g_new

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(float(abs(1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues).max()))


@dataclass(frozen=True)
class FISTA(Solver[Composite]):
    """The accelerated proximal gradient method for f = s + h, where s is smooth and h has a prox.

        theta' <- prox(p - step g(p), step)     t' = (1 + sqrt(1 + 4 t^2)) / 2
        p <- theta' + (t - 1)/t' (theta' - theta)     theta <- theta',  t <- t'

    where g is the gradient of s.
    step: by default 1/L, where L is a bound on the curvature of s (estimated first, on the clock). If no bound is
    known, L is the largest curvature at theta_0, or along a later step if that is larger.
    restart: default true. It sets t to 1 when the momentum points uphill, (p - theta').(theta' - theta) > 0, which
    keeps the method fast on strongly convex f although mu is unknown.
    acceleration: default true. With false p = theta', which is ISTA.
    Cost: one gradient and one prox per iteration.
    Memory: six vectors of length `dim`.
    Rate: 2 L |theta_0 - theta*|^2 / (k + 1)^2; with restarts about 1 - sqrt(mu/L) if s is strongly convex.
    Choose it for l1 penalties, constraints and other proxes with many columns; not if changing a single coefficient is
    cheap: coordinate descent is faster.
    Source: Beck & Teboulle (2009), doi:10.1137/080716542; O'Donoghue & Candes (2015), doi:10.1007/s10208-013-9150-3.
    """

    needs = (Composite,)
    traits = frozenset({Trait.FIXED_STEP})
    step: float | None = None
    restart: bool = True
    acceleration: bool = True

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        s = problem.smooth
        step = self.step or 1 / largest_curvature(s, theta0, rng)
        theta, p, t, g = theta0, theta0, 1.0, s.gradient(theta0)
        while True:
            new = problem.prox(p - step * g, step)
            yield new
            move = new - theta
            if norm(move) <= 4 * EPS * norm(new) and norm(p - new) <= 4 * EPS * norm(new):
                return UNCHANGED
            if self.restart and (p - new) @ move > 0:
                t = 1.0
            t, t0 = (1 + math.sqrt(1 + 4 * t * t)) / 2, t
            p_new = new + (t0 - 1) / t * move if self.acceleration else new
            g_new = s.gradient(p_new)
            if self.step is None:
                step = _safe_step(step, p, p_new, g, g_new)
            theta, p, g = new, p_new, g_new

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return None if self.acceleration else ISTA(self.step).rate(spectrum)


def _safe_step(step: float, old: Vector, new: Vector, g: Vector, g_new: Vector) -> float:
    """`step`, or the inverse of the curvature between two points, if that is smaller.

    A curvature that rounding errors may have caused is ignored.
    """
    move, change = norm(new - old), norm(g_new - g)
    return float(move / change) if step * change > move > math.sqrt(EPS) * norm(new) else step


@dataclass(frozen=True)
class ProjectedGradient(Solver[Composite]):
    """Projected gradient descent with Barzilai-Borwein steps.

        1. theta' = P(theta - step g),  s = theta' - theta
        2. step halved, and 1 again, until f(theta') <= max of the last ten values of f - 1e-4 s.s / step
        3. step <- s.s / s.y,  y = g' - g     theta <- theta'

    where P is the prox of the nonsmooth part, which is the projection if that part is a constraint. It starts at
    P(theta_0). f need not decrease at every iteration. The first step is 1/L, with the L of ISTA.
    Cost: one gradient, one value and one prox per iteration.
    Memory: six vectors of length `dim`.
    Rate: linear if the smooth part is strongly convex, in practice much faster than 1 - mu/L; no better rate is proven.
    Choose it for simple constraints, such as bounds, with many columns; not if the projection is expensive: use ADMM.
    Source: Goldstein (1964); Birgin, Martinez & Raydan (2000), doi:10.1137/S1052623497330963; for any prox Wright,
    Nowak & Figueiredo (2009), doi:10.1109/TSP.2009.2016892.
    """

    needs = (Composite,)

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        part = problem.smooth
        theta = problem.prox(theta0, 0.0)
        f, g = part.value_and_gradient(theta)
        f += problem.rest(theta)
        recent = deque([f], MEMORY)
        step = 1 / largest_curvature(part, theta, rng)
        while True:
            while True:
                new = problem.prox(theta - step * g, step)
                s = new - theta
                f, g_new = part.value_and_gradient(new)
                f += problem.rest(new)
                if not f > max(recent) - 1e-4 / step * (s @ s) + 4 * EPS * abs(f):
                    break
                step /= 2
            yield new
            if norm(s) <= 4 * EPS * norm(new) or s @ s <= EPS**1.5 * step * abs(f):
                return UNCHANGED
            y = g_new - g
            step = float(s @ s / (s @ y)) if s @ y > EPS * norm(s) * norm(y) else 10 * step
            theta, g = new, g_new
            recent.append(f)
