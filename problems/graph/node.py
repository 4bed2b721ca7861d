"""Nodes of a formula: variables, constants, and operations on other nodes. Writing the formula builds them."""

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
SHOWN_LEVELS = 3  # of operations in the text of a node


class Node(Term):
    """One value of a formula; it is computed when the variables have values."""

    __slots__ = ("arguments", "constant", "name", "operation", "options")

    def __init__(
        self,
        operation: Operation | None = None,
        arguments: tuple[Node, ...] = (),
        options: dict[str, Any] | None = None,
        name: str = "",
        constant: Any = None,
    ) -> None:
        self.operation, self.arguments, self.options = operation, arguments, options or {}
        self.name, self.constant = name, constant

    def __repr__(self) -> str:
        return formula_text(self)

    def applied(self, operation: Operation, arguments: tuple[Any, ...], options: dict[str, Any]) -> Node:
        nodes = tuple(argument if isinstance(argument, Node) else constant(argument) for argument in arguments)
        return Node(operation, nodes, options)

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
        raise TypeError(f"{self} has no length before its variables have values; use an index to select an entry")

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self} is neither true nor false before its variables have values; use maximum, minimum or relu instead"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """numpy's functions and operators, applied to a node."""
        operation = UFUNCS.get(ufunc)
        if operation is None or method != "__call__" or options:
            allowed = ", ".join(sorted(known.__name__ for known in UFUNCS))
            raise TypeError(f"numpy's {ufunc.__name__} has no derivative rule; functions with one are: {allowed}")
        return apply(operation, *inputs)

    @property
    def T(self) -> Any:  # noqa: N802
        """The transpose."""
        return apply(TRANSPOSE, self)

    def sum(self, axis: int | None = None, out: None = None) -> Any:
        """The sum of all entries, or along one axis. `out` exists because np.sum passes it."""
        return apply(SUM, self, axis=axis)


def variable(name: str) -> Node:
    """A variable of that name. In a graph, two variables of the same name are the same variable."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not a name; a name has letters, digits and _, and does not begin with a digit")
    return Node(name=name)


def variables(names: str) -> tuple[Node, ...]:
    """Variables of these names, which are separated by blanks."""
    return tuple(map(variable, names.split()))


def constant(value: Any) -> Node:
    """A constant: a number, which adopts the precision of the other operand, or an array, which keeps its own."""
    if isinstance(value, bool | int | float):
        return Node(constant=float(value))
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{value!r} cannot be part of a formula; numbers, arrays of numbers and nodes can")
    return Node(constant=array if array.dtype.kind in "fc" else array.astype(np.float64))


def formula_text(node: Node, levels: int = SHOWN_LEVELS) -> str:
    """The formula of a node as text, with ... for operations below these levels."""
    if node.operation is None:
        return node.name or number_text(node.constant)
    if not levels:
        return "..."
    inside = [formula_text(argument, levels - 1) for argument in node.arguments]
    name = node.operation.name
    if not node.operation.infix:
        return f"{name}({', '.join(inside)})"
    return f"({inside[0]} {name} {inside[1]})" if len(inside) == 2 else f"{name}{inside[0]}"


def number_text(value: Any, digits: int = 6) -> str:
    """A number, or an array of up to four numbers, with that many significant digits; the shape of a larger array."""
    array = np.asarray(value)
    if array.size > 4:
        return f"array{array.shape}".replace(",)", ")")
    return _listed(array.tolist(), digits)


def _listed(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_listed(item, digits) for item in value)}]"
    return f"{value + 0.0:.{digits}g}"  # + 0.0 turns -0 into 0
