"""The problem `curve`: points, a formula and a start, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from problems.curves.curve import Curve
from problems.curves.draws import best_draws, linear_parameters, with_fewer_rows
from problems.curves.points import points
from problems.data.source import RowSource
from problems.data.synthetic.signals import Saturation
from problems.foundation.checks import not_negative
from problems.graph import Graph
from problems.graph.node import formula_text

DRAWS = 100  # of starts, for each parameter in which the model is not linear
MOST_ROWS_NAMED = 5


def curve(
    data: RowSource = Saturation(), formula: str | None = None, start: int | str | None = None, spread: float = 0.0
) -> Curve:
    """Curve fitting: nonlinear least squares for a model m that is written as a formula.

        f(theta) = (1/2n) sum_i (m(x_i; theta) - y_i)^2,     theta the parameters of the formula

    f is the residual sum of squares divided by 2n. In general it is not convex. The gradient, the Jacobian and the
    Hessian come from the computational graph of the formula, exact to rounding; at a kink (abs, relu, maximum, minimum)
    they are one-sided. Certified by the error that no theta can avoid: rows with the same predictors and different
    targets. If there are none, only f - f* <= f is proven. For a file of NIST's the measure `digits` is the number of
    digits of theta that agree with the certified values.

    data     points: named columns, and numbers as the target
    formula  such as "b1*(1 - exp(-b2*x))": + - * / ** and abs exp log sqrt sin cos tan arctan tanh sigmoid relu
             maximum minimum, pi, numbers and names. Names of columns are predictors; all other names are parameters.
             By default the formula of the data: a file of NIST's has one, and `saturation` has the one above
    start    theta_0: 1 or 2, the number of a start in a file of NIST's (by default 1); or "b1=500, b2=0.0001"; else
             every parameter of `saturation` starts at 1. Other data start at the best of 100 random points for each
             parameter in which the model is not linear, on the scales of the columns; the others are optimal
    spread   standard deviation of theta_0 about the start, relative; 0 is the start itself

    Source: Gauss (1809).
    """
    not_negative(spread=spread)
    fitted = points(data, formula, start)
    problem = Curve(fitted.formula, fitted.parameters, fitted.columns, fitted.y, fitted.start, spread, fitted.about)
    _check_columns(problem)
    if fitted.unguided and len(linear_parameters(problem)) < problem.dim:
        drawn = best_draws(with_fewer_rows(problem), DRAWS, 1, np.random.default_rng(0))
        problem.start_point = drawn[0] if drawn else problem.start_point
    if undefined := _undefined(problem.model, problem.given(problem.start_point)):
        values = ", ".join(f"{name}={t:g}" for name, t in zip(problem.parameters, problem.start_point, strict=True))
        raise ValueError(f"{undefined} at the start, {values}; give another start")
    return problem


def _check_columns(problem: Curve) -> None:
    """Raises ValueError where an operation on columns alone has no finite value: no start would help."""
    for node in problem.model.nodes:
        part = Graph(node)
        of_columns = node.operation and part.variables and not set(part.variables) & set(problem.parameters)
        if of_columns and (undefined := _undefined(part, problem.columns)):
            raise ValueError(f"{undefined}; leave these rows out, or change the formula")


def _undefined(graph: Graph, given: Mapping[str, Any]) -> str | None:
    """The first operation of a formula that is not finite, and the rows in which it is not; None if there is none."""
    values = graph.at({name: given[name] for name in graph.variables}).values
    for node, value in zip(graph.nodes, values, strict=True):
        if node.operation is None or np.isfinite(value).all():
            continue
        text, rows = formula_text(node), np.flatnonzero(~np.isfinite(value))
        if np.ndim(value) == 0:
            return f"{text} is {value}"
        of_row = {name: np.broadcast_to(given[name], np.shape(value))[rows[0]] for name in Graph(node).variables}
        where = ", ".join(f"{name} = {number:g}" for name, number in of_row.items())
        return f"{text} is {value[rows[0]]} in {_listed(rows + 1)}, where {where}"
    return None


def _listed(rows: NDArray[np.int64]) -> str:
    """Numbers of rows in words, the first few of many."""
    if len(rows) == 1:
        return f"row {rows[0]}"
    shown = ", ".join(map(str, rows[:MOST_ROWS_NAMED]))
    return f"{len(rows)} rows ({shown}{', ...' if len(rows) > MOST_ROWS_NAMED else ''})"
