"""What an operation is, and how to apply one to numbers, arrays and nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

VJP = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Operation:
    """A function of one or more arguments, with the rules that differentiate it.

    function(*arguments, **options) is the value v. vjps[i](g, v, *arguments, **options) is the vector-Jacobian product
    for argument i: if g is the derivative of a scalar with respect to v, it is the derivative with respect to that
    argument. None: the derivative is zero. The rules consist of operators and operations. So they work on arrays and on
    nodes, and second derivatives are possible.
    """

    name: str
    function: Callable[..., Any]
    vjps: tuple[VJP | None, ...]
    linear: bool = False  # in each argument that has a derivative; all other operations act entry by entry
    infix: bool = False  # written between its two arguments, or before its only one


class Term(ABC):
    """Something that records an operation instead of computing its value."""

    __slots__ = ()

    @abstractmethod
    def applied(self, operation: Operation, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The term for the operation on these arguments, one of which is this term."""


def apply(operation: Operation, *arguments: Any, **options: Any) -> Any:
    """The value of the operation; a term if one of the arguments is a term."""
    for argument in arguments:
        if isinstance(argument, Term):
            return argument.applied(operation, arguments, options)
    return operation.function(*arguments, **options)
