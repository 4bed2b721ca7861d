"""The rows x_i of a linear model: the one place that knows how X is laid out and that there is an intercept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from problems.foundation.arrays import CSR, Matrix, Vector
from problems.foundation.checks import DataError
from problems.kernels.linear import dense_normal, dense_pass, dense_total, total_at
from problems.kernels.sparse import (
    sparse_gram,
    sparse_normal,
    sparse_pass,
    sparse_product,
    sparse_total,
    sparse_transposed,
)
from problems.parts.losses import Loss

NARROW = 1000  # columns up to which a Gram matrix is an array
LARGE = 2**21  # numbers from which X comes from memory, and BLAS predicts as fast as that gives them
PIECE = 2**16  # numbers that stay in the second-level cache


@dataclass(frozen=True)
class Rows:
    """X, shape (n, d), with a last column of ones that is never stored.

    X is a C-contiguous float64 array, or a float64 CSR array of scipy, its indices 32 bits wide and ascending in each
    row, none twice.
    """

    X: Any
    intercept: bool = True

    def __post_init__(self) -> None:  # kernels take nothing else
        X = canonical(self.X) if sp.issparse(self.X) else np.require(self.X, np.float64, ["C", "W"])
        object.__setattr__(self, "X", X)

    @property
    def n(self) -> int:
        return int(self.X.shape[0])

    @property
    def dim(self) -> int:
        return int(self.X.shape[1]) + self.intercept

    @cached_property
    def sparse(self) -> bool:
        return bool(sp.issparse(self.X))

    @cached_property
    def csr(self) -> CSR:
        """What kernels take of a sparse X."""
        return CSR(self.X.data, self.X.indices.view(np.uint32), self.X.indptr.view(np.uint32))

    @property
    def _parts(self) -> Any:
        return self.csr if self.sparse else (self.X,)

    @property
    def numbers(self) -> int:
        """How many numbers one pass reads, at least 1: d a row, or those stored of it and one more."""
        return max(int(self.X.size) + self.n * self.sparse, 1)

    def split(self, theta: Vector) -> tuple[Vector, float]:
        """The coefficients of the columns, and the intercept."""
        return (theta[:-1], float(theta[-1])) if self.intercept else (theta, 0.0)

    def __matmul__(self, theta: Vector) -> Vector:
        """z = X w + b, shape (n,)."""
        w, b = self.split(theta)
        if not self.sparse:
            z: Vector = self.X @ w
            z += b
            return z
        z = np.empty(self.n)
        sparse_product(*self.csr, w.copy(), b, z)
        return z

    def transposed(self, s: Vector) -> Vector:
        """[X 1]' s, shape (dim,)."""
        if not self.sparse:
            g: Vector = self.X.T @ s
            return np.append(g, s.sum()) if self.intercept else g
        g = np.empty(self.X.shape[1] + 1)
        sparse_transposed(*self.csr, np.ascontiguousarray(s), g)
        return g if self.intercept else g[:-1]

    def normal(self, h: Vector, v: Vector) -> Vector:
        """[X 1]' diag(h) [X 1] v, shape (dim,), in one read of X."""
        w, c = self.split(v)
        g = np.empty(self.X.shape[1] + 1)
        multiply: Any = sparse_normal if self.sparse else dense_normal
        multiply(*self._parts, h, np.require(w, np.float64, ["C", "W"]), c, g)
        return g if self.intercept else g[:-1]

    def total(self, theta: Vector, y: Vector, loss: Loss) -> float:
        """The sum of losses."""
        w, b = self.split(theta)
        if not self.sparse and self.X.size > LARGE:
            return float(total_at(self @ theta, y, loss.addresses[1], loss.shape))
        sum_of: Any = sparse_total if self.sparse else dense_total
        return float(sum_of(*self._parts, y, np.require(w, np.float64, ["C", "W"]), b, loss.addresses[1], loss.shape))

    def fused(self, theta: Vector, y: Vector, loss: Loss) -> tuple[float, Vector, Vector]:
        """Sum of losses, [X 1]' slopes and curvatures in one read of X."""
        w, b = self.split(theta)
        g, h = np.empty(self.X.shape[1] + 1), np.empty(self.n)
        fuse: Any = sparse_pass if self.sparse else dense_pass
        total = fuse(*self._parts, y, np.require(w, np.float64, ["C", "W"]), b, loss.addresses[1], loss.shape, g, h)
        return total, (g if self.intercept else g[:-1]), h

    def gram(self, h: Vector | None = None) -> Matrix:
        """[X 1]' diag(h) [X 1], shape (dim, dim); h = 1 where it is left out."""
        X, d = self.X, self.X.shape[1]
        G = np.empty((self.dim, self.dim))
        if self.sparse:
            within = np.empty((d, d))
            sparse_gram(*self.csr, np.ones(self.n) if h is None else h, within)
            G[:d, :d] = within
        else:
            G[:d, :d] = X.T @ X if h is None else _weighted(X, np.sqrt(h)[:, None])
        if self.intercept:
            G[d, :d] = G[:d, d] = X.sum(0) if h is None else X.T @ h
            G[d, d] = self.n if h is None else h.sum()
        return G

    def gram_as_fits(self) -> Any:
        """[X 1]'[X 1], an array; CSR where X is sparse and wide, and few of its columns meet in a row."""
        if not self.sparse or self.dim <= NARROW:
            return self.gram()
        B = self.stored()
        G = (B.T @ B).tocsr()
        return G if 4 * G.nnz <= self.dim**2 else G.toarray()

    def stored(self) -> Any:
        """A copy of [X 1], shape (n, dim), laid out as X is."""
        if not self.intercept:
            return self.X.copy()
        ones = np.ones((self.n, 1))
        return sp.hstack([self.X, ones], format="csr") if self.sparse else np.hstack([self.X, ones])

    def longest(self) -> float:
        """The largest |x_i|^2, the intercept's 1 included."""
        return float(squares(self.X).max(initial=0.0)) + self.intercept

    def corner(self, few: NDArray[np.int64], columns: int) -> Rows:
        """A few rows and columns: the first, or of a sparse X those with the most entries in these rows."""
        if not self.sparse:
            return Rows(np.ascontiguousarray(self.X[few, :columns]), self.intercept)
        X = self.X[few]
        fullest = np.argsort(-np.bincount(X.indices, minlength=X.shape[1]), kind="stable")[:columns]
        return Rows(X[:, np.sort(fullest)], self.intercept)

    def __getitem__(self, rows: NDArray[np.int64]) -> Rows:
        return Rows(self.X[rows] if self.sparse else np.ascontiguousarray(self.X[rows]), self.intercept)


