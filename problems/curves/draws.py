"""Points from which a descent may find the minimum of a curve, drawn on the scales of the data.

f of a curve has many minima, and flat regions between them. Parameters in which the model is linear are eliminated: for
given values of the others they solve a small least-squares problem (Golub and Pereyra 1973). The others are drawn at
random: locations and widths in the range of a column, rates from one turn over that range to one between neighbours,
values of y, and pure numbers.
"""

from __future__ import annotations

import numpy as np

from problems.certificates.decrement import column_scales
from problems.curves.curve import Curve
from problems.foundation.arrays import EPS, Vector
from problems.graph import gradients

MOST_ROWS = 300  # by which a draw is judged


def best_draws(problem: Curve, count: int, kept: int, rng: np.random.Generator) -> list[Vector]:
    """The `kept` best random points, by growing f; fewer where f is not finite.

    count: points for each parameter in which the model is not linear.
    """
    linear = linear_parameters(problem)
    draws = _draws(problem, count * (problem.dim - len(linear)) or 1, rng)
    completed = [_completed(problem, draw, linear) for draw in draws]
    best = sorted((f, k) for k, (f, _) in enumerate(completed) if np.isfinite(f))
    return [completed[k][1] for _, k in best[:kept]]


def linear_parameters(problem: Curve) -> tuple[str, ...]:
    """Parameters in which the model is jointly linear: all second derivatives by two of them are the constant 0."""
    found: list[str] = []
    for name in problem.parameters:
        (first,) = gradients(problem.formula.sum(), name)
        second = gradients(first.sum(), *found, name)
        if all(node.operation is None and not node.name and np.all(node.constant == 0) for node in second):
            found.append(name)
    return tuple(found)


def with_fewer_rows(problem: Curve) -> Curve:
    """The curve itself, or with some of its rows, evenly chosen."""
    if problem.n <= MOST_ROWS:
        return problem
    rows = np.unique(np.linspace(0, problem.n - 1, MOST_ROWS).astype(np.int64))
    columns = {name: column[rows] for name, column in problem.columns.items()}
    return Curve(problem.formula, problem.parameters, columns, problem.y[rows], problem.start_point)


def _draws(problem: Curve, count: int, rng: np.random.Generator) -> Vector:
    """Random values of all parameters, shape (count, dim): each value of one of several kinds."""
    shape = (count, problem.dim)
    columns = list(problem.columns.values())
    which = rng.integers(len(columns), size=shape)
    low, high, size, step = (np.array(values)[which] for values in zip(*map(_scales, columns), strict=True))
    sign = rng.choice([-1.0, 1.0], shape)

    def between(a: Vector | float, b: Vector | float) -> Vector:
        """Uniform in the logarithm."""
        drawn: Vector = np.exp(rng.uniform(np.log(a), np.log(b), shape))
        return drawn

    width = high - low
    y_low, y_high = problem.y.min(), problem.y.max()
    kinds = [
        rng.uniform(low - width / 2, high + width / 2),  # a location
        sign * between(0.1 / width, 10 / width),  # a rate
        sign * between(1 / width, np.pi / step),  # a frequency
        sign * between(1e-3 * size, 10 * size),  # a width
        sign * between(1e-4 / size, 100 / size),  # a factor
        sign * between(1e-2, 10.0),  # a power or a phase
        problem.start_point * np.exp(rng.standard_normal(shape)),
        rng.uniform(y_low, y_high, shape) + rng.standard_normal(shape) * (y_high - y_low) / 2,
    ]
    drawn: Vector = np.choose(rng.integers(len(kinds), size=shape), kinds)
    return drawn


def _scales(column: Vector) -> tuple[float, float, float, float]:
    """The least and the largest value of a column, its largest magnitude, and the distance of neighbours."""
    values = np.unique(column)
    size = float(abs(values).max()) or 1.0
    if len(values) == 1:
        return float(values[0]) - size / 2, float(values[0]) + size / 2, size, size
    return float(values[0]), float(values[-1]), size, float(np.median(np.diff(values)))


def _completed(problem: Curve, theta: Vector, linear: tuple[str, ...]) -> tuple[float, Vector]:
    """f and theta once the parameters in which the model is linear are at their best."""
    at = [problem.parameters.index(name) for name in linear]
    theta = theta.copy()
    theta[at] = 0.0
    r, J = problem.residual_and_jacobian(theta)
    if at and np.isfinite(J).all() and np.isfinite(r).all():
        scales = column_scales(J[:, at])
        with np.errstate(over="ignore"):
            theta[at] = scales * np.linalg.lstsq(J[:, at] * scales, -r, rcond=EPS)[0]
    return problem.value(theta), theta
