"""A network of dense layers under back-propagation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
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
from problems.networks.layers import Layer, drawn, stack
from problems.networks.output_loss import judged
from problems.networks.propagation import along, backward, forward, gathered, gradient_along, jacobian
from problems.networks.warm_start import trained
from problems.parts.activations import ACTIVATIONS
from problems.parts.losses import Loss
from problems.parts.matrix_losses import MatrixLoss
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows


@dataclass
class Network(LayeredModel, TwiceSmooth, Certified):
    """f(theta) = (1/n) sum_i loss(z(x_i), y_i) + l2/2 sum_l |W_l|^2, z the outputs of layers a(A W_l + b_l).

    The activation a stands between layers, none after the last. widths = (d, ..., outputs). One output has a Loss,
    several have a MatrixLoss: squares, y of shape (n, outputs), or softmax's cross-entropy, y the classes. f is twice
    differentiable wherever the activation is: almost everywhere, for those with a kink.

    Not convex, so what is certified is little: no loss is negative, hence f - f* <= f. A stack of linear layers is one
    linear layer, W = W_1 W_2 ..., and has that convex problem's certificate.
    """

    X: Matrix
    y: Any
    loss: Loss | MatrixLoss
    widths: tuple[int, ...]
    activation: str = "tanh"
    l2: float = 0.0
    initialiser: str = "normal"
    learned: Vector | None = None  # theta_0 of a warm start, where it was learned elsewhere
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    def __post_init__(self) -> None:
        self.layers: tuple[Layer, ...] = stack(self.widths, self.activation)

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def dim(self) -> int:
        return self.layers[-1].end

    def start(self, rng: np.random.Generator) -> Vector:
        """Weights of the initialiser's distribution, biases zero; a warm start is learned from half of the rows."""
        if self.learned is not None:
            return self.learned.copy()
        theta = drawn(self.layers, self.initialiser, rng)
        if self.initialiser != "warm-start":
            return theta
        half = np.sort(rng.permutation(self.n)[: math.ceil(self.n / 2)])
        return trained(type(self)(self.X[half], self.y[half], self.loss, self.widths, self.activation, self.l2), theta)

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        total, _, _ = judged(self.loss, forward(self.layers, theta, self.X).outputs, self.y)
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
        slope = self.loss.addresses[0] if isinstance(self.loss, Loss) else 0
        real = np.array([self.l2, self.loss.shape if isinstance(self.loss, Loss) else 0.0])
        if len(self.widths) == 3 and slope and code <= LAST_OF_ONE_HIDDEN:
            at = address(one_hidden_gradient, GRADIENT)
            return NativeGradient(at, X, self.y, np.array([slope, code], np.int64), real, self.widths[1])
        if y.ndim > 1:  # one table of rows and targets
            self.ledger.passes += 1
            X, y = np.hstack([X, y]), np.zeros(self.n)
        whole = np.array([slope, code, *self.widths], np.int64)
        return NativeGradient(address(network_gradient, GRADIENT), X, y, whole, real, scratch_for(self.widths))

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        product = self.hessian_product(theta)
        return np.stack([product(e) for e in np.eye(self.dim)])

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H v by differentiating the passes forward and back along v. Pearlmutter (1994)."""
        self.ledger.passes += 1
        layers = self.layers
        seen = forward(layers, theta, self.X)
        _, slope, curve = judged(self.loss, seen.outputs, self.y)
        back = backward(layers, theta, seen, slope / self.n)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            inputs, given, dZ = along(layers, theta, seen, v)
            Hv = gradient_along(layers, theta, seen, back, v, (inputs, given), curve(dZ) / self.n)
            self._decay(Hv, v)
            return Hv

        return product

    @property
    def attained(self) -> bool:
        """Classes that no penalty holds back can be told ever more surely, and one linear layer has its own bound."""
        classes = self.loss.labels if isinstance(self.loss, Loss) else self.loss.classes
        return bool(classes and not self.l2) or self.activation == "linear" or len(self.layers) == 1

    def gap(self, theta: Vector) -> float:
        bound = self.value(theta)
        shallow = len(self.layers) == 1
        if self.activation == "linear" or shallow:
            penalty = Penalty(l2=self.l2) if shallow else NONE
            single: Certified
            if isinstance(self.loss, Loss):
                single = linear_model(Rows(self.X), self.y, self.loss, penalty)
            else:
                single = matrix_model(Rows(self.X), self.y, self.widths[-1], self.loss, penalty)
            bound = min(bound, single.gap(self.collapsed(theta)) + (0.0 if shallow else self._penalty(theta)))
        return bound

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LeastSquares | LinearSystem):
            return "the prediction of a network is not linear in theta"
        if issubclass(form, NonlinearLeastSquares):
            return f"the {self.loss.name} loss is not a square"
        return None

    def collapsed(self, theta: Vector) -> Vector:
        """(w, b) of the one linear layer that the layers are when the activation is linear, row by row."""
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
        """The first rows and those of the least and the largest target, or a row of each class."""
        y = self.y.reshape(self.n, -1)[:, 0]
        few = np.unique(np.r_[: min(8, self.n), y.argmin(), y.argmax()])
        if isinstance(self.loss, MatrixLoss) and self.loss.classes:
            few = np.unique(y, return_index=True)[1]
        given: Any = (self.loss, self.widths, self.activation, self.l2, self.initialiser, self.learned)
        return type(self)(self.X[few], self.y[few], *given)

    def _back_propagate(self, theta: Vector, X: Matrix, y: Any) -> tuple[float, Vector]:
        seen = forward(self.layers, theta, X)
        total, slope, _ = judged(self.loss, seen.outputs, y)
        g = gathered(self.layers, seen, backward(self.layers, theta, seen, slope / len(y)))
        self._decay(g, theta)
        return total / len(y) + self._penalty(theta), g

    def _penalty(self, theta: Vector) -> float:
        if not self.l2:
            return 0.0
        return self.l2 / 2 * sum(float(np.sum(layer.weights(theta) ** 2)) for layer in self.layers)

    def _decay(self, g: Vector, theta: Vector) -> None:
        """Add the penalty's gradient to g, in place."""
        if self.l2:
            for layer in self.layers:
                g[layer.first : layer.bias] += self.l2 * theta[layer.first : layer.bias]


