"""What an interrupt, a kill, a second run or a damaged store leaves, and how the same command continues."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from experiments.lab.store.store import NAME, SCHEMA
from tests.helpers.command_line import POSIX, call, start, start_interruptible, stored

pytestmark = pytest.mark.xdist_group("resuming")


def log_lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def slow_comparison(folder: Path, cells: int = 12) -> tuple[list[str], Path]:
    """Arguments of a comparison in which every cell writes a line to a log when it starts, and that log."""
    log = folder / "log"
    sleepers = ",".join(f"tests.helpers.rogues:Sleeps(log='{log}', seconds={0.2 + k / 1000})" for k in range(cells))
    return ["compare", "linear-regression(n=30, d=10)", "--solvers", sleepers, "--repeats", "1", "--out", "o"], log


def wait_for(log: Path, lines: int, process: subprocess.Popen[str]) -> None:
    while log_lines(log) < lines and process.poll() is None:
        time.sleep(0.02)


def test_a_killed_run_continues_and_loses_only_the_cell_in_flight(tmp_path: Path) -> None:
    words, log = slow_comparison(tmp_path)
    process = start(*words, cwd=tmp_path)
    wait_for(log, 5, process)
    process.kill()
    process.communicate()
    kept = stored(tmp_path / "o")
    assert kept >= 4, "all but the cell in flight"
    assert call("report", "o", cwd=tmp_path).stdout.strip().endswith("report.html"), "an unfinished run has a page too"
    page = (tmp_path / "o" / "report.html").read_text()
    assert f"{12 - kept} cells or measurements have not run yet; the same command runs them." in page
    started = log_lines(log)
    assert len(json.loads(call(*words, "--json", cwd=tmp_path, code=4).stdout)["cells"]) == 12
    assert log_lines(log) - started == 12 - kept, "finished cells are not run again"
    call(*words, "--fresh", cwd=tmp_path, code=4)
    assert log_lines(log) - started == 12 - kept + 12, "--fresh runs all cells again"
    assert (tmp_path / "o" / "cells.1.sqlite").exists(), "and sets the old results aside"


@POSIX
@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.8, 1.3])
def test_an_interrupt_at_any_moment_ends_without_a_traceback(tmp_path: Path, seconds: float) -> None:
    words, _ = slow_comparison(tmp_path)
    process = start_interruptible(*words, cwd=tmp_path)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    if process.returncode == -signal.SIGINT:  # Python's own handler has ended it before the command began
        assert "    cli()" not in err
    elif process.returncode == 1:  # or before it could even begin to
        assert err.startswith("Could not import runpy module"), err
    else:
        assert process.returncode == 130, err
        assert "Traceback" not in err


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_keeps_results_and_says_how_to_continue(tmp_path: Path, number: signal.Signals, code: int) -> None:
    words, log = slow_comparison(tmp_path)
    process = start_interruptible(*words, "--fresh", cwd=tmp_path)
    wait_for(log, 3, process)
    os.killpg(process.pid, number)  # as a terminal does: to the lab and to its workers
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Interrupted; what has finished is kept in o. To continue: solverlab compare" in err
    assert "--fresh" not in err, "the same command would set the kept results aside"
    assert "Traceback" not in err
    assert stored(tmp_path / "o") >= 2


def test_two_runs_on_one_store_keep_every_row_once(tmp_path: Path) -> None:
    words, _ = slow_comparison(tmp_path, cells=6)
    processes = [start(*words, "--json", cwd=tmp_path) for _ in range(2)]
    results = [json.loads(process.communicate(timeout=240)[0]) for process in processes]
    assert [len(result["cells"]) for result in results] == [6, 6]
    assert stored(tmp_path / "o") == 6


def test_a_damaged_row_is_set_aside_and_run_again(tmp_path: Path) -> None:
    words, log = slow_comparison(tmp_path, cells=3)
    assert call(*words, cwd=tmp_path, code=4).stderr == ""
    with closing(sqlite3.connect(tmp_path / "o" / NAME)) as store, store:
        store.execute(
            "update record set body = replace(body, 'seconds', 'sekonds') where rowid = "
            "(select max(rowid) from record where kind = 'cell')"
        )
    assert "1 damaged records of o/cells.sqlite are not used: cell " in call(*words, cwd=tmp_path, code=4).stderr
    assert log_lines(log) == 4
    assert stored(tmp_path / "o", "damaged cell") == 1


def test_a_store_of_another_schema_is_refused_and_not_changed(tmp_path: Path) -> None:
    words = ("compare", "linear-regression", "--solvers", "qr", "--out", "o")
    (tmp_path / "o").mkdir()
    path = tmp_path / "o" / NAME
    with closing(sqlite3.connect(path)) as store:
        store.execute(f"pragma user_version = {SCHEMA + 1}")
        store.execute("create table other(x)")
    before = path.read_bytes()
    sentence = call(*words, cwd=tmp_path, code=2).stderr
    assert f"schema {SCHEMA + 1}" in sentence
    assert "--fresh" in sentence
    assert path.read_bytes() == before
    path.write_bytes(b"this is no database at all, but text" * 50)
    assert NAME in call(*words, cwd=tmp_path, code=2).stderr
