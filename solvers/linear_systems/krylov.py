"""Linear systems by Krylov subspaces: the best theta, in one sense or another, among theta_0 + span(r, A r, ...)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg as sl
from numpy.linalg import norm

from problems.forms import LinearSystem, SPDSystem, SymmetricSystem
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import at_least
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.preconditioners import PRECONDITIONERS

ROUNDING = "the residual that it reckons with is at rounding level"
LOST = 100 * EPS  # what is left of a vector when so little is left is rounding, and tells no direction


@dataclass(frozen=True)
class ConjugateGradient(Solver[SPDSystem]):
    """Conjugate gradients for A theta = b, with A symmetric positive definite.

        alpha = r.r / p.Ap     theta <- theta + alpha p     r <- r - alpha Ap     p <- r + (r.r / r0.r0) p

    where r0 is the residual before the step. The error is the least in the A-norm.
    Cost: one product with A an iterate. Memory: four vectors of length `dim`.
    Rate: (sqrt(k) - 1) / (sqrt(k) + 1) or better, k the condition number of A; with few different eigenvalues it
    ends in as many steps.
    Choose it for any large definite system; not alone where k is large: precondition it.
    Source: Hestenes & Stiefel (1952), doi:10.6028/jres.049.044.
    """

    needs = (SPDSystem,)

    def iterate(self, problem: SPDSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        theta = theta0
        r = b - A @ theta
        p, rr = r, r @ r
        while rr > (EPS * norm(b)) ** 2:  # below rounding nothing better will come
            Ap = A @ p
            alpha = rr / curvature(p, Ap)
            theta = theta + alpha * p
            yield theta
            r = r - alpha * Ap
            rr, old = r @ r, rr
            p = r + (rr / old) * p
        return ROUNDING

    def rate(self, spectrum: Spectrum) -> Rate:
        return chebyshev(spectrum.condition)


@dataclass(frozen=True)
class PreconditionedCG(Solver[SPDSystem]):
    """Preconditioned CG for A theta = b, A symmetric positive definite: CG in the geometry of M, an easy part of A.

        alpha = r.z / p.Ap    theta <- theta + alpha p    r <- r - alpha Ap    z = M^-1 r    p <- z + (r.z / r0.z0) p

    preconditioner: M, which is identity: I, and this is plain CG; jacobi: the diagonal D; ssor:
    (D + L) D^-1 (D + L)', a sweep of Gauss-Seidel forward and one back; incomplete-cholesky: L L' with L's entries
    only where A has some, which breaks down where a pivot is not positive.
    Cost: one product with A and one solution with M an iterate. Memory: five vectors of length `dim`, and M.
    Rate: (sqrt(k) - 1) / (sqrt(k) + 1) or better, k the condition number of M^-1 A.
    Choose it for large sparse definite systems of high condition; not where A is dense and k small: plain CG.
    Source: Concus, Golub & O'Leary (1976); Meijerink & van der Vorst (1977), doi:10.1090/S0025-5718-1977-0438681-4.
    """

    needs = (SPDSystem,)
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
        return ROUNDING

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return chebyshev(spectrum.condition) if self.preconditioner == "identity" else None


@dataclass(frozen=True)
class MINRES(Solver[SymmetricSystem]):
    """The minimum residual method for A theta = b, with A symmetric, definite or not.

        1. Lanczos:   beta' v' = A v - alpha v - beta v0,  alpha = v.Av
        2. rotations: delta = c alpha - c0 s beta;  rho = |delta, beta'|;  c', s' = delta/rho, beta'/rho
        3. w' = (v - (s alpha + c0 c beta) w - s0 beta w0) / rho
        4. theta <- theta + c' eta w';  eta <- -s' eta

    where 0 marks what is older. |eta| is the residual's length, the least there is in the subspace, so it never rises.
    Cost: one product with A an iterate. Memory: seven vectors of length `dim`.
    Rate: that of CG where A is definite; where eigenvalues of both signs lie within [-b, -a] and [a, b], two steps
    gain (b/a - 1) / (b/a + 1).
    Choose it for symmetric indefinite systems; not for definite ones, where CG is a little cheaper, nor for many
    digits: of a condition number k rounding may cost it k^2, where it costs GMRES k.
    Source: Paige & Saunders (1975), doi:10.1137/0712047; for rounding Sleijpen, van der Vorst & Modersitzki (2000),
    doi:10.1137/S0895479897323087.
    """

    needs = (SymmetricSystem,)

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
            after = float(norm(new))
            delta = c * alpha - c0 * s * beta
            rho = np.hypot(delta, after)
            size = max(size, float(norm(Av)))
            if rho <= LOST * size:
                raise Breakdown("the matrix is singular, and what is left of the residual is out of its reach")
            w, w0 = (v - (s * alpha + c0 * c * beta) * w - s0 * beta * w0) / rho, w
            c, c0, s, s0 = delta / rho, c, after / rho, s
            theta = theta + c * eta * w
            yield theta
            eta = -s * eta
            v, v0, beta = new / (after or 1.0), v, after
        return ROUNDING

    def rate(self, spectrum: Spectrum) -> Rate:
        return chebyshev(spectrum.condition)


@dataclass(frozen=True)
class GMRES(Solver[LinearSystem]):
    """The generalised minimum residual method for A theta = b, A any square matrix, restarted.

        1. Arnoldi:   w = A v_j;  h_i = w.v_i, w <- w - h_i v_i for i <= j;  v_(j+1) = w / |w|
        2. rotations turn the columns (h, |w|) of H into those of R, upper triangular, and |r| e_1 into g
        3. theta = theta_0 + V y,  R y = g_1..j;     |g_(j+1)| is the residual's length

    restart: after so many steps it begins anew from theta, or never, if none. Every inner step is an iterate.
    Cost: one product with A and 3 j vector operations an iterate, j counted from the last restart. Memory: restart
    vectors of length `dim`.
    Rate: for a normal matrix as fast as polynomials with p(0) = 1 get small on its eigenvalues; without a restart
    it ends within `dim` steps. Restarted it may stand still where A is not definite.
    Choose it for nonsymmetric systems; not for symmetric ones: MINRES has the same iterates from three terms.
    Source: Saad & Schultz (1986), doi:10.1137/0907058.
    """

    needs = (LinearSystem,)
    restart: int | None = 30

    def __post_init__(self) -> None:
        at_least(1, restart=self.restart)

    def iterate(self, problem: LinearSystem, theta0: Vector, rng: np.random.Generator) -> Iterates:
        A, b = problem.system()
        most = min(self.restart or b.size, b.size)
        start, least = theta0, np.inf
        while True:
            r = b - A @ start
            size = float(norm(r))
            if size <= EPS * norm(b):
                return ROUNDING
            if size >= least:
                return "a whole cycle does not lower the residual"
            least = size
            V, R, g = np.empty((most + 1, b.size)), np.zeros((most + 1, most)), np.zeros(most + 1)
            rotations: list[tuple[float, float]] = []
            V[0], g[0] = r / size, size
            for j in range(most):
                w = A @ V[j]
                lost = LOST * float(norm(w))
                for i in range(j + 1):
                    R[i, j] = w @ V[i]
                    w = w - R[i, j] * V[i]
                after = norm(w)
                for i, (c, s) in enumerate(rotations):
                    R[i, j], R[i + 1, j] = c * R[i, j] + s * R[i + 1, j], c * R[i + 1, j] - s * R[i, j]
                rho = np.hypot(R[j, j], after)
                if rho <= lost:
                    raise Breakdown("the matrix is singular, and what is left of the residual is out of its reach")
                c, s = R[j, j] / rho, after / rho
                rotations.append((c, s))
                R[j, j], g[j], g[j + 1] = rho, c * g[j], -s * g[j]
                y = sl.solve_triangular(R[: j + 1, : j + 1], g[: j + 1], check_finite=False)
                theta = start + y @ V[: j + 1]
                yield theta
                if abs(g[j + 1]) <= EPS * norm(b):
                    return ROUNDING
                if after <= lost:  # the subspace is all there is
                    break
                V[j + 1] = w / after
            start = theta

    def rate(self, spectrum: Spectrum) -> Rate | None:
        return None if self.restart else chebyshev(spectrum.condition)


def curvature(p: Vector, Ap: Vector) -> float:
    """p.Ap; a Breakdown where it is not above zero, which a positive definite matrix does not allow."""
    pAp = float(p @ Ap)
    if not pAp > 0:
        raise Breakdown(f"the matrix is not positive definite: p.Ap is {pAp:.3g} along a direction p")
    return pAp


def chebyshev(condition: float) -> Rate:
    """(sqrt(k) - 1) / (sqrt(k) + 1): how fast Chebyshev's polynomials get small on an interval [a, k a]."""
    root = np.sqrt(condition)
    return Rate(float((root - 1) / (root + 1)))
