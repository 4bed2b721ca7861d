"""The last steps of Levenberg-Marquardt, where f is flat up to rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.forms import NonlinearLeastSquares
from problems.foundation.arrays import Matrix, Vector
from solvers.second_order.gauss_newton import LevenbergMarquardt
from tests.helpers.small_problems import first_iterates


class Bent(NonlinearLeastSquares):
    """r = (A theta, 1 + ratio |B theta|^2 / 2): f is lowest at 0, where a Gauss-Newton step gives -ratio (A'A)^-1 B'B.

    B = A makes this -ratio I; another B can make the first steps longer than the start, although the method converges.
    """

    def __init__(self, A: Matrix, B: Matrix, ratio: float) -> None:
        self.A, self.B, self.ratio = A, B, ratio

    @property
    def dim(self) -> int:
        return self.A.shape[1]

    def sibling(self) -> Bent:
        return self

    def residual(self, theta: Vector) -> Vector:
        image = self.B @ theta
        return np.append(self.A @ theta, 1 + self.ratio * (image @ image) / 2)

    def residual_and_jacobian(self, theta: Vector) -> tuple[Vector, Matrix]:
        return self.residual(theta), np.vstack([self.A, self.ratio * self.B.T @ (self.B @ theta)])

    def value(self, theta: Vector) -> float:
        r = self.residual(theta)
        return float(r @ r) / 2

    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        r, J = self.residual_and_jacobian(theta)
        return float(r @ r) / 2, J.T @ r

    def gradient(self, theta: Vector) -> Vector:
        return self.value_and_gradient(theta)[1]


SKEW = np.array([[1.0, 0.97], [0.0, math.sqrt(1 - 0.97**2)]])  # its columns have length 1


@pytest.mark.parametrize(
    ("A", "B", "ratio", "theta0"),
    [
        pytest.param(np.eye(2), np.eye(2), 0.9, [1e-9, 0.0], id="slow"),
        pytest.param(SKEW, np.diag([0.0, 1.0]), 0.8 * (1 - 0.97**2), [0.0, 1e-9], id="longer at first"),
    ],
)
def test_refinement_goes_on_while_gauss_newton_converges(
    A: Matrix, B: Matrix, ratio: float, theta0: list[float]
) -> None:
    start = np.array(theta0)
    iterates = first_iterates(LevenbergMarquardt(), Bent(A, B, ratio), start, 100)
    assert norm(iterates[-1]) <= 0.02 * norm(start)


@given(ratio=st.floats(1.05, 3), seed=st.integers(0, 2**32))
def test_refinement_goes_nowhere_where_gauss_newton_diverges(ratio: float, seed: int) -> None:
    start = 1e-9 * np.random.default_rng(seed).standard_normal(2)
    iterates = first_iterates(LevenbergMarquardt(), Bent(SKEW, SKEW, ratio), start, 100)
    assert all(norm(theta) <= 1.01 * norm(start) for theta in iterates)
