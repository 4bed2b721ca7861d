"""Functions of the literature with a known minimum, as residuals with their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from problems.foundation.arrays import Vector

# a residual r(a, b) of two neighbours with its derivatives: r, r_a, r_b, r_aa, r_ab, r_bb
Jet = tuple[Any, Any, Any, Any, Any, Any]


def _rosenbrock(a: Vector, b: Vector) -> list[Jet]:
    return [(10 * (b - a * a), -20 * a, 10, -20, 0, 0), (1 - a, -1, 0, 0, 0, 0)]


def _himmelblau(a: Vector, b: Vector) -> list[Jet]:
    return [(a * a + b - 11, 2 * a, 1, 2, 0, 0), (a + b * b - 7, 1, 2 * b, 0, 0, 2)]


def _beale(a: Vector, b: Vector) -> list[Jet]:
    return [
        (1.5 - a + a * b, b - 1, a, 0, 1, 0),
        (2.25 - a + a * b**2, b**2 - 1, 2 * a * b, 0, 2 * b, 2 * a),
        (2.625 - a + a * b**3, b**3 - 1, 3 * a * b**2, 0, 3 * b**2, 6 * a * b),
    ]


def _booth(a: Vector, b: Vector) -> list[Jet]:
    return [(a + 2 * b - 7, 1, 2, 0, 0, 0), (2 * a + b - 5, 2, 1, 0, 0, 0)]


def _rastrigin(a: Vector, b: Vector) -> list[Jet]:
    root, turn = np.sqrt(20), np.pi * a  # 10 - 10 cos(2 pi a) = 20 sin(pi a)^2
    wave = root * np.sin(turn)
    return [(a, 1, 0, 0, 0, 0), (wave, np.pi * root * np.cos(turn), 0, -(np.pi**2) * wave, 0, 0)]


class Formula(NamedTuple):
    """What is known of one function."""

    start: tuple[float, float]  # repeated where there are more than two coefficients
    minimisers: tuple[tuple[float, float], ...]
    residuals: Callable[[Vector, Vector], list[Jet]] | None
    reads: int = 2  # how many neighbours among the coefficients a residual reads: no fewer make sense
    plane: bool = True  # of two variables, and no more


FORMULAS = {
    "rosenbrock": Formula((-1.2, 1.0), ((1.0, 1.0),), _rosenbrock, plane=False),
    "himmelblau": Formula(
        (4.0, 0.0),
        (
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
            (3.5844283403304917, -1.8481265269644036),
        ),
        _himmelblau,
    ),
    "beale": Formula((1.0, 1.0), ((3.0, 0.5),), _beale),
    "booth": Formula((-5.0, 5.0), ((1.0, 3.0),), _booth),
    "rastrigin": Formula((2.2, -1.8), ((0.0, 0.0),), _rastrigin, reads=1, plane=False),
    "ackley": Formula((2.2, -1.8), ((0.0, 0.0),), None, reads=1, plane=False),
}
