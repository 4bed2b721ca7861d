"""`solverlab compare` and `run`: what they print, what they write, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import solvers
from experiments.lab.analysis.results import SCHEMA
from experiments.lab.reference.referee import refer
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import parse
from tests.helpers.command_line import call, start

pytestmark = pytest.mark.xdist_group("command")
FIELDS = {
    "problem", "solver", "seed", "status", "reason", "seconds_to_tolerance", "iterations", "passes", "gap",
    "predicted_rate", "observed_rate",
}  # fmt: skip


def test_compare_a_user_s_regression_with_every_solver(own: Path) -> None:
    words = ("compare", "spent.csv", "--target", "spent", "--json", "--budget", "1s", "--repeats", "3")
    result = json.loads(call(*words, cwd=own, pictures=True).stdout)
    assert {"experiment", "verdicts", "cells", "environment", "schema_version"} <= set(result)
    assert result["schema_version"] == SCHEMA
    assert result["command"] == f"solverlab {' '.join(words)}"
    assert all(set(cell) >= FIELDS for cell in result["cells"])
    by_solver = {cell["solver"]: cell for cell in result["cells"]}
    assert list(by_solver) == list(solvers.everyone()), "every solver is a row"
    for name in ("qr", "cholesky", "scipy-lstsq", "sklearn-ridge", "newton", "lbfgs"):
        assert by_solver[name]["status"] == "solved"
        assert by_solver[name]["gap"] <= 1e-6
    assert by_solver["sklearn-logistic"]["status"] == "skipped"
    assert all(cell["seconds_to_tolerance"] is None for cell in result["cells"] if cell["status"] != "solved")
    assert result["verdicts"][0].startswith("On linear-regression(data=spent.csv")
    folder = own / "out" / "compare"
    assert json.loads((folder / "compare.json").read_text()) == result
    assert (folder / "report.html").exists()
    assert list((folder / "figures").glob("*.png"))
    assert list((folder / "figures").glob("*.svg"))
    table = pd.read_csv(folder / "compare.csv")
    assert list(table["status"]) == [cell["status"] for cell in result["cells"]]


CHOSEN = ["newton", "sgd(step=0.1, batch=32)", "sklearn-logistic(solver=newton-cholesky)"]
CLASSIFY = ("compare", "buys.csv", "--target", "buys", "--solvers", ",".join(CHOSEN), "--l2", "1e-2", "--out", "o")


def test_compare_a_user_s_classes_with_chosen_solvers_and_report_without_the_data(own: Path, tmp_path: Path) -> None:
    (tmp_path / "buys.csv").write_bytes((own / "buys.csv").read_bytes())
    text = call(*CLASSIFY, "--budget", "500ms", cwd=tmp_path).stdout
    assert "buys = no is -1 and yes is 1" in text
    result = json.loads(call(*CLASSIFY, "--budget", "500ms", "--json", cwd=tmp_path).stdout)
    assert [cell["solver"] for cell in result["cells"]] == CHOSEN
    assert result["cells"][0]["accuracy"] > 0.6
    assert "l2=0.01" in result["cells"][0]["problem"]
    (tmp_path / "buys.csv").unlink()
    assert call("report", "o", cwd=tmp_path).stdout.strip().endswith("report.html"), "the page comes from the store"


def test_dependent_columns_are_named_and_solvers_at_the_minimum_are_solved(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    colour, weight = rng.integers(0, 3, 30), rng.uniform(1, 9, 30).round(2)
    table = pd.DataFrame(np.eye(3, dtype=int)[colour], columns=["red", "green", "blue"]).assign(weight=weight)
    table.assign(price=(3 * weight + 5 * colour + rng.normal(size=30)).round(2)).to_csv(
        tmp_path / "own.csv", index=False
    )
    methods = "svd,qr(minimum_norm=true),lsmr,lbfgs,newton,jacobi"
    words = ("compare", "own.csv", "--target", "price", "--solvers", methods, "--repeats", "3", "--json")
    result = json.loads(call(*words, cwd=tmp_path).stdout)
    sentence = "red + green + blue is constant: drop one, add an l2 penalty, or take the minimum-norm answer"
    (known,) = result["references"].values()
    assert known["notes"].count(sentence) == 1
    statuses = {cell["solver"].split("(")[0]: (cell["status"], cell["reason"]) for cell in result["cells"]}
    assert {name for name, (status, _) in statuses.items() if status == "solved"} >= {"svd", "qr", "lsmr", "lbfgs"}
    assert "math domain error" not in str(result)


def test_a_seed_gives_other_rows(tmp_path: Path) -> None:
    words = ("compare", "linear-regression(n=50, d=3)", "--solvers", "qr", "--repeats", "1", "--json", "--seed", "3")
    references = json.loads(call(*words, cwd=tmp_path).stdout)["references"]
    lowers = [refer(build_problem(parse(f"linear-regression(n=50, d=3, seed={seed})"))).lower for seed in (3, 0)]
    assert [known["lower"] for known in references.values()] == [lowers[0]]
    assert lowers[0] != lowers[1]


def test_a_changed_file_is_another_problem(own: Path, tmp_path: Path) -> None:
    data = pd.read_csv(own / "spent.csv")
    words = ("compare", "changing.csv", "--solvers", "qr,cholesky", "--repeats", "1", "--out", "c", "--json")
    data.to_csv(tmp_path / "changing.csv", index=False)
    first = json.loads(call(*words, cwd=tmp_path).stdout)
    data["spent"] = data["spent"] ** 2
    data.to_csv(tmp_path / "changing.csv", index=False)
    process = start(*words, cwd=tmp_path)
    second = json.loads(process.communicate(timeout=300)[0])
    assert first["references"] != second["references"]
    assert [cell["gap"] for cell in first["cells"]] != [cell["gap"] for cell in second["cells"]]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
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
        (("compare", "logistic", "--budget", "soon"), 2, "'soon' is not a positive duration"),
        (("compare", "logistic(l2=1)", "--l2", "2"), 2, "given twice"),
        (("compare", "logistic", "--target", "y"), 2, "are for files"),
        (("compare", "nowhere.csv"), 5, "cannot be read"),
        (("compare", "spent.csv", "--target", "spend"), 5, "did you mean spent"),
        (("compare", "buys.csv", "--target", "buys", "--task", "regression"), 5, "column 'buys' holds"),
        (("compare", "spent.csv", "--out", "buys.csv/x"), 2, "choose another folder"),
        (("check", "newtn"), 2, "did you mean newton"),
        (("graph", "x + y", "--at", "x=1"), 2, "y"),
        (("report", "."), 2, "holds no results"),
        (("run",), 2, "EXPERIMENT"),
    ],
)
def test_bad_input_is_one_sentence_and_a_code(own: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    result = call(*words, cwd=own, code=code)
    assert result.stdout == ""
    assert sentence in result.stderr


def test_the_exit_code_says_that_nothing_is_solved_or_that_a_cell_failed_under_strict(tmp_path: Path) -> None:
    nothing = ("compare", "linear-regression", "--solvers", "gradient-descent(step=1e-9)", "--budget", "50ms")
    assert "no solver reached" in call(*nothing, cwd=tmp_path, code=4).stdout
    broken = ("compare", "linear-regression(n=20, d=30)", "--solvers", "qr,lbfgs", "--budget", "2s")
    assert "cannot determine" in call(*broken, cwd=tmp_path).stdout
    call(*broken, "--strict", cwd=tmp_path, code=3)


GRID = """
problems = ["linear-regression(n=60, d=6)", "logistic(n=60, d=6)"]
solvers = ["newton", "lbfgs", "gradient-descent", "qr"]
seeds = [0, 1]
repeats = 2
[rule]
seconds = 1.0
"""


def test_a_toml_file_is_run_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_text(GRID)
    first = json.loads(call("run", "grid.toml", "--json", cwd=tmp_path).stdout)
    assert first["experiment"] == "grid"
    assert len(first["cells"]) == 2 * 4 * 2
    assert {cell["seed"] for cell in first["cells"]} == {0, 1}
    again = json.loads(call("run", "grid.toml", "--json", cwd=tmp_path).stdout)
    assert again["cells"] == first["cells"], "nothing was run again"
    page = tmp_path / "out" / "grid" / "report.html"
    before = page.read_text()
    page.unlink()
    assert call("report", "out/grid", cwd=tmp_path).stdout.strip().endswith("report.html")
    assert page.read_text() == before, "the page comes from the store alone"


def test_check_prints_every_property_and_the_example_that_fails(tmp_path: Path) -> None:
    result = json.loads(call("check", "tests.helpers.faulty_solvers:Raises", "--json", cwd=tmp_path, code=3).stdout)
    assert result["schema_version"] == 2
    verdicts = {record["verdict"] for record in result["properties"]}
    assert {"failed", "not applicable"} <= verdicts <= {"passed", "failed", "not applicable", "not tried"}
    failed = next(record for record in result["properties"] if record["verdict"] == "failed")
    assert "KeyError" in failed["observed"]
    assert "seed" in failed["example"]
