"""A network of dense layers under back-propagation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .activations import ACTIVATIONS
from .arrays import Matrix, Vector
from .forms import (
    Certified,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NativeGradient,
    TwiceSmooth,
)
from .kernels.network import one_hidden_gradient
from .kernels.signature import GRADIENT
from .linear_model import linear_model
from .losses import Loss
from .native import address
from .rows import Rows


@dataclass
class Network(LayeredModel, TwiceSmooth, Certified):
    """f(theta) = (1/n) sum_i loss(z(x_i), y_i) + l2/2 sum_l |W_l|^2, z one number out of layers a(A W_l + b_l).

    The activation a stands between layers, none after the last. widths = (d, ..., 1). Not convex, so what is
    certified is little: no loss is negative, hence f - f* <= f. A stack of linear layers is one linear layer,
    W = W_1 W_2 ..., and has that convex problem's certificate.
    """

    X: Matrix
    y: Vector
    loss: Loss
    widths: tuple[int, ...]
    activation: str = "tanh"
    l2: float = 0.0
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def dim(self) -> int:
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.widths))

    def start(self, rng: np.random.Generator) -> Vector:
        """Normal weights of variance 1/fan_in, biases zero. LeCun et al. (1998), doi:10.1007/3-540-49430-8_2."""
        theta = np.zeros(self.dim)
        for W, _ in self._layers(theta):
            W[:] = rng.standard_normal(W.shape) / np.sqrt(len(W))
        return theta

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        total, _, _ = self.loss.total(self.predict(theta, self.X), self.y)
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
        if len(self.widths) != 3:
            return None
        code = ACTIVATIONS[self.activation].code
        whole = np.array([self.loss.addresses[0], code], np.int64)
        at = address(one_hidden_gradient, GRADIENT)
        return NativeGradient(at, self.X, self.y, whole, np.array([self.l2, self.loss.shape]), self.widths[1])

    def hessian(self, theta: Vector) -> Matrix:
        self.ledger.hessians += 1
        product = self.hessian_product(theta)
        return np.stack([product(e) for e in np.eye(self.dim)])

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """v -> H v by differentiating the passes forward and back along v. Pearlmutter (1994)."""
        self.ledger.passes += 1
        inputs, slopes, bends, z = self._forward(theta, self.X)
        _, slope, curvature = self.loss.total(z, self.y)

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            moved = [np.zeros_like(self.X)]  # how each layer's input moves as theta moves along v
            turned = []  # how each activation's slope moves
            for (W, _), (V, u), A, s, t in zip(
                self._layers(theta), self._layers(v), inputs, slopes, bends, strict=True
            ):
                dZ = moved[-1] @ W + A @ V + u
                moved.append(s * dZ)
                turned.append(t * dZ)
            delta = (slope / self.n)[:, None]
            d_delta = (curvature / self.n)[:, None] * moved.pop()
            turned.pop()
            parts: list[Vector] = []
            for (W, _), (V, _), A, dA in reversed(
                list(zip(self._layers(theta), self._layers(v), inputs, moved, strict=True))
            ):
                parts[:0] = [(dA.T @ delta + A.T @ d_delta + self.l2 * V).ravel(), d_delta.sum(0)]
                if turned:
                    back, d_back = delta @ W.T, d_delta @ W.T + delta @ V.T
                    s, ds = slopes[len(turned) - 1], turned.pop()
                    delta, d_delta = back * s, d_back * s + back * ds
            return np.concatenate(parts)

        return product

    def gap(self, theta: Vector) -> float:
        bound = self.value(theta)
        if self.activation == "linear" and not self.l2:
            single = linear_model(Rows(self.X), self.y, self.loss)
            bound = min(bound, single.gap(self.collapsed(theta)))
        return bound

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LeastSquares | LinearSystem):
            return "the prediction of a network is not linear in theta"
        return None

    def collapsed(self, theta: Vector) -> Vector:
        """(w, b) of the one linear layer that the layers are when the activation is linear."""
        W, b = np.eye(self.widths[0]), np.zeros(self.widths[0])
        for V, u in self._layers(theta):
            W, b = W @ V, b @ V + u
        return np.append(W, b)

    def predict(self, theta: Vector, X: Matrix) -> Vector:
        return self._forward(theta, X)[3]

    def measures(self, theta: Vector) -> dict[str, float]:
        if not self.loss.labels:
            return {}
        return {"accuracy": float(np.mean(np.sign(self.predict(theta, self.X)) == self.y))}

    def sibling(self) -> Self:
        few = np.unique(np.r_[: min(8, self.n), self.y.argmin(), self.y.argmax()])
        return type(self)(self.X[few], self.y[few], self.loss, self.widths, self.activation, self.l2)

    def _layers(self, theta: Vector) -> Iterator[tuple[Matrix, Vector]]:
        at = 0
        for fan_in, fan_out in pairwise(self.widths):
            bias = at + fan_in * fan_out
            yield theta[at:bias].reshape(fan_in, fan_out), theta[bias : bias + fan_out]
            at = bias + fan_out

    def _forward(self, theta: Vector, X: Matrix) -> tuple[list[Matrix], list[Matrix], list[Matrix], Vector]:
        """The input, the activation's slope and its bend of every layer, and z."""
        inputs, slopes, bends = [X], [], []
        last = len(self.widths) - 2
        for layer, (W, b) in enumerate(self._layers(theta)):
            a, s, t = ACTIVATIONS[self.activation if layer < last else "linear"].at(inputs[-1] @ W + b)
            inputs.append(a)
            slopes.append(s)
            bends.append(t)
        return inputs[:-1], slopes, bends, np.ascontiguousarray(inputs[-1][:, 0])

    def _back_propagate(self, theta: Vector, X: Matrix, y: Vector) -> tuple[float, Vector]:
        inputs, slopes, _, z = self._forward(theta, X)
        total, slope, _ = self.loss.total(z, y)
        delta = (slope / len(y))[:, None]
        parts: list[Vector] = []
        for layer, (W, _) in reversed(list(enumerate(self._layers(theta)))):
            parts[:0] = [(inputs[layer].T @ delta + self.l2 * W).ravel(), delta.sum(0)]
            if layer:
                delta = (delta @ W.T) * slopes[layer - 1]
        return total / len(y) + self._penalty(theta), np.concatenate(parts)

    def _penalty(self, theta: Vector) -> float:
        return self.l2 / 2 * sum(float(np.sum(W * W)) for W, _ in self._layers(theta)) if self.l2 else 0.0
