"""Every number that a generator promises, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import parse
from problems.certificates.separation import separating
from problems.data.source import Task
from problems.data.synthetic.linear import Synthetic
from problems.data.synthetic.rows import conditioned, correlated, sparse, spectral
from problems.data.synthetic.targets import labels, numbers
from problems.foundation.checks import DataError
from problems.parts.rows import Rows

SEEDS = st.integers(0, 2**32)
SHARES = st.sampled_from([0.05, 0.3, 0.5, 0.77])


def eigenvalues(X: Any) -> np.ndarray:
    """Of X'X/n, in ascending order."""
    return np.linalg.eigvalsh(X.T @ X / len(X))


@settings(max_examples=40)
@given(seed=SEEDS, d=st.integers(1, 12), more=st.integers(2, 40), condition=st.sampled_from([1.0, 7.0, 1e4]))
def test_rows_have_exactly_the_condition_number_asked_for(seed: int, d: int, more: int, condition: float) -> None:
    X = conditioned(d + more, d, condition, np.random.default_rng(seed))
    hessian = Rows(X).gram() / len(X)
    assert np.linalg.cond(hessian) == pytest.approx(condition, rel=1e-6)
    np.testing.assert_allclose(X.mean(0), 0, atol=1e-12)
    if d > 1:
        np.testing.assert_allclose(eigenvalues(X), np.geomspace(1 / condition, 1, d), rtol=1e-8)


@settings(max_examples=20)
@given(seed=SEEDS, d=st.integers(1, 8), more=st.integers(1, 30))
def test_rows_have_exactly_the_eigenvalues_asked_for(seed: int, d: int, more: int) -> None:
    wanted = np.sort(np.random.default_rng(seed).uniform(0.1, 2, d))
    X = spectral(d + more, wanted, np.random.default_rng(seed))
    np.testing.assert_allclose(eigenvalues(X), wanted, rtol=1e-11)
    np.testing.assert_allclose(X.mean(0), 0, atol=1e-12)


@settings(max_examples=40)
@given(seed=SEEDS, d=st.integers(1, 10), more=st.integers(1, 40), rho=st.sampled_from([-0.9, 0.0, 0.5, 0.99]))
def test_columns_have_exactly_the_correlations_asked_for(seed: int, d: int, more: int, rho: float) -> None:
    X = correlated(d + more, d, rho, np.random.default_rng(seed))
    np.testing.assert_allclose(X.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(X.T @ X / len(X), rho ** abs(np.subtract.outer(np.arange(d), np.arange(d))), atol=1e-12)


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(2, 60), d=st.integers(1, 10), density=st.sampled_from([0.01, 0.2, 0.5, 1.0]))
def test_columns_have_exactly_the_density_asked_for(seed: int, n: int, d: int, density: float) -> None:
    X = sparse(n, d, density, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.bincount(X.indices, minlength=d), max(1, round(density * n)))
    assert X.has_canonical_format
    np.testing.assert_allclose((X.toarray() ** 2).mean(0), 1)


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(2, 80), d=st.integers(1, 12), sparsity=SHARES, share=SHARES)
def test_zeros_and_outliers_are_as_many_as_asked_for(seed: int, n: int, d: int, sparsity: float, share: float) -> None:
    hidden = Synthetic(n, d, sparsity=sparsity, seed=seed).hidden()
    assert np.count_nonzero(hidden.w == 0) == min(round(sparsity * d), d - 1)
    np.testing.assert_allclose(hidden.X @ hidden.w + hidden.b, hidden.z)
    y = numbers(hidden.z, hidden.rng, noise=0.0, outliers=share, shift=7.0)
    moved = abs(y - hidden.z)
    assert np.count_nonzero(moved) == round(share * n)
    np.testing.assert_allclose(moved[moved > 0], 7)


def test_outliers_are_moved_by_ten_by_default_and_in_both_directions() -> None:
    source = Synthetic(200, 2, noise=0.0, outliers=0.5)
    moved = source.rows(Task.NUMBERS).y - source.hidden().z
    assert [np.count_nonzero(abs(moved - shift) < 1e-9) for shift in (10, -10, 0)] == [
        np.count_nonzero(moved > 1), np.count_nonzero(moved < -1), 100,
    ]  # fmt: skip
    assert min(np.count_nonzero(moved > 1), np.count_nonzero(moved < -1)) > 30


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(4, 80), d=st.integers(1, 6), share=SHARES, noise=st.sampled_from([0.0, 1.0]))
def test_labels_are_as_balanced_and_as_wrong_as_asked_for(
    seed: int, n: int, d: int, share: float, noise: float
) -> None:
    source = Synthetic(n, d, seed=seed)
    _, y = labels(source.hidden(), noise, balance=share)
    assert np.count_nonzero(y > 0) == min(max(round(share * n), 1), n - 1)
    hidden = source.hidden()
    right = np.where(hidden.z + noise * hidden.rng.logistic(size=n) > 0, 1.0, -1.0)
    try:
        _, y = labels(source.hidden(), noise, outliers=share)
    except DataError as refused:
        assert f"all {n} rows have the same label" in str(refused)
        assume(False)
    assert np.count_nonzero(y != right) == round(share * n)


@settings(max_examples=30)
@given(seed=SEEDS, n=st.integers(8, 60), d=st.integers(1, 5), margin=st.sampled_from([0.0, 0.1, 5.0]))
def test_rows_keep_the_margin_asked_for_from_a_plane(seed: int, n: int, d: int, margin: float) -> None:
    hidden = Synthetic(n, d, seed=seed).hidden()
    X, y = labels(hidden, noise=0.0, margin=margin, balance=0.5)
    along = y * (X @ hidden.w) / norm(hidden.w)
    distance = (along[y > 0].min() + along[y < 0].min()) / 2
    assert distance >= margin * (1 - 1e-12)
    assert separating(Rows(X), y) is not None


