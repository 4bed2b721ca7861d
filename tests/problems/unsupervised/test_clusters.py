"""k-means: Lloyd's step is Newton's step, starts by k-means++, and bounds for the best partition."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import run_cell
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from problems.certificates.clusters import line_optimum, separation_bound, subspace_bound
from problems.data.arrays import Arrays
from problems.data.bundled import Iris
from problems.data.source import Task
from problems.data.synthetic.linear import Synthetic
from problems.data.synthetic.shapes import Blobs, Moons
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.unsupervised.k_means import Clusters, k_means
from solvers.first_order.stochastic import SGD
from solvers.kernels.blocks import shuffle
from solvers.second_order.newton import Newton
from solvers.unsupervised.clustering import Lloyd, MiniBatchKMeans
from tests.helpers.small_problems import flat, reference, solver
from tests.helpers.small_problems import problem as built

SEEDS = st.integers(0, 2**32)
C = 30


def blobs(n: int, d: int, clusters: int, spread: float, rng: np.random.Generator) -> Matrix:
    X: Matrix = Blobs(n, d, clusters, spread, int(rng.integers(2**32))).load(Task.FEATURES).X
    return X


def random_clusters(seed: int) -> Clusters:
    """Rows about a few centres."""
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(8, 60)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
    return Clusters(blobs(n, d, k, rng.uniform(0, 0.6), rng), k)


def run(method: Any, problem: Any, most: int = 3000, seed: int = 0, start: int = 0) -> list[np.ndarray]:
    return flat(method.iterate(problem, problem.start(np.random.default_rng(start)), np.random.default_rng(seed)), most)


def end_of_lloyd(theta: np.ndarray, problem: Clusters, empty: Any = "farthest") -> np.ndarray:
    """The point where Lloyd's algorithm ends from theta."""
    return flat(Lloyd(empty).iterate(problem, theta, np.random.default_rng(0)), 10_000)[-1]


def f_of_best_partition(problem: Clusters) -> float:
    """f*, from every partition."""

    def squares(labels: Any) -> float:
        clusters = [problem.X[labels == j] for j in np.unique(labels)]
        return float(sum(((rows - rows.mean(0)) ** 2).sum() for rows in clusters))

    partitions = product(range(problem.k), repeat=problem.n)
    return min(squares(np.array(labels)) for labels in partitions) / (2 * problem.n)


@settings(max_examples=60)
@given(seed=SEEDS)
def test_lloyd_s_step_is_newton_s_step(seed: int) -> None:
    """If no cluster is empty, and the full step decreases f enough for Newton's line search."""
    problem = random_clusters(seed)
    theta0 = problem.start(np.random.default_rng(seed))
    if 0 in problem.partition(theta0).counts:
        return
    lloyd = next(Lloyd().iterate(problem, theta0, np.random.default_rng(0)))
    newton = next(Newton().iterate(problem, theta0, np.random.default_rng(0)), None)
    if newton is not None:
        np.testing.assert_allclose(newton, lloyd, atol=1e-12)


@settings(max_examples=40)
@given(seed=SEEDS, init=st.sampled_from(["k-means++", "random"]))
def test_lloyd_never_increases_f_and_ends_at_means(seed: int, init: str) -> None:
    problem = random_clusters(seed)
    problem.init = init
    path = run(Lloyd(), problem, start=seed)
    values = [problem.value(theta) for theta in path]
    assert all(after <= before * (1 + C * EPS) for before, after in pairwise(values))
    assert np.linalg.norm(problem.gradient(path[-1])) <= C * problem.n * EPS
    assert len(flat(Lloyd().iterate(problem, path[-1], np.random.default_rng(0)), 9)) == 1, (
        "from its end it does not move"
    )


def test_lloyd_fills_an_empty_cluster() -> None:
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    problem = Clusters(X, 3)
    theta0 = np.array([0.5, 10.5, 99.0])
    kept, filled = (end_of_lloyd(theta0, problem, empty) for empty in ("keep", "farthest"))
    assert problem.measures(kept)["empty"] == 1
    assert problem.measures(filled)["empty"] == 0
    assert problem.value(filled) < problem.value(kept)
    same = Clusters(np.ones((4, 2)), 3)
    assert same.value(run(Lloyd(), same)[-1]) == 0, "fewer different rows than centres"


