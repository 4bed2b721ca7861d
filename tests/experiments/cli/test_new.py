"""`solverlab new`: what it writes works as it stands, and its own test passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.cli.main import cli


def invoke(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, list(words))
    return done.exit_code, done.output


@pytest.mark.parametrize("kind", ["solver", "problem", "experiment"])
def test_a_new_start_passes_its_own_test_and_runs(kind: str, tmp_path: Path) -> None:
    code, said = invoke("new", kind, "my-own", "--out", str(tmp_path))
    assert code == 0, said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my_own.py", "test_my_own.py"]
    quiet = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_own.py"]
    done = subprocess.run(quiet, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    words = said.rpartition("Try: solverlab ")[2].split()
    if kind == "problem":
        words += ["--solvers", "lbfgs,gradient-descent", "--repeats", "1"]
    if kind != "solver":  # whose command is what its test has just done
        again = [sys.executable, "-m", "solverlab", *words]
        done = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_overwritten_and_a_bad_name_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    for name, sentence in (("mine", "is there already"), ("2nd", "cannot be a module's name"), ("solvers", "package")):
        code, said = invoke("new", "solver", name, "--out", str(tmp_path))
        assert (code, sentence in said) == (2, True), said
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]
