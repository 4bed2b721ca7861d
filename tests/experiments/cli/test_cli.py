"""The command line through real processes: what it prints, what it keeps, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import problems
import solvers
from experiments.lab.store.store import SCHEMA
from experiments.questions import TABLE

ROOT = Path(__file__).resolve().parents[1]
FIELDS = {
    "problem", "solver", "seed", "status", "reason", "seconds_to_tolerance", "iterations", "passes", "gap",
    "predicted_rate", "observed_rate",
}  # fmt: skip


def attentive() -> None:
    """Hear Ctrl-C, which a job in the background of a shell does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments: str, cwd: Path, **more: Any) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.Popen(
        [sys.executable, "-m", "solverlab", *arguments],
        cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=attentive, **more,
    )  # fmt: skip


def run(*arguments: str, cwd: Path, code: int = 0) -> str:
    process = start(*arguments, cwd=cwd)
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, (process.returncode, out[-2000:], err[-2000:])
    assert "Traceback" not in err
    return out if code in (0, 3, 4) else err


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a person's own files."""
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(42)
    age, income = rng.integers(18, 80, 120), rng.lognormal(10, 1, 120)
    spent = 3 * age + 2e-3 * income + rng.normal(0, 5, 120)
    pd.DataFrame({"age": age, "income": income, "spent": spent}).to_csv(folder / "spent.csv", index=False)
    buys = np.where(spent + rng.normal(0, 60, 120) > np.median(spent), "yes", "no")
    pd.DataFrame({"buys": buys, "age": age, "income": income}).to_csv(folder / "buys.csv", index=False)
    (folder / "broken.py").write_text("class Solver(\n")
    return folder


@pytest.mark.parametrize(
    ("catalogue", "table"), [("solvers", solvers.TABLE), ("problems", problems.TABLE), ("experiments", TABLE)]
)
def test_list_gives_every_entry(catalogue: str, table: dict[str, Any], tmp_path: Path) -> None:
    rows = json.loads(run("list", catalogue, "--json", cwd=tmp_path))
    assert [row["name"] for row in rows] == list(table)
    for row in rows:
        assert {"name", "family", "summary", "source"} <= set(row)
        assert row["promises" if catalogue == "problems" else "needs"]
    text = run("list", catalogue, cwd=tmp_path)
    assert all(name in text for name in table)


def test_explain_tells_what_everything_is(tmp_path: Path) -> None:
    for name in ("conjugate-gradient", "sklearn-mlp", "xor", "learning-rate"):
        text = run("explain", name, cwd=tmp_path)
        assert "Source:" in text or name == "learning-rate"
        assert "Where: " in text
    assert "did you mean cholesky" in run("explain", "cholesk", cwd=tmp_path, code=2)


def test_compare_one_s_own_regression(own: Path) -> None:
    out = run("compare", "spent.csv", "--target", "spent", "--json", "--budget", "1s", "--repeats", "3", cwd=own)
    told = json.loads(out)
    assert {"experiment", "verdicts", "cells", "environment", "schema_version"} <= set(told)
    assert told["schema_version"] == 1
    assert all(set(cell) >= FIELDS for cell in told["cells"])
    by_solver = {cell["solver"]: cell for cell in told["cells"]}
    assert len(by_solver) == len(solvers.everyone()), "every solver is a row"
    for name in ("qr", "cholesky", "scipy-lstsq", "sklearn-ridge", "newton", "lbfgs"):
        assert by_solver[name]["status"] == "solved"
        assert by_solver[name]["gap"] <= 1e-6
    assert by_solver["sklearn-logistic"]["status"] == "skipped"
    assert all(cell["seconds_to_tolerance"] is None for cell in told["cells"] if cell["status"] != "solved")
    assert told["verdicts"][0].startswith("On linear-regression(data=spent.csv")
    folder = own / "out" / "compare"
    assert json.loads((folder / "compare.json").read_text()) == told
    assert (folder / "report.html").exists()
    assert list((folder / "figures").glob("*.png"))
    assert list((folder / "figures").glob("*.svg"))
    table = pd.read_csv(folder / "compare.csv")
    assert list(table["status"]) == [cell["status"] for cell in told["cells"]]


def test_compare_one_s_own_classification_by_chosen_solvers(own: Path) -> None:
    chosen = "newton,sgd(step=0.1, batch=32),sklearn-logistic(solver=newton-cholesky)"
    arguments = (
        "compare",
        "buys.csv",
        "--target",
        "buys",
        "--solvers",
        chosen,
        "--l2",
        "1e-2",
        "--out",
        "o",
        "--budget",
        "500ms",
    )
    out = run(*arguments, cwd=own)
    assert "buys = no is -1 and yes is 1" in out
    told = json.loads(run(*arguments, "--json", cwd=own))
    assert [cell["solver"] for cell in told["cells"]] == solvers_of(chosen)
    assert told["cells"][0]["accuracy"] > 0.6
    assert "l2=0.01" in told["cells"][0]["problem"]
    assert "linear-regression" in run("compare", "spent.csv", "--solvers", "qr", "--out", "p", cwd=own)
    forced = run("compare", "buys.csv", "--target", "buys", "--task", "regression", cwd=own, code=5)
    assert "column 'buys' holds" in forced


