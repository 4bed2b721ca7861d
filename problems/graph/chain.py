"""The chain rule over nodes in topological order: reverse mode and forward mode, on values or on formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from problems.graph.node import Node, constant
from problems.graph.operation import Operation, apply
from problems.graph.operations import UNBROADCAST


class Step(NamedTuple):
    """Node number `node` is the value of an operation on other nodes, given by their numbers."""

    node: int
    operation: Operation
    arguments: tuple[int, ...]
    options: dict[str, Any]


def topological_order(outputs: Iterable[Node]) -> tuple[list[Node], dict[int, int], list[Step]]:
    """All nodes below the outputs, each after its arguments; the number of each by its id; and the steps.

    Two variables of the same name are one node. Without recursion, so that formulas may be deep.
    """
    nodes: list[Node] = []
    number: dict[int, int] = {}
    by_name: dict[str, int] = {}
    steps: list[Step] = []
    stack = [(output, False) for output in reversed(list(outputs))]
    while stack:
        node, arguments_done = stack.pop()
        if id(node) in number:
            continue
        if node.arguments and not arguments_done:
            stack.append((node, True))
            stack += [(argument, False) for argument in reversed(node.arguments)]
            continue
        if node.name in by_name:
            number[id(node)] = by_name[node.name]
            continue
        k = number[id(node)] = len(nodes)
        nodes.append(node)
        if node.name:
            by_name[node.name] = k
        if node.operation is not None:
            steps.append(Step(k, node.operation, tuple(number[id(a)] for a in node.arguments), node.options))
    return nodes, number, steps


def backward(
    steps: Sequence[Step],
    values: Sequence[Any],
    seeds: dict[int, Any],
    needed: Sequence[bool],
    unbroadcast: bool = True,
) -> list[Any]:
    """Reverse mode: the derivative with respect to each needed node; None where it is zero.

    Vector-Jacobian products, from the last step to the first. values are arrays, or the nodes themselves: then the
    derivatives are formulas. If an argument was broadcast, its derivative is summed over the repeated entries, unless
    `unbroadcast` is false.
    """
    derivatives: list[Any] = [None] * len(values)
    symbolic = bool(values) and isinstance(values[0], Node)  # shapes are not known yet
    for k, seed in seeds.items():
        derivatives[k] = seed
    for step in reversed(steps):
        g = derivatives[step.node]
        if g is None:
            continue
        inputs = [values[i] for i in step.arguments]
        for i, vjp in zip(step.arguments, step.operation.vjps, strict=True):
            if vjp is None or not needed[i]:
                continue
            term = vjp(g, values[step.node], *inputs, **step.options)
            if unbroadcast and not step.operation.linear and (symbolic or np.shape(term) != np.shape(values[i])):
                term = apply(UNBROADCAST, term, values[i])
            derivatives[i] = term if derivatives[i] is None else derivatives[i] + term
    return derivatives


def forward(steps: Sequence[Step], values: Sequence[Any], seeds: dict[int, Any]) -> list[Any]:
    """Forward mode: the tangent of each node for given tangents of some nodes; None where it is zero.

    Jacobian-vector products. An operation that acts entry by entry has a diagonal Jacobian, so that its vector-Jacobian
    product serves here too.
    """
    tangents: list[Any] = [None] * len(values)
    for k, seed in seeds.items():
        tangents[k] = seed
    for k, operation, arguments, options in steps:
        inputs = [values[i] for i in arguments]
        terms = []
        for place, (i, vjp) in enumerate(zip(arguments, operation.vjps, strict=True)):
            if tangents[i] is None or vjp is None:
                continue
            if operation.linear:
                terms.append(operation.function(*inputs[:place], tangents[i], *inputs[place + 1 :], **options))
            else:
                terms.append(vjp(tangents[i], values[k], *inputs, **options))
        if terms:
            tangent = terms[0] if len(terms) == 1 else terms[0] + terms[1]
            shape = np.shape(values[k])
            tangents[k] = tangent if np.shape(tangent) == shape else np.broadcast_to(tangent, shape)
    return tangents


def depends(nodes: Sequence[Node], steps: Sequence[Step], names: Iterable[str]) -> list[bool]:
    """For each node, whether it depends on a variable of these names."""
    names = set(names)
    dependent = [bool(node.name) and node.name in names for node in nodes]
    for step in steps:
        dependent[step.node] = any(dependent[i] for i in step.arguments)
    return dependent


def gradients(formula: Node, *names: str) -> list[Node]:
    """The derivatives of a scalar formula with respect to these variables, as formulas of the same variables."""
    nodes, number, steps = topological_order([formula])
    seeds = {number[id(formula)]: constant(1.0)}
    derivatives = backward(steps, nodes, seeds, depends(nodes, steps, names))
    by_name = {node.name: k for k, node in enumerate(nodes) if node.name}
    requested = [derivatives[by_name[name]] if name in by_name else None for name in names]
    return [constant(0.0) if derivative is None else derivative for derivative in requested]
