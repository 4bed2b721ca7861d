"""The contract of every solver and every problem of the catalogues."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

import solvers
from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import parse
from problems.certificates.rounding import rounding
from problems.forms import (
    Clustering,
    FiniteSum,
    LayeredModel,
    Ledger,
    LinearModel,
    PrincipalSubspace,
    Smooth,
    TwiceSmooth,
)
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss, logistic, squared
from problems.parts.rows import Rows
from solvers import everyone
from solvers.base import BlackBox, Breakdown, Refusal
from solvers.base.driving import iterates
from tests.helpers.small_problems import (
    CONVEX,
    PROBLEMS,
    SMOOTH_SUMS,
    TWICE_SMOOTH,
    UNPROVEN,
    bounds,
    first_iterates,
    problem,
    reference,
    solver,
)

SEEDS = st.integers(0, 2**32)
SENTENCE = re.compile(r"[a-zA-Z][^\n]{15,}[^\s.]")
FEW, FEW_RUNS = 6, 2  # iterates of a solver; of a black box, whose iterations or runs may be long


def arrays(thing: Any, depth: int = 3) -> Iterator[np.ndarray]:
    """All arrays in an object, or in its attributes."""
    if isinstance(thing, np.ndarray):
        yield thing
    for attribute in vars(thing).values() if depth and hasattr(thing, "__dict__") else ():
        yield from arrays(attribute, depth - 1)


class Halt(BaseException):
    """Raised in a callback to end the run, as the lab does."""


def black_box_iterates(method: BlackBox[Any], objective: Any, theta0: np.ndarray, seed: int) -> list[np.ndarray]:
    """The first iterates of a black box: from one run if it is faithful, otherwise from a run for each of them."""
    if not method.faithful:
        return list(islice(iterates(method, objective, theta0, seed), FEW_RUNS))
    thetas: list[np.ndarray] = []

    def callback(theta: np.ndarray) -> None:
        thetas.append(np.array(theta, dtype=np.float64))
        if len(thetas) == FEW_RUNS:
            raise Halt

    with contextlib.suppress(Halt):
        thetas.append(method.run(objective, theta0.copy(), np.random.default_rng(seed), 1000, callback).theta)
    return thetas[:FEW_RUNS]


def rounding_of(objective: Any, f: float) -> float:
    """The rounding error of the value f."""
    return rounding(getattr(objective, "n", 1), f)


@pytest.mark.parametrize("spec", PROBLEMS)
def test_the_groups_of_small_problems_are_those_of_their_forms(spec: str) -> None:
    objective = problem(spec)
    assert (spec in SMOOTH_SUMS) == (isinstance(objective, FiniteSum) and isinstance(objective, Smooth))
    assert (spec in TWICE_SMOOTH) == isinstance(objective, TwiceSmooth)
    if isinstance(objective, LinearModel):
        assert (spec in CONVEX) == (isinstance(objective, Smooth) and reference(spec).spectrum is not None)
    else:
        assert spec not in CONVEX


@pytest.mark.parametrize("solver_spec", everyone())
@settings(max_examples=2)
@given(seed=SEEDS)
def test_every_solver_on_every_problem(solver_spec: str, seed: int) -> None:
    for problem_spec in PROBLEMS:
        note(f"on {problem_spec}")
        meets_the_contract(problem_spec, solver_spec, seed)


def meets_the_contract(problem_spec: str, solver_spec: str, seed: int) -> None:
    """The solver refuses in a sentence, or its iterates are new arrays, repeatable and charged to the ledger."""
    objective, method = problem(problem_spec), solver(solver_spec)
    objection = method.objection(objective)
    if objection is not None:
        assert SENTENCE.fullmatch(objection), objection
        return
    before = [array.tobytes() for array in arrays(objective)]
    theta0 = objective.start(np.random.default_rng(seed))
    theta0.flags.writeable = False  # a solver that writes into it raises an error

    def run() -> tuple[list[np.ndarray], Ledger]:
        ledger = Ledger()
        with np.errstate(all="ignore"):  # as in the lab, where the judge handles overflows
            metered = objective.metered(ledger)
            if isinstance(method, BlackBox):
                return black_box_iterates(method, metered, theta0, seed), ledger
            return list(islice(iterates(method, metered, theta0, seed), FEW)), ledger

    try:
        first, ledger = run()
    except (Refusal, Breakdown) as error:
        assert SENTENCE.fullmatch(str(error)), error
        return
    copies = [theta.copy() for theta in first]
    second, _ = run()
    assert first, "it yields at least one iterate"
    lower, _ = bounds(problem_spec)
    for k, theta in enumerate(first):
        assert theta.shape == (objective.dim,)
        assert theta.dtype == np.float64
        assert theta.tobytes() == copies[k].tobytes(), "a yielded array is never written again"
        assert theta.tobytes() == second[k].tobytes(), "the same seed gives the same iterates"
        assert not np.shares_memory(theta, theta0)
        assert not any(np.shares_memory(theta, other) for other in first[:k])
        f = objective.value(theta)
        feasible = objective.violation(theta) == 0
        assert f >= lower - rounding_of(objective, f) or not feasible, "no feasible iterate is below the lower bound"
    assert [array.tobytes() for array in arrays(objective)] == before, "the data are unchanged"
    assert getattr(method, "opaque", False) or ledger.passes > 0, "the work is charged to the ledger"


@pytest.mark.parametrize("spec", PROBLEMS)
@settings(max_examples=30)
@given(seed=SEEDS, scale=st.sampled_from([0.01, 1.0, 30.0]))
def test_a_certificate_is_a_bound_of_the_gap(spec: str, seed: int, scale: float) -> None:
    objective = problem(spec)
    theta = scale * np.random.default_rng(seed).standard_normal(objective.dim)
    f = objective.value(theta)
    if not np.isfinite(f):
        assert not np.isfinite(objective.gap(theta)), "nothing is proven at a theta where f is not finite"
        return
    _, upper = bounds(spec)
    assert f - objective.gap(theta) <= upper + rounding_of(objective, f), "f - gap must not exceed f*"


@settings(max_examples=60)
@given(
    seed=SEEDS,
    scale=st.sampled_from([1.0, 30.0, 300.0]),
    spread=st.sampled_from([0.0, 6.0, 18.0]),
    loss=st.sampled_from([logistic, squared]),
)
def test_a_certificate_is_a_bound_on_rows_of_very_different_scales(
    seed: int, scale: float, spread: float, loss: Loss
) -> None:
    """With saturated curvatures and tiny columns, nothing within rounding errors may count as proven."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((12, 2)) * np.array([1.0, 10.0**-spread])
    z = X @ (rng.standard_normal(2) * np.array([1.0, 10.0**spread]))
    y = np.where(z + rng.standard_normal(12) > 0, 1.0, -1.0) if loss.labels else z + 0.1 * rng.standard_normal(12)
    if loss.labels and np.ptp(y) == 0:
        return
    objective: Any = linear_model(Rows(X), y, loss)
    upper = refer(objective).upper
    theta = scale * rng.standard_normal(3) * np.array([1.0, 10.0**spread, 1.0])
    f = objective.value(theta)
    assert f - objective.gap(theta) <= upper + 4 * rounding(12, f)  # of f, of its gap and of the upper bound


