"""Digits that solvers keep: exact problems, theory within honest bounds, sentences that follow from the numbers."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.accuracy import EXPERIMENT, answer, trials
from experiments.questions.accuracy.answers import (
    DEGREE,
    PERTURBED,
    X,
    coefficients,
    exact,
    linear_files,
    responses,
    solved,
)
from problems.foundation.checks import DataError
from tests.helpers.nist_files import polynomial
from tests.helpers.nist_files import solved as least_squares

SOLVERS = ["normal-equations", "cholesky", "qr", "svd", "lsqr", "sklearn-linear-regression", "numpy.linalg.solve"]
NIST = Path(__file__).resolve().parents[2] / "shared" / "nist" / "linear"


def test_wampler_s_answers_are_those_of_least_squares_in_fractions() -> None:
    assert all(sum(added * x**j for added, x in zip(PERTURBED, X, strict=True)) == 0 for j in range(DEGREE + 1))
    B = [[Fraction(x) ** j for j in range(DEGREE + 1)] for x in X]
    for k in range(1, 6):
        assert least_squares(B, responses(k)) == coefficients(k)
        asked = exact(f"wampler-{k}")
        residual = asked.problem.rows @ np.array(asked.answer) - asked.problem.y
        size = {3: 1, 4: 100, 5: 10_000}.get(k, 0) * np.linalg.norm(PERTURBED)
        assert np.linalg.norm(residual) == pytest.approx(size, rel=1e-9, abs=1e-7)


def test_hilbert_s_answer_solves_the_system_that_float64_holds() -> None:
    asked = exact("hilbert-9")
    A, b = asked.problem.system()
    found = solved([[Fraction(a) for a in row] for row in A.tolist()], [[Fraction(each)] for each in b.tolist()])
    for row, target in zip(A.tolist(), b.tolist(), strict=True):
        assert sum(Fraction(a) * x[0] for a, x in zip(row, found, strict=True)) == Fraction(target)
    assert asked.answer == tuple(float(x[0]) for x in found)
    assert asked.condition == pytest.approx(4.93e11, rel=0.01)  # as published


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("own")
    (folder / "Own.dat").write_text(polynomial([str(k) for k in range(9)], [str(k * k % 7) for k in range(9)], 3))
    chosen = {"solvers": SOLVERS, "largest": 10, "folder": str(folder)}
    with Store(tmp_path_factory.mktemp("store")) as store:
        return conduct(EXPERIMENT, Options(quick=True, settings=chosen), store, engine)


def test_squaring_the_matrix_costs_as_many_digits_as_theory_says(result: Result) -> None:
    told = answer(result)
    assert len(result.reads) == len(SOLVERS) * (5 + 9 + 1)
    assert all(read.good for read in result.reads)
    found = {(read["solver"], read["data"]): read for read in result.reads}
    for n in range(2, 10):
        k = np.log10(found["qr", f"hilbert-{n}"]["condition"])
        assert found["qr", f"hilbert-{n}"]["digits"] > 15 - k, "QR pays the condition number once"
        normal = found["normal-equations", f"hilbert-{n}"]["digits"]
        assert normal is None or normal < max(20 - 2 * k, 0.1), "and the normal equations twice"
    assert found["qr", "wampler-1"]["digits"] > found["cholesky", "wampler-1"]["digits"] + 2
    assert found["qr", "wampler-3"]["digits"] > found["qr", "wampler-5"]["digits"] + 2, "residuals square it again"
    assert found["normal-equations", "hilbert-10"]["broke"]
    assert found["sklearn-linear-regression", "hilbert-3"]["cannot"]
    best, beside_qr, *_ = told.verdicts
    assert best.startswith("Over 15 problems with exact answers ")
    assert "sklearn" not in best, "who can take few problems is not compared"
    assert "they break down and QR does not" in beside_qr
    rows = {row[0]: row for row in told.tables[0].rows}
    assert set(rows) == set(SOLVERS)
    assert rows["sklearn-linear-regression"][5] == 9
    assert {row[0] for row in told.tables[1].rows} >= {"Own", "wampler-2", "hilbert-10"}
    lines = {line.label: line for line in told.figures[1].lines}  # type: ignore[union-attr]
    assert lines["16 - log10 k"].guide
    assert lines["qr"].y[0] == found["qr", "hilbert-2"]["digits"]


def test_the_sentences_follow_from_the_numbers(result: Result) -> None:
    def with_digits(**given: float | None) -> Result:
        reads = []
        for read in result.reads:
            new = {"digits": given[read["solver"].replace("-", "_")]} if read["solver"] in ("qr", "svd") else {}
            whole = read["solver"] in ("qr", "svd", "normal-equations")
            values = {**read.reading.values, **new}
            reads.append(Read(read.trial, Reading(values) if whole else Reading(reason="it was killed")))
        return dataclasses.replace(result, reads=reads)

    turned = answer(with_digits(qr=2.0, svd=12.0)).verdicts
    assert turned[0].startswith("Over 15 problems with exact answers svd keeps most digits, 12.0 on average")
    assert "lose -" in turned[1]
    assert answer(with_digits(qr=0.5, svd=12.0)).verdicts[3].count("qr (15 of its 15)") == 1
    assert answer(with_digits(qr=None, svd=None)).verdicts
    assert answer(dataclasses.replace(result, reads=[])).verdicts == ["No solver gave an answer."]
    assert answer(dataclasses.replace(result, reads=result.reads[3:5])).verdicts


def test_what_cannot_be_measured_is_refused_in_a_sentence(tmp_path: Path) -> None:
    def planned(**given: object) -> object:
        return trials(Options(settings={**EXPERIMENT.settings, **given}))

    with pytest.raises(SpecError, match="there is no 'qrr'"):
        planned(solvers=["qrr"])
    with pytest.raises(SpecError, match="begin with 2"):
        planned(largest=1)
    with pytest.raises(DataError, match="is no folder"):
        planned(folder=str(tmp_path / "none"))
    with pytest.raises(DataError, match="no linear file"):
        planned(folder=str(tmp_path))


@pytest.mark.skipif(not NIST.is_dir(), reason="NIST's files are not here: ../shared/nist/linear")
def test_wampler_s_sets_are_nist_s() -> None:
    files = {Path(file).stem: file for file in linear_files(str(NIST))}
    for k in (1, 5):
        ours, theirs = exact(f"wampler-{k}"), exact(files[f"Wampler{k}"])
        np.testing.assert_array_equal(ours.problem.y, theirs.problem.y)
        np.testing.assert_array_equal(ours.problem.rows.X, theirs.problem.rows.X)
        assert ours.answer == theirs.answer
