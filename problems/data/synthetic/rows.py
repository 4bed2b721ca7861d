"""Seeded rows of exactly chosen conditioning, correlation or density, and what a hidden theta predicts of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import toeplitz

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least, fraction

CONDITION = 100.0  # where nothing else is asked of the rows


def conditioned(n: int, d: int, condition: float, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), centred, X'X/n with eigenvalues falling geometrically from 1 to 1/condition.

    With the column of ones of an intercept, whose eigenvalue is 1, the condition number is what was asked for, that
    of a single column included, whose eigenvalue is 1/condition. At most
    n - 1 eigenvalues differ from zero. Memory: two arrays of X's size.
    """
    rank = min(d, n - 1)
    Q = _centred(n, rank, rng)
    V, _ = np.linalg.qr(rng.standard_normal((d, rank)))
    eigenvalues = np.geomspace(1.0 / condition, 1.0, rank)
    return np.ascontiguousarray(np.sqrt(n) * (Q * np.sqrt(eigenvalues)) @ V.T)


def correlated(n: int, d: int, correlation: float, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), n > d, with columns of mean 0, mean square 1 and correlations correlation^|i - j|, exactly."""
    C = np.linalg.cholesky(toeplitz(np.power(correlation, np.arange(d))))
    return np.ascontiguousarray(np.sqrt(n) * _centred(n, d, rng) @ C.T)


def scattered(n: int, d: int, density: float, rng: np.random.Generator) -> sp.csr_array:
    """X, shape (n, d), CSR: round(density n) normal entries in each column, at least one; mean squares are 1."""
    k = max(1, round(density * n))
    rows = np.concatenate([rng.choice(n, k, replace=False) for _ in range(d)])
    values = rng.standard_normal((d, k))
    values *= np.sqrt(n) / np.linalg.norm(values, axis=1, keepdims=True)
    X = sp.csr_array((values.ravel(), (rows, np.repeat(np.arange(d), k))), shape=(n, d))
    X.sort_indices()
    return X


def _centred(n: int, rank: int, rng: np.random.Generator) -> Matrix:
    """Random orthonormal columns of mean 0, shape (n, rank), rank < n."""
    G = rng.standard_normal((n, rank))
    return np.linalg.qr(G - G.mean(0))[0]


@dataclass(frozen=True)
class Plant:
    """Rows X, the theta = (w, b) hidden in them, its predictions z, and the generator to go on with."""

    X: Any  # (n, d), an array or a CSR array
    w: Vector
    b: float
    z: Vector
    rng: np.random.Generator


def plant(
    n: int,
    d: int,
    seed: int,
    condition: float | None = None,
    correlation: float | None = None,
    density: float | None = None,
    sparsity: float = 0.0,
) -> Plant:
    """Rows of that condition number (100), correlation or density, and a hidden theta, normal but for its zeros.

    Exactly round(sparsity d) of the coefficients w are zero, but one is not. ValueError where two promises cannot both
    be kept.
    """
    asked = {"condition": condition, "correlation": correlation, "density": density}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) > 1:
        raise ValueError(f"{given[0]} and {given[1]} cannot both be kept exactly; give one of them")
    at_least(1, condition=condition, d=d)
    at_least(2, n=n)
    fraction(sparsity=sparsity)
    if density is not None and not 0 < density <= 1:
        raise ValueError(f"density is {density}; it must be above 0 and at most 1")
    if correlation is not None and not -1 < correlation < 1:
        raise ValueError(f"correlation is {correlation}; it must be between -1 and 1")
    rng = np.random.default_rng(seed)
    if correlation is not None:
        if n <= d:
            raise ValueError(f"correlation is exact only where there are more rows than columns; n is {n} and d is {d}")
        X: Any = correlated(n, d, correlation, rng)
    elif density is not None:
        X = scattered(n, d, density, rng)
    else:
        X = conditioned(n, d, CONDITION if condition is None else condition, rng)
    w, b = rng.standard_normal(d), rng.standard_normal()
    if sparsity:
        w[rng.permutation(d)[: min(round(sparsity * d), d - 1)]] = 0.0
    return Plant(X, w, b, X @ w + b, rng)
