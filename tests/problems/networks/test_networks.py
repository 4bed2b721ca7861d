"""Networks of every depth, width, activation and loss: derivatives, native code, collapse, and what is refused."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.comparison.decision_boundary import boundary_of
from experiments.lab.reference.referee import refer
from problems.certificates.rounding import rounding
from problems.forms import Ledger, NonlinearLeastSquares
from problems.foundation.arrays import EPS
from problems.kernels.layers import network_gradient
from problems.kernels.network import one_hidden_gradient
from problems.networks.network import Network, layered
from problems.networks.problem import network
from problems.networks.propagation import forward
from problems.parts import losses, matrix_losses
from problems.parts.activations import ACTIVATIONS
from solvers.first_order.stochastic import SGD
from solvers.second_order.gauss_newton import LevenbergMarquardt
from solvers.second_order.quasi_newton import LBFGS
from tests.helpers.plain_networks import f_of_network, predicted
from tests.helpers.small_problems import flat, problem, solver

H = 1e-30
KINDS = ("squared", "several squared", "logistic", "softmax")


@dataclass(frozen=True)
class Drawn:
    """A network, and three points to look at it."""

    widths: tuple[int, ...]
    activation: str
    kind: str
    l2: float
    n: int
    seed: int

    @property
    def on(self) -> Any:
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
        return layered(X, y, loss, (*self.widths, k), self.activation, self.l2)

    def points(self, many: int) -> list[np.ndarray]:
        rng = np.random.default_rng(self.seed + 1)
        return [0.7 * rng.standard_normal(self.on.dim) for _ in range(many)]


DRAWN = st.builds(
    Drawn,
    st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(KINDS),
    st.sampled_from([0.0, 0.3]),
    st.integers(3, 12),
    st.integers(0, 2**32),
)


def size_of(*parts: Any) -> float:
    return float(sum(np.abs(part).sum() for part in parts)) + 1


@settings(max_examples=150)
@given(DRAWN)
def test_gradient_by_complex_step(drawn: Drawn) -> None:
    on, (theta, v) = drawn.on, drawn.points(2)
    f, g = on.value_and_gradient(theta)
    exact = f_of_network(on, theta + 1j * H * v)
    size = np.abs(g) @ np.abs(v) + size_of(f)
    assert abs(f - exact.real) <= 30 * on.n * EPS * size
    assert abs(exact.imag / H - g @ v) <= 30 * on.n * EPS * size
    assert abs(on.value(theta) - f) <= rounding(on.n, f)


@settings(max_examples=150)
@given(DRAWN)
def test_hessian_products_are_symmetric_and_the_gradient_s_derivative(drawn: Drawn) -> None:
    on, (theta, u, v) = drawn.on, drawn.points(3)
    product = on.hessian_product(theta)
    Hu, Hv = product(u), product(v)
    assert abs(u @ Hv - v @ Hu) <= 1e3 * EPS * size_of(np.abs(u) @ np.abs(Hv), np.abs(v) @ np.abs(Hu))
    h = 1e-6
    before, after = theta - h * v, theta + h * v
    if crossed(on, before, after):
        return  # a kink lies between, where there is no derivative
    difference = (on.gradient(after) - on.gradient(before)) / (2 * h)
    np.testing.assert_allclose(Hv, difference, rtol=1e-5, atol=1e-6 * (1 + abs(Hv).max()))


def crossed(on: Any, before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a unit somewhere turns from one side of a kink to the other."""
    slopes = [
        [local.pull(np.ones_like(local.A))[0] for local in forward(on.layers, theta, on.X).local]
        for theta in (before, after)
    ]
    return any(abs(one - other).max() > 1e-3 for one, other in zip(*slopes, strict=True))


@settings(max_examples=60)
@given(DRAWN.filter(lambda drawn: "squared" in drawn.kind))
def test_residuals_and_their_jacobian(drawn: Drawn) -> None:
    on, (theta, v) = drawn.on, drawn.points(2)
    r, J = on.residual_and_jacobian(theta)
    f, g = on.value_and_gradient(theta)
    assert np.array_equal(r, on.residual(theta))
    assert abs(r @ r / 2 - f) <= 30 * on.n * EPS * size_of(f)
    np.testing.assert_allclose(J.T @ r, g, rtol=1e-11, atol=1e-13 * size_of(g))
    Z, _ = predicted(on, theta + 1j * H * v)
    moved = Z.imag.ravel() / H / np.sqrt(on.n)
    np.testing.assert_allclose((J @ v)[: moved.size], moved, rtol=1e-11, atol=1e-13 * size_of(moved))
    assert len(r) - moved.size == (sum(layer.bias - layer.first for layer in on.layers) if on.l2 else 0)