def _weighted(X: Matrix, root: Vector) -> Matrix:
    """(root X)'(root X), a few rows at a time, so that root X is still in the cache when it is read."""
    G: Matrix = np.zeros((X.shape[1], X.shape[1]))
    many = max(PIECE // max(X.shape[1], 1), X.shape[1], 1)
    for first in range(0, len(X), many):
        piece = root[first : first + many] * X[first : first + many]
        G += piece.T @ piece  # numpy sees one array twice and does half the work
    return G


def squares(X: Any) -> Vector:
    """|x_i|^2 of the rows of an array or a CSR array."""
    with np.errstate(over="ignore"):
        if not sp.issparse(X):
            lengths: Vector = np.einsum("ij,ij->i", X, X)
            return lengths
        row = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
        return np.bincount(row, X.data * X.data, X.shape[0]).astype(np.float64)


def canonical(given: Any) -> Any:
    """A CSR array as kernels take it; what is given is not written to."""
    X = sp.csr_array(given, dtype=np.float64)
    X.check_format(full_check=True)
    if max(X.nnz, X.shape[1]) >= 2**31:
        raise DataError(f"{X.nnz} entries in {X.shape[1]} columns are too many for indices of 32 bits")
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    indices = (np.require(part, np.int32, ["C", "W"]) for part in (X.indices, X.indptr))
    return sp.csr_array((np.require(X.data, np.float64, ["C", "W"]), *indices), shape=X.shape)
