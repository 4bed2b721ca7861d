"""Every command and every piece of code in the documents runs."""

from __future__ import annotations

import importlib.util
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


def solverlab(command: str, folder: Path) -> str:
    """What the console script prints for a line of a document; it must end with exit code 0."""
    script = shutil.which("solverlab", path=str(Path(sys.executable).parent))
    assert script, "the package is installed, with its console script"
    words = shlex.split(command, comments=True)[1:]
    done = subprocess.run(
        [script, *words], cwd=folder, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_five_steps_give_a_solver_that_races_and_solves(tmp_path: Path) -> None:
    (source,) = blocks(CONTRIBUTING, "python")
    race, check = blocks(CONTRIBUTING, "console")
    (tmp_path / "steepest.py").write_text(source)
    rows = solverlab(race, tmp_path).splitlines()
    line = next(line for line in rows if line.startswith("steepest:SteepestDescent"))
    assert "solved" in line
    assert "failed" not in solverlab(check, tmp_path)


def test_the_readme_s_python_runs(tmp_path: Path) -> None:
    (source,) = blocks(README, "python")
    assert python("-c", source, cwd=tmp_path).startswith("solved")


COMMANDS = [
    [line for line in block.splitlines() if line.startswith("solverlab")]
    for block in blocks(README, "console")
    if "\nsolverlab" in f"\n{block}"
]


@pytest.mark.parametrize("commands", COMMANDS, ids=lambda commands: " ".join(commands[0].split()[:3]))
def test_the_readme_s_commands_run_as_printed(commands: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", folder)
    for command in commands:
        assert solverlab(command, folder)


def test_the_readme_s_file_is_the_shipped_one() -> None:
    (text,) = blocks(README, "toml")
    shipped = (ROOT / "examples" / "mine.toml").read_text()
    assert text in shipped
    assert experiment_in(ROOT / "examples" / "mine.toml").name == "mine"


def test_the_shipped_data_are_what_the_script_generates(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "examples" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.generate(tmp_path)
    for name in module.FILES:
        assert (tmp_path / name).read_text() == (ROOT / "examples" / name).read_text()
