"""Splitting methods for f = F(K theta) + G(theta), which need only a prox of F and a prox of G."""

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
from solvers.base.endings import UNCHANGED
from solvers.base.lanczos import largest_eigenvalue
from solvers.linear_systems.direct import cholesky_factor, sparse_lu


@dataclass(frozen=True)
class ADMM(Solver[Saddle]):
    """The alternating direction method of multipliers for f = F(K theta) + G(theta), in graph form.

        1. theta = prox_G(v - s, 1/(rho c^2))     u = prox_F(w - t, 1/rho)
        2. a = r theta + (1 - r) v + s            b = r u + (1 - r) w + t
        3. v <- (I + K'K/c^2)^-1 (a + K'b/c^2)    w <- K v
        4. s <- a - v                             t <- b - w

    The iterate is theta, which has the zeros of G and satisfies its constraints. (v, w), w = K v, is the nearest point
    on the graph of K; v starts at theta_0. The multipliers (s, t) start from the derivative of F at K theta_0, so that
    a minimum where F is differentiable is not left. One Cholesky factorisation is used by all iterations: of I +
    K'K/c^2, or of I + KK'/c^2 if K has fewer rows than columns. If K is sparse, the factorisation is sparse.
    rho: the weight of a change of u. By default the problem's value for the stiffness of F, or 1/(2m), where m is the
    number of rows of K, because F is a mean over them.
    scale: c, the weight of a change of theta relative to a change of u. By default c^2 is a tenth of the mean squared
    singular value of K, |K|_F^2 / (10 dim).
    relaxation: default 0.6, from 0 to below 1; r = 1 + relaxation.
    Cost: two products with K (four if it has fewer rows than columns), two triangular solves and a prox of each
    function per iteration. Before the first iteration m dim k + k^3/3 operations, where k is the smaller side of K.
    Memory: K twice, k^2 numbers, a few vectors of length m and of length `dim`.
    Rate: 1/k for every convex f; linear for the lasso and similar problems, depending on how well rho and c fit the
    curvatures.
    Choose it if F or G has no gradient but a cheap prox, and K can be factored; not for the lasso with few nonzero
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
        rho, r = self.rho or default_rho(problem, m), 1 + self.relaxation
        c = self.scale or math.sqrt(_squares(K) / (10 * dim)) or 1.0
        if not math.isfinite(c):
            raise Breakdown("the squares of the entries of K overflow")
        nearest = _onto_graph(K / c)
        v, w = theta0, K @ theta0
        p = _derivative(problem, w)
        s, t = K.T @ p / (rho * c * c), -p / rho
        problem.ledger.passes += 4
        rounding = 32 * EPS * math.sqrt(m + dim)
        while True:
            theta = problem.prox_rest(v - s, 1 / (rho * c * c))
            yield theta
            u = w - t - problem.prox_conjugate(rho * (w - t), rho) / rho  # Moreau's identity
            a, b = r * theta + (1 - r) * v + s, r * u + (1 - r) * w + t
            v0, v = v, nearest(a, b / c)
            w = K @ v
            s, t = a - v, b - w
            problem.ledger.passes += 2 if m >= dim else 4
            if max(norm(v - v0), norm(theta - v)) <= rounding * norm(a) and norm(u - w) <= rounding * norm(b):
                return UNCHANGED


def default_rho(problem: Saddle, m: int) -> float:
    """The problem's value for the stiffness of F, or 1/(2m), because F is a mean over the m rows of K."""
    return problem.stiffness() or 1 / (2 * m)


def _derivative(problem: Saddle, w: Vector) -> Vector:
    """The derivative of F at w from proxes of F*: the prox with a long step, at that step times w.

    It is zero if F has no derivative because w is outside its domain. The result of the prox then grows with the step.
    """
    far = 1 / (math.sqrt(EPS) * w.size)
    p, half = (problem.prox_conjugate(step * w, step) for step in (far, far / 2))
    return p if norm(half) > 0.75 * norm(p) else np.zeros_like(w)


