"""Names with parameters and files of experiments: read as data, refused with the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import problems
import solvers
from experiments.comparison.experiment_file import ConfigError, experiment_in
from experiments.lab.experiment import Options
from experiments.lab.spec.grammar import Spec, SpecError, build, parse, split

VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_characters="\"'", exclude_categories=["C", "Z"])),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True).filter(lambda n: n not in ("true", "false", "none"))


@given(name=NAMES, given_=st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_written_is_read_back(name: str, given_: dict[str, Any]) -> None:
    spec = Spec(name, tuple(given_.items()))
    assert parse(str(spec)) == spec
    assert split(f"{spec},{spec}, qr") == [str(spec), str(spec), "qr"]


@given(text=st.text(max_size=30))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        parse(text)
    except SpecError as refused:
        assert len(str(refused)) > 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sgd(step=0.1", "column 13: expected ',' or ')', found 'the end'"),
        ("sgd(step 0.1)", "expected '='"),
        ("sgd(step=0.1, step=0.2)", "step is given twice"),
        ("sgd) ", "expected nothing more"),
        ("sgd(step='0.1)", "never closed"),
        ("", "expected a name"),
    ],
)
def test_a_slip_is_named_with_its_column(text: str, words: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "table", "words"),
    [
        ("cholesk", solvers.TABLE, "did you mean cholesky?"),
        ("sgd(stepp=1)", solvers.TABLE, "no parameter 'stepp'; did you mean step"),
        ("sgd(batch=many)", solvers.TABLE, "batch is many"),
        ("sgd(batch=1.5)", solvers.TABLE, "batch is 1.5"),
        ("sgd(schedule=slow)", solvers.TABLE, "'constant', 'inverse' or 'cosine'"),
        ("sgd(step=-1)", solvers.TABLE, "step is -1.0; it must be a positive number"),
        ("sgd(step=nan)", solvers.TABLE, "step is nan"),
        ("momentum(momentum=1)", solvers.TABLE, "less than 1"),
        ("linear-regression(n=1)", problems.TABLE, "n is 1; it must be at least 2"),
        ("logistic(l2=-1)", problems.TABLE, "l2 is -1"),
        ("json:dumps", solvers.TABLE, "no solver"),
        ("no.such.module:Solver", solvers.TABLE, "cannot be imported"),
    ],
)
def test_a_name_that_cannot_be_built_is_refused(text: str, table: Any, words: str) -> None:
    with pytest.raises(SpecError) as refused:
        build(parse(text), table)
    assert words in str(refused.value)


def test_nothing_is_evaluated(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    for text in (f"sgd(step=__import__('os').mkdir('{trap}'))", f"os:mkdir(path='{trap}')"):
        with pytest.raises(SpecError):
            build(parse(text), solvers.TABLE)
    assert not trap.exists()


GOOD = """
problems = ["linear-regression(n=50, d=3)", "logistic(n=50, d=3)"]
solvers = ["newton", "sgd(step=0.1, batch=32)"]
seeds = [0, 5]
repeats = 3
[rule]
tolerance = 1e-4
seconds = 2.0
"""


def test_a_file_is_a_grid(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    experiment = experiment_in(path)
    cells = experiment.cells(Options(), {})
    assert experiment.name == "mine"
    assert len(cells) == 2 * 2 * 2
    assert {cell.solver for cell in cells} == {"newton", "sgd(step=0.1, batch=32)"}
    assert {cell.rule.tolerance for cell in cells} == {1e-4}


def test_every_fault_of_a_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'problems = ["linear-regresion", "logistic(q=1)"]\n'
        'solvers = ["newton", "sgd(batch=x)", "tests.helpers.rogues:Hangs"]\nsolverz = 3\nrepeats = "two"\n'
        "[rule]\ntolerence = 1e-6\nseconds = -1.0\n"
    )
    with pytest.raises(ConfigError) as refused:
        experiment_in(path)
    text = str(refused.value)
    for words in (
        "problems[0]: there is no 'linear-regresion'; did you mean linear-regression?",
        "problems[1]: logistic has no parameter 'q'",
        "solvers[1]: sgd: batch is x",
        "solvers[2]: tests.helpers.rogues:Hangs: a file may name what the catalogue has",
        "solverz: no such key; did you mean solvers?",
        "repeats: ",
        "rule.tolerence: no such key; did you mean tolerance?",
        "rule.seconds: ",
    ):
        assert words in text, text


@pytest.mark.parametrize("content", ["problems = [", "x = 1", "\udcff"])
def test_what_is_no_experiment_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        experiment_in(path)
