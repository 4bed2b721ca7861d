"""Solvers of linear systems against one another and their theory, and the systems that they are given."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import cond, norm

from experiments.lab.run.cell import run_cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import SpecError
from problems.data.synthetic.matrices import convection, poisson
from problems.forms import Ledger, LinearModel, Smooth, SPDSystem, SymmetricSystem
from problems.foundation.arrays import EPS
from problems.systems.linear_system import PositiveDefinite
from solvers.base import Breakdown
from solvers.linear_systems.direct import LU, QR, SVD, Cholesky, NormalEquations
from solvers.linear_systems.krylov import GMRES, MINRES, ConjugateGradient, PreconditionedCG
from solvers.linear_systems.least_squares_krylov import LSMR, LSQR
from solvers.linear_systems.preconditioners import ic0, ssor
from solvers.linear_systems.stationary import SOR, GaussSeidel, Jacobi, Richardson
from tests.helpers.small_problems import System, Table, answer, flat, matrix, problem, reference

C = 30
SEEDS = st.integers(0, 2**32)
SIZES = st.integers(2, 20)
CONDITIONS = st.sampled_from([1.0, 10.0, 1e3])
IC = "incomplete-cholesky"
ITERATIVE = (
    *(Jacobi(), GaussSeidel(), SOR(), Richardson()),
    *(ConjugateGradient(), PreconditionedCG("jacobi"), PreconditionedCG("ssor"), PreconditionedCG(IC)),  # type: ignore[arg-type]
    *(MINRES(), GMRES(), LSQR(), LSMR()),
)
DIRECT = (LU(), Cholesky(), QR(), QR(minimum_norm=True), SVD(), NormalEquations())


def symmetric(values: Any, rng: np.random.Generator) -> np.ndarray:
    Q, _ = np.linalg.qr(rng.standard_normal((len(values), len(values))))
    A = (Q * values) @ Q.T
    return (A + A.T) / 2


def sparse_definite(d: int, rng: np.random.Generator) -> np.ndarray:
    """Symmetric, diagonally dominant, most entries zero."""
    A = np.where(rng.random((d, d)) < 0.3, rng.standard_normal((d, d)), 0.0)
    A = A + A.T
    np.fill_diagonal(A, abs(A).sum(1) + rng.uniform(0.1, 1.0, d))
    return A


def steps(method: Any, on: Any, theta0: np.ndarray, most: int) -> list[np.ndarray]:
    return flat(method.iterate(on, theta0, np.random.default_rng(0)), most)


def falls(sizes: list[float], slack: float) -> bool:
    return all(later <= earlier + slack for earlier, later in pairwise(sizes))


@settings(max_examples=40)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_equivalences(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    A, theta0 = symmetric(np.geomspace(1, 1 / condition, d), rng), rng.standard_normal(d)
    on = System(A, rng.standard_normal(d))
    for one, other in ((SOR(1.0), GaussSeidel()), (PreconditionedCG("identity"), ConjugateGradient())):
        np.testing.assert_array_equal(steps(one, on, theta0, 30), steps(other, on, theta0, 30))
    X, y = matrix(2 * d, d, 5.0, rng), rng.standard_normal(2 * d)
    normal = System(X.T @ X, X.T @ y)
    for method, where, same, there in (
        (MINRES(), on, GMRES(restart=None), on),
        (LSQR(), Table(X, y), ConjugateGradient(), normal),
        (LSMR(), Table(X, y), MINRES(), normal),
    ):
        found, other = steps(method, where, theta0, min(d, 5)), steps(same, there, theta0, min(d, 5))
        count = min(len(found), len(other))
        np.testing.assert_allclose(found[:count], other[:count], rtol=1e-7, atol=1e-8, err_msg=str(method))


@settings(max_examples=30)
@given(seed=SEEDS, d=SIZES)
def test_dense_and_sparse_matrices_give_the_same_iterates(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    A, b = sparse_definite(d, rng), rng.standard_normal(d)
    for method in (*ITERATIVE, *DIRECT):
        for on in (PositiveDefinite(A, b), PositiveDefinite(sp.csr_array(A), b)):
            found = steps(method, on, np.zeros(d), 2000)
            assert on.value(found[-1]) <= 1e-8, method
        other = steps(method, PositiveDefinite(A, b), np.zeros(d), 5)
        count = min(len(found), len(other), 5)
        np.testing.assert_allclose(found[:count], other[:count], rtol=1e-7, atol=1e-8, err_msg=str(method))


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_minimum_residuals_never_rise(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], d)
    b, theta0 = rng.standard_normal(d), rng.standard_normal(d)
    for method, A in (
        (MINRES(), symmetric(signs * np.geomspace(1, 1 / condition, d), rng)),
        (GMRES(restart=3), matrix(d, d, condition, rng)),
        (GMRES(restart=None), matrix(d, d, condition, rng)),
    ):
        found = [theta0, *steps(method, System(A, b), theta0, 3 * d)]
        residuals = [float(norm(b - A @ theta)) for theta in found]
        assert falls(residuals, C * EPS * d * (condition * norm(b) + residuals[0])), method
    assert residuals[min(d, len(residuals) - 1)] <= C * EPS * d * (condition * norm(b) + residuals[0]), (
        "ends in d steps"
    )
    X, y = matrix(d + 5, d, condition, rng), rng.standard_normal(d + 5)
    slopes = [float(norm(X.T @ (y - X @ theta))) for theta in [theta0, *steps(LSMR(), Table(X, y), theta0, 3 * d)]]
    assert falls(slopes, C * EPS * d * (condition * norm(y) + norm(y - X @ theta0)))


@settings(max_examples=40)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_cg_keeps_chebyshev_s_promise(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    A, exact = symmetric(np.linspace(1 / condition, 1, d), rng), rng.standard_normal(d)
    root = np.sqrt(condition)
    errors = [exact, *(exact - theta for theta in steps(ConjugateGradient(), System(A, A @ exact), np.zeros(d), d))]
    sizes = [np.sqrt(max(e @ A @ e, 0.0)) for e in errors]
    for k, size in enumerate(sizes):
        assert size <= (2 * ((root - 1) / (root + 1)) ** k + C * d * root * EPS) * sizes[0]


@pytest.mark.parametrize("method", [Richardson(), Richardson(1.5), ConjugateGradient(), MINRES()])
def test_the_lab_sees_the_rate_that_theory_gives(method: Any) -> None:
    """The gap is the residual itself here, and not the square of an error."""
    spec = "linear-system(matrix=spd, spectrum=uniform, n=300, condition=50, solution=random)"
    rule = Rule(tolerance=1e-9 if isinstance(method, Richardson) else 1e-6)
    outcome = run_cell(problem(spec), method, 0, rule, reference(spec))
    assert outcome.status == "solved"
    assert outcome.observed is not None
    assert outcome.predicted is not None
    within = 1e-3 if isinstance(method, Richardson) else 0.05
    assert outcome.observed.factor == pytest.approx(outcome.predicted.factor, rel=within)


@pytest.mark.parametrize("method", [*ITERATIVE, *DIRECT], ids=str)
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
def test_from_the_solution_there_is_nowhere_to_go(method: Any, form: Any) -> None:
    A = 4 * np.eye(9) - np.eye(9, k=1) - np.eye(9, k=-1)
    exact = np.arange(-4.0, 5.0)  # whole numbers: b is exact
    found = steps(method, PositiveDefinite(form(A), A @ exact), exact, 10)
    assert len(found) <= 1
    assert all(norm(theta - exact) <= C * EPS * norm(exact) for theta in found)


@settings(max_examples=40)
@given(seed=SEEDS, d=SIZES)
def test_preconditioners_are_the_matrices_that_they_claim_to_be(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    A, r = sparse_definite(d, rng), rng.standard_normal(d)
    T = np.tril(A) / np.sqrt(np.diag(A))
    np.testing.assert_allclose(T @ (T.T @ ssor(A)(r)), r, atol=1e-12 * norm(r))
    tridiagonal = A * (abs(np.subtract.outer(np.arange(d), np.arange(d))) <= 1)
    for complete in (tridiagonal, A @ A):  # without fill, or with no zero to keep: Cholesky's own factor
        if (complete != 0).all() or complete is tridiagonal:
            solved = complete @ ic0(sp.csr_array(complete))(r)
            np.testing.assert_allclose(solved, r, atol=C * d * EPS * cond(complete) * norm(r))
    assert len(steps(PreconditionedCG(IC), System(tridiagonal, r), np.zeros(d), 9)) <= 2  # type: ignore[arg-type]


def test_a_restart_that_gains_nothing_is_told() -> None:
    """On a cyclic shift the residual stands still for d - 1 steps."""
    shift, b = np.roll(np.eye(6), 1, axis=0), np.eye(6)[0]
    run = GMRES(restart=5).iterate(System(shift, b), np.zeros(6), np.random.default_rng(0))
    assert len(list(islice(run, 100))) == 5
    assert norm(b - shift @ answer(GMRES(restart=None), System(shift, b), 6)) <= EPS


ROW = sp.csr_array(np.array([[1.0, 2.0], [2.0, 4.0]]))


@pytest.mark.parametrize(
    ("method", "A"),
    [
        (LU(), ROW),
        (Cholesky(), -ROW),
        (GaussSeidel(), np.array([[0.0, 1.0], [1.0, 0.0]])),
        (Richardson(), -np.eye(2)),
        (ConjugateGradient(), np.diag([1.0, -1.0])),
        (PreconditionedCG("jacobi"), np.diag([1.0, -1.0])),
        (PreconditionedCG(IC), np.array([[1.0, 2.0], [2.0, 1.0]])),  # type: ignore[arg-type]
        (MINRES(), np.diag([1.0, 0.0])),
        (GMRES(), np.diag([1.0, 0.0])),
    ],
)
def test_a_breakdown_is_a_sentence(method: Any, A: Any) -> None:
    with pytest.raises(Breakdown, match=r"\w+ .* \w+"):
        answer(method, System(A, np.array([1.0, 1.5])), 2)


def test_matrices_are_what_the_catalogue_says() -> None:
    for kind in ("spd", "general", "indefinite"):
        on = problem(f"linear-system(matrix={kind}, n=12, condition=50)")
        assert cond(on.A) == pytest.approx(50)
        assert (kind != "general") == bool((on.A == on.A.T).all()) == isinstance(on, SymmetricSystem)
    values = np.linalg.eigvalsh(problem("linear-system(matrix=spd, n=12, spectrum=clustered)").A)
    assert len(np.unique(values.round(9))) == 5
    angles = 2 - 2 * np.cos(np.arange(1, 6) * np.pi / 6)
    np.testing.assert_allclose(np.linalg.eigvalsh(poisson(5).toarray()), np.sort(np.add.outer(angles, angles).ravel()))
    windy = convection(5, 40.0)
    assert (windy.diagonal() >= -(windy - sp.diags_array(windy.diagonal())).sum(1) - 1e-12).all()


def test_a_linear_system_says_what_it_is() -> None:
    on = problem("linear-system(matrix=indefinite, n=5)")
    assert isinstance(on, SymmetricSystem)
    for form in (Smooth, LinearModel, SPDSystem):
        assert re.fullmatch(r"[a-z][^\n]{15,}[^\s.]", on.lacks(form))
    assert "symmetric" in problem("linear-system(matrix=convection, size=2)").lacks(SymmetricSystem)
    ledger = Ledger()
    asked = on.metered(ledger)
    asked.value(np.ones(5))
    asked.system()
    asked.least_squares()
    assert (ledger.values, ledger.passes) == (1, 4.0)
    known = reference("linear-system(matrix=poisson, size=6)")
    assert known.lower == 0 < known.upper < 1e-14
    assert (known.measure, known.degree) == ("relative residual", 1)
    assert known.spectrum is not None
    assert known.spectrum.condition == pytest.approx(cond(poisson(6).toarray()))


@pytest.mark.parametrize(
    "given", ["matrix=spd, size=3", "n=4", "matrix=general, wind=1", "matrix=hilbert, condition=3", "size=0"]
)
def test_parameters_of_another_matrix_are_refused(given: str) -> None:
    with pytest.raises(SpecError, match=r"it must be|is for .*; the matrix is"):
        problem(f"linear-system({given})")
