"""Gradient descent, momentum and Nesterov's method: their steps, limits and rates."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.foundation.arrays import EPS, Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base import Breakdown
from solvers.base.spectrum import Spectrum
from solvers.first_order.descent import GradientDescent, Momentum, Nesterov
from solvers.linear_systems.direct import QR
from tests.helpers.small_problems import CONVEX, SMOOTH_SUMS, answer, first_iterates, matrix, problem, reference

SEEDS = st.integers(0, 2**32)


@settings(max_examples=25)
@given(spec=st.sampled_from(CONVEX), seed=SEEDS)
def test_gradient_descent_at_one_over_l_never_rises(spec: str, seed: int) -> None:
    objective = problem(spec)
    # the largest curvature everywhere, not at theta_0 alone
    L = objective.loss.curvature * np.linalg.eigvalsh(objective.rows.gram() / objective.n)[-1] + objective.penalty.l2
    theta0 = 3 * np.random.default_rng(seed).standard_normal(objective.dim)
    values = [
        objective.value(theta) for theta in (theta0, *first_iterates(GradientDescent(1 / L), objective, theta0, 100))
    ]
    assert all(after <= before + 10 * objective.n * EPS * values[0] for before, after in pairwise(values))


@settings(max_examples=40)
@given(seed=SEEDS, d=st.integers(1, 10), condition=st.sampled_from([1.0, 10.0, 1e3]), l2=st.sampled_from([0.0, 0.1]))
def test_gradient_descent_converges_at_its_rate_and_never_increases_f(
    seed: int, d: int, condition: float, l2: float
) -> None:
    rng = np.random.default_rng(seed)
    n = 3 * d + 5
    X, y = np.sqrt(n) * matrix(n, d, np.sqrt(condition), rng), rng.standard_normal(n)
    objective: Any = linear_model(Rows(X, intercept=False), y, squared, Penalty(l2=l2))
    eigenvalues = np.linalg.eigvalsh(objective.hessian(np.zeros(d)))
    mu, L = eigenvalues[0], eigenvalues[-1]
    theta0 = rng.standard_normal(d)
    smallest = objective.value(answer(QR(), objective, d))
    thetas = [theta0, *first_iterates(GradientDescent(1 / L), objective, theta0, 200)]
    values = [objective.value(theta) for theta in thetas]
    scale = abs(values[0])
    for k, f in enumerate(values):
        bound_of_gap = (1 - mu / L) ** (2 * k) * (values[0] - smallest)
        assert f - smallest <= (1 + 1e-9) * bound_of_gap + 10 * n * EPS * scale
    assert all(later <= earlier + 10 * n * EPS * scale for earlier, later in pairwise(values))


@settings(max_examples=40)
@given(spec=st.sampled_from(SMOOTH_SUMS), seed=SEEDS, rule=st.sampled_from(["backtracking", "barzilai-borwein"]))
def test_a_line_search_satisfies_armijo_s_condition(spec: str, seed: int, rule: Any) -> None:
    objective = problem(spec)
    c, memory = (0.5, 1) if rule == "backtracking" else (1e-4, 10)
    theta = np.random.default_rng(seed).standard_normal(objective.dim)
    recent = [objective.value(theta)]
    for new in first_iterates(GradientDescent(rule=rule), objective, theta, 40):
        g, f = objective.gradient(theta), objective.value(new)
        decrease = (theta - new) @ g  # step g.g
        assert f <= max(recent) - c * decrease + (4 + 2 * objective.n) * EPS * abs(max(recent))
        theta, recent = new, [*recent, f][-memory:]


@pytest.mark.parametrize("spec", CONVEX)
@pytest.mark.parametrize("rule", ["backtracking", "barzilai-borwein"])
@pytest.mark.parametrize("step", [None, 1e-8, 1e8])
def test_line_searches_converge_on_convex_f_from_any_first_step(spec: str, rule: Any, step: float | None) -> None:
    objective, known = problem(spec), reference(spec)
    solution = answer(GradientDescent(step, rule), objective, objective.dim, 5000)
    assert objective.value(solution) - known.lower <= 1e-10 * max(1.0, known.upper)


@pytest.mark.parametrize("rule", ["backtracking", "barzilai-borwein"])
def test_line_searches_decrease_f_without_end_if_f_has_no_minimum(rule: Any) -> None:
    """With separable labels f and the steps change without end; a start with infinite f is a breakdown."""
    X = np.array([[1.0], [2.0], [-1.0], [-3.0]])
    objective: Any = linear_model(Rows(X, intercept=False), np.sign(X[:, 0]), logistic)
    values = [
        objective.value(theta) for theta in first_iterates(GradientDescent(rule=rule), objective, np.zeros(1), 3000)
    ]
    assert values[-1] < 1e-12
    with pytest.raises(Breakdown, match="not finite"), np.errstate(all="ignore"):
        first_iterates(GradientDescent(rule=rule), problem("linear-regression(n=30, d=3)"), np.full(4, 1e200), 10)


def barzilai_borwein(objective: Any, theta: Vector, memory: int, most: int) -> list[float]:
    """The values of f at the iterates of Raydan's nonmonotone method, written without regard to rounding errors."""
    f, g = objective.value_and_gradient(theta)
    values, step = [f], 1 / norm(g)
    for _ in range(most):
        while objective.value(theta - step * g) > max(values[-memory:]) - 1e-4 * step * (g @ g):
            step /= 2
        s = -step * g
        theta, y = theta + s, objective.gradient(theta + s) - g
        g, step = g + y, s @ s / (s @ y)
        values.append(objective.value(theta))
    return values


