"""Gradient steps on the smooth part, a prox for the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm

from problems.arrays import EPS, Vector
from problems.checks import positive
from problems.forms import Composite

from .base import Iterates, Solver
from .spectrum import largest_curvature


@dataclass(frozen=True)
class ISTA(Solver[Composite]):
    """The proximal gradient method for f = s + h, s smooth, h with a prox.

        theta <- prox(theta - step g, step),     g the gradient of s at theta

    With h = l1 |w|_1 the prox is soft thresholding, which gives the method its name; with h the indicator of a set,
    the projection onto it; with h = 0 it is gradient descent.
    step: 1/L where it is left out, L the largest curvature of s at theta_0 (estimated first, on the clock).
    Cost: one gradient and one prox an iterate. Memory: three vectors of length `dim`.
    Rate: 1/k for every convex f at 1/L; linear, 1 - mu/L, where s is strongly convex.
    Choose it as the plain beginning that all faster ones are measured against; FISTA costs the same and is faster.
    Source: Daubechies, Defrise & De Mol (2004), doi:10.1002/cpa.20042; Beck & Teboulle (2009), doi:10.1137/080716542.
    """

    needs = (Composite,)
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        s = problem.smooth
        step = self.step or 1 / largest_curvature(s, theta0, rng)
        theta = theta0
        while True:
            new = problem.prox(theta - step * s.gradient(theta), step)
            yield new
            if np.array_equal(new, theta):
                return "a step changes nothing"
            theta = new


@dataclass(frozen=True)
class FISTA(Solver[Composite]):
    """The accelerated proximal gradient method for f = s + h, s smooth, h with a prox.

        theta' <- prox(p - step g(p), step)     t' = (1 + sqrt(1 + 4 t^2)) / 2
        p <- theta' + (t - 1)/t' (theta' - theta)     theta <- theta',  t <- t'

    g: the gradient of s. With restart, t goes back to 1 where the momentum points uphill, (p - theta').(theta' -
    theta) > 0, which keeps it fast on strongly convex f without knowing mu.
    step: 1/L where it is left out, L the largest curvature of s at theta_0 (estimated first, on the clock).
    acceleration: false leaves p = theta', which is ISTA.
    Cost: one gradient and one prox an iterate. Memory: four vectors of length `dim`.
    Rate: 2 L |theta_0 - theta*|^2 / (k + 1)^2; with restarts about 1 - sqrt(mu/L) where s is strongly convex.
    Choose it for l1 penalties, constraints and other proxes with many columns; coordinate descent is faster where
    a coefficient is cheap to move alone.
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
        theta, p, t = theta0, theta0, 1.0
        while True:
            new = problem.prox(p - step * s.gradient(p), step)
            yield new
            move = new - theta
            if norm(move) <= EPS * norm(new) and norm(p - new) <= EPS * norm(new):
                return "a step changes nothing"
            if self.restart and (p - new) @ move > 0:
                t = 1.0
            t, before = (1 + math.sqrt(1 + 4 * t * t)) / 2, t
            p = new + (before - 1) / t * move if self.acceleration else new
            theta = new


@dataclass(frozen=True)
class ProjectedGradient(Solver[Composite]):
    """Gradient descent that goes back to the allowed set after every step, with a step of Barzilai and Borwein.

        theta' <- P(theta - step g)     step <- s.s / s.y,  s = theta' - theta,  y = g' - g

    P: the prox of what is not smooth, a projection where that is a constraint. The new point must fall below the
    largest of the last ten values of f, or the step is halved: f itself need not fall at every step.
    Cost: one gradient, one value and one prox an iterate. Memory: six vectors of length `dim`.
    Rate: linear where the smooth part is strongly convex, in practice far below 1 - mu/L; no better one is proven.
    Choose it for simple constraints, as bounds, with many columns; ADMM where the set has no cheap projection.
    Source: Goldstein (1964); Birgin, Martinez & Raydan (2000), doi:10.1137/S1052623497330963.
    """

    needs = (Composite,)

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        part = problem.smooth
        theta = problem.prox(theta0, 1.0)
        f, g = part.value_and_gradient(theta)
        step = 1 / largest_curvature(part, theta, rng)
        recent = [f + problem.rest(theta)]
        while True:
            while True:
                new = problem.prox(theta - step * g, step)
                s = new - theta
                f_new, g_new = part.value_and_gradient(new)
                f = f_new + problem.rest(new)
                if f <= max(recent) - 1e-4 / step * (s @ s) + EPS * abs(f) or step * norm(g) <= EPS * norm(theta):
                    break
                step /= 2
            yield new
            if not s.any():
                return "a step changes nothing"
            y = g_new - g
            step = float(s @ s / (s @ y)) if s @ y > EPS * norm(s) * norm(y) else 10 * step
            theta, g = new, g_new
            recent = [*recent[-9:], f]
