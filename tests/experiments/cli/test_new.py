"""`solverlab new`: what it writes works as it stands, passes its own tests, linters and type checkers."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.command_line import call

pytestmark = pytest.mark.xdist_group("new")
KINDS = ("solver", "problem", "experiment")
RULES = "E,F,I,UP,B,N,RUF,SIM,PT,RET,D2,D3,D4"
EITHER_OR = "D203,D205,D212,D213,D400,D401,D413,D415"  # docstrings may hold a recurrence; some rules exclude each other
COMMANDS = {
    "solver": "solverlab check my_solver:MySolver",
    "problem": "solverlab compare my_problem:my_problem",
    "experiment": "solverlab run my_experiment.py --quick",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a new solver, problem and experiment."""
    folder = tmp_path_factory.mktemp("new")
    for kind in KINDS:
        said = call("new", kind, f"my-{kind}", "--out", str(folder), cwd=folder).stdout
        assert said.endswith(f"Try: {COMMANDS[kind]}\n")
    names = [f"{prefix}my_{kind}.py" for prefix in ("", "test_") for kind in KINDS]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    return folder


def python(*words: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_written_passes_its_own_tests(written: Path) -> None:
    python("-m", "pytest", "-q", "-p", "no:cacheprovider", ".", cwd=written)


def test_what_is_written_needs_the_public_interface_only(written: Path) -> None:
    for path in written.glob("*.py"):
        text = path.read_text()
        assert text.count("import solverlab as lab\n") == 1
        assert not any(f"{word} {name}" in text for word in ("import", "from") for name in ("problems", "experiments"))


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("mypy", ("--strict", "--cache-dir", "mypy_cache", ".")),
        ("ruff", ("check", "--isolated", "--no-cache", "--select", RULES, "--ignore", EITHER_OR)),
        ("ruff", ("format", "--isolated", "--no-cache", "--check")),
        ("ruff", ("format", "--isolated", "--no-cache", "--check", "--line-length", "120")),
    ],
)
def test_what_is_written_passes_linters_and_type_checkers(written: Path, tool: str, words: tuple[str, ...]) -> None:
    if find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed: it comes with the extra `dev`")
    python("-m", tool, *words, cwd=written)


def test_the_command_that_is_suggested_for_a_problem_works(written: Path) -> None:
    words = [*COMMANDS["problem"].split()[1:], "--solvers", "lbfgs,gradient-descent", "--repeats", "1"]
    lines = call(*words, cwd=written).stdout.splitlines()
    for solver in ("lbfgs", "gradient-descent"):
        assert any(line.startswith(f"{solver} ") and " solved " in line for line in lines)


def test_nothing_is_overwritten_and_a_bad_name_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    refused = {"mine": "exists already", "2nd": "cannot be a module's name", "solvers": "is a package of Solver Lab"}
    for name, sentence in refused.items():
        assert sentence in call("new", "solver", name, cwd=tmp_path, code=2).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]
