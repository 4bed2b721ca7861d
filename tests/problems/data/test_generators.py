"""Every number that a generator promises, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.certificates.separation import separating
from problems.data.synthetic.rows import correlated, plant, scattered
from problems.data.synthetic.targets import labels, numbers
from problems.parts.rows import Rows
from tests.helpers.small_problems import problem

SEEDS = st.integers(0, 2**32)
SHARES = st.sampled_from([0.05, 0.3, 0.5, 0.77])


@settings(max_examples=40)
@given(seed=SEEDS, d=st.integers(1, 10), more=st.integers(1, 40), rho=st.sampled_from([-0.9, 0.0, 0.5, 0.99]))
def test_columns_have_exactly_the_correlations_asked_for(seed: int, d: int, more: int, rho: float) -> None:
    X = correlated(d + more, d, rho, np.random.default_rng(seed))
    np.testing.assert_allclose(X.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(X.T @ X / len(X), rho ** abs(np.subtract.outer(np.arange(d), np.arange(d))), atol=1e-12)


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(2, 60), d=st.integers(1, 10), density=st.sampled_from([0.01, 0.2, 0.5, 1.0]))
def test_columns_have_exactly_the_density_asked_for(seed: int, n: int, d: int, density: float) -> None:
    X = scattered(n, d, density, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.bincount(X.indices, minlength=d), max(1, round(density * n)))
    assert X.has_canonical_format
    np.testing.assert_allclose((X.toarray() ** 2).mean(0), 1)


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(2, 80), d=st.integers(1, 12), sparsity=SHARES, share=SHARES)
def test_zeros_and_outliers_are_as_many_as_asked_for(seed: int, n: int, d: int, sparsity: float, share: float) -> None:
    hidden = plant(n, d, seed, sparsity=sparsity)
    assert np.count_nonzero(hidden.w == 0) == min(round(sparsity * d), d - 1)
    np.testing.assert_allclose(hidden.X @ hidden.w + hidden.b, hidden.z)
    y = numbers(hidden, noise=0.0, outliers=share, shift=7.0)
    moved = abs(y - hidden.z)
    assert np.count_nonzero(moved) == round(share * n)
    np.testing.assert_allclose(moved[moved > 0], 7)


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(4, 80), d=st.integers(1, 6), share=SHARES, noise=st.sampled_from([0.0, 1.0]))
def test_labels_are_as_balanced_and_as_wrong_as_asked_for(
    seed: int, n: int, d: int, share: float, noise: float
) -> None:
    _, y = labels(plant(n, d, seed), noise, balance=share)
    assert np.count_nonzero(y > 0) == min(max(round(share * n), 1), n - 1)
    _, right = labels(plant(n, d, seed), noise)
    _, y = labels(plant(n, d, seed), noise, outliers=share)
    assert np.count_nonzero(y != right) == round(share * n)


@settings(max_examples=30)
@given(seed=SEEDS, n=st.integers(8, 60), d=st.integers(1, 5), margin=st.sampled_from([0.0, 0.1, 5.0]))
def test_rows_keep_the_margin_asked_for_from_a_plane(seed: int, n: int, d: int, margin: float) -> None:
    hidden = plant(n, d, seed)
    X, y = labels(hidden, noise=0.0, margin=margin, balance=0.5)
    along = y * (X @ hidden.w) / np.linalg.norm(hidden.w)
    distance = (along[y > 0].min() + along[y < 0].min()) / 2
    assert distance >= margin * (1 - 1e-12)
    assert separating(Rows(X), y) is not None


def test_labels_overlap_as_the_noise_grows() -> None:
    def wrong(noise: float) -> float:
        hidden = plant(2000, 3, 0)
        return float(np.mean(labels(hidden, noise)[1] != np.sign(hidden.z)))

    assert 0 == wrong(0.0) < wrong(0.3) < wrong(1.0) < wrong(5.0)


def test_noise_has_the_tails_asked_for() -> None:
    def kurtosis(tails: float | None) -> float:
        hidden = plant(20_000, 2, 0)
        e = numbers(hidden, 0.5, tails) - hidden.z
        return float((e**4).mean() / (e**2).mean() ** 2)

    assert kurtosis(None) == pytest.approx(3, rel=0.1)
    assert kurtosis(1e6) == pytest.approx(3, rel=0.1)
    assert kurtosis(3) > 6


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("linear-regression(condition=10, density=0.5)", "condition and density cannot both"),
        ("linear-regression(correlation=0.5, density=0.5)", "correlation and density cannot both"),
        ("linear-regression(n=10, d=10, correlation=0.5)", "more rows than columns"),
        ("linear-regression(correlation=1)", "correlation is 1.0; it must be between -1 and 1"),
        ("linear-regression(density=0)", "density is 0.0; it must be above 0"),
        ("linear-regression(sparsity=1)", "sparsity is 1.0"),
        ("linear-regression(outliers=-0.1)", "outliers is -0.1"),
        ("linear-regression(shift=3)", "give outliers"),
        ("linear-regression(tails=0)", "tails is 0.0"),
        ("linear-regression(data=diabetes, density=0.5)", "density is for synthetic data"),
        ("logistic(balance=1)", "balance is 1.0; it must be above 0 and below 1"),
        ("logistic(balance=0.5, outliers=0.1)", "balance and outliers cannot both"),
        ("logistic(margin=1)", "noise and outliers must be 0"),
        ("logistic(margin=1, noise=0, condition=3)", "margin moves the rows"),
        ("logistic(n=20, d=1, density=0.1, noise=0, balance=0.5)", "would need different labels"),
        ("logistic(data=breast_cancer, margin=1)", "margin is for synthetic data"),
    ],
)
def test_promises_that_cannot_be_kept_are_refused(spec: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        problem(spec)


@pytest.mark.parametrize(
    "given",
    [
        "linear-regression(n=40, d=4, correlation=0.9, sparsity=0.5, outliers=0.1, shift=50)",
        "linear-regression(n=40, d=4, density=0.2, tails=2)",
        "logistic(n=40, d=4, density=0.2, balance=0.3)",
        "logistic(n=40, d=4, noise=0.2, outliers=0.1)",
        "logistic(n=40, d=4, noise=0, margin=0.5)",
    ],
)
def test_problems_are_made_of_them_and_are_the_same_for_the_same_seed(given: str) -> None:
    on: Any = problem(given)
    again: Any = problem.__wrapped__(given)
    other: Any = problem.__wrapped__(given[:-1] + ", seed=1)")
    assert sp.issparse(on.rows.X) == ("density" in given)
    theta = np.random.default_rng(0).standard_normal(on.dim)
    assert on.value(theta) == again.value(theta) != other.value(theta)
