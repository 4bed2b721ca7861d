"""`solverlab list` and `explain`, and the help of every command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import problems
import problems.data
import solvers
from experiments.cli.main import cli
from experiments.questions import TABLE
from tests.helpers.command_line import ROOT, call

FORMS = {"solvers": "needs", "problems": "promises", "data": "makes", "experiments": "needs"}


@pytest.mark.parametrize(
    ("catalogue", "table"),
    [
        ("solvers", solvers.TABLE),
        ("problems", problems.TABLE),
        ("data", problems.data.TABLE),
        ("experiments", TABLE),
    ],
)
def test_list_gives_every_entry_with_its_summary(catalogue: str, table: dict[str, Any], tmp_path: Path) -> None:
    rows = json.loads(call("list", catalogue, "--json", cwd=tmp_path).stdout)
    assert [row["name"] for row in rows] == list(table)
    for row in rows:
        assert {"name", "family", "summary", "source"} <= set(row)
        assert row[FORMS[catalogue]]
    lines = call("list", catalogue, cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(table)
    assert all(line.endswith(entry.summary) for line, entry in zip(lines, table.values(), strict=True))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("conjugate-gradient", ("conjugate-gradient (Krylov solver)", "Needs: SPDSystem", "alpha = ")),
        ("sklearn-mlp", ("sklearn-mlp (peer solver)", "Needs: ")),
        ("logistic", ("Promises: ", "The parameters of its data source may be given to it directly")),
        ("moons", ("moons (plane data source)", "n=200, noise=0.1, seed=0", "Makes: labels, classes, features")),
        ("learning-rate", ("experiment)", "Settings:")),
    ],
)
def test_explain_says_what_a_name_is(name: str, words: tuple[str, ...], tmp_path: Path) -> None:
    text = call("explain", name, cwd=tmp_path).stdout
    for expected in (*words, "Source: ", "Where: "):
        assert expected in text


def test_explain_shows_both_the_problem_and_the_experiment_of_one_name(tmp_path: Path) -> None:
    text = call("explain", "xor(hidden=3)", cwd=tmp_path).stdout
    assert "problem)" in text
    assert "experiment)" in text


def test_explain_suggests_the_name_that_was_meant(tmp_path: Path) -> None:
    assert "there is no 'cholesk'; did you mean cholesky" in call("explain", "cholesk", cwd=tmp_path, code=2).stderr


@pytest.mark.parametrize("name", cli.commands)
def test_every_command_and_option_has_help(name: str, tmp_path: Path) -> None:
    command = cli.commands[name]
    assert command.help
    assert command.help.partition("\n")[0].endswith(".")
    shown = call(name, "--help", cwd=tmp_path).stdout
    assert command.help.split()[0] in shown
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"
            assert option.help[0].isupper(), f"{name} {option.opts[0]}: help is a sentence"
            assert option.help.endswith("."), f"{name} {option.opts[0]}: help is a sentence"
            assert option.opts[0] in shown


def test_help_lists_every_command_and_every_exit_code(tmp_path: Path) -> None:
    shown = call("--help", cwd=tmp_path).stdout
    assert all(f"  {name} " in shown for name in cli.commands)
    for line in (
        "0         success",
        "2         wrong usage",
        "5         data cannot be read",
        "130, 143  interrupted",
    ):
        assert line in shown


LOADED = """
import sys
from experiments.cli.main import main
sys.argv = ["solverlab", *{words!r}]
try:
    main()
except SystemExit:
    pass
loaded = {{"numpy", "numba", "sklearn", "scipy", "pandas", "pydantic", "matplotlib", "rich"}} & set(sys.modules)
sys.exit(" ".join(loaded) or 0)
"""


@pytest.mark.parametrize("words", [["--help"], ["list", "solvers"], ["list", "data", "--json"]])
def test_help_and_list_import_no_heavy_library(words: list[str]) -> None:
    code = LOADED.format(words=words)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout
    assert (done.returncode, done.stderr) == (0, "")
