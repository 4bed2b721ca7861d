"""Whether a point is one where a descent stops: the test for a run that ended above the lowest f known."""

from __future__ import annotations

from typing import Any

from problems.forms import Clustering, LayeredModel, NonlinearLeastSquares, Objective, Smooth
from problems.foundation.arrays import Vector
from solvers.base import Solver
from solvers.base.driving import last_iterate
from solvers.second_order.gauss_newton import LevenbergMarquardt
from solvers.second_order.quasi_newton import LBFGS
from solvers.unsupervised.clustering import Lloyd

STEPS = 200  # of the descent


def is_stationary(problem: Objective, theta: Vector, least: float) -> bool:
    """Whether a descent from theta lowers f by no more than `least`; False where no descent is known."""
    if isinstance(problem, Clustering):
        method: Solver[Any] = Lloyd()
    elif isinstance(problem, NonlinearLeastSquares) and not isinstance(problem, LayeredModel):
        method = LevenbergMarquardt()
    elif isinstance(problem, Smooth):
        method = LBFGS()  # of a network too, whose Jacobian may be large
    else:
        return False
    end = last_iterate(method, problem, theta, STEPS)
    return problem.value(end) >= problem.value(theta) - least
