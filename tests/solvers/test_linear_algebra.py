"""Linear solvers against bounds of the backward and forward error, invariances, and their theory.

EPS is the rounding unit, C = 30 the limit on each ratio unless a test says otherwise.
Sources: Higham, Accuracy and Stability of Numerical Algorithms (2002); Karlson & Walden (1997),
doi:10.1007/BF02510412, for the backward error of least squares.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.linalg import cond, norm

from problems.foundation.arrays import EPS
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.rows import Rows
from problems.systems.linear_system import PositiveDefinite
from solvers.base import Breakdown
from solvers.base.spectrum import largest_curvature
from solvers.first_order.descent import GradientDescent
from solvers.linear_systems.direct import LU, QR, SVD, Cholesky, NormalEquations, cholesky_factor, lu_factor, qr_factor
from solvers.linear_systems.krylov import ConjugateGradient, PreconditionedCG
from solvers.linear_systems.least_squares_krylov import LSMR, LSQR
from solvers.linear_systems.stationary import Jacobi
from solvers.peers.scipy.linear import Lstsq, ScipySolve, ScipySpsolve
from solvers.second_order.newton import Newton
from solvers.second_order.quasi_newton import LBFGS
from tests.helpers.small_problems import answer, first_iterates, least_squares, matrix

C = 30
SEEDS = st.integers(0, 2**32)
SIZES = st.integers(1, 25)
CONDITIONS = st.sampled_from([1.0, 10.0, 1e3, 1e5])
DRIVERS: tuple[Any, ...] = ("gelsd", "gelsy", "gelss")


def spd(d: int, condition: float, rng: np.random.Generator) -> np.ndarray:
    Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
    A = (Q * np.geomspace(1, 1 / condition, d)) @ Q.T
    symmetrised: np.ndarray = (A + A.T) / 2
    return symmetrised


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_square_systems_have_small_backward_error(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    b = rng.standard_normal(d)
    for method, A in (
        (LU(), matrix(d, d, condition, rng)),
        (Cholesky(), spd(d, condition, rng)),
        (LU(), spd(d, condition, rng)),
        (ScipySolve(), matrix(d, d, condition, rng)),
        (ScipySpsolve(), matrix(d, d, condition, rng)),
    ):
        x = answer(method, PositiveDefinite(A, b), d)
        assert norm(b - A @ x, 1) <= C * norm(A, 1) * norm(x, 1) * EPS


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS, noise=st.sampled_from([0.0, 1e-6, 1.0]))
def test_least_squares_has_small_backward_error(seed: int, d: int, condition: float, noise: float) -> None:
    rng = np.random.default_rng(seed)
    m = d + int(rng.integers(0, 60))
    X = matrix(m, d, condition, rng)
    y = X @ rng.standard_normal(d) + noise * rng.standard_normal(m)
    for method, limit in (
        (QR(), C),
        (QR(minimum_norm=True), C),
        (SVD(), C),
        *((Lstsq(driver), C) for driver in DRIVERS),
        (NormalEquations(), C * condition),
    ):
        b = answer(method, least_squares(X, y), d)
        r = y - X @ b
        eta = norm(r) / norm(b)
        U, s, _ = np.linalg.svd(X, full_matrices=False)
        backward = norm(s / np.sqrt(s**2 + eta**2) * (U.T @ r))  # |(X'X + eta^2 I)^(-1/2) X'r|
        assert backward <= limit * norm(b) * norm(X) * max(m, d) * EPS


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_factors_multiply_to_the_matrix(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    A = spd(d, condition, rng)
    L = np.tril(cholesky_factor(A)[0])
    assert norm(A - L @ L.T) <= C * d * norm(A) * EPS
    A = matrix(d, d, condition, rng)
    factors, pivots = lu_factor(A)
    product = (np.tril(factors, -1) + np.eye(d)) @ np.triu(factors)
    for k, pivot in reversed(list(enumerate(pivots))):
        product[[k, pivot]] = product[[pivot, k]]
    assert norm(A - product) <= C * d * norm(A) * EPS
    B = matrix(d + 7, d, condition, rng)
    Q, R = qr_factor(B, np.eye(d + 7))
    assert norm(B - Q @ R) <= C * (d + 7) * norm(B) * EPS
    assert norm(np.eye(d) - Q.T @ Q, 1) <= C * (d + 7) * EPS


BY_NORMAL_EQUATIONS = (NormalEquations, Cholesky, ScipySolve)


def fitted(method: Any, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The least-squares solution: from the rows, or for a method for linear systems from the normal equations."""
    objective = PositiveDefinite(X.T @ X, X.T @ y) if isinstance(method, Cholesky | ScipySolve) else least_squares(X, y)
    return answer(method, objective, X.shape[1])


