"""Seeded matrices of rows with an exact condition number, spectrum, correlation or density."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import toeplitz

from problems.foundation.arrays import Matrix, Vector


def conditioned(n: int, d: int, condition: float, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), centred; the eigenvalues of X'X/n are a geometric series from 1/condition to 1.

    The column of ones of an intercept adds the eigenvalue 1. Therefore the condition number of [X 1] is `condition`,
    also for a single column, whose eigenvalue is 1/condition. At most n - 1 eigenvalues differ from zero.
    Memory: two arrays of X's size.
    """
    rank = min(d, n - 1)
    Q = _centred(n, rank, rng)
    V, _ = np.linalg.qr(rng.standard_normal((d, rank)))
    eigenvalues = np.geomspace(1.0 / condition, 1.0, rank)
    return np.ascontiguousarray(np.sqrt(n) * (Q * np.sqrt(eigenvalues)) @ V.T)


def spectral(n: int, eigenvalues: Vector, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), centred; X'X/n has exactly those d eigenvalues, or the first n - 1 of them if n <= d."""
    d = eigenvalues.size
    rank = min(d, n - 1)
    Q = _centred(n, rank, rng)
    V, _ = np.linalg.qr(rng.standard_normal((d, d)))
    return np.ascontiguousarray(np.sqrt(n) * (Q * np.sqrt(eigenvalues[:rank])) @ V[:, :rank].T)


def correlated(n: int, d: int, correlation: float, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), n > d; its columns have mean 0, mean square 1 and correlations correlation^|i - j|, exactly."""
    C = np.linalg.cholesky(toeplitz(np.power(correlation, np.arange(d))))
    return np.ascontiguousarray(np.sqrt(n) * _centred(n, d, rng) @ C.T)


def sparse(n: int, d: int, density: float, rng: np.random.Generator) -> sp.csr_array:
    """X, shape (n, d), CSR: each column has round(density n) normal entries, at least one, and mean square 1."""
    k = max(1, round(density * n))
    rows = np.concatenate([rng.choice(n, k, replace=False) for _ in range(d)])
    values = rng.standard_normal((d, k))
    values *= np.sqrt(n) / np.linalg.norm(values, axis=1, keepdims=True)
    X: Any = sp.csr_array((values.ravel(), (rows, np.repeat(np.arange(d), k))), shape=(n, d))
    X.sort_indices()
    return X


def _centred(n: int, rank: int, rng: np.random.Generator) -> Matrix:
    """Random orthonormal columns with mean 0, shape (n, rank), rank < n."""
    G = rng.standard_normal((n, rank))
    return np.linalg.qr(G - G.mean(0))[0]