@pytest.mark.parametrize("spec", [spec for spec in PROBLEMS if spec not in (*UNPROVEN, "xor")])
def test_the_referee_s_interval_is_narrow(spec: str) -> None:
    objective, known = problem(spec), reference(spec)
    start = objective.value(objective.start(np.random.default_rng(0)))
    assert known.width <= 1e-10 * (start if known.lower == 0 else abs(known.upper))


@pytest.mark.parametrize("spec", PROBLEMS)
@settings(max_examples=20)
@given(seed=SEEDS, kind=st.sampled_from([np.nan, np.inf, -np.inf, 1e300]))
def test_f_is_not_finite_if_theta_is_not(spec: str, seed: int, kind: float) -> None:
    objective = problem(spec)
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(objective.dim)
    theta[rng.integers(objective.dim)] = kind
    with np.errstate(all="ignore"):
        f = objective.value(theta)
    if not np.isfinite(kind):  # an activation may be bounded at infinity; a linear prediction is not
        assert not np.isfinite(f) or isinstance(objective, LayeredModel)
    if np.isnan(kind):
        assert np.isnan(f)


@pytest.mark.parametrize("spec", TWICE_SMOOTH)
def test_every_oracle_is_charged_to_its_ledger(spec: str) -> None:
    objective = problem(spec)
    theta = np.zeros(objective.dim)
    first, second, third = Ledger(), Ledger(), Ledger()
    objective.metered(first).value(theta)
    objective.metered(first).value_and_gradient(theta)
    objective.metered(second).hessian_product(theta)(theta)
    objective.metered(third).hessian(theta)
    assert (first.values, first.gradients, first.passes) == (1, 1, 2.0)
    reads = 0 if isinstance(objective, Clustering) else 2  # its Hessian is diagonal: a product reads no row
    assert (second.values, second.products, second.passes) == (0, 1, 1.0 + reads)
    assert (third.values, third.gradients, third.hessians) == (0, 0, 1)
    if isinstance(objective, LayeredModel):  # by a product for each coefficient
        assert third.passes == 1 + 2 * objective.dim
    elif isinstance(objective, FiniteSum) and not isinstance(objective, Clustering | PrincipalSubspace):
        assert third.passes == 2.0
    else:
        assert third.passes == 1.0


