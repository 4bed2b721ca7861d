"""One contract over every solver and every problem of the catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

import solvers
from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import parse
from problems.certificates.rounding import rounding
from problems.forms import Clustering, FiniteSum, LayeredModel, Ledger, TwiceSmooth
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss, logistic, squared
from problems.parts.rows import Rows
from solvers import everyone
from solvers.base import BlackBox, Breakdown, Refusal
from tests.helpers.small_problems import PROBLEMS, flat, problem, reference, solver

SENTENCE = re.compile(r"[a-zA-Z][^\n]{15,}[^\s.]")
FEW = 6
UNPROVEN = ("xor(n=40", "network", "k-means(data", "curve")  # no certificate closes in on these


def data(thing: Any, depth: int = 3) -> Iterator[np.ndarray]:
    """All arrays in an object, or in what it holds."""
    if isinstance(thing, np.ndarray):
        yield thing
    for held in vars(thing).values() if depth and hasattr(thing, "__dict__") else ():
        yield from data(held, depth - 1)


def blur(asked: Any, f: float) -> float:
    """What rounding hides of f."""
    return rounding(getattr(asked, "n", 1), f)


@pytest.mark.parametrize("solver_spec", everyone())
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_every_solver_on_every_problem(solver_spec: str, seed: int) -> None:
    for problem_spec in PROBLEMS:
        note(f"on {problem_spec}")
        keeps_the_contract(problem_spec, solver_spec, seed)


def keeps_the_contract(problem_spec: str, solver_spec: str, seed: int) -> None:
    """A refusal in a sentence, or iterates that are fresh, repeatable and paid for."""
    asked, method = problem(problem_spec), solver(solver_spec)
    before = [array.tobytes() for array in data(asked)]
    objection = method.objection(asked)
    if objection is not None:
        assert SENTENCE.fullmatch(objection), objection
        return
    theta0 = asked.start(np.random.default_rng(seed))
    theta0.flags.writeable = False  # a solver that writes into it raises

    def run() -> tuple[list[np.ndarray], Ledger]:
        ledger = Ledger()
        with np.errstate(all="ignore"):  # as in the lab, where the judge sees what overflows
            return flat(method.iterate(asked.metered(ledger), theta0, np.random.default_rng(seed)), FEW), ledger

    try:
        first, ledger = run()
    except (Refusal, Breakdown) as refused:
        assert SENTENCE.fullmatch(str(refused)), refused
        return
    kept = [theta.copy() for theta in first]
    second, _ = run()
    assert first, "it yields at least one iterate"
    for k, theta in enumerate(first):
        assert theta.shape == (asked.dim,)
        assert theta.dtype == np.float64
        assert theta.tobytes() == kept[k].tobytes(), "a yielded array is never written again"
        assert theta.tobytes() == second[k].tobytes(), "the same seed gives the same iterates"
        assert not np.shares_memory(theta, theta0)
        assert not any(np.shares_memory(theta, other) for other in first[:k])
        known, f = reference(problem_spec), asked.value(theta)
        inside = asked.violation(theta) == 0
        assert f >= known.lower - blur(asked, f) or not inside, "no iterate lies below the referee's bound"
    assert [array.tobytes() for array in data(asked)] == before, "the data are as they were"
    assert getattr(method, "opaque", False) or ledger.passes > 0, "work is charged to the ledger given"


@pytest.mark.parametrize("spec", PROBLEMS)
@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), scale=st.sampled_from([0.01, 1.0, 30.0]))
def test_no_certificate_is_below_what_it_bounds(spec: str, seed: int, scale: float) -> None:
    asked, known = problem(spec), reference(spec)
    theta = scale * np.random.default_rng(seed).standard_normal(asked.dim)
    f = asked.value(theta)
    if not np.isfinite(f):
        assert not np.isfinite(asked.gap(theta)), "of what is not finite nothing is proven"
        return
    assert f - asked.gap(theta) <= known.upper + blur(asked, f), "f - gap must not exceed f*"


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    scale=st.sampled_from([1.0, 30.0, 300.0]),
    spread=st.sampled_from([0.0, 6.0, 18.0]),
    loss=st.sampled_from([logistic, squared]),
)
def test_no_certificate_is_false_on_rows_of_widely_different_scales(
    seed: int, scale: float, spread: float, loss: Loss
) -> None:
    """Saturated curvatures and tiny columns: what rounding hides must not count as proven."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((12, 2)) * np.array([1.0, 10.0**-spread])
    z = X @ (rng.standard_normal(2) * np.array([1.0, 10.0**spread]))
    y = np.where(z + rng.standard_normal(12) > 0, 1.0, -1.0) if loss.labels else z + 0.1 * rng.standard_normal(12)
    if loss.labels and np.ptp(y) == 0:
        return
    asked = linear_model(Rows(X), y, loss)
    known = refer(asked)
    theta = scale * rng.standard_normal(3) * np.array([1.0, 10.0**spread, 1.0])
    f = asked.value(theta)
    assert f - asked.gap(theta) <= known.upper + rounding(12, f)


