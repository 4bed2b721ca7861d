"""Published methods with one line changed: each still comes near the minimum of an easy problem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import scipy.linalg as sl

from problems.forms import FiniteSum, LeastSquares, LinearSystem, NonlinearLeastSquares, Smooth, SPDSystem, TwiceSmooth
from problems.foundation.arrays import EPS, Vector
from solvers.base import Iterates, Recurrence, Solver, Trait
from solvers.first_order.adaptive import Adam
from solvers.first_order.descent import Nesterov
from solvers.first_order.variance_reduced import SVRG
from solvers.linear_systems.direct import LU, SVD
from solvers.linear_systems.krylov import ConjugateGradient, curvature
from solvers.second_order.newton import Newton


@dataclass(frozen=True)
class SkipsTheLastRow(Solver[FiniteSum]):
    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC})

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        while True:
            for i in rng.permutation(problem.n - 1):
                theta = theta - 0.05 * problem.batch_gradient(theta, np.array([i]))
            yield theta


@dataclass(frozen=True)
class SkipsTheLastBatch(Solver[FiniteSum]):
    """Batches of a permutation, of which the incomplete last one is left out."""

    needs = (FiniteSum,)
    traits = frozenset({Trait.STOCHASTIC, Trait.EPOCHS})
    batch: int = 32

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, size = theta0, min(self.batch, problem.n)
        while True:
            order = rng.permutation(problem.n)
            for start in range(0, problem.n - size + 1, size):
                theta = theta - 0.05 * problem.batch_gradient(theta, order[start : start + size])
            yield theta


class OneAnchor(SVRG):
    """SVRG whose full gradient is never computed again."""

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        return replace(SVRG(), step=self.step, every=10**9).iterate(problem, theta0, rng)


class WrongBetaLater(ConjugateGradient):
    """Conjugate gradients whose beta is wrong from iteration 50 on."""

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta, r = theta0, b - A @ theta0
        p = r
        for k in count(1):
            if not r @ r > (EPS * np.linalg.norm(b)) ** 2:
                return
            Ap = A @ p
            alpha = (r @ p) / curvature(p, Ap)
            theta = theta + alpha * p
            yield theta
            new = r - alpha * Ap
            beta = (new @ new) / (r @ r)
            p, r = new + (beta if k < 50 else 0.9 * beta) * p, new


class WholeNewtonSteps(Newton):
    """Newton's method without a line search."""

    def iterate(self, problem: TwiceSmooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            theta = theta - sl.lstsq(problem.hessian(theta), problem.gradient(theta))[0]
            yield theta


@dataclass(frozen=True)
class NewtonOfAnAuthor(Solver[TwiceSmooth]):
    """The same fault in a class that states nothing."""

    needs = (TwiceSmooth,)
    iterate = WholeNewtonSteps.iterate


@dataclass(frozen=True)
class AcceptsAnyStep(Solver[NonlinearLeastSquares]):
    """Levenberg-Marquardt with a constant damping, which takes steps that increase f."""

    needs = (NonlinearLeastSquares,)

    def iterate(self, problem: NonlinearLeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            r, J = problem.residual_and_jacobian(theta)
            damped = J.T @ J + 1e-3 * np.eye(theta.size)
            theta = theta - np.linalg.solve(damped, J.T @ r)
            yield theta


class LargeCutoff(SVD):
    """Least squares that takes a direction of relative size 1e-7 for a dependent one."""

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, c = problem.least_squares()
        yield np.ravel(sl.lstsq(B.toarray() if hasattr(B, "toarray") else B, c, cond=1e-7)[0])


class WithoutPivoting(LU):
    """Gaussian elimination that divides by the pivots as they come."""

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        A = A.toarray() if hasattr(A, "toarray") else A.copy()
        x = b.copy()
        for k in range(len(b)):
            factors = A[k + 1 :, k] / A[k, k]
            A[k + 1 :] -= np.outer(factors, A[k])
            x[k + 1 :] -= factors * x[k]
        yield sl.solve_triangular(A, x)


class BiasedAdam(Adam):
    """Adam whose corrections count the updates from 2."""

    def iterate(self, problem: FiniteSum, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, m, v, rows = theta0, 0.0, 0.0, np.arange(problem.n)
        for k in count(2):
            g = problem.batch_gradient(theta, rows)
            m, v = self.beta1 * m + (1 - self.beta1) * g, self.beta2 * v + (1 - self.beta2) * g**2
            root = np.sqrt(v / (1 - self.beta2**k)) + self.epsilon
            theta = theta - self.step * m / (1 - self.beta1**k) / root
            yield theta


class GradientAtTheta(Nesterov):
    """Nesterov's method with the gradient at theta instead of the extrapolated point."""

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, point = theta0, theta0
        for k in count(1):
            new = point - (self.step or 0.01) * problem.gradient(theta)
            point = new + (k - 1) / (k + 2) * (new - theta)
            theta = new
            yield theta


@dataclass(frozen=True)
class GradientAtThetaOfAnAuthor(Solver[Smooth]):
    """The same fault in a class that only states which recurrence it follows."""

    needs = (Smooth,)
    step: float = 0.01

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        return GradientAtTheta.iterate(self, problem, theta0, rng)  # type: ignore[arg-type]

    def recurrence(self) -> Recurrence:
        return Recurrence.NESTEROV


@dataclass(frozen=True)
class SinglePrecision(Solver[Smooth]):
    """Gradient descent in float32."""

    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0.astype(np.float32)
        for _ in count():
            theta = theta - np.float32(0.1) * problem.gradient(theta.astype(np.float64)).astype(np.float32)
            yield theta.astype(np.float64)


@dataclass(frozen=True)
class SinglePrecisionGradient(Solver[Smooth]):
    """Gradient descent in float64 with gradients in float32."""

    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            theta = theta - 0.1 * problem.gradient(theta.astype(np.float32).astype(np.float64))
            yield theta


@dataclass(frozen=True)
class ReusesAnArrayLater(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for k in count():
            if k < 50:
                theta = theta - 0.1 * problem.gradient(theta)
            else:
                theta -= 0.1 * problem.gradient(theta)
            yield theta


@dataclass(frozen=True)
class WritesIntoTheta0Later(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for k in count():
            theta = theta - 0.1 * problem.gradient(theta)
            if k == 100:
                theta0[:] = theta
            yield theta


@dataclass(frozen=True)
class ReadsPrivateAttributes(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta = theta0
        for _ in count():
            theta = theta - getattr(problem, "_step", 0.1) * problem.gradient(theta)
            yield theta


@dataclass(frozen=True)
class SeedsItself(Solver[Smooth]):
    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        theta, own = theta0, np.random.default_rng()
        for _ in count():
            theta = theta - 0.1 * own.random() * problem.gradient(theta)
            yield theta


REMEMBERED: list[Vector] = []


@dataclass(frozen=True)
class SharesItsState(Solver[Smooth]):
    """Momentum whose velocity belongs to the module, so that runs side by side disturb each other."""

    needs = (Smooth,)

    def iterate(self, problem: Smooth, theta0: Vector, rng: np.random.Generator) -> Iterates:
        REMEMBERED[:] = [np.zeros_like(theta0)]
        theta = theta0
        for _ in count():
            REMEMBERED[0] = 0.5 * REMEMBERED[0] - 0.05 * problem.gradient(theta)
            theta = theta + REMEMBERED[0]
            yield theta