@pytest.mark.parametrize("spec", PROBLEMS)
def test_a_sibling_is_tiny_and_of_the_same_kind(spec: str) -> None:
    objective = problem(spec)
    sibling = objective.sibling()
    assert type(sibling) is type(objective)
    assert (sibling.n if isinstance(sibling, FiniteSum) else sibling.dim) <= 10
    assert np.isfinite(sibling.value(sibling.start(np.random.default_rng(0))))
    if isinstance(objective, FiniteSum) and hasattr(objective, "loss") and objective.loss.labels:
        assert set(sibling.y) == {-1.0, 1.0}


WITHOUT_STOPPING = ("first order", "random search", "peer")  # families that need not notice that they have converged


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("solver_spec", [s for s in everyone() if "decay" not in s])
@settings(max_examples=5)
@given(seed=SEEDS)
def test_no_solver_leaves_an_exact_minimum(solver_spec: str, intercept: bool, seed: int) -> None:
    """With integers in 16 rows all residuals are 0. Methods that detect convergence make at most one iteration."""
    rng = np.random.default_rng(seed)
    rows: Any = Rows(1.0 * np.vstack([np.eye(3), rng.integers(-4, 5, (13, 3))]), intercept)
    exact: Any = 1.0 * rng.integers(-5, 6, rows.dim)
    objective: Any = linear_model(rows, rows @ exact, squared)
    method = solver(solver_spec)
    if method.objection(objective) is not None:
        return
    try:
        with np.errstate(all="ignore"):  # a peer divides the gradient by its norm
            if isinstance(method, BlackBox):
                reached = black_box_iterates(method, objective, exact, seed)
            else:
                reached = list(first_iterates(method, objective, exact, 10, seed))
    except Refusal:
        return
    assert all(objective.value(theta) <= 1e-24 for theta in reached)
    assert len(reached) <= 1 or solvers.TABLE[parse(solver_spec).name].family in WITHOUT_STOPPING


@pytest.mark.parametrize(
    "spec",
    [
        "linear-regression(n=30, d=3)",
        "linear-regression(n=30, d=3, l1=0.1)",
        "linear-regression(n=30, d=3, nonnegative=true)",
        "logistic(n=40, d=3, l2=0.1, intercept=false)",
        "logistic(n=40, d=3, l1=0.02, l2=0)",
        "total-variation(n=30, pieces=3, weight=0.01)",
    ],
)
@settings(max_examples=2)
@given(seed=SEEDS)
def test_no_two_solvers_contradict_each_other(spec: str, seed: int) -> None:
    """f_a - f_b is at most a's certificate, for the last iterates of any two solvers a and b."""
    objective = problem(spec)
    theta0 = objective.start(np.random.default_rng(seed))
    values, lower_bounds = [], []
    for method in map(solver, everyone()):
        if method.objection(objective) is None:
            with np.errstate(all="ignore"):
                if isinstance(method, BlackBox):
                    last = black_box_iterates(method, objective, theta0, seed)[-1]
                else:
                    last = first_iterates(method, objective, theta0, 30, seed)[-1]
                f = objective.value(last)
            if objective.violation(last) == 0 and np.isfinite(f):
                values.append(f)
                lower_bounds.append(f - max(objective.gap(last), 0.0))
    assert len(values) >= 5
    assert max(lower_bounds) <= min(values) + 4 * rounding_of(objective, min(values))
