"""Softmax: the fused pass, its certificates, what is separable, data of several classes, and peers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.comparison.comparison import problem_in
from experiments.lab.reference.referee import bracket, refer
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
from solvers.peers.sklearn.several_outputs import SklearnSoftmax
from solvers.second_order.newton import Newton
from tests.helpers.small_problems import flat, problem, reference

SEEDS = st.integers(0, 2**32)
PENALTIES = st.sampled_from([Penalty(), Penalty(l2=0.1), Penalty(l1=0.02), Penalty(0.02, 0.05)])
STRONG = (
    "softmax(n=60, d=4, l2=0.7)",
    "softmax(n=60, d=4, l2=0.7, intercept=false)",
    "softmax(n=200, d=4, l2=0)",
    "softmax(n=60, d=4, l1=0.03, l2=0)",
    "softmax(n=60, d=4, l1=0.03, l2=0.3)",
)


def drawn(seed: int, k: int, n: int = 40, d: int = 3, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and classes of which none is missing."""
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
    kept = Z.copy()
    total, S, P = softmax.total(Z, y.astype(np.float64))
    fine = Z.astype(np.longdouble)
    own = np.take_along_axis(fine, y[:, None], 1)
    away = np.exp(fine - own)
    np.put_along_axis(away, y[:, None], 0, 1)
    rest = away.sum(1)  # of the other classes, in units of the row's own
    exact = np.log1p(rest)
    assert abs(total - exact.sum()) <= 30 * n * EPS * exact.sum() + 1e-300 + 4 * EPS * exact.sum() * scale
    powers = np.exp(fine - fine.max(1, keepdims=True))
    near = {"rtol": 1e-12 * max(scale, 1), "atol": 1e-300}
    np.testing.assert_allclose(P, powers / powers.sum(1, keepdims=True), **near)
    np.testing.assert_allclose(np.take_along_axis(S, y[:, None], 1)[:, 0], -(rest / (1 + rest)), **near)
    np.testing.assert_allclose(S.sum(1), 0, atol=4 * k * EPS)
    assert np.array_equal(Z, kept)


@settings(max_examples=60)
@given(seed=SEEDS, k=st.integers(2, 6), penalty=PENALTIES, intercept=st.booleans(), classes=st.booleans())
def test_native_gradients_are_those_of_the_matrix_products(
    seed: int, k: int, penalty: Penalty, intercept: bool, classes: bool
) -> None:
    X, y = drawn(seed, k)
    rng = np.random.default_rng(seed)
    Y: Any = y if classes else rng.standard_normal((len(X), k))
    on = matrix_model(Rows(X, intercept), Y, k, softmax if classes else squared, penalty)
    theta = rng.standard_normal(on.dim) * (rng.random(on.dim) < 0.8)
    low, high = sorted(rng.choice(len(X) + 1, 2, replace=False))
    has, g = on.native(), np.empty(on.dim)
    assert has is not None
    outputs_gradient(theta, has.X, has.y, has.whole, has.real, np.empty(has.scratch), low, high, g)
    np.testing.assert_allclose(g, on.batch_gradient(theta, np.arange(low, high)), rtol=1e-10, atol=1e-12)


