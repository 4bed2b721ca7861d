"""Networks of every depth, width, activation and loss: derivatives, native code and certificates."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from problems.certificates.rounding import rounding
from problems.forms import Ledger
from problems.foundation.arrays import EPS
from problems.kernels.layers import network_gradient
from problems.kernels.network import one_hidden_gradient
from problems.networks.network import dense_network
from problems.networks.propagation import forward
from problems.parts import losses, matrix_losses
from problems.parts.activations import ACTIVATIONS
from tests.helpers.plain_networks import f_of_network, predicted
from tests.helpers.small_problems import problem as built

H = 1e-30
KINDS = ("squared", "several squared", "logistic", "softmax")


@dataclass(frozen=True)
class RandomNetwork:
    """A network on random rows, and random points theta."""

    widths: tuple[int, ...]
    activation: str
    kind: str
    l2: float
    n: int
    seed: int

    @property
    def problem(self) -> Any:
        rng = np.random.default_rng(self.seed)
        X = rng.standard_normal((self.n, self.widths[0]))
        if self.kind == "squared":
            y, k, loss = rng.standard_normal(self.n), 1, losses.squared
        elif self.kind == "logistic":
            y, k, loss = rng.choice([-1.0, 1.0], self.n), 1, losses.logistic
        elif self.kind == "softmax":
            y, k, loss = np.arange(self.n) % 3.0, 3, matrix_losses.softmax  # type: ignore[assignment]
        else:
            y, k, loss = rng.standard_normal((self.n, 2)), 2, matrix_losses.squared  # type: ignore[assignment]
        return dense_network(X, y, loss, (*self.widths, k), self.activation, self.l2)

    def points(self, count: int) -> list[np.ndarray]:
        rng = np.random.default_rng(self.seed + 1)
        return [0.7 * rng.standard_normal(self.problem.dim) for _ in range(count)]


NETWORKS = st.builds(
    RandomNetwork,
    st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(KINDS),
    st.sampled_from([0.0, 0.3]),
    st.integers(3, 12),
    st.integers(0, 2**32),
)


def size_of(*terms: Any) -> float:
    return float(sum(np.abs(term).sum() for term in terms)) + 1


@settings(max_examples=150)
@given(NETWORKS)
def test_gradient_by_complex_step(sample: RandomNetwork) -> None:
    problem, (theta, v) = sample.problem, sample.points(2)
    f, g = problem.value_and_gradient(theta)
    exact = f_of_network(problem, theta + 1j * H * v)
    size = np.abs(g) @ np.abs(v) + size_of(f)
    assert abs(f - exact.real) <= 30 * problem.n * EPS * size
    assert abs(exact.imag / H - g @ v) <= 30 * problem.n * EPS * size
    assert abs(problem.value(theta) - f) <= rounding(problem.n, f)


@settings(max_examples=150)
@given(NETWORKS)
def test_hessian_products_are_symmetric_and_the_gradient_s_derivative(sample: RandomNetwork) -> None:
    problem, (theta, u, v) = sample.problem, sample.points(3)
    product = problem.hessian_product(theta)
    Hu, Hv = product(u), product(v)
    assert abs(u @ Hv - v @ Hu) <= 1e3 * EPS * size_of(np.abs(u) @ np.abs(Hv), np.abs(v) @ np.abs(Hu))
    h = 1e-6
    before, after = theta - h * v, theta + h * v
    if crossed(problem, before, after):
        return  # there is a kink between them
    difference = (problem.gradient(after) - problem.gradient(before)) / (2 * h)
    np.testing.assert_allclose(Hv, difference, rtol=1e-5, atol=1e-6 * (1 + abs(Hv).max()))


def crossed(problem: Any, before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a unit is on different sides of a kink at the two points."""
    derivatives = [
        [local.vjp(np.ones_like(local.A))[0] for local in forward(problem.layers, theta, problem.X).activations]
        for theta in (before, after)
    ]
    return any(abs(one - other).max() > 1e-3 for one, other in zip(*derivatives, strict=True))


