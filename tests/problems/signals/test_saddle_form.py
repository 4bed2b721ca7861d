"""The saddle forms of basis pursuit and total variation, and the steps that they lead to."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.foundation.arrays import EPS
from problems.signals.basis_pursuit import BasisPursuitProblem
from solvers.composite.splitting import PrimalDual, _squared_norm
from tests.helpers.small_problems import answer
from tests.helpers.small_problems import problem as built

SEEDS = st.integers(0, 2**32)


@settings(max_examples=40)
@given(
    seed=SEEDS,
    step=st.floats(1e-3, 1e3),
    which=st.sampled_from(["basis-pursuit(n=5, d=9, nonzeros=2)", "total-variation(n=9, pieces=3)"]),
)
def test_proxes_are_stationary_and_firmly_nonexpansive(seed: int, step: float, which: str) -> None:
    problem = built(which)
    rng = np.random.default_rng(seed)
    m = problem.operator().shape[0]
    for prox, size in ((problem.prox_rest, problem.dim), (problem.prox_conjugate, m)):
        v, other = 3 * rng.standard_normal((2, size))
        u, u_other = prox(v, step), prox(other, step)
        assert (u - u_other) @ (u - u_other) <= (u - u_other) @ (v - other) * (1 + 1e-12) + 1e-12
    v = 3 * rng.standard_normal(m)
    p = problem.prox_conjugate(v, step)
    u = (v - p) / step  # where p is a subgradient of F
    if isinstance(problem, BasisPursuitProblem):
        np.testing.assert_allclose(u, problem.b, atol=1e-10 * (1 + 1 / step))
    else:
        assert np.all(
            (abs(p) < problem.weight) & (abs(u) < 1e-9)
            | (p * np.sign(u) == problem.weight)
            | (abs(p) == problem.weight)
        )
    v = 3 * rng.standard_normal(problem.dim)
    u = problem.prox_rest(v, step)
    subgradient = (v - u) / step
    if isinstance(problem, BasisPursuitProblem):
        assert abs(subgradient).max() <= 1 + 1e-12
        np.testing.assert_allclose(subgradient[u != 0], np.sign(u[u != 0]), atol=1e-12 * (1 + abs(v).max() / step))
    else:
        np.testing.assert_allclose(subgradient, (u - problem.y) / problem.dim, atol=1e-12 * (1 + abs(v).max() / step))


@pytest.mark.parametrize("spec", ["total-variation", "total-variation(n=3, pieces=1)", "basis-pursuit"])
@pytest.mark.parametrize("seed", range(3))
def test_default_steps_use_an_upper_bound_of_the_norm_of_k(spec: str, seed: int) -> None:
    problem = built(spec)
    K = problem.operator()
    exact = norm(K.toarray() if sp.issparse(K) else K, 2) ** 2
    assert (1 - 10 * EPS) * exact <= _squared_norm(K, problem, np.random.default_rng(seed)) <= 1.1 * exact


@pytest.mark.parametrize("spec", ["total-variation(n=30, pieces=3)", "basis-pursuit(n=12, d=30, nonzeros=3)"])
def test_the_primal_dual_method_never_moves_away_from_the_saddle_point(spec: str) -> None:
    """|x|^2/tau - 2 p.K x + |p|^2/sigma never increases if tau sigma |K|^2 = 1; if it is 4, basis pursuit diverges."""
    problem = built(spec)
    K = problem.operator()
    sigma = problem.stiffness() / 16
    limit = norm(K.toarray() if sp.issparse(K) else K, 2) ** 2
    tau = 1 / (sigma * limit)
    method = PrimalDual(sigma, tau)
    pairs = list(method.pairs(problem, np.zeros(problem.dim), np.random.default_rng(0)))
    best, dual = pairs[-1]
    assert problem.saddle_gap(best, dual) <= 1e-12 * (1 + problem.value(best))
    differences = [(theta - best, p - dual) for (theta, _), (_, p) in pairwise(pairs)]
    distances = [x @ x / tau - 2 * p @ (K @ x) + p @ p / sigma for x, p in differences]
    assert all(after <= before + 1e-9 * distances[0] for before, after in pairwise(distances))
    if isinstance(problem, BasisPursuitProblem):
        with np.errstate(all="ignore"):
            assert not problem.violation(answer(PrimalDual(sigma, 4 * tau), problem, problem.dim, 3000)) <= 1e-3
