"""What the documents tell a reader to do, done."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.comparison.experiment_file import experiment_in

ROOT = Path(__file__).resolve().parents[1]
README, CONTRIBUTING = ((ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md"))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def python(*arguments: str, cwd: Path) -> str:
    path = os.pathsep.join([str(ROOT), str(cwd)])
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=os.environ | {"PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_five_steps_give_a_solver_that_races_and_solves(tmp_path: Path) -> None:
    (source,) = blocks(CONTRIBUTING, "python")
    race, check = blocks(CONTRIBUTING, "console")
    (tmp_path / "steepest.py").write_text(source)
    script = shutil.which("solverlab", path=str(Path(sys.executable).parent))
    assert script, "the package is installed, with its console script"

    def told(command: str) -> str:
        done = subprocess.run(
            [script, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    line = next(line for line in told(race).splitlines() if line.startswith("steepest:SteepestDescent"))
    assert "solved" in line
    assert "fell" not in told(check)


def test_the_readme_s_python_runs(tmp_path: Path) -> None:
    (source,) = blocks(README, "python")
    assert python("-c", source, cwd=tmp_path).startswith("solved")


def test_the_readme_s_file_is_an_experiment(tmp_path: Path) -> None:
    (text,) = blocks(README, "toml")
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert experiment_in(path).name == "mine"


COMMANDS = [line for block in blocks(README, "console") for line in block.splitlines() if line.startswith("solverlab")]


@pytest.mark.parametrize("line", COMMANDS)
def test_the_readme_s_commands_and_options_exist(line: str, tmp_path: Path) -> None:
    words = shlex.split(line, comments=True)[1:]
    if words[0] in ("list", "explain"):
        assert python("-m", "solverlab", *words, cwd=tmp_path)
    else:
        shown = python("-m", "solverlab", words[0], "--help", cwd=tmp_path)
        assert all(word in shown for word in words if word.startswith("--"))
