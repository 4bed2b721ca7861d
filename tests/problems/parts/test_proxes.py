"""Proxes of losses and penalties, and what certifies a composite minimum."""

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
def test_the_prox_of_a_loss_is_stationary_and_firm(seed: int, loss: Loss, power: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    t = 10.0**power
    y = np.where(rng.random(50) < 0.5, -1.0, 1.0) if loss.labels else scale * rng.standard_normal(50)
    v, other = scale * rng.standard_normal((2, 50))
    v[:10] -= t * y[:10] / 2  # where Newton's iteration alone goes to and fro
    u, u_other = loss.prox(v, y, t), loss.prox(other, y, t)
    _, slope, curvature = loss.total(u, y)
    blur = 10 * EPS * (abs(u) + abs(v))
    assert np.all(abs(u + t * slope - v) <= blur * (1 + t * curvature) + 10 * EPS * t * abs(slope))
    slack = 100 * EPS * (abs(v) + abs(other) + abs(u) + abs(u_other)) * (abs(v - other) + 1)
    assert np.all((u - u_other) ** 2 <= (u - u_other) * (v - other) + slack)


@settings(max_examples=60)
@given(seed=SEEDS, penalty=PENALTIES, step=st.floats(1e-3, 1e3))
def test_the_prox_of_a_penalty_is_least_and_firm(seed: int, penalty: Penalty, step: float) -> None:
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
    split = penalty.prox_kink(v - step * smooth.l2 * u, step)  # u is where a step on one part ends a step on the other
    np.testing.assert_allclose(split, u, atol=1e-12 * (1 + step))


@settings(max_examples=40)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, sigma=st.floats(1e-4, 1e3))
def test_moreau_joins_a_prox_and_its_conjugate_s(seed: int, loss: Loss, penalty: Penalty, sigma: float) -> None:
    """p = prox of sigma F* at v means that (v - p)/sigma is where F has slope p."""
    on = model(seed, loss, penalty)
    v = np.random.default_rng(seed).standard_normal(on.n)
    p = on.prox_conjugate(v, sigma)
    u = (v - p) / sigma
    slope = loss.total(u, on.y)[1] / on.n
    np.testing.assert_allclose(p, slope, atol=1e-12 * (1 + norm(v, np.inf) + 1 / sigma))


@settings(max_examples=60)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, scale=st.sampled_from([0.01, 1.0, 30.0]), wide=st.booleans())
def test_certificates_are_never_below_what_they_bound(
    seed: int, loss: Loss, penalty: Penalty, scale: float, wide: bool
) -> None:
    on = model(seed, loss, penalty, *((12, 20) if wide else (30, 5)))
    best = last(FISTA(), on)
    least = on.value(best)
    assert on.gap(best) <= 1e-9 * on.value(np.zeros(on.dim)), "tight at the minimum"
    rng = np.random.default_rng(seed)
    theta = best + scale * rng.standard_normal(on.dim)
    if penalty.nonnegative:
        theta[:-1] = np.maximum(theta[:-1], 0)
    f = on.value(theta)
    blur = 4 * rounding(on.n, f) + 4 * rounding(on.n, least)
    assert on.gap(theta) >= f - least - blur
    dual = rng.standard_normal(on.n)
    assert on.saddle_gap(theta, dual) >= f - least - blur, "whatever the dual"
    assert np.isfinite(on.saddle_gap(theta, dual))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES)
def test_the_primal_dual_method_certifies_itself(seed: int, loss: Loss, penalty: Penalty) -> None:
    on: Any = model(seed, loss, penalty)
    least = on.value(last(FISTA(), on))
    gaps = []
    for theta, dual in islice(PrimalDual().pairs(on, np.zeros(on.dim), np.random.default_rng(0)), 20_000):
        f = on.value(theta)
        gaps.append(on.saddle_gap(theta, dual))
        assert gaps[-1] >= f - least - 4 * rounding(on.n, f + least)
    assert gaps[-1] <= 1e-10 * on.value(np.zeros(on.dim))


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, sigma=st.floats(1e-3, 1.0))
def test_the_primal_dual_method_never_moves_away_from_the_saddle(
    seed: int, loss: Loss, penalty: Penalty, sigma: float
) -> None:
    """|x|^2/tau - 2 p.K x + |p|^2/sigma, the distance in which it is a proximal point method, never rises.

    x is the distance of theta_k, and p that of the dual made from it, p_(k+1).
    """
    on: Any = model(seed, loss, penalty)
    K = on.operator()
    method = PrimalDual(sigma, 1 / (sigma * norm(K, 2) ** 2))
    theta0, rng = np.random.default_rng(seed).standard_normal(on.dim), np.random.default_rng(0)
    pairs = list(islice(method.pairs(on, theta0, rng), 100))
    best = last(FISTA(), on)
    saddle = loss.total(K @ best, on.y)[1] / on.n
    distances = []
    for (theta, _), (_, p) in pairwise(pairs):
        x, q = theta - best, p - saddle
        distances.append(x @ x / method.tau - 2 * q @ (K @ x) + q @ q / sigma)
    slack = 1e-9 * max(distances[0], 1e-6)
    assert all(later <= earlier + slack for earlier, later in pairwise(distances))