@settings(max_examples=30)
@given(seed=SEEDS, k=st.integers(2, 5), scale=st.sampled_from([0.0, 1.0, 10.0]))
def test_the_majorant_is_above_the_hessian_and_the_concordance_constant_holds(seed: int, k: int, scale: float) -> None:
    X, y = drawn(seed, k)
    rng = np.random.default_rng(seed)
    on = matrix_model(Rows(X), y, k, softmax, Penalty(l2=0.1))
    theta, v = scale * rng.standard_normal(on.dim), rng.standard_normal(on.dim)
    product = on.majorant_product(theta)
    majorant = np.stack([product(e) for e in np.eye(on.dim)])
    assert np.linalg.eigvalsh(majorant - on.hessian(theta))[0] >= -1e-12
    assert np.linalg.eigvalsh(majorant)[-1] <= on.row_smoothness() * (1 + 1e-12)
    P = softmax.total(on.predict(theta, X), y)[2]
    U = on.predict(v, X)
    U -= (P * U).sum(1, keepdims=True)
    second, third = (P * U**2).sum(1).mean(), (P * U**3).sum(1).mean()
    assert abs(third) <= np.sqrt(2 * on.rows.longest()) * np.linalg.norm(v) * second * (1 + 1e-12)


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
    X, y = drawn(seed, k)
    on = matrix_model(Rows(X, intercept), y, k, softmax, penalty)
    lower, upper, nearest = bracket(on)
    if penalty == Penalty() and lower <= 0:
        assert on.unattained(nearest) is not None, "what has no certified minimum has none"
        return
    assert upper - lower <= 1e-10 * upper
    theta = nearest + far * np.random.default_rng(seed).standard_normal(on.dim) * (nearest != 0)
    f, gap = on.value(theta), on.gap(theta)
    assert gap >= f - upper - rounding(on.n, f)
    if far <= 1e-4:  # of the second order without an l1, whose dual is scaled; 1/l2 times as much at most
        assert gap <= 1e4 * far**2 if not penalty.l1 else gap <= 1e3 * far


@settings(max_examples=60)
@given(seed=SEEDS, scale=st.sampled_from([1.0, 30.0, 300.0]), spread=st.sampled_from([0.0, 6.0, 18.0]))
def test_no_certificate_is_false_on_columns_of_widely_different_scales(seed: int, scale: float, spread: float) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((15, 2)) * np.array([1.0, 10.0**-spread])
    hidden = rng.standard_normal((2, 3)) * np.array([[1.0], [10.0**spread]])
    y = (X @ hidden + rng.gumbel(size=(15, 3))).argmax(1)
    y[:3] = [0, 1, 2]
    on = matrix_model(Rows(X), y, 3, softmax)
    known = refer(on)
    theta = (scale * rng.standard_normal((3, 3)) * np.array([[1.0], [10.0**spread], [1.0]])).ravel()
    f = on.value(theta)
    assert f - on.gap(theta) <= known.upper + rounding(15, f)


def test_what_is_added_to_all_outputs_changes_neither_f_nor_its_certificate() -> None:
    X, y = drawn(1, 4, n=200)
    on = matrix_model(Rows(X), y, 4, softmax)
    _, _, nearest = bracket(on)
    theta = nearest + 1e-3 * np.random.default_rng(0).standard_normal(on.dim)
    moved = theta + np.repeat(np.array([3.0, -2.0, 1.0, 7.0]), 4)
    np.testing.assert_allclose(on.value(moved), on.value(theta), rtol=1e-14)
    np.testing.assert_allclose(on.gap(moved), on.gap(theta), rtol=1e-6)
    twice = matrix_model(Rows(np.hstack([X, X[:, :1], np.ones((200, 1))])), y, 4, softmax)  # dependent columns
    assert 0 < refer(twice).width <= 1e-10 * refer(twice).upper


def test_newton_is_quadratic_though_the_hessian_is_singular() -> None:
    on = problem("softmax(n=60, d=3, classes=4, l2=0, balance=0.5)")
    iterates = flat(Newton().iterate(on, np.zeros(on.dim), np.random.default_rng(0)), 30)
    assert len(iterates) <= 8
    assert on.value(iterates[-1]) - reference("softmax(n=60, d=3, classes=4, l2=0, balance=0.5)").lower <= 1e-12
    assert abs(iterates[-1]).max() < 1e3, "it does not drift along what changes nothing"


def test_separable_classes_are_recognised_and_others_are_not() -> None:
    assert "separable" in reference("softmax(data=iris, l2=0)").unattained, "one kind lies apart"
    assert not reference("softmax(data=iris, l2=0.001)").unattained
    assert not reference("softmax(n=60, d=3, classes=4, l2=0, balance=0.5)").unattained
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    for y, apart in (([0, 0, 1, 1, 2, 2], True), ([0, 1, 0, 1, 2, 2], True), ([0, 1, 2, 0, 1, 2], False)):
        V = matrices.separating(Rows(X), np.array(y, np.float64), 3)
        assert (V is not None) == apart
        if V is not None:
            Z = np.hstack([X, np.ones((6, 1))]) @ V
            margins = Z[np.arange(6), y][:, None] - Z
            assert margins.min() >= -1e-9
            assert margins.max() > 0.5