@pytest.mark.parametrize("spec", [s for s in PROBLEMS if not s.startswith(UNPROVEN) and s != "xor"])
def test_the_referee_closes_in_on_the_minimum_of_a_convex_problem(spec: str) -> None:
    asked, known = problem(spec), reference(spec)
    nothing_below = known.lower == 0  # then f* itself is no measure of how little is left
    scale = asked.value(asked.start(np.random.default_rng(0))) if nothing_below else abs(known.upper)
    assert known.width <= 1e-10 * scale


@pytest.mark.parametrize("spec", PROBLEMS)
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from([np.nan, np.inf, -np.inf, 1e300]))
def test_a_value_is_finite_only_where_theta_is(spec: str, seed: int, kind: float) -> None:
    asked = problem(spec)
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(asked.dim)
    theta[rng.integers(asked.dim)] = kind
    with np.errstate(all="ignore"):
        f = asked.value(theta)
    if not np.isfinite(kind):
        saturates = isinstance(asked, LayeredModel)  # an activation may; a linear prediction may not
        assert not np.isfinite(f) or saturates
    if np.isnan(kind):
        assert np.isnan(f)


@pytest.mark.parametrize("spec", [s for s in PROBLEMS if isinstance(problem(s), TwiceSmooth)])
def test_each_ledger_counts_its_own(spec: str) -> None:
    asked = problem(spec)
    one, other = Ledger(), Ledger()
    theta = np.zeros(asked.dim)
    asked.metered(one).value(theta)
    asked.metered(one).value_and_gradient(theta)
    asked.metered(other).hessian_product(theta)(theta)
    assert (one.values, one.gradients, one.passes) == (1, 1, 2.0)
    reads = 0 if isinstance(asked, Clustering) else 2  # its Hessian is a diagonal, applied without a row
    assert (other.values, other.products, other.passes) == (0, 1, 1.0 + reads)


@pytest.mark.parametrize("spec", PROBLEMS)
def test_a_sibling_is_tiny_and_of_the_same_kind(spec: str) -> None:
    asked = problem(spec)
    sibling = asked.sibling()
    assert type(sibling) is type(asked)
    assert (sibling.n if isinstance(sibling, FiniteSum) else sibling.dim) <= 10
    assert np.isfinite(sibling.value(sibling.start(np.random.default_rng(0))))
    if isinstance(asked, FiniteSum) and hasattr(asked, "loss") and asked.loss.labels:
        assert set(sibling.y) == {-1.0, 1.0}


ENDLESS = ("first order", "random search", "peer")  # families whose methods need not tell that they are there


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("solver_spec", [s for s in everyone() if "decay" not in s])
@settings(max_examples=5)
@given(seed=st.integers(0, 2**32))
def test_from_an_exact_minimum_no_solver_goes_anywhere(solver_spec: str, intercept: bool, seed: int) -> None:
    """Whole numbers in 16 rows: all residuals are exactly 0. Methods that know the minimum make one iterate at most."""
    rng = np.random.default_rng(seed)
    rows = Rows(1.0 * np.vstack([np.eye(3), rng.integers(-4, 5, (13, 3))]), intercept)
    exact = 1.0 * rng.integers(-5, 6, rows.dim)
    on, method = linear_model(rows, rows @ exact, squared), solver(solver_spec)
    if method.objection(on) is not None:
        return
    try:
        with np.errstate(all="ignore"):  # a peer divides the gradient by its length
            found = flat(method.iterate(on, exact, np.random.default_rng(seed)), 10)
    except Refusal:
        return
    assert all(on.value(theta) <= 1e-24 for theta in found)
    assert len(found) <= 1 or solvers.TABLE[parse(solver_spec).name].family in ENDLESS


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
@given(seed=st.integers(0, 2**32))
def test_no_two_solvers_contradict_one_another(spec: str, seed: int) -> None:
    """f_a - f_b is at most a's certificate, wherever either of them has got to."""
    asked = problem(spec)
    values, bounds = [], []
    for name in everyone():
        method = solver(name)
        if method.objection(asked) is None:
            theta0, rng = asked.start(np.random.default_rng(seed)), np.random.default_rng(seed)
            with np.errstate(all="ignore"):
                for theta in flat(method.iterate(asked, theta0, rng), 3 if isinstance(method, BlackBox) else 30)[-1:]:
                    if asked.violation(theta) == 0 and np.isfinite(f := asked.value(theta)):
                        values.append(f)
                        bounds.append(f - max(asked.gap(theta), 0.0))
    assert len(values) >= 5
    assert max(bounds) <= min(values) + 4 * blur(asked, min(values))