@settings(max_examples=30)
@given(seed=SEEDS)
def test_the_peer_makes_the_same_iterates(seed: int) -> None:
    problem = random_clusters(seed)
    path = run(Lloyd(empty="keep"), problem, start=seed)
    if any(0 in problem.partition(theta).counts for theta in path):
        return  # it moves such centres differently
    peer = run(solver("sklearn-k-means"), problem, start=seed)
    for k in range(min(len(path), len(peer))):
        assert problem.value(peer[k]) == pytest.approx(problem.value(path[k]), rel=1e-9, abs=1e-15)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_the_first_epoch_of_mini_batches_gives_the_means_of_the_clusters(seed: int) -> None:
    """With all rows in one batch it is Lloyd's step; the first centres have no weight."""
    problem = random_clusters(seed)
    theta0 = problem.start(np.random.default_rng(seed))
    theta = next(MiniBatchKMeans(batch=problem.n).iterate(problem, theta0, np.random.default_rng(0)))[0]
    np.testing.assert_allclose(
        theta, next(Lloyd("keep").iterate(problem, theta0, np.random.default_rng(0))), atol=1e-12
    )


def test_native_and_plain_gradients_agree() -> None:
    """SGD uses native code; numpy with the same order of rows gives the same theta."""
    for spec in ("pca(n=40, d=6, k=2)", "k-means(n=40, clusters=3, k=3)"):
        problem = built(spec)
        theta0 = problem.start(np.random.default_rng(0))
        batches = SGD(step=0.05, batch=7).iterate(problem, theta0, np.random.default_rng(3))
        (theta,) = flat(batches, 1)
        order = np.arange(40)
        shuffle(order, np.random.default_rng(3).integers(2**64, size=1, dtype=np.uint64))
        plain = theta0
        for first in range(0, 40, 7):
            plain = plain - 0.05 * problem.batch_gradient(plain, order[first : first + 7])
        np.testing.assert_allclose(theta, plain, atol=1e-12)


# starts and data


def distribution(rows: Vector, k: int, samples: int) -> dict[tuple[float, ...], float]:
    """How often k-means++ starts at each set of values, for one column."""
    problem = Clusters(rows[:, None], k)
    counts: dict[tuple[float, ...], float] = {}
    for seed in range(samples):
        start = tuple(sorted(problem.start(np.random.default_rng(seed)).tolist()))
        counts[start] = counts.get(start, 0) + 1 / samples
    return counts


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_k_means_plus_plus_samples_by_squared_distances(offset: float) -> None:
    """From 0, 1 and 3: the second row is sampled in proportion to the squared distance to the first.

    Far from the origin too, where a distance as a difference of squares has no correct digit.
    """
    counts = distribution(np.array([0.0, 1.0, 3.0]) + offset, 2, 800)
    exact = {(0, 1): (1 / 10 + 1 / 5) / 3, (0, 3): (9 / 10 + 9 / 13) / 3, (1, 3): (4 / 5 + 4 / 13) / 3}
    for (one, other), share in exact.items():
        assert counts[one + offset, other + offset] == pytest.approx(share, abs=4 * np.sqrt(share / 800))


def test_starts_are_rows_and_depend_on_the_seed_alone() -> None:
    for init in ("k-means++", "random"):
        problem = k_means(Blobs(n=50), k=4, init=init)
        one, same, other = (problem.start(np.random.default_rng(seed)).reshape(4, -1) for seed in (0, 0, 1))
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, other)
        assert all((centre == problem.X).all(1).any() for centre in np.vstack([one, other]))
    identical = Clusters(np.ones((4, 2)), 3)
    np.testing.assert_array_equal(identical.start(np.random.default_rng(0)), np.ones(6))


def test_every_source_of_features_is_clustered() -> None:
    rows = Blobs(n=30).load(Task.FEATURES).X
    np.testing.assert_array_equal(k_means(Blobs(n=30)).X, k_means(Arrays(rows)).X)
    np.testing.assert_array_equal(k_means(Arrays(rows, np.arange(30) % 2)).X, rows)
    assert k_means(Moons(n=20), k=2).X.shape == (20, 2)
    assert k_means(Iris(), k=3).X.shape == (150, 4)
    with pytest.raises(ValueError, match="synthetic gives numbers or labels or classes; features are needed here"):
        k_means(Synthetic())


# bounds


@settings(max_examples=25)
@example(seed=2_090_776_878, spread=0.2)  # f at the second point is a million times f*
@given(seed=SEEDS, spread=st.sampled_from([0.0, 0.05, 0.2, 0.6]))
def test_no_bound_is_above_f_of_the_best_partition(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 4))
    problem = Clusters(blobs(9 if k == 2 else 7, int(rng.integers(1, 4)), k, spread, rng), k)
    f, slack = f_of_best_partition(problem), 1e-13
    theta = end_of_lloyd(problem.start(rng), problem)
    labels = problem.partition(theta).labels
    assert subspace_bound(problem.X, k) <= f + slack
    assert separation_bound(problem.X, labels, k) <= f + slack
    assert separation_bound(problem.X, rng.integers(k, size=problem.n), k) <= f + slack
    if problem.X.shape[1] == 1:
        assert line_optimum(problem.X, k) == pytest.approx(f, abs=slack)
    for point in (theta, rng.standard_normal(problem.dim)):
        value = problem.value(point)
        assert value - problem.gap(point) <= f + slack + np.spacing(value)  # no gap is given more precisely than f