def test_a_report_needs_no_data_any_more(own: Path, tmp_path: Path) -> None:
    """The page comes from the store; the rows may be gone, and with them no more than the boundary in the plane."""
    (tmp_path / "buys.csv").write_bytes((own / "buys.csv").read_bytes())
    run("compare", "buys.csv", "--target", "buys", "--solvers", "newton,lbfgs", "--out", "o", cwd=tmp_path)
    (tmp_path / "buys.csv").unlink()
    assert run("report", "o", cwd=tmp_path).strip().endswith("report.html")


def test_a_seed_draws_other_rows(tmp_path: Path) -> None:
    lowers = []
    for seed in ("0", "3"):
        arguments = (
            "compare",
            "linear-regression(n=50, d=3)",
            "--solvers",
            "qr",
            "--seed",
            seed,
            "--repeats",
            "1",
            "--json",
        )
        lowers.append([known["lower"] for known in json.loads(run(*arguments, cwd=tmp_path))["references"].values()])
    assert lowers[0] != lowers[1]


def solvers_of(text: str) -> list[str]:
    from experiments.lab.spec.grammar import split

    return split(text)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "convergance"), 2, "did you mean convergence"),
        (("run", "nothing.toml"), 2, "cannot be read"),
        (("compare", "linear-regresion"), 2, "did you mean linear-regression"),
        (("compare", "linear-regression(n=abc)"), 2, "n is abc"),
        (("compare", "linear-regression(q=1)"), 2, "no parameter 'q'"),
        (("compare", "logistic", "--solvers", "newtn"), 2, "did you mean newton"),
        (("compare", "logistic", "--solvers", "newton,sgd(step=-1)"), 2, "step is -1"),
        (("compare", "logistic", "--solvers", "broken:Solver"), 2, "cannot be imported: SyntaxError"),
        (("compare", "linear-regression(n=100000000, d=2000)"), 1, "more memory than there is"),
        (("compare", "logistic", "--tolerance", "-1"), 2, "tolerance is -1"),
        (("compare", "logistic", "--budget", "soon"), 2, "no duration"),
        (("compare", "logistic(l2=1)", "--l2", "2"), 2, "given twice"),
        (("compare", "logistic", "--target", "y"), 2, "belong to a file"),
        (("compare", "nowhere.csv"), 5, "cannot be read"),
        (("compare", "spent.csv", "--target", "spend"), 5, "did you mean spent"),
        (("compare", "spent.csv", "--out", "buys.csv/x"), 2, "choose another folder"),
        (("report", "."), 2, "holds no results"),
        (("run",), 2, "EXPERIMENT"),
    ],
)
def test_bad_input_is_one_sentence_and_a_code(own: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    assert words in run(*arguments, cwd=own, code=code)


def test_codes_for_nothing_reached_and_for_failures_under_strict(tmp_path: Path) -> None:
    nothing = ("compare", "linear-regression", "--solvers", "gradient-descent(step=1e-9)", "--budget", "50ms")
    assert "no solver reached" in run(*nothing, cwd=tmp_path, code=4)
    broken = ("compare", "linear-regression(n=20, d=30)", "--solvers", "qr,lbfgs", "--budget", "2s")
    assert "cannot determine" in run(*broken, cwd=tmp_path)
    run(*broken, "--strict", cwd=tmp_path, code=3)


RACE = """
problems = ["linear-regression(n=60, d=6)", "logistic(n=60, d=6)"]
solvers = ["newton", "lbfgs", "gradient-descent", "qr"]
seeds = [0, 1]
repeats = 2
[rule]
seconds = 1.0
"""


def test_a_file_of_one_s_own_is_run_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / "race.toml").write_text(RACE)
    told = json.loads(run("run", "race.toml", "--json", cwd=tmp_path))
    assert told["experiment"] == "race"
    assert len(told["cells"]) == 2 * 4 * 2
    assert {cell["seed"] for cell in told["cells"]} == {0, 1}
    again = json.loads(run("run", "race.toml", "--json", cwd=tmp_path))
    assert again["cells"] == told["cells"], "nothing was run again"
    page = tmp_path / "out" / "race" / "report.html"
    before = page.read_text()
    page.unlink()
    assert run("report", "out/race", cwd=tmp_path).strip().endswith("report.html")
    assert page.read_text() == before, "the page comes from the store alone"


def stored(folder: Path, kind: str = "cell") -> int:
    """How many records of a kind a store holds."""
    with closing(sqlite3.connect(folder / "cells.sqlite")) as store:
        assert store.execute("pragma integrity_check").fetchone() == ("ok",)
        return int(store.execute("select count(*) from record where kind = ?", (kind,)).fetchone()[0])


def log_lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def slow_race(folder: Path, cells: int = 12) -> tuple[list[str], Path]:
    """Arguments of a race whose every cell leaves a line in a log, and that log."""
    log = folder / "log"
    sleepers = ",".join(f"tests.helpers.rogues:Sleeps(log='{log}', seconds={0.2 + k / 1000})" for k in range(cells))
    return ["compare", "linear-regression(n=30, d=10)", "--solvers", sleepers, "--repeats", "1", "--out", "o"], log


