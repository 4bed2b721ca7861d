"""Solvers that must be one another when a parameter takes an end of its range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.forms import FiniteSum, Smooth
from problems.linear.model_chain import linear_model
from problems.networks.network import Network
from problems.parts.losses import logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base.spectrum import largest_curvature
from solvers.composite.proximal import ISTA
from solvers.first_order.adaptive import AdaGrad, Adam, AdamW, RMSprop
from solvers.first_order.descent import GradientDescent, Momentum, Nesterov
from solvers.first_order.stochastic import SGD
from solvers.first_order.variance_reduced import SAG, SAGA, SVRG
from solvers.kernels.variance_reduced import corrected
from solvers.linear_systems.krylov import ConjugateGradient
from solvers.second_order.newton import Newton
from solvers.second_order.quasi_newton import LBFGS
from tests.helpers.small_problems import PROBLEMS, flat, matrix, problem


def iterates(method: Any, on: Any, theta0: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    return np.array(flat(method.iterate(on, theta0, np.random.default_rng(seed)), count))


def stable(share: float, on: Any, theta0: np.ndarray) -> float:
    """A step, as a share of 1/L: a longer one may magnify rounding until no two runs are alike."""
    return share / largest_curvature(on, theta0, np.random.default_rng(0))


SUMS = [spec for spec in PROBLEMS if isinstance(problem(spec), FiniteSum) and isinstance(problem(spec), Smooth)]
SMOOTH = st.sampled_from(SUMS)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), share=st.floats(1e-3, 1.0))
def test_no_momentum_is_gradient_descent(spec: str, seed: int, share: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    step = stable(share, on, theta0)
    plain = iterates(GradientDescent(step), on, theta0, 20)
    np.testing.assert_allclose(iterates(Momentum(step, 0.0), on, theta0, 20), plain, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(iterates(Nesterov(step, 0.0), on, theta0, 20), plain, rtol=1e-12, atol=1e-14)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), share=st.floats(1e-3, 1.0))
def test_sgd_on_all_rows_is_gradient_descent(spec: str, seed: int, share: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    step = stable(share, on, theta0)
    plain = iterates(GradientDescent(step), on, theta0, 20)
    whole = iterates(SGD(step, batch=on.n), on, theta0, 20)
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
    on = one_row(seed, l2=l2)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    plain = iterates(GradientDescent(step), on, theta0, 20)
    np.testing.assert_allclose(iterates(method(step), on, theta0, 20), plain, rtol=1e-9, atol=1e-11)


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
    on = one_row(seed, 0.1, l2)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    plain = iterates(ISTA(step), on, theta0, 20)
    np.testing.assert_allclose(iterates(method(step), on, theta0, len(plain)), plain, rtol=1e-9, atol=1e-11)


class Slow:
    """A problem that has the same rows and no native code."""

    def __new__(cls, on: Any) -> Any:
        slow = type("Slow", (type(on),), {"native": lambda self: None})
        other = object.__new__(slow)
        other.__dict__.update(on.__dict__)
        return other


ROWS = st.sampled_from([spec for spec in SUMS if "data=" not in spec])


@settings(max_examples=25)
@given(
    spec=ROWS,
    seed=st.integers(0, 2**32),
    method=st.sampled_from([AdaGrad, RMSprop, Adam, lambda **given: AdamW(decay=0.1, **given)]),
)
def test_native_and_python_loops_of_adaptive_steps_agree(spec: str, seed: int, method: Any) -> None:
    """With all rows in a batch, because each draws its own order."""
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    fast, slow = (iterates(method(step=0.05, batch=on.n), which, theta0, 20) for which in (on, Slow(on)))
    np.testing.assert_allclose(slow, fast, rtol=1e-6, atol=1e-8)


@settings(max_examples=25)
@given(spec=ROWS, seed=st.integers(0, 2**32), every=st.integers(1, 3))
def test_svrg_by_slopes_by_native_gradients_and_in_python_agree(spec: str, seed: int, every: int) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    step, count = 0.01, 6
    chosen = iterates(SVRG(step, every), on, theta0, count, seed)
    for which in (on, Slow(on)):
        other = np.array(flat(corrected(which, theta0, step, every, np.random.default_rng(seed)), count))
        np.testing.assert_allclose(other, chosen, rtol=1e-9, atol=1e-10)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), step=st.floats(1e-3, 0.1))
def test_an_average_is_the_mean_of_the_plain_iterates_after_the_first_epoch(spec: str, seed: int, step: float) -> None:
    """With all rows in a batch every step is an iterate."""
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    plain = iterates(SGD(step, batch=on.n), on, theta0, 20)
    means = [plain[0], *(plain[1:k].mean(0) for k in range(2, 21))]
    for which in (on, Slow(on)):
        averaged = iterates(SGD(step, batch=on.n, averaging=True), which, theta0, 20)
        np.testing.assert_allclose(averaged, means, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("network", [False, True])
def test_an_average_is_taken_over_every_step_of_an_epoch(network: bool) -> None:
    """Where all rows are the same their order is no matter, and each step is one of gradient descent."""
    X, y = np.tile([[0.3, -1.2]], (6, 1)), np.ones(6)
    on: Any = Network(X, y, logistic, (2, 2, 1)) if network else linear_model(Rows(X), y, logistic)
    theta0 = np.random.default_rng(0).standard_normal(on.dim)
    plain = iterates(GradientDescent(0.2), on, theta0, 12)
    averaged = iterates(SGD(0.2, batch=2, averaging=True), on, theta0, 4)  # three steps an epoch
    np.testing.assert_allclose(averaged, [plain[2], *(plain[3:k].mean(0) for k in (6, 9, 12))], rtol=1e-12)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32))
def test_adam_is_adamw_without_decay(spec: str, seed: int) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    assert np.array_equal(iterates(AdamW(), on, theta0, 5, seed), iterates(Adam(), on, theta0, 5, seed))


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), kind=st.sampled_from(["adagrad", "rmsprop", "adam", "adamw"]))
def test_adaptive_steps_follow_their_recurrence(spec: str, seed: int, kind: str) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    theta, m, v, expected = theta0, np.zeros(on.dim), np.zeros(on.dim), []
    for k in range(1, 21):
        g = on.gradient(theta)
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
        "adagrad": AdaGrad(0.05, batch=on.n),
        "rmsprop": RMSprop(0.05, batch=on.n),
        "adam": Adam(0.05, batch=on.n),
        "adamw": AdamW(0.05, decay=0.3, batch=on.n),
    }[kind]
    np.testing.assert_allclose(iterates(method, on, theta0, 20), expected, rtol=1e-6, atol=1e-8)


def by_hand(on: Any, theta0: np.ndarray, step: float, count: int) -> np.ndarray:
    theta, out = theta0, []
    for _ in range(count):
        theta = theta - step * on.gradient(theta)
        out.append(theta)
    return np.array(out)


@settings(max_examples=25)
@given(spec=SMOOTH, seed=st.integers(0, 2**32), share=st.floats(1e-3, 1.0))
def test_native_loops_follow_the_recurrence(spec: str, seed: int, share: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    step = stable(share, on, theta0)
    seen = iterates(GradientDescent(step), on, theta0, 40)
    np.testing.assert_allclose(seen, by_hand(on, theta0, step, 40), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("spec", SUMS)
@pytest.mark.parametrize("batch", [1, 3])
def test_one_epoch_of_sgd_reads_every_row_once(spec: str, batch: int) -> None:
    """With a step so small that theta hardly moves, an epoch adds up to a step along the whole gradient."""
    on = problem(spec)
    theta0 = np.random.default_rng(3).standard_normal(on.dim)
    step = 1e-9 / max(1.0, float(np.linalg.norm(on.gradient(theta0))))
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
