"""The recurrences of methods with whole gradients, in plain NumPy, for comparison with a solver's iterates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from inspect import signature
from itertools import count, islice
from typing import Any

import numpy as np
from numpy.linalg import norm

from experiments.conformance.cases.examples import Example
from experiments.conformance.requirements.contract import stepping
from experiments.conformance.requirements.failure import PropertyFailed
from problems.foundation.arrays import Vector
from solvers.base import Recurrence
from solvers.base.spectrum import largest_curvature

Gradient = Callable[[Vector], Vector]
COMPARED = 60  # iterates
SAME = 1e-9  # times their size: sums in another order differ by less
SHORTER = 0.9  # times the default step, so that the step is known without an estimate


def follows_its_recurrence(solver: Any, example: Example) -> None:
    """If every step uses all rows, the iterates are those of the method's published recurrence."""
    rng = np.random.default_rng(example.seed)
    problem = example.problem
    theta0 = example.start() + rng.standard_normal(problem.dim)  # where no partial derivative is zero by symmetry
    step = SHORTER / largest_curvature(problem, theta0, rng)
    solver = _with(solver, step=solver.step if getattr(solver, "step", None) else step, batch=len(problem.y))
    expected = REFERENCES[solver.recurrence()](problem.gradient, theta0, **_constants(solver))
    with np.errstate(all="ignore"):
        reached = islice(stepping(solver, example, example.seed, theta0), COMPARED)
        for k, (theta, exact) in enumerate(zip(reached, expected, strict=False), start=1):
            difference = float(norm(theta - exact))
            if not difference <= SAME * (1 + float(norm(exact))):
                raise PropertyFailed(
                    f"iterate {k} is {difference:.3g} away from that of the recurrence {solver.recurrence()}"
                )


def _with(solver: Any, **values: Any) -> Any:
    """The solver with those values of its fields; a field that it does not have is left out."""
    known = {field.name for field in fields(solver)}
    return replace(solver, **{name: value for name, value in values.items() if name in known})


def _constants(solver: Any) -> dict[str, Any]:
    """The solver's fields that are constants of its recurrence."""
    names = list(signature(REFERENCES[solver.recurrence()]).parameters)[2:]
    return {name: getattr(solver, name) for name in names if hasattr(solver, name)}


def _gradient_descent(gradient: Gradient, theta: Vector, step: float) -> Iterator[Vector]:
    while True:
        theta = theta - step * gradient(theta)
        yield theta


def _heavy_ball(gradient: Gradient, theta: Vector, step: float, momentum: float) -> Iterator[Vector]:
    v = np.zeros_like(theta)
    while True:
        v = momentum * v - step * gradient(theta)
        theta = theta + v
        yield theta


def _nesterov(gradient: Gradient, theta: Vector, step: float, momentum: float | None = None) -> Iterator[Vector]:
    point = theta
    for k in count(1):
        theta, before = point - step * gradient(point), theta
        point = theta + ((k - 1) / (k + 2) if momentum is None else momentum) * (theta - before)
        yield theta


def _adagrad(gradient: Gradient, theta: Vector, step: float, epsilon: float = 1e-10) -> Iterator[Vector]:
    v = np.zeros_like(theta)
    while True:
        g = gradient(theta)
        v = v + g**2
        theta = theta - step * g / (np.sqrt(v) + epsilon)
        yield theta


def _rmsprop(gradient: Gradient, theta: Vector, step: float, rho: float, epsilon: float = 1e-8) -> Iterator[Vector]:
    v = np.zeros_like(theta)
    while True:
        g = gradient(theta)
        v = rho * v + (1 - rho) * g**2
        theta = theta - step * g / (np.sqrt(v) + epsilon)
        yield theta


def _adam(
    gradient: Gradient,
    theta: Vector,
    step: float,
    beta1: float,
    beta2: float,
    epsilon: float = 1e-8,
    decay: float = 0.0,
) -> Iterator[Vector]:
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for k in count(1):
        g = gradient(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        unbiased_m, unbiased_v = m / (1 - beta1**k), v / (1 - beta2**k)
        theta = theta - step * (unbiased_m / (np.sqrt(unbiased_v) + epsilon) + decay * theta)
        yield theta


REFERENCES: dict[Recurrence, Callable[..., Iterator[Vector]]] = {
    Recurrence.GRADIENT_DESCENT: _gradient_descent,
    Recurrence.HEAVY_BALL: _heavy_ball,
    Recurrence.NESTEROV: _nesterov,
    Recurrence.ADAGRAD: _adagrad,
    Recurrence.RMSPROP: _rmsprop,
    Recurrence.ADAM: _adam,
}
