"""Formulas from text. Python's grammar reads them, a list says what is allowed, and nothing is evaluated as code."""

from __future__ import annotations

import ast
import math
import re
import warnings
from difflib import get_close_matches
from typing import Any

from problems.foundation.names import suggestion
from problems.graph import operations
from problems.graph.node import Node, constant, variable
from problems.graph.operation import Operation, apply

MOST_CHARACTERS = 4000
DEEPEST_NESTING = 200  # operations inside one another
TOO_DEEP = f"the formula is nested too deeply; at most {DEEPEST_NESTING} operations may be inside one another"
CONSTANTS = {"pi": math.pi}
FUNCTIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        operations.ABSOLUTE,
        operations.EXP,
        operations.LOG,
        operations.SQRT,
        operations.SIN,
        operations.COS,
        operations.TAN,
        operations.ARCTAN,
        operations.TANH,
        operations.SIGMOID,
        operations.RELU,
        operations.MAXIMUM,
        operations.MINIMUM,
        operations.SUM,
        operations.DOT,
    )
} | {"matmul": operations.MATMUL}
OPERATORS: dict[type[ast.AST], Operation] = {
    ast.Add: operations.ADD,
    ast.Sub: operations.SUBTRACT,
    ast.Mult: operations.MULTIPLY,
    ast.Div: operations.DIVIDE,
    ast.Pow: operations.POWER,
    ast.MatMult: operations.MATMUL,
}
ALLOWED = "numbers, names, + - * / ** @, brackets and the functions " + ", ".join(FUNCTIONS)
FORBIDDEN = re.compile(r"[^A-Za-z0-9_ .+\-*/@(),\t\r\n\[\]]")
HINTS = {"^": "a power is written **", "=": "give only the right-hand side of an equation"}
SYNTAX_NAMES = {
    ast.Attribute: "a dot after a name",
    ast.Tuple: "a comma outside a function's brackets",
    ast.IfExp: "if ... else",
    ast.BoolOp: "and, or",
    ast.Compare: "a comparison",
    ast.Starred: "a star before an argument",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Not: "not",
    ast.FloorDiv: "//",
}


