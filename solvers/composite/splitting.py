"""Methods that split f into F(K theta) and G(theta) and ask for nothing but a prox of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
from numpy.linalg import norm

from problems.forms import Saddle
from problems.foundation.arrays import EPS, Vector, dense
from problems.foundation.checks import fraction, positive
from solvers.base import Breakdown, Iterates, Solver
from solvers.linear_systems.direct import cholesky_factor, sparse_lu

STILL = "a step changes nothing but rounding"


@dataclass(frozen=True)
class ADMM(Solver[Saddle]):
    """The alternating direction method of multipliers for f = F(K theta) + G(theta), in graph form.

        1. theta = prox_G(v - s, 1/(rho c^2))     u = prox_F(w - t, 1/rho)
        2. a = r theta + (1 - r) v + s            b = r u + (1 - r) w + t
        3. v <- (I + K'K/c^2)^-1 (a + K'b/c^2)    w <- K v
        4. s <- a - v                             t <- b - w

    The iterate is theta, which has G's zeros and keeps to its constraints; (v, w), w = K v, is the nearest point of
    K's graph, which begins at theta_0. The multipliers (s, t) begin as F's slope at K theta_0 has them, so that a
    minimum where F has a slope is left as it is. One Cholesky factor serves all iterates: of I + K'K/c^2, or of
    I + KK'/c^2 where K has fewer rows than columns; where K is sparse a sparse one.
    rho: the weight of a change of u; where it is left out what the problem says of F's stiffness, or 1/(2m), m the
    rows of K, for F is a mean over them.
    scale: c, how much more a change of theta weighs; where it is left out c^2 is a tenth of K's mean squared
    singular value, |K|_F^2 / (10 dim).
    relaxation: 0.6, from 0 to below 1; r = 1 + relaxation.
    Cost: two products with K, or four where it has fewer rows than columns, two triangular solves and a prox of each
    an iterate; before the first, m dim k + k^3/3 operations, k the lesser side of K. Memory: K twice, k^2 numbers, a
    few vectors of length m and of length `dim`.
    Rate: 1/k for every convex f; linear for the lasso and its like, as fast as rho and c fit its curvatures.
    Choose it where F or G has no gradient but a cheap prox, and K can be factored; not for the lasso with few nonzero
    coefficients, where coordinate descent is faster.
    Source: Boyd et al. (2011), doi:10.1561/2200000016; in graph form Parikh & Boyd (2014),
    doi:10.1007/s12532-013-0061-8.
    """

    needs = (Saddle,)
    rho: float | None = None
    scale: float | None = None
    relaxation: float = 0.6

    def __post_init__(self) -> None:
        positive(rho=self.rho, scale=self.scale)
        fraction(relaxation=self.relaxation)

    def iterate(self, problem: Saddle, theta0: Vector, rng: np.random.Generator) -> Iterates:
        K = problem.operator()
        m, dim = K.shape
        rho, r = self.rho or problem.stiffness() or 1 / (2 * m), 1 + self.relaxation
        c = self.scale or math.sqrt(_squares(K) / (10 * dim)) or 1.0
        if not math.isfinite(c):
            raise Breakdown("the entries of K are too large for their squares")
        nearest = _onto_graph(K / c)
        v, w = theta0, K @ theta0
        p = _slope(problem, w)
        s, t = K.T @ p / (rho * c * c), -p / rho
        problem.ledger.passes += 4
        hidden = 32 * EPS * math.sqrt(m + dim)
        while True:
            theta = problem.prox_rest(v - s, 1 / (rho * c * c))
            yield theta
            u = w - t - problem.prox_conjugate(rho * (w - t), rho) / rho  # Moreau's identity
            a, b = r * theta + (1 - r) * v + s, r * u + (1 - r) * w + t
            before, v = v, nearest(a, b / c)
            w = K @ v
            s, t = a - v, b - w
            problem.ledger.passes += 2 if m >= dim else 4
            if max(norm(v - before), norm(theta - v)) <= hidden * norm(a) and norm(u - w) <= hidden * norm(b):
                return STILL


def _slope(problem: Saddle, w: Vector) -> Vector:
    """F's slope at w, as its proxes tell it: the prox of F* with a long step, at that step times w.

    Zero where F has none, w being outside its domain: what the prox tells then grows with the step.
    """
    far = 1 / (math.sqrt(EPS) * w.size)
    p, half = (problem.prox_conjugate(step * w, step) for step in (far, far / 2))
    return p if norm(half) > 0.75 * norm(p) else np.zeros_like(w)


def _squares(K: Any) -> float:
    """The sum of squares of K's entries."""
    entries = K.data if sp.issparse(K) else K
    return float(np.vdot(entries, entries))


