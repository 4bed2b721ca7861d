"""Methods for nonsmooth and constrained problems: optimality, agreement, equivalences, certificates."""

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
from tests.helpers.small_problems import first_iterates, matrix

SEEDS = st.integers(0, 2**32)
METHODS: tuple[Any, ...] = (FISTA(), ProjectedGradient(), CoordinateDescent(), ADMM(), PrimalDual())
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
    """A linear model whose targets depend on half of the columns."""
    rng = np.random.default_rng(seed)
    X = matrix(max(n, d), d, condition, rng)[:n] * np.sqrt(n) + 0.1
    y = X[:, ::2] @ rng.standard_normal((d + 1) // 2) + 0.3 * rng.standard_normal(n) + 0.5
    if loss.labels:
        y = np.where(y + rng.logistic(size=n) > 0, 1.0, -1.0)
        y[:2] = -1.0, 1.0
    return linear_model(Rows(X, intercept), y, loss, penalty)


def from_zero(method: Any, objective: Any, most: int = 30_000) -> np.ndarray:
    """The first iterates from zero."""
    return first_iterates(method, objective, np.zeros(objective.dim), most)


def last(method: Any, objective: Any, most: int = 30_000) -> np.ndarray:
    """The last iterate from zero; zero itself if the method has nothing better."""
    theta: np.ndarray = np.vstack([np.zeros(objective.dim), from_zero(method, objective, most)])[-1]
    return theta


# --- equivalences


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, step=st.sampled_from([None, 0.01, 0.3]))
def test_ista_without_l1_is_gradient_descent(seed: int, loss: Loss, step: float | None) -> None:
    objective = model(seed, loss, Penalty(l2=0.1))
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim) / 10
    plain = first_iterates(GradientDescent(step), objective, theta0, 30)
    np.testing.assert_allclose(
        first_iterates(ISTA(step), objective, theta0, 30), plain, rtol=1e-5 if step is None else 1e-11
    )


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES)
def test_fista_without_acceleration_is_ista(seed: int, loss: Loss, penalty: Penalty) -> None:
    objective = model(seed, loss, penalty)
    assert np.array_equal(from_zero(FISTA(acceleration=False), objective, 50), from_zero(ISTA(), objective, 50))


@settings(max_examples=20)
@given(seed=SEEDS, working_set=st.booleans(), intercept=st.booleans(), l2=st.sampled_from([0.0, 0.3]))
def test_coordinate_descent_without_l1_is_gauss_seidel(
    seed: int, working_set: bool, intercept: bool, l2: float
) -> None:
    objective = model(seed, squared, Penalty(l2=l2), intercept=intercept)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    A, b = objective.system()
    sweeps = first_iterates(CoordinateDescent(working_set), objective, theta0, 20)
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
    objective: Any = linear_model(Rows(X, intercept=False), y, squared, Penalty(l1, l2))
    c = X.T @ y / 20
    exact = np.sign(c) * np.maximum(abs(c) - l1, 0) / (1 + l2)
    for method in (CoordinateDescent(), ISTA(1 / (1 + l2)), FISTA(1 / (1 + l2))):
        np.testing.assert_allclose(last(method, objective, most=1), exact, atol=1e-14)


# --- optimality


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES, wide=st.booleans(), intercept=st.booleans())
def test_all_methods_find_the_same_minimum_within_their_certificates(
    seed: int, loss: Loss, penalty: Penalty, wide: bool, intercept: bool
) -> None:
    objective = model(seed, loss, penalty, *((12, 20) if wide else (30, 5)), intercept=intercept)
    scale = objective.value(np.zeros(objective.dim))
    for method in METHODS:
        if method.objection(objective) is None:
            theta = last(method, objective)
            assert objective.gap(theta) <= 1e-9 * scale, method
            assert objective.violation(theta) == 0, method


