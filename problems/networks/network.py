"""A network of dense layers, with its derivatives by back-propagation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from problems.forms import (
    NOTHING,
    About,
    Certified,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NativeGradient,
    NonlinearLeastSquares,
    TwiceSmooth,
)
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.native import address
from problems.kernels.layers import network_gradient, scratch_for
from problems.kernels.network import LAST_OF_ONE_HIDDEN, one_hidden_gradient
from problems.kernels.signature import GRADIENT
from problems.linear.matrix_model import matrix_model
from problems.linear.model_chain import linear_model
from problems.networks.layers import Layer, dense_layers, initial_theta
from problems.networks.output_loss import loss_of_outputs
from problems.networks.propagation import backward, forward, gradient, hvp, jacobian, jvp
from problems.networks.warm_start import trained
from problems.parts.activations import ACTIVATIONS
from problems.parts.losses import Loss
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows


@dataclass
class Network(LayeredModel, TwiceSmooth, Certified):
    """f(theta) = (1/n) sum_i loss(z(x_i), y_i) + l2/2 sum_l |W_l|^2, z the outputs of layers a(A W_l + b_l).

    The last layer has no activation. widths = (d, ..., outputs). One output has a Loss. Several outputs have a
    MatrixLoss: squares, y of shape (n, outputs), or the cross-entropy of softmax, y the classes. f is twice
    differentiable wherever the activation is; for an activation with a kink, almost everywhere.

    f is not convex, so the certificate is weak: no loss is negative, hence f - f* <= f. Linear layers are equivalent to
    one linear layer, W = W_1 W_2 ..., and use the certificate of that convex problem.
    """

    X: Matrix
    y: Any
    loss: Loss | MatrixLoss
    widths: tuple[int, ...]
    activation: str = "tanh"
    l2: float = 0.0
    initialiser: str = "normal"
    theta0: Vector | None = None  # of a warm start from given weights
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    def __post_init__(self) -> None:
        self.layers: tuple[Layer, ...] = dense_layers(self.widths, self.activation)

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def dim(self) -> int:
        return self.layers[-1].end

    def start(self, rng: np.random.Generator) -> Vector:
        """Random weights by the initialiser, zero biases. A warm start trains them on half of the rows."""
        if self.theta0 is not None:
            return self.theta0.copy()
        theta = initial_theta(self.layers, self.initialiser, rng)
        if self.initialiser != "warm-start":
            return theta
        half = np.sort(rng.permutation(self.n)[: math.ceil(self.n / 2)])
        problem = type(self)(self.X[half], self.y[half], self.loss, self.widths, self.activation, self.l2)
        return trained(problem, theta)

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        total, _, _ = loss_of_outputs(self.loss, forward(self.layers, theta, self.X).outputs, self.y)
        return total / self.n + self._penalty(theta)

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        return self._back_propagate(theta, self.X, self.y)

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        return self._back_propagate(theta, self.X[rows], self.y[rows])[1]

    def native(self) -> NativeGradient | None:
        code, X, y = ACTIVATIONS[self.activation].code, self.X, self.y
        if code is None:
            return None
        derivative = self.loss.addresses[0] if isinstance(self.loss, Loss) else 0
        real = np.array([self.l2, self.loss.shape if isinstance(self.loss, Loss) else 0.0])
        if len(self.widths) == 3 and derivative and code <= LAST_OF_ONE_HIDDEN:
            at = address(one_hidden_gradient, GRADIENT)
            return NativeGradient(at, X, self.y, np.array([derivative, code], np.int64), real, self.widths[1])
        if y.ndim > 1:  # the kernel reads rows and targets from one table
            self.ledger.passes += 1
            X, y = np.hstack([X, y]), np.zeros(self.n)
        whole = np.array([derivative, code, *self.widths], np.int64)
        return NativeGradient(address(network_gradient, GRADIENT), X, y, whole, real, scratch_for(self.widths))

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        product = self.hessian_product(theta)
        return np.stack([product(e) for e in np.eye(self.dim)])

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H v: the derivatives of the forward and the backward pass along v. Pearlmutter (1994)."""
        self.ledger.passes += 1
        layers = self.layers
        forward_pass = forward(layers, theta, self.X)
        _, G, loss_hvp = loss_of_outputs(self.loss, forward_pass.outputs, self.y)
        backward_pass = backward(layers, theta, forward_pass, G / self.n)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            tangents = jvp(layers, theta, forward_pass, v)
            Hv = hvp(layers, theta, forward_pass, backward_pass, v, tangents, loss_hvp(tangents.outputs) / self.n)
            self._add_penalty_gradient(Hv, v)
            return Hv

        return product

    @property
    def attained(self) -> bool:
        """Linear layers have the bound of a linear model; of others only f >= 0 is proven, which few reach."""
        return self.activation == "linear" or len(self.layers) == 1

    def gap(self, theta: Vector) -> float:
        bound = self.value(theta)
        single_layer = len(self.layers) == 1
        if self.activation == "linear" or single_layer:
            penalty = Penalty(l2=self.l2) if single_layer else NONE
            equivalent: Certified
            if isinstance(self.loss, Loss):
                equivalent = linear_model(Rows(self.X), self.y, self.loss, penalty)
            else:
                equivalent = matrix_model(Rows(self.X), self.y, self.widths[-1], self.loss, penalty)
            bound = min(bound, equivalent.gap(self.collapsed(theta)) + (0.0 if single_layer else self._penalty(theta)))
        return bound

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LeastSquares | LinearSystem):
            return "the prediction of a network is not linear in theta"
        if issubclass(form, NonlinearLeastSquares):
            return f"the {self.loss.name} loss is not a square"
        return None

    def collapsed(self, theta: Vector) -> Vector:
        """(W, b) of the one layer that linear layers are equivalent to, as its theta."""
        W, b = np.eye(self.widths[0]), np.zeros(self.widths[0])
        for layer in self.layers:
            V = layer.weights(theta)
            W, b = W @ V, b @ V + layer.biases(theta)
        return np.vstack([W, b]).ravel()

    def predict(self, theta: Vector, X: Matrix) -> Matrix:
        Z = forward(self.layers, theta, X).outputs
        return np.ascontiguousarray(Z[:, 0]) if self.widths[-1] == 1 else Z

    def measures(self, theta: Vector) -> dict[str, float]:
        Z = self.predict(theta, self.X)
        if isinstance(self.loss, MatrixLoss):
            return {"accuracy": float(np.mean(Z.argmax(1) == self.y))} if self.loss.classes else {}
        return {"accuracy": float(np.mean(np.sign(Z) == self.y))} if self.loss.labels else {}

    def sibling(self) -> Self:
        """The first rows with those of the least and the largest target, or one row of each class."""
        y = self.y.reshape(self.n, -1)[:, 0]
        rows = np.unique(np.r_[: min(8, self.n), y.argmin(), y.argmax()])
        if isinstance(self.loss, MatrixLoss) and self.loss.classes:
            rows = np.unique(y, return_index=True)[1]
        return replace(self, X=self.X[rows], y=self.y[rows], about=NOTHING, ledger=Ledger())

    def _back_propagate(self, theta: Vector, X: Matrix, y: Any) -> tuple[float, Vector]:
        forward_pass = forward(self.layers, theta, X)
        total, G, _ = loss_of_outputs(self.loss, forward_pass.outputs, y)
        g = gradient(self.layers, forward_pass, backward(self.layers, theta, forward_pass, G / len(y)))
        self._add_penalty_gradient(g, theta)
        return total / len(y) + self._penalty(theta), g

    def _penalty(self, theta: Vector) -> float:
        if not self.l2:
            return 0.0
        return self.l2 / 2 * sum(float(np.sum(layer.weights(theta) ** 2)) for layer in self.layers)

    def _add_penalty_gradient(self, g: Vector, theta: Vector) -> None:
        """Add the gradient of the penalty to g, in place."""
        if self.l2:
            for layer in self.layers:
                layer.weights(g)[:] += self.l2 * layer.weights(theta)


