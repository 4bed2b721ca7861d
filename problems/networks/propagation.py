"""Back-propagation: the forward and the backward pass, and their derivatives along a direction v in theta.

Every product is one of whole matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.foundation.arrays import Matrix, Vector
from problems.networks.layers import Layer
from problems.parts.activations import LocalActivation

Layers = tuple[Layer, ...]


@dataclass(frozen=True)
class Forward:
    """What the forward pass keeps for the backward pass, for each layer."""

    inputs: list[Matrix]  # A_(l-1), shape (n, fan_in)
    activations: list[LocalActivation]

    @property
    def outputs(self) -> Matrix:
        """Z, shape (n, outputs)."""
        return self.activations[-1].A


@dataclass(frozen=True)
class Backward:
    """The gradients of a sum over rows of losses, for each layer."""

    output_gradients: list[Matrix]  # with respect to A_l, shape (n, fan_out)
    preactivation_gradients: list[Matrix]  # with respect to A_(l-1) W_l + b_l, shape (n, columns)
    parameter_gradients: list[Matrix]  # with respect to the activation's own parameters, for each row


@dataclass(frozen=True)
class Tangents:
    """The derivatives of a forward pass along v, for each layer."""

    inputs: list[Matrix | None]  # of A_(l-1); None for X, which does not depend on theta
    preactivations: list[Matrix]  # of A_(l-1) W_l + b_l
    outputs: Matrix  # of Z


def forward(layers: Layers, theta: Vector, X: Matrix) -> Forward:
    """A_0 = X,  A_l = a(A_(l-1) W_l + b_l)."""
    inputs, activations = [], []
    A = X
    for layer in layers:
        inputs.append(A)
        preactivations = A @ layer.weights(theta) + layer.biases(theta)
        activations.append(layer.activation.at(preactivations, layer.parameters(theta)))
        A = activations[-1].A
    return Forward(inputs, activations)


def backward(layers: Layers, theta: Vector, forward_pass: Forward, G: Matrix) -> Backward:
    """D_l = vjp_l(G_l),  G_(l-1) = D_l W_l',  from G, the gradient of the losses with respect to Z."""
    output_gradients, preactivation_gradients, parameter_gradients = [G], list[Matrix](), list[Matrix]()
    for k in range(len(layers) - 1, -1, -1):
        D, p = forward_pass.activations[k].vjp(output_gradients[0])
        preactivation_gradients.insert(0, D)
        parameter_gradients.insert(0, p)
        if k:
            output_gradients.insert(0, D @ layers[k].weights(theta).T)
    return Backward(output_gradients, preactivation_gradients, parameter_gradients)


def gradient(layers: Layers, forward_pass: Forward, backward_pass: Backward) -> Vector:
    """The gradient with respect to theta, shape (dim,):  W_l: A_(l-1)' D_l;  b_l: the sum of the rows of D_l."""
    g = np.empty(layers[-1].end)
    for layer, A, D, p in zip(
        layers,
        forward_pass.inputs,
        backward_pass.preactivation_gradients,
        backward_pass.parameter_gradients,
        strict=True,
    ):
        np.matmul(A.T, D, out=layer.weights(g))
        layer.biases(g)[:] = D.sum(0)
        layer.parameters(g)[:] = p.sum(0)
    return g


def jacobian(layers: Layers, theta: Vector, forward_pass: Forward) -> Matrix:
    """The Jacobian of the outputs of each row, shape (n, outputs, dim): one backward pass for each output.

    This is the only array of rows x parameters in this module.
    """
    n, outputs = forward_pass.outputs.shape
    J = np.empty((n, outputs, layers[-1].end))
    for k in range(outputs):
        G = np.zeros((n, outputs))
        G[:, k] = 1.0
        backward_pass = backward(layers, theta, forward_pass, G)
        for layer, A, D, p in zip(
            layers,
            forward_pass.inputs,
            backward_pass.preactivation_gradients,
            backward_pass.parameter_gradients,
            strict=True,
        ):
            W = J[:, k, layer.start : layer.biases_start].reshape(n, layer.fan_in, layer.columns)  # a view
            np.multiply(A[:, :, None], D[:, None, :], out=W)
            J[:, k, layer.biases_start : layer.parameters_start] = D
            J[:, k, layer.parameters_start : layer.end] = p
    return J


def jvp(layers: Layers, theta: Vector, forward_pass: Forward, v: Vector) -> Tangents:
    """The derivatives of the forward pass along v: Jacobian-vector products, layer by layer."""
    inputs: list[Matrix | None] = []
    preactivations: list[Matrix] = []
    dA: Matrix | None = None
    for layer, A, activation in zip(layers, forward_pass.inputs, forward_pass.activations, strict=True):
        dZ = A @ layer.weights(v) + layer.biases(v)
        if dA is not None:
            dZ += dA @ layer.weights(theta)
        inputs.append(dA)
        preactivations.append(dZ)
        dA = activation.jvp(dZ, layer.parameters(v))
    assert dA is not None
    return Tangents(inputs, preactivations, dA)


def hvp(
    layers: Layers,
    theta: Vector,
    forward_pass: Forward,
    backward_pass: Backward,
    v: Vector,
    tangents: Tangents,
    dG: Matrix,
) -> Vector:
    """The derivative of the gradient along v, a Hessian-vector product. Pearlmutter (1994).

    dG: the derivative along v of the gradient of the losses with respect to Z, shape (n, outputs).
    """
    Hv = np.empty(layers[-1].end)
    for k in range(len(layers) - 1, -1, -1):
        layer, activation, D = layers[k], forward_pass.activations[k], backward_pass.preactivation_gradients[k]
        dD, dp = activation.vjp(dG)
        of_vjp = activation.vjp_derivative(
            backward_pass.output_gradients[k], tangents.preactivations[k], layer.parameters(v)
        )
        dD = dD + of_vjp[0]
        W = layer.weights(Hv)
        np.matmul(forward_pass.inputs[k].T, dD, out=W)
        dA = tangents.inputs[k]
        if dA is not None:
            W += dA.T @ D
            dG = dD @ layer.weights(theta).T + D @ layer.weights(v).T
        layer.biases(Hv)[:] = dD.sum(0)
        layer.parameters(Hv)[:] = (dp + of_vjp[1]).sum(0)
    return Hv
