"""Small problems of every kind, their references, and how tests run solvers on them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from experiments.lab.reference.referee import refer
from experiments.lab.reference.reference import Reference
from experiments.lab.spec.building import build_problem, build_solver
from experiments.lab.spec.grammar import parse
from problems.foundation.arrays import Matrix, Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.rows import Rows
from solvers.base.driving import iterates, last_iterate
from solvers.base.spectrum import largest_curvature
from solvers.first_order.descent import GradientDescent
from solvers.second_order.quasi_newton import LBFGS

# smooth linear models whose Hessian at the minimum is known, with its spectrum
CONVEX = (
    "linear-regression(n=30, d=3)",
    "linear-regression(n=30, d=3, l2=0.1, intercept=false)",
    "linear-regression(data=diabetes)",
    "linear-regression(n=40, d=4, density=0.3, sparsity=0.5, outliers=0.1, shift=5)",
    "logistic(n=40, d=3)",
    "logistic(n=40, d=3, l2=0.1, intercept=false)",
    "logistic(n=40, d=3, correlation=0.9, balance=0.3)",
    "logistic(data=breast_cancer, l2=0.01)",
    "xor(model=linear)",
    "xor(model=features, l2=0.01)",
)
NETWORKS = (
    "xor(model=stacked)",
    "xor",
    "xor(n=40, noise=0.2, hidden=3, activation=sigmoid, l2=0.01)",
    "network(n=30, hidden=[4, 3], l2=0.01)",
    "network(data=moons, n=30, hidden=4, activation=prelu)",
    "network(data=iris, hidden=3, activation=maxout, initialiser=he)",
    "network(n=20, outputs=2, hidden=[3], activation=gelu, initialiser=orthogonal)",
)
# sums over rows that have a gradient everywhere
SMOOTH_SUMS = (
    *CONVEX,
    *NETWORKS,
    "xor(model=kernel)",
    "linear-regression(n=30, d=3, loss=huber, delta=0.1)",
    "softmax(n=40, d=3)",
    "softmax(n=60, d=3, classes=4, l2=0, balance=0.5)",
    "softmax(data=iris)",
    "linear-regression(outputs=2, n=30, d=3)",
    "pca(n=40, d=6, k=2)",
    "pca(data=iris, k=1)",
    "k-means(n=40, k=3, clusters=3)",
    "k-means(data=iris, k=3, init=random)",
    "curve(n=20)",
    'curve(formula="b1*x/(b2 + x)", n=12, spread=0.1)',
)
LANDSCAPES = ("landscape", "landscape(function=himmelblau)")
TWICE_SMOOTH = tuple(spec for spec in (*SMOOTH_SUMS, *LANDSCAPES) if "huber" not in spec)
PROBLEMS = (
    *SMOOTH_SUMS,
    *LANDSCAPES,
    "linear-system(data=poisson, size=6)",
    "linear-system(data=convection, size=5)",
    "linear-regression(n=30, d=3, l1=0.1)",
    "linear-regression(n=30, d=3, nonnegative=true)",
    "linear-regression(n=30, d=3, loss=absolute)",
    "linear-regression(n=30, d=3, loss=absolute, nonnegative=true)",
    "linear-regression(n=30, d=3, loss=quantile, tau=0.3, l1=0.02, l2=0.1)",
    "logistic(n=40, d=3, l1=0.02, l2=0)",
    "hinge(n=40, d=3)",
    "hinge(n=40, d=3, margin=0)",
    "hinge(n=40, d=3, loss=squared_hinge, l1=0.02)",
    "lasso(n=20, d=30, intercept=false)",
    "nonnegative-least-squares(n=30, d=3, density=0.5)",
    "basis-pursuit(n=12, d=30, nonzeros=3)",
    "total-variation(n=30, pieces=3, weight=0.01)",
    "softmax(n=40, d=3, l1=0.02, l2=0.01, intercept=false)",
    "linear-regression(outputs=3, n=30, d=3, l1=0.1, l2=0.1)",
)


# no certificate proves an interval for f* that is narrow
UNPROVEN = (
    "xor(n=40, noise=0.2, hidden=3, activation=sigmoid, l2=0.01)",
    "network(n=30, hidden=[4, 3], l2=0.01)",
    "network(data=moons, n=30, hidden=4, activation=prelu)",
    "network(data=iris, hidden=3, activation=maxout, initialiser=he)",
    "network(n=20, outputs=2, hidden=[3], activation=gelu, initialiser=orthogonal)",
    "k-means(data=iris, k=3, init=random)",
    "curve(n=20)",
    'curve(formula="b1*x/(b2 + x)", n=12, spread=0.1)',
)


@cache
def problem(spec: str) -> Any:
    """The problem of that spec, built once."""
    return build_problem(parse(spec))


@cache
def reference(spec: str) -> Reference:
    """The referee's interval for the minimum of that problem, computed once."""
    return refer(problem(spec))


