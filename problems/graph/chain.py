"""The chain rule over nodes in order: slopes back, tangents forward, on values or on the formulas themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from problems.graph.node import Node, constant
from problems.graph.operation import Operation, apply
from problems.graph.operations import FIT


class Step(NamedTuple):
    """Node number `at` is made of other nodes, by their numbers."""

    at: int
    operation: Operation
    arguments: tuple[int, ...]
    fixed: dict[str, Any]


def ordered(outputs: Iterable[Node]) -> tuple[list[Node], dict[int, int], list[Step]]:
    """All nodes, each after its arguments, without recursion; the number of each by its id; and what makes which.

    Two variables of one name are one node.
    """
    nodes: list[Node] = []
    number: dict[int, int] = {}
    named: dict[str, int] = {}
    steps: list[Step] = []
    todo = [(output, False) for output in reversed(list(outputs))]
    while todo:
        node, ready = todo.pop()
        if id(node) in number:
            continue
        if node.arguments and not ready:
            todo.append((node, True))
            todo += [(argument, False) for argument in reversed(node.arguments)]
            continue
        if node.name in named:
            number[id(node)] = named[node.name]
            continue
        k = number[id(node)] = len(nodes)
        nodes.append(node)
        if node.name:
            named[node.name] = k
        if node.operation is not None:
            steps.append(Step(k, node.operation, tuple(number[id(a)] for a in node.arguments), node.fixed))
    return nodes, number, steps


def backward(
    steps: Sequence[Step], values: Sequence[Any], seeds: dict[int, Any], needed: Sequence[bool], fit: bool = True
) -> list[Any]:
    """The slope by each node that is needed, None where nothing comes back: vector-Jacobian products, last step first.

    values are arrays, or the nodes themselves, which gives the slopes as formulas. Where an argument was repeated to
    the shape of the value, its slope is summed over the repeats, unless `fit` is false.
    """
    slopes: list[Any] = [None] * len(values)
    written = bool(values) and isinstance(values[0], Node)  # then no shape is known yet
    for k, seed in seeds.items():
        slopes[k] = seed
    for step in reversed(steps):
        g = slopes[step.at]
        if g is None:
            continue
        inputs = [values[i] for i in step.arguments]
        for i, back in zip(step.arguments, step.operation.back, strict=True):
            if back is None or not needed[i]:
                continue
            slope = back(g, values[step.at], *inputs, **step.fixed)
            if fit and not step.operation.linear and (written or np.shape(slope) != np.shape(values[i])):
                slope = apply(FIT, slope, values[i])
            slopes[i] = slope if slopes[i] is None else slopes[i] + slope
    return slopes


def forward(steps: Sequence[Step], values: Sequence[Any], tangents: dict[int, Any]) -> list[Any]:
    """How every value moves as some move along their tangents, None where it does not: Jacobian-vector products.

    What acts entry by entry has a diagonal Jacobian, so that the rule backward serves forward too.
    """
    moved: list[Any] = [None] * len(values)
    for k, tangent in tangents.items():
        moved[k] = tangent
    for k, operation, arguments, fixed in steps:
        inputs = [values[i] for i in arguments]
        parts = []
        for place, (i, back) in enumerate(zip(arguments, operation.back, strict=True)):
            if moved[i] is None or back is None:
                continue
            if operation.linear:
                parts.append(operation.call(*inputs[:place], moved[i], *inputs[place + 1 :], **fixed))
            else:
                parts.append(back(moved[i], values[k], *inputs, **fixed))
        if parts:
            tangent = parts[0] if len(parts) == 1 else parts[0] + parts[1]
            moved[k] = (
                tangent if np.shape(tangent) == np.shape(values[k]) else np.broadcast_to(tangent, np.shape(values[k]))
            )
    return moved


def depends(nodes: Sequence[Node], steps: Sequence[Step], names: Iterable[str]) -> list[bool]:
    """Which nodes depend on variables of those names."""
    names = set(names)
    found = [bool(node.name) and node.name in names for node in nodes]
    for step in steps:
        found[step.at] = any(found[i] for i in step.arguments)
    return found


def gradients(formula: Node, *names: str) -> list[Node]:
    """The slopes of a formula whose value is one number by those variables, as formulas of the same variables."""
    nodes, number, steps = ordered([formula])
    seeds = {number[id(formula)]: constant(1.0)}
    slopes = backward(steps, nodes, seeds, depends(nodes, steps, names))
    by_name = {node.name: k for k, node in enumerate(nodes) if node.name}
    found = [slopes[by_name[name]] if name in by_name else None for name in names]
    return [constant(0.0) if slope is None else slope for slope in found]
