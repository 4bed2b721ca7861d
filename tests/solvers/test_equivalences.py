"""Equivalences: a solver with a parameter at the end of its range must be another solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.linear.model_chain import linear_model
from problems.networks.network import Network
from problems.parts.losses import logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.composite.proximal import ISTA
from solvers.first_order.adaptive import AdaGrad, Adam, AdamW, RMSprop
from solvers.first_order.descent import GradientDescent, Momentum, Nesterov
from solvers.first_order.stochastic import SGD
from solvers.first_order.variance_reduced import SAG, SAGA, SVRG
from solvers.kernels.variance_reduced import by_reference_point
from solvers.linear_systems.krylov import ConjugateGradient
from solvers.second_order.newton import Newton
from solvers.second_order.quasi_newton import LBFGS
from tests.helpers.small_problems import SMOOTH_SUMS, first_iterates, flat, matrix, problem, stable_step

SMOOTH = st.sampled_from(SMOOTH_SUMS)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), fraction=st.floats(1e-3, 1.0))
def test_no_momentum_is_gradient_descent(spec: str, seed: int, fraction: float) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    step = stable_step(fraction, objective, theta0)
    plain = first_iterates(GradientDescent(step), objective, theta0, 20)
    np.testing.assert_allclose(
        first_iterates(Momentum(step, 0.0), objective, theta0, 20), plain, rtol=1e-12, atol=1e-14
    )
    np.testing.assert_allclose(
        first_iterates(Nesterov(step, 0.0), objective, theta0, 20), plain, rtol=1e-12, atol=1e-14
    )


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), fraction=st.floats(1e-3, 1.0))
def test_sgd_on_all_rows_is_gradient_descent(spec: str, seed: int, fraction: float) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    step = stable_step(fraction, objective, theta0)
    plain = first_iterates(GradientDescent(step), objective, theta0, 20)
    whole = first_iterates(SGD(step, batch=objective.n), objective, theta0, 20)
    np.testing.assert_allclose(whole, plain, rtol=1e-9, atol=1e-11)


def one_row(seed: int, l1: float = 0.0, l2: float = 0.0) -> Any:
    rng = np.random.default_rng(seed)
    return linear_model(Rows(rng.standard_normal((1, 3))), np.ones(1), logistic, Penalty(l1, l2))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    step=st.floats(1e-3, 0.5),
    l2=st.sampled_from([0.0, 0.3]),
    method=st.sampled_from([SAG, SAGA, SVRG]),
)
def test_variance_reduction_on_one_row_is_gradient_descent(seed: int, step: float, l2: float, method: Any) -> None:
    objective = one_row(seed, l2=l2)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    plain = first_iterates(GradientDescent(step), objective, theta0, 20)
    np.testing.assert_allclose(first_iterates(method(step), objective, theta0, 20), plain, rtol=1e-9, atol=1e-11)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    step=st.floats(1e-3, 0.5),
    l2=st.sampled_from([0.0, 0.3]),
    method=st.sampled_from([SAGA, SVRG]),
)
def test_variance_reduction_on_one_row_with_an_l1_penalty_is_ista(
    seed: int, step: float, l2: float, method: Any
) -> None:
    objective = one_row(seed, 0.1, l2)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    plain = first_iterates(ISTA(step), objective, theta0, 20)
    np.testing.assert_allclose(
        first_iterates(method(step), objective, theta0, len(plain)), plain, rtol=1e-9, atol=1e-11
    )


class WithoutNativeCode:
    """The same problem without native code."""

    def __new__(cls, objective: Any) -> Any:
        kind: Any = type("WithoutNativeCode", (type(objective),), {"native": lambda self: None})
        other: Any = object.__new__(kind)
        other.__dict__.update(objective.__dict__)
        return other


SYNTHETIC = st.sampled_from([spec for spec in SMOOTH_SUMS if "data=" not in spec])


@settings(max_examples=25)
@given(
    spec=SYNTHETIC,
    seed=st.integers(0, 2**32),
    method=st.sampled_from([AdaGrad, RMSprop, Adam, lambda **arguments: AdamW(decay=0.1, **arguments)]),
)
def test_native_and_python_loops_of_adaptive_steps_agree(spec: str, seed: int, method: Any) -> None:
    """With all rows in a batch, because the two loops read the rows in different orders."""
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    fast, slow = (
        first_iterates(method(step=0.05, batch=objective.n), which, theta0, 20)
        for which in (objective, WithoutNativeCode(objective))
    )
    np.testing.assert_allclose(slow, fast, rtol=1e-6, atol=1e-8)


@settings(max_examples=25)
@given(spec=SYNTHETIC, seed=st.integers(0, 2**32), every=st.integers(1, 3))
def test_svrg_by_stored_derivatives_by_native_gradients_and_in_python_agree(spec: str, seed: int, every: int) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    step, count = 0.01, 6
    by_derivatives = first_iterates(SVRG(step, every), objective, theta0, count, seed)
    for which in (objective, WithoutNativeCode(objective)):
        other = np.array(flat(by_reference_point(which, theta0, step, every, np.random.default_rng(seed)), count))
        np.testing.assert_allclose(other, by_derivatives, rtol=1e-9, atol=1e-10)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), step=st.floats(1e-3, 0.1))
def test_an_average_is_the_mean_of_the_plain_iterates_after_the_first_epoch(spec: str, seed: int, step: float) -> None:
    """With all rows in a batch every step is an iterate."""
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    plain = first_iterates(SGD(step, batch=objective.n), objective, theta0, 20)
    means = [plain[0], *(plain[1:k].mean(0) for k in range(2, 21))]
    for which in (objective, WithoutNativeCode(objective)):
        averaged = first_iterates(SGD(step, batch=objective.n, averaging=True), which, theta0, 20)
        np.testing.assert_allclose(averaged, means, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("network", [False, True])
def test_an_average_is_taken_over_every_step_of_an_epoch(network: bool) -> None:
    """If all rows are equal, their order does not matter, and each update is a step of gradient descent."""
    X, y = np.tile([[0.3, -1.2]], (6, 1)), np.ones(6)
    objective: Any = Network(X, y, logistic, (2, 2, 1)) if network else linear_model(Rows(X), y, logistic)
    theta0 = np.random.default_rng(0).standard_normal(objective.dim)
    plain = first_iterates(GradientDescent(0.2), objective, theta0, 12)
    averaged = first_iterates(SGD(0.2, batch=2, averaging=True), objective, theta0, 4)  # three updates per epoch
    np.testing.assert_allclose(averaged, [plain[2], *(plain[3:k].mean(0) for k in (6, 9, 12))], rtol=1e-12)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32))
def test_adam_is_adamw_without_decay(spec: str, seed: int) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    assert np.array_equal(
        first_iterates(AdamW(), objective, theta0, 5, seed), first_iterates(Adam(), objective, theta0, 5, seed)
    )


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), kind=st.sampled_from(["adagrad", "rmsprop", "adam", "adamw"]))
def test_adaptive_steps_follow_their_recurrence(spec: str, seed: int, kind: str) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    theta, m, v, expected = theta0, np.zeros(objective.dim), np.zeros(objective.dim), []
    for k in range(1, 21):
        g = objective.gradient(theta)
        if kind == "adagrad":
            v = v + g**2
            theta = theta - 0.05 * g / (np.sqrt(v) + 1e-10)
        elif kind == "rmsprop":
            v = 0.9 * v + 0.1 * g**2
            theta = theta - 0.05 * g / (np.sqrt(v) + 1e-8)
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            move = m / (1 - 0.9**k) / (np.sqrt(v / (1 - 0.999**k)) + 1e-8)
            theta = theta - 0.05 * (move + (0.3 * theta if kind == "adamw" else 0))
        expected.append(theta)
    method: Any = {
        "adagrad": AdaGrad(0.05, batch=objective.n),
        "rmsprop": RMSprop(0.05, batch=objective.n),
        "adam": Adam(0.05, batch=objective.n),
        "adamw": AdamW(0.05, decay=0.3, batch=objective.n),
    }[kind]
    np.testing.assert_allclose(first_iterates(method, objective, theta0, 20), expected, rtol=1e-6, atol=1e-8)


def gradient_descent(objective: Any, theta0: np.ndarray, step: float, count: int) -> np.ndarray:
    theta, thetas = theta0, []
    for _ in range(count):
        theta = theta - step * objective.gradient(theta)
        thetas.append(theta)
    return np.array(thetas)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), fraction=st.floats(1e-3, 1.0))
def test_native_loops_follow_the_recurrence(spec: str, seed: int, fraction: float) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    step = stable_step(fraction, objective, theta0)
    iterates = first_iterates(GradientDescent(step), objective, theta0, 40)
    np.testing.assert_allclose(iterates, gradient_descent(objective, theta0, step, 40), rtol=1e-9, atol=1e-11)


def divisor(n: int) -> int:
    """The smallest divisor of n above 1."""
    return next(k for k in range(2, n + 1) if n % k == 0)


@pytest.mark.parametrize("spec", SMOOTH_SUMS)
@pytest.mark.parametrize("batch_of", [lambda n: 1, divisor, lambda n: n - 1], ids=["one row", "equal batches", "n - 1"])
def test_one_epoch_of_sgd_reads_every_row_once(spec: str, batch_of: Callable[[int], int]) -> None:
    """With a step so small that theta hardly changes, the updates of an epoch add up to a multiple of the gradient.

    With batches of n - 1 rows and 1 row, the row in the last batch has a larger weight: one of the rows must fit.
    """
    objective = problem(spec)
    n, theta0 = objective.n, np.random.default_rng(3).standard_normal(objective.dim)
    g, batch = objective.gradient(theta0), batch_of(objective.n)
    step = 1e-9 / max(1.0, float(norm(g)))
    (theta,) = first_iterates(SGD(step, batch=batch), objective, theta0, 1)
    total = (theta0 - theta) / step
    extra = total - n / batch * g
    if n % batch:
        rows = np.array([objective.batch_gradient(theta0, np.array([i])) for i in range(n)])
        extra = extra - (1 - 1 / batch) * min(rows, key=lambda row: norm(extra - (1 - 1 / batch) * row))
    np.testing.assert_allclose(extra / (n / batch), 0.0, atol=1e-4 * abs(g).max() + 1e-5)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), d=st.integers(1, 8), l2=st.sampled_from([0.0, 0.3]))
def test_newton_takes_one_step_on_a_quadratic(seed: int, d: int, l2: float) -> None:
    rng = np.random.default_rng(seed)
    objective: Any = linear_model(
        Rows(rng.standard_normal((4 * d + 5, d))), rng.standard_normal(4 * d + 5), squared, Penalty(l2=l2)
    )
    steps = first_iterates(Newton(), objective, rng.standard_normal(objective.dim), 10)
    assert len(steps) == 1
    assert norm(objective.gradient(steps[0])) < 1e-12


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), d=st.integers(2, 8))
def test_lbfgs_that_keeps_all_pairs_is_conjugate_gradients_on_a_quadratic(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    X = matrix(5 * d, d, 10.0, rng)
    objective: Any = linear_model(Rows(X, intercept=False), rng.standard_normal(5 * d), squared, Penalty(l2=0.01))
    theta0 = rng.standard_normal(d)
    cg = first_iterates(ConjugateGradient(), objective, theta0, d - 1)
    exact = first_iterates(LBFGS(memory=d, curvature=1e-9), objective, theta0, d - 1)
    count = min(len(cg), len(exact))
    np.testing.assert_allclose(exact[:count], cg[:count], rtol=1e-5, atol=1e-6 * abs(cg[0]).max())


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), l2=st.sampled_from([1e-3, 0.1]))
def test_native_sgd_agrees_with_sgd_in_python(seed: int, l2: float) -> None:
    """One update per epoch: the kernel that predicts and updates in one loop against the problem's batch gradient."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(9) < 0.5, -1.0, 1.0)
    objective: Any = linear_model(Rows(rng.standard_normal((9, 2))), y, logistic, Penalty(l2=l2))
    theta0 = rng.standard_normal(objective.dim)
    (first,) = first_iterates(SGD(0.1, batch=9), objective, theta0, 1)
    np.testing.assert_allclose(
        first, theta0 - 0.1 * objective.batch_gradient(theta0, np.arange(9)), rtol=1e-12, atol=1e-13
    )


@pytest.mark.parametrize("spec", ["xor", "logistic(n=40, d=3)"])
@pytest.mark.parametrize("horizon", [1, 3, 20])
def test_cosine_steps_end_at_their_horizon(spec: str, horizon: int) -> None:
    objective = problem(spec)
    assert (
        len(first_iterates(SGD(0.1, schedule="cosine", horizon=horizon), objective, np.ones(objective.dim), 1000))
        == horizon
    )
