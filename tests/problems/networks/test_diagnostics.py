"""What the diagnostics report is what a network computes: signals, gradients, dead and distinct units."""

from __future__ import annotations

import numpy as np
import pytest

from problems.data.synthetic.shapes import Moons
from problems.networks.diagnostics import (
    dead_units,
    distinct_units,
    passes,
    preactivation_gradients,
    preactivation_variances,
    weight_gradient_norms,
)
from problems.networks.problem import network


def test_the_norms_are_those_of_the_gradient_without_the_penalty() -> None:
    net, penalised = (network(Moons(n=30), hidden=(4, 3), l2=l2) for l2 in (0.0, 1.0))
    theta = np.random.default_rng(1).standard_normal(net.dim)
    g = net.value_and_gradient(theta)[1]
    expected = [np.linalg.norm(layer.weights(g)) for layer in net.layers]
    for model in (net, penalised):
        np.testing.assert_allclose(weight_gradient_norms(passes(model, theta)), expected, rtol=1e-12)


def test_variances_and_gradients_of_the_preactivations() -> None:
    net = network(Moons(n=30), hidden=(4,))
    theta = np.random.default_rng(1).standard_normal(net.dim)
    first, second = net.layers
    Z1 = net.X @ first.weights(theta) + first.biases(theta)
    Z2 = np.tanh(Z1) @ second.weights(theta) + second.biases(theta)
    run = passes(net, theta)
    assert preactivation_variances(run) == pytest.approx([Z1.var(), Z2.var()])
    D2 = -net.y[:, None] / (1 + np.exp(net.y[:, None] * Z2)) / net.n  # of log(1 + exp(-y z)) / n
    D1 = (D2 @ second.weights(theta).T) * (1 - np.tanh(Z1) ** 2)
    roots = [np.sqrt(np.mean(D**2)) for D in (D1, D2)]
    assert preactivation_gradients(run) == pytest.approx(roots)


@pytest.mark.parametrize(("activation", "dead"), [("relu", 2), ("leaky-relu", 0), ("maxout", 0)])
def test_a_unit_is_dead_if_its_derivative_is_zero_on_every_row(activation: str, dead: int) -> None:
    net = network(Moons(n=30), hidden=(5,), activation=activation)  # type: ignore[arg-type]
    theta = net.start(np.random.default_rng(0))
    assert dead_units(passes(net, theta)) == 0
    net.layers[0].biases(theta)[:2] = -100.0
    assert dead_units(passes(net, theta)) == dead


def test_units_are_distinct_if_a_weight_or_a_bias_differs() -> None:
    net = network(Moons(n=30), hidden=(4,))
    theta = np.zeros(net.dim)
    assert distinct_units(net, theta) == 1
    net.layers[0].biases(theta)[0] = 1e-3
    assert distinct_units(net, theta) == 2
    net.layers[1].weights(theta)[3] = 1e-3
    assert distinct_units(net, theta) == 3
