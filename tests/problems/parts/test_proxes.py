"""Proxes of losses and penalties, and certificates of composite problems."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.certificates.rounding import rounding
from problems.foundation.arrays import EPS
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from solvers.composite.proximal import FISTA
from solvers.composite.splitting import PrimalDual
from tests.solvers.test_composite import LOSSES, PENALTIES, SEEDS, last, model


@settings(max_examples=100)
@given(seed=SEEDS, loss=LOSSES, power=st.floats(-6, 8), scale=st.sampled_from([0.1, 10.0, 1e3]))
def test_the_prox_of_a_loss_is_stationary_and_nonexpansive(seed: int, loss: Loss, power: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    t = 10.0**power
    y = np.where(rng.random(50) < 0.5, -1.0, 1.0) if loss.labels else scale * rng.standard_normal(50)
    v, other = scale * rng.standard_normal((2, 50))
    v[:10] -= t * y[:10] / 2  # where Newton's iteration alone oscillates
    u, u_other = loss.prox(v, y, t), loss.prox(other, y, t)
    _, derivative, curvature = loss.total(u, y)
    tolerance = 10 * EPS * (abs(u) + abs(v))
    assert np.all(abs(u + t * derivative - v) <= tolerance * (1 + t * curvature) + 10 * EPS * t * abs(derivative))
    slack = 100 * EPS * (abs(v) + abs(other) + abs(u) + abs(u_other)) * (abs(v - other) + 1)
    assert np.all((u - u_other) ** 2 <= (u - u_other) * (v - other) + slack)


@settings(max_examples=60)
@given(seed=SEEDS, penalty=PENALTIES, step=st.floats(1e-3, 1e3))
def test_the_prox_of_a_penalty_is_a_minimiser_and_nonexpansive(seed: int, penalty: Penalty, step: float) -> None:
    rng = np.random.default_rng(seed)
    v, other = 2 * rng.standard_normal((2, 6))
    u, u_other = penalty.prox(v, step), penalty.prox(other, step)
    assert (u - u_other) @ (u - u_other) <= (u - u_other) @ (v - other) + 1e-13

    def cost(w: np.ndarray) -> float:
        return penalty.value(w) + float((w - v) @ (w - v)) / (2 * step)

    assert penalty.violation(u) == 0
    for size in (1.0, 1e-2, 1e-4):
        near = u + size * rng.standard_normal(6)
        near = np.maximum(near, 0) if penalty.nonnegative else near
        assert cost(u) <= cost(near) + 1e-13 * (1 + cost(u))
    smooth = Penalty(l2=penalty.l2)
    split = penalty.prox_nonsmooth(v - step * smooth.l2 * u, step)  # the optimality of u, split in two
    np.testing.assert_allclose(split, u, atol=1e-12 * (1 + step))


@settings(max_examples=40)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, sigma=st.floats(1e-4, 1e3))
def test_the_conjugate_s_prox_satisfies_moreau_s_identity(
    seed: int, loss: Loss, penalty: Penalty, sigma: float
) -> None:
    """p is the prox of sigma F* at v if and only if p is the gradient of F at (v - p)/sigma."""
    problem = model(seed, loss, penalty)
    v = np.random.default_rng(seed).standard_normal(problem.n)
    p = problem.prox_conjugate(v, sigma)
    u = (v - p) / sigma
    gradient = loss.total(u, problem.y)[1] / problem.n
    np.testing.assert_allclose(p, gradient, atol=1e-12 * (1 + norm(v, np.inf) + 1 / sigma))


@settings(max_examples=60)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, scale=st.sampled_from([0.01, 1.0, 30.0]), wide=st.booleans())
def test_certificates_are_upper_bounds_and_tight_at_the_minimum(
    seed: int, loss: Loss, penalty: Penalty, scale: float, wide: bool
) -> None:
    problem = model(seed, loss, penalty, *((12, 20) if wide else (30, 5)))
    best = last(FISTA(), problem)
    least = problem.value(best)
    assert problem.gap(best) <= 1e-9 * problem.value(np.zeros(problem.dim)), "tight at the minimum"
    rng = np.random.default_rng(seed)
    theta = best + scale * rng.standard_normal(problem.dim)
    if penalty.nonnegative:
        theta[:-1] = np.maximum(theta[:-1], 0)
    f = problem.value(theta)
    tolerance = 4 * rounding(problem.n, f) + 4 * rounding(problem.n, least)
    assert problem.gap(theta) >= f - least - tolerance
    dual = rng.standard_normal(problem.n)
    assert problem.saddle_gap(theta, dual) >= f - least - tolerance, "for any dual"
    assert np.isfinite(problem.saddle_gap(theta, dual))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES)
def test_the_primal_dual_method_certifies_itself(seed: int, loss: Loss, penalty: Penalty) -> None:
    problem: Any = model(seed, loss, penalty)
    least = problem.value(last(FISTA(), problem))
    gaps = []
    for theta, dual in islice(PrimalDual().pairs(problem, np.zeros(problem.dim), np.random.default_rng(0)), 20_000):
        f = problem.value(theta)
        gaps.append(problem.saddle_gap(theta, dual))
        assert gaps[-1] >= f - least - 4 * rounding(problem.n, f + least)
    assert gaps[-1] <= 1e-10 * problem.value(np.zeros(problem.dim))


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, sigma=st.floats(1e-3, 1.0))
def test_the_distance_of_the_primal_dual_method_to_the_saddle_never_increases(
    seed: int, loss: Loss, penalty: Penalty, sigma: float
) -> None:
    """It is a proximal point method in the norm |x|^2/tau - 2 p.K x + |p|^2/sigma.

    x is theta_k minus the minimiser; p is the next dual iterate, p_(k+1), minus the dual solution.
    """
    problem: Any = model(seed, loss, penalty)
    K = problem.operator()
    method = PrimalDual(sigma, 1 / (sigma * norm(K, 2) ** 2))
    theta0, rng = np.random.default_rng(seed).standard_normal(problem.dim), np.random.default_rng(0)
    pairs = list(islice(method.pairs(problem, theta0, rng), 100))
    best = last(FISTA(), problem)
    saddle = loss.total(K @ best, problem.y)[1] / problem.n
    distances = []
    for (theta, _), (_, p) in pairwise(pairs):
        x, q = theta - best, p - saddle
        distances.append(x @ x / method.tau - 2 * q @ (K @ x) + q @ q / sigma)
    slack = 1e-9 * max(distances[0], 1e-6)
    assert all(later <= earlier + slack for earlier, later in pairwise(distances))
