"""The rows x_i of a linear model. No other module knows how X is stored and that there may be an intercept."""

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

MOST_DENSE_GRAM_COLUMNS = 1000  # columns up to which a Gram matrix of sparse rows is an array
OUT_OF_CACHE = 2**21  # entries from which X is read from memory, where BLAS is as fast as the kernels
IN_CACHE = 2**16  # entries that stay in the second-level cache


@dataclass(frozen=True)
class Rows:
    """X, shape (n, d), with a last column of ones, if there is an intercept, that is never stored.

    X is a C-contiguous float64 array, or a float64 CSR array of scipy with 32-bit indices that ascend within each row.
    """

    X: Any
    intercept: bool = True

    def __post_init__(self) -> None:
        X = canonical_csr(self.X) if sp.issparse(self.X) else np.require(self.X, np.float64, ["C", "W"])
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
        """A sparse X as kernels take it."""
        return CSR(self.X.data, self.X.indices.view(np.uint32), self.X.indptr.view(np.uint32))

    @property
    def _parts(self) -> Any:
        return self.csr if self.sparse else (self.X,)

    @property
    def entries_read(self) -> int:
        """The number of entries that one pass reads, at least 1: n d, or the stored ones and one per row."""
        return max(int(self.X.size) + self.n * self.sparse, 1)

    def split(self, theta: Vector) -> tuple[Vector, float]:
        """The coefficients of the columns, and the intercept (0 if there is none)."""
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

    def normal_product(self, h: Vector, v: Vector) -> Vector:
        """[X 1]' diag(h) [X 1] v, shape (dim,), reading X once."""
        w, c = self.split(v)
        g = np.empty(self.X.shape[1] + 1)
        multiply: Any = sparse_normal if self.sparse else dense_normal
        multiply(*self._parts, h, np.require(w, np.float64, ["C", "W"]), c, g)
        return g if self.intercept else g[:-1]

    def total(self, theta: Vector, y: Vector, loss: Loss) -> float:
        """The sum of the losses."""
        w, b = self.split(theta)
        if not self.sparse and self.X.size > OUT_OF_CACHE:
            return float(total_at(self @ theta, y, loss.addresses[1], loss.shape))
        sum_of: Any = sparse_total if self.sparse else dense_total
        return float(sum_of(*self._parts, y, np.require(w, np.float64, ["C", "W"]), b, loss.addresses[1], loss.shape))

    def fused(self, theta: Vector, y: Vector, loss: Loss) -> tuple[float, Vector, Vector]:
        """The sum of the losses, [X 1]' l'(z), shape (dim,), and l''(z), shape (n,), reading X once."""
        w, b = self.split(theta)
        g, h = np.empty(self.X.shape[1] + 1), np.empty(self.n)
        fuse: Any = sparse_pass if self.sparse else dense_pass
        total = fuse(*self._parts, y, np.require(w, np.float64, ["C", "W"]), b, loss.addresses[1], loss.shape, g, h)
        return total, (g if self.intercept else g[:-1]), h

    def gram(self, h: Vector | None = None) -> Matrix:
        """[X 1]' diag(h) [X 1], shape (dim, dim); h = 1 by default."""
        X, d = self.X, self.X.shape[1]
        G = np.empty((self.dim, self.dim))
        if self.sparse:
            inner = np.empty((d, d))
            sparse_gram(*self.csr, np.ones(self.n) if h is None else h, inner)
            G[:d, :d] = inner
        else:
            G[:d, :d] = X.T @ X if h is None else _scaled_gram(X, np.sqrt(h)[:, None])
        if self.intercept:
            G[d, :d] = G[:d, d] = X.sum(0) if h is None else X.T @ h
            G[d, d] = self.n if h is None else h.sum()
        return G

    def sparse_or_dense_gram(self) -> Any:
        """[X 1]'[X 1]: a CSR array if X is sparse and wide and the result has few entries, else an array."""
        if not self.sparse or self.dim <= MOST_DENSE_GRAM_COLUMNS:
            return self.gram()
        B = self.design_matrix()
        G = (B.T @ B).tocsr()
        return G if 4 * G.nnz <= self.dim**2 else G.toarray()

    def design_matrix(self) -> Any:
        """A copy of [X 1], shape (n, dim), an array or a CSR array as X is."""
        if not self.intercept:
            return self.X.copy()
        ones = np.ones((self.n, 1))
        return sp.hstack([self.X, ones], format="csr") if self.sparse else np.hstack([self.X, ones])

    def largest_squared_norm(self) -> float:
        """The largest |x_i|^2, including the intercept's 1."""
        return float(squared_norms(self.X).max(initial=0.0)) + self.intercept

    def subset(self, rows: NDArray[np.int64], columns: int) -> Rows:
        """A few rows and columns: the first columns, or of a sparse X those with the most entries in these rows."""
        if not self.sparse:
            return Rows(np.ascontiguousarray(self.X[rows, :columns]), self.intercept)
        X = self.X[rows]
        fullest = np.argsort(-np.bincount(X.indices, minlength=X.shape[1]), kind="stable")[:columns]
        return Rows(X[:, np.sort(fullest)], self.intercept)

    def __getitem__(self, rows: NDArray[np.int64]) -> Rows:
        return Rows(self.X[rows] if self.sparse else np.ascontiguousarray(self.X[rows]), self.intercept)


def _scaled_gram(X: Matrix, root: Vector) -> Matrix:
    """(root X)'(root X), a few rows at a time, so that root X is still in the cache when it is read."""
    G: Matrix = np.zeros((X.shape[1], X.shape[1]))
    rows = max(IN_CACHE // max(X.shape[1], 1), X.shape[1], 1)
    for first in range(0, len(X), rows):
        piece = root[first : first + rows] * X[first : first + rows]
        G += piece.T @ piece  # numpy notices that both factors are one array and does half of the work
    return G


def squared_norms(X: Any) -> Vector:
    """|x_i|^2 for the rows of an array or a CSR array."""
    with np.errstate(over="ignore"):
        if not sp.issparse(X):
            norms: Vector = np.einsum("ij,ij->i", X, X)
            return norms
        row = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
        return np.bincount(row, X.data * X.data, X.shape[0]).astype(np.float64)


def canonical_csr(matrix: Any) -> Any:
    """A sparse matrix as a CSR array for kernels: sorted, no duplicates, 32-bit indices. The argument is not changed.

    Raises DataError if 32 bits are too few.
    """
    X = sp.csr_array(matrix, dtype=np.float64)
    X.check_format(full_check=True)
    if max(X.nnz, X.shape[1]) >= 2**31:
        raise DataError(f"X has {X.nnz} entries and {X.shape[1]} columns; both must be below 2^31")
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    indices = (np.require(part, np.int32, ["C", "W"]) for part in (X.indices, X.indptr))
    return sp.csr_array((np.require(X.data, np.float64, ["C", "W"]), *indices), shape=X.shape)
