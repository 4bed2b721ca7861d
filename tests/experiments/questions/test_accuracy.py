"""Digits that solvers keep: exact problems, theory within honest bounds, sentences that follow from the numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, Measurement, MeasurementResult
from experiments.lab.run.outcome import Cause
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import SpecError, parse, spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.accuracy import EXPERIMENT, answer, measurements
from experiments.questions.accuracy.curves import is_curve, sentence, table
from experiments.questions.accuracy.exact_problems import (
    DEGREE,
    POINTS,
    RESIDUAL,
    exact_problem,
    exact_solution,
    nist_files,
    wampler_coefficients,
    wampler_responses,
)
from experiments.questions.accuracy.scores import expected_digits, label
from problems.foundation.checks import DataError
from tests.helpers.nist_files import NONLINEAR, exact_least_squares, polynomial

pytestmark = pytest.mark.xdist_group("accuracy")  # its tests share a run

SOLVERS = [
    "normal-equations(refine=false)",
    "cholesky(refine=false)",
    "qr",
    "svd",
    "lsqr",
    "sklearn-linear-regression",
    "numpy.linalg.solve",
]
CURVE_SOLVERS = ["levenberg-marquardt", "bfgs"]
NIST = Path(__file__).resolve().parents[4] / "shared" / "nist" / "linear"


def test_wampler_s_answers_are_those_of_least_squares_in_fractions() -> None:
    assert all(sum(r * x**j for r, x in zip(RESIDUAL, POINTS, strict=True)) == 0 for j in range(DEGREE + 1))
    B = [[Fraction(x) ** j for j in range(DEGREE + 1)] for x in POINTS]
    for number in range(1, 6):
        assert exact_least_squares(B, wampler_responses(number)) == wampler_coefficients(number)
        exact = exact_problem(spec("wampler", set=number))
        residual = exact.problem.rows @ np.array(exact.answer) - exact.problem.y
        size = {3: 1, 4: 100, 5: 10_000}.get(number, 0) * np.linalg.norm(RESIDUAL)
        assert np.linalg.norm(residual) == pytest.approx(size, rel=1e-9, abs=1e-7)


def test_hilbert_s_answer_solves_the_system_that_float64_holds() -> None:
    exact = exact_problem(spec("hilbert", n=9))
    A, b = exact.problem.system()
    solution = exact_solution([[Fraction(a) for a in row] for row in A.tolist()], [[Fraction(t)] for t in b.tolist()])
    for row, target in zip(A.tolist(), b.tolist(), strict=True):
        assert sum(Fraction(a) * x[0] for a, x in zip(row, solution, strict=True)) == Fraction(target)
    assert exact.answer == tuple(float(x[0]) for x in solution)
    assert exact.condition == pytest.approx(4.93e11, rel=0.01)  # as published


def test_theory_s_digits() -> None:
    assert expected_digits(1e4, 1) == pytest.approx(15.65 - 4, abs=0.01)
    assert expected_digits(1e4, 2) == pytest.approx(15.65 - 8, abs=0.01)
    assert expected_digits(1e12, 2) == 0


def test_problems_have_short_names() -> None:
    names = {label(spec("wampler", set=2)), label(spec("hilbert", n=10)), label(spec("nist", file="/a/Longley.dat"))}
    assert names == {"wampler-2", "hilbert-10", "Longley"}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("own")
    (folder / "curves").mkdir()
    (folder / "curves" / "Saturation.dat").write_text(NONLINEAR)
    (folder / "Own.dat").write_text(polynomial([str(k) for k in range(9)], [str(k * k % 7) for k in range(9)], 3))
    settings = {
        **EXPERIMENT.settings,
        "solvers": SOLVERS,
        "largest": 10,
        "nist": str(folder),
        "curve_solvers": CURVE_SOLVERS,
    }
    with Store(tmp_path_factory.mktemp("store")) as store:
        return run_experiment(EXPERIMENT, Options(quick=True, settings=settings), store, engine)


def test_squaring_the_matrix_costs_as_many_digits_as_theory_says(result: Result) -> None:
    assert len(result.measurements) == len(SOLVERS) * (5 + 9 + 1) + 2 * len(CURVE_SOLVERS)
    assert all(measured.good for measured in result.measurements)
    by_names = {(str(measured["solver"]), label(measured["problem"])): measured for measured in result.measurements}
    for n in range(2, 10):
        k = np.log10(by_names["qr", f"hilbert-{n}"]["condition"])
        assert by_names["qr", f"hilbert-{n}"]["digits"] > 15 - k, "QR pays the condition number once"
        normal = by_names["normal-equations(refine=false)", f"hilbert-{n}"]["digits"]
        assert normal is None or normal < max(20 - 2 * k, 0.1), "and the normal equations twice"
    qr = {name: measured["digits"] for (solver, name), measured in by_names.items() if solver == "qr"}
    assert qr["wampler-1"] > by_names["cholesky(refine=false)", "wampler-1"]["digits"] + 2
    assert qr["wampler-3"] > qr["wampler-5"] + 2, "large residuals bring the square back"
    broken, refused = (
        by_names["normal-equations(refine=false)", "hilbert-10"],
        by_names["sklearn-linear-regression", "hilbert-3"],
    )
    assert (broken["cause"], refused["cause"]) == (Cause.BREAKDOWN, Cause.REFUSAL)
    assert broken["message"]
    assert refused["message"]


def test_its_answer_covers_every_solver_and_problem(result: Result) -> None:
    answered = answer(result)
    best, beside_qr, *_ = answered.verdicts
    assert best.startswith("Over 15 problems with exact answers, ")
    assert "sklearn" not in best, "solvers that take few problems are not compared"
    assert beside_qr.endswith("they break down and QR does not.")
    rows = {row[0]: row for row in answered.tables[0].rows}
    assert set(rows) == set(SOLVERS)
    assert answered.tables[0].columns[5] == "refusals"
    assert rows["sklearn-linear-regression"][5] == 9
    assert rows["normal-equations(refine=false)"][4:6] == (
        sum(row is None for row in _column(answered, "normal-equations(refine=false)")),
        0,
    )
    assert [row[1] for row in answered.tables[0].rows] == sorted(
        (row[1] for row in answered.tables[0].rows), reverse=True
    )
    assert {row[0] for row in answered.tables[1].rows} >= {"Own", "wampler-2", "hilbert-10"}
    condition_numbers = [row[1] for row in answered.tables[1].rows]
    assert condition_numbers == sorted(condition_numbers)
    lines = {line.label: line for line in answered.figures[1].lines}
    assert lines["16 - log10 k"].guide
    qr = {row[0]: digits for row, digits in zip(answered.tables[1].rows, _column(answered, "qr"), strict=True)}
    assert lines["qr"].y == [qr[f"hilbert-{n}"] for n in range(2, 11)]
    assert "numpy.linalg.solve" not in lines


def _column(told: Any, solver: str) -> list[float | None]:
    place = told.tables[1].columns.index(solver)
    return [row[place] for row in told.tables[1].rows]


def invented(result: Result, digits: Callable[[str, str], float | None]) -> list[str]:
    """The sentences for the digits that a function of solver and problem gives; None is a breakdown."""
    measured = []
    for known in filter(lambda one: not is_curve(one), result.measurements):
        value = digits(str(known["solver"]), label(known["problem"]))
        cause = Cause.BREAKDOWN if value is None else Cause.NONE
        values = {"condition": known["condition"], "digits": value, "cause": cause, "message": ""}
        measured.append(MeasurementResult(known.measurement, MeasuredValues(values)))
    return list(answer(dataclasses.replace(result, measurements=measured)).verdicts)


def test_the_best_and_the_worst_solver_are_named(result: Result) -> None:
    digits = {"qr": 12.0, "svd": 11.9, "normal-equations(refine=false)": 3.0}
    first = invented(result, lambda solver, problem: digits.get(solver, 8.0))[0]
    assert first == (
        "Over 15 problems with exact answers, qr keeps the most digits: 12.0 on average; 12.0 at worst, on wampler-1. "
        "Level with it, within 0.2 digits, is svd. normal-equations(refine=false) keeps the fewest, 3.0 on average."
    )
    digits = {"qr": 2.0, "svd": 12.0}
    first = invented(
        result, lambda solver, problem: None if problem == "hilbert-7" and solver == "svd" else digits.get(solver, 9.0)
    )[0]
    assert "svd keeps the most digits: 11.2 on average; it breaks down on hilbert-7." in first
    assert first.endswith("qr keeps the fewest, 2.0 on average.")


def test_the_loss_of_the_normal_equations_has_a_direction(result: Result) -> None:
    def with_digits(qr: float, normal: float | None) -> str:
        values = {"qr": qr, "normal-equations(refine=false)": normal}
        return invented(result, lambda solver, problem: values.get(solver, 9.0))[1]

    assert with_digits(9.0, 4.0) == (
        "Without refinement the normal equations keep 5.0 digits fewer than QR, by the median of the 15 problems that "
        "both solve; they lose up to 5.0, on wampler-1."
    )
    assert with_digits(4.0, 9.0) == (
        "Without refinement the normal equations keep 5.0 digits more than QR, by the median of the 15 problems that "
        "both solve."
    )
    conditions = {label(measured["problem"]): measured["condition"] for measured in result.measurements}
    hard = {"hilbert-9", "hilbert-10"}
    sentence = invented(
        result, lambda solver, problem: None if solver == "normal-equations(refine=false)" and problem in hard else 9.0
    )[1]
    assert f"On 2 more, with condition numbers of {conditions['hilbert-9']:.1g} or more, they break down" in sentence


def test_growing_residuals_cost_digits(result: Result) -> None:
    digits = {("qr", "wampler-3"): 9.0, ("qr", "wampler-5"): 6.0, ("normal-equations(refine=false)", "wampler-3"): 5.0}
    sentences = invented(result, lambda solver, problem: digits.get((solver, problem), 4.0))
    assert sentences[2] == (
        "When Wampler's residuals become 10,000 times as large, QR goes from 9.0 correct digits to 6.0 and the normal "
        "equations without refinement go from 5.0 correct digits to 4.0."
    )


def test_worthless_answers_are_counted(result: Result) -> None:
    poor = {("lsqr", "hilbert-5"), ("lsqr", "hilbert-6"), ("svd", "hilbert-5")}
    sentences = invented(result, lambda solver, problem: 0.5 if (solver, problem) in poor else 9.0)
    assert sentences[3] == (
        "These solvers return answers without a correct digit, and no warning: lsqr (2 of its 15), svd (1 of its 15)."
    )
    assert "No solver returns an answer without a correct digit." in invented(result, lambda solver, problem: 9.0)


def test_agreement_with_theory_names_the_power(result: Result) -> None:
    conditions = {label(measured["problem"]): measured["condition"] for measured in result.measurements}
    powers = {"qr": 1, "normal-equations(refine=false)": 2}

    def digits(solver: str, problem: str) -> float:
        return expected_digits(conditions[problem], powers[solver]) + 0.1 if solver in powers else 15.0

    assert invented(result, digits)[-1] == (
        "On Hilbert's systems, on average, qr keeps about 16 - log10 k digits, within 0.1; "
        "normal-equations(refine=false) keeps "
        "about 16 - 2 log10 k digits, within 0.1."
    )


def test_nist_s_curves_are_counted(result: Result) -> None:
    curves = [one for one in result.measurements if is_curve(one)]
    assert all(one["digits"] is not None and one["standard_errors"] is not None for one in curves)
    kept = {("levenberg-marquardt", 1): (9.9, 3.0), ("levenberg-marquardt", 2): (10.0, 11.0), ("bfgs", 2): (4.0, 1.0)}
    invented = []
    for one in curves:
        digits, errors = kept.get((one["solver"].name, one["problem"].get("start")), (None, None))
        values = {"digits": digits, "standard_errors": errors, "cause": Cause.NONE, "condition": 1.0, "message": ""}
        invented.append(MeasurementResult(one.measurement, MeasuredValues(values)))
    assert sentence(invented) == (
        "On NIST's nonlinear sets levenberg-marquardt reaches 10 digits of all parameters in 1 of 2 runs; bfgs in 0."
    )
    assert table(invented).rows == [
        ("levenberg-marquardt", 2, 1, 2, 1, 9.95, 9.9, 0),
        ("bfgs", 2, 0, 1, 0, 2.0, 0.0, 1),
    ]


def test_failed_measurements_are_no_digits(result: Result) -> None:
    killed = [
        known
        if known["solver"].name in ("qr", "svd")
        else MeasurementResult(known.measurement, MeasuredValues(reason="it was killed"))
        for known in result.measurements
    ]
    answered = answer(dataclasses.replace(result, measurements=killed))
    reasons = {row[0]: row[-1] for row in answered.tables[0].rows}
    assert (reasons["lsqr"], reasons["qr"]) == ("it was killed", "")
    assert answer(dataclasses.replace(result, measurements=[])).verdicts == ["No solver gave an answer."]
    assert invented(result, lambda solver, problem: None) == ["No solver gave an answer."]
    assert answer(dataclasses.replace(result, measurements=result.measurements[3:5])).verdicts


def test_what_cannot_be_measured_is_refused_in_a_sentence(tmp_path: Path) -> None:
    def planned(**given: object) -> Sequence[Measurement]:
        return measurements(Options(settings={**EXPERIMENT.settings, **given}))

    with pytest.raises(SpecError, match="there is no 'qrr'"):
        planned(solvers=["qrr"])
    with pytest.raises(SpecError, match="largest is 1; the smallest of Hilbert's systems has 2"):
        planned(largest=1)
    with pytest.raises(DataError, match="is no folder"):
        planned(nist=str(tmp_path / "none"))
    with pytest.raises(DataError, match=r"holds no \.dat file"):
        planned(nist=str(tmp_path))
    solvers = [dict(measurement.given)["solver"] for measurement in planned(largest=2, solvers=["numpy.linalg.solve"])]
    assert solvers == 6 * [parse("numpy.linalg.solve")]


@pytest.mark.skipif(not NIST.is_dir(), reason="NIST's files are not here: ../shared/nist/linear")
def test_wampler_s_sets_are_nist_s() -> None:
    files = {file.stem: file for file in nist_files(str(NIST))[0]}
    for number in (1, 5):
        ours = exact_problem(spec("wampler", set=number))
        theirs = exact_problem(spec("nist", file=str(files[f"Wampler{number}"])))
        np.testing.assert_array_equal(ours.problem.y, theirs.problem.y)
        np.testing.assert_array_equal(ours.problem.rows.X, theirs.problem.rows.X)
        assert ours.answer == theirs.answer
