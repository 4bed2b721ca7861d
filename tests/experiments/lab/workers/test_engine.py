"""Cells in worker processes: what misbehaves ends its own cell alone, and becomes a row with its reason."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.engine import Local

pytestmark = pytest.mark.xdist_group("engine")  # its tests share a run

PROBLEM = "linear-regression(n=30, d=10)"
RULE = Rule(seconds=1.0, deadline=60.0)
BRIEF = Rule(seconds=1.0, deadline=1.5)


def cell(solver: str, seed: int = 0, rule: Rule = RULE) -> Cell:
    return Cell(PROBLEM, solver if solver.islower() else f"tests.helpers.rogues:{solver}", seed, rule)


@pytest.fixture(scope="module")
def reference(engine: Local) -> object:
    return dict(engine.references([parse(PROBLEM)]))[parse(PROBLEM)]


def test_a_hang_a_crash_a_segfault_a_hoard_and_a_divergence_are_rows_and_the_rest_go_on(
    engine: Local, reference: object
) -> None:
    names = ["Hangs", "qr", "Exits", "cholesky", "Segfaults", "lu", "Hoards", "Diverges", "conjugate-gradient"]
    finished = engine.outcomes((cell(name, rule=BRIEF if name == "Hangs" else RULE), reference) for name in names)
    outcomes = {done.solver.name.rpartition(":")[2]: outcome for done, outcome in finished}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "Hangs": "timeout",
        "Exits": "crashed",
        "Segfaults": "crashed",
        "Hoards": "oom",
        "Diverges": "diverged",
        **dict.fromkeys(["qr", "cholesky", "lu", "conjugate-gradient"], "solved"),
    }
    assert "1.5 s" in outcomes["Hangs"].reason
    assert "exit code 3" in outcomes["Exits"].reason
    assert "SIGSEGV" in outcomes["Segfaults"].reason
    assert len(outcomes["Diverges"].trace) > 1, "the trace of what diverged is kept"


def test_an_import_is_never_billed(engine: Local, reference: object) -> None:
    ((_, outcome),) = engine.outcomes([(cell("Imports"), reference)])
    assert outcome.warm >= 0.5, "it was loaded before the clock ran, and is reported apart"
    assert outcome.seconds < 0.25


def test_a_solver_has_one_thread_whatever_the_environment_says(engine: Local, reference: object) -> None:
    """The number of threads of BLAS and numba, as a solver finds it in its worker."""
    ((_, outcome),) = engine.outcomes([(cell("CountsThreads"), reference)])
    assert outcome.reason.endswith("threads: 1"), outcome.reason


def test_the_record_says_one_thread(engine: Local) -> None:
    record = engine.environment()
    assert record["threads"] == 1
    assert record["blas"]
    assert all(pool["num_threads"] == 1 for pool in record["blas"])
    assert {"python", "numpy", "scipy", "scikit-learn", "numba"} <= set(record["versions"])


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to see whether a process is alive")
def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    import subprocess
    import sys

    log = tmp_path / "pids"
    code = (
        "from experiments.lab.workers.engine import Local; from experiments.lab.run.cell import Cell; "
        "from experiments.lab.run.stopping import Rule; from experiments.lab.spec.grammar import parse\n"
        "if __name__ == '__main__':\n"
        "    with Local() as engine:\n"
        f"        p = parse({PROBLEM!r}); r = dict(engine.references([p]))[p]\n"
        f"        s = 'tests.helpers.rogues:Sleeps(log=\"{log}\", seconds=60)'\n"
        "        list(engine.outcomes([(Cell(p, s, 0, Rule()), r)]))\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    parent = subprocess.Popen([sys.executable, str(script)], env=environment)
    deadline = time.monotonic() + 60
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    worker = int(log.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(process: int) -> bool:
    """Whether it runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
