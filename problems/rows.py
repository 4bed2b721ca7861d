"""The rows x_i of a linear model: the one place that knows how X is laid out and that there is an intercept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import Matrix, Vector
from .kernels.linear import dense_pass
from .losses import Loss


@dataclass(frozen=True)
class Rows:
    """X, shape (n, d), C-contiguous float64, with a last column of ones that is never stored."""

    X: Matrix
    intercept: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", np.require(self.X, np.float64, ["C", "W"]))  # kernels take nothing else

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def dim(self) -> int:
        return int(self.X.shape[1]) + self.intercept

    def split(self, theta: Vector) -> tuple[Vector, float]:
        """The coefficients of the columns, and the intercept."""
        return (theta[:-1], float(theta[-1])) if self.intercept else (theta, 0.0)

    def __matmul__(self, theta: Vector) -> Vector:
        """z = X w + b, shape (n,)."""
        w, b = self.split(theta)
        return self.X @ w + b

    def transposed(self, s: Vector) -> Vector:
        """[X 1]' s, shape (dim,)."""
        g = self.X.T @ s
        return np.append(g, s.sum()) if self.intercept else g

    def fused(self, theta: Vector, y: Vector, loss: Loss) -> tuple[float, Vector, Vector]:
        """Sum of losses, [X 1]' slopes and curvatures in one read of X."""
        w, b = self.split(theta)
        g, h = np.empty(self.X.shape[1] + 1), np.empty(self.n)
        total = dense_pass(self.X, y, w.copy(), b, loss.addresses[1], loss.shape, g, h)
        return total, (g if self.intercept else g[:-1]), h

    def gram(self, h: Vector | None = None) -> Matrix:
        """[X 1]' diag(h) [X 1], shape (dim, dim); h = 1 where it is left out."""
        X, d = self.X, self.X.shape[1]
        G = np.empty((self.dim, self.dim))
        root = X if h is None else np.sqrt(h)[:, None] * X
        G[:d, :d] = root.T @ root  # numpy sees one array twice and does half the work
        if self.intercept:
            G[d, :d] = G[:d, d] = X.sum(0) if h is None else X.T @ h
            G[d, d] = self.n if h is None else h.sum()
        return G

    def stored(self) -> Matrix:
        """A copy of [X 1], shape (n, dim)."""
        return np.hstack([self.X, np.ones((self.n, 1))]) if self.intercept else self.X.copy()

    def __getitem__(self, rows: NDArray[np.int64]) -> Rows:
        return Rows(np.ascontiguousarray(self.X[rows]), self.intercept)
