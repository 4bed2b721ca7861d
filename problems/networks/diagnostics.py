"""What happens inside a network: how large signals and gradients are in each layer, and which units are dead."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from problems.foundation.arrays import Vector
from problems.networks.layers import Layer
from problems.networks.network import Network
from problems.networks.output_loss import loss_of_outputs
from problems.networks.propagation import Backward, Forward, backward, forward, gradient

DEAD = 1e-3  # a unit whose activation has at most this derivative on every row is dead: it no longer learns


class Passes(NamedTuple):
    """The forward and the backward pass of a network at one theta."""

    layers: tuple[Layer, ...]
    theta: Vector
    forward: Forward
    backward: Backward


def passes(network: Network, theta: Vector) -> Passes:
    """The forward pass over all rows, and the backward pass of f without its penalty."""
    forward_pass = forward(network.layers, theta, network.X)
    G = loss_of_outputs(network.loss, forward_pass.outputs, network.y)[1]
    return Passes(network.layers, theta, forward_pass, backward(network.layers, theta, forward_pass, G / network.n))


def preactivation_variances(run: Passes) -> list[float]:
    """For each layer the variance of the preactivations A W + b, over rows and units."""
    pairs = zip(run.layers, run.forward.inputs, strict=True)
    return [float(np.var(A @ layer.weights(run.theta) + layer.biases(run.theta))) for layer, A in pairs]


def preactivation_gradients(run: Passes) -> list[float]:
    """For each layer the root mean square of the gradient with respect to the preactivations."""
    return [float(np.sqrt(np.mean(D * D))) for D in run.backward.preactivation_gradients]


def weight_gradient_norms(run: Passes) -> list[float]:
    """For each layer the norm of the gradient with respect to its weights, biases not included."""
    g = gradient(run.layers, run.forward, run.backward)
    return [float(np.linalg.norm(layer.weights(g))) for layer in run.layers]


def dead_units(run: Passes) -> int:
    """How many hidden units have an activation whose derivative is at most DEAD on every row.

    The activation must take each unit by itself; a unit of several pieces is dead where all its pieces are.
    """
    count = 0
    passed = zip(run.layers[:-1], run.forward.activations, run.backward.output_gradients, strict=False)
    for layer, local, above in passed:
        derivative = np.abs(local.vjp(np.ones_like(above))[0]).max(0)
        count += int(np.sum(derivative.reshape(layer.activation.pieces, -1).max(0) <= DEAD))
    return count


def distinct_units(network: Network, theta: Vector) -> int:
    """How many units of the first hidden layer differ in their weights or their bias, to 12 decimals."""
    first, second = network.layers[:2]
    incoming = np.vstack([first.weights(theta), first.biases(theta)]).reshape(-1, first.fan_out)
    return len(np.unique(np.vstack([incoming, second.weights(theta).T]).round(12).T, axis=0))
