"""Small problems of every kind, and forms made of bare matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

import problems
import solvers
from experiments.lab.referee import Reference, refer
from experiments.lab.spec import build, parse
from problems.arrays import Matrix, Vector
from problems.forms import LeastSquares, SPDSystem

PROBLEMS = (
    "linear-regression(n=30, d=3)",
    "linear-regression(n=30, d=3, l2=0.1, intercept=false)",
    "linear-regression(data=diabetes)",
    "logistic(n=40, d=3)",
    "logistic(n=40, d=3, l2=0.1, intercept=false)",
    "logistic(data=breast_cancer, l2=0.01)",
    "xor(model=linear)",
    "xor(model=stacked)",
    "xor",
    "xor(n=40, noise=0.2, hidden=3, activation=sigmoid, l2=0.01)",
    "landscape",
    "landscape(function=himmelblau)",
    "linear-system(matrix=poisson, size=6)",
    "linear-system(matrix=convection, size=5)",
    "linear-regression(n=30, d=3, l1=0.1)",
    "linear-regression(n=30, d=3, nonnegative=true)",
    "logistic(n=40, d=3, l1=0.02, l2=0)",
)


@cache
def problem(spec: str) -> Any:
    return build(parse(spec), problems.TABLE)


@cache
def reference(spec: str) -> Reference:
    return refer(problem(spec))


def solver(spec: str) -> Any:
    return build(parse(spec), solvers.TABLE)


def flat(iterates: Iterator[Any], most: int) -> list[Vector]:
    """The first iterates, blocks taken apart."""

    def singly() -> Iterator[Vector]:
        for new in iterates:
            yield from new if new.ndim == 2 else [new]

    return list(islice(singly(), most))


def answer(method: Any, on: Any, dim: int, most: int = 10_000) -> Vector:
    """The last of at most so many iterates from zero."""
    return flat(method.iterate(on, np.zeros(dim), np.random.default_rng(0)), most)[-1]


@dataclass
class System(SPDSystem):
    """A theta = b; definite only if A is."""

    A: Matrix
    b: Vector

    def system(self) -> tuple[Matrix, Vector]:
        return self.A.copy(), self.b.copy()


@dataclass
class Table(LeastSquares):
    """min |B theta - c|."""

    B: Matrix
    c: Vector

    def least_squares(self) -> tuple[Matrix, Vector]:
        return self.B.copy(), self.c.copy()


def matrix(m: int, d: int, condition: float, rng: np.random.Generator) -> Matrix:
    """m x d with singular values from 1 down to 1/condition, geometrically."""
    U, _ = np.linalg.qr(rng.standard_normal((m, d)))
    V, _ = np.linalg.qr(rng.standard_normal((d, d)))
    return (U * np.geomspace(1, 1 / condition, d)) @ V.T
