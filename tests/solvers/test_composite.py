"""Methods for what is not smooth everywhere, or constrained: optimality, agreement, equivalences, certificates."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.linalg import norm
from scipy.optimize import nnls

from problems.certificates.rounding import rounding
from problems.forms import Composite, Ledger, Smooth
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts.losses import Loss, logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base import Breakdown
from solvers.composite.coordinate import CoordinateDescent
from solvers.composite.proximal import FISTA, ISTA, ProjectedGradient
from solvers.composite.splitting import ADMM, PrimalDual
from solvers.first_order.descent import GradientDescent
from tests.helpers.small_problems import flat, matrix

SEEDS = st.integers(0, 2**32)
EVERYONE: tuple[Any, ...] = (FISTA(), ProjectedGradient(), CoordinateDescent(), ADMM(), PrimalDual())
PENALTIES = st.sampled_from(
    [
        Penalty(l1=0.1),
        Penalty(l1=0.02, l2=0.1),
        Penalty(l2=0.1),
        Penalty(l1=0.05, nonnegative=True),
        Penalty(l2=0.1, nonnegative=True),
    ]
)
LOSSES = st.sampled_from([squared, logistic])


def model(
    seed: int, loss: Loss, penalty: Penalty, n: int = 30, d: int = 5, condition: float = 3.0, intercept: bool = True
) -> Any:
    """Rows of which half the columns matter."""
    rng = np.random.default_rng(seed)
    X = matrix(max(n, d), d, condition, rng)[:n] * np.sqrt(n) + 0.1
    y = X[:, ::2] @ rng.standard_normal((d + 1) // 2) + 0.3 * rng.standard_normal(n) + 0.5
    if loss.labels:
        y = np.where(y + rng.logistic(size=n) > 0, 1.0, -1.0)
        y[:2] = -1.0, 1.0
    return linear_model(Rows(X, intercept), y, loss, penalty)


def run(method: Any, on: Any, theta0: np.ndarray | None = None, most: int = 30_000) -> np.ndarray:
    """The iterates from zero, or from theta0."""
    theta0 = np.zeros(on.dim) if theta0 is None else theta0
    return np.array(flat(method.iterate(on, theta0, np.random.default_rng(0)), most))


def last(method: Any, on: Any, most: int = 30_000) -> np.ndarray:
    """The last iterate from zero; zero itself where the method has nothing better."""
    iterates = run(method, on, most=most)
    return iterates[-1] if len(iterates) else np.zeros(on.dim)


# --- equivalences


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, step=st.sampled_from([None, 0.01, 0.3]))
def test_ista_without_l1_is_gradient_descent(seed: int, loss: Loss, step: float | None) -> None:
    on = model(seed, loss, Penalty(l2=0.1))
    theta0 = np.random.default_rng(seed).standard_normal(on.dim) / 10
    plain = np.array(flat(GradientDescent(step).iterate(on, theta0, np.random.default_rng(0)), 30))
    np.testing.assert_allclose(run(ISTA(step), on, theta0, 30), plain, rtol=1e-5 if step is None else 1e-11)


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES)
def test_fista_without_acceleration_is_ista(seed: int, loss: Loss, penalty: Penalty) -> None:
    on = model(seed, loss, penalty)
    assert np.array_equal(run(FISTA(acceleration=False), on, most=50), run(ISTA(), on, most=50))


@settings(max_examples=20)
@given(seed=SEEDS, working_set=st.booleans(), intercept=st.booleans(), l2=st.sampled_from([0.0, 0.3]))
def test_coordinate_descent_without_l1_is_gauss_seidel(
    seed: int, working_set: bool, intercept: bool, l2: float
) -> None:
    on = model(seed, squared, Penalty(l2=l2), intercept=intercept)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    A, b = on.system()
    sweeps = run(CoordinateDescent(working_set), on, theta0, 20)
    for before, after in pairwise([theta0, *sweeps]):
        swept = sl.solve_triangular(np.tril(A), b - np.triu(A, 1) @ before, lower=True)
        np.testing.assert_allclose(after, swept, rtol=1e-10, atol=1e-12)


@settings(max_examples=20)
@given(seed=SEEDS, l1=st.sampled_from([0.01, 0.2]), l2=st.sampled_from([0.0, 0.3]))
def test_orthogonal_columns_need_one_epoch_or_one_step(seed: int, l1: float, l2: float) -> None:
    """The elastic net is then the soft threshold of X'y/n, over 1 + l2."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.standard_normal((20, 4)))
    X, y = np.sqrt(20) * Q, rng.standard_normal(20)
    on: Any = linear_model(Rows(X, intercept=False), y, squared, Penalty(l1, l2))
    c = X.T @ y / 20
    exact = np.sign(c) * np.maximum(abs(c) - l1, 0) / (1 + l2)
    for method in (CoordinateDescent(), ISTA(1 / (1 + l2)), FISTA(1 / (1 + l2))):
        np.testing.assert_allclose(last(method, on, most=1), exact, atol=1e-14)


