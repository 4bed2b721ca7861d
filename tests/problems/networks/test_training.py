"""Training networks: without native code, by least squares, and by a peer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.comparison.decision_boundary import boundary_of
from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import parse
from problems.parts.activations import ACTIVATIONS
from solvers.base.driving import last_iterate
from solvers.first_order.stochastic import SGD
from solvers.second_order.gauss_newton import LevenbergMarquardt
from solvers.second_order.quasi_newton import LBFGS
from tests.helpers.small_problems import problem as built
from tests.helpers.small_problems import solver


@pytest.mark.parametrize("activation", [name for name, a in ACTIVATIONS.items() if a.code is None])
def test_activations_without_native_code_can_be_trained(activation: str) -> None:
    problem = built(f"network(data=moons, n=60, hidden=[6, 4], activation={activation}, l2=0.001)")
    assert problem.native() is None
    theta0 = problem.start(np.random.default_rng(0))
    theta = last_iterate(SGD(0.3, batch=10), problem, theta0, 300)
    assert problem.value(theta) < 0.7 * problem.value(theta0)


def test_levenberg_marquardt_reaches_vanishing_residuals() -> None:
    """With few rows, no noise and more weights than rows."""
    problem = built("network(n=20, d=1, hidden=8)")
    theta0 = problem.start(np.random.default_rng(0))
    theta = last_iterate(LevenbergMarquardt(), problem, theta0, 300)
    assert problem.value(theta) < 1e-9


@pytest.mark.parametrize("data", ["moons", "circles", "spirals"])
def test_a_network_separates_classes_that_no_linear_model_separates(data: str) -> None:
    linear, problem = (built(f"network(data={data}, noise=0.02, hidden={hidden})") for hidden in ("[]", "[12, 12]"))
    best = 0.0
    for seed in range(3):
        theta = problem.start(np.random.default_rng(seed))
        theta = last_iterate(LBFGS(), problem, theta, 500)
        best = max(best, problem.measures(theta)["accuracy"])
    best_of_linear = last_iterate(LBFGS(), linear, linear.start(np.random.default_rng(0)), 500)
    assert linear.measures(best_of_linear)["accuracy"] < 0.95 < 0.99 < best


@pytest.mark.parametrize(
    "spec",
    [
        "network(data=iris, hidden=[5, 4], activation=relu, l2=0.01)",
        "network(n=60, hidden=4, l2=0.01)",
        "network(data=moons, n=60, hidden=[3, 3], activation=sigmoid)",
    ],
)
def test_the_peer_minimises_our_function(spec: str) -> None:
    """Its first step with Nesterov's momentum 0.9 is 1.9 times the learning rate times our gradient at theta_0."""
    problem = built(spec)
    theta0 = problem.start(np.random.default_rng(1))
    run = solver(f"sklearn-mlp(solver=sgd, step=0.0001, batch={problem.n})").run(
        problem, theta0, np.random.default_rng(0), 1, lambda theta: None
    )
    np.testing.assert_allclose((theta0 - run.theta) / 1e-4, 1.9 * problem.gradient(theta0), rtol=1e-7, atol=1e-9)


def test_the_peer_refuses_other_activations_and_losses() -> None:
    for name in ACTIVATIONS:
        objection = solver("sklearn-mlp").objection(built(f"network(activation={name})"))
        assert (objection is None) == (name in ("linear", "sigmoid", "tanh", "relu")), name
        assert objection is None or f"not {name}" in objection
    assert "mean of the squares" in solver("sklearn-mlp").objection(built("network(outputs=3)"))


def test_the_boundary_of_three_classes_is_not_drawn() -> None:
    class One:
        theta, gap, measures = [0.0] * built("network(data=spirals, classes=3)").dim, 1.0, {"accuracy": 0.5}

    class Row:
        typical, solver = One(), "sgd"

    rows: Any = [Row()]
    spec = parse("network(data=spirals, classes=3)")
    assert boundary_of(spec, rows, refer(built(str(spec)))) is None
