"""Initialisers: the stated variances of each layer, and trained weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.networks.network import dense_network
from problems.networks.problem import network
from problems.networks.propagation import forward
from problems.parts.activations import ACTIVATIONS
from problems.parts.initialisers import INITIALISERS
from tests.helpers.small_problems import problem as small_problem

NAMES = [name for name in INITIALISERS if name != "warm-start"]
WIDTHS = (40, 90, 60, 50)


def wide_network(initialiser: str, activation: str = "tanh") -> Any:
    X = np.random.default_rng(0).standard_normal((60, WIDTHS[0]))
    return dense_network(X, np.zeros(60), small_problem("network").loss, (*WIDTHS, 1), activation, 0.0, initialiser)


@pytest.mark.parametrize("activation", ["tanh", "maxout", "prelu"])
@pytest.mark.parametrize("name", NAMES)
def test_the_weights_of_each_layer_have_the_stated_variance(name: str, activation: str) -> None:
    """Within five standard deviations of the variance of a sample."""
    problem = wide_network(name, activation)
    starts = [problem.start(np.random.default_rng(seed)) for seed in range(10)]
    for layer in problem.layers:
        weights = np.array([layer.weights(theta) for theta in starts])
        variance = INITIALISERS[name].variance(layer.fan_in, layer.fan_out)
        assert abs(weights.mean()) <= 5 * np.sqrt(variance / weights.size)
        assert abs(np.mean(weights**2) - variance) <= 5 * variance * np.sqrt(2 / weights.size)
        for theta in starts:
            assert not layer.biases(theta).any()
            assert tuple(layer.parameters(theta)) == layer.activation.initial_parameters


def test_xavier_is_uniform_and_the_others_are_not() -> None:
    rng = np.random.default_rng(0)
    end = np.sqrt(6 / (300 + 200))
    W = INITIALISERS["xavier"].draw(rng, 300, 200)
    assert abs(W).max() <= end
    assert abs(np.mean(abs(W) < end / 2) - 0.5) < 0.01
    assert all(abs(INITIALISERS[name].draw(rng, 300, 200)).max() > end for name in ("normal", "he", "orthogonal"))


@given(seed=st.integers(0, 2**32), fan_in=st.integers(1, 40), fan_out=st.integers(1, 40))
def test_orthogonal_weights_are_orthogonal_up_to_rounding(seed: int, fan_in: int, fan_out: int) -> None:
    W = INITIALISERS["orthogonal"].draw(np.random.default_rng(seed), fan_in, fan_out)
    G = W.T @ W if fan_in >= fan_out else W @ W.T
    assert W.shape == (fan_in, fan_out)
    assert np.linalg.norm(G - np.eye(len(G)), 1) <= 30 * max(W.shape) * EPS


@pytest.mark.parametrize(("name", "activation"), [("he", "relu"), ("orthogonal", "linear")])
def test_he_and_orthogonal_weights_keep_the_size_of_the_activations(name: str, activation: str) -> None:
    """Through ten layers He's weights keep the mean square before relu, and orthogonal ones the norm of every row."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, 100))
    loss, widths = small_problem("network").loss, (*[100] * 11, 1)
    problem: Any = dense_network(X, np.zeros(400), loss, widths, activation, 0.0, name)
    theta = problem.start(rng)
    inputs = forward(problem.layers, theta, X).inputs
    before = [A @ layer.weights(theta) for layer, A in zip(problem.layers, inputs, strict=True)]
    ratios = [np.mean(Z**2) / np.mean(before[0] ** 2) for Z in before[:-1]]
    low, high = (0.3, 3.0) if name == "he" else (1 - 1e-12, 1 + 1e-12)
    assert all(low < ratio < high for ratio in ratios), ratios


def test_from_zeros_the_units_of_a_hidden_layer_stay_equal() -> None:
    problem = small_problem("network(initialiser=zeros, hidden=[4, 3], activation=sigmoid)")
    theta = problem.start(np.random.default_rng(0))
    for _ in range(30):
        theta = theta - 0.5 * problem.gradient(theta)
    assert problem.gradient(theta).any()
    for layer in problem.layers[:-1]:
        assert np.ptp(layer.weights(theta), axis=1).max() <= 1e-15


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_a_warm_start_is_better_than_its_own_start_and_repeatable(seed: int) -> None:
    warm, cold = (small_problem(f"network(n=60, initialiser={kind})") for kind in ("warm-start", "xavier"))
    theta = warm.start(np.random.default_rng(seed))
    assert np.array_equal(theta, warm.start(np.random.default_rng(seed)))
    assert warm.value(theta) < cold.value(cold.start(np.random.default_rng(seed)))


def test_a_warm_start_reads_weights_from_a_file_and_refuses_other_files(tmp_path: Path) -> None:
    def saved(name: str, array: Any) -> str:
        np.save(tmp_path / name, array, allow_pickle=True)
        return str(tmp_path / name)

    size = network(hidden=3).dim
    trained = np.random.default_rng(0).standard_normal(size)
    problem = network(hidden=3, initialiser="warm-start", weights=saved("good.npy", trained))
    theta = problem.start(np.random.default_rng(5))
    assert np.array_equal(theta, trained)
    assert not np.shares_memory(theta, problem.start(np.random.default_rng(5)))
    trained[2] = np.nan
    np.savez(tmp_path / "many.npz", a=trained, b=trained)
    (tmp_path / "text.npy").write_text("0.1 0.2")
    for file, words in (
        (saved("nan.npy", trained), "at entry 2"),
        (saved("short.npy", trained[1:]), f"theta has shape \\({size},\\)"),
        (saved("objects.npy", np.array([{}] * size, object)), "not an array of numbers"),
        (str(tmp_path / "many.npz"), "several arrays"),
        (str(tmp_path / "text.npy"), "not an array of numbers"),
        (str(tmp_path / "none.npy"), "cannot be read"),
    ):
        with pytest.raises(DataError, match=words):
            network(hidden=3, initialiser="warm-start", weights=file)
    with pytest.raises(ValueError, match="weights are for initialiser=warm-start"):
        network(weights="good.npy")


def test_prelu_starts_with_the_slope_of_its_authors() -> None:
    assert ACTIVATIONS["prelu"].initial_parameters == (0.25,)
