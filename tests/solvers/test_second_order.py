"""Second-order methods: what a step is on a quadratic, what they are to one another, when they end."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from experiments.lab.spec.grammar import SpecError
from problems.certificates.rounding import rounding
from problems.forms import Ledger
from problems.foundation.arrays import EPS
from problems.linear.model_chain import linear_model
from problems.parts.losses import logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base import Breakdown
from solvers.base.line_search import SLACK
from solvers.linear_systems.direct import QR
from solvers.linear_systems.krylov import ConjugateGradient
from solvers.second_order.gauss_newton import GaussNewton, LevenbergMarquardt
from solvers.second_order.newton import Newton, NewtonCG
from solvers.second_order.quasi_newton import BFGS, LBFGS
from solvers.second_order.trust_region import TrustRegion
from tests.helpers.small_problems import answer, flat, matrix, problem, solver

SEEDS = st.integers(0, 2**32)
EVERY = [
    "newton",
    "newton-cg",
    "trust-region",
    "bfgs",
    "lbfgs",
    "gauss-newton",
    "levenberg-marquardt",
    "levenberg-marquardt(scaling=uniform)",
]
CONVEX = [
    "linear-regression(n=30, d=3)",
    "linear-regression(data=diabetes)",
    "logistic(n=40, d=3)",
    "logistic(n=40, d=3, l2=0.1, intercept=false)",
    "logistic(data=breast_cancer, l2=0.01)",
]
LANDSCAPES = ["landscape", "landscape(d=6)", "landscape(function=himmelblau)", "landscape(function=rastrigin, d=3)"]


def quadratic(seed: int, d: int, condition: float = 100.0, l2: float = 0.0) -> tuple[Any, np.ndarray]:
    """Least squares whose residuals do not vanish, and a start."""
    rng = np.random.default_rng(seed)
    X, y = matrix(3 * d + 5, d, math.sqrt(condition), rng), rng.standard_normal(3 * d + 5)
    return linear_model(Rows(X, intercept=False), y, squared, Penalty(l2=l2)), rng.standard_normal(d)


def steps(method: Any, on: Any, theta0: np.ndarray, most: int = 2000) -> list[np.ndarray]:
    return flat(method.iterate(on, theta0, np.random.default_rng(0)), most)


@settings(max_examples=30)
@given(seed=SEEDS, d=st.integers(1, 8), l2=st.sampled_from([0.0, 0.3]))
def test_a_quadratic_takes_one_step(seed: int, d: int, l2: float) -> None:
    on, theta0 = quadratic(seed, d, l2=l2)
    exact = answer(QR(), on, d)
    for method in (Newton(), GaussNewton(), GaussNewton(halving=False), LevenbergMarquardt(damping=1e-13)):
        (only,) = steps(method, on, theta0)
        assert norm(only - exact) <= 1e-9 * norm(exact - theta0)


@settings(max_examples=40)
@given(seed=SEEDS, spec=st.sampled_from([*LANDSCAPES, *CONVEX[:2]]), scaling=st.sampled_from(["columns", "uniform"]))
def test_no_damping_is_gauss_newton_with_full_steps(seed: int, spec: str, scaling: Any) -> None:
    on = problem(spec)
    theta0 = on.start(np.random.default_rng(seed))
    for undamped in (LevenbergMarquardt(damping=0.0, scaling=scaling), LevenbergMarquardt(0.0, "fixed", scaling)):
        theta = theta0
        for _ in range(4):  # step by step: far from a minimum full steps magnify rounding
            (plain,) = steps(GaussNewton(halving=False), on, theta, 1) or [theta]
            (damped,) = steps(undamped, on, theta, 1) or [theta]
            np.testing.assert_allclose(damped, plain, rtol=1e-8, atol=1e-8 * abs(plain - theta).max())
            theta = plain


@settings(max_examples=30)
@given(seed=SEEDS, d=st.integers(1, 8))
def test_bfgs_with_exact_line_searches_is_conjugate_gradients_and_ends_in_d_steps(seed: int, d: int) -> None:
    on, theta0 = quadratic(seed, d, condition=10.0, l2=0.01)
    exact = steps(BFGS(curvature=1e-9), on, theta0, d)
    cg = steps(ConjugateGradient(), on, theta0, d)
    for one, other in zip(exact[: d - 1], cg, strict=False):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6 * abs(theta0).max())
    assert on.gap(exact[-1]) <= 1e-10 * on.value(theta0)


@settings(max_examples=30)
@given(seed=SEEDS, spec=st.sampled_from(CONVEX[:4]))
def test_a_wide_trust_region_is_newton_cg_where_all_steps_are_taken(seed: int, spec: str) -> None:
    on = problem(spec)
    theta0 = 0.1 * np.random.default_rng(seed).standard_normal(on.dim)
    for wide, cg in zip(steps(TrustRegion(1e6), on, theta0, 5), steps(NewtonCG(), on, theta0, 5), strict=False):
        np.testing.assert_allclose(wide, cg, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("spec", CONVEX)
def test_all_find_one_minimum(spec: str) -> None:
    on = problem(spec)
    newton = answer(Newton(), on, on.dim)
    for name in EVERY:
        if (method := solver(name)).objection(on) is None:
            found = answer(method, on, on.dim, 500)
            gaps = max(on.gap(found), 0.0) + max(on.gap(newton), 0.0)
            assert abs(on.value(found) - on.value(newton)) <= gaps + 2 * rounding(on.n, on.value(newton))
            assert gaps <= 1e-12


@pytest.mark.parametrize("name", EVERY)
def test_rosenbrock_is_solved_from_its_start_and_the_method_ends_by_itself(name: str) -> None:
    on = problem("landscape(spread=0)")
    found = steps(solver(name), on, on.start(np.random.default_rng(0)), 200)
    assert len(found) < 200
    assert on.value(found[-1]) <= 1e-20
    assert on.measures(found[-1])["distance"] <= 1e-9


@settings(max_examples=30)
@given(seed=SEEDS, spec=st.sampled_from([*LANDSCAPES, "logistic(n=40, d=3)"]))
@pytest.mark.parametrize("name", EVERY)
def test_f_never_rises_and_the_method_ends_by_itself(name: str, seed: int, spec: str) -> None:
    on, method = problem(spec), solver(name)
    if method.objection(on) is not None:
        return
    rng = np.random.default_rng(seed)
    theta0 = on.start(rng) + rng.standard_normal(on.dim)
    found = steps(method, on, theta0, 1000)
    assert len(found) < 1000
    values = [on.value(theta) for theta in [theta0, *found]]
    rows = getattr(on, "n", 8)
    assert all(after <= before + SLACK * before + 2 * rounding(rows, before) for before, after in pairwise(values))
    assert norm(on.gradient(found[-1])) <= 1e-5 * (1 + norm(on.gradient(theta0)))


@pytest.mark.parametrize("spec", [*CONVEX, "landscape", "landscape(function=booth)"])
@pytest.mark.parametrize("name", EVERY)
def test_at_the_minimum_one_iterate_is_the_most(name: str, spec: str) -> None:
    on, method = problem(spec), solver(name)
    if method.objection(on) is None:
        theta = answer(Newton(), on, on.dim)
        for _ in range(3):  # polished: steps too short for f to show
            theta = theta - np.linalg.solve(on.hessian(theta), on.gradient(theta))
        assert len(steps(method, on, theta, 5)) <= 1


@settings(max_examples=60)
@given(
    seed=SEEDS,
    spec=st.sampled_from(LANDSCAPES),
    radius=st.sampled_from([1e-3, 0.1, 1.0]),
    room=st.sampled_from([1.0, 7.0, None]),
)
def test_a_trust_region_is_never_left(seed: int, spec: str, radius: float, room: float | None) -> None:
    on = problem(spec)
    rng = np.random.default_rng(seed)
    theta0 = on.start(rng) + rng.standard_normal(on.dim)
    largest = None if room is None else room * radius
    found = [theta0, *steps(TrustRegion(radius, largest), on, theta0, 40)]
    limit = radius
    for before, after in pairwise(found):
        length = norm(after - before)
        assert length <= (1 + 1e-9) * min(limit, largest or math.inf) + 4 * EPS * norm(after)
        assert on.value(after) <= (1 + SLACK) * on.value(before)
        limit *= 2


@settings(max_examples=30)
@given(seed=SEEDS)
def test_newton_converges_quadratically_on_logistic_losses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 4))
    y = np.where(X @ rng.standard_normal(4) + rng.standard_normal(60) > 0, 1.0, -1.0)
    on: Any = linear_model(Rows(X), y, logistic, Penalty(l2=0.02))
    found = steps(Newton(), on, np.zeros(5))
    errors = [norm(theta - found[-1]) for theta in [np.zeros(5), *found[:-1]]]
    assert errors[-1] <= 1e-3
    for before, after in pairwise(errors):
        if before < 0.3:
            assert after <= 3 * before**2 + 1e-13


@settings(max_examples=40)
@given(seed=SEEDS, power=st.integers(-8, 8))
def test_newton_does_not_mind_the_units_of_its_columns(seed: int, power: int) -> None:
    """Bitwise in powers of two; Levenberg-Marquardt with its columns scaled likewise."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 3))
    y = np.where(rng.random(30) < 0.5, -1.0, 1.0)
    scales = 2.0 ** (power * rng.integers(-1, 2, 3))
    for method, loss in ((Newton(), logistic), (LevenbergMarquardt(), squared), (GaussNewton(), squared)):
        plain, scaled = (
            steps(method, linear_model(Rows(Z, intercept=False), y, loss), np.zeros(3)) for Z in (X, X * scales)
        )
        assert len(plain) == len(scaled)
        for one, other in zip(plain, scaled, strict=True):
            np.testing.assert_array_equal(one, scales * other)


