"""A formula's calculation graph at a point that a person gives: value, gradient and picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.lab.spec.grammar import SpecError
from experiments.lab.spec.grammar import parse as parse_spec
from experiments.lab.store.store import StoreError, plain
from problems.graph import Graph, Run, parse
from problems.graph.node import number

SCHEMA = 1


def calculated(formula: str, at: str) -> Run:
    """The passes of a formula whose value is one number, at values such as `x=1, y=[1, 2, 3]`. Raises SpecError."""
    try:
        graph = Graph(parse(formula))
        run = graph.at(values(at))
        run.gradient()
    except ValueError as error:
        raise error if isinstance(error, SpecError) else SpecError(str(error)) from None
    return run


def values(at: str) -> dict[str, Any]:
    """Read `x=1, y=[1, 2, 3]`."""
    try:
        given = dict(parse_spec(f"at({at})").given)
    except SpecError as error:
        twice = " gives a value twice" if "given twice" in str(error) else " cannot be read"
        raise SpecError(f"--at {at!r}{twice}; write x=1, y=[1, 2, 3]") from None
    for name, value in given.items():
        _numbers(name, value)
    return given


def _numbers(name: str, value: Any) -> None:
    if isinstance(value, list) and value:
        for item in value:
            _numbers(name, item)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError(f"--at gives {name} the value {value!r}; a number or a list of numbers is needed")


def as_json(formula: str, run: Run, out: Path | None) -> dict[str, Any]:
    """Value, gradient, and every node with the numbers of its arguments, its value and the slope by it."""
    graph, slopes = run.graph, run.slopes()
    return {
        "schema_version": SCHEMA,
        "formula": formula,
        "value": plain(run.value),
        "gradient": {name: plain(slope) for name, slope in run.gradient().items()},
        "nodes": [
            {
                "name": node.name or (node.operation.name if node.operation else "constant"),
                "arguments": list(graph.edges.get(k, ())),
                "value": plain(run.values[k]),
                "slope": plain(slopes[k]),
            }
            for k, node in enumerate(graph.nodes)
        ],
        "picture": None if out is None else str(out),
    }


def as_text(run: Run) -> str:
    """f and its slopes, a line each, to fifteen digits."""
    told = {"f": run.value} | {f"df/d{name}": slope for name, slope in run.gradient().items()}
    return "\n".join(f"{name} = {number(value, 15)}" for name, value in told.items())


def draw(run: Run, formula: str, out: Path) -> None:
    """Write the picture. Raises SpecError for a name that is no .svg file's, StoreError where it cannot be written."""
    from experiments.figures.graph.picture import picture

    if out.suffix.lower() != ".svg":
        raise SpecError(f"{out} is no .svg file; the picture is one")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(picture(run, formula), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error.strerror or error}") from None
