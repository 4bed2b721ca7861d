"""A user's own `experiments` and `problems` in the working directory do not hide those of Solver Lab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli.main import cli
from problems.foundation.source import fingerprint

pytestmark = pytest.mark.xdist_group("shadowing")
SCRIPT = shutil.which("solverlab", path=str(Path(sys.executable).parent)) or "solverlab"
WAYS = {"script": [SCRIPT], "module": [sys.executable, "-m", "solverlab"]}
TINY = "linear-regression(n=20, d=2)"
COMPARE = ["compare", TINY, "--solvers", "qr", "--repeats", "1", "--out", "o"], "qr      solved"
FIRST_HALF = [
    (["list", "data"], "moons"),
    (["demo", "--help"], "--fresh"),
    COMPARE,
    (["report", "o"], "report.html"),
]
SECOND_HALF = [
    (["graph", "x * x", "--at", "x=3"], "df/dx = 6"),
    (["new", "solver", "mine"], "mine.py"),
    (["run", "grid.toml"], "qr      solved"),
    (["check", "qr"], "passed"),
    (["calibrate", "--help"], "--rounds"),
]
EXPLAIN = ["explain", "moons"], "(plane data source)"
CASES = [  # the way to start it, whether `experiments` is a package, commands and words that they print
    ("script", True, [EXPLAIN, *FIRST_HALF]),
    ("module", False, [EXPLAIN, *SECOND_HALF]),
    ("script", False, [EXPLAIN]),
    ("module", True, [EXPLAIN, COMPARE]),
]


def write_names(folder: Path, package: bool) -> Path:
    """Write `experiments` and `problems` of a user's own into the folder."""
    (folder / "experiments").mkdir()
    if package:
        (folder / "experiments" / "__init__.py").write_text("raise ImportError('the wrong experiments')\n")
    (folder / "problems.py").write_text("raise ImportError('the wrong problems')\n")
    (folder / "grid.toml").write_text(f'problems = ["{TINY}"]\nsolvers = ["qr"]\nrepeats = 1\n')
    return folder


def done(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("way", "package", "commands"), CASES)
def test_commands_work(way: str, package: bool, commands: list[tuple[list[str], str]], tmp_path: Path) -> None:
    write_names(tmp_path, package)
    for words, expected in commands:
        process = done(*WAYS[way], *words, cwd=tmp_path)
        assert process.returncode == 0, process.stderr
        assert expected in process.stdout


def test_every_command_is_tried() -> None:
    tried = {words[0] for _, _, commands in CASES for words, _ in commands}
    assert tried == set(cli.commands)


def test_the_public_interface_works_in_an_interactive_session(tmp_path: Path) -> None:
    code = f"import solverlab as lab; print(lab.compare({TINY!r}, ['qr'], repeats=1).rows[0].status)"
    process = done(sys.executable, "-c", code, cwd=write_names(tmp_path, package=True))
    assert (process.returncode, process.stdout) == (0, "solved\n"), process.stderr


def test_the_fingerprint_of_the_source_is_that_of_solver_lab(tmp_path: Path) -> None:
    """On it depend which kernels are compiled again and which cells are run again."""
    code = (
        "import solverlab as lab; lab.spec; from problems.foundation.source import fingerprint; "
        "print(fingerprint('solvers.linear_systems.direct'))"
    )
    process = done(sys.executable, "-c", code, cwd=write_names(tmp_path, package=True))
    assert process.stdout.strip() == fingerprint("solvers.linear_systems.direct"), process.stderr


@pytest.mark.parametrize("package", [False, True])
def test_a_script_beside_such_a_file_gets_a_sentence_that_names_it_and_the_remedy(
    package: bool, tmp_path: Path
) -> None:
    (write_names(tmp_path, package) / "script.py").write_text("import solverlab as lab\nlab.compare\n")
    process = done(sys.executable, "script.py", cwd=tmp_path)
    assert process.returncode == 1
    sentence = process.stderr.splitlines()[-1]
    hides = f"ImportError: {tmp_path.resolve() / 'problems.py'} hides Solver Lab's package 'problems'"
    assert sentence.startswith(hides)
    assert "rename it" in sentence
