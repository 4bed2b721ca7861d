"""The table of activations: each property is verified on dense samples, and the derivatives are consistent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.questions.activations.cost import nanoseconds
from problems.foundation.arrays import EPS
from problems.parts.activations import ACTIVATIONS, Activation, LocalActivation

WIDTH = 3
STEP = 1e-4
NAMES = pytest.mark.parametrize("name", ACTIVATIONS)


def at(a: Activation, Z: np.ndarray) -> LocalActivation:
    return a.at(Z, np.array(a.initial_parameters))


def along(a: Activation, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first output as a function of the first input t, the other inputs being 0, with its first two derivatives."""
    Z = np.zeros((t.size, a.pieces * WIDTH))
    Z[:, 0] = t
    E, G = np.zeros_like(Z), np.zeros((t.size, WIDTH))
    E[:, 0] = G[:, 0] = 1.0
    local, dp = at(a, Z), np.zeros(len(a.initial_parameters))
    return local.A[:, 0], local.jvp(E, dp)[:, 0], local.vjp_derivative(G, E, dp)[0][:, 0]


@NAMES
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), scale=st.sampled_from([0.1, 1.0, 30.0, 1e4, 1e200]))
def test_it_stays_in_its_range_and_is_finite_for_large_inputs(name: str, seed: int, scale: float) -> None:
    a = ACTIVATIONS[name]
    Z = scale * np.random.default_rng(seed).standard_normal((200, a.pieces * WIDTH))
    local, E = at(a, Z), np.ones_like(Z)
    assert local.A.shape == (200, WIDTH)
    assert local.A.min() >= a.least - EPS
    assert local.A.max() <= a.greatest + EPS
    assert np.isfinite(local.jvp(E, np.zeros(len(a.initial_parameters)))).all()
    assert np.isfinite(local.vjp_derivative(np.ones((200, WIDTH)), E, np.zeros(len(a.initial_parameters)))[0]).all()


@NAMES
def test_it_approaches_both_ends_of_its_range(name: str) -> None:
    a = ACTIVATIONS[name]
    line = np.linspace(-2000, 2000, 2_000_001)
    Z = np.zeros((line.size, a.pieces * WIDTH))
    Z[:, ::WIDTH] = line[:, None]  # one input of each piece
    A = at(a, Z).A
    assert A.min() < -1 if a.least == -np.inf else A.min() - a.least < 1e-5
    assert A.max() > 1000 if a.greatest == np.inf else a.greatest - A.max() < 1e-5


@NAMES
def test_it_is_monotone_or_not_as_stated(name: str) -> None:
    a = ACTIVATIONS[name]
    value, derivative, _ = along(a, np.linspace(-20, 20, 400_001))
    assert bool((np.diff(value) >= -1e-15).all()) == a.monotone
    changes = np.diff(derivative)
    assert bool((changes >= -1e-13).all() or (changes <= 1e-13).all()) == a.monotone_derivative


@NAMES
def test_it_has_the_stated_number_of_continuous_derivatives(name: str) -> None:
    a = ACTIVATIONS[name]
    t = np.arange(-3, 3, STEP) + STEP / 2
    derivatives = [*along(a, t)]
    derivatives.append(np.diff(derivatives[-1]) / STEP)
    jumps = [float(abs(np.diff(d)).max()) for d in derivatives]
    continuous = [jump < 0.01 for jump in jumps]
    first = continuous.index(False) if False in continuous else len(continuous)
    assert (first == len(continuous)) if a.order == np.inf else (first == a.order + 1), jumps


@NAMES
def test_it_is_close_to_the_identity_near_zero_or_not_as_stated(name: str) -> None:
    a = ACTIVATIONS[name]
    t = np.array([-1e-3, -1e-4, -1e-5, 1e-5, 1e-4, 1e-3])
    value, *_ = along(a, t)
    assert bool((abs(value - t) <= t * t).all()) == a.identity


@NAMES
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_jvp_vjp_and_the_derivative_of_vjp_belong_to_one_function(name: str, seed: int) -> None:
    """jvp is compared with differences, vjp with its transpose, and the derivative of vjp with differences of vjp."""
    a, rng = ACTIVATIONS[name], np.random.default_rng(seed)
    Z, p = rng.standard_normal((4, a.pieces * WIDTH)), rng.uniform(0.1, 0.9, len(a.initial_parameters))
    dZ, dp, G = rng.standard_normal(Z.shape), rng.standard_normal(p.size), rng.standard_normal((4, WIDTH))
    h = 1e-7
    kept = np.sign(Z - h * dZ) == np.sign(Z + h * dZ)
    if not kept.all() or (a.pieces > 1 and (abs(Z[:, :WIDTH] - Z[:, WIDTH:]) < 1e-5).any()):
        return  # a kink lies between
    local, up, down = a.at(Z, p), a.at(Z + h * dZ, p + h * dp), a.at(Z - h * dZ, p - h * dp)
    np.testing.assert_allclose(local.jvp(dZ, dp), (up.A - down.A) / (2 * h), rtol=1e-6, atol=1e-7)
    in_Z, in_p = local.vjp(G)
    assert in_p.shape == (4, p.size)
    np.testing.assert_allclose(np.sum(in_Z * dZ) + in_p.sum(0) @ dp, np.sum(G * local.jvp(dZ, dp)), rtol=1e-12)
    for moved, one, other in zip(local.vjp_derivative(G, dZ, dp), up.vjp(G), down.vjp(G), strict=True):
        np.testing.assert_allclose(moved, (one - other) / (2 * h), rtol=1e-6, atol=1e-7)


@NAMES
def test_nan_stays_nan_in_its_row(name: str) -> None:
    a = ACTIVATIONS[name]
    Z = np.zeros((2, a.pieces * WIDTH))
    Z[1, 0] = np.nan
    A = a(Z)
    assert np.isfinite(A[0]).all()
    assert np.isnan(A[1, 0])


def test_its_cost_is_measured_on_request() -> None:
    assert all(0 < cost < 1e6 for cost in nanoseconds("relu", rows=50, width=4, repeats=2))