@settings(max_examples=60)
@given(NETWORKS.filter(lambda sample: "squared" in sample.kind))
def test_residuals_and_their_jacobian(sample: RandomNetwork) -> None:
    problem, (theta, v) = sample.problem, sample.points(2)
    r, J = problem.residual_and_jacobian(theta)
    f, g = problem.value_and_gradient(theta)
    assert np.array_equal(r, problem.residual(theta))
    assert abs(r @ r / 2 - f) <= 30 * problem.n * EPS * size_of(f)
    np.testing.assert_allclose(J.T @ r, g, rtol=1e-11, atol=1e-13 * size_of(g))
    Z, _ = predicted(problem, theta + 1j * H * v)
    tangent = Z.imag.ravel() / H / np.sqrt(problem.n)
    np.testing.assert_allclose((J @ v)[: tangent.size], tangent, rtol=1e-11, atol=1e-13 * size_of(tangent))
    weights = sum(layer.weights(theta).size for layer in problem.layers)
    assert len(r) - tangent.size == (weights if problem.l2 else 0)


@settings(max_examples=100)
@given(
    NETWORKS.filter(lambda sample: ACTIVATIONS[sample.activation].code is not None),
    st.sampled_from([1, 7, 128, 129, 300]),
    st.sampled_from([(), (40, 30)]),
)
def test_the_native_gradient_agrees_with_numpy(sample: RandomNetwork, rows: int, more: tuple[int, ...]) -> None:
    problem: Any = RandomNetwork(
        (*sample.widths, *more), sample.activation, sample.kind, sample.l2, rows + 5, sample.seed
    ).problem
    theta = 0.5 * np.random.default_rng(sample.seed).standard_normal(problem.dim)
    native, g = problem.native(), np.full(problem.dim, np.nan)
    kernel: Any = one_hidden_gradient if native.integers.size == 2 else network_gradient
    scratch = np.full(native.scratch_size, np.nan)
    kernel(theta, native.X, native.y, native.integers, native.floats, scratch, 3, 3 + rows, g)
    expected = problem.batch_gradient(theta, np.arange(3, 3 + rows))
    np.testing.assert_allclose(g, expected, rtol=1e-9, atol=1e-11 * size_of(abs(expected).max()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3, 5)])
def test_linear_layers_have_the_certificate_of_the_equivalent_linear_model(kind: str, hidden: tuple[int, ...]) -> None:
    problem = RandomNetwork((3, *hidden), "linear", kind, 0.0, 12, 5).problem
    theta = np.random.default_rng(0).standard_normal(problem.dim)
    W = problem.collapsed(theta).reshape(4, -1)
    np.testing.assert_allclose(
        problem.X @ W[:3] + W[3], problem.predict(theta, problem.X).reshape(12, -1), rtol=1e-12, atol=1e-12
    )
    known = refer(problem)
    if known.lower != 0:  # the cross-entropy of so few rows may have the infimum 0
        assert known.width <= 1e-9 * known.upper
    assert problem.value(theta) - problem.gap(theta) <= known.upper + rounding(12, known.upper)


def test_a_network_without_hidden_layers_is_certified_with_its_penalty() -> None:
    for kind in KINDS:
        known = refer(RandomNetwork((3,), "tanh", kind, 0.1, 12, 5).problem)
        assert known.width <= 1e-10 * known.upper, kind


def test_only_the_jacobian_needs_memory_for_rows_times_parameters() -> None:
    rng = np.random.default_rng(0)
    n, widths = 2000, (30, 64, 40, 1)
    problem: Any = dense_network(rng.standard_normal((n, 30)), rng.standard_normal(n), losses.squared, widths)
    theta = problem.start(rng)
    bytes_of_jacobian = 8 * n * problem.dim
    tracemalloc.start()
    try:
        problem.value(theta)
        problem.gradient(theta)
        problem.hessian_product(theta)(theta)
        problem.residual(theta)
        peak = tracemalloc.get_traced_memory()[1]
        assert peak < bytes_of_jacobian / 3
        J = problem.residual_and_jacobian(theta)[1]
        assert J.nbytes == bytes_of_jacobian
        assert tracemalloc.get_traced_memory()[1] < 1.3 * bytes_of_jacobian
    finally:
        tracemalloc.stop()


def test_work_is_charged() -> None:
    problem = built("network(n=30, outputs=2)")
    ledger, theta = Ledger(), problem.start(np.random.default_rng(0))
    metered = problem.metered(ledger)
    metered.residual_and_jacobian(theta)
    metered.residual(theta)
    assert (ledger.values, ledger.gradients, ledger.passes) == (1, 1, 2.0)
