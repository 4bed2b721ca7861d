"""Nodes: a variable, a constant, or an operation on other nodes, built by writing the formula."""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.graph.operation import Operation, Term, apply
from problems.graph.operations import (
    ABSOLUTE,
    ADD,
    ARCTAN,
    COS,
    DIVIDE,
    EXP,
    ITEM,
    LOG,
    MATMUL,
    MAXIMUM,
    MINIMUM,
    MULTIPLY,
    NEGATE,
    POWER,
    SIN,
    SQRT,
    SUBTRACT,
    SUM,
    TAN,
    TANH,
    TRANSPOSE,
)

UFUNCS = {
    np.add: ADD,
    np.subtract: SUBTRACT,
    np.multiply: MULTIPLY,
    np.true_divide: DIVIDE,
    np.power: POWER,
    np.negative: NEGATE,
    np.absolute: ABSOLUTE,
    np.exp: EXP,
    np.log: LOG,
    np.sqrt: SQRT,
    np.sin: SIN,
    np.cos: COS,
    np.tan: TAN,
    np.arctan: ARCTAN,
    np.tanh: TANH,
    np.maximum: MAXIMUM,
    np.minimum: MINIMUM,
    np.matmul: MATMUL,
}
SHOWN = 3  # levels of a formula that are written out where a node is named


class Node(Term):
    """A value of the formula, known once its variables are."""

    __slots__ = ("arguments", "constant", "fixed", "name", "operation")

    def __init__(
        self,
        operation: Operation | None = None,
        arguments: tuple[Node, ...] = (),
        fixed: dict[str, Any] | None = None,
        name: str = "",
        constant: Any = None,
    ) -> None:
        self.operation, self.arguments, self.fixed = operation, arguments, fixed or {}
        self.name, self.constant = name, constant

    def __repr__(self) -> str:
        return written(self)

    def joined(self, operation: Operation, arguments: tuple[Any, ...], fixed: dict[str, Any]) -> Node:
        nodes = tuple(argument if isinstance(argument, Node) else constant(argument) for argument in arguments)
        return Node(operation, nodes, fixed)

    def __add__(self, other: Any) -> Any:
        return apply(ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return apply(ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return apply(SUBTRACT, self, other)

    def __rsub__(self, other: Any) -> Any:
        return apply(SUBTRACT, other, self)

    def __mul__(self, other: Any) -> Any:
        return apply(MULTIPLY, self, other)

    def __rmul__(self, other: Any) -> Any:
        return apply(MULTIPLY, other, self)

    def __truediv__(self, other: Any) -> Any:
        return apply(DIVIDE, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return apply(DIVIDE, other, self)

    def __pow__(self, other: Any) -> Any:
        return apply(POWER, self, other)

    def __rpow__(self, other: Any) -> Any:
        return apply(POWER, other, self)

    def __matmul__(self, other: Any) -> Any:
        return apply(MATMUL, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return apply(MATMUL, other, self)

    def __neg__(self) -> Any:
        return apply(NEGATE, self)

    def __pos__(self) -> Node:
        return self

    def __abs__(self) -> Any:
        return apply(ABSOLUTE, self)

    def __getitem__(self, key: Any) -> Any:
        return apply(ITEM, self, key=key)

    def __iter__(self) -> Any:
        raise TypeError(f"{self} has no length before its variables have values; take its entries by number")

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self} is neither true nor false before its variables have values; maximum or relu can choose"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """numpy's own functions and arrays, met in a formula."""
        operation = UFUNCS.get(ufunc)
        if operation is None or method != "__call__" or options:
            allowed = ", ".join(sorted(known.__name__ for known in UFUNCS))
            raise TypeError(f"numpy's {ufunc.__name__} has no slope here; those that have one are {allowed}")
        return apply(operation, *inputs)

    @property
    def T(self) -> Any:  # noqa: N802
        """The transpose."""
        return apply(TRANSPOSE, self)

    def sum(self, axis: int | None = None, out: None = None) -> Any:
        """The sum of all entries, or along one axis; `out` is there for np.sum."""
        return apply(SUM, self, axis=axis)


def variable(name: str) -> Node:
    """A variable of that name; two of one name are the same to a graph."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name; letters, digits and _ make one, not beginning with a digit")
    return Node(name=name)


def variables(names: str) -> tuple[Node, ...]:
    """Variables of those names, with blanks between."""
    return tuple(map(variable, names.split()))


def constant(value: Any) -> Node:
    """A number, which takes on the precision of what it meets, or an array, which keeps its own."""
    if isinstance(value, bool | int | float):
        return Node(constant=float(value))
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{value!r} cannot stand in a formula; numbers, arrays of numbers and nodes can")
    return Node(constant=array if array.dtype.kind in "fc" else array.astype(np.float64))


def written(node: Node, levels: int = SHOWN) -> str:
    """The node's formula, dots where it goes deeper than some levels."""
    if node.operation is None:
        return node.name or number(node.constant)
    if not levels:
        return "..."
    inside = [written(argument, levels - 1) for argument in node.arguments]
    name = node.operation.name
    if not node.operation.sign:
        return f"{name}({', '.join(inside)})"
    return f"({inside[0]} {name} {inside[1]})" if len(inside) == 2 else f"{name}{inside[0]}"


def number(value: Any, digits: int = 6) -> str:
    """A number in a few digits, or an array of up to four; the shape of a larger one."""
    array = np.asarray(value)
    if array.size > 4:
        return f"array{array.shape}".replace(",)", ")")
    return _listed(array.tolist(), digits)


def _listed(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_listed(item, digits) for item in value)}]"
    return f"{value + 0.0:.{digits}g}"  # -0 is 0
