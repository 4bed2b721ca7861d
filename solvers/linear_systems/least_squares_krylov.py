"""Krylov subspace methods for least squares, by Golub-Kahan bidiagonalisation; B'B is never formed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.linalg import norm

from problems.forms import LeastSquares
from problems.foundation.arrays import EPS, Vector
from solvers.base import Iterates, Solver, Trait

AT_ROUNDING = "the residual that the recurrence updates, or its product with B', is at the level of rounding errors"
NEGLIGIBLE = 100 * EPS  # |B'r| below this fraction of |B| |r| is rounding error: with dependent columns it misleads


@dataclass(frozen=True)
class LSQR(Solver[LeastSquares]):
    """Least squares, min |B theta - y|^2: in exact arithmetic conjugate gradients on B'B theta = B'y.

        1. beta u <- B v - alpha u,     alpha v <- B'u - beta v
        2. rho = |rhobar, beta|;  c, s = rhobar/rho, beta/rho;  phi = c phibar
        3. theta <- theta + (phi/rho) w;  w <- v - (s alpha/rho) w
        4. rhobar <- -c alpha;  phibar <- s phibar

    phibar is the norm of the residual, the smallest in the Krylov subspace. Rounding errors grow less than with
    conjugate gradients on B'B.
    Cost: one product with B and one with B' per iteration.
    Memory: three vectors of length `dim` and one of the length of a column of B.
    Rate: (k - 1)/(k + 1) or better, where k is the condition number of B (not of B'B).
    Choose it for a large sparse B, square or not; not if B is dense and fits into memory: use QR.
    Source: Paige & Saunders (1982), doi:10.1145/355984.355989.
    """

    needs = (LeastSquares,)
    traits = frozenset({Trait.KRYLOV})

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, y = problem.least_squares()
        theta = theta0
        phibar, u = unit(y - B @ theta)
        rhobar, v = unit(B.T @ u)
        alpha, w, negligible = rhobar, v, NEGLIGIBLE * frobenius(B)
        c = 1.0
        while alpha * abs(c) > negligible and phibar > EPS * norm(y):  # |B'r| = alpha |c| phibar
            beta, u = unit(B @ v - alpha * u)
            alpha, v = unit(B.T @ u - beta * v)
            rho = np.hypot(rhobar, beta)
            c, s = rhobar / rho, beta / rho
            theta = theta + (c * phibar / rho) * w
            yield theta
            w = v - (s * alpha / rho) * w
            rhobar, phibar = -c * alpha, s * phibar
        return AT_ROUNDING


@dataclass(frozen=True)
class LSMR(Solver[LeastSquares]):
    """Least squares, min |B theta - y|^2. In exact arithmetic it is MINRES on B'B theta = B'y.

        1. beta u <- B v - alpha u,     alpha v <- B'u - beta v
        2. rho = |alphabar, beta|;  c, s = alphabar/rho, beta/rho;  alphabar <- c alpha
        3. rhobar = |cbar rho, s alpha|;  cbar', sbar' = cbar rho/rhobar, s alpha/rhobar
        4. hbar <- h - (sbar rho^2 / (rho0 rhobar0)) hbar;  theta <- theta + (cbar' zetabar / (rho rhobar)) hbar
        5. h <- v - (s alpha/rho) h;  zetabar <- -sbar' zetabar

    where 0 marks the older value. |zetabar| is |B'r|, the smallest in the Krylov subspace, so it never increases.
    Cost: one product with B and one with B' per iteration.
    Memory: five vectors of length `dim` and one of the length of a column of B.
    Rate: the rate of LSQR, (k - 1)/(k + 1) or better, where k is the condition number of B.
    Choose it instead of LSQR if it may be stopped early, because |B'r| decreases at every iteration; not if B is dense
    and has few rows: use QR.
    Source: Fong & Saunders (2011), doi:10.1137/10079687X.
    """

    needs = (LeastSquares,)
    traits = frozenset({Trait.KRYLOV})

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, y = problem.least_squares()
        theta = theta0
        phibar, u = unit(y - B @ theta)  # phibar is the residual of LSQR, a lower bound on this residual
        alphabar, v = unit(B.T @ u)
        alpha, h, negligible = alphabar, v, NEGLIGIBLE * frobenius(B)
        zetabar, hbar = alpha * phibar, np.zeros_like(v)
        rho = rhobar = cbar = 1.0
        sbar, step = 0.0, np.inf
        while abs(zetabar) > negligible * phibar and (phibar > EPS * norm(y) or step > EPS * norm(theta)):
            beta, u = unit(B @ v - alpha * u)
            alpha, v = unit(B.T @ u - beta * v)
            rho0, rhobar0 = rho, rhobar
            rho = np.hypot(alphabar, beta)
            c, s = alphabar / rho, beta / rho
            alphabar, phibar = c * alpha, s * phibar
            hbar = h - (sbar * rho**2 / (rho0 * rhobar0)) * hbar
            rhobar = np.hypot(cbar * rho, s * alpha)
            cbar, sbar = cbar * rho / rhobar, s * alpha / rhobar
            move = (cbar * zetabar / (rho * rhobar)) * hbar
            theta, step = theta + move, float(norm(move))
            yield theta
            h = v - (s * alpha / rho) * h
            zetabar = -sbar * zetabar
        return AT_ROUNDING


def unit(v: Vector) -> tuple[float, Vector]:
    """|v| and v / |v|; 0 and v itself if v is zero."""
    size = float(norm(v))
    return size, v / size if size else v


def frobenius(B: Any) -> float:
    """The Frobenius norm of B, the root of the sum of the squared entries."""
    return float(norm(B.data if sp.issparse(B) else B))
