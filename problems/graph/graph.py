"""A formula that is ready to be evaluated. The forward pass keeps every value; the backward passes start from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.graph.chain import backward, depends, forward, topological_order
from problems.graph.node import Node, formula_text
from problems.graph.operation import apply
from problems.graph.operations import UNBROADCAST


def _quiet() -> Any:
    """Overflow gives inf, and an undefined value nan, without a warning: the caller sees them in the result."""
    return np.errstate(all="ignore")


class Graph:
    """One or more formulas of the same variables. Its nodes are in topological order: each after its arguments.

    variables: their names, in the order in which the formulas name them.
    """

    def __init__(self, *formulas: Node) -> None:
        self.nodes, number, steps = topological_order(formulas)
        self.outputs = tuple(number[id(formula)] for formula in formulas)
        self.index = {node.name: k for k, node in enumerate(self.nodes) if node.name}  # of each variable's node
        self.variables = tuple(self.index)
        self.edges = {step.node: step.arguments for step in steps}
        varies = depends(self.nodes, steps, self.variables)
        self.steps = [step for step in steps if varies[step.node]]
        self._needed: dict[tuple[str, ...], list[bool]] = {}
        self._constants: list[Any] = [node.constant for node in self.nodes]
        with _quiet():
            for step in steps:
                if not varies[step.node]:  # computed once; a Python number again, which has no precision of its own
                    inputs = [np.asarray(self._constants[i])[()] for i in step.arguments]
                    self._constants[step.node] = _without_precision(self._computed(step.node, inputs))

    def at(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Evaluation:
        """The forward pass. A ValueError names a variable without a value, or shapes that do not fit together."""
        given = {**(values or {}), **more}
        computed = self._constants.copy()
        for name, k in self.index.items():
            if name not in given:
                raise ValueError(f"{name} has no value; the formula's variables are {', '.join(self.variables)}")
            computed[k] = _numbers(name, given[name])
        for name in given:
            if name not in self.index:
                known = f"its variables are {', '.join(self.variables)}" if self.variables else "it has no variables"
                raise ValueError(f"there is no {name} in the formula; {known}")
        with _quiet():
            for k, operation, arguments, options in self.steps:
                inputs = [computed[i] for i in arguments]
                try:
                    computed[k] = operation.function(*inputs, **options)
                except (ValueError, IndexError, TypeError):
                    computed[k] = self._computed(k, inputs)
        return Evaluation(self, computed)

    def needed(self, names: tuple[str, ...]) -> list[bool]:
        """For each node, whether it depends on one of these variables; with no names, on any variable."""
        if names not in self._needed:
            self._needed[names] = depends(self.nodes, self.steps, names or self.variables)
        return self._needed[names]

    def _computed(self, k: int, inputs: list[Any]) -> Any:
        """The value of node k. A ValueError names the operation and the shapes if it cannot be computed."""
        node = self.nodes[k]
        assert node.operation is not None
        try:
            return node.operation.function(*inputs, **node.options)
        except (ValueError, IndexError, TypeError) as error:
            shapes = " and ".join(str(np.shape(value)) for value in inputs)
            reason = "" if len(inputs) == 2 else f": {error}"
            raise ValueError(
                f"{node.operation.name} does not take shape {shapes}, in {formula_text(node)}{reason}"
            ) from None


@dataclass(frozen=True)
class Evaluation:
    """A graph with the values of one forward pass: `values` holds each node's, in the graph's order."""

    graph: Graph
    values: list[Any]

    @property
    def value(self) -> Any:
        """The value of the formula; of the first one if there are several."""
        return self.values[self.graph.outputs[0]]

    def gradient(self, *names: str) -> dict[str, Any]:
        """The derivative of a scalar value with respect to these variables, or to all; each in its variable's shape."""
        self._check_scalar()
        return self.vjp(1.0, *names)

    def vjp(self, cotangent: Any, *names: str) -> dict[str, Any]:
        """The vector-Jacobian product for each of these variables, or for all; no Jacobian is formed."""
        names = names or self.graph.variables
        derivatives = self.derivatives(cotangent, *names)
        return {name: self._for_variable(self.graph.index[name], derivatives) for name in names}

    def derivatives(self, cotangent: Any = 1.0, *names: str) -> list[Any]:
        """The backward pass: the derivative of <cotangent, value> with respect to every node, in the graph's order.

        None where it is zero, and for nodes on no path to these variables; with no names, to any variable.
        """
        return self._backward(self._seed(cotangent, self.value, "cotangent"), names, unbroadcast=True)

    def contributions(self, derivatives: Sequence[Any]) -> Iterator[tuple[int, int, Any]]:
        """Each edge: the number of the argument, the number of the node, and its term in the argument's derivative.

        The derivative with respect to a node is the sum of these terms over its outgoing edges. None: there is no term.
        """
        for node, operation, arguments, options in self.graph.steps:
            inputs = [self.values[i] for i in arguments]
            for i, vjp in zip(arguments, operation.vjps, strict=True):
                if vjp is None or derivatives[node] is None or derivatives[i] is None:
                    yield i, node, None
                    continue
                with _quiet():
                    term = apply(
                        UNBROADCAST, vjp(derivatives[node], self.values[node], *inputs, **options), self.values[i]
                    )
                yield i, node, term

    def elementwise_derivatives(self, *names: str) -> list[Any]:
        """d value_i / d v for each of these variables v, a scalar that all entries i share; in the value's shape.

        The whole Jacobian in one backward pass. Every operation must act entry by entry, else a ValueError.
        """
        for step in self.graph.steps:
            if step.operation.linear:
                raise ValueError(
                    f"{step.operation.name} combines entries; every operation must act on each entry alone"
                )
        derivatives = self._backward(np.ones_like(self.value), names, unbroadcast=False)
        shape = np.shape(self.value)
        requested = [derivatives[self.graph.index[name]] for name in names]
        return [np.broadcast_to(0.0 if derivative is None else derivative, shape) for derivative in requested]

    def jvp(self, tangents: Mapping[str, Any]) -> Any:
        """The Jacobian-vector product: the tangent of the value for given tangents of variables. One forward pass."""
        return self.jvps(tangents)[0]

    def jvps(self, tangents: Mapping[str, Any]) -> list[Any]:
        """The Jacobian-vector products of all formulas, in one forward pass."""
        index = self.graph.index
        seeds = {index[name]: self._seed(t, self.values[index[name]], name) for name, t in tangents.items()}
        with _quiet():
            computed = forward(self.graph.steps, self.values, seeds)
        return [np.zeros_like(self.values[k]) if computed[k] is None else computed[k] for k in self.graph.outputs]

    def jacobian(self, name: str) -> Any:
        """The Jacobian with respect to one variable, formed: first the axes of the value, then those of the variable.

        Row by row with backward passes, or column by column with forward passes, whichever are fewer.
        """
        value, variable = np.asarray(self.value), np.asarray(self.values[self.graph.index[name]])
        if value.size <= variable.size:
            rows = [self.vjp(e, name)[name] for e in _unit_arrays(value)]
            return np.reshape(rows, value.shape + variable.shape)
        columns = [self.jvp({name: e}) for e in _unit_arrays(variable)]
        by_column = np.reshape(columns, variable.shape + value.shape)
        return np.moveaxis(by_column, range(variable.ndim), range(-variable.ndim, 0))

    def _backward(self, seed: Any, names: tuple[str, ...], unbroadcast: bool) -> list[Any]:
        graph = self.graph
        with _quiet():
            return backward(graph.steps, self.values, {graph.outputs[0]: seed}, graph.needed(names), unbroadcast)

    def _for_variable(self, k: int, derivatives: list[Any]) -> Any:
        """A derivative as a new array, in the precision of its variable."""
        value, derivative = self.values[k], derivatives[k]
        if derivative is None:
            return np.zeros_like(value)[()]
        real = np.isrealobj(derivative) or np.iscomplexobj(value)
        return np.array(derivative, value.dtype if real else None)[()]

    def _seed(self, given: Any, value: Any, name: str) -> Any:
        seed = np.asarray(given)
        if seed.shape != np.shape(value):
            raise ValueError(f"the {name} has shape {seed.shape}; it must have the value's, {np.shape(value)}")
        dtype = np.result_type(seed.dtype, np.complex64) if np.iscomplexobj(seed) else np.asarray(value).dtype
        return seed.astype(dtype, copy=False)[()]

    def _check_scalar(self) -> None:
        if np.ndim(self.value):
            raise ValueError(
                f"the value of the formula has shape {np.shape(self.value)}; a gradient needs a single number, such as "
                "the sum of its entries"
            )


def _unit_arrays(like: Any) -> Any:
    """Each array of this shape and precision with a single 1 and zeros elsewhere."""
    for k in range(like.size):
        e = np.zeros(like.size, like.dtype)
        e[k] = 1
        yield e.reshape(like.shape)


def _without_precision(value: Any) -> Any:
    """A single number as a Python number; an array as it is."""
    return value if np.ndim(value) else np.asarray(value).item()


def _numbers(name: str, value: Any) -> Any:
    """The value of a variable as floating-point numbers."""
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array; fill or drop the masked entries first")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; all rows must have the same length") from None
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name} is {value!r}; it must be a number or an array of numbers")
    return (array if array.dtype.kind in "fc" else array.astype(np.float64))[()]