def _onto_graph(B: Any) -> Callable[[Vector, Vector], Vector]:
    """(a, b) -> (I + B'B)^-1 (a + B'b) by a factor of I + B'B, or of I + BB' where that is smaller."""
    m, dim = B.shape
    if m >= dim:
        solve = _factored(B.T @ B)
        return lambda a, b: solve(a + B.T @ b)
    solve = _factored(B @ B.T)

    def wide(a: Vector, b: Vector) -> Vector:
        q = a + B.T @ b
        nearest: Vector = q - B.T @ solve(B @ q)  # Woodbury's identity
        return nearest

    return wide


def _factored(N: Any) -> Callable[[Vector], Vector]:
    """v -> (I + N)^-1 v by Cholesky, or where N is sparse and has few entries by SuperLU, which keeps it so."""
    if sp.issparse(N) and 4 * N.nnz <= N.shape[0] ** 2:
        solve: Callable[[Vector], Vector] = sparse_lu(sp.eye_array(N.shape[0]) + N).solve
        return solve
    L = cholesky_factor(np.eye(N.shape[0]) + dense(N))
    return lambda v: sl.cho_solve(L, v, check_finite=False)


@dataclass(frozen=True)
class PrimalDual(Solver[Saddle]):
    """Chambolle and Pock's primal-dual method for f = F(K theta) + G(theta), the saddle of p.K theta + G - F*(p).

        p <- prox_F*(p + sigma K ahead, sigma)
        theta' = prox_G(theta - tau K'p, tau)     ahead <- 2 theta' - theta     theta <- theta'

    The dual p begins as F's slope at K theta_0, so that a minimum where F has one is left as it is. K is only
    multiplied with.
    sigma: the dual step; where it is left out a sixteenth of what the problem says of F's stiffness, or 1/(32 m), m
    the rows of K, for F is a mean over them.
    tau: the primal step; 1/(sigma |K|^2) where it is left out, |K| estimated first, on the clock.
    Converges for tau sigma |K|^2 <= 1.
    Cost: two products with K and a prox of each an iterate. Memory: K, four vectors of length `dim`, two of length m.
    Rate: 1/k for every convex f; linear where F is smooth and K's columns are independent, at best about
    1 - sqrt(mu/L), with sigma about sqrt(mu/L)/m.
    Choose it where F or G has no gradient and K is too large to be factored; not where K factors, for ADMM needs fewer
    iterates, nor where F is smooth, for FISTA does less work in each.
    Source: Chambolle & Pock (2011), doi:10.1007/s10851-010-0251-1.
    """

    needs = (Saddle,)
    sigma: float | None = None
    tau: float | None = None

    def __post_init__(self) -> None:
        positive(sigma=self.sigma, tau=self.tau)

    def iterate(self, problem: Saddle, theta0: Vector, rng: np.random.Generator) -> Iterates:
        for theta, _ in self.pairs(problem, theta0, rng):
            yield theta
        return STILL

    def pairs(self, problem: Saddle, theta0: Vector, rng: np.random.Generator) -> Iterator[tuple[Vector, Vector]]:
        """theta_k with the dual p_k that certifies it by `problem.saddle_gap`."""
        K = problem.operator()
        sigma = self.sigma or (problem.stiffness() or 1 / (2 * K.shape[0])) / 16
        tau = self.tau or 1 / (sigma * _squared_norm(K, problem, rng))
        theta = ahead = theta0
        p = _slope(problem, K @ theta0)
        problem.ledger.passes += 1
        while True:
            before, p = p, problem.prox_conjugate(p + sigma * (K @ ahead), sigma)
            new = problem.prox_rest(theta - tau * (K.T @ p), tau)
            problem.ledger.passes += 2
            yield new, p
            if norm(new - theta) <= 4 * EPS * norm(new) < math.inf and norm(p - before) <= 4 * EPS * norm(p):
                return
            ahead, theta = 2 * new - theta, new


def _squared_norm(K: Any, problem: Saddle, rng: np.random.Generator) -> float:
    """|K|^2 by power iteration on five vectors, until a step adds less than a thousandth; for what is left 5% more.

    One vector alone, if it happens to lie across the largest direction, settles on another one.
    """
    V, value = rng.standard_normal((K.shape[1], min(5, K.shape[1]))), 0.0
    for _ in range(100):
        V = K.T @ (K @ np.linalg.qr(V)[0])
        problem.ledger.passes += 2
        before, value = value, float(norm(V, 2))
        if not 0 < value < math.inf:
            raise Breakdown(f"|K|^2 is {value:g}, which sets no step: give sigma and tau")
        if value <= 1.001 * before:
            break
    return 1.05 * value
