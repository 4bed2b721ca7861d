"""Sources that no linear model fits, signals and matrices: what their docstrings promise, measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm
from sklearn.datasets import make_circles, make_moons

from problems.data.source import Definiteness, Task
from problems.data.synthetic.matrices import (
    Convection,
    GeneralMatrix,
    HilbertMatrix,
    IndefiniteMatrix,
    Poisson,
    PositiveDefiniteMatrix,
)
from problems.data.synthetic.shapes import Blobs, Circles, Moons, Spirals, Waves, XorPoints
from problems.data.synthetic.signals import PiecewiseConstant, Saturation, SparseSolution, SpectralRows

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=20)
@given(seed=SEEDS, n=st.integers(2, 60), noise=st.sampled_from([0.0, 0.2]))
def test_moons_and_circles_are_scikit_learn_s(seed: int, n: int, noise: float) -> None:
    for source, (X, y) in (
        (Moons(n, noise, seed), make_moons(n, noise=noise, random_state=seed)),
        (Circles(n, 0.3, noise, seed), make_circles(n, factor=0.3, noise=noise, random_state=seed)),
    ):
        rows = source.rows(Task.CLASSES)
        np.testing.assert_array_equal(rows.X, X)
        np.testing.assert_array_equal(rows.y, y)
        np.testing.assert_array_equal(source.rows(Task.LABELS).y, 2.0 * y - 1)


def test_circles_have_radii_1_and_factor() -> None:
    rows = Circles(100, factor=0.25, noise=0.0).rows(Task.CLASSES)
    np.testing.assert_allclose(norm(rows.X, axis=1), np.where(rows.y == 1, 0.25, 1))


@pytest.mark.parametrize("k", [2, 3, 5])
def test_spirals_are_rotations_of_one_another(k: int) -> None:
    rows = Spirals(3000, classes=k, noise=0.0).rows(Task.CLASSES)
    radius = norm(rows.X, axis=1)
    assert 0.1 <= radius.min() < 0.2 < 0.95 < radius.max() <= 1
    angle = np.arctan2(rows.X[:, 1], rows.X[:, 0]) - 2 * np.pi * rows.y / k
    np.testing.assert_allclose(np.angle(np.exp(1j * (angle - 1.5 * np.pi * radius))), 0, atol=1e-9)
    np.testing.assert_array_equal(np.bincount(rows.y.astype(int)), 3000 / k)


def test_xor_points_have_label_1_where_exactly_one_coordinate_is_1() -> None:
    rows = XorPoints().rows(Task.LABELS)
    table = {tuple(x): y for x, y in zip(rows.X.tolist(), rows.y, strict=True)}
    assert table == {(0, 0): -1, (0, 1): 1, (1, 0): 1, (1, 1): -1}
    noisy = XorPoints(4000, noise=0.25, seed=1).rows(Task.LABELS)
    assert (noisy.X - np.round(np.clip(noisy.X, 0, 1))).std() == pytest.approx(0.25, rel=0.1)
    np.testing.assert_array_equal(noisy.y.reshape(-1, 4), np.tile([-1, 1, 1, -1], (1000, 1)))


@settings(max_examples=20)
@given(seed=SEEDS, k=st.integers(2, 7), d=st.integers(1, 4))
def test_the_nearest_centres_of_blobs_have_distance_1(seed: int, k: int, d: int) -> None:
    rows = Blobs(4 * k, d, clusters=k, spread=0.0, seed=seed).rows(Task.CLASSES)
    centres = np.stack([rows.X[rows.y == c][0] for c in range(k)])
    np.testing.assert_array_equal(rows.X, centres[rows.y.astype(int)])
    distances = norm(centres[:, None] - centres, axis=2)[np.triu_indices(k, 1)]
    assert distances.min() == pytest.approx(1)


def test_blobs_have_the_spread_asked_for() -> None:
    around = Blobs(20_000, 2, clusters=4, spread=0.3, seed=2).rows(Task.FEATURES).X
    centres = Blobs(20_000, 2, clusters=4, spread=0.0, seed=2).rows(Task.FEATURES).X
    np.testing.assert_allclose((around - centres).std(0), 0.3, rtol=0.03)


def test_waves_have_mean_0_and_variance_1() -> None:
    rows = Waves(500, 3, outputs=2).rows(Task.NUMBERS)
    assert abs(rows.X).max() <= 1
    np.testing.assert_allclose(rows.y.mean(0), 0, atol=1e-13)
    np.testing.assert_allclose(rows.y.std(0), 1)
    noisy = Waves(500, 3, outputs=2, noise=0.5).rows(Task.NUMBERS).y - rows.y
    np.testing.assert_allclose(noisy.std(0), 0.5, rtol=0.1)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (SpectralRows(40, 4, ratio=0.5), [1, 0.5, 0.25, 0.125]),
        (SpectralRows(40, 4, "step", ratio=0.25, rank=3), [1, 1, 1, 0.25]),
    ],
)
def test_spectral_rows_have_the_covariance_asked_for(source: SpectralRows, wanted: list[float]) -> None:
    X = source.rows(Task.FEATURES).X
    np.testing.assert_allclose(np.linalg.eigvalsh(X.T @ X / 40)[::-1], wanted, rtol=1e-12)
    np.testing.assert_allclose(X.mean(0), 0, atol=1e-14)


def test_a_sparse_solution_has_the_nonzeros_asked_for() -> None:
    rows = SparseSolution(n=30, d=40, nonzeros=4, seed=3).rows(Task.NUMBERS)
    assert rows.X.shape == (30, 40)
    assert rows.X.var() == pytest.approx(1 / 30, rel=0.1)
    from sklearn.linear_model import OrthogonalMatchingPursuit

    u = OrthogonalMatchingPursuit(n_nonzero_coefs=4, fit_intercept=False).fit(rows.X, rows.y).coef_
    np.testing.assert_allclose(rows.X @ u, rows.y, atol=1e-12)


def test_a_signal_has_the_pieces_and_the_noise_asked_for() -> None:
    clean = PiecewiseConstant(400, pieces=7, noise=0.0, seed=5).rows(Task.SIGNAL).y
    assert np.count_nonzero(np.diff(clean)) == 6
    noisy = PiecewiseConstant(400, pieces=7, noise=0.3, seed=5).rows(Task.SIGNAL).y
    assert (noisy - clean).std() == pytest.approx(0.3, rel=0.15)


def test_saturation_is_its_curve() -> None:
    rows = Saturation(30, noise=0.0).rows(Task.POINTS)
    x = rows.X[:, 0]
    assert rows.about.columns == ("x",)
    assert 0 <= x.min() < x.max() <= 10
    np.testing.assert_allclose(rows.y, 2 * (1 - np.exp(-x / 2)), rtol=1e-14)


# --- matrices


@pytest.mark.parametrize("solution", ["smooth", "random"])
@pytest.mark.parametrize(
    "source", [Poisson, Convection, PositiveDefiniteMatrix, GeneralMatrix, IndefiniteMatrix, HilbertMatrix]
)
def test_a_system_has_its_definiteness_and_its_known_solution(source: Any, solution: str) -> None:
    grid = issubclass(source, Poisson)
    data = source(**({"size": 5} if grid else {"n": 6}), solution=solution, seed=4).load()
    A = data.A.toarray() if sp.issparse(data.A) else data.A
    assert sp.issparse(data.A) == grid
    u = np.linalg.solve(A, data.b)
    if solution == "smooth":
        t = np.arange(1, 6 if grid else 7) / (6 if grid else 7)
        profile = t * (1 - t) * np.exp(t)
        np.testing.assert_allclose(u, np.outer(profile, profile).ravel() if grid else profile, rtol=1e-7)
    assert np.array_equal(A, A.T) == (data.definiteness is not Definiteness.GENERAL)
    if data.definiteness is Definiteness.POSITIVE_DEFINITE:
        assert np.linalg.eigvalsh(A)[0] > 0
    if data.definiteness is Definiteness.SYMMETRIC:
        assert np.linalg.eigvalsh(A)[0] < 0 < np.linalg.eigvalsh(A)[-1]


@pytest.mark.parametrize("spectrum", ["geometric", "uniform", "clustered"])
def test_a_matrix_has_the_spectrum_asked_for(spectrum: Any) -> None:
    wanted = {
        "geometric": np.geomspace(0.02, 1, 12),
        "uniform": np.linspace(0.02, 1, 12),
        "clustered": np.sort(np.resize(np.geomspace(1, 0.02, 5), 12)),
    }[spectrum]
    given: dict[str, Any] = {"n": 12, "condition": 50.0, "spectrum": spectrum}
    np.testing.assert_allclose(np.linalg.eigvalsh(PositiveDefiniteMatrix(**given).load().A), wanted, rtol=1e-11)
    indefinite = np.linalg.eigvalsh(IndefiniteMatrix(**given).load().A)
    np.testing.assert_allclose(np.sort(abs(indefinite)), wanted, rtol=1e-11)
    assert np.count_nonzero(indefinite < 0) == 6
    singular = np.linalg.svd(GeneralMatrix(**given).load().A, compute_uv=False)
    np.testing.assert_allclose(np.sort(singular), wanted, rtol=1e-11)


def test_poisson_and_convection_are_their_differences() -> None:
    h = 1 / 6
    i = np.arange(1, 6)
    wanted = 4 - 2 * np.cos(np.pi * i * h)[:, None] - 2 * np.cos(np.pi * i * h)
    np.testing.assert_allclose(np.linalg.eigvalsh(Poisson(size=5).load().A.toarray()), np.sort(wanted.ravel()))
    np.testing.assert_array_equal(Convection(size=5, wind=0).load().A.toarray(), Poisson(size=5).load().A.toarray())
    A = Convection(size=5, wind=12.0).load().A.toarray()
    inner = A[12]  # the point in the middle: both differences upwind
    assert (inner[12], inner[11], inner[13], inner[7], inner[17]) == (4 + 4, -3, -1, -3, -1)
    assert np.all(2 * np.diag(A) >= abs(A).sum(1) - 1e-12), "diagonally dominant"


@pytest.mark.parametrize(
    ("source", "given", "words"),
    [
        (Waves, {"n": 0}, "n is 0; it must be at least 1"),
        (Moons, {"noise": -1}, "noise is -1; it must be zero or a positive number"),
        (Circles, {"factor": 1.0}, "factor is 1.0; it must be at least 0 and below 1"),
        (Spirals, {"classes": 1}, "classes is 1; it must be at least 2"),
        (Spirals, {"n": 3, "classes": 4}, "n is 3; it must be at least 4"),
        (XorPoints, {"n": 3}, "n is 3; it must be at least 4"),
        (Blobs, {"spread": -1}, "spread is -1"),
        (SpectralRows, {"ratio": 0}, "ratio is 0; it must be above 0 and at most 1"),
        (SparseSolution, {"n": 60, "d": 50}, "d is 50; it must be at least 60"),
        (PiecewiseConstant, {"n": 5, "pieces": 6}, "n is 5; it must be at least 6"),
        (Saturation, {"n": 1}, "n is 1; it must be at least 2"),
        (Poisson, {"size": 0}, "size is 0; it must be at least 1"),
        (Convection, {"wind": -1}, "wind is -1; it must be zero or a positive number"),
        (PositiveDefiniteMatrix, {"condition": 0.5}, "condition is 0.5; it must be at least 1"),
        (HilbertMatrix, {"n": 0}, "n is 0; it must be at least 1"),
    ],
)
def test_parameters_outside_their_range_are_refused(source: Any, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        source(**given)