@settings(max_examples=20)
@given(seed=SEEDS, l1=st.sampled_from([0.02, 0.1, 0.5]), wide=st.booleans(), intercept=st.booleans())
def test_the_lasso_s_optimality_conditions_hold_and_all_agree_on_the_zeros(
    seed: int, l1: float, wide: bool, intercept: bool
) -> None:
    objective = model(seed, squared, Penalty(l1), *((12, 20) if wide else (30, 5)), intercept=intercept)
    best = last(FISTA(), objective)
    zero = np.flatnonzero(best[: objective.rows.X.shape[1]] == 0)
    slack = l1 - abs(objective.smooth.gradient(best)[zero]).max(initial=-1.0)
    assume(slack > 1e-3 * l1)  # a coefficient that is nearly nonzero takes some methods 1e5 iterations
    signs = np.sign(best[: objective.rows.X.shape[1]])
    for method in METHODS:
        theta = last(method, objective)
        w, _ = objective.rows.split(theta)
        g = objective.rows.transposed(objective.y - objective.rows @ theta) / objective.n
        excess = abs(g[: w.size]) - l1
        assert excess.max() <= 1e-10 * l1, method
        assert np.all((w == 0) | (abs(excess) <= 1e-10 * l1) & (np.sign(w) == np.sign(g[: w.size]))), method
        np.testing.assert_array_equal(np.sign(w), signs)


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, intercept=st.booleans(), beyond=st.sampled_from([1e-12, 0.1, 10.0]))
def test_a_large_l1_makes_all_coefficients_exactly_zero(seed: int, loss: Loss, intercept: bool, beyond: float) -> None:
    objective = model(seed, loss, Penalty(), intercept=intercept)
    constant = np.zeros(objective.dim)
    if intercept:
        constant[-1] = last(FISTA(), linear_model(Rows(np.zeros((objective.n, 0))), objective.y, loss))[0]
    g = objective.gradient(constant)
    l1 = (1 + beyond) * abs(g[: objective.rows.X.shape[1]]).max()
    penalised = linear_model(objective.rows, objective.y, loss, Penalty(l1))
    for method in METHODS:
        w, b = penalised.rows.split(last(method, penalised))
        if beyond > 1e-6 or isinstance(method, CoordinateDescent):
            assert not w.any(), method
            np.testing.assert_allclose(b, constant[-1] if intercept else 0.0, atol=1e-9)


@settings(max_examples=40)
@given(seed=SEEDS, loss=LOSSES, l1=st.sampled_from([0.0, 0.05]), l2=st.sampled_from([0.0, 0.1]), working=st.booleans())
def test_coordinate_descent_never_increases_f(seed: int, loss: Loss, l1: float, l2: float, working: bool) -> None:
    objective = model(seed, loss, Penalty(l1, l2), condition=100.0)
    theta0 = 3 * np.random.default_rng(seed).standard_normal(objective.dim)
    values = [
        objective.value(theta)
        for theta in [theta0, *first_iterates(CoordinateDescent(working), objective, theta0, 300)]
    ]
    assert all(later <= earlier + 10 * rounding(objective.n, values[0]) for earlier, later in pairwise(values))


@settings(max_examples=20)
@given(seed=SEEDS, d=st.integers(1, 12), l2=st.sampled_from([0.0, 0.5]))
def test_nonnegative_least_squares_is_scipy_s(seed: int, d: int, l2: float) -> None:
    objective = model(seed, squared, Penalty(l2=l2, nonnegative=True), d=d, intercept=False)
    B = np.vstack([objective.rows.X, np.sqrt(objective.n * l2) * np.eye(d)])
    exact, _ = nnls(B, np.append(objective.y, np.zeros(d)))
    for method in (ProjectedGradient(), FISTA(), ADMM(), PrimalDual()):
        theta = last(method, objective)
        assert theta.min() >= 0
        np.testing.assert_allclose(theta, exact, atol=1e-8 * max(float(norm(exact)), 1))


# --- steps, rates, endings


