"""k-means: Lloyd's step is Newton's, and what is proven of the best partition."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import run_cell
from experiments.lab.run.stopping import Rule
from problems.certificates.clusters import line_optimum, separation_bound, subspace_bound
from problems.data.unlabelled import blobs
from problems.foundation.arrays import EPS
from problems.unsupervised.k_means import Clusters
from solvers.first_order.stochastic import SGD
from solvers.kernels.blocks import shuffle
from solvers.second_order.newton import Newton
from solvers.unsupervised.clustering import Lloyd, MiniBatchKMeans
from tests.helpers.small_problems import flat, problem, reference, solver

SEEDS = st.integers(0, 2**32)
C = 30


def groups(seed: int) -> Clusters:
    """Rows about a few centres."""
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(8, 60)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
    return Clusters(blobs(n, d, k, rng.uniform(0, 0.6), rng), k)


def run(method: Any, on: Any, most: int = 3000, seed: int = 0, start: int = 0) -> list[np.ndarray]:
    return flat(method.iterate(on, on.start(np.random.default_rng(start)), np.random.default_rng(seed)), most)


def ends(theta: np.ndarray, on: Clusters, empty: Any = "farthest") -> np.ndarray:
    """Where Lloyd's algorithm ends from theta."""
    return flat(Lloyd(empty).iterate(on, theta, np.random.default_rng(0)), 10_000)[-1]


def best_of_all(on: Clusters) -> float:
    """f*, by trying every partition."""
    return min(
        sum(((on.X[np.array(labels) == j] - on.X[np.array(labels) == j].mean(0)) ** 2).sum() for j in set(labels))
        for labels in product(range(on.k), repeat=on.n)
    ) / (2 * on.n)


@settings(max_examples=60)
@given(seed=SEEDS)
def test_lloyd_s_step_is_newton_s(seed: int) -> None:
    """Where no centre is without rows, and the full step lowers f enough for Newton's line search."""
    on = groups(seed)
    theta0 = on.start(np.random.default_rng(seed))
    if 0 in on.partition(theta0).counts:
        return
    lloyd = next(Lloyd().iterate(on, theta0, np.random.default_rng(0)))
    newton = next(Newton().iterate(on, theta0, np.random.default_rng(0)), None)
    if newton is not None:
        np.testing.assert_allclose(newton, lloyd, atol=1e-12)


@settings(max_examples=40)
@given(seed=SEEDS, init=st.sampled_from(["k-means++", "random"]))
def test_lloyd_never_rises_and_ends_at_means(seed: int, init: str) -> None:
    on = groups(seed)
    on.init = init
    path = run(Lloyd(), on, start=seed)
    values = [on.value(theta) for theta in path]
    assert all(after <= before * (1 + C * EPS) for before, after in pairwise(values))
    assert np.linalg.norm(on.gradient(path[-1])) <= C * on.n * EPS
    assert len(flat(Lloyd().iterate(on, path[-1], np.random.default_rng(0)), 9)) == 1, "from its end it goes nowhere"


def test_lloyd_fills_a_centre_without_rows() -> None:
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    on = Clusters(X, 3)
    theta0 = np.array([0.5, 10.5, 99.0])
    kept, filled = (ends(theta0, on, empty) for empty in ("keep", "farthest"))
    assert on.measures(kept)["empty"] == 1
    assert on.measures(filled)["empty"] == 0
    assert on.value(filled) < on.value(kept)
    same = Clusters(np.ones((4, 2)), 3)
    assert same.value(run(Lloyd(), same)[-1]) == 0, "fewer different rows than centres"


@settings(max_examples=30)
@given(seed=SEEDS)
def test_the_peer_makes_the_same_iterates(seed: int) -> None:
    on = groups(seed)
    path = run(Lloyd(empty="keep"), on, start=seed)
    if any(0 in on.partition(theta).counts for theta in path):
        return  # it moves such centres in a way of its own
    peer = run(solver("sklearn-k-means"), on, start=seed)
    for k in range(min(len(path), len(peer))):
        assert on.value(peer[k]) == pytest.approx(on.value(path[k]), rel=1e-9, abs=1e-15)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_the_first_epoch_of_mini_batches_is_the_mean_of_what_each_centre_got(seed: int) -> None:
    """With all rows in a batch it is Lloyd's step; the centres' own places weigh nothing."""
    on = groups(seed)
    theta0 = on.start(np.random.default_rng(seed))
    theta = next(MiniBatchKMeans(batch=on.n).iterate(on, theta0, np.random.default_rng(0)))[0]
    np.testing.assert_allclose(theta, next(Lloyd("keep").iterate(on, theta0, np.random.default_rng(0))), atol=1e-12)


def test_native_and_plain_gradients_agree() -> None:
    """SGD goes by native code; the same order of rows in numpy leads to the same place."""
    for spec in ("pca(n=40, d=6, k=2)", "k-means(n=40, k=3)"):
        on = problem(spec)
        theta0 = on.start(np.random.default_rng(0))
        batches = SGD(step=0.05, batch=7).iterate(on, theta0, np.random.default_rng(3))
        (theta,) = flat(batches, 1)
        order = np.arange(40)
        shuffle(order, np.random.default_rng(3).integers(2**64, size=1, dtype=np.uint64))
        plain = theta0
        for first in range(0, 40, 7):
            plain = plain - 0.05 * on.batch_gradient(plain, order[first : first + 7])
        np.testing.assert_allclose(theta, plain, atol=1e-12)


