"""Points at or near the minimum of any problem, found off every clock: the referee evaluates its bounds there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp

from experiments.lab.reference import curve_search
from problems.certificates.decrement import MOST_DENSE_ENTRIES, column_scales
from problems.curves.curve import Curve
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
from problems.networks.layers import dense_layers, initial_theta
from solvers.base.driving import last_iterate
from solvers.composite.proximal import FISTA
from solvers.composite.splitting import PrimalDual
from solvers.composite.taut_string import TautString
from solvers.linear_systems.direct import LU, least_squares_of
from solvers.linear_systems.least_squares_krylov import LSMR
from solvers.peers.scipy.linear_programs import ScipyLinprog
from solvers.second_order.gauss_newton import LevenbergMarquardt
from solvers.second_order.newton import Newton
from solvers.second_order.quasi_newton import LBFGS
from solvers.unsupervised.clustering import Lloyd
from solvers.unsupervised.principal import PrincipalSVD

DENSE = 1000  # coefficients up to which Hessians are formed and their eigenvalues computed
FEW = 150  # weights up to which a network's Hessian is formed: one pass for each column
PASSES = 2e7  # numbers that one pass of all runs of k-means together may read
WEIGHT_PASSES = 1e6  # numbers that one pass of all runs of a network together may read: rows times weights
NEGLIGIBLE = 1e-6  # share of f at the start below which a network fits its rows
ROUNDS = 10  # of a thousand accelerated steps, each followed by an exact one


def reference_points(problem: Objective) -> Iterator[Vector]:
    """Points that come closer to a minimum, by the most reliable method first; each method's last iterate is one."""
    theta = problem.start(np.random.default_rng(0))
    if isinstance(problem, BasisPursuit):
        yield _exact_solution(
            problem, last_iterate(ScipyLinprog(), problem, theta, 1)
        )  # no point off the equations is a solution
        return
    if isinstance(problem, PrincipalSubspace):
        yield last_iterate(PrincipalSVD(), problem, theta, 1)
        return
    if isinstance(problem, Clustering):
        yield _best_clusters(problem)
        return
    if isinstance(problem, TotalVariation):
        yield last_iterate(TautString(), problem, theta, 1)
    if isinstance(problem, LinearSystem) and not isinstance(problem, Smooth):
        yield last_iterate(LU(), problem, theta, 1)
    elif isinstance(problem, LeastSquares):
        B, c = least_squares_of(problem)
        if sp.issparse(B) and math.prod(B.shape) > MOST_DENSE_ENTRIES:
            yield last_iterate(LSMR(), problem, theta, 10_000)
        else:
            B = dense(B)
            scales = column_scales(B)
            yield np.ravel((scales * sl.lstsq(B * scales, c)[0].T).T)
    if isinstance(problem, NonlinearLeastSquares) and not problem.convex and problem.dim <= DENSE:
        theta = _lowest_fit(problem, theta)
        yield theta
    if isinstance(problem, TwiceSmooth) and problem.dim <= (FEW if isinstance(problem, LayeredModel) else DENSE):
        theta = last_iterate(Newton(), problem, theta, 100)
    yield theta
    if isinstance(problem, Smooth):
        theta = last_iterate(LBFGS(memory=30), problem, theta, 3000)
        yield theta
        if isinstance(problem, Composite) and not isinstance(problem, TwiceSmooth):
            yield _refined(problem, theta)
    elif isinstance(problem, Composite):
        for _ in range(ROUNDS):
            theta = _refined(problem, last_iterate(FISTA(), problem, theta, 1000))
            yield theta
    elif isinstance(problem, PenalisedModel):
        yield last_iterate(PrimalDual(), problem, theta, 10_000)
    if isinstance(problem, LayeredModel) and not problem.convex:
        yield from _other_starts(problem, problem.value(theta))