def _squares(K: Any) -> float:
    """The sum of the squares of the entries of K."""
    entries = K.data if sp.issparse(K) else K
    return float(np.vdot(entries, entries))


def _onto_graph(B: Any) -> Callable[[Vector, Vector], Vector]:
    """(a, b) -> (I + B'B)^-1 (a + B'b) by a factorisation of I + B'B, or of I + BB' if that is smaller."""
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
    """v -> (I + N)^-1 v by Cholesky; if N is sparse with few entries, by SuperLU, whose factors are sparse."""
    if sp.issparse(N) and 4 * N.nnz <= N.shape[0] ** 2:
        solve: Callable[[Vector], Vector] = sparse_lu(sp.eye_array(N.shape[0]) + N).solve
        return solve
    L = cholesky_factor(np.eye(N.shape[0]) + dense(N))
    return lambda v: sl.cho_solve(L, v, check_finite=False)


@dataclass(frozen=True)
class PrimalDual(Solver[Saddle]):
    """The primal-dual method of Chambolle and Pock for f = F(K theta) + G(theta), a saddle-point problem.

        p <- prox_F*(p + sigma K q, sigma)
        theta' = prox_G(theta - tau K'p, tau)     q <- 2 theta' - theta     theta <- theta'

    The dual variable p starts as the derivative of F at K theta_0, so that a minimum where F is differentiable is not
    left. K is only multiplied with vectors.
    sigma: the dual step. By default a sixteenth of the problem's value for the stiffness of F, or 1/(32 m), where m is
    the number of rows of K, because F is a mean over them.
    tau: the primal step. By default 1/(sigma |K|^2), with |K| estimated first, on the clock. It converges if tau sigma
    |K|^2 <= 1.
    Cost: two products with K and a prox of each function per iteration.
    Memory: K, three vectors of length `dim`, two of length m.
    Rate: 1/k for every convex f; linear if F is smooth and the columns of K are independent, at best about 1 -
    sqrt(mu/L), with sigma about sqrt(mu/L)/m.
    Choose it if F or G has no gradient and K is too large to be factored; not if K can be factored, because ADMM needs
    fewer iterations, nor if F is smooth, because FISTA does less work per iteration.
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
        return UNCHANGED

    def steps(self, problem: Saddle, K: Any, rng: np.random.Generator) -> tuple[float, float]:
        """sigma and tau; by default a sixteenth of ADMM's rho, and 1/(sigma |K|^2)."""
        sigma = self.sigma or default_rho(problem, K.shape[0]) / 16
        return sigma, self.tau or 1 / (sigma * _squared_norm(K, problem, rng))

    def pairs(self, problem: Saddle, theta0: Vector, rng: np.random.Generator) -> Iterator[tuple[Vector, Vector]]:
        """Yield theta_k with the dual p_k, for which `problem.saddle_gap` gives a certificate."""
        K = problem.operator()
        sigma, tau = self.steps(problem, K, rng)
        theta = q = theta0
        p = _derivative(problem, K @ theta0)
        problem.ledger.passes += 1
        while True:
            p0, p = p, problem.prox_conjugate(p + sigma * (K @ q), sigma)
            new = problem.prox_rest(theta - tau * (K.T @ p), tau)
            problem.ledger.passes += 2
            yield new, p
            if norm(new - theta) <= 4 * EPS * norm(new) < math.inf and norm(p - p0) <= 4 * EPS * norm(p):
                return
            q, theta = 2 * new - theta, new


def _squared_norm(K: Any, problem: Saddle, rng: np.random.Generator) -> float:
    """|K|^2, the largest eigenvalue of K'K, estimated. Raises Breakdown if it is 0 or not finite."""

    def product(v: Vector) -> Vector:
        problem.ledger.passes += 2
        w: Vector = K.T @ (K @ v)
        return w

    value = largest_eigenvalue(product, rng.standard_normal(K.shape[1]))
    if not 0 < value < math.inf:
        raise Breakdown(f"|K|^2 is {value:g}, so that no step can be computed; give sigma and tau")
    return value
