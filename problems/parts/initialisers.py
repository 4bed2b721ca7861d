"""Initialisers: the distributions from which a network's first weights are drawn. Biases start at zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from problems.foundation.arrays import Matrix


@dataclass(frozen=True)
class Initialiser:
    """Draws W, shape (fan_in, fan_out); its entries have mean zero and a stated variance."""

    draw: Callable[[np.random.Generator, int, int], Matrix]
    variance: Callable[[int, int], float]  # of fan_in and fan_out
    formula: str  # the distribution and its variance, or the procedure, in words
    source: str


def _normal(variance: Callable[[int, int], float]) -> Callable[[np.random.Generator, int, int], Matrix]:
    def draw(rng: np.random.Generator, fan_in: int, fan_out: int) -> Matrix:
        return math.sqrt(variance(fan_in, fan_out)) * rng.standard_normal((fan_in, fan_out))

    return draw


def _inverse_fan_in(fan_in: int, fan_out: int) -> float:
    return 1.0 / fan_in


def _glorot_variance(fan_in: int, fan_out: int) -> float:
    return 2.0 / (fan_in + fan_out)


def _he_variance(fan_in: int, fan_out: int) -> float:
    return 2.0 / fan_in


def _glorot_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> Matrix:
    end = math.sqrt(3 * _glorot_variance(fan_in, fan_out))  # the variance on [-end, end] is end^2 / 3
    return rng.uniform(-end, end, (fan_in, fan_out))


def _orthogonal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Matrix:
    """Orthonormal columns, or rows if there are fewer rows; uniformly distributed among all such W."""
    tall = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
    Q, R = np.linalg.qr(tall)
    Q = Q * np.where(np.diag(R) < 0, -1.0, 1.0)  # LAPACK's signs are not random
    return np.ascontiguousarray(Q if fan_in >= fan_out else Q.T)


INITIALISERS = {
    "zeros": Initialiser(
        lambda rng, fan_in, fan_out: np.zeros((fan_in, fan_out)),
        lambda fan_in, fan_out: 0.0,
        "0: the units of a layer stay equal to one another in every step",
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
    "normal": Initialiser(
        _normal(_inverse_fan_in),
        _inverse_fan_in,
        "normal, 1 / fan_in",
        "LeCun et al. (1998), doi:10.1007/3-540-49430-8_2",
    ),
    "xavier": Initialiser(
        _glorot_uniform,
        _glorot_variance,
        "uniform, 2 / (fan_in + fan_out)",
        "Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    "he": Initialiser(_normal(_he_variance), _he_variance, "normal, 2 / fan_in", "He et al. (2015), arXiv:1502.01852"),
    "orthogonal": Initialiser(
        _orthogonal,
        lambda fan_in, fan_out: 1.0 / max(fan_in, fan_out),
        "W'W = I, or W W' = I if W is wide: 1 / max(fan_in, fan_out)",
        "Saxe, McClelland & Ganguli (2014), arXiv:1312.6120",
    ),
    "warm-start": Initialiser(
        _glorot_uniform,
        _glorot_variance,
        "trained weights: from a file, or trained on half of the rows from xavier's weights",
        "Hinton & Salakhutdinov (2006), doi:10.1126/science.1127647",
    ),
}