class SquaredNetwork(Network, NonlinearLeastSquares):
    """A network with the squared loss: f = |r|^2 / 2, r the errors over sqrt(n), then sqrt(l2) times each weight."""

    def residual(self, theta: Vector) -> Vector:
        self.ledger.values += 1
        self.ledger.passes += 1
        return self._residuals(theta, forward(self.layers, theta, self.X).outputs)

    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        """One forward pass, and one backward pass for each output. J has n x outputs rows, then one for each weight."""
        self.ledger.gradients += 1
        self.ledger.passes += 1
        forward_pass = forward(self.layers, theta, self.X)
        J = jacobian(self.layers, theta, forward_pass).reshape(-1, self.dim)
        J /= math.sqrt(self.n)
        if self.l2:
            J = np.vstack([J, math.sqrt(self.l2) * np.eye(self.dim)[self._weight_indices()]])
        return self._residuals(theta, forward_pass.outputs), J

    def _residuals(self, theta: Vector, Z: Matrix) -> Vector:
        r = (Z - self.y.reshape(Z.shape)).ravel() / math.sqrt(self.n)
        return np.append(r, math.sqrt(self.l2) * theta[self._weight_indices()]) if self.l2 else r

    def _weight_indices(self) -> NDArray[np.int64]:
        """The indices in theta of all weights."""
        return np.concatenate([np.arange(layer.start, layer.biases_start) for layer in self.layers])


def dense_network(X: Matrix, y: Any, loss: Loss | MatrixLoss, *fields: Any, **named: Any) -> Network:
    """A Network, or a SquaredNetwork if the loss is squared. The arguments are the fields of Network."""
    kind = SquaredNetwork if loss.name == "squared" else Network
    return kind(X, y, loss, *fields, **named)
