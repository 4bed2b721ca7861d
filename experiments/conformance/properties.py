"""Every property, on what it is tried and by whom it is owed: a table to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from experiments.conformance import contract, promises, theory
from experiments.conformance.examples import (
    CLUSTERED,
    CORNERED,
    DOMINATED,
    FIRST,
    INDEFINITE,
    LARGE,
    OTHERS,
    SUBSPACES,
    WITH,
    WITHOUT,
    Draw,
    Gaussian,
    accepted,
    convex,
    systems,
)
from problems.forms import Composite, LeastSquares, LinearSystem, PrincipalSubspace, Saddle, SPDSystem
from solvers.base import BlackBox

KRYLOV = re.compile(r"conjugate.?gradient|krylov|minres|gmres", re.IGNORECASE)
CONJUGATE = re.compile(r"conjugate.?gradient", re.IGNORECASE)
MARKOV = re.compile(r"metropolis", re.IGNORECASE)


@dataclass(frozen=True)
class Property:
    """A sentence about a solver, and the test that shows where it does not hold."""

    sentence: str
    test: Callable[[Any, Any], None]  # solver, example; raises Fallen
    examples: Draw | None  # None where nothing that the solver accepts is of the kind
    most: int  # examples tried


def properties(solver: Any) -> Iterator[Property]:
    """All properties, in the order in which they are tried: the contract, then what its kind promises."""
    size = 2 if promises.blind(solver) else 6
    everything = accepted(solver, {**convex(st.booleans()), **systems(size), **OTHERS})
    for test in (
        contract.yields_vectors,
        contract.leaves_theta0_alone,
        contract.yields_fresh_arrays,
        contract.is_repeatable,
        contract.leaves_the_problem_alone,
        contract.charges_its_work,
    ):
        yield Property(_sentence(test), test, everything, 20)
    yield Property(
        _sentence(contract.refuses_in_a_sentence), contract.refuses_in_a_sentence, st.sampled_from([*FIRST]), 12
    )
    yield Property(_sentence(promises.is_never_below_the_bound), promises.is_never_below_the_bound, everything, 20)

    own = SUBSPACES if PrincipalSubspace in solver.needs else {}
    centred = accepted(solver, {**convex(WITHOUT), **systems(size), **own}) if solver.minimises else None
    intercept = accepted(solver, convex(WITH)) if solver.minimises else None
    stepped = None if isinstance(solver, BlackBox) else centred  # a black box is run afresh for every iterate
    yield Property(_sentence(promises.goes_downhill), promises.goes_downhill, stepped, 12)
    yield Property(_sentence(promises.reaches_the_minimum), promises.reaches_the_minimum, centred, 12)
    yield Property(
        "The intercept is the last coefficient, and free of the penalty: f is minimised with it too.",
        promises.reaches_the_minimum,
        intercept,
        12,
    )
    exact = solver.minimises and not promises.rows_or_chance(solver)
    sloping = {kind: specs for kind, specs in {**convex(WITHOUT), **own}.items() if kind not in CORNERED}
    left_alone = accepted(solver, {**sloping, **systems(size)}) if exact else None
    yield Property(_sentence(promises.stays_at_the_minimum), promises.stays_at_the_minimum, left_alone, 12)
    yield Property(_sentence(promises.never_rises), promises.never_rises, everything if solver.monotone else None, 20)
    yield Property(_sentence(promises.is_as_fast_as_it_says), promises.is_as_fast_as_it_says, centred, 12)
    yield from _of_its_kind(solver)


def _of_its_kind(solver: Any) -> Iterator[Property]:
    """What theory demands of a method by its needs, and by what it says that it is."""

    def owed(test: Callable[[Any, Any], None], examples: Draw | None, when: bool, most: int = 20) -> Property:
        return Property(_sentence(test), test, examples if when else None, most)

    own = not isinstance(solver, BlackBox)  # a peer is measured as it is
    definite = own and SPDSystem in solver.needs
    conjugate = definite and _said(solver, CONJUGATE)
    square = LinearSystem in solver.needs or SPDSystem in solver.needs
    centred, quadratic = (accepted(solver, _regression(kind)) for kind in (WITHOUT, st.booleans()))
    linear = accepted(solver, systems(8)) if square else centred
    sparse = accepted(solver, {"lasso": LARGE})
    proximal = own and not {Composite, Saddle}.isdisjoint(solver.needs)
    chain = solver.judged_by_best and hasattr(solver, "temperature") and _said(solver, MARKOV)
    densities = st.builds(Gaussian, st.just(1), st.sampled_from([1.0, 4.0]))
    yield owed(theory.answers_to_working_accuracy, linear, square or LeastSquares in solver.needs)
    yield owed(theory.tells_an_indefinite_matrix, INDEFINITE, definite, 30)
    yield owed(theory.ends_with_the_clusters, CLUSTERED, definite and _said(solver, KRYLOV), 30)
    yield owed(theory.its_error_never_rises, CLUSTERED, conjugate)
    splits = LinearSystem in solver.needs and hasattr(solver, "splitting")
    yield owed(theory.converges_as_its_splitting_says, DOMINATED, splits)
    yield owed(theory.is_done_in_one_step, quadratic, own)
    yield owed(theory.is_zero_where_the_penalty_is_large, sparse, proximal)
    yield owed(theory.samples_its_density, densities, chain, 2)


def _regression(intercept: Draw) -> dict[str, Draw]:
    return {"linear-regression": convex(intercept)["linear-regression"]}


def _sentence(test: Callable[..., None]) -> str:
    return (test.__doc__ or "").strip()


def _said(solver: Any, kind: re.Pattern[str]) -> bool:
    """Whether the class says of itself, in its name or the first line of its documentation, that it is of that kind."""
    first = (type(solver).__doc__ or "").strip().partition("\n")[0]
    return bool(kind.search(type(solver).__name__) or kind.search(first))