class SquaredNetwork(Network, NonlinearLeastSquares):
    """A network under the squared loss: f = |r|^2 / 2, r the residuals over root n, and the penalty as rows."""

    def residual(self, theta: Vector) -> Vector:
        self.ledger.values += 1
        self.ledger.passes += 1
        return self._residuals(theta, forward(self.layers, theta, self.X).outputs)

    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        """One pass forward and one back for each output. J has outputs x n rows, and one for each penalised weight."""
        self.ledger.gradients += 1
        self.ledger.passes += 1
        seen = forward(self.layers, theta, self.X)
        J = jacobian(self.layers, theta, seen).reshape(-1, self.dim)
        J /= math.sqrt(self.n)
        if self.l2:
            J = np.vstack([J, math.sqrt(self.l2) * np.eye(self.dim)[self._penalised()]])
        return self._residuals(theta, seen.outputs), J

    def _residuals(self, theta: Vector, Z: Matrix) -> Vector:
        r = (Z - self.y.reshape(Z.shape)).ravel() / math.sqrt(self.n)
        return np.append(r, math.sqrt(self.l2) * theta[self._penalised()]) if self.l2 else r

    def _penalised(self) -> NDArray[np.int64]:
        """Where in theta the weights are."""
        return np.concatenate([np.arange(layer.first, layer.bias) for layer in self.layers])


def layered(X: Matrix, y: Any, loss: Loss | MatrixLoss, *parts: Any, **more: Any) -> Network:
    """The kind of network that keeps all promises which the loss allows."""
    kind = SquaredNetwork if loss.name == "squared" else Network
    return kind(X, y, loss, *parts, **more)