def test_dependent_columns_break_gauss_newton_down_and_not_levenberg_marquardt() -> None:
    on = problem("landscape(function=beale, spread=0)")
    theta0 = on.start(np.random.default_rng(0))
    with pytest.raises(Breakdown, match="columns are dependent"):
        steps(GaussNewton(), on, theta0)
    assert on.value(steps(LevenbergMarquardt(), on, theta0)[-1]) <= 1e-20
    twin: Any = linear_model(Rows(np.ones((6, 2)), intercept=False), np.arange(6.0), squared)
    assert twin.gap(steps(LevenbergMarquardt(), twin, np.array([3.0, -1.0]))[-1]) <= 1e-12


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("far", [1e200, np.nan])
def test_what_is_not_finite_is_told(name: str, far: float) -> None:
    with np.errstate(all="ignore"), pytest.raises(Breakdown, match="not finite"):
        steps(solver(name), problem("landscape"), np.full(2, far), 5)


def test_a_direction_that_curves_down_is_followed() -> None:
    """From beside the top of Himmelblau's hill, where the Hessian is negative definite."""
    on = problem("landscape(function=himmelblau)")
    for name in EVERY:
        assert on.value(steps(solver(name), on, np.array([-0.2, -0.9]))[-1]) <= 1e-20


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("trust-region(radius=2, largest=1)", "radius is 2.0; it must be no larger than `largest`, 1.0"),
        ("trust-region(radius=0)", "radius is 0.0; it must be a positive number"),
        ("levenberg-marquardt(damping=-1)", "damping is -1.0; it must be zero or a positive number"),
        ("levenberg-marquardt(update=never)", "update is never; input should be 'nielsen' or 'fixed'"),
        ("bfgs(curvature=1)", "curvature is 1.0; it must be at least 0 and less than 1"),
    ],
)
def test_refusals_are_sentences(spec: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        solver(spec)


def test_a_hessian_is_formed_by_newton_alone() -> None:
    on = problem("landscape")
    for name in EVERY:
        ledger = Ledger()
        steps(solver(name), on.metered(ledger), np.array([-1.2, 1.0]), 5)
        assert (ledger.hessians > 0) == (name == "newton")
        assert (ledger.products > 0) == (name in ("newton-cg", "trust-region"))
    assert LBFGS().objection(on) is None
    assert "residuals" in str(GaussNewton().objection(problem("logistic(n=40, d=3)")))
