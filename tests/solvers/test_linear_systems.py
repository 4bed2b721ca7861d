"""Solvers of linear systems against each other and their theory, and the systems of the catalogue."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import cond, norm

from experiments.lab.run.cell import run_cell
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import SpecError
from problems.data.synthetic.matrices import Convection, Poisson
from problems.forms import SymmetricSystem
from problems.foundation.arrays import EPS
from problems.systems.linear_system import PositiveDefinite
from solvers.base import Basis, Breakdown
from solvers.base.spectrum import Spectrum
from solvers.linear_systems.direct import LU, QR, SVD, Cholesky, NormalEquations
from solvers.linear_systems.krylov import GMRES, MINRES, ConjugateGradient, PreconditionedCG
from solvers.linear_systems.least_squares_krylov import LSMR, LSQR
from solvers.linear_systems.preconditioners import ic0, ssor
from solvers.linear_systems.stationary import SOR, GaussSeidel, Jacobi, Richardson
from tests.helpers.small_problems import (
    answer,
    first_iterates,
    least_squares,
    matrix,
    problem,
    reason_of_ending,
    reference,
)

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
    symmetrised: np.ndarray = (A + A.T) / 2
    return symmetrised


def sparse_definite(d: int, rng: np.random.Generator) -> np.ndarray:
    """Symmetric, diagonally dominant, most entries zero."""
    A = np.where(rng.random((d, d)) < 0.3, rng.standard_normal((d, d)), 0.0)
    A = A + A.T
    np.fill_diagonal(A, abs(A).sum(1) + rng.uniform(0.1, 1.0, d))
    return A


def never_increases(sizes: list[float], slack: float) -> bool:
    """Whether the numbers never increase by more than the slack."""
    return all(later <= earlier + slack for earlier, later in pairwise(sizes))


@settings(max_examples=40)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_equivalences(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    A, theta0 = symmetric(np.geomspace(1, 1 / condition, d), rng), rng.standard_normal(d)
    system = PositiveDefinite(A, rng.standard_normal(d))
    for one, other in ((SOR(1.0), GaussSeidel()), (PreconditionedCG("identity"), ConjugateGradient())):
        np.testing.assert_array_equal(
            first_iterates(one, system, theta0, 30), first_iterates(other, system, theta0, 30)
        )
    X, y = matrix(2 * d, d, 5.0, rng), rng.standard_normal(2 * d)
    normal = PositiveDefinite(X.T @ X, X.T @ y)
    for method, where, same, there in (
        (MINRES(), system, GMRES(restart=None), system),
        (LSQR(), least_squares(X, y), ConjugateGradient(), normal),
        (LSMR(), least_squares(X, y), MINRES(), normal),
    ):
        found, same_iterates = (
            first_iterates(run, objective, theta0, min(d, 5)) for run, objective in ((method, where), (same, there))
        )
        count = min(len(found), len(same_iterates))
        np.testing.assert_allclose(found[:count], same_iterates[:count], rtol=1e-7, atol=1e-8, err_msg=str(method))


@settings(max_examples=30)
@given(seed=SEEDS, d=SIZES)
def test_dense_and_sparse_matrices_give_the_same_iterates(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    A, b = sparse_definite(d, rng), rng.standard_normal(d)
    for method in (*ITERATIVE, *DIRECT):
        for system in (PositiveDefinite(A, b), PositiveDefinite(sp.csr_array(A), b)):
            iterates = first_iterates(method, system, np.zeros(d), 2000)
            assert system.value(iterates[-1]) <= 1e-8, method
        other = first_iterates(method, PositiveDefinite(A, b), np.zeros(d), 5)
        count = min(len(iterates), len(other), 5)
        np.testing.assert_allclose(iterates[:count], other[:count], rtol=1e-7, atol=1e-8, err_msg=str(method))


@settings(max_examples=60)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_minimum_residuals_never_increase(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], d)
    b, theta0 = rng.standard_normal(d), rng.standard_normal(d)
    for method, A in (
        (MINRES(), symmetric(signs * np.geomspace(1, 1 / condition, d), rng)),
        (GMRES(restart=3), matrix(d, d, condition, rng)),
        (GMRES(restart=None), matrix(d, d, condition, rng)),
    ):
        iterates = [theta0, *first_iterates(method, PositiveDefinite(A, b), theta0, 3 * d)]
        residuals = [float(norm(b - A @ theta)) for theta in iterates]
        assert never_increases(residuals, float(C * EPS * d * (condition * norm(b) + residuals[0]))), method
    assert residuals[min(d, len(residuals) - 1)] <= C * EPS * d * (condition * norm(b) + residuals[0]), (
        "it ends within d iterations"
    )
    X, y = matrix(d + 5, d, condition, rng), rng.standard_normal(d + 5)
    gradients = [
        float(norm(X.T @ (y - X @ theta)))
        for theta in [theta0, *first_iterates(LSMR(), least_squares(X, y), theta0, 3 * d)]
    ]
    assert never_increases(gradients, float(C * EPS * d * (condition * norm(y) + norm(y - X @ theta0))))


@settings(max_examples=40)
@given(seed=SEEDS, d=SIZES, condition=CONDITIONS)
def test_the_error_of_cg_is_within_chebyshev_s_bound(seed: int, d: int, condition: float) -> None:
    rng = np.random.default_rng(seed)
    A, exact = symmetric(np.linspace(1 / condition, 1, d), rng), rng.standard_normal(d)
    root = np.sqrt(condition)
    errors = [
        exact,
        *(
            exact - theta
            for theta in first_iterates(ConjugateGradient(), PositiveDefinite(A, A @ exact), np.zeros(d), d)
        ),
    ]
    sizes = [np.sqrt(max(e @ A @ e, 0.0)) for e in errors]
    for k, size in enumerate(sizes):
        assert size <= (2 * ((root - 1) / (root + 1)) ** k + C * d * root * EPS) * sizes[0]


@pytest.mark.parametrize("method", [Richardson(), Richardson(1.5), ConjugateGradient(), MINRES()])
def test_the_lab_observes_the_rate_that_theory_gives(method: Any) -> None:
    """The gap of a linear system is the residual itself, not the square of an error."""
    spec = "linear-system(data=spd, spectrum=uniform, n=300, condition=50, solution=random)"
    rule = Rule(tolerance=1e-9 if isinstance(method, Richardson) else 1e-6)
    outcome = run_cell(problem(spec), method, 0, rule, reference(spec))
    assert outcome.status is Status.SOLVED
    assert outcome.observed is not None
    assert outcome.predicted is not None
    within = 1e-3 if isinstance(method, Richardson) else 0.05
    assert outcome.observed.factor == pytest.approx(outcome.predicted.factor, rel=within)


@pytest.mark.parametrize("method", [*ITERATIVE, *DIRECT], ids=str)
@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
def test_from_the_solution_a_method_makes_at_most_one_iteration(method: Any, form: Any) -> None:
    A = 4 * np.eye(9) - np.eye(9, k=1) - np.eye(9, k=-1)
    exact = np.arange(-4.0, 5.0)  # integers: b is exact
    iterates = first_iterates(method, PositiveDefinite(form(A), A @ exact), exact, 10)
    assert len(iterates) <= 1
    assert all(norm(theta - exact) <= C * EPS * norm(exact) for theta in iterates)


@settings(max_examples=40)
@given(seed=SEEDS, d=SIZES)
def test_preconditioners_are_the_matrices_of_their_docstrings(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    A, r = sparse_definite(d, rng), rng.standard_normal(d)
    T = np.tril(A) / np.sqrt(np.diag(A))
    assert abs(T @ (T.T @ ssor(A)(r)) - r).max() <= 1e-12 * norm(r)
    tridiagonal = A * (abs(np.subtract.outer(np.arange(d), np.arange(d))) <= 1)
    for complete in (tridiagonal, A @ A):  # without fill-in, or without zeros: the factor of Cholesky itself
        if (complete != 0).all() or complete is tridiagonal:
            solved = complete @ ic0(sp.csr_array(complete))(r)
            np.testing.assert_allclose(solved, r, atol=C * d * EPS * cond(complete) * norm(r))
    assert len(first_iterates(PreconditionedCG(IC), PositiveDefinite(tridiagonal, r), np.zeros(d), 9)) <= 2  # type: ignore[arg-type]


def test_a_cycle_that_does_not_decrease_the_residual_ends_gmres() -> None:
    """On a cyclic shift the residual does not decrease for d - 1 iterations."""
    shift, b = np.roll(np.eye(6), 1, axis=0), np.eye(6)[0]
    system = PositiveDefinite(shift, b)
    assert len(first_iterates(GMRES(restart=5), system, np.zeros(6), 100)) == 5
    assert "does not decrease the residual" in reason_of_ending(GMRES(restart=5), system, np.zeros(6))
    assert norm(b - shift @ answer(GMRES(restart=None), system, 6)) <= EPS


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
        answer(method, PositiveDefinite(A, np.array([1.0, 1.5])), 2)


def test_matrices_are_what_the_catalogue_says() -> None:
    for kind in ("spd", "general", "indefinite"):
        system = problem(f"linear-system(data={kind}, n=12, condition=50)")
        assert cond(system.A) == pytest.approx(50)
        assert (kind != "general") == bool((system.A == system.A.T).all()) == isinstance(system, SymmetricSystem)
    values = np.linalg.eigvalsh(problem("linear-system(data=spd, n=12, spectrum=clustered)").A)
    assert len(np.unique(values.round(9))) == 5
    angles = 2 - 2 * np.cos(np.arange(1, 6) * np.pi / 6)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(Poisson(size=5).load().A.toarray()), np.sort(np.add.outer(angles, angles).ravel())
    )
    A = Convection(size=5, wind=40.0).load().A
    assert (A.diagonal() >= -(A - sp.diags_array(A.diagonal())).sum(1) - 1e-12).all(), "it is diagonally dominant"


def test_the_spectrum_of_a_definite_system_is_that_of_its_matrix() -> None:
    known = reference("linear-system(data=poisson, size=6)")
    assert known.lower == 0 < known.upper < 1e-14
    assert known.spectrum is not None
    assert known.spectrum.condition == pytest.approx(cond(Poisson(size=6).load().A.toarray()))


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ("data=spd, size=3", "no parameter 'size'"),
        ("n=4", "no parameter 'n'"),
        ("data=general, wind=1", "no parameter 'wind'"),
        ("data=hilbert, condition=3", "no parameter 'condition'"),
        ("size=0", "size is 0; it must be"),
    ],
)
def test_parameters_of_another_matrix_are_refused(parameters: str, reason: str) -> None:
    with pytest.raises(SpecError, match=reason):
        problem(f"linear-system({parameters})")


def test_the_theoretical_rates_of_krylov_methods_are_those_of_chebyshev_polynomials() -> None:
    """(sqrt(k) - 1) / (sqrt(k) + 1), with order 1, for k = 9 and k = 100."""
    for method in (ConjugateGradient(), PreconditionedCG("identity"), MINRES(), GMRES(restart=None)):
        for k, factor in ((9.0, 0.5), (100.0, 9 / 11)):
            rate: Any = method.rate(Spectrum(np.array([2.0, 2.0 * k]), 2.0 * k))
            assert (rate.factor, rate.order, rate.basis) == (pytest.approx(factor), 1, Basis.CONDITION), method
    for k, factor in ((9.0, 0.8), (100.0, 99 / 101)):
        rate = Richardson().rate(Spectrum(np.array([2.0, 2.0 * k]), 2.0 * k))
        assert (rate.factor, rate.order, rate.basis) == (pytest.approx(factor), 1, Basis.SPLITTING)
    assert GMRES().rate(Spectrum(np.array([1.0, 9.0]), 9.0)) is None
    assert PreconditionedCG("ssor").rate(Spectrum(np.array([1.0, 9.0]), 9.0)) is None
