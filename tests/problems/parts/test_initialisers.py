"""Initialisers: the variances they state, layer by layer, and weights learned before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.networks.network import layered
from problems.networks.problem import network
from problems.networks.propagation import forward
from problems.parts.activations import ACTIVATIONS
from problems.parts.initialisers import INITIALISERS
from tests.helpers.small_problems import problem

NAMES = [name for name in INITIALISERS if name != "warm-start"]
WIDTHS = (40, 90, 60, 50)


def wide(initialiser: str, activation: str = "tanh") -> Any:
    X = np.random.default_rng(0).standard_normal((60, WIDTHS[0]))
    return layered(X, np.zeros(60), problem("network").loss, (*WIDTHS, 1), activation, 0.0, initialiser)


@pytest.mark.parametrize("activation", ["tanh", "maxout", "prelu"])
@pytest.mark.parametrize("name", NAMES)
def test_each_layer_s_weights_have_the_variance_that_is_stated(name: str, activation: str) -> None:
    """Within five standard deviations of a sample's variance."""
    on = wide(name, activation)
    starts = [on.start(np.random.default_rng(seed)) for seed in range(10)]
    for layer in on.layers:
        weights = np.array([layer.weights(theta) for theta in starts])
        wanted = INITIALISERS[name].variance(layer.fan_in, layer.fan_out)
        assert abs(weights.mean()) <= 5 * np.sqrt(wanted / weights.size)
        assert abs(np.mean(weights**2) - wanted) <= 5 * wanted * np.sqrt(2 / weights.size)
        for theta in starts:
            assert not layer.biases(theta).any()
            assert tuple(layer.parameters(theta)) == layer.activation.own


def test_xavier_is_uniform_and_the_others_are_not() -> None:
    rng = np.random.default_rng(0)
    end = np.sqrt(6 / (300 + 200))
    W = INITIALISERS["xavier"].draw(rng, 300, 200)
    assert abs(W).max() <= end
    assert abs(np.mean(abs(W) < end / 2) - 0.5) < 0.01
    assert all(abs(INITIALISERS[name].draw(rng, 300, 200)).max() > end for name in ("normal", "he", "orthogonal"))


@given(seed=st.integers(0, 2**32), fan_in=st.integers(1, 40), fan_out=st.integers(1, 40))
def test_orthogonal_is_so_to_rounding(seed: int, fan_in: int, fan_out: int) -> None:
    W = INITIALISERS["orthogonal"].draw(np.random.default_rng(seed), fan_in, fan_out)
    G = W.T @ W if fan_in >= fan_out else W @ W.T
    assert W.shape == (fan_in, fan_out)
    assert np.linalg.norm(G - np.eye(len(G)), 1) <= 30 * max(W.shape) * EPS


@pytest.mark.parametrize(("name", "activation"), [("he", "relu"), ("orthogonal", "linear")])
def test_what_it_was_made_for_it_does(name: str, activation: str) -> None:
    """Through ten layers He's weights keep the mean square before relu, and orthogonal ones every length."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, 100))
    on: Any = layered(X, np.zeros(400), problem("network").loss, (*[100] * 11, 1), activation, 0.0, name)
    theta = on.start(rng)
    inputs = forward(on.layers, theta, X).inputs
    given_to = [A @ layer.weights(theta) for layer, A in zip(on.layers, inputs, strict=True)]
    ratios = [np.mean(Z**2) / np.mean(given_to[0] ** 2) for Z in given_to[:-1]]
    low, high = (0.3, 3.0) if name == "he" else (1 - 1e-12, 1 + 1e-12)
    assert all(low < ratio < high for ratio in ratios), ratios


def test_from_zeros_hidden_units_stay_copies_of_one_another() -> None:
    on = problem("network(initialiser=zeros, hidden=[4, 3], activation=sigmoid)")
    theta = on.start(np.random.default_rng(0))
    for _ in range(30):
        theta = theta - 0.5 * on.gradient(theta)
    assert on.gradient(theta).any()
    for layer in on.layers[:-1]:
        assert np.ptp(layer.weights(theta), axis=1).max() <= 1e-15


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_a_warm_start_has_learned_and_is_repeatable(seed: int) -> None:
    warm, cold = (problem(f"network(n=60, initialiser={kind})") for kind in ("warm-start", "xavier"))
    theta = warm.start(np.random.default_rng(seed))
    assert np.array_equal(theta, warm.start(np.random.default_rng(seed)))
    assert warm.value(theta) < cold.value(cold.start(np.random.default_rng(seed)))


def test_a_warm_start_takes_weights_from_a_file_and_refuses_all_else(tmp_path: Path) -> None:
    def saved(name: str, array: Any) -> str:
        np.save(tmp_path / name, array, allow_pickle=True)
        return str(tmp_path / name)

    size = network(hidden=3).dim
    learned = np.random.default_rng(0).standard_normal(size)
    on = network(hidden=3, initialiser="warm-start", weights=saved("good.npy", learned))
    theta = on.start(np.random.default_rng(5))
    assert np.array_equal(theta, learned)
    assert not np.shares_memory(theta, on.start(np.random.default_rng(5)))
    learned[2] = np.nan
    np.savez(tmp_path / "many.npz", a=learned, b=learned)
    (tmp_path / "text.npy").write_text("0.1 0.2")
    for file, words in (
        (saved("nan.npy", learned), "at entry 2"),
        (saved("short.npy", learned[1:]), f"theta has shape \\({size},\\)"),
        (saved("objects.npy", np.array([{}] * size, object)), "not an array of numbers"),
        (str(tmp_path / "many.npz"), "several arrays"),
        (str(tmp_path / "text.npy"), "not an array of numbers"),
        (str(tmp_path / "none.npy"), "cannot be read"),
    ):
        with pytest.raises(DataError, match=words):
            network(hidden=3, initialiser="warm-start", weights=file)
    with pytest.raises(ValueError, match="weights are for initialiser=warm-start"):
        network(weights="good.npy")


def test_prelu_starts_where_its_authors_started() -> None:
    assert ACTIVATIONS["prelu"].own == (0.25,)
