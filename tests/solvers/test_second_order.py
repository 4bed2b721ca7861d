"""Second-order methods: their step on a quadratic, their equivalences, their rates and their endings."""

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
from tests.helpers.small_problems import answer, first_iterates, matrix, problem, solver

SEEDS = st.integers(0, 2**32)
MOST = 2000  # iterations
FEW_REFINEMENTS = 8  # of Levenberg-Marquardt, where rounding alone is left
NAMES = [
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
    """Least squares with nonzero residuals, and a start."""
    rng = np.random.default_rng(seed)
    X, y = matrix(3 * d + 5, d, math.sqrt(condition), rng), rng.standard_normal(3 * d + 5)
    return linear_model(Rows(X, intercept=False), y, squared, Penalty(l2=l2)), rng.standard_normal(d)


@settings(max_examples=30)
@given(seed=SEEDS, d=st.integers(1, 8), l2=st.sampled_from([0.0, 0.3]))
def test_a_quadratic_takes_one_step(seed: int, d: int, l2: float) -> None:
    objective, theta0 = quadratic(seed, d, l2=l2)
    exact = answer(QR(), objective, d)
    for method in (Newton(), GaussNewton(), GaussNewton(halving=False)):
        (only,) = first_iterates(method, objective, theta0, MOST)
        assert norm(only - exact) <= 1e-9 * norm(exact - theta0)
    iterates = first_iterates(LevenbergMarquardt(damping=1e-13), objective, theta0, MOST)
    assert len(iterates) <= 1 + FEW_REFINEMENTS, "one step, and refinements until rounding decides"
    assert all(norm(theta - exact) <= 1e-9 * norm(exact - theta0) for theta in iterates)


@settings(max_examples=40)
@given(seed=SEEDS, spec=st.sampled_from([*LANDSCAPES, *CONVEX[:2]]), scaling=st.sampled_from(["columns", "uniform"]))
def test_no_damping_is_gauss_newton_with_full_steps(seed: int, spec: str, scaling: Any) -> None:
    objective = problem(spec)
    theta0 = objective.start(np.random.default_rng(seed))
    for undamped in (LevenbergMarquardt(damping=0.0, scaling=scaling), LevenbergMarquardt(0.0, "fixed", scaling)):
        theta = theta0
        for _ in range(4):  # step by step, because far from a minimum full steps amplify rounding errors
            plain = np.vstack([theta, first_iterates(GaussNewton(halving=False), objective, theta, 1)])[-1]
            damped = np.vstack([theta, first_iterates(undamped, objective, theta, 1)])[-1]
            np.testing.assert_allclose(damped, plain, rtol=1e-8, atol=1e-8 * abs(plain - theta).max())
            theta = plain


@settings(max_examples=30)
@given(seed=SEEDS, d=st.integers(1, 8))
def test_bfgs_with_exact_line_searches_is_conjugate_gradients_and_ends_in_d_steps(seed: int, d: int) -> None:
    objective, theta0 = quadratic(seed, d, condition=10.0, l2=0.01)
    exact = first_iterates(BFGS(curvature=1e-9), objective, theta0, d)
    cg = first_iterates(ConjugateGradient(), objective, theta0, d)
    for one, other in zip(exact[: d - 1], cg, strict=False):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6 * abs(theta0).max())
    assert objective.gap(exact[-1]) <= 1e-10 * objective.value(theta0)


