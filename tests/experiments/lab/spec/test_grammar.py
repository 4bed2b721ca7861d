"""Names with parameters are read as data, written back equal, and refused with the place of the fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.lab.spec.grammar import DEEPEST, Spec, SpecError, parse, spec, split

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True).filter(lambda n: n not in ("true", "false", "none"))
TEXTS = st.text(st.characters(exclude_characters="\"'", exclude_categories=["C", "Z"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES: Any = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.builds(
            lambda name, given: Spec(name, tuple(given.items())),
            NAMES,
            st.dictionaries(NAMES, inner, min_size=1, max_size=2),
        )
    ),
    max_leaves=5,
)


@given(name=NAMES, given_=st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_written_is_read_back(name: str, given_: dict[str, Any]) -> None:
    written = Spec(name, tuple(given_.items()))
    assert parse(str(written)) == written
    assert hash(parse(str(written))) == hash(written)
    assert spec(name, **given_) == written
    assert split(f"{written},{written}, qr") == [str(written), str(written), "qr"]


@given(text=st.text(max_size=30))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        parse(text)
    except SpecError as refused:
        assert len(str(refused)) > 10


def test_a_value_may_be_a_name_with_parameters_of_its_own() -> None:
    read = parse("ridge(data=table(file='a b.csv', drop=[id, 3]), l2=1)")
    assert read.get("data") == spec("table", file="a b.csv", drop=["id", 3])
    assert read.where(l2=2, seed=5) == parse('ridge(data=table(file="a b.csv", drop=[id, 3]), l2=2, seed=5)')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sgd(step=0.1", "column 13: expected ',' or ')', found 'the end'"),
        ("sgd(step 0.1)", "expected '='"),
        ("sgd(step=0.1, step=0.2)", "step is given twice"),
        ("ridge(data=table(file=a, file=b))", "file is given twice"),
        ("sgd) ", "expected nothing more"),
        ("sgd(step='0.1)", "never closed"),
        ("", "expected a name"),
        ("sgd(step=" + "[" * 500 + "]" * 500 + ")", f"more than {DEEPEST} brackets are open"),
    ],
)
def test_a_fault_is_named_with_its_column(text: str, words: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse(text)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 200


def test_nothing_is_evaluated(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    for text in (f"sgd(step=__import__('os').mkdir('{trap}'))", f"os:mkdir(path='{trap}')"):
        try:
            parse(text)
        except SpecError:
            continue
    assert not trap.exists()
