"""Formulas from text: what is allowed, and refusals of everything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.graph import Node, parse


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the formula is empty"),
        ("x.__class__", "a dot after a name in column 1; a formula consists of numbers"),
        ("(lambda: 1)()", "has ':' in column 8"),
        ("(y:=3)", "has ':' in column 3"),
        ("f'{x}'", 'has "\'" in column 2'),
        ("ｅｘｐ(x)", "has 'ｅ' in column 1"),
        ("x\0", r"has '\\x00' in column 2"),
        ("x^2", "a power is written \\*\\*"),
        ("y = x", "has '=' in column 3; give only the right-hand side"),
        ("1j", "the formula has 1j in column 1"),
        ("True", "the formula has True in column 1"),
        ("x if y else z", "if ... else"),
        ("x, y", "a comma outside"),
        ("x//2", "the formula has // in column 1"),
        ("not x", "the formula has not in column 1"),
        ("1or x", "cannot be read"),
        ("2 x", "cannot be read"),
        ("2(x)", "calls something in column 1 that is not the name of a function; is a \\* missing"),
        ("x[0]", "x in column 1 is not a function; is a \\* missing\\? Functions are: abs, exp"),
        (" expp(x)", "expp in column 2 is not a function; did you mean exp"),
        ("__import__(x)", "__import__ in column 1 is not a function"),
        ("exp", "exp in column 1 is a function; brackets must follow it"),
        ("maximum(x)", "maximum in column 1 takes 2 arguments, not 1"),
        ("exp(*x)", "exp in column 1 takes plain arguments, separated by commas"),
        ("exp[x)", "closes the \\[ of column 4 with \\) in column 6"),
        ("exp(x", "never closes the \\( of column 4"),
        ("x)", "closes a bracket in column 2 that was never opened"),
        ("1e999", "the number in column 1 is larger than 1.8e308"),
        ("9" * 3999, "the number in column 1 is larger than 1.8e308"),
        ("x" * 100_000, "has 100000 characters; at most 4000 are allowed"),
        ("(" * 1500 + "x" + ")" * 1500, "cannot be read"),
        ("-" * 3999 + "x", "nested too deeply; at most 200 operations"),
        ("x" + "+x" * 1999, "nested too deeply; at most 200 operations"),
        ("x**" * 1000 + "x", "nested too deeply; at most 200 operations"),
    ],
)
def test_other_text_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse(text)


@settings(max_examples=300)
@given(st.text(alphabet="xyexp0123.()[]+-*/,@ ", max_size=40))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except ValueError as error:
        assert str(error)[0].islower()
        return
    assert isinstance(node, Node)
