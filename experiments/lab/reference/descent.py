"""Whether a point is one where a descent stops: the test for a run that ended above the lowest f known."""

from __future__ import annotations

from problems.forms import Clustering, NonlinearLeastSquares, Objective, Smooth
from problems.foundation.arrays import Vector
from solvers.base.driving import last_iterate
from solvers.second_order.gauss_newton import LevenbergMarquardt
from solvers.second_order.quasi_newton import LBFGS
from solvers.unsupervised.clustering import Lloyd

STEPS = 200  # of the descent


def is_stationary(problem: Objective, theta: Vector, least: float) -> bool:
    """Whether a descent from theta lowers f by no more than `least`; False where no descent is known."""
    lower = problem.value(theta) - least
    if isinstance(problem, NonlinearLeastSquares):
        return problem.value(last_iterate(LevenbergMarquardt(), problem, theta, STEPS)) >= lower
    if isinstance(problem, Clustering):
        return problem.value(last_iterate(Lloyd(), problem, theta, STEPS)) >= lower
    return isinstance(problem, Smooth) and problem.value(last_iterate(LBFGS(), problem, theta, STEPS)) >= lower