@cache
def bounds(spec: str) -> tuple[float, float]:
    """A lower and an upper bound of the minimum: the referee's, or cheap bounds if the referee proves none."""
    if spec not in UNPROVEN:
        return reference(spec).lower, reference(spec).upper
    start = problem(spec).start(np.random.default_rng(0))
    return 0.0, float(problem(spec).value(last_iterate(LBFGS(), problem(spec), start, 100)))


def solver(spec: str) -> Any:
    """The solver of that spec."""
    return build_solver(parse(spec))


def first_iterates(solver: Any, problem: Any, theta0: Vector, most: int, rng: np.random.Generator | int = 0) -> Matrix:
    """The first iterates, at most `most`: shape (k, dim). Raises Breakdown and Refusal as the solver does."""
    return np.array(list(islice(iterates(solver, problem, theta0, rng), most))).reshape(-1, theta0.size)


def stable_step(fraction: float, objective: Any, theta0: Vector) -> float:
    """A fraction of 1/L as a step: with a longer step rounding errors may grow until two runs differ.

    L is that of the start. Where it grows on the way, as on polynomials of degree 4, the step is halved until f falls.
    """
    step = fraction / largest_curvature(objective, theta0, np.random.default_rng(0))
    while not _falls(step, objective, theta0):
        step /= 2
    return step


def _falls(step: float, objective: Any, theta0: Vector) -> bool:
    """Whether no iterate of gradient descent raises f beyond rounding."""
    thetas = [theta0, *first_iterates(GradientDescent(step), objective, theta0, 20)]
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.array([objective.value(theta) for theta in thetas])
    return bool((values[1:] <= (1 + 1e-12) * values[:-1]).all())


def answer(solver: Any, problem: Any, dim: int, most: int = 10_000) -> Vector:
    """The last of the first iterates from zero, at most `most`. Raises Breakdown and Refusal as the solver does."""
    last: Vector = first_iterates(solver, problem, np.zeros(dim), most)[-1]
    return last


def reason_of_ending(solver: Any, problem: Any, theta0: Vector, most: int = 1000, rng: int = 0) -> Any:
    """Why the solver ends by itself, as it returns it; AssertionError if it has not ended after `most` blocks."""
    blocks = solver.iterate(problem, theta0, np.random.default_rng(rng))
    for _ in range(most):
        try:
            next(blocks)
        except StopIteration as end:
            return end.value
    raise AssertionError("it does not end by itself")


def flat(blocks: Iterator[Any], most: int) -> list[Vector]:
    """The first iterates of a generator that yields them singly or in blocks."""
    singly = (theta for block in blocks for theta in np.atleast_2d(block))
    return list(islice(singly, most))


def least_squares(X: Matrix, y: Vector) -> Any:
    """min |X theta - y|^2 / (2n) as a problem, without an intercept."""
    return linear_model(Rows(X, intercept=False), y, squared)


def matrix(m: int, d: int, condition: float, rng: np.random.Generator) -> Matrix:
    """An m x d matrix whose singular values decrease geometrically from 1 to 1/condition."""
    U, _ = np.linalg.qr(rng.standard_normal((m, d)))
    V, _ = np.linalg.qr(rng.standard_normal((d, d)))
    result: Matrix = (U * np.geomspace(1, 1 / condition, d)) @ V.T
    return result
