"""Basis pursuit and total variation: certificates, the saddle form, direct and splitting methods, what is refused."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm
from scipy.optimize import linprog

from experiments.lab.reference.referee import bracket
from experiments.lab.reference.reference_points import candidates
from experiments.lab.run.cell import run_cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import SpecError
from problems.forms import Composite, LeastSquares, LinearModel, Smooth
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.signals.basis_pursuit import SparseSolution, basis_pursuit
from problems.signals.total_variation import Denoising, total_variation
from solvers.base import Breakdown
from solvers.composite.splitting import ADMM, PrimalDual, _squared_norm
from solvers.composite.taut_string import TautString
from solvers.peers.scipy.linear_programs import ScipyLinprog
from tests.helpers.small_problems import answer, flat, problem, reference, solver

SEEDS = st.integers(0, 2**32)
SPLITTING: tuple[Any, ...] = (ADMM(), PrimalDual())


def pursuit(seed: int, n: int, d: int, k: int, scale: float = 1.0) -> Any:
    """A hidden sparse solution, columns and solution of any scale."""
    on = basis_pursuit(n=n, d=d, k=k, seed=seed)
    return SparseSolution(scale * on.A, on.b / scale)


@st.composite
def signals(draw: Any) -> Any:
    """Signals with jumps and noise, random walks, whole numbers full of ties, and constants; weights from 0 on up."""
    rng = np.random.default_rng(draw(SEEDS))
    n = draw(st.integers(2, 60))
    kind = draw(st.sampled_from(["noise", "walk", "ties", "steps", "constant"]))
    y = {
        "noise": rng.standard_normal(n),
        "walk": rng.standard_normal(n).cumsum(),
        "ties": 1.0 * rng.integers(-2, 3, n),
        "steps": np.repeat(rng.standard_normal(n), 5)[:n],
        "constant": np.full(n, 0.3),
    }[kind]
    return Denoising(draw(st.sampled_from([1e-8, 1.0, 1e6])) * y, 1.0), draw(st.floats(1e-4, 2.0))


def weighed(drawn: Any) -> Any:
    """The drawn signal with a weight in its own units."""
    on, weight = drawn
    return Denoising(on.y, weight * (np.ptp(on.y) or 1.0) / len(on.y))


# --- basis pursuit


@settings(max_examples=40)
@given(
    seed=SEEDS, n=st.integers(1, 12), more=st.integers(0, 20), k=st.integers(1, 12), scale=st.sampled_from([1e-3, 50])
)
def test_the_certificate_is_exact_at_the_minimum_and_never_false(
    seed: int, n: int, more: int, k: int, scale: float
) -> None:
    d = max(n, k) + more
    on = pursuit(seed, n, d, k, scale)
    dual = linprog(-on.b, A_ub=np.vstack([on.A.T, -on.A.T]), b_ub=np.ones(2 * d), bounds=(None, None))  # f* otherwise
    lower, upper, best = bracket(on)
    assert abs(upper + dual.fun) <= 1e-6 * upper
    assert upper - lower <= 1e-12 * d * upper
    assert on.violation(best) <= d * EPS
    assert np.count_nonzero(best) <= n
    rng = np.random.default_rng(seed)
    for theta in (best + rng.choice([0.0, 0.1, 1e-6, 10]) * rng.standard_normal(d) / scale, np.zeros(d)):
        f = on.value(theta)
        for bound in (on.gap(theta), on.saddle_gap(theta, scale * rng.standard_normal(n))):
            assert f - bound <= upper * (1 + 1e-12) + 8 * EPS * f, "it holds off the equations too"


@settings(max_examples=6)
@given(seed=SEEDS, shape=st.sampled_from([(60, 120, 4), (40, 60, 3), (30, 100, 3)]), scale=st.sampled_from([1e-3, 50]))
def test_splitting_finds_the_sparse_solution(seed: int, shape: tuple[int, int, int], scale: float) -> None:
    on = pursuit(seed, *shape, scale)
    best = next(candidates(on))
    assert np.count_nonzero(best) == shape[2], "the hidden one"
    for method in SPLITTING:
        theta = answer(method, on, on.dim, 5000)  # a hidden entry far smaller than the others comes late
        assert on.violation(theta) <= 1e-3, method
        assert abs(on.value(theta) - on.value(best)) <= 1e-3 * on.value(best), method


@pytest.mark.parametrize("method", [*SPLITTING, ScipyLinprog(), ScipyLinprog("highs-ipm")])
def test_solved_means_small_gap_and_small_violation(method: Any) -> None:
    on = problem("basis-pursuit")
    outcome = run_cell(on, method, 0, Rule(), reference("basis-pursuit"))
    assert outcome.status == "solved", outcome.reason
    assert outcome.gap <= 1e-6
    assert outcome.trace[-1].violation <= 1e-6
    assert outcome.iterations < 450, "from a dual of 0, F having no slope off b"


def test_zero_is_below_the_minimum_and_no_solution() -> None:
    on = problem("basis-pursuit")
    assert on.value(np.zeros(on.dim)) < reference("basis-pursuit").lower
    assert on.violation(np.zeros(on.dim)) == 1
    assert on.gap(np.full(on.dim, np.nan)) == np.inf


# --- total variation


@settings(max_examples=200)
@given(drawn=signals())
def test_a_taut_string_is_the_minimum_to_the_last_digits(drawn: Any) -> None:
    on = weighed(drawn)
    n, scale = len(on.y), float(on.y @ on.y) / (2 * len(on.y)) + np.finfo(float).tiny
    theta = answer(TautString(), on, n)
    assert on.gap(theta) <= 30 * n * EPS * scale
    assert theta.mean() == pytest.approx(on.y.mean(), abs=30 * EPS * abs(on.y).max())
    rng = np.random.default_rng(0)
    other = theta + rng.choice([1e-3, 1.0]) * np.ptp(on.y) * rng.standard_normal(n)
    for bound in (on.gap(other), on.saddle_gap(other, rng.standard_normal(n - 1))):
        assert bound >= on.value(other) - on.value(theta) - 30 * n * EPS * (scale + on.value(other))


@settings(max_examples=60)
@given(drawn=signals(), power=st.integers(-20, 20))
def test_a_taut_string_follows_what_is_done_to_its_signal(drawn: Any, power: int) -> None:
    on = weighed(drawn)
    y, n = on.y, len(on.y)
    theta, near = answer(TautString(), on, n), 100 * n * EPS * abs(on.y).max()

    def string(y: np.ndarray, weight: float) -> np.ndarray:
        return answer(TautString(), Denoising(y, weight), n)

    np.testing.assert_array_equal(string(2.0**power * y, 2.0**power * on.weight), 2.0**power * theta)
    np.testing.assert_allclose(string(-y, on.weight), -theta, atol=near)
    np.testing.assert_allclose(string(y[::-1].copy(), on.weight), theta[::-1], atol=near)
    np.testing.assert_allclose(string(y + y[0], on.weight), theta + y[0], atol=4 * near)
    np.testing.assert_allclose(string(y, 2 * (np.ptp(y) + 1.0)), y.mean(), atol=near)
    np.testing.assert_allclose(string(y, 1e-300), y, atol=near)
    more = string(theta, on.weight / 3)  # what has been done by a third more weight
    np.testing.assert_allclose(more, string(y, on.weight / 3 * 4), atol=100 * near)


@settings(max_examples=20)
@given(
    seed=SEEDS, n=st.sampled_from([2, 3, 20, 60]), weight=st.sampled_from([1e-3, 1e-2, 10.0]), unit=st.integers(-9, 9)
)
def test_splitting_finds_the_taut_string(seed: int, n: int, weight: float, unit: int) -> None:
    plain = total_variation(n=n, pieces=2, weight=weight, seed=seed)
    on = Denoising(2.0**unit * plain.y, 2.0**unit * weight)
    known = answer(TautString(), on, n)
    for method in SPLITTING:
        found = answer(method, on, n, 20_000)
        assert on.value(found) - on.value(known) <= 1e-10 * on.value(np.zeros(n)), method
        assert on.gap(found) <= 1e-7 * on.value(np.zeros(n)), method


class Filled(Denoising):
    """The same with K as an array."""

    def operator(self) -> np.ndarray:
        array: np.ndarray = super().operator().toarray()
        return array


@pytest.mark.parametrize("method", SPLITTING)
def test_a_sparse_operator_gives_the_same_iterates(method: Any) -> None:
    y = total_variation(n=30, pieces=3).y
    sparse, dense = (flat(method.iterate(kind(y, 0.01), np.zeros(30), np.random.default_rng(0)), 50) for kind in
                     (Denoising, Filled))  # fmt: skip
    np.testing.assert_allclose(sparse, dense, atol=1e-12)


@pytest.mark.parametrize("method", [TautString(), *SPLITTING])
def test_a_hundred_thousand_points_are_no_matter(method: Any) -> None:
    """A dense matrix of them would take 80 GB."""
    on = total_variation(n=100_000, pieces=1000)
    last = answer(method, on, on.dim, 20)
    assert np.isfinite(on.gap(last))
    assert last.any()
    if isinstance(method, TautString):
        assert on.gap(last) <= 1e-14
        assert on.measures(last)["pieces"] == 1 + np.count_nonzero(np.diff(last))
        levels = last[np.r_[0, np.flatnonzero(np.diff(last)) + 1]]
        assert (np.diff(levels) != 0).all()


# --- the saddle form and the steps


@settings(max_examples=40)
@given(
    seed=SEEDS,
    step=st.floats(1e-3, 1e3),
    which=st.sampled_from(["basis-pursuit(n=5, d=9, k=2)", "total-variation(n=9, pieces=3)"]),
)
def test_proxes_are_stationary_and_firm(seed: int, step: float, which: str) -> None:
    on = problem(which)
    rng = np.random.default_rng(seed)
    m = on.operator().shape[0]
    for prox, size in ((on.prox_rest, on.dim), (on.prox_conjugate, m)):
        v, other = 3 * rng.standard_normal((2, size))
        u, u_other = prox(v, step), prox(other, step)
        assert (u - u_other) @ (u - u_other) <= (u - u_other) @ (v - other) * (1 + 1e-12) + 1e-12
    v = 3 * rng.standard_normal(m)
    p = on.prox_conjugate(v, step)
    u = (v - p) / step  # where F has slope p
    if isinstance(on, SparseSolution):
        np.testing.assert_allclose(u, on.b, atol=1e-10 * (1 + 1 / step))
    else:
        assert np.all((abs(p) < on.weight) & (abs(u) < 1e-9) | (p * np.sign(u) == on.weight) | (abs(p) == on.weight))
    v = 3 * rng.standard_normal(on.dim)
    u = on.prox_rest(v, step)
    slope = (v - u) / step
    if isinstance(on, SparseSolution):
        assert abs(slope).max() <= 1 + 1e-12
        np.testing.assert_allclose(slope[u != 0], np.sign(u[u != 0]), atol=1e-12 * (1 + abs(v).max() / step))
    else:
        np.testing.assert_allclose(slope, (u - on.y) / on.dim, atol=1e-12 * (1 + abs(v).max() / step))


@pytest.mark.parametrize("spec", ["total-variation", "total-variation(n=3, pieces=1)", "basis-pursuit"])
@pytest.mark.parametrize("seed", range(3))
def test_default_steps_keep_to_their_limit(spec: str, seed: int) -> None:
    on = problem(spec)
    K = on.operator()
    exact = norm(K.toarray() if sp.issparse(K) else K, 2) ** 2
    assert exact <= _squared_norm(K, on, np.random.default_rng(seed)) <= 1.1 * exact


@pytest.mark.parametrize("spec", ["total-variation(n=30, pieces=3)", "basis-pursuit(n=12, d=30, k=3)"])
def test_the_primal_dual_method_never_moves_away_from_the_saddle(spec: str) -> None:
    """|x|^2/tau - 2 p.K x + |p|^2/sigma never rises at tau sigma |K|^2 = 1; far beyond that basis pursuit is lost."""
    on = problem(spec)
    K = on.operator()
    sigma = on.stiffness() / 16
    limit = norm(K.toarray() if sp.issparse(K) else K, 2) ** 2
    method = PrimalDual(sigma, 1 / (sigma * limit))
    pairs = list(method.pairs(on, np.zeros(on.dim), np.random.default_rng(0)))
    best, dual = pairs[-1]
    assert on.saddle_gap(best, dual) <= 1e-12 * (1 + on.value(best))
    moves = [(theta - best, p - dual) for (theta, _), (_, p) in pairwise(pairs)]
    far = [x @ x / method.tau - 2 * p @ (K @ x) + p @ p / sigma for x, p in moves]
    assert all(after <= before + 1e-9 * far[0] for before, after in pairwise(far))
    if isinstance(on, SparseSolution):
        with np.errstate(all="ignore"):
            assert not on.violation(answer(PrimalDual(sigma, 4 / (sigma * limit)), on, on.dim, 3000)) <= 1e-3


# --- what they say of themselves


@pytest.mark.parametrize("spec", ["basis-pursuit", "total-variation"])
@pytest.mark.parametrize("form", [Composite, Smooth, LeastSquares, LinearModel])
def test_what_is_missing_is_said(spec: str, form: Any) -> None:
    assert len(problem(spec).lacks(form).split()) > 6


def test_who_cannot_solve_it_says_so() -> None:
    for name in ("genetic", "metropolis-hastings", "simulated-annealing", "scipy-differential-evolution"):
        assert "A theta = b" in solver(name).objection(problem("basis-pursuit"))
        assert solver(name).objection(problem("total-variation")) is None
    for name in ("fista", "projected-gradient"):
        assert "prox" in solver(name).objection(problem("total-variation"))
    assert "total variation" in solver("taut-string").objection(problem("basis-pursuit"))
    with np.errstate(all="ignore"), pytest.raises(Breakdown, match="overflow"):
        answer(TautString(), Denoising(np.array([1e308, -1e308, 1e308, 1e308]), 1.0), 4)
    contradictory = SparseSolution(np.ones((2, 3)), np.array([1.0, 2.0]))
    with pytest.raises(Breakdown, match="HiGHS finds no solution"):
        answer(ScipyLinprog(), contradictory, 3)


@pytest.mark.parametrize(
    "given", ["basis-pursuit(k=0)", "basis-pursuit(n=9, d=8)", "total-variation(weight=0)", "total-variation(n=1)",
              "total-variation(pieces=1001)", "total-variation(noise=-1)"],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_refused(given: str) -> None:
    with pytest.raises(SpecError, match="it must be"):
        problem(given)


def test_a_file_is_a_signal_or_a_set_of_equations(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    rows = np.random.default_rng(0).standard_normal((4, 6))
    np.savetxt(path, np.round(rows, 3), delimiter=",", header="a,b,c,d,e,g", comments="")
    on = problem(f"total-variation(data={path}, target=c, weight=0.1)")
    np.testing.assert_array_equal(on.y, np.round(rows[:, 2], 3))
    on = problem(f"basis-pursuit(data={path}, standardize=false)")
    assert on.A.shape == (4, 5)
    assert bracket(on)[1] > 0
    np.savetxt(path, np.round(rows[:, :3], 3), delimiter=",", header="a,b,c", comments="")
    with pytest.raises(DataError, match="no theta solves all 4 equations"):
        basis_pursuit(data=str(path), standardize=False)
    np.savetxt(path, np.round(rows * [1, 1, 1, 1, 1, 0], 3), delimiter=",", header="a,b,c,d,e,g", comments="")
    with pytest.raises(DataError, match="target is 0"):
        basis_pursuit(data=str(path), standardize=False)
    with pytest.raises(SpecError, match="is for synthetic data"):
        problem(f"total-variation(data={path}, noise=1)")
