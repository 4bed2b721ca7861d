"""The layers of a network, and where the parameters of each are in theta."""

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
    """One layer a(A W + b) with fan_in inputs and fan_out outputs.

    theta has W, shape (fan_in, columns), row by row, then b, shape (columns,), then the activation's own parameters.
    """

    start: int  # index in theta of the layer's first parameter
    fan_in: int
    fan_out: int
    activation_name: str

    @property
    def activation(self) -> Activation:
        return ACTIVATIONS[self.activation_name]

    @cached_property
    def columns(self) -> int:
        """The number of columns of W: fan_out times the number of the activation's pieces."""
        return self.activation.pieces * self.fan_out

    @cached_property
    def biases_start(self) -> int:
        """Index in theta of the first bias."""
        return self.start + self.fan_in * self.columns

    @cached_property
    def parameters_start(self) -> int:
        """Index in theta of the first parameter of the activation."""
        return self.biases_start + self.columns

    @cached_property
    def end(self) -> int:
        """Index in theta of the next layer's first parameter."""
        return self.parameters_start + len(self.activation.initial_parameters)

    def weights(self, theta: Vector) -> Matrix:
        """W, a view of theta."""
        return theta[self.start : self.biases_start].reshape(self.fan_in, self.columns)

    def biases(self, theta: Vector) -> Vector:
        """b, a view of theta."""
        return theta[self.biases_start : self.parameters_start]

    def parameters(self, theta: Vector) -> Vector:
        """The activation's own parameters, a view of theta."""
        return theta[self.parameters_start : self.end]


def dense_layers(widths: tuple[int, ...], activation: str) -> tuple[Layer, ...]:
    """The layers for these widths (inputs, hidden units, ..., outputs). The last layer is linear."""
    layers: list[Layer] = []
    last = len(widths) - 2
    for k, (fan_in, fan_out) in enumerate(pairwise(widths)):
        layers.append(Layer(layers[-1].end if layers else 0, fan_in, fan_out, activation if k < last else "linear"))
    return tuple(layers)


def initial_theta(layers: tuple[Layer, ...], initialiser: str, rng: np.random.Generator) -> Vector:
    """theta with random weights for each piece of each layer, zero biases and the activations' initial parameters."""
    theta = np.zeros(layers[-1].end)
    for layer in layers:
        draw = INITIALISERS[initialiser].draw
        pieces = [draw(rng, layer.fan_in, layer.fan_out) for _ in range(layer.activation.pieces)]
        layer.weights(theta)[:] = np.hstack(pieces)
        layer.parameters(theta)[:] = layer.activation.initial_parameters
    return theta
