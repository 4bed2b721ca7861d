"""Losses with kinks, losses whose derivative has kinks, and the certificates of the problems made of them."""

from __future__ import annotations

from itertools import islice, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import SpecError
from problems.certificates.rounding import rounding
from problems.forms import Composite, FiniteSum, LayeredModel, LeastSquares, Smooth, TwiceSmooth, missing
from problems.foundation.arrays import EPS
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss, absolute, hinge, huber, logistic, quantile, squared, squared_hinge
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base.driving import iterates, last_iterate
from solvers.composite.proximal import FISTA
from solvers.first_order.stochastic import SGD
from tests.helpers.small_problems import matrix, reference
from tests.helpers.small_problems import problem as small_problem

SEEDS = st.integers(0, 2**32)
# each written a second time, in plain numpy
PLAIN: list[tuple[Loss, Any]] = [
    (absolute, lambda z, y: abs(z - y)),
    (huber(0.7), lambda z, y: np.where(abs(z - y) <= 0.7, (z - y) ** 2 / 2, 0.7 * (abs(z - y) - 0.35))),
    (quantile(0.2), lambda z, y: np.maximum(0.2 * (y - z), 0.8 * (z - y))),
    (hinge(1.0), lambda z, y: np.maximum(0, 1 - y * z)),
    (hinge(0.0), lambda z, y: np.maximum(0, -y * z)),
    (squared_hinge(1.0), lambda z, y: np.maximum(0, 1 - y * z) ** 2 / 2),
    (squared, lambda z, y: (z - y) ** 2 / 2),
    (logistic, lambda z, y: np.logaddexp(0, -y * z)),
]
NAMES = [f"{loss.name} {loss.shape:g}" for loss, _ in PLAIN]
ANY_LOSS = st.sampled_from([loss for loss, _ in PLAIN])
KINKED = st.sampled_from([loss for loss, _ in PLAIN if loss.continuous_derivatives < 2])
PENALTIES = st.sampled_from([Penalty(), Penalty(l1=0.03), Penalty(l2=0.05), Penalty(0.02, 0.1)])


def targets(loss: Loss, rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.5, -1.0, 1.0) if loss.labels else 2 * rng.standard_normal(n)


def model(seed: int, loss: Loss, penalty: Penalty, n: int = 24, d: int = 3, intercept: bool = True) -> Any:
    rng = np.random.default_rng(seed)
    X = matrix(n, d, 3.0, rng) * np.sqrt(n)
    y = X @ rng.standard_normal(d) + rng.standard_t(2, n)
    if loss.labels:
        y = np.where(y > 0, 1.0, -1.0)
        y[:2] = -1.0, 1.0
    return linear_model(Rows(X, intercept), y, loss, penalty)


