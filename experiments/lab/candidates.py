"""Points at or near the minimum of any problem, found off every clock for the referee to judge by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np
import scipy.linalg as sl

from problems.arrays import EPS, Vector
from problems.certificates import column_scales
from problems.forms import Composite, LeastSquares, LinearSystem, Objective, Smooth, TwiceSmooth
from solvers.base import Breakdown, Solver
from solvers.direct import LU
from solvers.newton import Newton
from solvers.proximal import FISTA
from solvers.quasi_newton import LBFGS

DENSE = 1000  # coefficients up to which Hessians are formed and their eigenvalues found
ROUNDS = 10  # of a thousand accelerated steps, each with an exact one after it


def candidates(problem: Objective) -> Iterator[Vector]:
    """Points ever nearer a minimum, by the surest method first; each method's last iterate is one."""
    theta = problem.start(np.random.default_rng(0))
    if isinstance(problem, LinearSystem) and not isinstance(problem, Smooth):
        yield last(LU(), problem, theta, 1)
    elif isinstance(problem, LeastSquares):
        B, c = problem.least_squares()
        scales = column_scales(B)
        yield scales * sl.lstsq(B * scales, c)[0]
    if isinstance(problem, TwiceSmooth) and problem.dim <= DENSE:
        theta = last(Newton(), problem, theta, 100)
    yield theta
    if isinstance(problem, Smooth):
        yield last(LBFGS(memory=30), problem, theta, 3000)
    elif isinstance(problem, Composite):
        for _ in range(ROUNDS):
            theta = _settled(problem, last(FISTA(), problem, theta, 1000))
            yield theta


def _settled(problem: Composite, theta: Vector) -> Vector:
    """theta moved to where f is least among those with its zeros and signs, by Newton's method on the others.

    The rest of f is linear there, and its prox tells its slope. What changes its sign is cut to zero.
    """
    s = problem.smooth
    free = np.flatnonzero(theta)
    if not isinstance(s, TwiceSmooth) or problem.dim > DENSE or not len(free):
        return theta
    t = 1.0
    while np.any(np.sign(problem.prox(theta, t)[free]) != np.sign(theta[free])) and t > EPS:
        t /= 2
    slope = (theta - problem.prox(theta, t)) / t
    f = problem.value(theta)
    for _ in range(20):
        H, g = s.hessian(theta)[np.ix_(free, free)], (s.gradient(theta) + slope)[free]
        new = theta.copy()
        new[free] -= sl.lstsq(H, g, check_finite=False)[0]
        new[(slope != 0) & (np.sign(new) != np.sign(theta))] = 0.0
        new = problem.prox(new, 0.0)
        lower = problem.value(new)
        if not lower < f:
            break
        theta, f = new, lower
        free = np.flatnonzero(theta)
    return theta


def last(solver: Solver[Any], problem: Objective, theta: Vector, most: int) -> Vector:
    iterates = islice(solver.iterate(problem, theta, np.random.default_rng(0)), most)
    with suppress(Breakdown):
        for iterate in iterates:
            theta = iterate
    return theta
