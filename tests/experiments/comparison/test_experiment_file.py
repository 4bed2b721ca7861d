"""A TOML file is a grid of cells; every fault of one is named with its place, at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.comparison.experiment_file import ConfigError, experiment_in
from experiments.lab.experiment import Options
from experiments.lab.spec.grammar import parse

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
    assert {cell.solver for cell in cells} == {parse("newton"), parse("sgd(step=0.1, batch=32)")}
    assert {cell.seed for cell in cells} == {0, 5}
    assert {cell.rule.tolerance for cell in cells} == {1e-4}
    assert experiment.repeats == 3


def test_every_fault_of_a_file_is_named_at_once_with_its_place(tmp_path: Path) -> None:
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


def test_the_name_of_a_run_could_be_a_file_s_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / ".. my (2) grid.toml"
    path.write_text(GOOD)
    assert experiment_in(path).name == "my-2-grid"
