"""The public API: what a script or a notebook sees."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

import solverlab as lab
from experiments.lab.spec.grammar import SpecError

pytestmark = pytest.mark.xdist_group("api")  # its tests share a run

ROOT = Path(lab.__file__).resolve().parents[1]
RNG = np.random.default_rng(3)
X = RNG.normal(size=(60, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=60)

SCRIPT = """
from dataclasses import dataclass
import numpy as np
import solverlab as lab

@dataclass(frozen=True)
class HalfStep(lab.Solver):
    \"\"\"Gradient descent with the step 0.5 / L.\"\"\"

    needs = (lab.Smooth,)
    factor: float = 0.5

    def iterate(self, problem, theta0, rng):
        L = lab.largest_curvature(problem, theta0, rng)
        theta = theta0
        while True:
            theta = theta - self.factor / L * problem.gradient(theta)
            yield theta

X = np.random.default_rng(0).normal(size=(50, 3))
ridge = lab.problem("ridge(l2=0.1)", X, X @ [1.0, 2.0, 3.0])
report = lab.compare(ridge, ["cholesky", HalfStep, HalfStep(0.25)], repeats=2)
print(report.frame()[["solver", "status"]].to_csv(index=False))
print(lab.check(HalfStep, seconds=60.0).passed)
"""


@pytest.fixture(scope="module")
def report() -> lab.Report:
    """One comparison that several tests look at; SGD cannot reach the tolerance in one iterate."""
    ridge = lab.problem("ridge(l2=0.1)", X, Y)
    return lab.compare(ridge, ["gradient-descent", "cholesky", "sgd"], repeats=2, iterations=40)


def python(source: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(source)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "script.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_type_checkers_see_the_names_that_python_gives() -> None:
    tree = ast.parse(Path(lab.__file__).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname: f"{statement.module}.{alias.name}"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert typed == {name: f"{module}.{name}" for name, module in lab.PLACES.items()}
    assert all(getattr(lab, name) is not None for name in lab.__all__)
    assert set(lab.__all__) <= set(dir(lab))


def test_importing_it_loads_no_package(tmp_path: Path) -> None:
    shown = python(
        "import sys, solverlab; print([m for m in ('numpy', 'problems', 'numba') if m in sys.modules])", tmp_path
    )
    assert shown.stdout.strip() == "[]"


def test_measure_takes_names_and_objects() -> None:
    named = lab.measure("logistic(n=80, d=3)", "newton", tolerance=1e-10, seed=1)
    objects = lab.measure(lab.problem("logistic", n=80, d=3), lab.solver("newton"), tolerance=1e-10, seed=1)
    assert named.status is lab.Status.SOLVED
    assert named.gap <= 1e-10
    assert (objects.status, objects.iterations, objects.gap) == (named.status, named.iterations, named.gap)
    assert re.fullmatch(r"<Outcome solved after \d+ iterations, \S+ s, gap \S+>", repr(named))


def test_a_failure_is_an_outcome_with_a_cause() -> None:
    outcome = lab.measure("ridge(n=50, d=3)", "gradient-descent(step=1e9)")
    assert outcome.status is lab.Status.DIVERGED
    assert outcome.reason


@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_array, pd.DataFrame, lambda a: a.tolist()])
def test_arrays_of_every_kind_give_the_same_problem(convert: Any) -> None:
    ridge = lab.problem("ridge(l2=0.1)", convert(X), pd.Series(Y))
    plain = lab.problem("ridge(l2=0.1)", X, Y)
    theta = RNG.normal(size=plain.dim)
    assert ridge.dim == plain.dim
    assert_allclose(ridge.value(theta), plain.value(theta), rtol=1e-12)


def test_a_source_serves_several_problems() -> None:
    rows = lab.data(X, Y > 0)
    for name in ("logistic", "hinge"):
        assert lab.measure(
            lab.problem(name, data=rows, l2=0.1), "lbfgs" if name == "logistic" else "coordinate-descent"
        )
    assert lab.data(X, Y).digest() != lab.data(X, 2 * Y).digest()


def test_iterates_are_the_solver_s_own() -> None:
    ridge = lab.problem("ridge(l2=0.1)", X, Y)
    descent = lab.iterates(ridge, "gradient-descent", theta0=np.zeros(ridge.dim))
    values = [ridge.value(next(descent)) for _ in range(30)]
    assert np.all(np.diff(values) <= 1e-15)
    again = lab.iterates(ridge, lab.solver("gradient-descent"), theta0=np.zeros(ridge.dim))
    assert ridge.value(next(again)) == values[0]


def test_a_report_holds_one_row_a_solver_fastest_first(report: lab.Report) -> None:
    frame = report.frame()
    assert set(frame["solver"]) == {"cholesky", "gradient-descent", "sgd"}
    solved = frame[frame["status"] == "solved"]
    assert solved["solver"].iloc[0] == frame["solver"].iloc[0]
    assert solved["seconds_to_tolerance"].is_monotonic_increasing
    assert frame["status"].iloc[-1] != "solved"
    assert set(frame["problem"]) == {"ridge(l2=0.1, data=arrays(n=60, d=3))"}
    assert {row.solver.name for row in report.rows} == set(frame["solver"])


def test_a_report_says_its_verdicts(report: lab.Report) -> None:
    assert report.frame()["solver"].iloc[0] in report.verdicts[0]
    assert all(sentence in repr(report) for sentence in report.verdicts)
    shown = report._repr_html_()
    assert shown.count("<tr>") + shown.count("<tr ") == 1 + len(report.frame())
    assert "&lt;" not in report.verdicts[0]


@pytest.mark.parametrize(("x", "label"), [("passes", "passes"), ("seconds", "seconds"), ("iterations", "iterations")])
def test_a_convergence_figure_has_the_axis_that_was_named(report: lab.Report, x: str, label: str) -> None:
    (axes,) = (one for one in report.plot("convergence", x=x).axes if one.get_lines())
    assert label in axes.get_xlabel()


def test_what_does_not_exist_is_answered_by_what_does(report: lab.Report) -> None:
    with pytest.raises(ValueError, match=r"no figure 'convergance'.*convergence"):
        report.plot("convergance")
    with pytest.raises(ValueError, match="seconds, iterations"):
        report.plot("convergence", x="minutes")
    with pytest.raises(TypeError, match=r"measure has no parameter 'tol'.*tolerance"):
        lab.measure("ridge", "qr", tol=1e-3)
    with pytest.raises(TypeError, match=r"compare has no parameter 'tol'.*tolerance"):
        lab.compare("ridge", ["qr"], tol=1e-3)
    with pytest.raises(TypeError, match=r"42 is not a solver.*solverlab\.Solver"):
        lab.measure("ridge", 42)
    with pytest.raises(TypeError, match=r"is not a problem.*solverlab\.Objective"):
        lab.measure(X, "qr")
    with pytest.raises(SpecError, match="newton"):
        lab.compare("ridge(n=50)", ["newtn"])
    with pytest.raises(SpecError, match="y is given without X"):
        lab.problem("ridge", y=Y)
    with pytest.raises(ValueError, match="learning-rate"):
        lab.run("learnin-rate")
    with pytest.raises(AttributeError, match="did you mean"):
        lab.mesure  # noqa: B018


def test_a_store_resumes_a_comparison(tmp_path: Path) -> None:
    first = lab.compare("ridge(n=50, d=3)", ["qr", "cholesky"], repeats=2, store=tmp_path)
    again = lab.compare("ridge(n=50, d=3)", ["qr", "cholesky"], repeats=2, store=tmp_path)
    assert first.frame()["seconds_to_tolerance"].tolist() == again.frame()["seconds_to_tolerance"].tolist()


def test_run_answers_a_question_of_the_catalogue() -> None:
    report = lab.run("batch-size", quick=True, n=100)
    assert report.verdicts
    assert "figure" in report.to_json() or report.figures
    with pytest.raises(ValueError, match="no setting 'rows'"):
        lab.run("batch-size", rows=100)


def test_check_names_the_property_that_fails() -> None:
    class Diverging(lab.Solver[lab.Smooth]):
        """Gradient ascent."""

        needs = (lab.Smooth,)

        def iterate(self, problem: Any, theta0: Any, rng: Any) -> Any:
            theta = theta0
            while True:
                theta = theta + problem.gradient(theta)
                yield theta

    findings = lab.check(Diverging)
    assert not findings.passed
    assert "failed" in repr(findings)


def test_classes_of_an_unguarded_script_are_compared_and_checked(tmp_path: Path) -> None:
    done = python(SCRIPT, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(",solved") == 3, done.stdout
    assert done.stdout.strip().endswith("True"), done.stdout
