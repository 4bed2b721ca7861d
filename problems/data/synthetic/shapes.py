"""Seeded rows that no linear model fits: waves to regress on, and classes in rings, moons and spirals of the plane."""

from __future__ import annotations

import numpy as np

from problems.foundation.arrays import Matrix, Vector

WAVES = 3  # sines added up
TURN = 1.5 * np.pi  # from the inner to the outer end of an arm of a spiral


def waves(n: int, d: int, outputs: int, noise: float, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """X uniform on [-1, 1]^d, and Y, shape (n, outputs): sines along random directions, mean 0, variance 1; noise."""
    X = rng.uniform(-1, 1, (n, d))
    directions = rng.standard_normal((d, outputs, WAVES)) * np.pi / np.sqrt(d)
    phases = rng.uniform(0, 2 * np.pi, (outputs, WAVES))
    Y: Matrix = np.sin(np.tensordot(X, directions, 1) + phases).sum(2)
    Y -= Y.mean(0)
    Y /= np.where(Y.std(0) > 0, Y.std(0), 1.0)
    return X, Y + noise * rng.standard_normal(Y.shape)


def rings(n: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Matrix, Vector]:
    """Circles about 0 of radius 1, 2, ... over how many there are, each point moved by normal noise."""
    y = np.arange(n) % classes
    angle = rng.uniform(0, 2 * np.pi, n)
    return _moved((y + 1) / classes, angle, noise, rng), y.astype(np.float64)


def moons(n: int, noise: float, rng: np.random.Generator) -> tuple[Matrix, Vector]:
    """Two half circles, each with an end in the other's hollow."""
    y = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    X = _moved(np.ones(n), angle, noise, rng)
    return np.where(y[:, None] == 0, X, np.array([1.0, 0.5]) - X), y.astype(np.float64)


def spirals(n: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Matrix, Vector]:
    """Arms that wind out of 0, each one a turn of the others."""
    y = np.arange(n) % classes
    out = np.sqrt(rng.uniform(0.01, 1, n))  # as many points to a length near the outer end as near the inner one
    return _moved(out, TURN * out + 2 * np.pi * y / classes, noise * out, rng), y.astype(np.float64)


def _moved(radius: Vector, angle: Vector, noise: float | Vector, rng: np.random.Generator) -> Matrix:
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.ascontiguousarray(X + np.reshape(noise, (-1, 1)) * rng.standard_normal(X.shape))