@settings(max_examples=100)
@given(
    DRAWN.filter(lambda drawn: ACTIVATIONS[drawn.activation].code is not None),
    st.sampled_from([1, 7, 128, 129, 300]),
    st.sampled_from([(), (40, 30)]),
)
def test_the_native_gradient_is_the_other_one(drawn: Drawn, rows: int, more: tuple[int, ...]) -> None:
    on: Any = Drawn((*drawn.widths, *more), drawn.activation, drawn.kind, drawn.l2, rows + 5, drawn.seed).on
    theta = 0.5 * np.random.default_rng(drawn.seed).standard_normal(on.dim)
    native, g = on.native(), np.full(on.dim, np.nan)
    kernel: Any = one_hidden_gradient if native.whole.size == 2 else network_gradient
    scratch = np.full(native.scratch, np.nan)
    kernel(theta, native.X, native.y, native.whole, native.real, scratch, 3, 3 + rows, g)
    expected = on.batch_gradient(theta, np.arange(3, 3 + rows))
    np.testing.assert_allclose(g, expected, rtol=1e-9, atol=1e-11 * size_of(abs(expected).max()))


@pytest.mark.parametrize("activation", [name for name, a in ACTIVATIONS.items() if a.code is None])
def test_what_has_no_native_code_trains_all_the_same(activation: str) -> None:
    on = problem(f"network(data=moons, n=60, hidden=[6, 4], activation={activation}, l2=0.001)")
    assert on.native() is None
    theta0 = on.start(np.random.default_rng(0))
    theta = flat(SGD(0.3, batch=10).iterate(on, theta0, np.random.default_rng(0)), 300)[-1]
    assert on.value(theta) < 0.7 * on.value(theta0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3, 5)])
def test_a_stack_of_linear_layers_is_certified_by_the_layer_that_it_collapses_to(
    kind: str, hidden: tuple[int, ...]
) -> None:
    on = Drawn((3, *hidden), "linear", kind, 0.0, 12, 5).on
    theta = np.random.default_rng(0).standard_normal(on.dim)
    W = on.collapsed(theta).reshape(4, -1)
    np.testing.assert_allclose(on.X @ W[:3] + W[3], on.predict(theta, on.X).reshape(12, -1), rtol=1e-12, atol=1e-12)
    known = refer(on)
    if known.lower != 0:  # cross-entropies of so few rows may come as near zero as one likes
        assert known.width <= 1e-9 * known.upper
    assert on.value(theta) - on.gap(theta) <= known.upper + rounding(12, known.upper)


def test_a_network_without_hidden_layers_is_certified_with_its_penalty() -> None:
    for kind in KINDS:
        known = refer(Drawn((3,), "tanh", kind, 0.1, 12, 5).on)
        assert known.width <= 1e-10 * known.upper, kind


def test_nothing_of_rows_times_parameters_is_formed_but_the_jacobian() -> None:
    rng = np.random.default_rng(0)
    n, widths = 2000, (30, 64, 40, 1)
    on: Any = layered(rng.standard_normal((n, 30)), rng.standard_normal(n), losses.squared, widths)
    theta = on.start(rng)
    fewest = 8 * n * on.dim
    tracemalloc.start()
    try:
        on.value(theta)
        on.gradient(theta)
        on.hessian_product(theta)(theta)
        on.residual(theta)
        peak = tracemalloc.get_traced_memory()[1]
        assert peak < fewest / 3
        J = on.residual_and_jacobian(theta)[1]
        assert J.nbytes == fewest
        assert tracemalloc.get_traced_memory()[1] < 1.3 * fewest
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("spec", "loss", "outputs"),
    [
        ("network", "squared", 1),
        ("network(outputs=3)", "squared", 3),
        ("network(data=moons)", "logistic", 1),
        ("network(data=rings, classes=3)", "softmax", 3),
        ("network(data=spirals)", "logistic", 1),
        ("network(data=diabetes)", "squared", 1),
        ("network(data=breast_cancer)", "logistic", 1),
        ("network(data=breast_cancer, loss=squared)", "squared", 1),
        ("network(data=iris)", "softmax", 3),
        ("network(data=iris, loss=squared)", "squared", 3),
        ("network(data=digits, hidden=16)", "softmax", 10),
    ],
)
def test_data_and_loss_settle_the_outputs(spec: str, loss: str, outputs: int) -> None:
    on = problem(spec)
    assert (on.loss.name, on.widths[-1]) == (loss, outputs)
    assert isinstance(on, NonlinearLeastSquares) == (loss == "squared")
    assert isinstance(on, Network)
    assert on.n >= 100
    assert np.isfinite(on.value(on.start(np.random.default_rng(0))))


def test_a_person_s_own_file_is_learned_from(tmp_path: Any) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    for name, y, loss in (
        ("numbers", X[:, 0] * X[:, 1], "squared"),
        ("two", np.where(X[:, 0] > 0, "yes", "no"), "logistic"),
        ("three", np.array(["a", "b", "c"])[np.arange(40) % 3], "softmax"),
    ):
        file = tmp_path / f"{name}.csv"
        rows = "\n".join(f"{a},{b},{c}" for (a, b), c in zip(X.tolist(), y.tolist(), strict=True))
        file.write_text(f"p,q,r\n{rows}\n")
        on = network(data=str(file), hidden=3)
        assert on.loss.name == loss
        assert on.about.columns == ("p", "q")
        on.gradient(on.start(rng))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"data": "moons", "d": 3}, "d is 3; it is for data that are drawn: synthetic, and not for moons"),
        ({"data": "digits", "noise": 0.5}, "noise is 0.5; it is for data that are drawn"),
        ({"data": "moon"}, "did you mean moons"),
        ({"data": "diabetes", "loss": "cross-entropy"}, "are numbers, whose loss is squared"),
        ({"hidden": (4, 0)}, "hidden layer 2 is 0"),
        ({"l2": -1.0}, "l2 is -1.0"),
        ({"classes": 1}, "classes is 1"),
        ({"data": "rings", "classes": 5, "n": 3}, "need a row of each"),
    ],
)
def test_what_makes_no_network_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        network(**given)


