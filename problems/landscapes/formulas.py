"""Test functions of the literature, as residuals with their derivatives, and their known minima."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from problems.foundation.arrays import Vector

# a residual r(a, b) of two neighbouring coefficients, with its derivatives: r, r_a, r_b, r_aa, r_ab, r_bb
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
    root, angle = np.sqrt(20), np.pi * a  # 10 - 10 cos(2 pi a) = 20 sin(pi a)^2
    sine = root * np.sin(angle)
    return [(a, 1, 0, 0, 0, 0), (sine, np.pi * root * np.cos(angle), 0, -(np.pi**2) * sine, 0, 0)]


class Formula(NamedTuple):
    """One test function: its start, its minimisers and its residuals."""

    start: tuple[float, float]  # repeated for more than two coefficients
    minimisers: tuple[tuple[float, float], ...]
    residuals: Callable[[Vector, Vector], list[Jet]] | None  # None: f is not a sum of squares
    residual_coefficients: int = 2  # that one residual depends on: 1, or 2 neighbours
    two_variables_only: bool = True


FORMULAS = {
    "rosenbrock": Formula((-1.2, 1.0), ((1.0, 1.0),), _rosenbrock, two_variables_only=False),
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
    "rastrigin": Formula((2.2, -1.8), ((0.0, 0.0),), _rastrigin, 1, two_variables_only=False),
    "ackley": Formula((2.2, -1.8), ((0.0, 0.0),), None, 1, two_variables_only=False),
}