def test_a_run_killed_midway_goes_on_where_it_was_and_loses_nothing(tmp_path: Path) -> None:
    arguments, log = slow_race(tmp_path)
    process = start(*arguments, cwd=tmp_path)
    while log_lines(log) < 5 and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    kept = stored(tmp_path / "o")
    assert kept >= 4, "all but the cell in flight"
    partial = run("report", "o", cwd=tmp_path)
    assert partial.strip().endswith("report.html"), "an unfinished run has a page too"
    assert "have not run yet" in (tmp_path / "o" / "report.html").read_text()
    started = log_lines(log)
    told = json.loads(run(*arguments, "--json", cwd=tmp_path, code=4))
    assert len(told["cells"]) == 12
    assert log_lines(log) - started == 12 - kept, "what was finished is not run again"
    run(*arguments, "--fresh", cwd=tmp_path, code=4)
    assert log_lines(log) - started == 12 - kept + 12, "--fresh runs all anew"
    assert (tmp_path / "o" / "cells.1.sqlite").exists(), "and sets the old results aside"


POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither process groups nor these signals")


@POSIX
@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.8, 1.3])
def test_an_interrupt_at_any_moment_ends_without_a_traceback(tmp_path: Path, seconds: float) -> None:
    arguments, _ = slow_race(tmp_path)
    process = start(*arguments, cwd=tmp_path, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    if seconds > 0.05 or process.returncode == 130:  # before Python itself is up, its own handler answers
        assert process.returncode == 130, err
        assert "Traceback" not in err


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_keeps_results_and_says_how_to_go_on(tmp_path: Path, number: signal.Signals, code: int) -> None:
    arguments, log = slow_race(tmp_path)
    process = start(*arguments, cwd=tmp_path, start_new_session=True)
    while log_lines(log) < 3 and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, number)  # as a terminal does: to the lab and to its workers
    _, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert "To go on: solverlab compare" in err
    assert "Traceback" not in err
    assert stored(tmp_path / "o") >= 2


def test_two_runs_on_one_store_keep_every_row_once(tmp_path: Path) -> None:
    arguments, _ = slow_race(tmp_path, cells=6)
    both = [start(*arguments, "--json", cwd=tmp_path) for _ in range(2)]
    told = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [len(one["cells"]) for one in told] == [6, 6]
    assert stored(tmp_path / "o") == 6


def test_a_damaged_row_is_set_aside_and_run_again(tmp_path: Path) -> None:
    arguments, log = slow_race(tmp_path, cells=3)
    run(*arguments, cwd=tmp_path, code=4)
    with closing(sqlite3.connect(tmp_path / "o" / "cells.sqlite")) as store, store:
        store.execute(
            "update record set body = replace(body, 'seconds', 'sekonds') where rowid = "
            "(select max(rowid) from record where kind = 'cell')"
        )
    process = start(*arguments, cwd=tmp_path)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4
    assert "damaged" in err
    assert log_lines(log) == 4
    assert stored(tmp_path / "o", "damaged cell") == 1


def test_a_store_of_another_schema_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    path = tmp_path / "o" / "cells.sqlite"
    with closing(sqlite3.connect(path)) as store:
        store.execute(f"pragma user_version = {SCHEMA + 1}")
        store.execute("create table other(x)")
    before = path.read_bytes()
    words = run("compare", "linear-regression", "--solvers", "qr", "--out", "o", cwd=tmp_path, code=2)
    assert f"schema {SCHEMA + 1}" in words
    assert "--fresh" in words
    assert path.read_bytes() == before
    (tmp_path / "o" / "cells.sqlite").write_bytes(b"this is no database at all, but text" * 50)
    assert "cells.sqlite" in run("compare", "linear-regression", "--solvers", "qr", "--out", "o", cwd=tmp_path, code=2)


def test_a_changed_file_is_another_problem(own: Path) -> None:
    data = pd.read_csv(own / "spent.csv")
    path = own / "changing.csv"
    arguments = ("compare", "changing.csv", "--solvers", "qr,cholesky", "--repeats", "1", "--out", "c", "--json")
    data.to_csv(path, index=False)
    first = json.loads(run(*arguments, cwd=own))
    data["spent"] = data["spent"] ** 2
    data.to_csv(path, index=False)
    second = json.loads(run(*arguments, cwd=own))
    assert first["references"] != second["references"]


WITHOUT = """
import sys
from experiments.cli import main
sys.argv = ["solverlab", *{words!r}]
try:
    main()
except SystemExit:
    pass
loaded = {{"numpy", "numba", "sklearn", "scipy", "pandas", "pydantic", "matplotlib", "rich"}} & set(sys.modules)
sys.exit(" ".join(loaded) or 0)
"""


@pytest.mark.parametrize("words", [["--help"], ["list", "solvers"], ["list", "problems", "--json"]])
def test_the_catalogue_answers_without_loading_what_it_lists(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(words=words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
