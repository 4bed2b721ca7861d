"""Square matrices of known spectrum or origin, and solutions to be found again."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.linalg import hilbert as hilbert

from problems.foundation.arrays import Matrix, Vector


def poisson(size: int) -> sp.csr_array:
    """-u_xx - u_yy on the inside of a unit square, size x size points, five-point differences times h^2.

    Eigenvalues 4 - 2 cos(i pi h) - 2 cos(j pi h), h = 1/(size + 1): symmetric positive definite.
    """
    return convection(size, 0.0)


def convection(size: int, wind: float) -> sp.csr_array:
    """-u_xx - u_yy + wind (u_x + u_y) on the same points, the wind's differences taken upwind, times h^2.

    Not symmetric where there is a wind; diagonally dominant, however strong it is.
    """
    push = wind / (size + 1)
    line = sp.diags_array([-1.0 - push, 2.0 + push, -1.0], offsets=[-1, 0, 1], shape=(size, size))
    A = sp.csr_array(sp.kronsum(line, line))
    A.sort_indices()
    return A


def spaced(n: int, condition: float, spectrum: str) -> Vector:
    """n numbers from 1/condition to 1: geometric, uniform, or clustered, which are five values over and over."""
    if spectrum == "uniform":
        return np.linspace(1 / condition, 1, n)
    if spectrum == "clustered":
        return np.sort(np.resize(np.geomspace(1, 1 / condition, min(n, 5)), n))
    return np.geomspace(1 / condition, 1, n)


def orthogonal(n: int, rng: np.random.Generator) -> Matrix:
    """A random orthogonal matrix, shape (n, n)."""
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def symmetric(eigenvalues: Vector, rng: np.random.Generator) -> Matrix:
    """A dense symmetric matrix of those eigenvalues, in random directions."""
    Q = orthogonal(eigenvalues.size, rng)
    A = (Q * eigenvalues) @ Q.T
    return (A + A.T) / 2


def general(singular: Vector, rng: np.random.Generator) -> Matrix:
    """A dense matrix of those singular values, in random directions on both sides: not symmetric."""
    return (orthogonal(singular.size, rng) * singular) @ orthogonal(singular.size, rng).T


def smooth(n: int) -> Vector:
    """t (1 - t) e^t at n points inside the unit interval."""
    t = np.arange(1, n + 1) / (n + 1)
    return t * (1 - t) * np.exp(t)