def bound(X: np.ndarray, y: np.ndarray, b: np.ndarray, method: Any) -> float:
    """The bound of the error of b: d eps (k + k^2 |r| / (|X| |b|)) |b|, with k^2 for k by the normal equations."""
    k = cond(X)
    k = k * k if isinstance(method, BY_NORMAL_EQUATIONS) else k
    r = norm(y - X @ b)
    return float(X.shape[1] * EPS * (k + k * k * r / (norm(X, 2) * norm(b))) * norm(b))


METHODS = st.sampled_from(
    [QR(), QR(minimum_norm=True), SVD(), NormalEquations(), Cholesky(), ScipySolve(), *map(Lstsq, DRIVERS)]
)


@settings(max_examples=80)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS, method=METHODS, noise=st.sampled_from([0.0, 1e-3, 1.0]))
def test_forward_error_is_within_theory(seed: int, d: int, condition: float, method: Any, noise: float) -> None:
    rng = np.random.default_rng(seed)
    m = 2 * d + 3
    X = matrix(m, d, condition, rng)
    exact = rng.standard_normal(d)
    residual = rng.standard_normal(m)
    residual -= X @ np.linalg.lstsq(X, residual, rcond=None)[0]  # orthogonal to the columns
    y = X @ exact + noise * residual
    solution = fitted(method, X, y)
    assert norm(solution - exact) <= C * bound(X, y, exact, method)