@pytest.mark.parametrize(("loss", "plain"), PLAIN, ids=NAMES)
@settings(max_examples=40)
@given(seed=SEEDS)
def test_a_loss_is_its_formula_and_its_derivatives_are_right(loss: Loss, plain: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, z, h = targets(loss, rng, 50), 3 * rng.standard_normal(50), 1e-6
    total, derivative, curvature = loss.total(z, y)
    np.testing.assert_allclose(total, plain(z, y).sum(), rtol=50 * EPS)
    assert [loss.derivative(a, b, loss.shape) for a, b in zip(z, y, strict=True)] == pytest.approx(
        derivative, rel=1e-14
    )
    up, down = loss.total(z + h, y)[1], loss.total(z - h, y)[1]
    smooth = abs(up - down) < 0.1  # no kink in between
    assert smooth.sum() > 40
    np.testing.assert_allclose(derivative[smooth], ((plain(z + h, y) - plain(z - h, y)) / (2 * h))[smooth], atol=1e-8)
    bent = abs(loss.total(z + h, y)[2] - loss.total(z - h, y)[2]) > 0.1
    np.testing.assert_allclose(curvature[smooth & ~bent], ((up - down) / (2 * h))[smooth & ~bent], atol=1e-8)
    assert np.all((curvature >= 0) & (curvature <= loss.curvature))
    assert not np.isfinite(loss.total(np.array([np.nan]), y[:1])[0])
    if loss.derivative_bounds:
        low, high = loss.derivative_bounds(y)
        assert np.all((derivative >= low) & (derivative <= high))
    if loss.kink:
        low, high = loss.derivative_bounds(y)
        kink = loss.kink(y)
        np.testing.assert_array_equal(loss.total(kink - 1, y)[1], low)
        np.testing.assert_array_equal(loss.total(kink + 1, y)[1], high)
    assert (loss.kink is not None) == (loss.continuous_derivatives == 0)
    assert bool(loss.missing_derivative) == (loss.continuous_derivatives < 2)
    assert loss.attains_infimum == (loss is not logistic)


@settings(max_examples=100)
@given(seed=SEEDS, loss=ANY_LOSS, power=st.floats(-6, 6))
def test_a_prox_is_a_minimiser_and_keeps_kinks(seed: int, loss: Loss, power: float) -> None:
    rng, t = np.random.default_rng(seed), 10.0**power
    y, v = targets(loss, rng, 50), 3 * rng.standard_normal(50)
    u = loss.prox(v, y, t)
    s = (v - u) / t  # a subgradient at u: Fenchel and Young are equal there
    tolerance = 100 * EPS * (abs(u) + abs(v) + 1) * (1 + 1 / t) * (1 + abs(u))
    value = np.array([loss.total(u[i : i + 1], y[i : i + 1])[0] for i in range(50)])
    inside = s if loss.derivative_bounds is None else np.clip(s, *loss.derivative_bounds(y))
    assert np.all(abs(s - inside) <= tolerance)
    if loss is not logistic:
        np.testing.assert_array_less(
            abs(value + loss.conjugate(inside, y) - inside * u), tolerance + abs(s - inside) * abs(u)
        )
    if loss.kink:
        low, high = loss.derivative_bounds(y)
        distance = v - loss.kink(y)
        at_kink = (distance > t * low + tolerance) & (distance < t * high - tolerance)
        np.testing.assert_array_equal(u[at_kink], loss.kink(y)[at_kink])


@settings(max_examples=60)
@given(seed=SEEDS, loss=ANY_LOSS)
def test_the_fenchel_young_inequality_holds_and_is_tight_at_the_derivative(seed: int, loss: Loss) -> None:
    rng = np.random.default_rng(seed)
    y, z, a = targets(loss, rng, 50), 3 * rng.standard_normal(50), rng.standard_normal(50)
    values = np.array([loss.total(z[i : i + 1], y[i : i + 1])[0] for i in range(50)])
    assert np.all(values + loss.conjugate(a, y) >= a * z - 1e-13)
    derivative = loss.total(z, y)[1]
    inside = derivative * (1 - 4 * EPS)
    np.testing.assert_allclose(values + loss.conjugate(inside, y), derivative * z, atol=1e-12)


@settings(max_examples=80, deadline=None)
@given(seed=SEEDS, loss=KINKED, penalty=PENALTIES, intercept=st.booleans(), scale=st.sampled_from([1e-6, 0.1, 30.0]))
def test_a_certificate_is_never_false_and_tight_at_the_minimum(
    seed: int, loss: Loss, penalty: Penalty, intercept: bool, scale: float
) -> None:
    problem = model(seed, loss, penalty, intercept=intercept)
    known = refer(problem)
    assert known.width <= 1e-10 * max(abs(known.upper), 1e-3)
    theta = scale * np.random.default_rng(seed).standard_normal(problem.dim)
    f = problem.value(theta)
    assert f - problem.gap(theta) <= known.upper + rounding(problem.n, f)


@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    loss=KINKED,
    penalty=PENALTIES,
    kind=st.sampled_from(["doubled rows", "doubled column", "whole numbers", "one column a group", "far scales"]),
)
def test_a_certificate_holds_for_degenerate_rows(seed: int, loss: Loss, penalty: Penalty, kind: str) -> None:
    """More rows at a kink than coefficients, several minimisers, equal columns."""
    rng = np.random.default_rng(seed)
    X = rng.integers(-2, 3, (20, 3)).astype(float) if kind == "whole numbers" else rng.standard_normal((20, 3))
    if kind == "one column a group":
        X = np.eye(3)[rng.integers(0, 3, 20)]
    X[:, 0] *= 1e6 if kind == "far scales" else 1.0
    y = np.round(X @ rng.standard_normal(3) + rng.standard_t(2, 20))
    if loss.labels:
        y = np.where(y > 0, 1.0, -1.0)
        y[:2] = -1.0, 1.0
    if kind == "doubled rows":
        X, y = np.vstack([X, X]), np.r_[y, y]
    if kind == "doubled column":
        X = np.hstack([X, X[:, :1]])
    problem = linear_model(Rows(X), y, loss, penalty)
    known = refer(problem)
    theta = rng.standard_normal(problem.dim)
    f = problem.value(theta)
    assert f - problem.gap(theta) <= known.upper + rounding(problem.n, f)
    if loss.kink and penalty.l2 == 0:
        low, high = loss.derivative_bounds(y)
        n, d = X.shape
        B, l1 = problem.rows.design_matrix(), penalty.l1
        program = linprog(
            np.r_[np.full(d, l1), 0, np.full(d, l1), high / n, -low / n],
            A_eq=np.hstack([B, -X, -np.eye(n), np.eye(n)]),
            b_eq=loss.kink(y),
            bounds=[(0, None)] * d + [(None, None)] + [(0, None)] * (d + 2 * n),
        )
        assert known.lower <= program.fun + 1e-9 * (1 + abs(program.fun))
        assert known.upper >= program.fun - 1e-9 * (1 + abs(program.fun))


