"""What a curve is fitted to: points, a formula and a start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.data.source import RowSource, Task
from problems.data.synthetic.signals import Saturation
from problems.foundation.about import About
from problems.foundation.arrays import Vector
from problems.foundation.checks import as_rows
from problems.foundation.names import suggestion
from problems.graph import Graph, Node, parse

SATURATION = "b1*(1 - exp(-b2*x))"


@dataclass(frozen=True)
class Points:
    """The formula, its parameters, the columns that it names, the target y, and theta_0."""

    formula: Node
    parameters: tuple[str, ...]
    columns: dict[str, Vector]  # only those that the formula names
    y: Vector
    start: Vector
    unguided: bool  # whether neither the user nor the data say where to start
    about: About


def points(data: RowSource, formula: str | None, start: int | str | None) -> Points:
    """The points of a source, with the user's formula or the one of the source. Raises ValueError and DataError."""
    rows = data.rows(Task.POINTS)
    model = rows.model
    if formula is None:
        formula = model.formula if model else SATURATION if isinstance(data, Saturation) else None
    if formula is None:
        raise ValueError(f'formula is missing, and {data} has none of its own; give one, such as formula="b1 + b2*x"')
    node = parse(formula)
    names = rows.about.columns or tuple(f"x{k}" for k in range(1, rows.X.shape[1] + 1))
    X, y = as_rows(rows.X, rows.y)
    parameters, columns = parameters_and_columns(node, dict(zip(names, X.T, strict=True)), rows.target)
    if model is None:
        unguided = start is None and not isinstance(data, Saturation)
        return Points(node, parameters, columns, y, theta0_of(start, parameters, None), unguided, rows.about)
    if set(parameters) != set(model.parameters):
        raise ValueError(
            f"the formula's parameters are {', '.join(parameters)}, but those of {data} are "
            f"{', '.join(model.parameters)}; its own formula is {model.formula}"
        )
    _, y = as_rows(X, np.array(Graph(parse(model.response)).at(y=y).value))  # log(y) for some data
    starts = model.starts if len(model.starts) else None
    unguided = start is None and starts is None
    return Points(node, model.parameters, columns, y, theta0_of(start, model.parameters, starts), unguided, rows.about)


def parameters_and_columns(
    node: Node, predictors: dict[str, Vector], target: str
) -> tuple[tuple[str, ...], dict[str, Vector]]:
    """The parameters of a formula, in its order, and the columns that it names. Raises ValueError."""
    graph = Graph(node)
    for step in graph.steps:
        if step.operation.linear:
            raise ValueError(
                f"the formula has {step.operation.name}, which combines rows; a curve predicts each row alone"
            )
    if target in graph.variables:
        raise ValueError(f"the formula names {target}, the target that it must predict")
    columns = {name: predictors[name].copy() for name in graph.variables if name in predictors}
    parameters = tuple(name for name in graph.variables if name not in predictors)
    if not columns:
        raise ValueError(f"the formula names no column; the columns are: {', '.join(predictors)}")
    if not parameters:
        raise ValueError("the formula has no parameter: every name in it is the name of a column")
    return parameters, columns


def theta0_of(start: int | str | None, parameters: tuple[str, ...], starts: Vector | None) -> Vector:
    """theta_0 from the user's start: values as text, the number of one of `starts`, or None. Raises ValueError."""
    if isinstance(start, str):
        return _parsed(start, parameters)
    if starts is None:
        if start is not None:
            raise ValueError(f'start is {start}, but only files of NIST have numbered starts: "{parameters[0]}=1, ..."')
        return np.ones(len(parameters))
    if start not in (None, 1, 2):
        raise ValueError(f'start is {start}; 1, 2, or values such as "{parameters[0]}=1, ..." are allowed')
    return np.array(starts[(start or 1) - 1])


def _parsed(text: str, parameters: tuple[str, ...]) -> Vector:
    """Read `b1=500, b2=0.0001`."""
    given: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in parameters:
            raise ValueError(f"start names {name!r}, which is not a parameter; {suggestion(name, parameters)}")
        if name in given:
            raise ValueError(f"start gives {name} twice")
        try:
            given[name] = float(number)
        except ValueError:
            given[name] = np.nan
        if not np.isfinite(given[name]):
            raise ValueError(f"start has {number!r} for {name}; a finite number is needed")
    missing = [name for name in parameters if name not in given]
    if missing:
        raise ValueError(f"start has no value for {', '.join(missing)}; every parameter needs one")
    return np.array([given[name] for name in parameters])
