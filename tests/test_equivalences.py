"""Solvers that must be one another when a parameter takes an end of its range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.linear_model import linear_model
from problems.losses import logistic, squared
from problems.penalties import Penalty
from problems.rows import Rows
from solvers.descent import GradientDescent, Momentum, Nesterov
from solvers.krylov import ConjugateGradient
from solvers.newton import Newton
from solvers.quasi_newton import LBFGS
from solvers.stochastic import SGD

from .small import PROBLEMS, flat, matrix, problem


def iterates(method: Any, on: Any, theta0: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    return np.array(flat(method.iterate(on, theta0, np.random.default_rng(seed)), count))


SMOOTH = st.sampled_from(PROBLEMS)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), step=st.floats(1e-3, 0.5))
def test_no_momentum_is_gradient_descent(spec: str, seed: int, step: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    plain = iterates(GradientDescent(step), on, theta0, 20)
    np.testing.assert_allclose(iterates(Momentum(step, 0.0), on, theta0, 20), plain, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(iterates(Nesterov(step, 0.0), on, theta0, 20), plain, rtol=1e-12, atol=1e-14)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), step=st.floats(1e-3, 0.5))
def test_sgd_on_all_rows_is_gradient_descent(spec: str, seed: int, step: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    plain = iterates(GradientDescent(step), on, theta0, 20)
    whole = iterates(SGD(step, batch=on.n), on, theta0, 20)
    np.testing.assert_allclose(whole, plain, rtol=1e-9, atol=1e-11)


def by_hand(on: Any, theta0: np.ndarray, step: float, count: int) -> np.ndarray:
    theta, out = theta0, []
    for _ in range(count):
        theta = theta - step * on.gradient(theta)
        out.append(theta)
    return np.array(out)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), step=st.floats(1e-3, 0.5))
def test_native_loops_follow_the_recurrence(spec: str, seed: int, step: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    np.testing.assert_allclose(
        iterates(GradientDescent(step), on, theta0, 40), by_hand(on, theta0, step, 40), rtol=1e-9, atol=1e-11
    )


@pytest.mark.parametrize("spec", PROBLEMS)
@pytest.mark.parametrize("batch", [1, 3])
def test_one_epoch_of_sgd_reads_every_row_once(spec: str, batch: int) -> None:
    """With a step so small that theta hardly moves, an epoch adds up to a step along the whole gradient."""
    on = problem(spec)
    theta0 = np.random.default_rng(3).standard_normal(on.dim)
    step = 1e-9
    (moved,) = iterates(SGD(step, batch=batch), on, theta0, 1)
    sizes = [min(batch, on.n - first) for first in range(0, on.n, batch)]
    if len(set(sizes)) == 1:  # a shorter last batch weighs its rows more
        np.testing.assert_allclose((theta0 - moved) / (step * len(sizes)), on.gradient(theta0), rtol=1e-4, atol=1e-5)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), d=st.integers(1, 8), l2=st.sampled_from([0.0, 0.3]))
def test_newton_takes_one_step_on_a_quadratic(seed: int, d: int, l2: float) -> None:
    rng = np.random.default_rng(seed)
    on = linear_model(
        Rows(rng.standard_normal((4 * d + 5, d))), rng.standard_normal(4 * d + 5), squared, Penalty(l2=l2)
    )
    steps = iterates(Newton(), on, rng.standard_normal(on.dim), 10)
    assert len(steps) == 1
    assert np.linalg.norm(on.gradient(steps[0])) < 1e-12  # type: ignore[attr-defined]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), d=st.integers(2, 8))
def test_lbfgs_that_remembers_all_is_conjugate_gradients_on_a_quadratic(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    X = matrix(5 * d, d, 10.0, rng)
    on: Any = linear_model(Rows(X, intercept=False), rng.standard_normal(5 * d), squared, Penalty(l2=0.01))
    theta0 = rng.standard_normal(d)
    cg = iterates(ConjugateGradient(), on, theta0, d - 1)
    exact = iterates(LBFGS(memory=d, curvature=1e-9), on, theta0, d - 1)
    count = min(len(cg), len(exact))
    np.testing.assert_allclose(exact[:count], cg[:count], rtol=1e-5, atol=1e-6 * abs(cg[0]).max())


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), l2=st.sampled_from([1e-3, 0.1]))
def test_native_sgd_agrees_with_sgd_in_python(seed: int, l2: float) -> None:
    """One batch an epoch but for the order of rows: the fused kernel against the problem's own batch gradient."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(9) < 0.5, -1.0, 1.0)
    on = linear_model(Rows(rng.standard_normal((9, 2))), y, logistic, Penalty(l2=l2))
    theta0 = rng.standard_normal(on.dim)
    (first,) = iterates(SGD(0.1, batch=9), on, theta0, 1)
    np.testing.assert_allclose(first, theta0 - 0.1 * on.batch_gradient(theta0, np.arange(9)), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("spec", ["xor", "logistic(n=40, d=3)"])
@pytest.mark.parametrize("horizon", [1, 3, 20])
def test_cosine_steps_end_at_their_horizon(spec: str, horizon: int) -> None:
    on = problem(spec)
    assert len(iterates(SGD(0.1, schedule="cosine", horizon=horizon), on, np.ones(on.dim), 1000)) == horizon
