"""Least squares by Krylov subspaces of B'B, which is never formed: both rest on Golub and Kahan's bidiagonalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.linalg import norm

from problems.forms import LeastSquares
from problems.foundation.arrays import EPS, Vector
from solvers.base import Iterates, Solver

ROUNDING = "the residual that it reckons with, or its product with B', is at rounding level"
LOST = 100 * EPS  # |B'r| below so much of |B| |r| is rounding: where columns are dependent, steps along it lead astray


@dataclass(frozen=True)
class LSQR(Solver[LeastSquares]):
    """Least squares, min |B theta - y|^2: in exact arithmetic conjugate gradients on B'B theta = B'y, but stabler.

        1. beta u <- B v - alpha u,     alpha v <- B'u - beta v
        2. rho = |rhobar, beta|;  c, s = rhobar/rho, beta/rho;  phi = c phibar
        3. theta <- theta + (phi/rho) w;  w <- v - (s alpha/rho) w
        4. rhobar <- -c alpha;  phibar <- s phibar

    phibar is the residual's length, the least there is in the subspace.
    Cost: one product with B and one with B' an iterate. Memory: three vectors of `dim` and one of B's rows.
    Rate: (k - 1)/(k + 1) or better, k the condition number of B (not of B'B).
    Choose it for large sparse rows, square or not; QR where B is dense and fits.
    Source: Paige & Saunders (1982), doi:10.1145/355984.355989.
    """

    needs = (LeastSquares,)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, y = problem.least_squares()
        theta = theta0
        phibar, u = unit(y - B @ theta)
        rhobar, v = unit(B.T @ u)
        alpha, w, lost = rhobar, v, LOST * frobenius(B)
        c = 1.0
        while alpha * abs(c) > lost and phibar > EPS * norm(y):  # |B'r| = alpha |c| phibar
            beta, u = unit(B @ v - alpha * u)
            alpha, v = unit(B.T @ u - beta * v)
            rho = np.hypot(rhobar, beta)
            c, s = rhobar / rho, beta / rho
            theta = theta + (c * phibar / rho) * w
            yield theta
            w = v - (s * alpha / rho) * w
            rhobar, phibar = -c * alpha, s * phibar
        return ROUNDING


@dataclass(frozen=True)
class LSMR(Solver[LeastSquares]):
    """Least squares, min |B theta - y|^2: in exact arithmetic MINRES on B'B theta = B'y.

        1. beta u <- B v - alpha u,     alpha v <- B'u - beta v
        2. rho = |alphabar, beta|;  c, s = alphabar/rho, beta/rho;  alphabar <- c alpha
        3. rhobar = |cbar rho, s alpha|;  cbar', sbar' = cbar rho/rhobar, s alpha/rhobar
        4. hbar <- h - (sbar rho^2 / (rho0 rhobar0)) hbar;  theta <- theta + (cbar' zetabar / (rho rhobar)) hbar
        5. h <- v - (s alpha/rho) h;  zetabar <- -sbar' zetabar

    where 0 marks what is older. |zetabar| is |B'r|, the least there is in the subspace, so it never rises.
    Cost: one product with B and one with B' an iterate. Memory: four vectors of `dim` and one of B's rows.
    Rate: that of LSQR, (k - 1)/(k + 1) or better, k the condition number of B.
    Choose it before LSQR where it may be stopped early: its iterates are safe to stop at; not where rows are few and
    dense: QR.
    Source: Fong & Saunders (2011), doi:10.1137/10079687X.
    """

    needs = (LeastSquares,)

    def iterate(self, problem: LeastSquares, theta0: Vector, rng: np.random.Generator) -> Iterates:
        B, y = problem.least_squares()
        theta = theta0
        phibar, u = unit(y - B @ theta)  # LSQR's residual, which is not above this one's
        alphabar, v = unit(B.T @ u)
        alpha, h, lost = alphabar, v, LOST * frobenius(B)
        zetabar, hbar = alpha * phibar, np.zeros_like(v)
        rho = rhobar = cbar = 1.0
        sbar, step = 0.0, np.inf
        while abs(zetabar) > lost * phibar and (phibar > EPS * norm(y) or step > EPS * norm(theta)):
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
        return ROUNDING


def unit(v: Vector) -> tuple[float, Vector]:
    """|v|, and v / |v|; 0 and v itself where v is zero."""
    size = float(norm(v))
    return size, v / size if size else v


def frobenius(B: Any) -> float:
    """The root of the sum of the squared entries of B."""
    return float(norm(B.data if sp.issparse(B) else B))
