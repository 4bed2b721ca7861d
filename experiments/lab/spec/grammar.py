"""Names with parameters, `sgd(step=0.1, batch=32)`: read as data, never evaluated."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import solvers
from problems.foundation.names import meant

TOKEN = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"]|"")*)"|'(?P<single>(?:[^']|'')*)'|(?P<mark>[()\[\]=,])|(?P<word>[^\s()\[\]=,"']+))"""
)
CONSTANTS = {"true": True, "false": False, "none": None}


class SpecError(ValueError):
    """A name with parameters that cannot be read or built; the sentence says where and what would be allowed."""


@dataclass(frozen=True)
class Spec:
    """A catalogue name and the parameters given with it, in the order given."""

    name: str
    given: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={_show(value)}" for key, value in self.given)
        return f"{self.name}({inside})" if inside else self.name

    def get(self, key: str) -> Any:
        """The parameter of that name; None where it was not given."""
        return dict(self.given).get(key)


def _show(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_show, value))}]"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    match = TOKEN.fullmatch(text)
    plain = match is not None and match.lastgroup == "word" and _word(text) == text
    return text if plain or isinstance(value, int | float) else '"' + text.replace('"', '""') + '"'


def _word(text: str) -> Any:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return CONSTANTS.get(text.lower(), text)


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise SpecError(f"{text!r}: a quotation mark in column {at + 1} is never closed")
        kind = match.lastgroup or ""
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*found, _Token("end", "the end", len(text) + 1)]


def parse(text: str) -> Spec:
    """Read `name` or `name(key=value, ...)`; a value is a number, true, false, none, text, or a [list] of those.

    Text that holds brackets, commas or spaces stands in quotation marks; one inside is doubled.

    >>> parse("sgd( step=1e-1,batch=32 )")
    Spec(name='sgd', given=(('step', 0.1), ('batch', 32)))
    >>> str(parse("logistic(data='my file.csv')"))
    'logistic(data="my file.csv")'
    """
    tokens = _tokens(text)

    def take(what: str, *kinds_or_marks: str) -> _Token:
        token = tokens.pop(0)
        if token.kind not in kinds_or_marks and not (token.kind == "mark" and token.text in kinds_or_marks):
            raise SpecError(f"{text!r}, column {token.column}: expected {what}, found {token.text!r}")
        return token

    def value() -> Any:
        token = take("a value", "word", "single", "double", "[")
        if token.kind == "word":
            return _word(token.text)
        if token.kind != "mark":
            quote = '"' if token.kind == "double" else "'"
            return token.text.replace(2 * quote, quote)
        items = []
        while tokens[0].text != "]":
            items.append(value())
            if tokens[0].text != "]":
                take("',' or ']'", ",")
        tokens.pop(0)
        return items

    name = take("a name", "word").text
    given: dict[str, Any] = {}
    if tokens[0].text == "(" and tokens.pop(0):
        while tokens[0].text != ")":
            key = take("a parameter's name", "word")
            if key.text in given:
                raise SpecError(f"{text!r}, column {key.column}: {key.text} is given twice")
            take("'='", "=")
            given[key.text] = value()
            if tokens[0].text != ")":
                take("',' or ')'", ",")
        tokens.pop(0)
    take("nothing more", "end")
    return Spec(name, tuple(given.items()))


def split(text: str) -> list[str]:
    """The parts of `A,B(x=1, y=2),C` between the commas outside brackets and quotation marks.

    >>> split("sgd(step=0.1, batch=32),cholesky")
    ['sgd(step=0.1, batch=32)', 'cholesky']
    """
    parts, depth, begin = [], 0, 0
    for token in _tokens(text):
        if token.kind == "mark":
            depth += (token.text in "([") - (token.text in ")]")
        if token.kind == "end" or (token.text == "," and token.kind == "mark" and depth == 0):
            parts.append(text[begin : token.column - 1].strip())
            begin = token.column
    return parts


def place(spec: Spec, table: Mapping[str, Any]) -> str:
    """Where the factory lives, as module:attribute: by its catalogue name, or as it is for one's own."""
    if spec.name in table:
        return str(table[spec.name].place)
    if ":" in spec.name.strip(":"):
        return spec.name
    raise SpecError(f"there is no {spec.name!r}; {meant(spec.name, table)}")


def arguments(spec: Spec, table: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The factory that `spec` names in a catalogue, and its parameters, of the types that the factory declares."""
    from pydantic import TypeAdapter, ValidationError

    module, _, attribute = place(spec, table).partition(":")
    if spec.name not in table and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # one's own lies where one works
    try:
        factory = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a module of someone's own may fail in any way
        raise SpecError(f"{spec.name} cannot be imported: {type(error).__name__}: {error}") from None
    if spec.name not in table and table is solvers.TABLE and not _is_solver(factory):
        raise SpecError(f"{spec.name} is no solver: it must be a class below solvers.base.Solver")
    if not callable(factory):
        raise SpecError(f"{spec.name} cannot be called: it must be a class, or a function that returns a problem")
    allowed = inspect.signature(factory).parameters
    types = typing.get_type_hints(factory)
    built = {}
    for key, value in spec.given:
        if key not in allowed:
            raise SpecError(f"{spec.name} has no parameter {key!r}; {meant(key, allowed)}")
        try:
            built[key] = TypeAdapter(types[key], config=LAX).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise SpecError(f"{spec.name}: {key} is {_show(value)}; {first[0].lower()}{first[1:]}") from None
    return factory, built


def _is_solver(thing: Any) -> bool:
    from solvers.base import Solver

    return isinstance(thing, type) and issubclass(thing, Solver)


def _is_problem(thing: Any) -> bool:
    from problems.forms import Objective

    return isinstance(thing, Objective)


LAX: Any = {"coerce_numbers_to_str": True}


def build(spec: Spec, table: Mapping[str, Any]) -> Any:
    """The problem or solver that `spec` describes."""
    factory, given = arguments(spec, table)
    try:
        built = factory(**given)
        if spec.name not in table and table is not solvers.TABLE and not _is_problem(built):
            raise SpecError(f"{spec.name} returns no problem: it must be below problems.forms.Objective")
        return built
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        raise SpecError(f"{spec.name}: {error}") from None