def test_labels_overlap_as_the_noise_grows() -> None:
    def wrong(noise: float) -> float:
        hidden = Synthetic(2000, 3).hidden()
        return float(np.mean(labels(hidden, noise)[1] != np.sign(hidden.z)))

    assert 0 == wrong(0.0) < wrong(0.3) < wrong(1.0) < wrong(5.0)


def test_noise_has_the_tails_and_the_scale_asked_for() -> None:
    def noise(scale: float, tails: float | None) -> np.ndarray:
        source = Synthetic(20_000, 2, noise=scale, tails=tails)
        return source.rows(Task.NUMBERS).y - source.hidden().z  # type: ignore[no-any-return]

    def kurtosis(e: np.ndarray) -> float:
        return float((e**4).mean() / (e**2).mean() ** 2)

    assert noise(0.5, None).std() == pytest.approx(0.5, rel=0.02)
    assert kurtosis(noise(0.5, None)) == pytest.approx(3, rel=0.1)
    assert kurtosis(noise(0.5, 1e6)) == pytest.approx(3, rel=0.1)
    assert kurtosis(noise(0.5, 3)) > 6
    np.testing.assert_allclose(noise(0.5, 3), 5 * noise(0.1, 3), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("balance", [1.0, 0.5, 0.1])
def test_classes_have_the_shares_asked_for(balance: float) -> None:
    rows = Synthetic(4000, 5, classes=4, balance=balance).rows(Task.CLASSES)
    shares = np.bincount(rows.y.astype(int)) / 4000
    wanted = np.geomspace(1, balance, 4)
    np.testing.assert_allclose(shares, wanted / wanted.sum(), atol=0.02)


def test_coefficients_of_several_outputs_share_their_zeros() -> None:
    source = Synthetic(40, 6, sparsity=0.5, noise=0.0, outputs=3)
    rows, hidden = source.rows(Task.NUMBERS), source.hidden()
    W = np.linalg.lstsq(np.column_stack([rows.X, np.ones(40)]), rows.y, rcond=None)[0][:-1]
    np.testing.assert_allclose(W[:, 0], hidden.w, atol=1e-12)
    np.testing.assert_allclose(W[hidden.w == 0], 0, atol=1e-12)
    assert np.linalg.matrix_rank(W) == 3


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("linear-regression(condition=10, density=0.5)", "condition and density cannot both"),
        ("linear-regression(correlation=0.5, density=0.5)", "correlation and density cannot both"),
        ("linear-regression(n=10, d=10, correlation=0.5)", "more rows than columns; n is 10 and d is 10"),
        ("linear-regression(correlation=1)", "correlation is 1.0; it must be between -1 and 1"),
        ("linear-regression(density=0)", "density is 0.0; it must be above 0"),
        ("linear-regression(condition=0.5)", "condition is 0.5; it must be at least 1"),
        ("linear-regression(sparsity=1)", "sparsity is 1.0; it must be at least 0 and less than 1"),
        ("linear-regression(outliers=-0.1)", "outliers is -0.1"),
        ("linear-regression(shift=3)", "give outliers, their share"),
        ("linear-regression(tails=0)", "tails is 0.0; it must be a positive number"),
        ("linear-regression(n=1)", "n is 1; it must be at least 2"),
        ("linear-regression(outputs=0)", "outputs is 0; it must be at least 1"),
        ("softmax(classes=1)", "classes is 1; it must be at least 2"),
        ("softmax(balance=0)", "balance is 0.0; it must be above 0 and at most 1"),
        ("softmax(n=3, classes=3, seed=1, balance=0.001)", "none of the 3 rows has class"),
        ("logistic(n=2, d=1, seed=0, noise=0)", "all 2 rows have the same label; use more rows, balance or another"),
        ("logistic(balance=1)", "balance is 1.0; it must be above 0 and below 1"),
        ("logistic(balance=0.5, outliers=0.1)", "balance and outliers cannot both"),
        ("logistic(margin=1)", "noise and outliers must be 0"),
        ("logistic(margin=1, noise=0, condition=3)", "margin moves the rows"),
        ("logistic(n=20, d=1, density=0.1, noise=0, balance=0.5)", "would need different labels"),
    ],
)
def test_promises_that_cannot_be_kept_are_refused(spec: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build_problem(parse(spec))


@pytest.mark.parametrize(
    "text",
    [
        "linear-regression(n=40, d=4, correlation=0.9, sparsity=0.5, outliers=0.1, shift=50)",
        "linear-regression(n=40, d=4, density=0.2, tails=2)",
        "linear-regression(n=40, d=4, outputs=2)",
        "logistic(n=40, d=4, density=0.2, balance=0.3)",
        "logistic(n=40, d=4, noise=0.2, outliers=0.1)",
        "logistic(n=40, d=4, noise=0, margin=0.5)",
        "softmax(n=40, d=4, classes=4)",
    ],
)
def test_problems_are_made_of_them_and_are_the_same_for_the_same_seed(text: str) -> None:
    spec = parse(text)
    problem, again, other = (build_problem(named) for named in (spec, spec, spec.where(seed=1)))
    assert sp.issparse(problem.rows.X) == ("density" in text)  # type: ignore[attr-defined]
    theta = np.random.default_rng(0).standard_normal(problem.dim)
    assert problem.value(theta) == again.value(theta) != other.value(theta)