def test_levenberg_and_marquardt_learn_what_descent_learns_slowly() -> None:
    """Few rows, no noise, more weights than rows: the residuals vanish."""
    on = problem("network(n=20, d=1, hidden=8)")
    theta0 = on.start(np.random.default_rng(0))
    theta = flat(LevenbergMarquardt().iterate(on, theta0, np.random.default_rng(0)), 300)[-1]
    assert on.value(theta) < 1e-9


@pytest.mark.parametrize("data", ["moons", "rings", "spirals"])
def test_a_network_learns_what_no_linear_model_does(data: str) -> None:
    linear, on = (problem(f"network(data={data}, noise=0.02, hidden={hidden})") for hidden in ("[]", "[12, 12]"))
    best = 0.0
    for seed in range(3):
        theta = on.start(np.random.default_rng(seed))
        theta = flat(LBFGS().iterate(on, theta, np.random.default_rng(0)), 500)[-1]
        best = max(best, on.measures(theta)["accuracy"])
    flattest = flat(LBFGS().iterate(linear, linear.start(np.random.default_rng(0)), np.random.default_rng(0)), 500)[-1]
    assert linear.measures(flattest)["accuracy"] < 0.95 < 0.99 < best


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "linear"])
def test_every_activation_solves_xor(activation: str) -> None:
    on = problem(f"xor(activation={activation}, hidden=[4, 3])")
    ends = []
    for seed in range(6):
        theta = on.start(np.random.default_rng(seed))
        ends.append(on.value(flat(LBFGS().iterate(on, theta, np.random.default_rng(0)), 200)[-1]))
    assert min(ends) < 1e-3


@pytest.mark.parametrize("model", ["features", "kernel", "kernel, kernel=polynomial"])
def test_a_linear_model_on_features_solves_xor(model: str) -> None:
    linear, on = problem("xor(model=linear)"), problem(f"xor(model={model})")
    assert refer(linear).upper == pytest.approx(np.log(2), rel=1e-12)
    assert "separable" in refer(on).unattained
    if model == "features":
        assert on.value(np.array([200.0, 200.0, -400.0, -100.0])) < 1e-40
    assert refer(problem(f"xor(model={model}, l2=0.0001)")).upper < 0.1


@pytest.mark.parametrize(
    "spec",
    [
        "network(data=iris, hidden=[5, 4], activation=relu, l2=0.01)",
        "network(n=60, hidden=4, l2=0.01)",
        "network(data=moons, n=60, hidden=[3, 3], activation=sigmoid)",
    ],
)
def test_the_peer_minimises_our_function(spec: str) -> None:
    """Its first step with Nesterov's momentum, 0.9, is 1.9 times the learning rate along our gradient at theta_0."""
    on = problem(spec)
    theta0 = on.start(np.random.default_rng(1))
    lap = solver(f"sklearn-mlp(solver=sgd, step=0.0001, batch={on.n})").run(
        on, theta0, np.random.default_rng(0), 1, lambda theta: None
    )
    np.testing.assert_allclose((theta0 - lap.theta) / 1e-4, 1.9 * on.gradient(theta0), rtol=1e-7, atol=1e-9)


def test_the_peer_refuses_what_it_does_not_know() -> None:
    for name in ACTIVATIONS:
        objection = solver("sklearn-mlp").objection(problem(f"network(activation={name})"))
        assert (objection is None) == (name in ("linear", "sigmoid", "tanh", "relu")), name
        assert objection is None or f"not {name}" in objection
    assert "mean of the squares" in solver("sklearn-mlp").objection(problem("network(outputs=3)"))


def test_work_is_charged() -> None:
    on = problem("network(n=30, outputs=2)")
    ledger, theta = Ledger(), on.start(np.random.default_rng(0))
    metered = on.metered(ledger)
    metered.residual_and_jacobian(theta)
    metered.residual(theta)
    assert (ledger.values, ledger.gradients, ledger.passes) == (1, 1, 2.0)


def test_no_boundary_is_drawn_of_several_classes() -> None:
    class One:
        theta, gap, measures = [0.0] * problem("network(data=rings, classes=3)").dim, 1.0, {"accuracy": 0.5}

    class Row:
        typical, solver = One(), "sgd"

    rows: Any = [Row()]
    spec = "network(data=rings, classes=3)"
    assert boundary_of(spec, rows, refer(problem(spec))) is None
