"""Principal components: closed-form, classical and gradient methods; and rows without a target."""

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
from problems.data.arrays import Arrays
from problems.data.bundled import Iris
from problems.data.source import Task
from problems.data.synthetic.rows import spectral
from problems.data.synthetic.shapes import Moons, Waves
from problems.data.synthetic.signals import SpectralRows
from problems.forms import Ledger
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.unsupervised.pca import Principal, pca
from solvers.base import Breakdown
from solvers.kernels.blocks import shuffle
from solvers.unsupervised.principal import Oja, PowerIteration, PrincipalSVD, orthonormal
from tests.helpers.small_problems import flat, reference, solver
from tests.helpers.small_problems import problem as built

SEEDS = st.integers(0, 2**32)
C = 30


def random_rows(seed: int) -> Principal:
    """Centred rows of a random size and spectrum."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(6, 60)), int(rng.integers(2, 12))
    k = int(rng.integers(1, min(n, d)))
    return Principal(spectral(n, rng.uniform(0.3, 0.95) ** np.arange(d), rng), k)


def run(method: Any, problem: Any, most: int = 3000, seed: int = 0, start: int = 0) -> list[np.ndarray]:
    return flat(method.iterate(problem, problem.start(np.random.default_rng(start)), np.random.default_rng(seed)), most)


# principal components


@settings(max_examples=40)
@given(seed=SEEDS)
def test_the_minimum_is_half_the_sum_of_the_smallest_eigenvalues(seed: int) -> None:
    problem = random_rows(seed)
    for theta in (run(PrincipalSVD(), problem)[0], run(PrincipalSVD("covariance"), problem)[0]):
        assert abs(problem.gap(theta)) <= C * problem.n * EPS * np.vdot(problem.X, problem.X) / problem.n
        assert np.linalg.norm(problem.gradient(theta)) <= C * problem.dim * EPS * 4
    rng = np.random.default_rng(seed)
    for scale in (0.3, 1.0, 3.0):
        theta = scale * rng.standard_normal(problem.dim)
        assert problem.gap(theta) >= 0


def test_the_gap_is_exact_where_f_is_nearly_zero() -> None:
    """f* is 1e-14 of the variance: tr S - 2 tr M + tr MG would have no correct digit."""
    rng = np.random.default_rng(0)
    problem = Principal(spectral(200, np.r_[np.ones(3), np.full(5, 1e-14)], rng), 3)
    theta = run(PrincipalSVD(), problem)[0]
    assert problem.value(theta) == pytest.approx(2.5e-14, rel=1e-6)
    assert abs(problem.gap(theta)) <= 1e-6 * problem.value(theta)


@settings(max_examples=40)
@given(seed=SEEDS)
def test_no_curvature_is_above_the_bound_of_default_steps(seed: int) -> None:
    problem, rng = random_rows(seed), np.random.default_rng(seed)
    L = 4 * np.linalg.norm(problem.X, 2) ** 2 / problem.n
    V = rng.standard_normal((problem.X.shape[1], problem.k))
    V /= np.linalg.norm(V, 2) / rng.uniform(0, 1) ** 0.2
    bound = problem.majorant_product(V.ravel())
    eigenvalues = np.linalg.eigvals(np.stack([bound(e) for e in np.eye(problem.dim)])).real
    assert eigenvalues.max() == pytest.approx(L, rel=1e-9)
    for theta in (V.ravel(), orthonormal(V)[0].ravel(), run(PrincipalSVD(), problem)[0]):
        assert np.linalg.eigvalsh(problem.hessian(theta))[-1] <= L * (1 + 1e-9)
    assert problem.row_smoothness() >= L * (1 - 1e-9)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_a_rotation_within_the_subspace_does_not_change_f(seed: int) -> None:
    problem, rng = random_rows(seed), np.random.default_rng(seed)
    V = rng.standard_normal((problem.X.shape[1], problem.k))
    Q = sl.qr(rng.standard_normal((problem.k, problem.k)))[0]
    assert problem.value((V @ Q).ravel()) == pytest.approx(problem.value(V.ravel()), rel=1e-12)
    g, rotated = (problem.gradient(W.ravel()).reshape(V.shape) for W in (V, V @ Q))
    np.testing.assert_allclose(rotated, g @ Q, atol=1e-11 * (1 + float(np.linalg.norm(g))))
    assert problem.measures(V.ravel()) == pytest.approx(problem.measures((V @ Q).ravel()), abs=1e-5)


def test_the_rate_of_power_iteration_is_the_ratio_of_two_eigenvalues() -> None:
    for ratio in (0.3, 0.7, 0.9):
        problem = built(f"pca(n=200, d=10, k=3, ratio={ratio})")
        predicted = PowerIteration().predicted(problem, None)
        assert predicted.factor == pytest.approx(ratio, rel=1e-9)
        outcome = run_cell(problem, PowerIteration(), 0, Rule(tolerance=1e-12, seconds=5), refer(problem))
        assert outcome.solved
        assert outcome.observed is not None
        assert outcome.observed.factor == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("spec", ["gradient-descent", "momentum", "gradient-descent(step=0.3)"])
def test_the_rate_of_gradient_methods_follows_from_the_hessian_at_the_minimum(spec: str) -> None:
    problem, known = built("pca(n=200, d=6, k=2, ratio=0.6)"), reference("pca(n=200, d=6, k=2, ratio=0.6)")
    assert known.spectrum is not None
    assert known.spectrum.mu == pytest.approx(0.6 - 0.36), "the difference of the eigenvalues 2 and 3"
    assert abs(known.spectrum.L - 4) <= 1e-9
    outcome = run_cell(problem, solver(spec), 0, Rule(tolerance=1e-11, seconds=5), known)
    assert outcome.solved
    assert outcome.observed is not None
    assert outcome.predicted is not None
    assert outcome.observed.factor == pytest.approx(outcome.predicted.factor, abs=0.02)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_power_iteration_reaches_the_closed_form(seed: int) -> None:
    problem = random_rows(seed)
    theta = run(PowerIteration(), problem)[-1]
    V = theta.reshape(-1, problem.k)
    np.testing.assert_allclose(V.T @ V, np.eye(problem.k), atol=C * problem.dim * EPS)
    assert problem.gap(theta) <= 1e-9 * problem.value(theta) + C * EPS * problem.value(np.zeros(problem.dim)), (
        "up to rounding"
    )
    assert len(flat(PowerIteration().iterate(problem, theta, np.random.default_rng(0)), 9)) <= 2, "it ends there"


@settings(max_examples=10)
@given(seed=SEEDS)
def test_oja_s_rule_agrees_with_plain_numpy(seed: int) -> None:
    """The same order of rows gives the same V."""
    problem = Principal(spectral(20, np.array([1, 0.5, 0.25, 0.125]), np.random.default_rng(seed)), 2)
    theta0 = problem.start(np.random.default_rng(1))
    (theta,) = flat(Oja(step=0.05, schedule="constant").iterate(problem, theta0, np.random.default_rng(2)), 1)
    order = np.arange(20)
    shuffle(order, np.random.default_rng(2).integers(2**64, size=1, dtype=np.uint64))
    V = theta0.reshape(4, 2)
    for x in problem.X[order]:
        s = x @ V
        V = V + 0.05 * np.outer(x - V @ s, s)
    np.testing.assert_allclose(theta.reshape(4, 2), orthonormal(V)[0], atol=1e-12)


def test_a_step_of_oja_is_a_step_of_sgd_if_v_is_orthonormal() -> None:
    problem = built("pca(n=40, d=6, k=2)")
    V, i = problem.start(np.random.default_rng(0)).reshape(6, 2), 7
    s = problem.X[i] @ V
    np.testing.assert_allclose(
        -problem.batch_gradient(V.ravel(), np.array([i])).reshape(6, 2), np.outer(problem.X[i] - V @ s, s), atol=1e-13
    )


def test_oja_with_decreasing_steps_gets_below_the_noise_floor_of_constant_steps() -> None:
    problem = built("pca(n=200, d=10, k=2)")
    decreasing, constant = (
        problem.gap(run(Oja(schedule=schedule), problem, 400)[-1]) for schedule in ("inverse", "constant")
    )
    assert decreasing < 1e-3 < constant
    assert len(run(Oja(schedule="cosine", horizon=7), problem)) == 7


@pytest.mark.parametrize("spec", ["gradient-descent", "newton", "lbfgs", "trust-region", "nesterov"])
def test_gradient_methods_find_the_minimum_of_the_svd(spec: str) -> None:
    problem = built("pca(n=100, d=8, k=2, ratio=0.5)")
    assert min(problem.gap(theta) for theta in run(solver(spec), problem, 500)) <= 1e-9


def test_identical_rows_have_no_principal_direction() -> None:
    problem = Principal(np.zeros((5, 3)), 1)
    with pytest.raises(Breakdown, match="no direction"):
        run(Oja(), problem, 1)


# data, refusals, charges


def test_every_column_of_a_file_is_a_feature_except_its_target(tmp_path: Path) -> None:
    file = tmp_path / "user.csv"
    rows = "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(12))
    file.write_text("one,two,kind\n" + rows)
    problem = built(f'pca(data="{file}", target=kind, k=1)')
    assert problem.X.shape == (12, 2)
    assert problem.about.columns == ("one", "two")
    with pytest.raises(DataError, match="every column is a feature, except one that is named as target"):
        built(f'k-means(data="{file}", k=2)')
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("one,two,three\n" + "".join(f"{i},{i % 3},{i % 5}\n" for i in range(12)))
    assert built(f'k-means(data="{numbers}", k=2)').X.shape == (12, 3)
    huge = tmp_path / "huge.csv"
    huge.write_text("one,two\n1e200,1\n2e200,2\n1e200,3\n")
    with pytest.raises(DataError, match="overflow"):
        built(f'k-means(data="{huge}", k=2, standardize=false)')
    assert np.isfinite(built(f'pca(data="{huge}", k=1)').X).all()


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("pca(k=20)", "k is 20; with 1000 rows and 20 columns it must be less than 20"),
        ("pca(k=0)", "k is 0; it must be at least 1"),
        ("pca(ratio=0)", "ratio is 0.0; it must be above 0 and at most 1"),
        ("pca(data=iris, ratio=0.5)", "iris has no parameter 'ratio'"),
        ("pca(data=iris, target=x)", "iris has no parameter 'target'"),
        ("pca(data=irs)", "did you mean iris"),
        ("k-means(n=4, k=5)", "k is 5; with 4 rows it must be at most 4"),
        ("k-means(spread=-1)", "spread is -1.0; it must be zero or a positive number"),
        ("k-means(data=wine, n=5)", "wine has no parameter 'n'"),
    ],
)
def test_refusals_name_what_is_wrong(spec: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        built(spec)


def test_the_spectrum_is_the_requested_one() -> None:
    for spectrum, wanted in (("decay", 0.5 ** np.arange(6)), ("step", [1, 1, 0.5, 0.5, 0.5, 0.5])):
        problem = built(f"pca(n=50, d=6, k=2, spectrum={spectrum}, rank=2, ratio=0.5)")
        np.testing.assert_allclose(sl.svdvals(problem.X) ** 2 / 50, wanted, rtol=1e-12)
        assert abs(problem.X.mean(0)).max() <= 1e-15


def test_every_source_of_features_is_centred() -> None:
    rows = SpectralRows(n=30, d=5).load(Task.FEATURES).X
    np.testing.assert_allclose(pca(SpectralRows(n=30, d=5)).X, pca(Arrays(rows + 7.0)).X, atol=1e-13)
    for data, shape in ((Moons(n=20), (20, 2)), (Iris(), (150, 4)), (Iris(standardize=False), (150, 4))):
        problem = pca(data, k=1)
        assert problem.X.shape == shape
        assert abs(problem.X.mean(0)).max() <= 1e-14
    with pytest.raises(ValueError, match="waves gives numbers; features are needed here"):
        pca(Waves())


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        *((name, "pca(n=40, d=6, k=2)") for name in ("pca-svd", "power-iteration", "oja")),
        *((name, "k-means(n=40, clusters=3, k=3)") for name in ("lloyd", "mini-batch-k-means")),
    ],
)
def test_rows_that_are_read_are_charged(name: str, spec: str) -> None:
    problem = built(spec)
    ledger = Ledger()
    flat(
        solver(name).iterate(
            problem.metered(ledger), problem.start(np.random.default_rng(0)), np.random.default_rng(0)
        ),
        1,
    )
    assert 1 <= ledger.passes <= 3