def parse(text: str) -> Node:
    """The formula in a text such as `b1 * (1 - exp(-b2 * x))`, as a node. A ValueError says what is wrong, and where.

    Square brackets are read as round ones, as in NIST's files. Names are variables, except for the functions and the
    number pi. Equal parts of the formula are one node.

    >>> parse("b1*(1 - exp[-b2*x])")
    (b1 * (1 - exp(...)))
    >>> parse("x.y")
    Traceback (most recent call last):
    ValueError: the formula has a dot after a name in column 1; a formula consists of numbers, names, + - * / ** @, \
brackets and the functions abs, exp, log, sqrt, sin, cos, tan, arctan, tanh, sigmoid, relu, maximum, minimum, sum, \
dot, matmul
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the formula has {len(text)} characters; at most {MOST_CHARACTERS} are allowed")
    if not text.strip():
        raise ValueError(f"the formula is empty; a formula consists of {ALLOWED}")
    forbidden = FORBIDDEN.search(text)
    if forbidden:
        hint = HINTS.get(forbidden[0], f"a formula consists of {ALLOWED}")
        raise ValueError(f"the formula has {forbidden[0]!r} in column {forbidden.start() + 1}; {hint}")
    _balanced(text)
    python = re.sub(r"\s", " ", text).replace("[", "(").replace("]", ")")
    indent = len(python) - len(python.lstrip())
    try:
        with warnings.catch_warnings(action="error"):  # Python only warns of 1or x
            tree = ast.parse(python.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        column = getattr(error, "offset", None)
        where = f" in column {column + indent}" if column else ""
        reason = str(getattr(error, "msg", error)).split(". ")[0]
        raise ValueError(f"the formula cannot be read{where}: {reason[0].lower()}{reason[1:]}") from None
    except (RecursionError, MemoryError):
        raise ValueError(TOO_DEEP) from None
    return _Reader(indent).read(tree, 0)


def _balanced(text: str) -> None:
    """Raise ValueError for a bracket without its partner of the same kind."""
    opened = []
    for column, mark in enumerate(text, 1):
        if mark in "([":
            opened.append((mark, column))
        elif mark in ")]":
            if not opened:
                raise ValueError(f"the formula closes a bracket in column {column} that was never opened")
            before, where = opened.pop()
            if before + mark not in ("()", "[]"):
                raise ValueError(f"the formula closes the {before} of column {where} with {mark} in column {column}")
    if opened:
        raise ValueError(f"the formula never closes the {opened[-1][0]} of column {opened[-1][1]}")


class _Reader:
    """Turns a syntax tree into nodes. Equal parts become one node, except constants."""

    def __init__(self, indent: int) -> None:
        self.indent = indent
        self.nodes: dict[Any, Node] = {}

    def read(self, tree: ast.expr, depth: int) -> Node:
        if depth > DEEPEST_NESTING:
            raise ValueError(TOO_DEEP)
        if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
            return self._number(tree)
        if isinstance(tree, ast.Name):
            if tree.id in FUNCTIONS:
                raise ValueError(f"{tree.id} in {self._place(tree)} is a function; brackets must follow it")
            if tree.id in CONSTANTS:
                return constant(CONSTANTS[tree.id])
            return self._shared(("name", tree.id), lambda: variable(tree.id))
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.UAdd):
            return self.read(tree.operand, depth + 1)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            return self._operation(operations.NEGATE, [tree.operand], depth)
        if isinstance(tree, ast.BinOp) and type(tree.op) in OPERATORS:
            return self._operation(OPERATORS[type(tree.op)], [tree.left, tree.right], depth)
        if isinstance(tree, ast.Call):
            return self._call(tree, depth)
        raise self._refusal(tree)

    def _call(self, tree: ast.Call, depth: int) -> Node:
        where = self._place(tree)
        if not isinstance(tree.func, ast.Name):
            raise ValueError(
                f"the formula calls something in {where} that is not the name of a function; is a * missing?"
            )
        name = tree.func.id
        if name not in FUNCTIONS:
            typo = bool(get_close_matches(name, FUNCTIONS))
            hint = suggestion(name, FUNCTIONS) if typo else f"is a * missing? Functions are: {', '.join(FUNCTIONS)}"
            raise ValueError(f"{name} in {where} is not a function; {hint}")
        operation = FUNCTIONS[name]
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise ValueError(f"{name} in {where} takes plain arguments, separated by commas")
        if len(tree.args) != len(operation.vjps):
            raise ValueError(f"{name} in {where} takes {len(operation.vjps)} arguments, not {len(tree.args)}")
        return self._operation(operation, tree.args, depth)

    def _operation(self, operation: Operation, arguments: list[ast.expr], depth: int) -> Node:
        nodes = [self.read(argument, depth + 1) for argument in arguments]
        key = (operation, *(id(node) if node.constant is None else node.constant for node in nodes))
        return self._shared(key, lambda: apply(operation, *nodes))

    def _number(self, tree: ast.Constant) -> Node:
        try:
            value = float(tree.value)  # type: ignore[arg-type]
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise ValueError(f"the number in {self._place(tree)} is larger than 1.8e308, the largest float64")
        return constant(value)

    def _shared(self, key: Any, make: Any) -> Node:
        if key not in self.nodes:
            self.nodes[key] = make()
        return self.nodes[key]

    def _place(self, tree: ast.expr) -> str:
        return f"column {tree.col_offset + self.indent + 1}"

    def _refusal(self, tree: ast.expr) -> ValueError:
        kind = type(getattr(tree, "op", tree))
        element = SYNTAX_NAMES.get(kind) or SYNTAX_NAMES.get(type(tree)) or f"a {type(tree).__name__.lower()}"
        if isinstance(tree, ast.Constant):
            element = repr(tree.value)
        return ValueError(f"the formula has {element} in {self._place(tree)}; a formula consists of {ALLOWED}")
