"""Seeded rows of exactly chosen conditioning."""

from __future__ import annotations

import numpy as np

from ..arrays import Matrix, Vector


def conditioned(n: int, d: int, condition: float, rng: np.random.Generator) -> Matrix:
    """X, shape (n, d), centred, X'X/n with eigenvalues falling geometrically from 1 to 1/condition.

    With the column of ones of an intercept, whose eigenvalue is 1, the condition number is what was asked for, that
    of a single column included, whose eigenvalue is 1/condition. At most
    n - 1 eigenvalues differ from zero. Memory: two arrays of X's size.
    """
    rank = min(d, n - 1)
    G = rng.standard_normal((n, rank))
    Q, _ = np.linalg.qr(G - G.mean(0))
    V, _ = np.linalg.qr(rng.standard_normal((d, rank)))
    eigenvalues = np.geomspace(1.0 / condition, 1.0, rank)
    return np.ascontiguousarray(np.sqrt(n) * (Q * np.sqrt(eigenvalues)) @ V.T)


def planted(n: int, d: int, condition: float, seed: int) -> tuple[Matrix, Vector, np.random.Generator]:
    """Rows X, the predictions z of a hidden normal theta and intercept on them, and the generator to go on with."""
    rng = np.random.default_rng(seed)
    X = conditioned(n, d, condition, rng)
    return X, X @ rng.standard_normal(d) + rng.standard_normal(), rng