@settings(max_examples=30)
@given(seed=SEEDS, l1=st.sampled_from([0.0, 0.05]), condition=st.sampled_from([3.0, 10.0]))
def test_the_rate_of_ista_is_that_of_the_nonzero_columns(seed: int, l1: float, condition: float) -> None:
    """From the worst direction the error is multiplied by 1 - mu/L, mu the least curvature of the nonzero columns."""
    objective = model(seed, squared, Penalty(l1), condition=condition, intercept=False)
    best = last(CoordinateDescent(), objective)
    kept, zero = np.flatnonzero(best), np.flatnonzero(best == 0)
    slack = l1 - abs(objective.smooth.gradient(best)[zero]).max(initial=-1.0)
    assume(len(kept) and slack > 0.01 and abs(best[kept]).min() > 0.01)
    H = objective.rows.gram() / objective.n
    L = np.linalg.eigvalsh(H)[-1]
    curvatures, directions = np.linalg.eigh(H[np.ix_(kept, kept)])
    theta0 = best.copy()
    theta0[kept] += 1e-3 * directions[:, 0]
    errors = norm(first_iterates(ISTA(1 / L), objective, theta0, 8) - best, axis=1)
    np.testing.assert_allclose(errors, 1e-3 * (1 - curvatures[0] / L) ** np.arange(1, 9), rtol=1e-6, atol=1e-12)


class Valley(Smooth, Composite):
    """f = sum_j log cosh(10 theta_j) / 10 - theta_j / 10, with no known bound on the curvature."""

    dim, ledger = 3, Ledger()

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
def test_a_start_with_a_smaller_curvature_than_elsewhere_does_no_harm(method: Any) -> None:
    """At theta_0 the curvature is a hundredth of the curvature at the minimum, tanh(10 theta) = 0.1."""
    theta = first_iterates(method, Valley(), np.full(3, 0.3), 2000)[-1]
    np.testing.assert_allclose(theta, np.arctanh(0.1) / 10, rtol=1e-6)


@settings(max_examples=20)
@given(seed=SEEDS, loss=LOSSES, penalty=PENALTIES)
def test_all_methods_stay_at_the_minimum(seed: int, loss: Loss, penalty: Penalty) -> None:
    objective: Any = model(seed, loss, penalty)
    best = last(FISTA(), objective)
    for method in (*METHODS, ISTA()):
        if method.objection(objective) is None:
            for theta in first_iterates(method, objective, best, 20):
                assert objective.value(theta) - objective.value(best) <= 1e-10 * objective.value(
                    np.zeros(objective.dim)
                ), method


@pytest.mark.parametrize("l1", [0.0, 0.1])
def test_coordinate_descent_skips_empty_columns(l1: float) -> None:
    objective = model(0, squared, Penalty(l1))
    X = objective.rows.X.copy()
    X[:, 2] = 0.0
    objective = linear_model(Rows(X), objective.y, squared, Penalty(l1))
    without = linear_model(Rows(np.delete(X, 2, 1)), objective.y, squared, Penalty(l1))
    iterates = first_iterates(CoordinateDescent(), objective, np.ones(objective.dim), 30_000)
    assert np.all(iterates[:, 2] == (0 if l1 else 1))
    theta = iterates[-1]
    np.testing.assert_allclose(np.delete(theta, 2), last(CoordinateDescent(), without), atol=1e-12)


def test_refusals_are_sentences() -> None:
    bounded = model(0, squared, Penalty(nonnegative=True))
    assert "negative" in (CoordinateDescent().objection(bounded) or "")
    steep = Loss("steep", squared.derivative, squared.block_total, 2)
    objective: Any = linear_model(Rows(np.eye(3)), np.ones(3), steep)
    assert "bound on the curvature of the loss, and the steep loss has none" in (
        CoordinateDescent().objection(objective) or ""
    )
    with np.errstate(all="ignore"):
        huge: Any = linear_model(Rows(np.full((3, 2), 1e200)), np.ones(3), squared, Penalty(0.1))
        nothing: Any = linear_model(Rows(np.zeros((3, 2)), intercept=False), np.ones(3), squared, Penalty(0.1))
        for method, objective, why in (
            (CoordinateDescent(), huge, "the square of column 0 of X overflows"),
            (ADMM(), huge, "the squares of the entries of K overflow"),
            (PrimalDual(), huge, "no step can be computed"),
            (PrimalDual(), nothing, "no step can be computed"),
        ):
            with pytest.raises(Breakdown, match=why):
                last(method, objective)
    assert isinstance(nothing, PenalisedModel)