# --- optimality


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, wide=st.booleans(), intercept=st.booleans())
def test_everyone_finds_the_same_minimum_within_their_certificates(
    seed: int, loss: Loss, penalty: Penalty, wide: bool, intercept: bool
) -> None:
    on = model(seed, loss, penalty, *((12, 20) if wide else (30, 5)), intercept=intercept)
    scale = on.value(np.zeros(on.dim))
    for method in EVERYONE:
        if method.objection(on) is None:
            theta = last(method, on)
            assert on.gap(theta) <= 1e-9 * scale, method
            assert on.violation(theta) == 0, method


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, l1=st.sampled_from([0.02, 0.1, 0.5]), wide=st.booleans(), intercept=st.booleans())
def test_the_lasso_s_optimality_conditions_hold_and_all_agree_on_the_zeros(
    seed: int, l1: float, wide: bool, intercept: bool
) -> None:
    on = model(seed, squared, Penalty(l1), *((12, 20) if wide else (30, 5)), intercept=intercept)
    known = last(FISTA(), on)
    zero = np.flatnonzero(known[: on.rows.X.shape[1]] == 0)
    slack = l1 - abs(on.smooth.gradient(known)[zero]).max(initial=-1.0)
    assume(slack > 1e-3 * l1)  # a zero that is all but none is found by some methods in 1e5 iterates
    signs = np.sign(known[: on.rows.X.shape[1]])
    for method in EVERYONE:
        theta = last(method, on)
        w, _ = on.rows.split(theta)
        g = on.rows.transposed(on.y - on.rows @ theta) / on.n
        excess = abs(g[: w.size]) - l1
        assert excess.max() <= 1e-10 * l1, method
        assert np.all((w == 0) | (abs(excess) <= 1e-10 * l1) & (np.sign(w) == np.sign(g[: w.size]))), method
        np.testing.assert_array_equal(np.sign(w), signs)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, loss=LOSSES, intercept=st.booleans(), beyond=st.sampled_from([1e-12, 0.1, 10.0]))
def test_a_large_l1_makes_all_coefficients_exactly_zero(seed: int, loss: Loss, intercept: bool, beyond: float) -> None:
    on = model(seed, loss, Penalty(), intercept=intercept)
    constant = np.zeros(on.dim)
    if intercept:
        constant[-1] = last(FISTA(), linear_model(Rows(np.zeros((on.n, 0))), on.y, loss))[0]
    g = on.gradient(constant)
    l1 = (1 + beyond) * abs(g[: on.rows.X.shape[1]]).max()
    penalised = linear_model(on.rows, on.y, loss, Penalty(l1))
    for method in EVERYONE:
        w, b = penalised.rows.split(last(method, penalised))
        if beyond > 1e-6 or isinstance(method, CoordinateDescent):
            assert not w.any(), method
            np.testing.assert_allclose(b, constant[-1] if intercept else 0.0, atol=1e-9)


@settings(max_examples=40)
@given(seed=SEEDS, loss=LOSSES, l1=st.sampled_from([0.0, 0.05]), l2=st.sampled_from([0.0, 0.1]), working=st.booleans())
def test_coordinate_descent_never_rises(seed: int, loss: Loss, l1: float, l2: float, working: bool) -> None:
    on = model(seed, loss, Penalty(l1, l2), condition=100.0)
    theta0 = 3 * np.random.default_rng(seed).standard_normal(on.dim)
    values = [on.value(theta) for theta in [theta0, *run(CoordinateDescent(working), on, theta0, 300)]]
    assert all(later <= earlier + 10 * rounding(on.n, values[0]) for earlier, later in pairwise(values))


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, d=st.integers(1, 12), l2=st.sampled_from([0.0, 0.5]))
def test_nonnegative_least_squares_is_scipy_s(seed: int, d: int, l2: float) -> None:
    on = model(seed, squared, Penalty(l2=l2, nonnegative=True), d=d, intercept=False)
    B = np.vstack([on.rows.X, np.sqrt(on.n * l2) * np.eye(d)])
    exact, _ = nnls(B, np.append(on.y, np.zeros(d)))
    for method in (ProjectedGradient(), FISTA(), ADMM(), PrimalDual()):
        theta = last(method, on)
        assert theta.min() >= 0
        np.testing.assert_allclose(theta, exact, atol=1e-8 * max(norm(exact), 1))


# --- steps, rates, ends


