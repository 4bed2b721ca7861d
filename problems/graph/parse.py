"""Formulas from text: read by Python's grammar against a list of what is allowed, and never evaluated as code."""

from __future__ import annotations

import ast
import math
import re
import warnings
from typing import Any

from problems.foundation.names import meant
from problems.graph import operations
from problems.graph.node import Node, constant, variable
from problems.graph.operation import Operation, apply

LONGEST = 4000  # characters
DEEPEST = 200  # operations inside one another
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
SIGNS: dict[type[ast.AST], Operation] = {
    ast.Add: operations.ADD,
    ast.Sub: operations.SUBTRACT,
    ast.Mult: operations.MULTIPLY,
    ast.Div: operations.DIVIDE,
    ast.Pow: operations.POWER,
    ast.MatMult: operations.MATMUL,
}
ALLOWED = "numbers, names, + - * / ** @, brackets and the functions " + ", ".join(FUNCTIONS)
STRANGE = re.compile(r"[^A-Za-z0-9_ .+\-*/@(),\t\r\n\[\]]")
HINTS = {"^": "a power is written **", "=": "only what stands right of an equals sign is a formula"}
CALLED = {
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
    """The formula that a text states, as a node: `b1 * (1 - exp(-b2 * x))`. A ValueError says what is wrong, and where.

    Square brackets stand for round ones, as in NIST's files. Names that are no functions are variables; pi is the
    number. What is written twice is one node.

    >>> parse("b1*(1 - exp[-b2*x])")
    (b1 * (1 - exp(...)))
    >>> parse("x.y")
    Traceback (most recent call last):
    ValueError: the formula has a dot after a name in column 1; a formula is made of numbers, names, + - * / ** @, \
brackets and the functions abs, exp, log, sqrt, sin, cos, tan, arctan, tanh, sigmoid, relu, maximum, minimum, sum, \
dot, matmul
    """
    if len(text) > LONGEST:
        raise ValueError(f"the formula has {len(text)} characters; {LONGEST} are the most")
    if not text.strip():
        raise ValueError(f"the formula is empty; a formula is made of {ALLOWED}")
    strange = STRANGE.search(text)
    if strange:
        hint = HINTS.get(strange[0], f"a formula is made of {ALLOWED}")
        raise ValueError(f"the formula has {strange[0]!r} in column {strange.start() + 1}; {hint}")
    _balanced(text)
    plain = re.sub(r"\s", " ", text).replace("[", "(").replace("]", ")")
    lead = len(plain) - len(plain.lstrip())
    try:
        with warnings.catch_warnings(action="error"):  # 1or x is one to Python
            tree = ast.parse(plain.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        column = getattr(error, "offset", None)
        where = f" in column {column + lead}" if column else ""
        why = str(getattr(error, "msg", error)).split(". ")[0]
        raise ValueError(f"the formula cannot be read{where}: {why[0].lower()}{why[1:]}") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"the formula is too deep; {DEEPEST} operations inside one another are the most") from None
    return _Reader(lead).read(tree, 0)


def _balanced(text: str) -> None:
    """Refuse brackets that do not close one another, square ones by square ones."""
    opened = []
    for column, mark in enumerate(text, 1):
        if mark in "([":
            opened.append((mark, column))
        elif mark in ")]":
            if not opened:
                raise ValueError(f"the formula closes a bracket in column {column} that was never opened")
            before, where = opened.pop()
            if before + mark not in ("()", "[]"):
                raise ValueError(f"the formula closes the {before} of column {where} by {mark} in column {column}")
    if opened:
        raise ValueError(f"the formula never closes the {opened[-1][0]} of column {opened[-1][1]}")


class _Reader:
    """Turns a syntax tree into nodes, what is equal into one node; constants stay apart."""

    def __init__(self, lead: int) -> None:
        self.lead = lead
        self.known: dict[Any, Node] = {}

    def read(self, tree: ast.expr, depth: int) -> Node:
        if depth > DEEPEST:
            raise ValueError(f"the formula is too deep; {DEEPEST} operations inside one another are the most")
        if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
            return self._number(tree)
        if isinstance(tree, ast.Name):
            if tree.id in FUNCTIONS:
                raise ValueError(f"{tree.id} in {self._place(tree)} is a function; brackets must follow it")
            if tree.id in CONSTANTS:
                return constant(CONSTANTS[tree.id])
            return self._once(("name", tree.id), lambda: variable(tree.id))
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.UAdd):
            return self.read(tree.operand, depth + 1)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            return self._made(operations.NEGATE, [tree.operand], depth)
        if isinstance(tree, ast.BinOp) and type(tree.op) in SIGNS:
            return self._made(SIGNS[type(tree.op)], [tree.left, tree.right], depth)
        if isinstance(tree, ast.Call):
            return self._called(tree, depth)
        raise self._refusal(tree)

    def _called(self, tree: ast.Call, depth: int) -> Node:
        where = self._place(tree)
        if not isinstance(tree.func, ast.Name):
            raise ValueError(f"the formula calls something that is no function's name in {where}; is a * missing?")
        name = tree.func.id
        if name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            hint = meant(name, FUNCTIONS) if "did" in meant(name, FUNCTIONS) else f"is a * missing? There are: {known}"
            raise ValueError(f"{name} in {where} is no function; {hint}")
        operation = FUNCTIONS[name]
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise ValueError(f"{name} in {where} takes plain arguments, one after the other")
        if len(tree.args) != len(operation.back):
            raise ValueError(f"{name} in {where} takes {len(operation.back)} arguments, not {len(tree.args)}")
        return self._made(operation, tree.args, depth)

    def _made(self, operation: Operation, arguments: list[ast.expr], depth: int) -> Node:
        nodes = [self.read(argument, depth + 1) for argument in arguments]
        key = (operation, *(id(node) if node.constant is None else node.constant for node in nodes))
        return self._once(key, lambda: apply(operation, *nodes))

    def _number(self, tree: ast.Constant) -> Node:
        try:
            value = float(tree.value)  # type: ignore[arg-type]
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise ValueError(f"the number in {self._place(tree)} is beyond 1.8e308, the largest there is")
        return constant(value)

    def _once(self, key: Any, make: Any) -> Node:
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def _place(self, tree: ast.expr) -> str:
        return f"column {tree.col_offset + self.lead + 1}"

    def _refusal(self, tree: ast.expr) -> ValueError:
        kind = type(getattr(tree, "op", tree))
        told = CALLED.get(kind) or CALLED.get(type(tree)) or f"a {type(tree).__name__.lower()}"
        if isinstance(tree, ast.Constant):
            told = repr(tree.value)
        return ValueError(f"the formula has {told} in {self._place(tree)}; a formula is made of {ALLOWED}")