@settings(max_examples=20)
@given(seed=SEEDS)
def test_losses_are_limits_of_one_another(seed: int) -> None:
    """For the median the quantile loss is half the absolute loss; with a large delta Huber's is the squared loss."""
    rng = np.random.default_rng(seed)
    y, z = rng.standard_normal((2, 30))
    assert quantile(0.5).total(z, y)[0] == pytest.approx(absolute.total(z, y)[0] / 2, rel=1e-13)
    assert huber(1e3).total(z, y)[0] == pytest.approx(squared.total(z, y)[0], rel=1e-13)
    assert huber(1e-9).total(z, y)[0] / 1e-9 == pytest.approx(absolute.total(z, y)[0], rel=1e-6)
    label = np.where(y > 0, 1.0, -1.0)
    assert squared_hinge(1e3).total(z, 1e0 * label)[0] == pytest.approx(np.sum((1e3 - label * z) ** 2) / 2, rel=1e-13)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_sgd_on_the_perceptron_s_criterion_is_rosenblatt_s_rule(seed: int) -> None:
    """An epoch visits each row once and adds y_i x_i if the row is on the wrong side: so for one of the orders."""
    rng = np.random.default_rng(seed)
    problem: Any = linear_model(Rows(rng.standard_normal((3, 2))), np.array([-1.0, 1.0, 1.0]), hinge(0.0))
    signed, theta = problem.y[:, None] * problem.rows.design_matrix(), rng.standard_normal(3)
    for new in islice(iterates(SGD(step=1.0), problem, theta), 5):
        ends = []
        for order in permutations(signed):
            end = theta
            for row in order:
                end = end + row * (row @ end <= 0)
            ends.append(end)
        assert min(abs(new - end).max() for end in ends) <= 1e-12
        theta = new


