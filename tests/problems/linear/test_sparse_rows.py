"""Rows stored as CSR: the same functions and the same iterates as with arrays."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import problems.parts.losses
from experiments.lab.reference import reference_points
from experiments.lab.reference.referee import refer
from problems.certificates import decrement
from problems.certificates.rounding import rounding
from problems.certificates.separation import separating
from problems.forms import Composite, LeastSquares, Ledger, LinearModel, SPDSystem, TwiceSmooth
from problems.foundation.checks import DataError
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss, logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers import everyone
from solvers.base import Breakdown, Refusal
from solvers.base.driving import iterates
from tests.helpers.small_problems import solver

EXPORTS = vars(problems.parts.losses).values()
LOSSES = [loss for loss in (e(0.5) if hasattr(e, "cache_info") else e for e in EXPORTS) if isinstance(loss, Loss)]
RNG = np.random.default_rng


def entries(n: int, d: int, density: float, rng: np.random.Generator) -> Any:
    """X with about that share of nonzero entries; if n > 2 and d > 2 one row and one column are empty."""
    X = np.where(rng.random((n, d)) < density, rng.standard_normal((n, d)), 0.0)
    if n > 2 and d > 2 and density < 1:
        X[1], X[:, 0] = 0.0, 0.0
    return X


def pair(X: Any, loss: Loss, penalty: Penalty, intercept: bool, rng: np.random.Generator) -> tuple[Any, Any]:
    """The same problem with an array and with CSR."""
    y = rng.standard_normal(len(X)) + X.sum(1)
    y = np.where(y > 0, 1.0, -1.0) if loss.labels else y
    dense, sparse = (linear_model(Rows(x, intercept), y, loss, penalty) for x in (X, sp.csr_array(X)))
    return dense, sparse


@st.composite
def pairs(draw: Any, losses: list[Loss] = LOSSES) -> tuple[Any, Any, np.random.Generator]:
    rng = RNG(draw(st.integers(0, 2**32)))
    n, d = draw(st.sampled_from([(1, 1), (2, 7), (9, 4), (40, 12), (300, 5)]))
    X = entries(n, d, draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])), rng)
    l1, l2 = draw(st.sampled_from([0.0, 0.03])), draw(st.sampled_from([0.0, 0.1]))
    nonnegative = draw(st.sampled_from([False, False, True]))
    penalty = Penalty(l1, l2, nonnegative)
    return (*pair(X, draw(st.sampled_from(losses)), penalty, draw(st.booleans()), rng), rng)


def full(A: Any) -> Any:
    return A.toarray() if sp.issparse(A) else A


@settings(max_examples=200)
@given(drawn=pairs())
def test_every_oracle_is_the_same_for_both_layouts(drawn: tuple[Any, Any, np.random.Generator]) -> None:
    dense, sparse, rng = drawn
    assert sparse.rows.sparse
    assert type(dense) is type(sparse)
    theta, v, n = rng.standard_normal(dense.dim), rng.standard_normal(dense.dim), dense.n

    def same(ask: Any) -> None:
        with np.errstate(all="ignore"):
            a, b = full(ask(dense)), full(ask(sparse))
        assert_allclose(b, a, rtol=1e-10, atol=1e-12 * (1 + np.max(abs(a), initial=0.0, where=np.isfinite(a))))

    same(lambda problem: problem.value(theta))
    same(lambda problem: problem.operator())
    for part in range(3):
        same(lambda problem, part=part: problem.rows.fused(theta, problem.y, problem.loss)[part])
    same(lambda problem: problem.rows @ theta)
    same(lambda problem: problem.rows.transposed(problem.y))
    same(lambda problem: problem.rows.normal_product(np.arange(1.0, n + 1), v))
    same(lambda problem: problem.rows.gram(np.arange(1.0, n + 1)))
    same(lambda problem: problem.rows.sparse_or_dense_gram())
    same(lambda problem: problem.rows.largest_squared_norm())
    if isinstance(dense, LinearModel):
        some = rng.integers(n, size=3)
        same(lambda problem: problem.batch_gradient(theta, some))
        same(lambda problem: problem.row_smoothness())
    if isinstance(dense, Composite) and isinstance(dense.smooth, TwiceSmooth):
        same(lambda problem: problem.smooth.value_and_gradient(theta)[1])
        same(lambda problem: problem.smooth.hessian(theta))
        same(lambda problem: problem.smooth.hessian_product(theta)(v))
    if isinstance(dense, LeastSquares):
        same(lambda problem: problem.least_squares()[0])
        same(lambda problem: problem.residual_and_jacobian(theta)[0])
        assert sp.issparse(sparse.least_squares()[0])
    if isinstance(dense, SPDSystem):
        same(lambda problem: problem.system()[0])
        same(lambda problem: problem.system()[1])
    assert sparse.sibling().rows.sparse
    assert abs(sparse.gap(theta) - dense.gap(theta)) <= 1e-8 * (1 + dense.gap(theta))


TOLERANCES = {  # for ends that rounding decides, and for libraries with another method on sparse rows
    "sklearn-sgd": np.inf,
    "sklearn-logistic(solver=sag": np.inf,
    "sklearn-ridge(solver=sag": np.inf,
    "scipy-least-squares": np.inf,
    "scipy-dual-annealing": np.inf,
    "trust-region": 1e-5,
    "scipy-minimize": 1e-5,
    "newton-cg": 1e-5,
    "sklearn-logistic": 1e-5,
    "sklearn-linear-regression": 1e-5,
}


@pytest.mark.parametrize("spec", everyone())
@settings(max_examples=4, deadline=None)
@given(
    loss=st.sampled_from([squared, logistic]),
    penalty=st.sampled_from(
        [Penalty(), Penalty(0.03, 0.1), Penalty(0.0, 0.1), Penalty(0.03), Penalty(nonnegative=True)]
    ),
    intercept=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_every_solver_takes_both_layouts_or_refuses_in_a_sentence(
    spec: str, loss: Loss, penalty: Penalty, intercept: bool, seed: int
) -> None:
    rng, method = RNG(seed), solver(spec)
    dense, sparse = pair(entries(60, 8, 0.5, rng), loss, penalty, intercept, rng)
    objection = method.objection(dense)
    if objection or method.objection(sparse):
        assert method.objection(sparse)
        assert objection or "sparse" in method.objection(sparse)
        return

    def run(problem: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                return list(islice(iterates(method, problem.metered(Ledger()), np.zeros(problem.dim), RNG(0)), 5))
        except (Breakdown, Refusal) as error:
            return str(error)

    of_sparse, of_dense = run(sparse), run(dense)
    if isinstance(of_sparse, str) or isinstance(of_dense, str):
        assert isinstance(of_sparse, str) == isinstance(of_dense, str), (of_sparse, of_dense)
        return
    tolerance = next((known for name, known in TOLERANCES.items() if spec.startswith(name)), 1e-8)
    for a, b in zip(of_sparse, of_dense, strict=False):
        assert np.max(abs(a - b)) <= tolerance * (1 + np.max(abs(b)))


@pytest.mark.parametrize(
    "spec",
    [
        "sgd", "sgd(batch=7)", "sgd(averaging=true)", "sgd(batch=7, averaging=true, schedule=inverse)", "sag", "saga",
        "svrg", "svrg(every=1)", "adam", "adam(batch=1)", "adagrad", "rmsprop", "coordinate-descent",
        "coordinate-descent(working_set=false)", "gradient-descent(step=0.1)", "nesterov(step=0.1)",
    ],
)  # fmt: skip
@settings(max_examples=30, deadline=None)
@given(drawn=pairs([squared, logistic]), seed=st.integers(0, 2**32))
def test_the_iterates_are_the_same_for_both_layouts(spec: str, drawn: Any, seed: int) -> None:
    """Penalties and averages that are applied to a coefficient only when it is needed must be exact."""
    dense, sparse, rng = drawn
    method = solver(spec)
    assume(method.objection(dense) is None)
    theta0 = rng.standard_normal(dense.dim)
    try:
        with np.errstate(all="ignore"):
            of_dense, of_sparse = (list(islice(iterates(method, p, theta0, RNG(seed)), 9)) for p in (dense, sparse))
    except Breakdown:
        assume(False)
    for a, b in zip(of_sparse, of_dense, strict=False):
        assert_allclose(a, b, rtol=1e-9, atol=1e-10 * (1 + np.max(abs(b))))


@pytest.mark.parametrize("l1", [0.0, 0.05])
def test_a_step_that_shrinks_to_zero_or_past_it_is_the_same_for_both_layouts(l1: float) -> None:
    """At step 1/l2 all is forgotten, beyond it signs change: the common factor is 0, then below 0."""
    for step in (10.0, 12.0):
        rng = RNG(0)
        dense, sparse = pair(entries(20, 6, 0.3, rng) / 10, logistic, Penalty(l1, 0.1), True, rng)
        for spec in (f"sgd(step={step})", f"sgd(step={step}, averaging=true)", f"saga(step={step})"):
            start = np.ones(dense.dim)
            of_dense, of_sparse = (list(islice(iterates(solver(spec), p, start, RNG(0)), 2)) for p in (dense, sparse))
            assert len(of_dense) == 2
            assert_allclose(of_sparse, of_dense, rtol=1e-7, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([squared, logistic]), intercept=st.booleans())
def test_the_bound_of_large_sparse_rows_holds_and_is_tight(seed: int, loss: Loss, intercept: bool) -> None:
    rng = RNG(seed)
    dense, sparse = pair(entries(80, 6, 0.4, rng), loss, Penalty(l2=0.01), intercept, rng)
    known = refer(dense)
    assert known.width <= 1e-10 * known.upper
    with pytest.MonkeyPatch.context() as few:
        few.setattr("problems.certificates.curvature.MOST_DENSE_ENTRIES", 0)
        few.setattr("experiments.lab.reference.reference_points.MOST_DENSE_ENTRIES", 0)
        large = refer(sparse)
        assert large.width <= 1e-10 * large.upper
        assert max(large.lower, known.lower) <= min(large.upper, known.upper) + rounding(80, known.upper)
        for _ in range(5):
            theta = rng.standard_normal(sparse.dim)
            _, s, h = loss.total(sparse.rows @ theta, sparse.y)
            w, _ = sparse.rows.split(theta)
            exact = decrement.by_rows(dense.rows.design_matrix(), h, s, 0.8, w, False)
            formed = decrement.by_gram(sparse.rows, h, s, 0.8, w)
            assert exact[0] * (1 - 1e-9) <= formed[0] <= exact[0] * (1 + 1e-6)
            assert formed[1] <= exact[1] * (1 + 1e-9)


def test_the_referee_is_tight_for_a_lasso_too_wide_for_a_hessian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_points, "DENSE", 100)
    rng = RNG(0)
    X = sp.random_array((60, 400), density=0.05, rng=rng, format="csr")
    for penalty in (Penalty(0.05, 0.1), Penalty(l2=0.1)):
        problem = linear_model(Rows(X), rng.standard_normal(60), squared, penalty)
        known = refer(problem)
        assert known.width <= 1e-10 * known.upper


def test_separable_labels_are_recognised_on_sparse_rows() -> None:
    rng = RNG(0)
    X = entries(30, 4, 0.5, rng)
    separable = np.where(X @ np.arange(1.0, 5.0) >= 0, 1.0, -1.0)
    for y in (separable, np.sign(rng.standard_normal(30))):
        assert (separating(Rows(X), y) is None) == (separating(Rows(sp.csr_array(X)), y) is None)


def test_any_sparse_matrix_becomes_canonical_csr_and_is_never_written_to() -> None:
    coo = sp.coo_array(([1.0, 2.0, 3.0, 4.0], ([0, 0, 1, 0], [2, 0, 1, 2])), shape=(3, 3))
    twice = sp.csr_array(([1.0, 2.0, 4.0, 3.0], [2, 0, 2, 1], [0, 3, 4, 4]), shape=(3, 3))  # unsorted, with a duplicate
    wide = sp.csr_array((twice.data, twice.indices.astype(np.int64), twice.indptr.astype(np.int64)), shape=(3, 3))
    frozen = twice.copy()
    frozen.data.flags.writeable = False
    before = twice.indices.tobytes(), twice.data.tobytes()
    for given_X in (coo, twice, wide, coo.tocsc(), sp.csr_matrix(twice), frozen, twice.astype(np.int8)):
        X = Rows(given_X).X
        assert X.has_canonical_format
        assert (X.dtype, X.indices.dtype, X.indptr.dtype) == (np.float64, np.int32, np.int32)
        assert_allclose(X.toarray(), [[2, 0, 5], [0, 3, 0], [0, 0, 0]])
    assert (twice.indices.tobytes(), twice.data.tobytes()) == before
    outside = sp.csr_array((3, 3))
    outside.data, outside.indices, outside.indptr = np.ones(1), np.array([7]), np.array([0, 1, 1, 1])
    with pytest.raises((DataError, ValueError), match=r"ind(ex|ices)"):
        Rows(outside)