def test_two_classes_are_the_logistic_model_with_half_its_penalty() -> None:
    X, y = drawn(3, 2)
    on = matrix_model(Rows(X), y, 2, softmax, Penalty(l2=0.2))
    one = linear_model(Rows(X), 2 * y - 1, logistic, Penalty(l2=0.1))
    w = np.random.default_rng(0).standard_normal(4)
    np.testing.assert_allclose(on.value(np.outer(w, [-0.5, 0.5]).ravel()), one.value(w), rtol=1e-14)
    np.testing.assert_allclose(refer(on).upper, refer(one).upper, rtol=1e-12)


@pytest.mark.parametrize("solver", ["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"])
def test_scikit_learn_s_answer_is_the_minimum_of_our_f(solver: Any) -> None:
    peer, taken = SklearnSoftmax(solver=solver), 0
    for spec in STRONG:
        on = problem(spec)
        if peer.objection(on) is None:
            taken += 1
            lap = peer.run(on, np.zeros(on.dim), np.random.default_rng(0), 5000, lambda theta: None)
            first = on.value(np.zeros(on.dim)) - reference(spec).lower
            assert on.value(lap.theta) - reference(spec).lower <= 1e-9 * first, spec
    assert taken == (5 if solver == "saga" else 3)
    assert "two classes" in str(peer.objection(problem("softmax(data=breast_cancer)")))


def test_bundled_sets_and_drawn_classes_are_what_they_are_said_to_be() -> None:
    for data, n, d, k in (("iris", 150, 4, 3), ("wine", 178, 13, 3), ("digits", 1797, 61, 10)):
        on = problem(f"softmax(data={data})")
        assert (on.n, on.rows.X.shape[1], on.outputs) == (n, d, k)
        assert on.measures(np.zeros(on.dim))["accuracy"] == np.mean(on.y == 0)
    counts = np.bincount(problem("softmax(n=2000, classes=4, balance=0.1)").y.astype(int))
    np.testing.assert_allclose(counts[3] / counts[0], 0.1, rtol=0.2)
    baseline = reference("softmax(data=iris)").baseline
    assert baseline is not None
    np.testing.assert_allclose(baseline, np.log(3), rtol=1e-14)


def test_a_file_of_three_classes_is_raced_on_softmax(tmp_path: Path) -> None:
    file = tmp_path / "flowers.csv"
    rng = np.random.default_rng(0)
    kinds = [["oak", "elm", "ash"][k] for k in rng.integers(3, size=30)]
    rows = [f"{a},{b},{kind}\n" for (a, b), kind in zip(rng.random((30, 2)), kinds, strict=True)]
    file.write_text("a,b,kind\n" + "".join(rows))
    spec = problem_in(str(file), None, None, None)
    assert spec.startswith("softmax(")
    on = problem(spec)
    assert [["ash", "elm", "oak"][int(c)] for c in on.y] == kinds
    assert any("kind = ash is 0, elm is 1, oak is 2" in note for note in on.about.notes)
    numbered = tmp_path / "n.csv"
    numbered.write_text("a,y\n" + "".join(f"{k},{k % 3}\n" for k in range(12)))
    assert problem_in(str(numbered), None, None, None).startswith("linear-regression(")
    assert problem_in(str(numbered), None, "classification", None).startswith("softmax(")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("softmax(classes=1)", "classes is 1; it must be at least 2"),
        ("softmax(balance=0)", "balance is 0.0; it must be above 0 and at most 1"),
        ("softmax(data=iris, classes=4)", "classes is for synthetic data"),
        ("softmax(data=diabetes)", "y has 214 different values in 442 rows"),
        ("softmax(data=irises)", "no data set 'irises'"),
        ("softmax(n=3, classes=3, seed=1, balance=0.001)", "no row of the 3 is of class"),
    ],
)
def test_refusals_are_sentences(spec: str, told: str) -> None:
    with pytest.raises((SpecError, DataError), match=told):
        problem(spec)
