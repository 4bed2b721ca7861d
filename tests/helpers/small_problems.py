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
from experiments.lab.reference.referee import Reference, refer
from experiments.lab.spec.grammar import build, parse
from problems.forms import LeastSquares, SPDSystem
from problems.foundation.arrays import Matrix, Vector

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
    "xor(model=features, l2=0.01)",
    "xor(model=kernel)",
    "network(n=30, hidden=[4, 3], l2=0.01)",
    "network(data=moons, n=30, hidden=4, activation=prelu)",
    "network(data=iris, hidden=3, activation=maxout, initialiser=he)",
    "network(n=20, outputs=2, hidden=[3], activation=gelu, initialiser=orthogonal)",
    "landscape",
    "landscape(function=himmelblau)",
    "linear-system(matrix=poisson, size=6)",
    "linear-system(matrix=convection, size=5)",
    "linear-regression(n=30, d=3, l1=0.1)",
    "linear-regression(n=30, d=3, nonnegative=true)",
    "logistic(n=40, d=3, l1=0.02, l2=0)",
    "linear-regression(n=40, d=4, density=0.3, sparsity=0.5, outliers=0.1, shift=5)",
    "linear-regression(n=30, d=3, loss=absolute)",
    "linear-regression(n=30, d=3, loss=absolute, nonnegative=true)",
    "linear-regression(n=30, d=3, loss=quantile, tau=0.3, l1=0.02, l2=0.1)",
    "linear-regression(n=30, d=3, loss=huber, delta=0.1)",
    "hinge(n=40, d=3)",
    "hinge(n=40, d=3, margin=0)",
    "hinge(n=40, d=3, loss=squared_hinge, l1=0.02)",
    "lasso(n=20, d=30, intercept=false)",
    "nonnegative-least-squares(n=30, d=3, density=0.5)",
    "logistic(n=40, d=3, correlation=0.9, balance=0.3)",
    "basis-pursuit(n=12, d=30, k=3)",
    "total-variation(n=30, pieces=3, weight=0.01)",
    "softmax(n=40, d=3)",
    "softmax(n=60, d=3, classes=4, l2=0, balance=0.5)",
    "softmax(n=40, d=3, l1=0.02, l2=0.01, intercept=false)",
    "softmax(data=iris)",
    "linear-regression(outputs=2, n=30, d=3)",
    "linear-regression(outputs=3, n=30, d=3, l1=0.1, l2=0.1)",
    "pca(n=40, d=6, k=2)",
    "pca(data=iris, k=1)",
    "k-means(n=40, k=3)",
    "k-means(data=iris, k=3, init=random)",
    "curve(n=20)",
    'curve(formula="b1*x/(b2 + x)", n=12, spread=0.1)',
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
