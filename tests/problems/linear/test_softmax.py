"""Softmax: the fused pass, its certificates, separable classes, data with several classes, and peers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.comparison.comparison import problem_of
from experiments.lab.reference.referee import bracket, refer
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import SpecError
from problems.certificates import matrices
from problems.certificates.rounding import rounding
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.kernels.outputs import outputs_gradient
from problems.linear.matrix_model import matrix_model
from problems.linear.model_chain import linear_model
from problems.parts.losses import logistic
from problems.parts.matrix_losses import softmax, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base.driving import iterates
from solvers.peers.sklearn.several_outputs import SklearnSoftmax
from solvers.second_order.newton import Newton
from tests.helpers.small_problems import problem as small_problem
from tests.helpers.small_problems import reference

SEEDS = st.integers(0, 2**32)
PENALTIES = st.sampled_from([Penalty(), Penalty(l2=0.1), Penalty(l1=0.02), Penalty(0.02, 0.05)])
STRONG = (
    "softmax(n=60, d=4, l2=0.7)",
    "softmax(n=60, d=4, l2=0.7, intercept=false)",
    "softmax(n=200, d=4, l2=0)",
    "softmax(n=60, d=4, l1=0.03, l2=0)",
    "softmax(n=60, d=4, l1=0.03, l2=0.3)",
)


def rows_with_classes(seed: int, k: int, n: int = 40, d: int = 3, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and classes each of which occurs."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    y = (scale * X @ rng.standard_normal((d, k)) + rng.gumbel(size=(n, k))).argmax(1)
    y[:k] = np.arange(k)
    return X, y.astype(np.float64)


@settings(max_examples=80)
@given(seed=SEEDS, k=st.integers(2, 40), n=st.sampled_from([1, 7, 300]), scale=st.sampled_from([0.1, 3.0, 30.0, 300.0]))
def test_the_fused_pass_keeps_its_digits_where_losses_are_tiny(seed: int, k: int, n: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    Z = scale * rng.standard_normal((n, k))
    y = Z.argmax(1) if seed % 2 else rng.integers(k, size=n)
    before = Z.copy()
    total, S, P = softmax.total(Z, y.astype(np.float64))
    fine = Z.astype(np.longdouble)
    target = np.take_along_axis(fine, y[:, None], 1)
    others = np.exp(fine - target)
    np.put_along_axis(others, y[:, None], 0, 1)
    rest = others.sum(1)  # the sum over the other classes, relative to the target
    exact = np.log1p(rest)
    assert abs(total - exact.sum()) <= 30 * n * EPS * exact.sum() + 1e-300 + 4 * EPS * exact.sum() * scale
    powers = np.exp(fine - fine.max(1, keepdims=True))
    tolerance = {"rtol": 1e-12 * max(scale, 1), "atol": 1e-300}
    np.testing.assert_allclose(P, powers / powers.sum(1, keepdims=True), **tolerance)
    np.testing.assert_allclose(np.take_along_axis(S, y[:, None], 1)[:, 0], -(rest / (1 + rest)), **tolerance)
    np.testing.assert_allclose(S.sum(1), 0, atol=4 * k * EPS)
    assert np.array_equal(Z, before)


@settings(max_examples=60)
@given(seed=SEEDS, k=st.integers(2, 6), penalty=PENALTIES, intercept=st.booleans(), classes=st.booleans())
def test_native_gradients_are_those_of_the_matrix_products(
    seed: int, k: int, penalty: Penalty, intercept: bool, classes: bool
) -> None:
    X, y = rows_with_classes(seed, k)
    rng = np.random.default_rng(seed)
    Y: Any = y if classes else rng.standard_normal((len(X), k))
    problem = matrix_model(Rows(X, intercept), Y, k, softmax if classes else squared, penalty)
    theta = rng.standard_normal(problem.dim) * (rng.random(problem.dim) < 0.8)
    low, high = sorted(rng.choice(len(X) + 1, 2, replace=False))
    native, g = problem.native(), np.empty(problem.dim)
    assert native is not None
    scratch = np.empty(native.scratch_size)
    outputs_gradient(theta, native.X, native.y, native.integers, native.floats, scratch, low, high, g)
    np.testing.assert_allclose(g, problem.batch_gradient(theta, np.arange(low, high)), rtol=1e-10, atol=1e-12)


@settings(max_examples=30)
@given(seed=SEEDS, k=st.integers(2, 5), scale=st.sampled_from([0.0, 1.0, 10.0]))
def test_the_majorant_is_above_the_hessian_and_the_concordance_constant_holds(seed: int, k: int, scale: float) -> None:
    X, y = rows_with_classes(seed, k)
    rng = np.random.default_rng(seed)
    problem = matrix_model(Rows(X), y, k, softmax, Penalty(l2=0.1))
    theta, v = scale * rng.standard_normal(problem.dim), rng.standard_normal(problem.dim)
    product = problem.majorant_product(theta)
    majorant = np.stack([product(e) for e in np.eye(problem.dim)])
    assert np.linalg.eigvalsh(majorant - problem.hessian(theta))[0] >= -1e-12
    assert np.linalg.eigvalsh(majorant)[-1] <= problem.row_smoothness() * (1 + 1e-12)
    P = softmax.total(problem.predict(theta, X), y)[2]
    U = problem.predict(v, X)
    U -= (P * U).sum(1, keepdims=True)
    second, third = (P * U**2).sum(1).mean(), (P * U**3).sum(1).mean()
    assert abs(third) <= np.sqrt(2 * problem.rows.largest_squared_norm()) * np.linalg.norm(v) * second * (1 + 1e-12)


@settings(max_examples=60)
@given(
    seed=SEEDS,
    k=st.integers(2, 5),
    penalty=PENALTIES,
    intercept=st.booleans(),
    far=st.sampled_from([1e-7, 1e-4, 1e-2, 1.0, 30.0]),
)
def test_certificates_hold_and_are_tight_near_the_minimum(
    seed: int, k: int, penalty: Penalty, intercept: bool, far: float
) -> None:
    X, y = rows_with_classes(seed, k)
    problem = matrix_model(Rows(X, intercept), y, k, softmax, penalty)
    known = bracket(problem)
    lower, upper, nearest = known.lower, known.upper, known.point
    if penalty == Penalty() and lower <= 0:
        assert problem.unattained(nearest) is not None, "without a certified lower bound there is no minimiser"
        return
    assert upper - lower <= 1e-10 * upper
    theta = nearest + far * np.random.default_rng(seed).standard_normal(problem.dim) * (nearest != 0)
    f, gap = problem.value(theta), problem.gap(theta)
    assert gap >= f - upper - rounding(problem.n, f)
    if far <= 1e-4:  # quadratic in the distance without an l1, whose dual point is scaled; at most 1/l2 times it
        assert gap <= 1e4 * far**2 if not penalty.l1 else gap <= 1e3 * far


@settings(max_examples=60)
@given(seed=SEEDS, scale=st.sampled_from([1.0, 30.0, 300.0]), spread=st.sampled_from([0.0, 6.0, 18.0]))
def test_no_certificate_is_false_on_columns_of_widely_different_scales(seed: int, scale: float, spread: float) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((15, 2)) * np.array([1.0, 10.0**-spread])
    hidden = rng.standard_normal((2, 3)) * np.array([[1.0], [10.0**spread]])
    y = (X @ hidden + rng.gumbel(size=(15, 3))).argmax(1)
    y[:3] = [0, 1, 2]
    problem = matrix_model(Rows(X), y, 3, softmax)
    known = refer(problem)
    theta = (scale * rng.standard_normal((3, 3)) * np.array([[1.0], [10.0**spread], [1.0]])).ravel()
    f = problem.value(theta)
    assert f - problem.gap(theta) <= known.upper + rounding(15, f)


def test_a_shift_of_all_outputs_changes_neither_f_nor_its_certificate() -> None:
    X, y = rows_with_classes(1, 4, n=200)
    problem = matrix_model(Rows(X), y, 4, softmax)
    nearest = bracket(problem).point
    theta = nearest + 1e-3 * np.random.default_rng(0).standard_normal(problem.dim)
    moved = theta + np.repeat(np.array([3.0, -2.0, 1.0, 7.0]), 4)
    np.testing.assert_allclose(problem.value(moved), problem.value(theta), rtol=1e-14)
    np.testing.assert_allclose(problem.gap(moved), problem.gap(theta), rtol=1e-6)
    twice = matrix_model(Rows(np.hstack([X, X[:, :1], np.ones((200, 1))])), y, 4, softmax)  # dependent columns
    assert 0 < refer(twice).width <= 1e-10 * refer(twice).upper


def test_newton_is_quadratic_though_the_hessian_is_singular() -> None:
    problem = small_problem("softmax(n=60, d=3, classes=4, l2=0, balance=0.5)")
    thetas = list(islice(iterates(Newton(), problem, np.zeros(problem.dim)), 30))
    assert len(thetas) <= 8
    assert problem.value(thetas[-1]) - reference("softmax(n=60, d=3, classes=4, l2=0, balance=0.5)").lower <= 1e-12
    assert abs(thetas[-1]).max() < 1e3, "it does not drift along the direction in which f is constant"


def test_separable_classes_are_recognised_and_others_are_not() -> None:
    assert "separable" in reference("softmax(data=iris, l2=0)").unattained, "a plane separates one species"
    assert not reference("softmax(data=iris, l2=0.001)").unattained
    assert not reference("softmax(n=60, d=3, classes=4, l2=0, balance=0.5)").unattained
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    for y, separable in (([0, 0, 1, 1, 2, 2], True), ([0, 1, 0, 1, 2, 2], True), ([0, 1, 2, 0, 1, 2], False)):
        V = matrices.separating(Rows(X), np.array(y, np.float64), 3)
        assert (V is not None) == separable
        if V is not None:
            Z = np.hstack([X, np.ones((6, 1))]) @ V
            margins = Z[np.arange(6), y][:, None] - Z
            assert margins.min() >= -1e-9
            assert margins.max() > 0.5


def test_two_classes_are_the_logistic_model_with_half_its_penalty() -> None:
    X, y = rows_with_classes(3, 2)
    problem = matrix_model(Rows(X), y, 2, softmax, Penalty(l2=0.2))
    logistic_model = linear_model(Rows(X), 2 * y - 1, logistic, Penalty(l2=0.1))
    w = np.random.default_rng(0).standard_normal(4)
    np.testing.assert_allclose(problem.value(np.outer(w, [-0.5, 0.5]).ravel()), logistic_model.value(w), rtol=1e-14)
    np.testing.assert_allclose(refer(problem).upper, refer(logistic_model).upper, rtol=1e-12)


@pytest.mark.parametrize("solver", ["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"])
def test_scikit_learn_s_answer_is_the_minimum_of_our_f(solver: Any) -> None:
    peer, accepted = SklearnSoftmax(solver=solver), 0
    for spec in STRONG:
        problem = small_problem(spec)
        if peer.objection(problem) is None:
            accepted += 1
            run = peer.run(problem, np.zeros(problem.dim), np.random.default_rng(0), 5000, lambda theta: None)
            first = problem.value(np.zeros(problem.dim)) - reference(spec).lower
            assert problem.value(run.theta) - reference(spec).lower <= 1e-9 * first, spec
    assert accepted == (5 if solver == "saga" else 3)
    assert "two classes" in str(peer.objection(small_problem("softmax(data=breast_cancer)")))


def test_bundled_and_synthetic_classes_are_as_described() -> None:
    for data, n, d, k in (("iris", 150, 4, 3), ("wine", 178, 13, 3), ("digits", 1797, 61, 10)):
        problem = small_problem(f"softmax(data={data})")
        assert (problem.n, problem.rows.X.shape[1], problem.outputs) == (n, d, k)
        assert problem.measures(np.zeros(problem.dim))["accuracy"] == np.mean(problem.y == 0)
    counts = np.bincount(small_problem("softmax(n=2000, classes=4, balance=0.1)").y.astype(int))
    np.testing.assert_allclose(counts[3] / counts[0], 0.1, rtol=0.2)
    baseline = reference("softmax(data=iris)").baseline
    assert baseline is not None
    np.testing.assert_allclose(baseline, np.log(3), rtol=1e-14)


def test_a_file_with_three_classes_is_a_softmax_problem(tmp_path: Path) -> None:
    file = tmp_path / "flowers.csv"
    rng = np.random.default_rng(0)
    kinds = [["oak", "elm", "ash"][k] for k in rng.integers(3, size=30)]
    rows = [f"{a},{b},{kind}\n" for (a, b), kind in zip(rng.random((30, 2)), kinds, strict=True)]
    file.write_text("a,b,kind\n" + "".join(rows))
    named = problem_of(str(file))
    assert named.name == "softmax"
    problem: Any = build_problem(named)
    assert [["ash", "elm", "oak"][int(c)] for c in problem.y] == kinds
    assert any("kind = ash is 0, elm is 1, oak is 2" in note for note in problem.about.notes)
    numbered = tmp_path / "n.csv"
    numbered.write_text("a,y\n" + "".join(f"{k},{k % 3}\n" for k in range(12)))
    assert problem_of(str(numbered)).name == "linear-regression"
    assert problem_of(str(numbered), task="classification").name == "softmax"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("softmax(classes=1)", "classes is 1; it must be at least 2"),
        ("softmax(balance=0)", "balance is 0.0; it must be above 0 and at most 1"),
        ("softmax(data=iris, classes=4)", "iris has no parameter 'classes'; there are: standardize"),
        ("softmax(data=diabetes)", "diabetes gives numbers or features; classes are needed here"),
        ("softmax(data=irises)", "did you mean iris"),
        ("softmax(n=3, classes=3, seed=1, balance=0.001)", "none of the 3 rows has class"),
    ],
)
def test_a_refusal_says_what_would_be_allowed(spec: str, words: str) -> None:
    with pytest.raises((SpecError, DataError), match=words):
        small_problem(spec)
