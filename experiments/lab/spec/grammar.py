"""Names with parameters, `sgd(step=0.1, batch=32)`: read as data, never evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from problems.foundation.errors import UserError

TOKEN = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"]|"")*)"|'(?P<single>(?:[^']|'')*)'|(?P<mark>[()\[\]=,])|(?P<word>[^\s()\[\]=,"']+))"""
)
CONSTANTS = {"true": True, "false": False, "none": None}
DEEPEST = 20  # lists and specs within one another


class SpecError(UserError):
    """A name with parameters that cannot be read or built; the sentence says where and what would be allowed."""


@dataclass(frozen=True)
class Spec:
    """A name and the parameters given with it, in the order given.

    A value is a number, a truth value, None, text, a tuple of values, or another Spec.
    """

    name: str
    given: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={shown(value)}" for key, value in self.given)
        return f"{self.name}({inside})" if inside else self.name

    def get(self, key: str) -> Any:
        """The parameter of that name; None where it was not given."""
        return dict(self.given).get(key)

    def where(self, **given: Any) -> Spec:
        """The same name with these parameters set, each in its place, or at the end where it was not given.

        >>> str(parse("ridge(n=50, l2=1)").where(l2=2.5, seed=3))
        'ridge(n=50, l2=2.5, seed=3)'
        """
        return Spec(self.name, tuple({**dict(self.given), **given}.items()))


def spec(name: str, **given: Any) -> Spec:
    """The Spec of that name and those parameters.

    >>> str(spec("linear-regression", n=100, loss="huber"))
    'linear-regression(n=100, loss=huber)'
    """
    return Spec(name, tuple((key, _frozen(value)) for key, value in given.items()))


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if isinstance(value, int | float | Spec):
        return text
    match = TOKEN.fullmatch(text)
    plain = match is not None and match.lastgroup == "word" and _value_of(text) == text
    return text if plain else '"' + text.replace('"', '""') + '"'


def _value_of(word: str) -> Any:
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            pass
    return CONSTANTS.get(word.lower(), word)


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None:
            raise SpecError(f"{text!r}: a quotation mark in column {position + 1} is never closed")
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    return [*tokens, _Token("end", "the end", len(text) + 1)]


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, _tokens(text), 0

    def next_is(self, mark: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "mark" and token.text == mark

    def take(self, what: str, *kinds_or_marks: str) -> _Token:
        token = self.tokens[self.at]
        if token.kind not in kinds_or_marks and not (token.kind == "mark" and token.text in kinds_or_marks):
            raise SpecError(f"{self.text!r}, column {token.column}: expected {what}, found {token.text!r}")
        self.at += 1
        return token

    def spec(self, name: str, depth: int) -> Spec:
        """What follows a name: nothing, or its parameters in brackets."""
        given: dict[str, Any] = {}
        if self.next_is("("):
            self.at += 1
            while not self.next_is(")"):
                key = self.take("a parameter's name", "word")
                if key.text in given:
                    raise SpecError(f"{self.text!r}, column {key.column}: {key.text} is given twice")
                self.take("'='", "=")
                given[key.text] = self.value(depth + 1)
                if not self.next_is(")"):
                    self.take("',' or ')'", ",")
            self.at += 1
        return Spec(name, tuple(given.items()))

    def value(self, depth: int) -> Any:
        token = self.take("a value", "word", "single", "double", "[")
        if depth > DEEPEST:
            raise SpecError(f"{self.text[:40]!r}..., column {token.column}: more than {DEEPEST} brackets are open")
        if token.kind == "word":
            return self.spec(token.text, depth) if self.next_is("(") else _value_of(token.text)
        if token.kind != "mark":
            quote = '"' if token.kind == "double" else "'"
            return token.text.replace(2 * quote, quote)
        items = []
        while not self.next_is("]"):
            items.append(self.value(depth + 1))
            if not self.next_is("]"):
                self.take("',' or ']'", ",")
        self.at += 1
        return tuple(items)


def parse(text: str) -> Spec:
    """Read `name` or `name(key=value, ...)`.

    A value is a number, true, false, none, text, a [list] of values, or a name with parameters of its own. Text that
    holds brackets, commas or spaces stands in quotation marks; a quotation mark inside is doubled.

    >>> parse("sgd( step=1e-1,batch=32 )")
    Spec(name='sgd', given=(('step', 0.1), ('batch', 32)))
    >>> parse("ridge(data=synthetic(n=50))").get("data")
    Spec(name='synthetic', given=(('n', 50),))
    >>> str(parse("logistic(data='my file.csv')"))
    'logistic(data="my file.csv")'
    """
    reader = _Reader(text)
    read = reader.spec(reader.take("a name", "word").text, 0)
    reader.take("nothing more", "end")
    return read


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
