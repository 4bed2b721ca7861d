"""Line searches and truncated conjugate gradients: the conditions that every step must meet."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.foundation.arrays import EPS
from solvers.base.line_search import SLACK, Point, backtrack, strong_wolfe
from solvers.second_order.newton import truncated_cg

SEEDS = st.integers(0, 2**32)


@settings(max_examples=60)
@given(seed=SEEDS, d=st.integers(1, 8), radius=st.sampled_from([0.01, 1.0, 100.0, math.inf]), shift=st.floats(-1, 1))
def test_truncated_cg_is_as_good_as_the_cauchy_point(seed: int, d: int, radius: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((d, d))
    H, g = half @ half.T + 3 * shift * np.eye(d), rng.standard_normal(d)
    p, r = truncated_cg(lambda v: H @ v, g, radius)
    assert norm(p) <= (1 + 1e-12) * radius
    assert norm(r - (H @ p + g)) <= 1e-9 * (1 + norm(H) * norm(p))
    assert g @ p < 0
    curvature = g @ H @ g
    if math.isfinite(radius):
        t = min(radius / norm(g), g @ g / curvature if curvature > 0 else math.inf)
        cauchy = -t * (g @ g) + t * t * curvature / 2
        assert g @ p + p @ H @ p / 2 <= cauchy + 1e-9 * abs(cauchy)
    elif np.linalg.eigvalsh(H)[0] > 1e-3:
        assert norm(r) <= max(0.5 * float(norm(g)), 1e-9)


def test_newton_s_equation_is_solved_more_accurately_for_a_smaller_gradient() -> None:
    H, g = np.geomspace(1e-2, 1, 50), np.ones(50)
    for size, fraction in ((1.0, 0.5), (1e-8, 1e-3)):
        products = 0

        def product(v: np.ndarray) -> np.ndarray:
            nonlocal products
            products += 1
            Hv: np.ndarray = H * v
            return Hv

        _, r = truncated_cg(product, size * g)
        assert norm(r) <= fraction * norm(size * g)
        assert products < 10 if size == 1 else 10 < products < 50


class Wave:
    """phi(t) = t^2 a/2 + sum_k c_k cos(w_k t + s_k), which decreases at 0."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.a, self.lift = 10.0 ** rng.uniform(-3, 1), 10.0 ** rng.uniform(-3, 3)
        self.c, self.w, self.s = rng.standard_normal(4), rng.uniform(0, 3, 4), rng.uniform(0, 6, 4)
        if self(0.0).derivative > 0:
            self.w, self.s = -self.w, self.s

    def __call__(self, t: float) -> Point:
        f = self.a * t * t / 2 + self.c @ np.cos(self.w * t + self.s) + self.lift
        derivative = self.a * t - (self.c * self.w) @ np.sin(self.w * t + self.s)
        return Point(t, float(f), float(derivative), np.array([derivative]))


@settings(max_examples=200)
@given(seed=SEEDS, c2=st.sampled_from([0.9, 0.1, 1e-3]), first=st.sampled_from([1e-3, 1.0, 100.0]))
def test_line_searches_meet_their_conditions(seed: int, c2: float, first: float) -> None:
    phi = Wave(seed)
    start = phi(0.0)
    step = strong_wolfe(phi, start, 1e-4, c2, first)
    assert step is not None
    slack = SLACK * abs(start.f)
    assert step.t > 0
    assert step.f <= start.f + 1e-4 * step.t * start.derivative + slack
    assert abs(step.derivative) <= c2 * abs(start.derivative)
    taken = backtrack(lambda t: (phi(t[0]).f, t[0]), np.zeros(1), np.full(1, first), start.f, first * start.derivative)
    assert taken is not None
    (t,), f, more = taken
    assert t == more
    assert f <= start.f + 1e-4 * t * start.derivative + slack
    ratio = first / t
    assert math.log2(ratio).is_integer(), "the first step, halved"
    if ratio > 1:
        assert phi(2 * t).f > start.f + 1e-4 * 2 * t * start.derivative + slack, "and no more than needed"


@pytest.mark.parametrize(("rise", "passes"), [(3 * EPS, True), (30 * EPS, False)])
def test_line_searches_accept_increases_by_rounding_errors_and_no_others(rise: float, passes: bool) -> None:
    theta, p = np.ones(1), np.full(1, 1e-12)
    assert (backtrack(lambda t: (1 + rise, t), theta, p, 1.0, -1e-17) is not None) == passes
    higher = strong_wolfe(lambda t: Point(t, 1 + rise, 0.0, theta), Point(0.0, 1.0, -1e-17, theta), 1e-4, 0.9)
    assert (higher is not None) == passes
