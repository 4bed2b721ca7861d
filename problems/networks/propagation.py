"""Forward, backward, and both of them along a direction: every product is one of whole matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.foundation.arrays import Matrix, Vector
from problems.networks.layers import Layer
from problems.parts.activations import Local

Layers = tuple[Layer, ...]


@dataclass(frozen=True)
class Forward:
    """What a pass forward leaves behind for the one back."""

    inputs: list[Matrix]  # of each layer, shape (n, fan_in)
    local: list[Local]  # each layer's activation

    @property
    def outputs(self) -> Matrix:
        """Z, shape (n, outputs)."""
        return self.local[-1].A


@dataclass(frozen=True)
class Backward:
    """How a sum over rows of losses depends on each layer."""

    above: list[Matrix]  # on its outputs A, shape (n, fan_out)
    below: list[Matrix]  # on what its activation is given, shape (n, columns)
    own: list[Matrix]  # on the activation's own parameters, row by row


def forward(layers: Layers, theta: Vector, X: Matrix) -> Forward:
    """A_0 = X,  A_l = a(A_(l-1) W_l + b_l)."""
    inputs, local = [], []
    A = X
    for layer in layers:
        inputs.append(A)
        local.append(layer.activation.at(A @ layer.weights(theta) + layer.biases(theta), layer.parameters(theta)))
        A = local[-1].A
    return Forward(inputs, local)


def backward(layers: Layers, theta: Vector, seen: Forward, G: Matrix) -> Backward:
    """From G, the slopes of the losses in Z:  D_l = pull_l(G_l),  G_(l-1) = D_l W_l'."""
    above, below, own = [G], list[Matrix](), list[Matrix]()
    for k in range(len(layers) - 1, -1, -1):
        D, p = seen.local[k].pull(above[0])
        below.insert(0, D)
        own.insert(0, p)
        if k:
            above.insert(0, D @ layers[k].weights(theta).T)
    return Backward(above, below, own)


def gathered(layers: Layers, seen: Forward, back: Backward) -> Vector:
    """The gradient, shape (dim,): W_l: A_(l-1)' D_l;  b_l: the sum of the rows of D_l."""
    g = np.empty(layers[-1].end)
    for layer, A, D, p in zip(layers, seen.inputs, back.below, back.own, strict=True):
        np.matmul(A.T, D, out=layer.weights(g))
        layer.biases(g)[:] = D.sum(0)
        layer.parameters(g)[:] = p.sum(0)
    return g


def jacobian(layers: Layers, theta: Vector, seen: Forward) -> Matrix:
    """How each output of each row depends on theta, shape (n, outputs, dim): one pass back for each output.

    The one array here of rows x parameters.
    """
    n, outputs = seen.outputs.shape
    J = np.empty((n, outputs, layers[-1].end))
    for k in range(outputs):
        G = np.zeros((n, outputs))
        G[:, k] = 1.0
        back = backward(layers, theta, seen, G)
        for layer, A, D, p in zip(layers, seen.inputs, back.below, back.own, strict=True):
            W = J[:, k, layer.first : layer.bias].reshape(n, layer.fan_in, layer.columns)  # a view
            np.multiply(A[:, :, None], D[:, None, :], out=W)
            J[:, k, layer.bias : layer.own] = D
            J[:, k, layer.own : layer.end] = p
    return J


def along(layers: Layers, theta: Vector, seen: Forward, v: Vector) -> tuple[list[Matrix | None], list[Matrix], Matrix]:
    """How all that `forward` left behind moves as theta moves along v: each layer's input, None where it does not
    move, what its activation is given, and Z.
    """
    inputs: list[Matrix | None] = []
    given: list[Matrix] = []
    dA: Matrix | None = None
    for layer, A, local in zip(layers, seen.inputs, seen.local, strict=True):
        dZ = A @ layer.weights(v) + layer.biases(v)
        if dA is not None:
            dZ += dA @ layer.weights(theta)
        inputs.append(dA)
        given.append(dZ)
        dA = local.push(dZ, layer.parameters(v))
    assert dA is not None
    return inputs, given, dA


def gradient_along(
    layers: Layers,
    theta: Vector,
    seen: Forward,
    back: Backward,
    v: Vector,
    moved: tuple[list[Matrix | None], list[Matrix]],
    dG: Matrix,
) -> Vector:
    """How the gradient moves as theta moves along v, and with it the losses' slopes by dG. Pearlmutter (1994)."""
    inputs, given = moved
    Hv = np.empty(layers[-1].end)
    for k in range(len(layers) - 1, -1, -1):
        layer, local, p = layers[k], seen.local[k], layers[k].parameters(v)
        (dD, own), (bent, own_bent) = local.pull(dG), local.bend(back.above[k], given[k], p)
        dD = dD + bent
        W = layer.weights(Hv)
        np.matmul(seen.inputs[k].T, dD, out=W)
        dA = inputs[k]
        if dA is not None:
            W += dA.T @ back.below[k]
            dG = dD @ layer.weights(theta).T + back.below[k] @ layer.weights(v).T
        layer.biases(Hv)[:] = dD.sum(0)
        layer.parameters(Hv)[:] = (own + own_bent).sum(0)
    return Hv
