"""Every property, the examples on which it is tested, and the solvers to which it applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from experiments.conformance.cases.constructed import CLUSTERED, DENSITIES, DIAGONALS, INDEFINITE, SMALL_PIVOTS, SPREAD
from experiments.conformance.cases.examples import (
    FALSE,
    FAR,
    KINKED,
    LARGE_PENALTY,
    NEARBY,
    NOISELESS,
    OTHERS,
    REPRESENTATIVES,
    SUBSPACES,
    TRUE,
    Strategy,
    accepted,
    convex,
    hard_rows,
    hard_systems,
    systems,
)
from experiments.conformance.cases.rows import orthogonal_rows
from experiments.conformance.requirements import contract, exact_fits, promises, recurrences, theory
from problems.forms import (
    Composite,
    FiniteSum,
    LeastSquares,
    LinearSystem,
    NonlinearLeastSquares,
    PrincipalSubspace,
    Saddle,
    SPDSystem,
    SymmetricSystem,
    TwiceSmooth,
)
from solvers.base import BlackBox, Trait

Test = Callable[[Any, Any], None]  # takes the solver and an example; raises PropertyFailed


@dataclass(frozen=True)
class Property:
    """A sentence about a solver, and the test that shows where it is false."""

    sentence: str
    test: Test
    examples: Strategy | None  # None if the property does not apply to the solver
    most_examples: int


def _property(test: Test, examples: Strategy | None, most_examples: int) -> Property:
    """The property that the docstring of the test states."""
    return Property((test.__doc__ or "").strip(), test, examples, most_examples)


def properties(solver: Any) -> Iterator[Property]:
    """All properties, in the order in which they are tested: the contract first."""
    most_unknowns = 2 if promises.uses_values_only(solver) else 6
    everything = accepted(solver, {**convex(st.booleans()), **systems(most_unknowns), **OTHERS})
    for test in (
        contract.yields_vectors,
        contract.leaves_theta0_alone,
        contract.yields_fresh_arrays,
        contract.is_repeatable,
        contract.leaves_the_problem_alone,
        contract.uses_public_names,
        contract.computes_in_double_precision,
        contract.charges_its_work,
    ):
        yield _property(test, everything, 20)
    yield _property(contract.refuses_in_a_sentence, st.sampled_from([*REPRESENTATIVES]), 12)
    yield _property(promises.is_never_below_the_bound, everything, 20)
    yield from _of_minimisers(solver, systems(most_unknowns))
    yield from _of_descents(solver, {**convex(st.booleans()), **systems(most_unknowns), **OTHERS})
    yield from _of_exact_fits(solver)
    smooth = {kind: specs for kind, specs in convex(st.booleans()).items() if kind in ("linear-regression", "logistic")}
    defined = accepted(solver, smooth) if solver.recurrence() else None
    yield _property(recurrences.follows_its_recurrence, defined, 12)
    yield from _of_its_kind(solver)


def _of_minimisers(solver: Any, square: dict[str, Strategy]) -> Iterator[Property]:
    """What a method that minimises f promises."""
    subspaces = SUBSPACES if PrincipalSubspace in solver.needs else {}
    easy = accepted(solver, {**convex(FALSE), **square, **subspaces}) if solver.minimises else None
    intercept = accepted(solver, convex(TRUE)) if solver.minimises else None
    stepped = not isinstance(solver, BlackBox)  # a black box is run again for every iterate
    yield _property(promises.goes_downhill, easy if stepped else None, 12)
    yield _property(promises.reaches_the_minimum, easy, 12)
    yield Property(
        "The intercept is the last coefficient and is not penalised: the solver comes near f* with it too.",
        promises.reaches_the_minimum,
        intercept,
        12,
    )
    robust = stepped and not promises.has_a_noise_floor(solver)
    yield Property(
        "From a far start too the solver comes near f*.",
        promises.reaches_the_minimum,
        accepted(solver, {**convex(FALSE), **square}, FAR) if robust and solver.minimises else None,
        12,
    )
    stays = solver.minimises and not promises.may_leave_the_minimum(solver)
    without_kinks = {kind: specs for kind, specs in {**convex(FALSE), **subspaces}.items() if kind not in KINKED}
    yield _property(promises.stays_at_the_minimum, accepted(solver, {**without_kinks, **square}) if stays else None, 12)
    yield _property(promises.is_as_fast_as_it_says, easy, 12)


def _of_descents(solver: Any, kinds: dict[str, Strategy]) -> Iterator[Property]:
    """What a method promises about f from one iterate to the next, from near and from far."""
    starts = accepted(solver, kinds, NEARBY | FAR)
    second_order = not isinstance(solver, BlackBox) and not {TwiceSmooth, NonlinearLeastSquares}.isdisjoint(
        solver.needs
    )
    yield _property(promises.never_rises, starts if solver.monotone else None, 30)
    yield _property(promises.soon_descends, starts if second_order else None, 30)


def _of_exact_fits(solver: Any) -> Iterator[Property]:
    """What a method does with data that can be fitted exactly."""
    steps = solver.minimises and not isinstance(solver, BlackBox)
    rows = orthogonal_rows(solver) if steps and any(issubclass(form, FiniteSum) for form in solver.needs) else None
    yield _property(exact_fits.fits_every_row, rows, 12)
    yield _property(exact_fits.reads_every_row_in_an_epoch, rows if Trait.EPOCHS in solver.traits else None, 12)
    exact = steps and not promises.has_a_noise_floor(solver)
    yield _property(exact_fits.fits_exactly, accepted(solver, NOISELESS) if exact else None, 12)


def _of_its_kind(solver: Any) -> Iterator[Property]:
    """What theory requires of a method with these needs and traits."""

    def applies(test: Test, examples: Strategy | None, when: bool, most_examples: int = 20) -> Property:
        return _property(test, examples if when else None, most_examples)

    stepped = not isinstance(solver, BlackBox)  # other people's solvers are measured as they are
    definite = stepped and SPDSystem in solver.needs
    square = LinearSystem in solver.needs or SPDSystem in solver.needs
    of_systems = not {SPDSystem, SymmetricSystem, LinearSystem}.isdisjoint(solver.needs)
    krylov = stepped and of_systems and Trait.KRYLOV in solver.traits
    splits = LinearSystem in solver.needs and hasattr(solver, "splitting")
    proximal = stepped and not {Composite, Saddle}.isdisjoint(solver.needs)
    centred, quadratic = (accepted(solver, _regression(intercept)) for intercept in (FALSE, st.booleans()))
    linear = accepted(solver, systems(8)) if square else centred
    hard = accepted(solver, hard_systems() if square else {"linear-regression": hard_rows(st.booleans())})
    if LinearSystem in solver.needs and hard is not None:
        hard = hard | SMALL_PIVOTS
    sparse = accepted(solver, {"lasso": LARGE_PENALTY})
    direct = square or LeastSquares in solver.needs
    yield applies(theory.answers_to_working_accuracy, linear, direct)
    yield Property(
        "The answer is as accurate on systems with some hundred unknowns, small pivots or a high condition number.",
        theory.answers_to_working_accuracy,
        hard if direct else None,
        30,
    )
    yield applies(theory.refuses_an_indefinite_matrix, INDEFINITE, definite, 30)
    yield applies(theory.ends_with_the_clusters, CLUSTERED, krylov, 30)
    yield applies(theory.converges_as_chebyshev_says, SPREAD, krylov, 12)
    conjugate = definite and Trait.CONJUGATE in solver.traits
    yield applies(theory.its_error_never_rises, CLUSTERED, conjugate)
    yield applies(theory.has_the_smallest_error, SPREAD, conjugate, 8)
    yield applies(theory.converges_as_its_splitting_says, DIAGONALS, splits)
    yield applies(theory.follows_its_splitting, DIAGONALS, splits)
    yield applies(theory.takes_one_step, quadratic, stepped)
    yield applies(theory.is_zero_where_the_penalty_is_large, sparse, proximal)
    yield applies(theory.samples_its_density, DENSITIES, Trait.SAMPLES in solver.traits, 2)


def _regression(intercept: Strategy) -> dict[str, Strategy]:
    return {"linear-regression": convex(intercept)["linear-regression"]}