@settings(max_examples=30)
@given(seed=SEEDS, spec=st.sampled_from(CONVEX[:4]))
def test_a_wide_trust_region_is_newton_cg_where_all_steps_are_taken(seed: int, spec: str) -> None:
    objective = problem(spec)
    theta0 = 0.1 * np.random.default_rng(seed).standard_normal(objective.dim)
    for wide, cg in zip(
        first_iterates(TrustRegion(1e6), objective, theta0, 5),
        first_iterates(NewtonCG(), objective, theta0, 5),
        strict=False,
    ):
        np.testing.assert_allclose(wide, cg, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("spec", CONVEX)
def test_all_methods_find_the_same_minimum(spec: str) -> None:
    objective = problem(spec)
    newton = answer(Newton(), objective, objective.dim)
    for name in NAMES:
        if (method := solver(name)).objection(objective) is None:
            solution = answer(method, objective, objective.dim, 500)
            gaps = max(objective.gap(solution), 0.0) + max(objective.gap(newton), 0.0)
            assert abs(objective.value(solution) - objective.value(newton)) <= gaps + 2 * rounding(
                objective.n, objective.value(newton)
            )
            assert gaps <= 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_rosenbrock_is_solved_from_its_start_and_the_method_ends_by_itself(name: str) -> None:
    objective = problem("landscape(spread=0)")
    iterates = first_iterates(solver(name), objective, objective.start(np.random.default_rng(0)), 200)
    assert len(iterates) < 200
    assert objective.value(iterates[-1]) <= 1e-20
    assert objective.measures(iterates[-1])["distance"] <= 1e-9


@settings(max_examples=30)
@given(seed=SEEDS, spec=st.sampled_from([*LANDSCAPES, "logistic(n=40, d=3)"]))
@pytest.mark.parametrize("name", NAMES)
def test_f_never_increases_and_the_method_ends_by_itself(name: str, seed: int, spec: str) -> None:
    objective, method = problem(spec), solver(name)
    if method.objection(objective) is not None:
        return
    rng = np.random.default_rng(seed)
    theta0 = objective.start(rng) + rng.standard_normal(objective.dim)
    iterates = first_iterates(method, objective, theta0, 1000)
    assert len(iterates) < 1000
    values = [objective.value(theta) for theta in [theta0, *iterates]]
    rows = getattr(objective, "n", 8)
    assert all(after <= before + SLACK * before + 2 * rounding(rows, before) for before, after in pairwise(values))
    assert norm(objective.gradient(iterates[-1])) <= 1e-5 * (1 + norm(objective.gradient(theta0)))


@pytest.mark.parametrize("spec", [*CONVEX, "landscape", "landscape(function=booth)"])
@pytest.mark.parametrize("name", NAMES)
def test_at_the_minimum_a_method_makes_at_most_one_iteration_and_refinements(name: str, spec: str) -> None:
    objective, method = problem(spec), solver(name)
    if method.objection(objective) is None:
        theta = answer(Newton(), objective, objective.dim)
        for _ in range(3):  # further steps, whose decrease of f is below rounding errors
            theta = theta - np.linalg.solve(objective.hessian(theta), objective.gradient(theta))
        refinements = FEW_REFINEMENTS if isinstance(method, LevenbergMarquardt) else 0
        assert len(first_iterates(method, objective, theta, 20)) <= 1 + refinements


@settings(max_examples=60)
@given(
    seed=SEEDS,
    spec=st.sampled_from(LANDSCAPES),
    radius=st.sampled_from([1e-3, 0.1, 1.0]),
    growth=st.sampled_from([1.0, 7.0, None]),
)
def test_a_step_is_never_longer_than_the_radius(seed: int, spec: str, radius: float, growth: float | None) -> None:
    objective = problem(spec)
    rng = np.random.default_rng(seed)
    theta0 = objective.start(rng) + rng.standard_normal(objective.dim)
    largest = None if growth is None else growth * radius
    iterates = [theta0, *first_iterates(TrustRegion(radius, largest), objective, theta0, 40)]
    limit = radius
    for before, after in pairwise(iterates):
        length = norm(after - before)
        assert length <= (1 + 1e-9) * min(limit, largest or math.inf) + 4 * EPS * norm(after)
        assert objective.value(after) <= (1 + SLACK) * objective.value(before)
        limit *= 2


@settings(max_examples=30)
@given(seed=SEEDS)
def test_newton_converges_quadratically_on_logistic_losses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 4))
    y = np.where(X @ rng.standard_normal(4) + rng.standard_normal(60) > 0, 1.0, -1.0)
    objective: Any = linear_model(Rows(X), y, logistic, Penalty(l2=0.02))
    iterates = first_iterates(Newton(), objective, np.zeros(5), MOST)
    errors = [norm(theta - iterates[-1]) for theta in [np.zeros(5), *iterates[:-1]]]
    assert errors[-1] <= 1e-3
    for before, after in pairwise(errors):
        if before < 0.3:
            assert after <= 3 * before**2 + 1e-13