@settings(max_examples=30)
@given(seed=SEEDS, l1=st.sampled_from([0.0, 0.05]), condition=st.sampled_from([3.0, 10.0]))
def test_ista_is_as_fast_as_the_columns_that_it_keeps_allow(seed: int, l1: float, condition: float) -> None:
    """From the worst direction the error falls by 1 - mu/L, mu the least curvature on the columns not zero."""
    on = model(seed, squared, Penalty(l1), condition=condition, intercept=False)
    best = last(CoordinateDescent(), on)
    kept, zero = np.flatnonzero(best), np.flatnonzero(best == 0)
    slack = l1 - abs(on.smooth.gradient(best)[zero]).max(initial=-1.0)
    assume(len(kept) and slack > 0.01 and abs(best[kept]).min() > 0.01)
    H = on.rows.gram() / on.n
    L = np.linalg.eigvalsh(H)[-1]
    curvatures, directions = np.linalg.eigh(H[np.ix_(kept, kept)])
    theta0 = best.copy()
    theta0[kept] += 1e-3 * directions[:, 0]
    errors = norm(run(ISTA(1 / L), on, theta0, 8) - best, axis=1)
    np.testing.assert_allclose(errors, 1e-3 * (1 - curvatures[0] / L) ** np.arange(1, 9), rtol=1e-6, atol=1e-12)


class Valley(Smooth, Composite):
    """f = sum_j log cosh(10 theta_j) / 10 - theta_j / 10, of which no bound on the curvature is known."""

    dim, ledger = 3, Ledger()  # type: ignore[assignment]

    def value(self, theta: np.ndarray) -> float:
        return self.value_and_gradient(theta)[0]

    def value_and_gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        f = np.logaddexp(10 * theta, -10 * theta).sum() / 10 - theta.sum() / 10
        return float(f), np.tanh(10 * theta) - 0.1

    @property
    def smooth(self) -> Valley:
        return self

    def rest(self, theta: np.ndarray) -> float:
        return 0.0

    def prox(self, v: np.ndarray, step: float) -> np.ndarray:
        return v.copy()

    def sibling(self) -> Valley:
        return self


@pytest.mark.parametrize("method", [ISTA(), FISTA(), ProjectedGradient()])
def test_a_start_where_f_is_flatter_than_elsewhere_does_no_harm(method: Any) -> None:
    """At theta_0 the curvature is a hundredth of what it is at the minimum, tanh(10 theta) = 0.1."""
    theta = run(method, Valley(), np.full(3, 0.3), 2000)[-1]
    np.testing.assert_allclose(theta, np.arctanh(0.1) / 10, rtol=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES)
def test_everyone_stays_at_the_minimum(seed: int, loss: Loss, penalty: Penalty) -> None:
    on: Any = model(seed, loss, penalty)
    best = last(FISTA(), on)
    for method in (*EVERYONE, ISTA()):
        if method.objection(on) is None:
            for theta in flat(method.iterate(on, best, np.random.default_rng(0)), 20):
                assert on.value(theta) - on.value(best) <= 1e-10 * on.value(np.zeros(on.dim)), method


@pytest.mark.parametrize("l1", [0.0, 0.1])
def test_coordinate_descent_passes_over_empty_columns(l1: float) -> None:
    on = model(0, squared, Penalty(l1))
    X = on.rows.X.copy()
    X[:, 2] = 0.0
    on = linear_model(Rows(X), on.y, squared, Penalty(l1))
    without = linear_model(Rows(np.delete(X, 2, 1)), on.y, squared, Penalty(l1))
    iterates = run(CoordinateDescent(), on, np.ones(on.dim))
    assert np.all(iterates[:, 2] == (0 if l1 else 1))
    theta = iterates[-1]
    np.testing.assert_allclose(np.delete(theta, 2), last(CoordinateDescent(), without), atol=1e-12)


def test_refusals_are_sentences() -> None:
    bounded = model(0, squared, Penalty(nonnegative=True))
    assert "negative" in (CoordinateDescent().objection(bounded) or "")
    steep = Loss("steep", squared.slope, squared.block, 2)
    on: Any = linear_model(Rows(np.eye(3)), np.ones(3), steep)
    assert "bound on the loss's curvature" in (CoordinateDescent().objection(on) or "")
    with np.errstate(all="ignore"):
        huge: Any = linear_model(Rows(np.full((3, 2), 1e200)), np.ones(3), squared, Penalty(0.1))
        nothing: Any = linear_model(Rows(np.zeros((3, 2)), intercept=False), np.ones(3), squared, Penalty(0.1))
        for method, on, why in (
            (CoordinateDescent(), huge, "too large"),
            (ADMM(), huge, "too large"),
            (PrimalDual(), huge, "sets no step"),
            (PrimalDual(), nothing, "sets no step"),
        ):
            with pytest.raises(Breakdown, match=why):
                last(method, on)
    assert isinstance(nothing, PenalisedModel)
