"""A formula's computational graph at given values of its variables: value, gradient and picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.lab.spec.grammar import SpecError, split
from experiments.lab.spec.grammar import parse as parse_spec
from experiments.lab.store.records import plain
from experiments.lab.store.store import StoreError
from problems.graph import Evaluation, Graph, parse
from problems.graph.node import number_text

SCHEMA = 2


def calculated(formula: str, at: str) -> Evaluation:
    """The forward pass of a formula whose value is one number.

    at: the values of its variables, such as `x=1, y=[1, 2, 3]`. Raises SpecError.
    """
    try:
        evaluation = Graph(parse(formula)).at(values(at))
        evaluation.gradient()  # a ValueError where the value is not one number
    except SpecError:
        raise
    except ValueError as error:
        raise SpecError(str(error)) from None
    return evaluation


def values(at: str) -> dict[str, Any]:
    """The numbers and lists of numbers in `x=1, y=[1, 2, 3]`, by name. Raises SpecError."""
    given: dict[str, Any] = {}
    for name, value in _pairs(at):
        if name in given:
            raise SpecError(f"--at {at!r} gives {name} twice; write x=1, y=[1, 2, 3]")
        _check_numbers(name, value)
        given[name] = value
    return given


def _pairs(at: str) -> list[tuple[str, Any]]:
    """The names with their values, in the order of the text."""
    pairs = []
    try:
        for part in split(at) if at.strip() else []:
            (pair,) = parse_spec(f"at({part})").given
            pairs.append(pair)
    except ValueError:  # a SpecError, or a part that is empty
        raise SpecError(f"--at {at!r} cannot be read; write x=1, y=[1, 2, 3]") from None
    return pairs


def _check_numbers(name: str, value: Any) -> None:
    """Raise SpecError unless the value is a number, or a list of numbers or of such lists."""
    if isinstance(value, tuple) and value:
        for item in value:
            _check_numbers(name, item)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError(f"--at gives {name} the value {value!r}; a number or a list of numbers is needed")


def as_json(formula: str, evaluation: Evaluation, out: Path | None) -> dict[str, Any]:
    """Value, gradient, and each node with the numbers of its arguments, its value and derivative."""
    graph, derivatives = evaluation.graph, evaluation.derivatives()
    return {
        "schema_version": SCHEMA,
        "formula": formula,
        "value": plain(evaluation.value),
        "gradient": {name: plain(derivative) for name, derivative in evaluation.gradient().items()},
        "nodes": [
            {
                "name": node.name or (node.operation.name if node.operation else "constant"),
                "arguments": list(graph.edges.get(k, ())),
                "value": plain(evaluation.values[k]),
                "derivative": plain(derivatives[k]),
            }
            for k, node in enumerate(graph.nodes)
        ],
        "picture": None if out is None else str(out),
    }


def as_text(evaluation: Evaluation) -> str:
    """f and its derivatives, one on each line, to fifteen digits."""
    return "\n".join([f"f = {number_text(evaluation.value, 15)}", *derivatives_text(evaluation, 15)])


def derivatives_text(evaluation: Evaluation, digits: int = 6) -> list[str]:
    """The derivatives of f with respect to its variables, such as `df/dx = 4`."""
    return [f"df/d{name} = {number_text(derivative, digits)}" for name, derivative in evaluation.gradient().items()]


def draw(evaluation: Evaluation, formula: str, out: Path) -> None:
    """Write the picture to an .svg file. Raises SpecError for another suffix, StoreError where writing fails."""
    from experiments.figures.graph.picture import picture

    if out.suffix.lower() != ".svg":
        raise SpecError(f"{out} does not end in .svg; the picture is an SVG file")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(picture(evaluation, formula), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error.strerror or error}") from None
