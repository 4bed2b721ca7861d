"""First-order methods on the whole gradient, with a fixed step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.arrays import Vector
from problems.checks import fraction, positive
from problems.forms import Smooth

from .base import Iterates, Rate, Solver
from .kernels.rules import gradient_step, heavy_ball, look_ahead
from .kernels.training import descent
from .spectrum import Spectrum, largest_curvature


@dataclass(frozen=True)
class GradientDescent(Solver[Smooth]):
    """Gradient descent for smooth f.

        theta <- theta - step g,     g the gradient at theta

    step: 1/L where it is left out, L the largest curvature at theta_0 (estimated first, on the clock). Converges
    below 2/L and not above. One gradient an iterate; two vectors of length `dim`.
    Rate max |1 - step lambda| over the Hessian's eigenvalues lambda: 1 - mu/L at 1/L, so that the iterates needed
    grow with the condition number L/mu.
    Source: Cauchy (1847); Nesterov, Lectures on Convex Optimization (2018), section 2.1.5.
    """

    needs = (Smooth,)
    step: float | None = None

    def __post_init__(self) -> None:
        positive(step=self.step)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        step = self.step or 1 / largest_curvature(problem, theta0, rng)
        yield from descent(problem, gradient_step, theta0, step)

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(float(abs(1 - (self.step or 1 / spectrum.start) * spectrum.eigenvalues).max()))


@dataclass(frozen=True)
class Momentum(Solver[Smooth]):
    """The heavy ball: gradient descent that keeps a part of its last move.

        v <- momentum v - step g     theta <- theta + v,     g the gradient at theta

    step: 1/L where it is left out. Converges below 2 (1 + momentum)/L. One gradient an iterate; three vectors.
    Rate: the largest root, over the eigenvalues lambda, of z^2 - (1 + momentum - step lambda) z + momentum; at best
    (sqrt(k) - 1)/(sqrt(k) + 1), k = L/mu. With momentum 0 it is gradient descent.
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

    step: 1/L where it is left out.  momentum: beta; where it is left out, (k - 1)/(k + 2) at iterate k, with which
    f - f* <= 2 L |theta_0 - theta*|^2 / (k + 1)^2 for every convex f. One gradient an iterate; three vectors.
    Rate with a fixed beta: the largest root, over the eigenvalues lambda, of
    z^2 - (1 + beta)(1 - step lambda) z + beta (1 - step lambda). With momentum 0 it is gradient descent.
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
