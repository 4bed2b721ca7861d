"""Total variation: the taut string, its certificate, and splitting methods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.data.synthetic.signals import PiecewiseConstant
from problems.foundation.arrays import EPS
from problems.signals.total_variation import Denoising, total_variation
from solvers.composite.splitting import ADMM, PrimalDual
from solvers.composite.taut_string import TautString
from tests.helpers.small_problems import answer, flat

SEEDS = st.integers(0, 2**32)
SPLITTING: tuple[Any, ...] = (ADMM(), PrimalDual())


@st.composite
def signals(draw: Any) -> Any:
    """Signals with jumps and noise, random walks, whole numbers with many ties, constants; and positive weights."""
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


def with_relative_weight(signal: Any) -> Any:
    """The signal with a weight in the units of the signal."""
    problem, weight = signal
    return Denoising(problem.y, weight * (np.ptp(problem.y) or 1.0) / len(problem.y))


@settings(max_examples=200)
@given(signal=signals())
def test_a_taut_string_is_the_minimum_to_the_last_digits(signal: Any) -> None:
    problem = with_relative_weight(signal)
    n, scale = len(problem.y), float(problem.y @ problem.y) / (2 * len(problem.y)) + np.finfo(float).tiny
    theta = answer(TautString(), problem, n)
    assert problem.gap(theta) <= 30 * n * EPS * scale
    assert theta.mean() == pytest.approx(problem.y.mean(), abs=30 * EPS * abs(problem.y).max())
    rng = np.random.default_rng(0)
    other = theta + rng.choice([1e-3, 1.0]) * np.ptp(problem.y) * rng.standard_normal(n)
    for bound in (problem.gap(other), problem.saddle_gap(other, rng.standard_normal(n - 1))):
        assert bound >= problem.value(other) - problem.value(theta) - 30 * n * EPS * (scale + problem.value(other))


@settings(max_examples=60)
@given(signal=signals(), power=st.integers(-20, 20))
def test_a_taut_string_follows_transformations_of_its_signal(signal: Any, power: int) -> None:
    problem = with_relative_weight(signal)
    y, n = problem.y, len(problem.y)
    theta, near = answer(TautString(), problem, n), 100 * n * EPS * abs(problem.y).max()

    def string(y: np.ndarray, weight: float) -> np.ndarray:
        return answer(TautString(), Denoising(y, weight), n)

    np.testing.assert_array_equal(string(2.0**power * y, 2.0**power * problem.weight), 2.0**power * theta)
    np.testing.assert_allclose(string(-y, problem.weight), -theta, atol=near)
    np.testing.assert_allclose(string(y[::-1].copy(), problem.weight), theta[::-1], atol=near)
    np.testing.assert_allclose(string(y + y[0], problem.weight), theta + y[0], atol=4 * near)
    np.testing.assert_allclose(string(y, 2 * (np.ptp(y) + 1.0)), y.mean(), atol=near)
    np.testing.assert_allclose(string(y, 1e-300), y, atol=near)
    more = string(theta, problem.weight / 3)  # two denoisings in sequence are one with the sum of the weights
    np.testing.assert_allclose(more, string(y, problem.weight / 3 * 4), atol=100 * near)


@settings(max_examples=20)
@given(
    seed=SEEDS, n=st.sampled_from([2, 3, 20, 60]), weight=st.sampled_from([1e-3, 1e-2, 10.0]), unit=st.integers(-9, 9)
)
def test_splitting_finds_the_taut_string(seed: int, n: int, weight: float, unit: int) -> None:
    y = total_variation(PiecewiseConstant(n=n, pieces=2, seed=seed), weight).y
    problem = Denoising(2.0**unit * y, 2.0**unit * weight)
    known = answer(TautString(), problem, n)
    for method in SPLITTING:
        theta = answer(method, problem, n, 20_000)
        assert problem.value(theta) - problem.value(known) <= 1e-10 * problem.value(np.zeros(n)), method
        assert problem.gap(theta) <= 1e-7 * problem.value(np.zeros(n)), method


class DenseDenoising(Denoising):
    """The same with K as an array."""

    def operator(self) -> np.ndarray:
        array: np.ndarray = super().operator().toarray()
        return array


@pytest.mark.parametrize("method", SPLITTING)
def test_a_sparse_operator_gives_the_same_iterates(method: Any) -> None:
    y = total_variation(PiecewiseConstant(n=30, pieces=3)).y
    sparse, dense = (flat(method.iterate(kind(y, 0.01), np.zeros(30), np.random.default_rng(0)), 50) for kind in
                     (Denoising, DenseDenoising))  # fmt: skip
    np.testing.assert_allclose(sparse, dense, atol=1e-12)


@pytest.mark.parametrize("method", [TautString(), *SPLITTING])
def test_a_hundred_thousand_points_are_possible(method: Any) -> None:
    """A dense matrix K would need 80 GB."""
    problem = total_variation(PiecewiseConstant(n=100_000, pieces=1000))
    last = answer(method, problem, problem.dim, 20)
    assert np.isfinite(problem.gap(last))
    assert last.any()
    if isinstance(method, TautString):
        assert problem.gap(last) <= 1e-14
        assert problem.measures(last)["pieces"] == 1 + np.count_nonzero(np.diff(last))
        levels = last[np.r_[0, np.flatnonzero(np.diff(last)) + 1]]
        assert (np.diff(levels) != 0).all()
