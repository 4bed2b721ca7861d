"""Points at or near the minimum of any problem, found off every clock for the referee to judge by."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

from experiments.lab.reference.smoothing import cornered
from problems.certificates.decrement import FILLED, column_scales
from problems.forms import (
    BasisPursuit,
    Clustering,
    Composite,
    LayeredModel,
    LeastSquares,
    LinearSystem,
    NonlinearLeastSquares,
    Objective,
    PrincipalSubspace,
    Smooth,
    TotalVariation,
    TwiceSmooth,
)
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.linear.penalised_model import PenalisedModel
from solvers.base import Breakdown, Solver
from solvers.composite.proximal import FISTA
from solvers.composite.splitting import PrimalDual
from solvers.composite.taut_string import TautString
from solvers.linear_systems.direct import LU, table_of
from solvers.linear_systems.least_squares_krylov import LSMR
from solvers.peers.scipy.linear_programs import ScipyLinprog
from solvers.second_order.gauss_newton import LevenbergMarquardt
from solvers.second_order.newton import Newton
from solvers.second_order.quasi_newton import LBFGS
from solvers.unsupervised.clustering import Lloyd
from solvers.unsupervised.principal import PrincipalSVD

DENSE = 1000  # coefficients up to which Hessians are formed and their eigenvalues found
FEW = 150  # weights up to which a network's is, whose minima are many, and a column a pass
PASSES = 2e7  # numbers that a pass of each run of k-means may read, all runs together
ROUNDS = 10  # of a thousand accelerated steps, each with an exact one after it


def candidates(problem: Objective) -> Iterator[Vector]:
    """Points ever nearer a minimum, by the surest method first; each method's last iterate is one."""
    theta = problem.start(np.random.default_rng(0))
    if isinstance(problem, BasisPursuit):
        yield _on_the_equations(problem, last(ScipyLinprog(), problem, theta, 1))  # and nothing off them
        return
    if isinstance(problem, PenalisedModel) and problem.loss.corner and problem.dim <= DENSE:
        yield theta
        yield from cornered(problem)
        return
    if isinstance(problem, PrincipalSubspace):
        yield last(PrincipalSVD(), problem, theta, 1)
        return
    if isinstance(problem, Clustering):
        yield _clustered(problem)
        return
    if isinstance(problem, TotalVariation):
        yield last(TautString(), problem, theta, 1)
    if isinstance(problem, LinearSystem) and not isinstance(problem, Smooth):
        yield last(LU(), problem, theta, 1)
    elif isinstance(problem, LeastSquares):
        B, c = table_of(problem)
        if sp.issparse(B) and math.prod(B.shape) > FILLED:
            yield last(LSMR(), problem, theta, 10_000)
        else:
            B = dense(B)
            scales = column_scales(B)
            yield np.ravel((scales * sl.lstsq(B * scales, c)[0].T).T)
    if isinstance(problem, NonlinearLeastSquares) and not problem.convex and problem.dim <= DENSE:
        theta = last(LevenbergMarquardt(), problem, theta, 1000)
        yield theta
    if isinstance(problem, TwiceSmooth) and problem.dim <= (FEW if isinstance(problem, LayeredModel) else DENSE):
        theta = last(Newton(), problem, theta, 100)
    yield theta
    if isinstance(problem, Smooth):
        theta = last(LBFGS(memory=30), problem, theta, 3000)
        yield theta
        if isinstance(problem, Composite) and not isinstance(problem, TwiceSmooth):
            yield _settled(problem, theta)
    elif isinstance(problem, Composite):
        for _ in range(ROUNDS):
            theta = _settled(problem, last(FISTA(), problem, theta, 1000))
            yield theta
    elif isinstance(problem, PenalisedModel):
        yield last(PrimalDual(), problem, theta, 10_000)


def _clustered(problem: Clustering) -> Vector:
    """The lowest of many ends of Lloyd's algorithm, each begun by k-means++: fewer where a pass takes long."""
    runs = int(np.clip(PASSES / (problem.X.size * problem.k), 10, 200))
    starts = (problem.scattered(np.random.default_rng(seed)) for seed in range(runs))
    return min((last(Lloyd(), problem, theta, 300) for theta in starts), key=problem.value)


def _on_the_equations(problem: BasisPursuit, theta: Vector) -> Vector:
    """theta without its dust, A theta = b solved anew on the rest; the nearest solution where that has none."""
    A, b = problem.A, problem.b
    kept = abs(theta) > math.sqrt(EPS) * abs(theta).max()
    sparse = np.zeros_like(theta)
    for _ in range(2):  # and refined once
        sparse[kept] += sl.lstsq(A[:, kept], b - A @ sparse)[0]
    if problem.violation(sparse) <= len(theta) * EPS:
        return sparse
    nearest: Vector = theta + sl.lstsq(A, b - A @ theta)[0]
    return nearest


def _settled(problem: Composite, theta: Vector) -> Vector:
    """theta moved to where f is least among those with its zeros and signs, by Newton's method on the others.

    The rest of f is linear there, and its prox tells its slope. What changes its sign is cut to zero.
    """
    s = problem.smooth
    free = np.flatnonzero(theta)
    hessian = _hessian(s)
    if hessian is None or problem.dim > DENSE or not len(free):
        return theta
    t = 1.0
    while np.any(np.sign(problem.prox(theta, t)[free]) != np.sign(theta[free])) and t > EPS:
        t /= 2
    slope = (theta - problem.prox(theta, t)) / t
    f = problem.value(theta)
    for _ in range(20):
        H, g = hessian(theta)[np.ix_(free, free)], (s.gradient(theta) + slope)[free]
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


def _hessian(s: Smooth) -> Callable[[Vector], Matrix] | None:
    """The Hessian where there is one; of a loss made of parabolas that of the parabolas that each row is on."""
    if isinstance(s, TwiceSmooth):
        return s.hessian
    if not isinstance(s, PenalisedModel):
        return None

    def on_its_parabolas(theta: Vector) -> Matrix:
        H = s.rows.gram(s.loss.total(s.rows @ theta, s.y)[2]) / s.n
        d = s.dim - s.rows.intercept
        H[np.arange(d), np.arange(d)] += s.penalty.l2
        return H

    return on_its_parabolas


def last(solver: Solver[Any], problem: Objective, theta: Vector, most: int) -> Vector:
    iterates = islice(solver.iterate(problem, theta, np.random.default_rng(0)), most)
    with suppress(Breakdown):
        for iterate in iterates:
            theta = iterate
    return theta