def test_the_perceptron_ends_where_every_row_is_on_the_right_side() -> None:
    problem = small_problem("hinge(n=40, d=2, condition=1, margin=0, l2=0, noise=0)")
    theta0 = problem.start(np.random.default_rng(0))
    assert theta0.any(), "at 0 the criterion has its minimum"
    theta = last_iterate(SGD(step=1.0), problem, theta0, 200)
    assert problem.value(theta) == 0
    assert problem.measures(theta)["accuracy"] == 1


def test_a_sentence_says_which_derivative_is_missing_and_where() -> None:
    kinked = small_problem("linear-regression(n=30, d=3, loss=absolute, l1=0.1)")
    huber_loss = small_problem("linear-regression(loss=huber)")
    assert missing(kinked, (Smooth,)) == (
        "it needs a gradient: the absolute loss has no derivative where a residual is 0"
    )
    assert missing(huber_loss, (TwiceSmooth,)) == (
        "it needs a Hessian: the Huber loss has no second derivative where a residual is 1 or -1"
    )
    assert missing(huber_loss, (Smooth,)) is None
    constrained = small_problem("linear-regression(n=30, d=3, loss=absolute, nonnegative=true)")
    assert "no derivative where a residual is 0" in (missing(constrained, (Composite,)) or "")
    assert missing(constrained, (FiniteSum,)) == "it needs rows of data: its coefficients must not be negative"
    assert missing(small_problem("lasso(n=20, d=30, intercept=false)"), (Smooth,)) == (
        "it needs a gradient: the penalty l1 |w| has no gradient where a coefficient is 0"
    )
    assert missing(small_problem("logistic(n=40, d=3)"), (LeastSquares,)) == (
        "it needs a linear least-squares problem: the logistic loss is not the squared loss"
    )
    assert missing(small_problem("logistic(n=40, d=3)"), (LayeredModel,)) == (
        "it needs the layers of a network: a linear model has no layers"
    )


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("linear-regression(delta=1)", "delta is for loss=huber; the squared loss has no delta"),
        ("linear-regression(loss=huber, tau=0.5)", "tau is for loss=quantile"),
        ("linear-regression(loss=quantile, tau=1)", "above 0 and below 1"),
        ("linear-regression(loss=huber, delta=0)", "positive"),
        ("hinge(margin=-1)", "zero or a positive"),
        ("lasso(share=0.1, l1=0.1)", "give one of them"),
        ("ridge(data=diabetes, n=20)", "diabetes has no parameter 'n'; there are: standardize"),
    ],
)
def test_parameters_that_exclude_one_another_are_refused(spec: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        small_problem(spec)


@pytest.mark.parametrize("data", ["", "data=diabetes"])
def test_named_regressions_are_linear_regressions(data: str) -> None:
    lasso, net = small_problem(f"lasso({data})"), small_problem(f"elastic-net({data})")
    assert np.count_nonzero(lasso.rows.split(last_iterate(FISTA(), lasso, np.zeros(lasso.dim), 200))[0]) > 0
    assert net.penalty.l1 == net.penalty.l2 == lasso.penalty.l1
    empty = small_problem(f"lasso({data}{', ' * bool(data)}share=1.000001)")
    assert empty.gap(np.r_[np.zeros(empty.dim - 1), empty.y.mean()]) <= 1e-12
    largest = empty.penalty.l1 / 1.000001
    assert lasso.penalty.l1 == pytest.approx(0.1 * largest, rel=1e-12)
    note = f"l1 is {lasso.penalty.l1:.6g}; every coefficient is 0 from l1 = {largest:.6g} on"
    assert lasso.about.notes[-1] == note
    assert small_problem("ridge").penalty == Penalty(l2=0.01)
    assert small_problem("nonnegative-least-squares").penalty.nonnegative
    assert reference("ridge").upper == pytest.approx(reference("linear-regression(l2=0.01)").upper, rel=1e-14)
