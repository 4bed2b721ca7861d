"""The `solverlab` command: called in this process, or started as a process where it is to be killed or interrupted."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from experiments.cli.main import cli
from experiments.lab.store.store import NAME

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither process groups nor these signals")


def call(*words: str, cwd: Path, code: int = 0, pictures: bool = False) -> Result:
    """Call the command in this process, in that working directory. It must end with that exit code.

    pictures: whether figures are drawn for print, which takes most of a second each.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["solverlab", *words])
        patch.setattr(sys, "path", [*sys.path])
        if not pictures:
            patch.setattr("experiments.figures.drawing.save", lambda *given: None)
        result = CliRunner().invoke(cli, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def start(*words: str, cwd: Path, **more: Any) -> subprocess.Popen[str]:
    """Start the command as a process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "solverlab", *words],
        cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more,
    )  # fmt: skip


def start_interruptible(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """Start the command in a process group of its own, on POSIX. It hears Ctrl-C, which a background job ignores."""
    return start(*words, cwd=cwd, start_new_session=True, preexec_fn=_hear_interrupts)


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def stored(folder: Path, kind: str = "cell") -> int:
    """The number of records of that kind in the folder's store."""
    with closing(sqlite3.connect(folder / NAME)) as store:
        assert store.execute("pragma integrity_check").fetchone() == ("ok",)
        return int(store.execute("select count(*) from record where kind = ?", (kind,)).fetchone()[0])
