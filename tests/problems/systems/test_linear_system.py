"""`linear-system` from every matrix source: its forms, its measure and what it charges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import SpecError
from problems.data import TABLE
from problems.data.source import Definiteness, SystemSource
from problems.data.synthetic.matrices import (
    Convection,
    GeneralMatrix,
    HilbertMatrix,
    IndefiniteMatrix,
    Poisson,
    PositiveDefiniteMatrix,
)
from problems.forms import Certified, Composite, LeastSquares, Ledger, LinearSystem, Smooth, SPDSystem, SymmetricSystem
from problems.forms import missing as reason_for_missing
from problems.foundation.arrays import EPS, dense
from problems.systems.linear_system import linear_system
from tests.helpers.small_problems import problem

SOURCES: dict[str, SystemSource] = {
    "poisson": Poisson(size=4),
    "convection": Convection(size=4, solution="random", seed=2),
    "spd": PositiveDefiniteMatrix(n=12, condition=30, seed=1),
    "general": GeneralMatrix(n=12, condition=30, spectrum="uniform"),
    "indefinite": IndefiniteMatrix(n=12, condition=30, spectrum="clustered"),
    "hilbert": HilbertMatrix(n=5),
}
FORMS = {
    Definiteness.GENERAL: (LinearSystem, LeastSquares, Certified),
    Definiteness.SYMMETRIC: (SymmetricSystem, LeastSquares, Certified),
    Definiteness.POSITIVE_DEFINITE: (SPDSystem, LeastSquares, Certified),
}


def test_every_matrix_source_of_the_catalogue_is_tested() -> None:
    assert set(SOURCES) == {name for name, entry in TABLE.items() if "matrices" in entry.place}


@pytest.mark.parametrize("name", SOURCES)
def test_the_forms_are_those_of_the_matrix(name: str) -> None:
    """What the source says of its matrix is true, and the forms follow from it."""
    data = SOURCES[name].load()
    system = linear_system(SOURCES[name])
    A = dense(data.A)
    eigenvalues = np.linalg.eigvals(A)
    symmetric = bool(np.array_equal(A, A.T))
    definite = symmetric and eigenvalues.real.min() > 0
    expected = Definiteness.POSITIVE_DEFINITE if definite else Definiteness.SYMMETRIC if symmetric else None
    assert data.definiteness == (expected or Definiteness.GENERAL)
    assert all(isinstance(system, form) for form in FORMS[data.definiteness])
    assert isinstance(system, SymmetricSystem) == symmetric
    assert isinstance(system, SPDSystem) == definite


@pytest.mark.parametrize("name", SOURCES)
def test_the_measure_is_the_relative_residual(name: str) -> None:
    data, system = SOURCES[name].load(), linear_system(SOURCES[name])
    A, b = dense(data.A), data.b
    rng = np.random.default_rng(0)
    assert (system.dim, system.measure, system.degree) == (len(b), "relative residual", 1)
    assert system.value(np.zeros(system.dim)) == 1.0
    theta = rng.standard_normal(system.dim)
    assert system.value(theta) == system.gap(theta)
    assert system.value(theta) == pytest.approx(float(np.linalg.norm(b - A @ theta) / np.linalg.norm(b)), rel=1e-13)
    solution: Any = np.linalg.solve(A, b)
    assert system.value(solution) <= 100 * EPS
    assert system.value(solution + 1e-3 * theta) == pytest.approx(10 * system.value(solution + 1e-4 * theta), rel=1e-6)
    known = refer(system)
    assert known.lower <= 0 <= known.upper <= 100 * EPS


@pytest.mark.parametrize("name", SOURCES)
def test_a_solver_gets_copies_and_is_charged_for_them(name: str) -> None:
    system = linear_system(SOURCES[name])
    ledger = Ledger()
    metered = system.metered(ledger)
    (A, b), (B, c) = metered.system(), metered.least_squares()
    assert ledger.passes == 3
    assert sp.issparse(A) == sp.issparse(B) == (name in ("poisson", "convection"))
    before = system.value(np.ones(system.dim))
    for array in (A.data if sp.issparse(A) else A, B.data if sp.issparse(B) else B, b, c):
        array[...] = np.nan
    assert system.value(np.ones(system.dim)) == before
    sibling = system.sibling()
    assert type(sibling) is type(system)
    assert sibling.dim == min(8, system.dim)
    assert sibling.value(np.ones(sibling.dim)) == 0


def test_what_a_system_lacks_is_said() -> None:
    general, indefinite = linear_system(SOURCES["general"]), linear_system(SOURCES["indefinite"])
    assert reason_for_missing(linear_system(SOURCES["spd"]), (SPDSystem, LeastSquares)) is None
    for system, form, sentence in (
        (general, SPDSystem, "its matrix is not symmetric"),
        (general, SymmetricSystem, "its matrix is not symmetric"),
        (indefinite, SPDSystem, "its matrix has positive and negative eigenvalues"),
        (indefinite, Smooth, "its measure is the norm of a residual, and it is for methods that solve A theta = b"),
        (indefinite, Composite, "for methods that solve A theta = b"),
    ):
        assert sentence in str(reason_for_missing(system, (form,)))


def test_specs_name_the_source_or_its_parameters() -> None:
    def same(one: Any, other: Any) -> bool:
        return (
            type(one) is type(other) and np.array_equal(dense(one.A), dense(other.A)) and np.array_equal(one.b, other.b)
        )

    assert same(problem("linear-system"), linear_system())
    assert same(problem("linear-system(size=4)"), linear_system(Poisson(size=4)))
    assert same(problem("linear-system(data=hilbert, n=5)"), linear_system(HilbertMatrix(n=5)))
    assert same(problem("linear-system(data=hilbert(n=5))"), linear_system(HilbertMatrix(n=5)))
    assert same(
        problem("linear-system(data=spd, n=12, condition=30, seed=1)"),
        linear_system(PositiveDefiniteMatrix(n=12, condition=30, seed=1)),
    )
    with pytest.raises(SpecError, match="linear-system has no parameter 'matrix'"):
        problem("linear-system(matrix=spd)")
    with pytest.raises(SpecError, match="moons is a source of rows; a system A theta = b is needed"):
        problem("linear-system(data=moons)")