@pytest.mark.parametrize("seed", range(5))
def test_barzilai_borwein_compares_with_the_largest_of_ten_values(seed: int) -> None:
    """On an ill-conditioned quadratic f increases now and then, and the memory of ten values decides by how much."""
    rng = np.random.default_rng(seed)
    X, y = matrix(40, 10, 30.0, rng), rng.standard_normal(40)
    objective: Any = linear_model(Rows(X, intercept=False), y, squared)
    theta0 = 10 * rng.standard_normal(10)
    iterates = first_iterates(GradientDescent(rule="barzilai-borwein"), objective, theta0, 25)
    values = [objective.value(theta0), *map(objective.value, iterates)]
    np.testing.assert_allclose(values, barzilai_borwein(objective, theta0, 10, 25), rtol=1e-5)
    assert max(after - before for before, after in pairwise(values)) > 1e-3 * values[-1], "f increases"
    monotone = np.array(barzilai_borwein(objective, theta0, 1, 25))
    assert abs(monotone - values).max() > 1e-3 * values[-1], "a memory of one value gives other iterates"


class Quadratic:
    """A quadratic f whose Hessian is the diagonal of its eigenvalues, with its minimum at 0."""

    eigenvalues = np.array([1.0, 3.0, 10.0])
    spectrum = Spectrum(eigenvalues, 10.0)
    objective: Any = linear_model(
        Rows(np.sqrt(3) * np.diag(np.sqrt(eigenvalues)), intercept=False), np.zeros(3), squared
    )


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("ratio", [0.5, 0.99, 1.01])
def test_momentum_converges_below_its_limit_and_diverges_above(momentum: float, ratio: float) -> None:
    """The limit of the step is 2 (1 + momentum)/L."""
    method = Momentum(ratio * 2 * (1 + momentum) / 10.0, momentum)
    error = norm(first_iterates(method, Quadratic.objective, np.ones(3), 400)[-1])
    if ratio < 1:
        assert error < 1e-2
        assert method.rate(Quadratic.spectrum).factor < 1
    else:
        assert error > 1e2
        assert method.rate(Quadratic.spectrum).factor > 1


def test_the_best_rate_of_momentum_is_polyak_s() -> None:
    """The step is (2 / (sqrt(L) + sqrt(mu)))^2, the momentum ((sqrt(k) - 1) / (sqrt(k) + 1))^2, and k = L/mu = 10."""
    root = np.sqrt(10.0)
    best = Momentum((2 / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2)
    assert best.rate(Quadratic.spectrum).factor == pytest.approx((root - 1) / (root + 1), rel=1e-6)
    for step, momentum in ((1.1, 1.0), (0.9, 1.0), (1.0, 1.1), (1.0, 0.9)):
        other = Momentum(step * (best.step or 0.0), momentum * best.momentum)
        assert other.rate(Quadratic.spectrum).factor > best.rate(Quadratic.spectrum).factor


@pytest.mark.parametrize("method", [GradientDescent(0.15), Momentum(0.1, 0.6), Nesterov(0.1, 0.4)])
def test_the_error_decreases_at_the_rate_that_theory_gives(method: Any) -> None:
    errors = norm(first_iterates(method, Quadratic.objective, np.ones(3), 120), axis=1)
    assert (errors[-1] / errors[19]) ** 0.01 == pytest.approx(method.rate(Quadratic.spectrum).factor, rel=0.02)
