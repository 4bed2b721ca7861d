"""Standard errors, compared with the textbook's formulas."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.lab.analysis.standard_errors import standard_errors
from problems.curves.problem import curve
from problems.data.arrays import Arrays
from problems.linear.model_chain import LeastSquaresModel, linear_model
from problems.parts.losses import squared
from problems.parts.rows import Rows


def regression(X: np.ndarray, y: np.ndarray) -> LeastSquaresModel:
    model = linear_model(Rows(X), y, squared)
    assert isinstance(model, LeastSquaresModel)
    return model


def test_a_straight_line_has_the_textbook_s_errors() -> None:
    """y = 2 x + 1 with the residuals 1, -1, -1, 1 at x = 0, 1, 2, 3, which are orthogonal to both columns."""
    x = np.arange(4.0)
    model = regression(x[:, None], 2 * x + 1 + np.array([1.0, -1.0, -1.0, 1.0]))
    variance = 4 / (4 - 2)
    slope, intercept = np.sqrt(variance / 5), np.sqrt(variance * (1 / 4 + 1.5**2 / 5))
    assert standard_errors(model, np.array([2.0, 1.0])) == pytest.approx([slope, intercept], rel=1e-14)


@pytest.mark.parametrize("units", [1.0, 1e-9, 1e9])
def test_errors_of_a_curve_are_in_the_units_of_its_parameters(units: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 2, (30, 1))
    y = 3 * np.exp(-x[:, 0]) + rng.standard_normal(30)
    theta = np.array([3.0, 1.0])
    errors = standard_errors(curve(Arrays(x, y), "a*exp(-b*x1)", "a=1, b=1"), theta)
    in_units = standard_errors(curve(Arrays(x * units, y), "a*exp(-b*x1)", "a=1, b=1"), theta / [1, units])
    assert in_units == pytest.approx(errors / [1, units], rel=1e-12)
    J = np.column_stack([np.exp(-x), -3 * x * np.exp(-x)])
    r = 3 * np.exp(-x[:, 0]) - y
    assert errors == pytest.approx(np.sqrt(r @ r / 28 * np.diag(np.linalg.inv(J.T @ J))), rel=1e-10)


@pytest.mark.parametrize("rows", [[[1.0], [2.0]], [[0.0], [0.0], [0.0], [0.0]]])
def test_without_degrees_of_freedom_or_with_dependent_columns_there_is_none(rows: list[list[float]]) -> None:
    model = regression(np.array(rows), np.arange(len(rows)) * 1.0)
    assert np.isnan(standard_errors(model, np.zeros(2))).all()