def _other_starts(problem: LayeredModel, f: float) -> Iterator[Vector]:
    """Where descents from random weights end, whatever the problem's own start, unless f is a small share of its first.

    From the problem's own start they may all be the same: zeros stay at a saddle point.
    """
    layers = dense_layers(problem.widths, problem.activation)
    runs = int(np.clip(WEIGHT_PASSES / (problem.n * problem.dim), 2, 30))
    for seed in range(1, runs):
        start = initial_theta(layers, "he", np.random.default_rng(seed))
        if f < NEGLIGIBLE * problem.value(start):
            return
        theta = last_iterate(LBFGS(memory=30), problem, start, 1000)
        f = min(f, problem.value(theta))
        yield theta


def _lowest_fit(problem: NonlinearLeastSquares, theta: Vector) -> Vector:
    """The lowest end of Levenberg-Marquardt from theta and, of a curve, from the starts of a search.

    A certified answer in the file is one of them.
    """
    starts = [theta]
    if isinstance(problem, Curve):
        starts += [np.array(problem.about.certified)] if problem.about.certified else []
        starts += curve_search.starts(problem, np.random.default_rng(0))
    ends = [last_iterate(LevenbergMarquardt(), problem, start, 1000) for start in starts]
    return min([*starts, *ends], key=lambda point: _finite(problem.value(point)))


def _finite(f: float) -> float:
    return f if math.isfinite(f) else math.inf


def _best_clusters(problem: Clustering) -> Vector:
    """The best of many runs of Lloyd's algorithm from k-means++ starts; fewer runs where a pass takes long."""
    runs = int(np.clip(PASSES / (problem.X.size * problem.k), 10, 200))
    starts = (problem.plus_plus_start(np.random.default_rng(seed)) for seed in range(runs))
    return min((last_iterate(Lloyd(), problem, theta, 300) for theta in starts), key=problem.value)


def _exact_solution(problem: BasisPursuit, theta: Vector) -> Vector:
    """theta without its negligible entries, A theta = b solved on the others; else the nearest solution."""
    A, b = problem.A, problem.b
    kept = abs(theta) > math.sqrt(EPS) * abs(theta).max()
    sparse = np.zeros_like(theta)
    for _ in range(2):  # the second time refines
        sparse[kept] += sl.lstsq(A[:, kept], b - A @ sparse)[0]
    if problem.violation(sparse) <= len(theta) * EPS:
        return sparse
    nearest: Vector = theta + sl.lstsq(A, b - A @ theta)[0]
    return nearest


def _refined(problem: Composite, theta: Vector) -> Vector:
    """The minimum over the points with the zeros and signs of theta, by Newton's method on the other coefficients.

    The nonsmooth part of f is linear there, and its prox gives its gradient. A coefficient that changes sign becomes 0.
    """
    s = problem.smooth
    free = np.flatnonzero(theta)
    hessian = _hessian(s)
    if hessian is None or problem.dim > DENSE or not len(free):
        return theta
    t = 1.0
    while np.any(np.sign(problem.prox(theta, t)[free]) != np.sign(theta[free])) and t > EPS:
        t /= 2
    rest_gradient = (theta - problem.prox(theta, t)) / t
    f = problem.value(theta)
    for _ in range(20):
        H, g = hessian(theta)[np.ix_(free, free)], (s.gradient(theta) + rest_gradient)[free]
        new = theta.copy()
        new[free] -= sl.lstsq(H, g, check_finite=False)[0]
        new[(rest_gradient != 0) & (np.sign(new) != np.sign(theta))] = 0.0
        new = problem.prox(new, 0.0)
        f_new = problem.value(new)
        if not f_new < f:
            break
        theta, f = new, f_new
        free = np.flatnonzero(theta)
    return theta


def _hessian(s: Smooth) -> Callable[[Vector], Matrix] | None:
    """The Hessian where there is one; of a piecewise quadratic loss that of the pieces on which the rows lie."""
    if isinstance(s, TwiceSmooth):
        return s.hessian
    if not isinstance(s, PenalisedModel):
        return None

    def of_the_pieces(theta: Vector) -> Matrix:
        H = s.rows.gram(s.loss.total(s.rows @ theta, s.y)[2]) / s.n
        d = s.dim - s.rows.intercept
        H[np.arange(d), np.arange(d)] += s.penalty.l2
        return H

    return of_the_pieces
