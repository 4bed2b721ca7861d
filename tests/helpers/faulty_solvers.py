"""Solvers with one deliberate fault each, which a check must find."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from itertools import count

import numpy as np
import scipy.linalg as sl

from problems.forms import Composite, LeastSquares, LinearModel, LinearSystem, Objective, Smooth, SPDSystem, TwiceSmooth
from problems.foundation.arrays import EPS, Vector
from solvers.base import Iterates, Solver, Trait
from solvers.composite.proximal import ISTA
from solvers.linear_systems.direct import QR
from solvers.linear_systems.krylov import ConjugateGradient
from solvers.linear_systems.stationary import Jacobi
from solvers.second_order.newton import Newton

STEP = 0.1


@dataclass(frozen=True)
class WritesIntoTheta0(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        for _ in count():
            theta0 -= STEP * problem.gradient(theta0)
            yield theta0.copy()


@dataclass(frozen=True)
class YieldsOneArrayTwice(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0.copy()
        for _ in count():
            theta -= STEP * problem.gradient(theta)
            yield theta


@dataclass(frozen=True)
class UsesGlobalRandomness(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            theta = theta - STEP * np.random.rand() * problem.gradient(theta)  # noqa: NPY002
            yield theta


@dataclass(frozen=True)
class ClimbsTheGradient(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            theta = theta + STEP * problem.gradient(theta)
            yield theta


@dataclass(frozen=True)
class StopsEarly(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in range(3):
            theta = theta - STEP * problem.gradient(theta)
            yield theta
        return "converged"


@dataclass(frozen=True)
class Stalls(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for k in count():
            if k < 2:
                theta = theta - STEP * problem.gradient(theta)
            yield theta.copy()


@dataclass(frozen=True)
class IgnoresTheIntercept(Solver[LeastSquares]):
    needs = (LinearModel, LeastSquares)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = problem.least_squares()
        theta = np.zeros(B.shape[1])
        if isinstance(problem, LinearModel) and problem.rows.intercept:
            theta[:-1] = sl.lstsq(B[:, :-1], c)[0]
        else:
            theta = sl.lstsq(B, c)[0]
        yield theta


@dataclass(frozen=True)
class PenalisesTheIntercept(Solver[LeastSquares]):
    needs = (LinearModel, LeastSquares)
    traits = frozenset({Trait.SQUARES_CONDITION})

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = problem.least_squares()
        N = B.T @ B
        if isinstance(problem, LinearModel) and problem.rows.intercept:
            N[-1, -1] += problem.n * problem.penalty.l2
        yield sl.solve(N, B.T @ c)


@dataclass(frozen=True)
class CholeskyOfAnything(Solver[SPDSystem]):
    needs = (SPDSystem,)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        A = A.toarray() if hasattr(A, "toarray") else A
        yield sl.solve(A, b)


@dataclass(frozen=True)
class MetropolisUpsideDown(Solver[Objective]):
    """Metropolis sampling with the inverted acceptance ratio."""

    needs = (Objective,)
    traits = frozenset({Trait.SAMPLES})
    judged_by_best = True
    temperature: float = 1.0

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, f = theta0.copy(), problem.value(theta0)
        for _ in count():
            new = theta + rng.standard_normal(theta.size)
            f_new = problem.value(new)
            if np.log(rng.random()) < (f_new - f) / self.temperature:
                theta, f = new, f_new
            yield theta.copy()


@dataclass(frozen=True)
class WithoutBeta(Solver[SPDSystem]):
    """Conjugate gradients that forget their last direction."""

    needs = (SPDSystem,)
    traits = frozenset({Trait.KRYLOV, Trait.CONJUGATE})

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta = theta0
        r = b - A @ theta
        while r @ r > (EPS * np.linalg.norm(b)) ** 2:
            Ap = A @ r
            theta = theta + (r @ r) / (r @ Ap) * r
            yield theta
            r = b - A @ theta


class SubclassWithoutBeta(ConjugateGradient):
    """Conjugate gradients with the same fault, as a change of the class itself would have it."""

    iterate = WithoutBeta.iterate


class RoughQR(QR):
    """QR with the errors of single precision."""

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        for theta in super().iterate(problem, theta0, rng):
            yield (1 + 1e-6) * theta


class JacobiWithAWrongSign(Jacobi):
    """Jacobi's iteration that adds the off-diagonal part instead of subtracting it."""

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        A = A.toarray() if hasattr(A, "toarray") else A
        D, theta = np.diag(A), theta0
        for _ in count():
            theta = (b + (A @ theta - D * theta)) / D
            yield theta


@dataclass(frozen=True)
class GreedyConjugateGradient(Solver[SPDSystem]):
    """Conjugate gradients whose step is sometimes more than twice too long."""

    needs = (SPDSystem,)
    traits = frozenset({Trait.KRYLOV, Trait.CONJUGATE})

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta, r = theta0, b - A @ theta0
        for k in count():
            Ar = A @ r
            if not r @ r > (EPS * np.linalg.norm(b)) ** 2:
                return
            theta = theta + (2.2 if k % 5 == 1 else 1.0) * (r @ r) / (r @ Ar) * r
            yield theta
            r = b - A @ theta


class HalfNewton(Newton):
    """Newton's direction with half of the step, and the rate of the full step."""

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            theta = theta - sl.lstsq(problem.hessian(theta), problem.gradient(theta))[0] / 2
            yield theta


class DustyISTA(ISTA):
    """ISTA whose coefficients are never exactly zero."""

    def iterate(self, problem: Composite, theta0: Vector, rng: np.random.Generator) -> Iterates:
        for theta in super().iterate(problem, theta0, rng):
            yield theta + 1e-9


@dataclass(frozen=True)
class Raises(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield theta0 - STEP * problem.gradient(theta0)
        raise KeyError("step 2")


@dataclass(frozen=True)
class Hangs(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield theta0 - STEP * problem.gradient(theta0)
        while True:
            time.sleep(1)


@dataclass(frozen=True)
class Exits(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield theta0 - STEP * problem.gradient(theta0)
        os._exit(0)


@dataclass(frozen=True)
class AsksToExit(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield theta0 - STEP * problem.gradient(theta0)
        raise SystemExit("done")
