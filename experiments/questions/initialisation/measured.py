"""What is measured of starts: signals and gradients through a deep network, and units that stay equal."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.lab.spec.grammar import spec
from experiments.lab.workers.worker import solver_of
from problems.data.synthetic.shapes import Moons
from problems.networks.diagnostics import (
    distinct_units,
    passes,
    preactivation_gradients,
    preactivation_variances,
    weight_gradient_norms,
)
from problems.networks.network import dense_network
from problems.networks.problem import network
from problems.parts import losses
from solvers.base.driving import last_iterate

ROWS = 64  # that pass through the deep network
UNITS = 8  # of the one hidden layer whose units are compared
ODD_ROWS = 101  # that it learns from; with equally many of both classes not even the last layer would change
ITERATIONS = 1000  # after which distinct units are counted
GRADIENT_DESCENT = spec("gradient-descent", step=0.3)


def deep_network(initialiser: str, activation: str, depth: int, width: int, seed: int) -> dict[str, Any]:
    """By hidden layer: the variance of the preactivations, and the mean square of the gradient in them."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((ROWS, width)), rng.standard_normal(ROWS)
    problem = dense_network(X, y, losses.squared, (width,) * (depth + 1) + (1,), activation, 0.0, initialiser)
    run = passes(problem, problem.start(rng))
    gradient = [root_mean_square**2 for root_mean_square in preactivation_gradients(run)]
    return {"signal": preactivation_variances(run)[:depth], "gradient": gradient[:depth]}


def equal_units(initialiser: str, activation: str, seed: int) -> dict[str, Any]:
    """The norms of the gradients of both layers' weights at theta_0; after ITERATIONS f, and the distinct units."""
    problem = network(Moons(n=ODD_ROWS), (UNITS,), activation, initialiser)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    theta0 = problem.start(rng)
    first, last = weight_gradient_norms(passes(problem, theta0))
    theta = last_iterate(solver_of(GRADIENT_DESCENT), problem, theta0, ITERATIONS, rng)
    distinct = distinct_units(problem, theta)
    return {"first": first, "last": last, "distinct": distinct, "units": UNITS, "f": problem.value(theta)}
