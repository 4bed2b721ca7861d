"""Points and the formula of the curve to be put through them: NIST's, one's own, or drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from problems.data.readers.files import NIST, read_table
from problems.data.readers.nist import read_nist
from problems.forms import About
from problems.foundation.arrays import Vector
from problems.foundation.checks import as_rows
from problems.foundation.names import meant
from problems.graph import Graph, Node, parse

SATURATION = "b1*(1 - exp(-b2*x))"


@dataclass(frozen=True)
class Points:
    """What a curve is fitted to, and what is known of it beforehand."""

    formula: Node
    parameters: tuple[str, ...]
    columns: dict[str, Vector]  # those that the formula names
    y: Vector
    start: Vector
    about: About


def points(
    formula: str | None, file: str | None, target: str | None, start: int | str | None, n: int, noise: float, seed: int
) -> Points:
    """The points that a person described. ValueError or DataError where they are none."""
    if file is not None and Path(file).suffix.lower() == NIST:
        return _certified(formula, file, target, start)
    if file is not None:
        if formula is None:
            raise ValueError('formula is missing; a file of rows has none of its own: formula="b1 + b2*x"')
        table = read_table(file, target)
        X, y = as_rows(table.X.toarray() if sp.issparse(table.X) else table.X, table.numbers())
        about = About(table.notes, table.columns)
        names, response = table.columns, table.target
    else:
        if target is not None:
            raise ValueError("target is for a file; synthetic points have x and y alone")
        rng = np.random.default_rng(seed)
        x = np.sort(rng.uniform(0.0, 10.0, n))
        X, y = x[:, None], 2 * (1 - np.exp(-x / 2)) + noise * rng.standard_normal(n)
        about, names, response = About(columns=("x",)), ("x",), "y"
    node = parse(SATURATION if formula is None else formula)
    parameters, columns = divided(node, dict(zip(names, X.T, strict=True)), response)
    return Points(node, parameters, columns, y, _started(start, parameters, None), about)


def _certified(formula: str | None, file: str, target: str | None, start: int | str | None) -> Points:
    """Points of a file of NIST's, with its formula unless another of the same parameters is given."""
    known = read_nist(file)
    if target is not None:
        raise ValueError(f"target is for a CSV file; {known.name} predicts {known.response}")
    node = parse(known.formula if formula is None else formula)
    found, columns = divided(node, dict(zip(known.columns, known.X.T, strict=True)), "y")
    if set(found) != set(known.parameters):
        raise ValueError(
            f"the formula's parameters are {', '.join(found)}, and those of {known.name} are "
            f"{', '.join(known.parameters)}; its own formula is {known.formula}"
        )
    y = np.array(Graph(parse(known.response)).at(y=known.y).value)  # of Nelson the logarithm is fitted
    _, y = as_rows(known.X, y)
    notes: tuple[str, ...] = (
        f"{known.name}: the certified residual sum of squares is {known.residual_sum:.10e}, "
        f"f = {known.residual_sum / (2 * len(y)):.10e}",
    )
    if known.response != "y":
        notes += (f"the response is {known.response}",)
    about = About(notes, known.columns, tuple(known.certified.tolist()))
    starts = known.starts if len(known.starts) else None
    return Points(node, known.parameters, columns, y, _started(start, known.parameters, starts), about)


def divided(node: Node, predictors: dict[str, Vector], response: str) -> tuple[tuple[str, ...], dict[str, Vector]]:
    """The parameters of a formula, in its order, and the columns that it names."""
    graph = Graph(node)
    for step in graph.steps:
        if step.operation.linear:
            raise ValueError(f"the formula has {step.operation.name}, which joins rows; a curve is told row by row")
    if response in graph.variables:
        raise ValueError(f"the formula names {response}, which is what it is to predict")
    columns = {name: predictors[name].copy() for name in graph.variables if name in predictors}
    parameters = tuple(name for name in graph.variables if name not in predictors)
    if not columns:
        raise ValueError(f"the formula names no column; there are: {', '.join(predictors)}")
    if not parameters:
        raise ValueError("the formula has no parameter: every name in it is a column's")
    return parameters, columns


def _started(start: int | str | None, parameters: tuple[str, ...], starts: Vector | None) -> Vector:
    """theta_0 as a person gave it."""
    if isinstance(start, str):
        return _stated(start, parameters)
    if starts is None:
        if start is not None:
            raise ValueError(f'start is {start}; only a file of NIST\'s has numbered starts: "{parameters[0]}=1, ..."')
        return np.ones(len(parameters))
    if start not in (None, 1, 2):
        raise ValueError(f'start is {start}; 1, 2, or values such as "{parameters[0]}=1, ..." are allowed')
    return np.array(starts[(start or 1) - 1])


def _stated(text: str, parameters: tuple[str, ...]) -> Vector:
    """Read `b1=500, b2=0.0001`."""
    given: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in parameters:
            raise ValueError(f"start names {name!r}, which is no parameter; {meant(name, parameters)}")
        if name in given:
            raise ValueError(f"start gives {name} twice")
        try:
            given[name] = float(number)
        except ValueError:
            given[name] = np.nan
        if not np.isfinite(given[name]):
            raise ValueError(f"start has {number!r} for {name}; a finite number is needed")
    absent = [name for name in parameters if name not in given]
    if absent:
        raise ValueError(f"start leaves out {', '.join(absent)}; every parameter needs a value")
    return np.array([given[name] for name in parameters])