@settings(max_examples=80)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS, method=METHODS)
def test_least_squares_is_equivariant(seed: int, d: int, condition: float, method: Any) -> None:
    rng = np.random.default_rng(seed)
    m = 2 * d + 3
    X = matrix(m, d, condition, rng)
    y = X @ rng.standard_normal(d) + 0.1 * rng.standard_normal(m)
    b = fitted(method, X, y)
    limit = C * bound(X, y, b, method)
    order = rng.permutation(m)
    assert norm(fitted(method, X[order], y[order]) - b) <= limit
    rotation, _ = np.linalg.qr(rng.standard_normal((d, d)))
    assert norm(rotation @ fitted(method, X @ rotation, y) - b) <= limit
    c = rng.standard_normal(d)
    moved = fitted(method, X, y + X @ c)
    assert norm(moved - (b + c)) <= limit + C * bound(X, y + X @ c, moved, method)
    weight = rng.integers(1, 4, m)
    twice = fitted(method, np.repeat(X, weight, axis=0), np.repeat(y, weight))
    root = np.sqrt(weight)
    weighted = fitted(method, root[:, None] * X, root * y)
    assert norm(twice - weighted) <= 3 * C * bound(root[:, None] * X, root * y, weighted, method)


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, power=st.integers(-20, 20))
def test_scaling_by_powers_of_two_is_exact(seed: int, d: int, power: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = matrix(2 * d + 3, d, 100.0, rng), rng.standard_normal(2 * d + 3)
    A = spd(d, 100.0, rng)
    scales = 2.0 ** rng.integers(-8, 9, d)
    for method, objective, scaled, columns in (
        (QR(), least_squares(X, y), least_squares(X, y * 2.0**power), least_squares(X * scales, y)),
        (
            Cholesky(),
            PositiveDefinite(A, y[:d]),
            PositiveDefinite(A, y[:d] * 2.0**power),
            PositiveDefinite(scales[:, None] * A * scales, scales * y[:d]),
        ),
    ):
        b = answer(method, objective, d)
        assert (answer(method, scaled, d) == b * 2.0**power).all()
        assert (answer(method, columns, d) == b / scales).all()


@settings(max_examples=60)
@given(seed=SEEDS, d=st.integers(5, 40), rank=st.integers(1, 6))
def test_cg_on_the_identity_plus_rank_k_ends_after_k_plus_a_few_iterations(seed: int, d: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    U, _ = np.linalg.qr(rng.standard_normal((d, min(rank, d))))
    A = np.eye(d) + (U * rng.uniform(1, 100, U.shape[1])) @ U.T
    b = rng.standard_normal(d)
    steps = first_iterates(ConjugateGradient(), PositiveDefinite(A, b), np.zeros(d), rank + 3)
    assert norm(b - A @ steps[-1]) <= C * norm(b) * cond(A) * EPS


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, condition=st.sampled_from([1.0, 10.0, 1e3, 1e6]))
def test_the_error_of_cg_never_increases_in_the_a_norm(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    A = spd(d, condition, rng)
    exact = rng.standard_normal(d)
    for method in (ConjugateGradient(), PreconditionedCG("jacobi"), PreconditionedCG("ssor")):
        steps = [np.zeros(d), *first_iterates(method, PositiveDefinite(A, A @ exact), np.zeros(d), 3 * d)]
        errors = [np.sqrt(max((x - exact) @ A @ (x - exact), 0.0)) for x in steps]
        slack = C * EPS * np.sqrt(cond(A)) * d * errors[0]
        assert all(later <= earlier + slack for earlier, later in pairwise(errors)), method


@pytest.mark.parametrize(
    ("method", "objective"),
    [
        (Cholesky(), PositiveDefinite(np.diag([1.0, -1.0]), np.ones(2))),
        (NormalEquations(), least_squares(np.ones((4, 2)), np.arange(4.0))),
        (LU(), PositiveDefinite(np.zeros((2, 2)), np.ones(2))),
        (QR(), least_squares(np.ones((4, 2)), np.arange(4.0))),
        (QR(), least_squares(np.ones((1, 2)), np.ones(1))),
        (Jacobi(), PositiveDefinite(np.array([[0.0, 1.0], [1.0, 0.0]]), np.ones(2))),
    ],
)
def test_a_breakdown_is_a_sentence(method: Any, objective: Any) -> None:
    with pytest.raises(Breakdown, match=r"\w+ .* \w+"):
        answer(method, objective, 2)


@settings(max_examples=40)
@given(seed=SEEDS, d=st.integers(2, 20), rank=st.integers(1, 5), wide=st.booleans())
def test_dependent_columns_give_the_solution_of_minimum_norm(seed: int, d: int, rank: int, wide: bool) -> None:
    rng = np.random.default_rng(seed)
    m = d // 2 + 1 if wide else d + 4
    rank = min(rank, d, m)
    B = 1.0 * rng.integers(-4, 5, (m, rank)) @ rng.integers(-4, 5, (rank, d))  # integers: the rank is exact
    U, s, Vt = np.linalg.svd(B)
    assume(s[rank - 1] > 1e-3 * s[0] and s[1:2].sum() < 0.9 * s[0])
    y = rng.standard_normal(m)
    minimum_norm = Vt[:rank].T @ (U[:, :rank].T @ y / s[:rank])
    for method in (SVD(), QR(minimum_norm=True), LSQR(), LSMR()):
        np.testing.assert_allclose(
            answer(method, least_squares(B, y), d, 500), minimum_norm, atol=1e-7 * norm(y) / s[rank - 1]
        )
    ones = least_squares(np.ones((4, 2)), np.arange(4.0))
    np.testing.assert_allclose(answer(Lstsq(), ones, 2), [0.75, 0.75], atol=1e-14)  # the peer too, with the cutoff eps
    cut = answer(SVD(cutoff=0.999), least_squares(B, y), d)
    np.testing.assert_allclose(cut, Vt[0] * (U[:, 0] @ y / s[0]), atol=1e-9 * norm(y) / s[0])


@settings(max_examples=60)
@given(
    seed=SEEDS,
    spectrum=st.sampled_from([[2.5] + [1.0] * 100, [2.2] + [1.0] * 800, [1.0, 0.99, 0.98], [3.0], [1.0, 1e-9]]),
    scale=st.sampled_from([1e-100, 1e-8, 1.0, 1e8]),
)
def test_the_default_step_is_below_two_over_the_largest_curvature(
    seed: int, spectrum: list[float], scale: float
) -> None:
    rng = np.random.default_rng(seed)
    d = len(spectrum)
    Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
    X = np.sqrt(d * scale) * (np.sqrt(spectrum)[:, None] * Q.T)
    objective: Any = linear_model(Rows(X, intercept=False), np.ones(d), squared)
    L = largest_curvature(objective, np.zeros(d), rng)
    assert 0.95 * scale * max(spectrum) <= L <= 1.1 * scale * max(spectrum)


def test_no_curvature_is_a_breakdown_with_a_reason() -> None:
    objective: Any = linear_model(Rows(np.zeros((3, 2)), intercept=False), np.ones(3), squared)
    with pytest.raises(Breakdown, match="no curvature"):
        largest_curvature(objective, np.zeros(2), np.random.default_rng(0))


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_lbfgs_and_newton_do_not_depend_on_the_scale_of_columns(scale: float) -> None:
    rng = np.random.default_rng(0)
    objective: Any = linear_model(
        Rows(scale * rng.standard_normal((40, 3)), intercept=False), rng.standard_normal(40), squared
    )
    smallest = objective.value(answer(QR(), objective, 3))
    for method in (LBFGS(), Newton(), GradientDescent()):
        assert objective.value(answer(method, objective, 3, 500)) - smallest <= 1e-8