@settings(max_examples=40)
@given(seed=SEEDS, power=st.integers(-8, 8))
def test_newton_does_not_depend_on_the_units_of_the_columns(seed: int, power: int) -> None:
    """Bitwise for powers of two; also Levenberg-Marquardt with scaled columns."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 3))
    y = np.where(rng.random(30) < 0.5, -1.0, 1.0)
    scales = 2.0 ** (power * rng.integers(-1, 2, 3))
    for method, loss in ((Newton(), logistic), (LevenbergMarquardt(), squared), (GaussNewton(), squared)):
        plain, scaled = (
            first_iterates(method, linear_model(Rows(Z, intercept=False), y, loss), np.zeros(3), MOST)
            for Z in (X, X * scales)
        )
        assert len(plain) == len(scaled)
        for one, other in zip(plain, scaled, strict=True):
            np.testing.assert_array_equal(one, scales * other)


def test_dependent_columns_are_a_breakdown_of_gauss_newton_and_not_of_levenberg_marquardt() -> None:
    objective = problem("landscape(function=beale, spread=0)")
    theta0 = objective.start(np.random.default_rng(0))
    with pytest.raises(Breakdown, match="columns are dependent"):
        first_iterates(GaussNewton(), objective, theta0, MOST)
    assert objective.value(first_iterates(LevenbergMarquardt(), objective, theta0, MOST)[-1]) <= 1e-20
    twin: Any = linear_model(Rows(np.ones((6, 2)), intercept=False), np.arange(6.0), squared)
    assert twin.gap(first_iterates(LevenbergMarquardt(), twin, np.array([3.0, -1.0]), MOST)[-1]) <= 1e-12


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("far", [1e200, np.nan])
def test_values_that_are_not_finite_are_a_breakdown(name: str, far: float) -> None:
    with np.errstate(all="ignore"), pytest.raises(Breakdown, match="not finite"):
        first_iterates(solver(name), problem("landscape"), np.full(2, far), 5)


def test_a_direction_of_negative_curvature_is_followed() -> None:
    """From near the maximum of Himmelblau's function, where the Hessian is negative definite."""
    objective = problem("landscape(function=himmelblau)")
    for name in NAMES:
        assert objective.value(first_iterates(solver(name), objective, np.array([-0.2, -0.9]), MOST)[-1]) <= 1e-20


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("trust-region(radius=2, largest=1)", "radius is 2.0; it must be no larger than `largest`, 1.0"),
        ("trust-region(radius=0)", "radius is 0.0; it must be a positive number"),
        ("levenberg-marquardt(damping=-1)", "damping is -1.0; it must be zero or a positive number"),
        ("levenberg-marquardt(update=never)", "update is never; input should be 'nielsen' or 'fixed'"),
        ("bfgs(curvature=1)", "curvature is 1.0; it must be at least 0 and less than 1"),
    ],
)
def test_refusals_are_sentences(spec: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        solver(spec)


def test_only_newton_forms_a_hessian() -> None:
    objective = problem("landscape")
    for name in NAMES:
        ledger = Ledger()
        first_iterates(solver(name), objective.metered(ledger), np.array([-1.2, 1.0]), 5)
        assert (ledger.hessians > 0) == (name == "newton")
        assert (ledger.products > 0) == (name in ("newton-cg", "trust-region"))
    assert LBFGS().objection(objective) is None
    assert "residuals" in str(GaussNewton().objection(problem("logistic(n=40, d=3)")))
