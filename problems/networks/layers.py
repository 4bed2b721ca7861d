"""Where the parameters of each layer lie in theta."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from problems.foundation.arrays import Matrix, Vector
from problems.parts.activations import ACTIVATIONS, Activation
from problems.parts.initialisers import INITIALISERS


@dataclass(frozen=True)
class Layer:
    """One layer a(A W + b): W, shape (fan_in, columns), row-major, then b, then the activation's own parameters."""

    first: int  # where in theta it begins
    fan_in: int
    fan_out: int
    name: str  # of the activation

    @property
    def activation(self) -> Activation:
        return ACTIVATIONS[self.name]

    @cached_property
    def columns(self) -> int:
        """Of W: fan_out, so many times as the activation has pieces."""
        return self.activation.pieces * self.fan_out

    @cached_property
    def bias(self) -> int:
        """Where b begins."""
        return self.first + self.fan_in * self.columns

    @cached_property
    def own(self) -> int:
        """Where the activation's own parameters begin."""
        return self.bias + self.columns

    @cached_property
    def end(self) -> int:
        """Where the next layer begins."""
        return self.own + len(self.activation.own)

    def weights(self, theta: Vector) -> Matrix:
        """W, a view of theta."""
        return theta[self.first : self.bias].reshape(self.fan_in, self.columns)

    def biases(self, theta: Vector) -> Vector:
        """b, a view of theta."""
        return theta[self.bias : self.own]

    def parameters(self, theta: Vector) -> Vector:
        """The activation's own, a view of theta."""
        return theta[self.own : self.end]


def stack(widths: tuple[int, ...], activation: str) -> tuple[Layer, ...]:
    """The layers of widths (inputs, hidden, ..., outputs); the last is linear."""
    layers: list[Layer] = []
    last = len(widths) - 2
    for k, (fan_in, fan_out) in enumerate(pairwise(widths)):
        layers.append(Layer(layers[-1].end if layers else 0, fan_in, fan_out, activation if k < last else "linear"))
    return tuple(layers)


def drawn(layers: tuple[Layer, ...], initialiser: str, rng: np.random.Generator) -> Vector:
    """theta with the weights of each piece of each layer drawn, biases zero, own parameters as they start."""
    theta = np.zeros(layers[-1].end)
    for layer in layers:
        draw = INITIALISERS[initialiser].draw
        W = [draw(rng, layer.fan_in, layer.fan_out) for _ in range(layer.activation.pieces)]
        layer.weights(theta)[:] = np.hstack(W)
        layer.parameters(theta)[:] = layer.activation.own
    return theta
