"""Basis pursuit: its certificate, and the methods that solve it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from experiments.lab.reference.referee import bracket
from experiments.lab.reference.reference_points import reference_points
from experiments.lab.run.cell import run_cell
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from problems.data.synthetic.signals import SparseSolution
from problems.foundation.arrays import EPS
from problems.signals.basis_pursuit import BasisPursuitProblem, basis_pursuit
from solvers.composite.splitting import ADMM, PrimalDual
from solvers.peers.scipy.linear_programs import ScipyLinprog
from tests.helpers.small_problems import answer, reference
from tests.helpers.small_problems import problem as built

SEEDS = st.integers(0, 2**32)
SPLITTING: tuple[Any, ...] = (ADMM(), PrimalDual())


def pursuit(seed: int, n: int, d: int, nonzeros: int, scale: float = 1.0) -> Any:
    """Equations with a hidden sparse solution; columns and solution of any scale."""
    problem = basis_pursuit(SparseSolution(n=n, d=d, nonzeros=nonzeros, seed=seed))
    return BasisPursuitProblem(scale * problem.A, problem.b / scale)


@settings(max_examples=40)
@given(
    seed=SEEDS, n=st.integers(1, 12), more=st.integers(0, 20), k=st.integers(1, 12), scale=st.sampled_from([1e-3, 50])
)
def test_the_certificate_is_exact_at_the_minimum_and_never_false(
    seed: int, n: int, more: int, k: int, scale: float
) -> None:
    d = max(n, k) + more
    problem = pursuit(seed, n, d, k, scale)
    dual = linprog(
        -problem.b, A_ub=np.vstack([problem.A.T, -problem.A.T]), b_ub=np.ones(2 * d), bounds=(None, None)
    )  # f* by another method
    known = bracket(problem)
    lower, upper, best = known.lower, known.upper, known.point
    assert abs(upper + dual.fun) <= 1e-6 * upper
    assert upper - lower <= 1e-12 * d * upper
    assert problem.violation(best) <= d * EPS
    assert np.count_nonzero(best) <= n
    rng = np.random.default_rng(seed)
    for theta in (best + rng.choice([0.0, 0.1, 1e-6, 10]) * rng.standard_normal(d) / scale, np.zeros(d)):
        f = problem.value(theta)
        for bound in (problem.gap(theta), problem.saddle_gap(theta, scale * rng.standard_normal(n))):
            assert f - bound <= upper * (1 + 1e-12) + 8 * EPS * f, "it holds at infeasible points too"


@settings(max_examples=6)
@given(seed=SEEDS, shape=st.sampled_from([(60, 120, 4), (40, 60, 3), (30, 100, 3)]), scale=st.sampled_from([1e-3, 50]))
def test_splitting_finds_the_sparse_solution(seed: int, shape: tuple[int, int, int], scale: float) -> None:
    problem = pursuit(seed, *shape, scale)
    best = next(reference_points(problem))
    assert np.count_nonzero(best) == shape[2], "the hidden solution"
    for method in SPLITTING:
        theta = answer(
            method, problem, problem.dim, 5000
        )  # an entry much smaller than the others needs many iterations
        assert problem.violation(theta) <= 1e-3, method
        assert abs(problem.value(theta) - problem.value(best)) <= 1e-3 * problem.value(best), method


@pytest.mark.parametrize("method", [*SPLITTING, ScipyLinprog(), ScipyLinprog("highs-ipm")])
def test_solved_means_small_gap_and_small_violation(method: Any) -> None:
    problem = built("basis-pursuit")
    outcome = run_cell(problem, method, 0, Rule(), reference("basis-pursuit"))
    assert outcome.status is Status.SOLVED, outcome.reason
    assert outcome.gap <= 1e-6
    assert outcome.trace[-1].violation <= 1e-6
    assert outcome.iterations < 450, "from a dual of 0, because F has no derivative except at b"


def test_f_at_zero_is_below_the_minimum_but_zero_is_infeasible() -> None:
    problem = built("basis-pursuit")
    assert problem.value(np.zeros(problem.dim)) < reference("basis-pursuit").lower
    assert problem.violation(np.zeros(problem.dim)) == 1
    assert problem.gap(np.full(problem.dim, np.nan)) == np.inf
