"""What an operation is, and how it is applied to numbers, arrays and nodes alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Back = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Operation:
    """How a value is made of its arguments, and how slopes go back through it.

    call(*arguments, **fixed) is the value v. back[i](g, v, *arguments, **fixed) is the vector-Jacobian product: the
    slope of a number by argument i where g is its slope by v. None where nothing goes back. Written in operators and
    operations, it works on arrays and on nodes alike, which gives second derivatives.
    """

    name: str
    call: Callable[..., Any]
    back: tuple[Back | None, ...]
    linear: bool = False  # in each argument that has a slope; all others act entry by entry
    sign: bool = False  # written between its arguments, or before the only one


class Term(ABC):
    """What an operation is written down on rather than carried out."""

    __slots__ = ()

    @abstractmethod
    def joined(self, operation: Operation, arguments: tuple[Any, ...], fixed: dict[str, Any]) -> Any:
        """The term that the operation makes of those arguments, this one among them."""


def apply(operation: Operation, *arguments: Any, **fixed: Any) -> Any:
    """A term where one of the arguments is one; else the value."""
    for argument in arguments:
        if isinstance(argument, Term):
            return argument.joined(operation, arguments, fixed)
    return operation.call(*arguments, **fixed)
