"""Principal directions: closed, classical and gradient answers to one question; and rows without a target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import run_cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import SpecError
from problems.data.unlabelled import spectral
from problems.forms import Ledger
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.unsupervised.pca import Principal
from solvers.base import Breakdown
from solvers.kernels.blocks import shuffle
from solvers.unsupervised.principal import Oja, PowerIteration, PrincipalSVD, orthonormal
from tests.helpers.small_problems import flat, problem, reference, solver

SEEDS = st.integers(0, 2**32)
C = 30


def subspaces(seed: int) -> Principal:
    """Centred rows of a random size and spectrum."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(6, 60)), int(rng.integers(2, 12))
    k = int(rng.integers(1, min(n, d)))
    return Principal(spectral(n, rng.uniform(0.3, 0.95) ** np.arange(d), rng), k)


def run(method: Any, on: Any, most: int = 3000, seed: int = 0, start: int = 0) -> list[np.ndarray]:
    return flat(method.iterate(on, on.start(np.random.default_rng(start)), np.random.default_rng(seed)), most)


# principal directions


@settings(max_examples=40)
@given(seed=SEEDS)
def test_the_least_value_is_what_the_smallest_eigenvalues_leave(seed: int) -> None:
    on = subspaces(seed)
    for theta in (run(PrincipalSVD(), on)[0], run(PrincipalSVD("covariance"), on)[0]):
        assert abs(on.gap(theta)) <= C * on.n * EPS * np.vdot(on.X, on.X) / on.n
        assert np.linalg.norm(on.gradient(theta)) <= C * on.dim * EPS * 4
    rng = np.random.default_rng(seed)
    for scale in (0.3, 1.0, 3.0):
        theta = scale * rng.standard_normal(on.dim)
        assert on.gap(theta) >= 0


def test_the_gap_is_exact_where_next_to_nothing_is_left() -> None:
    """f* = 1e-14 of the variance: tr S - 2 tr M + tr MG would have no digit left."""
    rng = np.random.default_rng(0)
    on = Principal(spectral(200, np.r_[np.ones(3), np.full(5, 1e-14)], rng), 3)
    theta = run(PrincipalSVD(), on)[0]
    assert on.value(theta) == pytest.approx(2.5e-14, rel=1e-6)
    assert abs(on.gap(theta)) <= 1e-6 * on.value(theta)


@settings(max_examples=40)
@given(seed=SEEDS)
def test_no_curvature_is_above_the_bound_that_steps_go_by(seed: int) -> None:
    on, rng = subspaces(seed), np.random.default_rng(seed)
    L = 4 * np.linalg.norm(on.X, 2) ** 2 / on.n
    V = rng.standard_normal((on.X.shape[1], on.k))
    V /= np.linalg.norm(V, 2) / rng.uniform(0, 1) ** 0.2
    bound = on.majorant_product(V.ravel())
    eigenvalues = np.linalg.eigvals(np.stack([bound(e) for e in np.eye(on.dim)])).real
    assert eigenvalues.max() == pytest.approx(L, rel=1e-9)
    for theta in (V.ravel(), orthonormal(V)[0].ravel(), run(PrincipalSVD(), on)[0]):
        assert np.linalg.eigvalsh(on.hessian(theta))[-1] <= L * (1 + 1e-9)
    assert on.row_smoothness() >= L * (1 - 1e-9)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_a_rotation_of_the_directions_changes_nothing(seed: int) -> None:
    on, rng = subspaces(seed), np.random.default_rng(seed)
    V = rng.standard_normal((on.X.shape[1], on.k))
    Q = sl.qr(rng.standard_normal((on.k, on.k)))[0]
    assert on.value((V @ Q).ravel()) == pytest.approx(on.value(V.ravel()), rel=1e-12)
    g, turned = (on.gradient(W.ravel()).reshape(V.shape) for W in (V, V @ Q))
    np.testing.assert_allclose(turned, g @ Q, atol=1e-11 * (1 + np.linalg.norm(g)))
    assert on.measures(V.ravel()) == pytest.approx(on.measures((V @ Q).ravel()), abs=1e-5)


def test_power_iteration_goes_as_the_ratio_of_two_eigenvalues() -> None:
    for ratio in (0.3, 0.7, 0.9):
        on = problem(f"pca(n=200, d=10, k=3, ratio={ratio})")
        claimed = PowerIteration().predicted(on, None)
        assert claimed.factor == pytest.approx(ratio, rel=1e-9)
        outcome = run_cell(on, PowerIteration(), 0, Rule(tolerance=1e-12, seconds=5), refer(on))
        assert outcome.solved
        assert outcome.observed is not None
        assert outcome.observed.factor == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("spec", ["gradient-descent", "momentum", "gradient-descent(step=0.3)"])
def test_gradient_methods_go_as_the_hessian_at_the_minimum_says(spec: str) -> None:
    on, known = problem("pca(n=200, d=6, k=2, ratio=0.6)"), reference("pca(n=200, d=6, k=2, ratio=0.6)")
    assert known.spectrum is not None
    assert known.spectrum.mu == pytest.approx(0.6 - 0.36), "the eigenvalues 2 and 3 apart"
    assert abs(known.spectrum.L - 4) <= 1e-9
    outcome = run_cell(on, solver(spec), 0, Rule(tolerance=1e-11, seconds=5), known)
    assert outcome.solved
    assert outcome.observed is not None
    assert outcome.predicted is not None
    assert outcome.observed.factor == pytest.approx(outcome.predicted.factor, abs=0.02)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_power_iteration_comes_to_the_closed_answer(seed: int) -> None:
    on = subspaces(seed)
    theta = run(PowerIteration(), on)[-1]
    V = theta.reshape(-1, on.k)
    np.testing.assert_allclose(V.T @ V, np.eye(on.k), atol=C * on.dim * EPS)
    assert on.gap(theta) <= 1e-9 * on.value(theta) + C * EPS * on.value(np.zeros(on.dim)), "but for rounding"
    assert len(flat(PowerIteration().iterate(on, theta, np.random.default_rng(0)), 9)) <= 2, "there it is done"


