"""A formula ready to be evaluated: the pass forward keeps every value, from which the passes backward begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.graph.chain import backward, depends, forward, ordered
from problems.graph.node import Node, written
from problems.graph.operation import apply
from problems.graph.operations import FIT


def _quiet() -> Any:
    """What overflows is inf, and what has no value is nan, without a word: whoever asked sees it."""
    return np.errstate(all="ignore")


class Graph:
    """One or more formulas of the same variables, their nodes in order, each after its arguments.

    variables: their names, in the order in which the formulas name them.
    """

    def __init__(self, *formulas: Node) -> None:
        self.nodes, number, steps = ordered(formulas)
        self.outputs = tuple(number[id(formula)] for formula in formulas)
        self.places = {node.name: k for k, node in enumerate(self.nodes) if node.name}
        self.variables = tuple(self.places)
        self.edges = {step.at: step.arguments for step in steps}
        varies = depends(self.nodes, steps, self.variables)
        self.steps = [step for step in steps if varies[step.at]]
        self._needed: dict[tuple[str, ...], list[bool]] = {}
        self._known: list[Any] = [node.constant for node in self.nodes]
        with _quiet():
            for step in steps:
                if not varies[step.at]:  # numbers alone: once, and a number again, without a precision of its own
                    inputs = [np.asarray(self._known[i])[()] for i in step.arguments]
                    self._known[step.at] = _plain(self._made(step.at, inputs))

    def at(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Run:
        """The forward pass. A ValueError names a variable without a value, or shapes that do not go together."""
        given = {**(values or {}), **more}
        kept = self._known.copy()
        for name, k in self.places.items():
            if name not in given:
                raise ValueError(f"{name} has no value; the formula's variables are {', '.join(self.variables)}")
            kept[k] = _numbers(name, given[name])
        for name in given:
            if name not in self.places:
                known = f"its variables are {', '.join(self.variables)}" if self.variables else "it has no variables"
                raise ValueError(f"there is no {name} in the formula; {known}")
        with _quiet():
            for k, operation, arguments, fixed in self.steps:
                inputs = [kept[i] for i in arguments]
                try:
                    kept[k] = operation.call(*inputs, **fixed)
                except (ValueError, IndexError, TypeError):
                    kept[k] = self._made(k, inputs)
        return Run(self, kept)

    def needed(self, names: tuple[str, ...]) -> list[bool]:
        """Which nodes depend on those variables, on any where none is named."""
        if names not in self._needed:
            self._needed[names] = depends(self.nodes, self.steps, names or self.variables)
        return self._needed[names]

    def _made(self, k: int, inputs: list[Any]) -> Any:
        """The value of node k; a ValueError that names the operation and the shapes where there is none."""
        node = self.nodes[k]
        assert node.operation is not None
        try:
            return node.operation.call(*inputs, **node.fixed)
        except (ValueError, IndexError, TypeError) as error:
            shapes = " and ".join(str(np.shape(value)) for value in inputs)
            why = "" if len(inputs) == 2 else f": {error}"
            raise ValueError(f"{node.operation.name} does not take shape {shapes}, in {written(node)}{why}") from None


@dataclass(frozen=True)
class Run:
    """A forward pass: `values` holds each node's, in the graph's order."""

    graph: Graph
    values: list[Any]

    @property
    def value(self) -> Any:
        """The formula's value; the first's, where there are several formulas."""
        return self.values[self.graph.outputs[0]]

    def gradient(self, *names: str) -> dict[str, Any]:
        """The slopes of the value, which is one number, by these variables, or all: each in its variable's shape."""
        self._one_number()
        return self.vjp(1.0, *names)

    def vjp(self, cotangent: Any, *names: str) -> dict[str, Any]:
        """<cotangent, J> for each of these variables, or all, J the Jacobian by it, which is never formed."""
        names = names or self.graph.variables
        slopes = self.slopes(cotangent, *names)
        return {name: self._owned(self.graph.places[name], slopes) for name in names}

    def slopes(self, cotangent: Any = 1.0, *names: str) -> list[Any]:
        """The backward pass: the slope of <cotangent, value> by every node on the way to these variables, or to all.

        In the graph's order; None where nothing comes back.
        """
        return self._backward(self._like(cotangent, self.value, "cotangent"), names, fit=True)

    def shares(self, slopes: Sequence[Any]) -> Iterator[tuple[int, int, Any]]:
        """Each edge as the numbers of its two nodes, and what comes back along it of these slopes; None for nothing.

        A node's slope is the sum of what comes back to it.
        """
        for at, operation, arguments, fixed in self.graph.steps:
            inputs = [self.values[i] for i in arguments]
            for i, back in zip(arguments, operation.back, strict=True):
                known = slopes[at] is not None and slopes[i] is not None and back is not None
                with _quiet():
                    share = back(slopes[at], self.values[at], *inputs, **fixed) if known and back else None
                    yield i, at, None if share is None else apply(FIT, share, self.values[i])

    def rowwise(self, *names: str) -> list[Any]:
        """d value_i / d v for each of these variables v, one number that all entries i share: in the value's shape.

        The whole Jacobian in one backward pass, where every operation acts entry by entry; ValueError where one does
        not.
        """
        for step in self.graph.steps:
            if step.operation.linear:
                raise ValueError(f"{step.operation.name} joins entries; row by row there are only operations on each")
        slopes = self._backward(np.ones_like(self.value), names, fit=False)
        shape = np.shape(self.value)
        found = [slopes[self.graph.places[name]] for name in names]
        return [np.broadcast_to(0.0 if slope is None else slope, shape) for slope in found]

    def jvp(self, tangents: Mapping[str, Any]) -> Any:
        """J t: how the value moves as variables move along their tangents, in one pass forward."""
        return self.jvps(tangents)[0]

    def jvps(self, tangents: Mapping[str, Any]) -> list[Any]:
        """The same of all formulas."""
        places = self.graph.places
        seeds = {places[name]: self._like(t, self.values[places[name]], name) for name, t in tangents.items()}
        with _quiet():
            moved = forward(self.graph.steps, self.values, seeds)
        return [np.zeros_like(self.values[k]) if moved[k] is None else moved[k] for k in self.graph.outputs]

    def jacobian(self, name: str) -> Any:
        """The Jacobian of the value by one variable, formed: the value's axes first, then the variable's.

        Row by row by backward passes, or column by column by forward ones, whichever are fewer.
        """
        value, by = np.asarray(self.value), np.asarray(self.values[self.graph.places[name]])
        if value.size <= by.size:
            rows = [self.vjp(e, name)[name] for e in _units(value)]
            return np.reshape(rows, value.shape + by.shape)
        columns = [self.jvp({name: e}) for e in _units(by)]
        return np.moveaxis(np.reshape(columns, by.shape + value.shape), range(by.ndim), range(-by.ndim, 0))

    def _backward(self, seed: Any, names: tuple[str, ...], fit: bool) -> list[Any]:
        graph = self.graph
        with _quiet():
            return backward(graph.steps, self.values, {graph.outputs[0]: seed}, graph.needed(names), fit)

    def _owned(self, k: int, slopes: list[Any]) -> Any:
        """A slope as an array of its own, in the precision of its variable."""
        value, slope = self.values[k], slopes[k]
        if slope is None:
            return np.zeros_like(value)[()]
        real = np.isrealobj(slope) or np.iscomplexobj(value)
        return np.array(slope, value.dtype if real else None)[()]

    def _like(self, given: Any, value: Any, name: str) -> Any:
        seed = np.asarray(given)
        if seed.shape != np.shape(value):
            raise ValueError(f"the {name} has shape {seed.shape}; it must have the value's, {np.shape(value)}")
        kind = np.result_type(seed.dtype, np.complex64) if np.iscomplexobj(seed) else np.asarray(value).dtype
        return seed.astype(kind, copy=False)[()]

    def _one_number(self) -> None:
        if np.ndim(self.value):
            raise ValueError(
                f"the formula's value has shape {np.shape(self.value)}; a gradient is of one number, such as its sum"
            )


def _units(like: Any) -> Any:
    """Each array of that shape and precision with a single 1, the rest 0."""
    for k in range(like.size):
        e = np.zeros(like.size, like.dtype)
        e[k] = 1
        yield e.reshape(like.shape)


def _plain(value: Any) -> Any:
    return value if np.ndim(value) else np.asarray(value).item()


def _numbers(name: str, value: Any) -> Any:
    """The value of a variable as floating-point numbers."""
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array; fill or drop the masked entries first")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; all must be as long") from None
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name} is {value!r}; it must be a number or an array of numbers")
    return (array if array.dtype.kind in "fc" else array.astype(np.float64))[()]
