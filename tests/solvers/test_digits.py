"""Solvers that answer for digits, compared with exact answers in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import solverlab as lab
from experiments.lab.analysis.standard_errors import standard_errors
from experiments.questions.accuracy.exact_problems import exact_solution, hilbert, wampler
from problems.curves.curve import Curve
from problems.curves.problem import curve
from problems.data.files import Nist
from problems.data.readers.nist import read_nist, split_decimals
from problems.data.readers.nist_design import design
from problems.foundation.arrays import Vector
from problems.foundation.digits import digits
from problems.linear.model_chain import LeastSquaresModel, linear_model
from problems.linear.regression import linear_regression
from problems.parts.losses import squared
from problems.parts.rows import Rows
from solvers.base import Breakdown
from solvers.linear_systems.extended import ExtendedLeastSquares, fit
from tests.helpers.nist_files import FOLDER as NIST

SEEDS = st.integers(0, 2**32)


def last(problem: object, solver: object) -> Vector:
    start = problem.start_point if isinstance(problem, Curve) else None
    *_, theta = lab.iterates(problem, solver, theta0=start)
    return theta


def nearly_dependent(seed: int, d: int, closeness: int) -> tuple[LeastSquaresModel, Vector, Vector]:
    """A regression whose last column is the sum of the others but for 10^-closeness; its exact theta and errors."""
    rng = np.random.default_rng(seed)
    n = d + int(rng.integers(2, 9))
    X = [[Fraction(int(k), 10) for k in rng.integers(-99, 99, d - 1)] for _ in range(n)]
    X = [[*row, sum(row) + Fraction(int(rng.integers(1, 99)), 10**closeness)] for row in X]
    y = [Fraction(int(k), 1000) for k in rng.integers(-9999, 9999, n)]
    columns = list(zip(*X, strict=True))
    N = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in columns] for one in columns]
    right = [[sum(a * b for a, b in zip(column, y, strict=True))] for column in columns]
    units = [[Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    solved = exact_solution(N, [[*a, *b] for a, b in zip(right, units, strict=True)])
    theta = [row[0] for row in solved]
    squares = sum((sum(a * b for a, b in zip(row, theta, strict=True)) - t) ** 2 for row, t in zip(X, y, strict=True))
    errors = [float(squares / (n - d) * solved[j][1 + j]) ** 0.5 for j in range(d)]
    (high, low), (target, target_low) = split_decimals(X), split_decimals([[t] for t in y])
    problem = linear_model(Rows(high, intercept=False), target.ravel(), squared, low=(low, target_low.ravel()))
    assert isinstance(problem, LeastSquaresModel)
    return problem, np.array([float(t) for t in theta]), np.array(errors)


@settings(max_examples=60)
@given(seed=SEEDS, d=st.integers(2, 6), closeness=st.integers(0, 13))
def test_extended_least_squares_has_the_digits_for_which_it_vouches(seed: int, d: int, closeness: int) -> None:
    problem, exact, errors = nearly_dependent(seed, d, closeness)
    try:
        theta, standard_errors, vouched = fit(problem)
    except Breakdown:
        assert closeness >= 10, "only where float64 cannot tell the columns from dependent ones"
        return
    assert vouched >= 14
    assert digits(theta, exact) >= 14
    assert digits(standard_errors, errors) >= 14
    np.testing.assert_array_equal(last(problem, ExtendedLeastSquares()), theta)


def test_without_the_decimals_the_rows_are_taken_as_float64_has_them() -> None:
    problem, exact, _ = nearly_dependent(0, 4, 8)
    rounded = linear_model(problem.rows, problem.y, squared)
    assert digits(last(rounded, "extended-least-squares"), exact) < 12


def test_dependent_columns_are_a_breakdown() -> None:
    X = np.random.default_rng(0).standard_normal((9, 3))
    problem = linear_model(Rows(np.column_stack([X, X.sum(axis=1)])), X[:, 0], squared)
    with pytest.raises(Breakdown, match="dependent"):
        last(problem, "extended-least-squares")


@pytest.mark.skipif(not NIST.exists(), reason="NIST's files are not beside this checkout")
def test_certified_coefficients_and_standard_errors() -> None:
    files = [read_nist(path) for path in sorted((NIST / "linear").glob("*.dat"))]
    assert files
    for file in files:
        model = design(file)
        problem = linear_regression(Nist(str(file.path)))
        theta, standard_errors, _ = fit(problem)
        deviation = dict(zip(file.parameters, file.deviations, strict=True))
        constant = [name for name in file.parameters if name not in model.columns]
        assert digits(theta, model.certified) >= 14, file.name
        assert digits(standard_errors, [deviation[name] for name in (*model.columns, *constant)]) >= 14, file.name


@pytest.mark.skipif(not NIST.exists(), reason="NIST's files are not beside this checkout")
@pytest.mark.parametrize("start", [1, 2])
def test_levenberg_marquardt_reaches_ten_digits_of_certified_parameters_and_errors(start: int) -> None:
    files = sorted((NIST / "nonlinear").glob("*.dat"))
    assert files
    for file in files:
        problem, contents = curve(Nist(str(file)), start=start), read_nist(file)
        theta = last(problem, "levenberg-marquardt")
        assert digits(theta, contents.certified) >= 10, file.name
        assert digits(standard_errors(problem, theta), contents.deviations) >= 10, file.name


@pytest.mark.parametrize("n", range(2, 11))
def test_cholesky_refines_hilbert_s_systems(n: int) -> None:
    system = hilbert(n)
    kept = digits(last(system.problem, "cholesky"), system.answer)
    assert kept >= (14 if system.condition > 1e9 else 8)


@pytest.mark.parametrize("n", [12, 14])
def test_cholesky_refuses_where_no_digit_would_be_right(n: int) -> None:
    with pytest.raises(Breakdown, match=r"the condition number of the matrix is about|not positive definite"):
        last(hilbert(n).problem, "cholesky")


@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize("method", ["cholesky", "normal-equations"])
def test_methods_that_square_the_condition_number_lose_no_more_digits_than_qr(method: str, number: int) -> None:
    problem = wampler(number)
    assert (
        digits(last(problem.problem, method), problem.answer) >= digits(last(problem.problem, "qr"), problem.answer) - 1
    )


@settings(max_examples=40)
@given(seed=SEEDS, exponent=st.floats(0, 9))
def test_an_answer_of_the_normal_equations_has_digits_or_is_refused(seed: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    U, V = (np.linalg.qr(rng.standard_normal((m, 5)))[0] for m in (40, 5))
    X = (U * np.geomspace(1, 10**-exponent, 5)) @ V
    problem = linear_model(Rows(X, intercept=False), X @ rng.standard_normal(5) + rng.standard_normal(40), squared)
    exact = last(problem, "extended-least-squares")
    for method in ("cholesky", "normal-equations"):
        try:
            theta = last(problem, method)
        except Breakdown:
            assert exponent > 6.5
        else:
            assert np.linalg.norm(theta - exact) <= 1e-4 * np.linalg.norm(exact)
