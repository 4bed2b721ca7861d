"""The decision boundary is that of the best run, with x, y and the labels in their places."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.comparison.decision_boundary import MOST_POINTS, boundary_of
from experiments.figures.records import Boundary
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Status
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import spec
from experiments.lab.spec.supplied import Named, supplied
from problems.data.arrays import Arrays
from problems.linear.logistic import logistic
from tests.helpers.made_results import failed, row

PLANE = Reference(0.0, 0.0, 3, columns=("width", "height"))
X = np.array([[0.0, 10.0], [3.0, 10.0], [0.0, 40.0], [3.0, 40.0]])
FOUR = supplied(logistic(Arrays(X, np.array([-1, -1, -1, 1]))))


def boundary(problem: Named, *thetas: tuple[list[float], float]) -> Boundary | None:
    """Of runs that ended at these coefficients with these gaps."""
    rows = [
        row(problem, f"solver-{k}", theta=theta, gap=gap, measures={"accuracy": 0.75})
        for k, (theta, gap) in enumerate(thetas)
    ]
    return boundary_of(problem, rows, PLANE)


def test_x_goes_with_the_first_column_and_y_with_the_second() -> None:
    figure = boundary(FOUR, ([2.0, 0.0, -3.0], 0.1))
    assert figure is not None
    assert (figure.axes, figure.line) == (("width", "height"), True)
    assert (figure.x[0], figure.x[-1]) == pytest.approx((-1, 4)), "a third of the range on both sides"
    assert (figure.y[0], figure.y[-1]) == pytest.approx((0, 50))
    probability = np.array(figure.probability)
    for j, i in ((3, 41), (50, 20)):
        assert probability[j, i] == pytest.approx(1 / (1 + np.exp(3.0 - 2.0 * figure.x[i])))
    assert np.ptp(probability, axis=0).max() < 1e-12, "the second coefficient is 0, so that nothing changes along y"
    assert {(x, y): label for x, y, label in figure.points} == {
        (0.0, 10.0): -1, (3.0, 10.0): -1, (0.0, 40.0): -1, (3.0, 40.0): 1,
    }  # fmt: skip
    assert figure.points[-1][2] == 1, "the rarer label is on top"


def test_it_is_that_of_the_smallest_gap_and_says_how_good_it_is() -> None:
    figure = boundary(FOUR, ([0.0, 0.0, 9.0], 0.5), ([0.0, 0.0, -9.0], 0.1), ([0.0, 0.0, 9.0], 0.9))
    assert figure is not None
    assert np.max(figure.probability) < 0.001
    assert figure.title == f"{FOUR} as learned by solver-1: 75% of its rows are classified correctly"
    assert figure.line is False
    assert "almost the same everywhere" in figure.caption
    sloped = boundary(FOUR, ([1.0, 0.0, 0.0], 0.1))
    assert sloped is not None
    assert "the line is where it is one half" in sloped.caption


@pytest.mark.parametrize("rarer", [1, -1])
def test_of_many_rows_all_of_the_rarer_label_are_drawn(rarer: int) -> None:
    k = np.arange(MOST_POINTS + 200)
    rows = Arrays(np.column_stack([k % 37, k % 11]).astype(float), np.where(k < 5, rarer, -rarer))
    figure = boundary(supplied(logistic(rows)), ([1.0, 1.0, 0.0], 0.1))
    assert figure is not None
    labels = [label for _, _, label in figure.points]
    assert labels == [-rarer] * (MOST_POINTS - 5) + [rarer] * 5
    assert f"{MOST_POINTS} of the {MOST_POINTS + 200} rows are drawn" in figure.caption


def test_there_is_none_without_two_labels_without_a_run_or_without_the_file() -> None:
    for problem in (
        spec("network", data="spirals", classes=3, hidden=(4,)),
        spec("softmax", data="spirals", classes=3),
        spec("linear-regression", n=20, d=2),
    ):
        assert boundary(problem, ([0.0] * build_problem(problem).dim, 1.0)) is None
    assert boundary_of(FOUR, [failed(FOUR, "qr", Status.CRASHED)], PLANE) is None
    assert boundary(FOUR, ([1.0, 0.0, 0.0], float("inf"))) is None
    assert boundary(spec("logistic", data="no-such-file.csv"), ([1.0, 0.0, 0.0], 0.1)) is None