@settings(max_examples=10)
@given(seed=SEEDS)
def test_one_direction_by_oja_s_rule_in_plain_numpy(seed: int) -> None:
    """The same order of rows gives the same V."""
    on = Principal(spectral(20, 0.5 ** np.arange(4), np.random.default_rng(seed)), 2)
    theta0 = on.start(np.random.default_rng(1))
    (theta,) = flat(Oja(step=0.05, schedule="constant").iterate(on, theta0, np.random.default_rng(2)), 1)
    order = np.arange(20)
    shuffle(order, np.random.default_rng(2).integers(2**64, size=1, dtype=np.uint64))
    V = theta0.reshape(4, 2)
    for x in on.X[order]:
        s = x @ V
        V = V + 0.05 * np.outer(x - V @ s, s)
    np.testing.assert_allclose(theta.reshape(4, 2), orthonormal(V)[0], atol=1e-12)


def test_a_step_of_oja_is_one_of_sgd_where_v_is_orthonormal() -> None:
    on = problem("pca(n=40, d=6, k=2)")
    V, i = on.start(np.random.default_rng(0)).reshape(6, 2), 7
    s = on.X[i] @ V
    np.testing.assert_allclose(
        -on.batch_gradient(V.ravel(), np.array([i])).reshape(6, 2), np.outer(on.X[i] - V @ s, s), atol=1e-13
    )


def test_oja_with_falling_steps_goes_below_the_floor_of_constant_ones() -> None:
    on = problem("pca(n=200, d=10, k=2)")
    falling, constant = (on.gap(run(Oja(schedule=schedule), on, 400)[-1]) for schedule in ("inverse", "constant"))
    assert falling < 1e-3 < constant
    assert len(run(Oja(schedule="cosine", horizon=7), on)) == 7


@pytest.mark.parametrize("spec", ["gradient-descent", "newton", "lbfgs", "trust-region", "nesterov"])
def test_gradients_find_what_the_svd_does(spec: str) -> None:
    on = problem("pca(n=100, d=8, k=2, ratio=0.5)")
    assert min(on.gap(theta) for theta in run(solver(spec), on, 500)) <= 1e-9


def test_rows_that_are_all_the_same_have_no_directions() -> None:
    on = Principal(np.zeros((5, 3)), 1)
    with pytest.raises(Breakdown, match="no direction is better"):
        run(Oja(), on, 1)


# data, refusals, bookkeeping


def test_every_column_of_a_file_is_a_feature_but_its_target(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    rows = "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(12))
    file.write_text("one,two,kind\n" + rows)
    on = problem(f'pca(data="{file}", target=kind, k=1)')
    assert on.X.shape == (12, 2)
    assert on.about.columns == ("one", "two")
    with pytest.raises(DataError, match="every column is a feature, but one that is named as target"):
        problem(f'k-means(data="{file}", k=2)')
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("one,two,three\n" + "".join(f"{i},{i % 3},{i % 5}\n" for i in range(12)))
    assert problem(f'k-means(data="{numbers}", k=2)').X.shape == (12, 3)
    huge = tmp_path / "huge.csv"
    huge.write_text("one,two\n1e200,1\n2e200,2\n1e200,3\n")
    with pytest.raises(DataError, match="overflow"):
        problem(f'k-means(data="{huge}", k=2, standardize=false)')
    assert np.isfinite(problem(f'pca(data="{huge}", k=1)').X).all()


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("pca(k=20)", "it must be less than 20"),
        ("pca(ratio=0)", "ratio is 0"),
        ("pca(data=iris, ratio=0.5)", "ratio is for synthetic data"),
        ("pca(data=iris, target=x)", "labels left out already"),
        ("pca(data=irs)", "did you mean iris"),
        ("k-means(n=4, k=5)", "at most 4"),
        ("k-means(spread=-1)", "spread is -1"),
        ("k-means(data=wine, n=5)", "n is for synthetic data"),
    ],
)
def test_refusals_name_what_is_wrong(spec: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        problem(spec)


def test_the_spectrum_is_the_one_asked_for() -> None:
    for spectrum, wanted in (("decay", 0.5 ** np.arange(6)), ("step", [1, 1, 0.5, 0.5, 0.5, 0.5])):
        on = problem(f"pca(n=50, d=6, k=2, spectrum={spectrum}, ratio=0.5)")
        np.testing.assert_allclose(sl.svdvals(on.X) ** 2 / 50, wanted, rtol=1e-12)
        assert abs(on.X.mean(0)).max() <= 1e-15


@pytest.mark.parametrize("name", ["pca-svd", "power-iteration", "oja", "lloyd", "mini-batch-k-means"])
def test_rows_that_are_read_are_charged(name: str) -> None:
    on = problem(
        "pca(n=40, d=6, k=2)" if solver(name).objection(problem("k-means(n=40, k=3)")) else "k-means(n=40, k=3)"
    )
    ledger = Ledger()
    flat(solver(name).iterate(on.metered(ledger), on.start(np.random.default_rng(0)), np.random.default_rng(0)), 1)
    assert 1 <= ledger.passes <= 3
