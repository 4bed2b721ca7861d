"""NIST's files: decimals are kept exactly, models are read as they are written, answers are compared in digits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.comparison.comparison import problem_of
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import SpecError, parse, spec
from problems.data.files import Nist
from problems.data.readers.nist import read_nist, split_decimals
from problems.data.readers.nist_design import design
from problems.data.synthetic.linear import Synthetic
from problems.foundation.checks import DataError
from problems.linear.regression import linear_regression
from tests.helpers.nist_files import NONLINEAR, exact_least_squares, polynomial
from tests.helpers.small_problems import answer, solver

X = [f"-{3 + 0.1467 * k:.9f}" for k in range(40)]
Y = [f"0.{7000 + 37 * k * k % 2011}" for k in range(40)]


def written(folder: Path, text: str, name: str = "own.dat") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@given(
    st.lists(
        st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9)),
        max_size=3,
    )
)
def test_a_rounded_number_and_its_rest_are_the_decimal_to_twice_the_digits(rows: list[list[object]]) -> None:
    exact = [[Fraction(str(number)) for number in row[:2]] for row in rows if len(row) > 1]
    high, low = split_decimals(exact)
    for given_row, highs, lows in zip(exact, high.tolist(), low.tolist(), strict=True):
        for number, rounded, rest in zip(given_row, highs, lows, strict=True):
            assert rounded == float(number)
            assert abs(number - Fraction(rounded) - Fraction(rest)) <= abs(number) * Fraction(1, 2**105)


def test_the_low_order_part_restores_the_digits_that_rounding_removes(tmp_path: Path) -> None:
    path = written(tmp_path, polynomial(X, Y, 10, "B0 + B1*x + B2*(x**2) + ... + B10*(x**10)"))
    problem: Any = linear_regression(Nist(str(path)))
    B, c = problem.least_squares()
    B_low, c_low = problem.low_order()
    assert B_low.shape == B.shape
    assert c_low.shape == c.shape

    def exactly(high: object, low: object) -> list[list[Fraction]]:
        pairs = zip(np.atleast_2d(high).tolist(), np.atleast_2d(low).tolist(), strict=True)
        return [[Fraction(a) + Fraction(b) for a, b in zip(*rows, strict=True)] for rows in pairs]

    rounded = exact_least_squares(exactly(B, 0 * B_low), exactly(c, 0 * c_low)[0])
    full = exact_least_squares(exactly(B, B_low), exactly(c, c_low)[0])
    assert problem.measures(np.array(full, float))["digits"] > 14
    assert problem.measures(np.array(rounded, float))["digits"] < 11
    assert problem.measures(np.full(problem.dim, np.nan))["digits"] == 0
    sibling = problem.sibling()
    assert sibling.low_order()[0].shape == sibling.least_squares()[0].shape
    ridge: Any = linear_regression(Nist(str(path)), l2=0.1)
    assert ridge.low_order()[0].shape == ridge.least_squares()[0].shape
    assert "digits" not in ridge.measures(np.zeros(ridge.dim))
    assert linear_regression(Synthetic(n=30, d=3)).low_order() is None  # type: ignore[union-attr]


@settings(max_examples=20)
@given(st.integers(1, 3), st.lists(st.integers(-999, 999), min_size=6, max_size=12, unique=True), st.booleans())
def test_certified_coefficients_are_the_answer_in_the_order_of_theta(
    tmp_path_factory: pytest.TempPathFactory, degree: int, x: list[int], shifted: bool
) -> None:
    text = polynomial([f"{number}E-2" for number in x], [str(number % 17) for number in x], degree)
    if shifted:  # rows in other lines than the header states
        text = "\n\n" + text.replace("Certified Regression", "\n\nCertified Regression").replace("\n", "\r\n")
    path = written(tmp_path_factory.mktemp("nist"), text)
    problem: Any = linear_regression(Nist(str(path)))
    assert problem.rows.intercept
    assert problem.measures(answer(solver("qr"), problem, problem.dim))["digits"] > 7
    np.testing.assert_array_equal(problem.y, [number % 17 for number in x])


def test_a_nonlinear_model_is_read_into_pythons_notation(tmp_path: Path) -> None:
    file = read_nist(written(tmp_path, NONLINEAR))
    assert (file.kind, file.name, file.response) == ("nonlinear", "Saturation", "log(y)")
    assert file.formula == "b1*(1-exp(-b2*x1)) + arctan(x2**2)/pi"
    assert (file.parameters, file.columns) == (("b1", "b2"), ("x1", "x2"))
    np.testing.assert_array_equal(file.starts, [[500, 0.0001], [250, 0.0005]])
    np.testing.assert_array_equal(file.certified, [238.94212918, 5.5015643181e-04])
    np.testing.assert_array_equal(file.X[:, 1], [1, -0.5, 2])
    assert file.residual_sum == 0.12455138894
    with pytest.raises(DataError, match="curve"):
        design(file)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("NIST/ITL StRD", "x,y", "StRD"),
        ("Nonlinear Least Squares Regression", "Analysis of Variance", "Analysis of Variance"),
        ("10.07E0", "ten", r"'ten' is not a number"),
        ("10.07E0", "1E999999999", "beyond the range of float64"),
        ("10.07E0", "9E399", "beyond 1.8e308"),
        ("14.73E0     114.9E0     -.5", "14.73E0     114.9E0", "2 numbers in a row of 3"),
        ("      17.94E0     141.1E0     2.\n", "", "2 rows of data, and its header states 3"),
        ("Data:   y               x1     x2", "", "there is no line 'Data: y x'"),
        ("2 Parameters", "3 Parameters", "2 parameters have certified values; the model has 3"),
        ("  b2 =     0.0001      0.0005 ", "  b2 = ", "b2 has 2 numbers"),
        ("(1-EXP[-b2*x1])", "(1-EXP[-b2*x3])", "'x3', which is no parameter and no column"),
        ("(1-EXP[-b2*x1])", "x1", "b2 does not occur"),
        ("(1-EXP[-b2*x1])", "(1-EXP[-b2*x1]", "not a formula"),
        ("log[y] =", "z =", "the model predicts z, but the first column of the data is y"),
        ("Residual Sum of Squares:", "", "no certified residual sum"),
        ("Model:", "Model", "there is no model"),
    ],
)
def test_a_broken_file_is_refused_with_what_and_where(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in NONLINEAR
    path = written(tmp_path, NONLINEAR.replace(old, new))
    with pytest.raises(DataError, match=words) as refused:
        read_nist(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("B0*B1*x", "not linear in its parameters"),
        ("B0 + B1**2*x", "not linear"),
        ("B0 + B1*x + 1", "not linear"),
        ("B0 + B1*exp(x)", "exp"),
        ("B0 + B1*x**999", "x \\*\\* 999"),
        ("B0 + B1/x", "divides by zero"),
        ("B0 + ... + B1*x", "the terms that the dots .* are not clear"),
    ],
)
def test_a_model_that_is_not_linear_is_refused(tmp_path: Path, formula: str, words: str) -> None:
    path = written(tmp_path, polynomial(["0", "1", "2"], ["1", "2", "4"], 1, formula))
    with pytest.raises(DataError, match=words):
        design(read_nist(path))


def test_a_model_without_an_intercept_has_none(tmp_path: Path) -> None:
    text = polynomial(["1", "2", "4"], ["1", "2", "4"], 1).replace("B0 + B1*x", "B0*x**2 + B1*x")
    problem: Any = linear_regression(Nist(str(written(tmp_path, text))))
    assert not problem.rows.intercept
    np.testing.assert_array_equal(problem.rows.X, [[1, 1], [4, 2], [16, 4]])


def test_what_would_change_the_certified_coefficients_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, polynomial(["1", "2", "4"], ["1", "2", "4"], 1))
    for wrong, words in (
        ("standardize=true", "nist has no parameter 'standardize'; there are: file"),
        ("intercept=false", "has an intercept; do not give intercept"),
        ("target=y", "nist has no parameter 'target'"),
        ("outliers=0.1", "nist has no parameter 'outliers'"),
    ):
        with pytest.raises(ValueError, match=words):
            build_problem(parse(f'linear-regression(data="{path}", {wrong})'))
    with pytest.raises(SpecError, match="nist gives numbers or points; labels are needed here"):
        build_problem(parse(f'logistic(data="{path}")'))


def test_a_file_is_the_regression_that_it_describes(tmp_path: Path) -> None:
    linear = written(tmp_path, polynomial(["1", "2", "4"], ["1", "2", "4"], 1), "linear.DAT")
    other = written(tmp_path, NONLINEAR, "other.dat")
    assert problem_of(str(linear)) == spec("linear-regression", data=str(linear))
    assert problem_of(str(other)) == spec("curve", data=str(other))
    with pytest.raises(SpecError, match="--target"):
        problem_of(str(other), "y")
