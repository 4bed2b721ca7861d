"""Gradient steps on the smooth part, a prox for the rest."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.forms import Composite
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import positive
from solvers.base import Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum, largest_curvature

STILL = "a step changes nothing but rounding"


@dataclass(frozen=True)
class ISTA(Solver[Composite]):
    """The proximal gradient method for f = s + h, s smooth, h with a prox.

        theta <- prox(theta - step g, step),     g the gradient of s at theta

    With h = l1 |w|_1 the prox is soft thresholding, which gives the method its name; with h the indicator of a set,
    the projection onto it; with h = 0 it is gradient descent.
    step: 1/L where it is left out, L a bound on the curvature of s (estimated first, on the clock); where none is
    known the largest curvature at theta_0, or that along a move made since if it is more.
    Cost: one gradient and one prox an iterate. Memory: four vectors of length `dim`.
    Rate: 1/k for every convex f at 1/L; linear, 1 - mu/L, where s is strongly convex.
    Choose it as the plain beginning that all faster ones are measured against; not for speed: FISTA costs the same.
    Source: Daubechies, Defrise & De Mol (2004), doi:10.1002/cpa.20042; Beck & Teboulle (2009), doi:10.1137/080716542.
    """

    needs = (Composite,)
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
                return STILL
            g_new = s.gradient(new)
            if self.step is None:
                step = _no_longer(step, theta, new, g, g_new)
            theta, g = new, g_new

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(float(abs(1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues).max()))


@dataclass(frozen=True)
class FISTA(Solver[Composite]):
    """The accelerated proximal gradient method for f = s + h, s smooth, h with a prox.

        theta' <- prox(p - step g(p), step)     t' = (1 + sqrt(1 + 4 t^2)) / 2
        p <- theta' + (t - 1)/t' (theta' - theta)     theta <- theta',  t <- t'

    g: the gradient of s. With restart, t goes back to 1 where the momentum points uphill, (p - theta').(theta' -
    theta) > 0, which keeps it fast on strongly convex f without knowing mu.
    step: 1/L where it is left out, L a bound on the curvature of s (estimated first, on the clock); where none is
    known the largest curvature at theta_0, or that along a move made since if it is more.
    restart: true.
    acceleration: true; false leaves p = theta', which is ISTA.
    Cost: one gradient and one prox an iterate. Memory: six vectors of length `dim`.
    Rate: 2 L |theta_0 - theta*|^2 / (k + 1)^2; with restarts about 1 - sqrt(mu/L) where s is strongly convex.
    Choose it for l1 penalties, constraints and other proxes with many columns; not where a coefficient is cheap to move
    alone: coordinate descent is faster.
    Source: Beck & Teboulle (2009), doi:10.1137/080716542; O'Donoghue & Candes (2015), doi:10.1007/s10208-013-9150-3.
    """

    needs = (Composite,)
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
                return STILL
            if self.restart and (p - new) @ move > 0:
                t = 1.0
            t, before = (1 + math.sqrt(1 + 4 * t * t)) / 2, t
            ahead = new + (before - 1) / t * move if self.acceleration else new
            g_ahead = s.gradient(ahead)
            if self.step is None:
                step = _no_longer(step, p, ahead, g, g_ahead)
            theta, p, g = new, ahead, g_ahead

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return None if self.acceleration else ISTA(self.step).rate(spectrum)


def _no_longer(step: float, old: Vector, new: Vector, g: Vector, g_new: Vector) -> float:
    """`step`, or the inverse of the curvature between two points where that is less and no work of rounding."""
    move, change = norm(new - old), norm(g_new - g)
    return float(move / change) if step * change > move > math.sqrt(EPS) * norm(new) else step


@dataclass(frozen=True)
class ProjectedGradient(Solver[Composite]):
    """Gradient descent that goes back to the allowed set after every step, with steps of Barzilai and Borwein.

        1. theta' = P(theta - step g),  s = theta' - theta
        2. step halved, and 1 again, until f(theta') <= max of the last ten values of f - 1e-4 s.s / step
        3. step <- s.s / s.y,  y = g' - g     theta <- theta'

    P: the prox of what is not smooth, a projection where that is a constraint; it begins at P(theta_0). f need not
    fall at every step. The first step is 1/L, L as in ISTA.
    Cost: one gradient, one value and one prox an iterate. Memory: six vectors of length `dim`.
    Rate: linear where the smooth part is strongly convex, in practice far below 1 - mu/L; no better one is proven.
    Choose it for simple constraints, as bounds, with many columns; not where the set has no cheap projection: ADMM.
    Source: Goldstein (1964); Birgin, Martinez & Raydan (2000), doi:10.1137/S1052623497330963; for any prox Wright,
    Nowak & Figueiredo (2009), doi:10.1109/TSP.2009.2016892.
    """

    needs = (Composite,)

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        part = problem.smooth
        theta = problem.prox(theta0, 0.0)
        f, g = part.value_and_gradient(theta)
        f += problem.rest(theta)
        recent = deque([f], 10)
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
                return STILL
            y = g_new - g
            step = float(s @ s / (s @ y)) if s @ y > EPS * norm(s) * norm(y) else 10 * step
            theta, g = new, g_new
            recent.append(f)
