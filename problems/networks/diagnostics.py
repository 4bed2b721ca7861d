"""What goes on inside a network: how large signals and gradients are, layer by layer, and which units have died."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from problems.foundation.arrays import Vector
from problems.networks.layers import Layer
from problems.networks.network import Network
from problems.networks.output_loss import judged
from problems.networks.propagation import Backward, Forward, backward, forward, gathered

ASLEEP = 1e-3  # a unit whose slope is at most this on every row learns nothing any more


class Passes(NamedTuple):
    """Both passes of a network at one theta."""

    layers: tuple[Layer, ...]
    theta: Vector
    seen: Forward
    back: Backward


def passes(network: Network, theta: Vector) -> Passes:
    """Forward through all rows, and back from the slopes of f without its penalty."""
    seen = forward(network.layers, theta, network.X)
    slope = judged(network.loss, seen.outputs, network.y)[1]
    return Passes(network.layers, theta, seen, backward(network.layers, theta, seen, slope / network.n))


def signals(run: Passes) -> list[float]:
    """The variance, over rows and units, of what each layer's activation is given."""
    pairs = zip(run.layers, run.seen.inputs, strict=True)
    return [float(np.var(A @ layer.weights(run.theta) + layer.biases(run.theta))) for layer, A in pairs]


def slopes(run: Passes) -> list[float]:
    """The root mean square of the gradient in what each layer's activation is given."""
    return [float(np.sqrt(np.mean(D * D))) for D in run.back.below]


def norms(run: Passes) -> list[float]:
    """The norm of the gradient in each layer's weights."""
    g = gathered(run.layers, run.seen, run.back)
    return [float(np.linalg.norm(layer.weights(g))) for layer in run.layers]


def dead(run: Passes) -> int:
    """How many hidden units have a slope of nothing on every row; the activation takes each unit by itself."""
    count = 0
    for layer, local, above in zip(run.layers[:-1], run.seen.local, run.back.above, strict=False):
        pulled = np.abs(local.pull(np.ones_like(above))[0]).max(0)
        count += int(np.sum(pulled.reshape(layer.activation.pieces, -1).max(0) <= ASLEEP))
    return count


def distinct(network: Network, theta: Vector) -> int:
    """How many units of the first hidden layer differ from one another, to rounding."""
    first, second = network.layers[:2]
    into = np.vstack([first.weights(theta), first.biases(theta)]).reshape(-1, first.fan_out)
    return len(np.unique(np.vstack([into, second.weights(theta).T]).round(12).T, axis=0))