# what is proven of k-means


@settings(max_examples=25)
@given(seed=SEEDS, spread=st.sampled_from([0.0, 0.05, 0.2, 0.6]))
def test_no_bound_is_above_the_best_of_all_partitions(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 4))
    on = Clusters(blobs(9 if k == 2 else 7, int(rng.integers(1, 4)), k, spread, rng), k)
    f, slack = best_of_all(on), 1e-13
    theta = ends(on.start(rng), on)
    labels = on.partition(theta).labels
    assert subspace_bound(on.X, k) <= f + slack
    assert separation_bound(on.X, labels, k) <= f + slack
    assert separation_bound(on.X, rng.integers(k, size=on.n), k) <= f + slack
    if on.X.shape[1] == 1:
        assert line_optimum(on.X, k) == pytest.approx(f, abs=slack)
    for point in (theta, rng.standard_normal(on.dim)):
        assert on.value(point) - on.gap(point) <= f + slack


def test_the_dual_point_is_one() -> None:
    """Q, formed whole: 0 on sums over clusters, B nowhere negative, and as far from definite as the bound says."""
    tight, loose = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        k, n = 3, 18
        X = blobs(n, 2, k, rng.uniform(0.1, 0.35), rng)
        labels = np.arange(n) % k
        sums = (labels[:, None] == np.arange(k)).astype(float)
        counts, means = sums.sum(0), (sums.T @ X) / sums.sum(0)[:, None]
        D, far = ((X[:, None] - X) ** 2).sum(2), ((X[:, None] - means) ** 2).sum(2)
        own, here = far[sums == 1], counts[labels][:, None]
        w = np.where(sums == 1, np.inf, 2 * here * counts * (far - own[:, None]) / (here + counts)).min()
        bound = separation_bound(X, labels, k)
        if w <= 0:
            assert bound == -np.inf
            continue
        a = 2 * own + w / counts[labels]
        u = counts * (far - own[:, None]) - w * (here + counts) / (2 * here)
        B = np.zeros((n, n))
        for s, t in ((s, t) for s in range(k) for t in range(k) if s != t):
            B += np.outer(sums[:, s] * u[:, t], sums[:, t] * u[:, s]) / (sums[:, s] @ u[:, t])
        Q = D + w * np.eye(n) - (a[:, None] + a) / 2 - B
        assert B.min() >= -1e-12
        np.testing.assert_allclose(Q @ sums, 0, atol=1e-10)
        lacking = max(-np.linalg.eigvalsh(Q)[0], 0.0)
        assert bound == pytest.approx(own.sum() / (2 * n) - lacking * (k - 1) / (4 * n), abs=1e-10)
        tight, loose = tight + (lacking < 1e-9), loose + (lacking > 1e-3)
    assert min(tight, loose) >= 5, "it is tried on both"


def test_clusters_that_lie_apart_are_proven_and_others_are_not() -> None:
    for seed in range(5):
        assert refer(problem(f"k-means(seed={seed}, n=300)")).width <= 1e-11
    loose = reference("k-means(data=iris, k=3)")
    assert loose.known is not None
    assert loose.known - loose.lower > 0.1


def test_a_poor_start_ends_in_a_poor_minimum_and_is_not_solved() -> None:
    on = problem("k-means(n=200, init=random)")
    known = refer(on)
    outcomes = [run_cell(on, Lloyd(), seed, Rule(), known) for seed in range(12)]
    assert {outcome.status for outcome in outcomes} == {"solved", "stalled"}
    for outcome in outcomes:
        if not outcome.solved:
            assert "no row changes its cluster" in outcome.reason
            assert outcome.gap > 1e-3


@settings(max_examples=20)
@given(seed=SEEDS, offset=st.sampled_from([0.0, 1e3, 1e6]))
def test_the_best_clusters_on_a_line(seed: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(1, 5)), int(rng.integers(5, 60))
    x = np.sort(rng.standard_normal(n) * rng.choice([0.1, 1, 10], n))[:, None] + offset
    on = Clusters(x, k)
    runs = [on.value(ends(on.start(np.random.default_rng(s)), on)) for s in range(30)]
    assert line_optimum(x, k) <= min(runs) + 1e-12 * (1 + offset**2 * EPS)
    if offset == 0 and n < 20:
        assert line_optimum(x, k) == pytest.approx(_by_hand(x[:, 0], k), rel=1e-9, abs=1e-14)


def _by_hand(x: np.ndarray, k: int) -> float:
    least = np.full((k + 1, len(x) + 1), np.inf)
    least[0, 0] = 0
    for q in range(1, k + 1):
        for i in range(q, len(x) + 1):
            least[q, i] = min(least[q - 1, j] + ((x[j:i] - x[j:i].mean()) ** 2).sum() for j in range(q - 1, i))
    return float(least[k].min() if k > len(x) else least[k, -1]) / (2 * len(x))