def test_the_dual_point_is_feasible_up_to_what_the_bound_subtracts() -> None:
    """Q, formed: it maps indicators of clusters to 0, B >= 0, and its negative eigenvalue is the one of the bound."""
    tight, loose = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        k, n = 3, 18
        X = blobs(n, 2, k, rng.uniform(0.1, 0.35), rng)
        labels = np.arange(n) % k
        sums = (labels[:, None] == np.arange(k)).astype(float)
        counts, means = sums.sum(0), (sums.T @ X) / sums.sum(0)[:, None]
        D, far = ((X[:, None] - X) ** 2).sum(2), ((X[:, None] - means) ** 2).sum(2)
        within, here = far[sums == 1], counts[labels][:, None]
        w = np.where(sums == 1, np.inf, 2 * here * counts * (far - within[:, None]) / (here + counts)).min()
        bound = separation_bound(X, labels, k)
        if w <= 0:
            assert bound == -np.inf
            continue
        a = 2 * within + w / counts[labels]
        u = counts * (far - within[:, None]) - w * (here + counts) / (2 * here)
        B = np.zeros((n, n))
        for s, t in ((s, t) for s in range(k) for t in range(k) if s != t):
            B += np.outer(sums[:, s] * u[:, t], sums[:, t] * u[:, s]) / (sums[:, s] @ u[:, t])
        Q = D + w * np.eye(n) - (a[:, None] + a) / 2 - B
        assert B.min() >= -1e-12
        np.testing.assert_allclose(Q @ sums, 0, atol=1e-10)
        lacking = max(-np.linalg.eigvalsh(Q)[0], 0.0)
        assert bound == pytest.approx(within.sum() / (2 * n) - lacking * (k - 1) / (4 * n), abs=1e-10)
        tight, loose = tight + (lacking < 1e-9), loose + (lacking > 1e-3)
    assert min(tight, loose) >= 5, "both cases occur"


def test_separated_clusters_are_proven_optimal_and_others_are_not() -> None:
    for seed in range(5):
        assert refer(built(f"k-means(seed={seed}, n=300)")).width <= 1e-11
    loose = reference("k-means(data=iris, k=3)")
    assert loose.known is not None
    assert loose.known - loose.lower > 0.1


def test_a_poor_start_ends_in_a_poor_minimum_and_is_not_solved() -> None:
    problem = built("k-means(n=200, init=random)")
    known = refer(problem)
    outcomes = [run_cell(problem, Lloyd(), seed, Rule(), known) for seed in range(12)]
    assert {outcome.status for outcome in outcomes} == {Status.SOLVED, Status.LOCAL}
    for outcome in outcomes:
        if not outcome.solved:
            assert "no row changes its cluster" in outcome.reason
            assert outcome.gap > 1e-3


@settings(max_examples=20)
@given(seed=SEEDS, offset=st.sampled_from([0.0, 1e3, 1e6]))
def test_the_optimal_clusters_on_a_line(seed: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(1, 5)), int(rng.integers(5, 60))
    x = np.sort(rng.standard_normal(n) * rng.choice([0.1, 1, 10], n))[:, None] + offset
    problem = Clusters(x, k)
    runs = [problem.value(end_of_lloyd(problem.start(np.random.default_rng(s)), problem)) for s in range(30)]
    assert line_optimum(x, k) <= min(runs) + 1e-12 * (1 + offset**2 * EPS)
    if offset == 0 and n < 20:
        assert line_optimum(x, k) == pytest.approx(_by_dynamic_programming(x[:, 0], k), rel=1e-9, abs=1e-14)


def _by_dynamic_programming(x: np.ndarray, k: int) -> float:
    least = np.full((k + 1, len(x) + 1), np.inf)
    least[0, 0] = 0
    for q in range(1, k + 1):
        for i in range(q, len(x) + 1):
            least[q, i] = min(least[q - 1, j] + ((x[j:i] - x[j:i].mean()) ** 2).sum() for j in range(q - 1, i))
    return float(least[k].min() if k > len(x) else least[k, -1]) / (2 * len(x))
