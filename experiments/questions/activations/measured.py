"""Measurements of activations: their properties, how gradients pass through a stack of layers, which units die."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from experiments.lab.spec.grammar import spec
from experiments.lab.workers.worker import solver_of
from experiments.questions.activations.cost import nanoseconds
from problems.data.synthetic.shapes import Moons
from problems.foundation.arrays import Matrix, Vector
from problems.networks.diagnostics import dead_units, passes, preactivation_gradients, weight_gradient_norms
from problems.networks.network import Network, dense_network
from problems.networks.problem import ActivationName, network
from problems.parts import losses
from problems.parts.activations import ACTIVATIONS
from solvers.base.driving import last_iterate

FARTHEST = 1000.0  # the largest |z| that is sampled
ROWS = 64  # that pass through a stack
HIDDEN = (16, 16)  # the hidden layers of the network whose units may die
SOFTMAX_UNITS = 3
WINDOW = np.linspace(-4, 4, 81)  # where curves are drawn and jumps are searched
HALF_GAP = 1e-3  # a jump at z is searched between z - HALF_GAP and z + HALF_GAP
JUMP = 0.05  # a smaller difference is no jump; derivatives here have size 1
ROUNDING = 1e-9


def sampled(name: str, z: Vector, together: bool = False) -> tuple[Vector, Vector]:
    """a(z) and a'(z), shape (n,) as z, where one input of a row is z and the others are 0, or z too if `together`."""
    activation = ACTIVATIONS[name]
    width = SOFTMAX_UNITS if name == "softmax" else 1
    Z: Matrix = np.zeros((z.size, activation.pieces * width))
    direction = np.zeros_like(Z)
    varying = slice(None) if together else slice(1)
    Z[:, varying], direction[:, varying] = z[:, None], 1.0
    parameters = np.array(activation.initial_parameters)
    local = activation.at(Z, parameters)
    return local.A[:, 0], local.jvp(direction, np.zeros_like(parameters))[:, 0]


def properties(name: str) -> dict[str, Any]:
    """The properties of an activation on samples, its cost in nanoseconds per output, and the curves of a and a'.

    least, greatest: None where a has no bound on that side. order: the number of continuous derivatives, 2 at most; -1
    where a itself jumps. differs: the properties whose entry in the table of activations is another.
    """
    positive = np.geomspace(1e-6, FARTHEST, 4000)
    z = np.concatenate([-positive[::-1], [0.0], positive])
    A, derivative = sampled(name, z)
    rises = np.diff(derivative)
    at_0 = sampled(name, np.zeros(1))[0][0]
    derivative_near_0 = sampled(name, np.array([-ROUNDING, ROUNDING]))[1]
    measured = {
        "least": _bound(name, -1.0, z),
        "greatest": _bound(name, 1.0, z),
        "order": continuous_derivatives(name),
        "monotone": bool((np.diff(A) >= -ROUNDING).all()),
        "monotone_derivative": bool((rises >= -ROUNDING).all() or (rises <= ROUNDING).all()),
        "identity": bool(abs(at_0) < ROUNDING and (abs(derivative_near_0 - 1) < 1e-6).all()),
    }
    value, both, *native = nanoseconds(name)
    curve, derivative_curve = sampled(name, WINDOW)
    return measured | {
        "differs": differing(name, measured),
        "value_ns": value,
        "both_ns": both,
        "native_ns": native[0] if native else None,
        "z": WINDOW.round(12).tolist(),
        "a": curve.tolist(),
        "derivative": derivative_curve.tolist(),
    }


def _bound(name: str, sign: float, z: Vector) -> float | None:
    """The extreme on that side; None where it grows more than five times as |z| grows ten times."""
    samples = [sign * sampled(name, z, together)[0] for together in (False, True)]
    near = max(float(A[abs(z) <= FARTHEST / 10].max()) for A in samples)
    far = max(float(A.max()) for A in samples)
    return None if far > 5 * near > 0 else sign * far


def continuous_derivatives(name: str) -> int:
    """How many derivatives, of the first two, have no jump in the window; -1 where a itself jumps."""
    z = WINDOW[::5]  # 0 is one of them
    left, right = (sampled(name, z + side) for side in (-HALF_GAP, HALF_GAP))
    second = [
        (sampled(name, z + side + HALF_GAP / 10)[1] - sampled(name, z + side - HALF_GAP / 10)[1]) / (HALF_GAP / 5)
        for side in (-HALF_GAP, HALF_GAP)
    ]
    jumps = [abs(right[k] - left[k]).max() for k in (0, 1)] + [abs(second[1] - second[0]).max()]
    return next((k for k, jump in enumerate(jumps) if jump > JUMP), len(jumps)) - 1


def differing(name: str, measured: dict[str, Any]) -> list[str]:
    """The measured properties that the table of activations states otherwise."""
    activation = ACTIVATIONS[name]
    stated = {
        "least": activation.least if math.isfinite(activation.least) else None,
        "greatest": activation.greatest if math.isfinite(activation.greatest) else None,
        "order": min(activation.order, 2),
        "monotone": activation.monotone,
        "monotone_derivative": activation.monotone_derivative,
        "identity": activation.identity,
    }

    def same(a: Any, b: Any) -> bool:
        return bool(a == b if a is None or b is None else abs(a - b) < 1e-5)

    return [key for key, value in measured.items() if not same(value, stated[key])]


def flow(activation: ActivationName, gain: float, depth: int, width: int, seed: int) -> dict[str, Any]:
    """The gradient at the first hidden layer of a stack over that at the last one.

    ratio: of the gradients with respect to the inputs of the activations. weights: of those with respect to the
    weights. None where the quotient is 0 or not finite.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((ROWS, width)), rng.standard_normal(ROWS)
    stack = dense_network(X, y, losses.squared, (width,) * (depth + 1) + (1,), activation)
    run = passes(stack, scaled_weights(stack, gain, stack.start(rng)))
    inputs, weights = preactivation_gradients(run), weight_gradient_norms(run)
    return {"ratio": _quotient(inputs[0], inputs[depth - 1]), "weights": _quotient(weights[0], weights[depth - 1])}


def scaled_weights(network: Network, gain: float, theta: Vector) -> Vector:
    """theta with all weights multiplied by the gain."""
    scaled = theta.copy()
    for layer in network.layers:
        layer.weights(scaled)[:] *= gain
    return scaled


def _quotient(first: float, last: float) -> float | None:
    ratio = first / last if last > 0 else math.inf
    return ratio if 0 < ratio < math.inf else None


def dying(activation: ActivationName, rate: float, epochs: int, seed: int) -> dict[str, Any]:
    """The share of dead hidden units before and after some iterations of gradient descent on two moons, and f there.

    dead, f and accuracy are None where theta is no longer finite.
    """
    problem = network(Moons(seed=seed), hidden=HIDDEN, activation=activation, initialiser="he")
    rng = np.random.default_rng(seed)
    start = problem.start(rng)
    before = dead_units(passes(problem, start)) / sum(HIDDEN)
    theta = last_iterate(solver_of(spec("gradient-descent", step=rate)), problem, start, epochs, rng)
    if not np.isfinite(theta).all():
        return {"before": before, "dead": None, "f": None, "accuracy": None}
    dead = dead_units(passes(problem, theta)) / sum(HIDDEN)
    return {"before": before, "dead": dead, "f": problem.value(theta), "accuracy": problem.measures(theta)["accuracy"]}
