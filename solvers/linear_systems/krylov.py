"""Krylov subspace methods for linear systems.

Each iterate is optimal, in a sense that depends on the method, among theta_0 + span(r, A r, A^2 r, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg as sl
from numpy.linalg import norm

from problems.forms import LinearSystem, SPDSystem, SymmetricSystem
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import at_least
from solvers.base import Breakdown, Iterates, Rate, Solver, Trait
from solvers.base.endings import RESIDUAL_AT_ROUNDING
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.preconditioners import PRECONDITIONERS

NEGLIGIBLE = 100 * EPS  # a vector reduced to this fraction of its length consists of rounding errors


@dataclass(frozen=True)
class ConjugateGradient(Solver[SPDSystem]):
    """Conjugate gradients for A theta = b, with A symmetric positive definite.

        alpha = r.r / p.Ap     theta <- theta + alpha p     r <- r - alpha Ap     p <- r + (r.r / r0.r0) p

    where r0 is the residual before the step. Every iterate has the smallest error in the A-norm.
    Cost: one product with A per iteration.
    Memory: four vectors of length `dim`.
    Rate: (sqrt(k) - 1) / (sqrt(k) + 1) or better, where k is the condition number of A. If A has few distinct
    eigenvalues, it ends after as many iterations.
    Choose it for any large positive definite system; not without a preconditioner if k is large.
    Source: Hestenes & Stiefel (1952), doi:10.6028/jres.049.044.
    """

    needs = (SPDSystem,)
    traits = frozenset({Trait.KRYLOV, Trait.CONJUGATE})

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta = theta0
        r = b - A @ theta
        p, rr = r, r @ r
        while rr > (EPS * norm(b)) ** 2:  # rounding errors allow nothing better
            Ap = A @ p
            alpha = rr / curvature(p, Ap)
            theta = theta + alpha * p
            yield theta
            r = r - alpha * Ap
            rr, old = r @ r, rr
            p = r + (rr / old) * p
        return RESIDUAL_AT_ROUNDING

    def rate(self, spectrum: Spectrum) -> Rate:
        return chebyshev_rate(spectrum.condition)


@dataclass(frozen=True)
class PreconditionedCG(Solver[SPDSystem]):
    """Preconditioned conjugate gradients for A theta = b, with A symmetric positive definite.

        alpha = r.z / p.Ap    theta <- theta + alpha p    r <- r - alpha Ap    z = M^-1 r    p <- z + (r.z / r0.z0) p

    where M approximates A, systems with M are easy to solve, and r0, z0 are r and z before the step.
    preconditioner: M, default ssor. identity: I, which gives conjugate gradients. jacobi: the diagonal D. ssor: (D + L)
    D^-1 (D + L)', a forward and a backward sweep of Gauss-Seidel. incomplete-cholesky: L L', with entries of L only
    where A has entries; it breaks down if a pivot is not positive.
    Cost: one product with A and one solve with M per iteration.
    Memory: five vectors of length `dim`, and M.
    Rate: (sqrt(k) - 1) / (sqrt(k) + 1) or better, where k is the condition number of M^-1 A.
    Choose it for large sparse positive definite systems with a large condition number; not if A is dense and k is
    small: conjugate gradients need no M.
    Source: Concus, Golub & O'Leary (1976); Meijerink & van der Vorst (1977), doi:10.1090/S0025-5718-1977-0438681-4.
    """

    needs = (SPDSystem,)
    traits = frozenset({Trait.CONJUGATE})  # its iterations are decided by the spectrum of M^-1 A
    preconditioner: Literal["identity", "jacobi", "ssor", "incomplete-cholesky"] = "ssor"

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        M = PRECONDITIONERS[self.preconditioner](A)
        theta = theta0
        r = b - A @ theta
        z = M(r)
        p, rz = z, r @ z
        while r @ r > (EPS * norm(b)) ** 2:
            Ap = A @ p
            alpha = rz / curvature(p, Ap)
            theta = theta + alpha * p
            yield theta
            r = r - alpha * Ap
            z = M(r)
            rz, old = r @ z, rz
            p = z + (rz / old) * p
        return RESIDUAL_AT_ROUNDING

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return chebyshev_rate(spectrum.condition) if self.preconditioner == "identity" else None


@dataclass(frozen=True)
class MINRES(Solver[SymmetricSystem]):
    """The minimum residual method for A theta = b, with A symmetric, definite or indefinite.

        1. Lanczos:   beta' v' = A v - alpha v - beta v0,  alpha = v.Av
        2. rotations: delta = c alpha - c0 s beta;  rho = |delta, beta'|;  c', s' = delta/rho, beta'/rho
        3. w' = (v - (s alpha + c0 c beta) w - s0 beta w0) / rho
        4. theta <- theta + c' eta w';  eta <- -s' eta

    where 0 marks the older value. |eta| is the norm of the residual. It is the smallest in the Krylov subspace, so it
    never increases.
    Cost: one product with A per iteration.
    Memory: seven vectors of length `dim`.
    Rate: the rate of conjugate gradients if A is positive definite. If the eigenvalues lie in [-b, -a] and [a, b], two
    iterations reduce the residual by the factor (b/a - 1) / (b/a + 1).
    Choose it for symmetric indefinite systems; not for positive definite systems, where conjugate gradients are a
    little cheaper, nor for high accuracy: rounding errors may be amplified by the square of the condition number, and
    with GMRES only by the condition number.
    Source: Paige & Saunders (1975), doi:10.1137/0712047; for rounding errors Sleijpen, van der Vorst & Modersitzki
    (2000), doi:10.1137/S0895479897323087.
    """

    needs = (SymmetricSystem,)
    traits = frozenset({Trait.KRYLOV})

    def iterate(self, problem: SymmetricSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta = theta0
        v = b - A @ theta
        eta, beta = norm(v), 0.0
        v, v0, w, w0 = v / (eta or 1.0), np.zeros_like(b), np.zeros_like(b), np.zeros_like(b)
        c, c0, s, s0, size = 1.0, 1.0, 0.0, 0.0, 0.0
        while abs(eta) > EPS * norm(b):
            Av = A @ v
            alpha = v @ Av
            new = Av - alpha * v - beta * v0
            beta_new = float(norm(new))
            delta = c * alpha - c0 * s * beta
            rho = np.hypot(delta, beta_new)
            size = max(size, float(norm(Av)))
            if rho <= NEGLIGIBLE * size:
                raise Breakdown("the matrix is singular, and the Krylov subspace does not contain a solution")
            w, w0 = (v - (s * alpha + c0 * c * beta) * w - s0 * beta * w0) / rho, w
            c, c0, s, s0 = delta / rho, c, beta_new / rho, s
            theta = theta + c * eta * w
            yield theta
            eta = -s * eta
            v, v0, beta = new / (beta_new or 1.0), v, beta_new
        return RESIDUAL_AT_ROUNDING

    def rate(self, spectrum: Spectrum) -> Rate:
        return chebyshev_rate(spectrum.condition)


@dataclass(frozen=True)
class GMRES(Solver[LinearSystem]):
    """The generalised minimum residual method with restarts for A theta = b, where A is any square matrix.

        1. Arnoldi:   w = A v_j;  h_i = w.v_i, w <- w - sum_i h_i v_i for i <= j, twice;  v_(j+1) = w / |w|
        2. rotations transform the columns (h, |w|) of H into those of R, upper triangular, and |r| e_1 into g
        3. theta = theta_0 + V y,  R y = g_1..j;     |g_(j+1)| is the norm of the residual

    An iteration is an inner step.
    restart: default 30, the number of steps after which it starts again from theta. With none it never restarts.
    Cost: one product with A and 5 j vector operations per iteration, where j counts the iterations since the last
    restart.
    Memory: restart + 5 vectors of length `dim`.
    Rate: for a normal matrix, the rate at which polynomials with p(0) = 1 become small on its eigenvalues. Without a
    restart it ends within `dim` iterations. With restarts it may stagnate if A is not definite.
    Choose it for nonsymmetric systems; not for symmetric systems: MINRES has the same iterates from a three-term
    recurrence.
    Source: Saad & Schultz (1986), doi:10.1137/0907058; two passes of Gram-Schmidt: Giraud, Langou & Rozloznik (2005),
    doi:10.1016/j.camwa.2005.08.009.
    """

    needs = (LinearSystem,)
    traits = frozenset({Trait.KRYLOV})
    restart: int | None = 30

    def __post_init__(self) -> None:
        at_least(1, restart=self.restart)

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        steps = min(self.restart or b.size, b.size)
        start, smallest = theta0, np.inf
        while True:
            r = b - A @ start
            size = float(norm(r))
            if size <= EPS * norm(b):
                return RESIDUAL_AT_ROUNDING
            if size >= smallest:
                return "a whole cycle between two restarts does not decrease the residual"
            smallest = size
            V, R, g = np.empty((steps + 1, b.size)), np.zeros((steps + 1, steps)), np.zeros(steps + 1)
            rotations: list[tuple[float, float]] = []
            V[0], g[0] = r / size, size
            for j in range(steps):
                w = A @ V[j]
                negligible = NEGLIGIBLE * float(norm(w))
                for _ in range(2):  # where w is almost in the subspace, the first pass leaves rounding errors in it
                    h = V[: j + 1] @ w
                    w = w - h @ V[: j + 1]
                    R[: j + 1, j] += h
                length = norm(w)
                for i, (c, s) in enumerate(rotations):
                    R[i, j], R[i + 1, j] = c * R[i, j] + s * R[i + 1, j], c * R[i + 1, j] - s * R[i, j]
                rho = np.hypot(R[j, j], length)
                if rho <= negligible:
                    raise Breakdown("the matrix is singular, and the Krylov subspace does not contain a solution")
                c, s = R[j, j] / rho, length / rho
                rotations.append((c, s))
                R[j, j], g[j], g[j + 1] = rho, c * g[j], -s * g[j]
                y = sl.solve_triangular(R[: j + 1, : j + 1], g[: j + 1], check_finite=False)
                theta = start + y @ V[: j + 1]
                yield theta
                if abs(g[j + 1]) <= EPS * norm(b):
                    return RESIDUAL_AT_ROUNDING
                if length <= negligible:  # the subspace cannot grow any more
                    break
                V[j + 1] = w / length
            start = theta

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return None if self.restart else chebyshev_rate(spectrum.condition)


def curvature(p: Vector, Ap: Vector) -> float:
    """p.Ap. Raises Breakdown if it is not positive, which is impossible if A is positive definite."""
    pAp = float(p @ Ap)
    if not pAp > 0:
        raise Breakdown(f"the matrix is not positive definite: p.Ap is {pAp:.3g} along a direction p")
    return pAp


def chebyshev_rate(condition: float) -> Rate:
    """(sqrt(k) - 1) / (sqrt(k) + 1): the rate at which Chebyshev polynomials become small on [a, k a]."""
    root = np.sqrt(condition)
    return Rate(float((root - 1) / (root + 1)))
