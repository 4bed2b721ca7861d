"""Linear regression with several outputs: several regressions over the same rows, solved as one problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import SpecError
from problems.certificates.rounding import rounding
from problems.data.files import Table
from problems.forms import LinearModel, MultipleRightHandSides, Saddle, missing
from problems.foundation.arrays import EPS
from problems.linear.matrix_model import matrix_model
from problems.linear.model_chain import linear_model
from problems.linear.regression import linear_regression
from problems.parts.losses import squared
from problems.parts.matrix_losses import squared as squares
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base import BlackBox
from solvers.base.spectrum import largest_curvature
from tests.helpers.small_problems import answer, solver
from tests.helpers.small_problems import problem as small_problem

SEEDS = st.integers(0, 2**32)
PENALTIES = st.sampled_from([Penalty(), Penalty(l2=0.1), Penalty(l1=0.05), Penalty(0.05, 0.1)])
KINDS = (
    "linear-regression(outputs=3, n=60, d=4, noise=1)",
    "linear-regression(outputs=2, n=60, d=4, l2=0.3, intercept=false)",
    "linear-regression(outputs=3, n=90, d=6, density=0.2, l2=0.1)",
    "linear-regression(data=linnerud, outputs=3)",
)


@settings(max_examples=60)
@given(seed=SEEDS, k=st.integers(1, 4), penalty=PENALTIES, intercept=st.booleans())
def test_it_is_one_regression_per_output(seed: int, k: int, penalty: Penalty, intercept: bool) -> None:
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((30, k))
    problem = matrix_model(Rows(X, intercept), Y, k, squares, penalty)
    singles = [linear_model(Rows(X, intercept), np.ascontiguousarray(y), squared, penalty) for y in Y.T]
    theta = rng.standard_normal(problem.dim)
    columns = theta.reshape(-1, k).T
    f = sum(single.value(t) for single, t in zip(singles, columns, strict=True))
    np.testing.assert_allclose(problem.value(theta), f, rtol=1e-13)
    gap = sum(single.gap(t) for single, t in zip(singles, columns, strict=True))
    np.testing.assert_allclose(problem.gap(theta), gap, rtol=1e-9)
    last = singles[-1].predict(columns[-1], X)
    np.testing.assert_allclose(problem.predict(theta, X)[:, -1], last, rtol=1e-12, atol=1e-13)
    if penalty.smooth:
        g = problem.gradient(theta).reshape(-1, k)  # type: ignore[attr-defined]
        np.testing.assert_allclose(g[:, 0], singles[0].gradient(columns[0]), rtol=1e-11, atol=1e-13)  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        problem.prox(theta, 0.3).reshape(-1, k)[:, 0], singles[0].prox(columns[0], 0.3), rtol=1e-14, atol=0
    )
    known = refer(problem)
    assert known.width <= 1e-10 * known.upper
    assert problem.value(theta) - problem.gap(theta) <= known.upper + rounding(30 * k, f)


@pytest.mark.parametrize("spec", KINDS)
def test_the_shared_matrices_are_those_of_the_whole_problem(spec: str) -> None:
    problem = small_problem(spec)
    assert isinstance(problem, MultipleRightHandSides)
    k = problem.outputs
    B, C = problem.shared_least_squares()
    A, b = problem.shared_system()
    whole, c = problem.least_squares()
    matrix, right = problem.system()
    dense = B.toarray() if problem.rows.sparse else B
    np.testing.assert_array_equal(whole.toarray(), np.kron(dense, np.eye(k)))
    np.testing.assert_array_equal(matrix.toarray(), np.kron(A, np.eye(k)))
    np.testing.assert_array_equal(c, C.ravel())
    np.testing.assert_array_equal(right, b.ravel())
    theta = np.random.default_rng(0).standard_normal(problem.dim)
    np.testing.assert_allclose(problem.hessian(theta), matrix.toarray(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(matrix @ theta - right, problem.gradient(theta), rtol=1e-9, atol=1e-11)
    r, J = problem.residual_and_jacobian(theta)
    np.testing.assert_allclose(problem.residual(theta), r, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        [r @ r / 2, *(J.T @ r)], [problem.value(theta), *problem.gradient(theta)], rtol=1e-9, atol=1e-11
    )
    L = largest_curvature(problem, theta, np.random.default_rng(0))
    assert np.linalg.eigvalsh(problem.hessian(theta))[-1] <= L * (1 + 1e-9) <= 1.01 * problem.row_smoothness()


@pytest.mark.parametrize("spec", KINDS)
@pytest.mark.parametrize(
    "method",
    ["normal-equations", "cholesky", "lu", "qr", "qr(minimum_norm=true)", "svd", "scipy-lstsq", "scipy-solve"]
    + ["lsqr", "conjugate-gradient", "newton", "gauss-newton"]
    + [f"sklearn-outputs(solver={name})" for name in ("cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga")],
)
def test_every_solver_that_accepts_it_finds_the_minimum(spec: str, method: str) -> None:
    problem, chosen = small_problem(spec), solver(method)
    if objection := chosen.objection(problem):
        assert method.startswith("sklearn")
        assert "sparse" in objection
        return
    if isinstance(chosen, BlackBox):
        theta = chosen.run(problem, np.zeros(problem.dim), np.random.default_rng(0), 5000, lambda theta: None).theta
    else:
        theta = answer(chosen, problem, problem.dim, 500)
    known = refer(problem)
    assert theta.shape == (problem.dim,)
    assert problem.value(theta) - known.lower <= 1e-10 * known.upper


def test_for_dependent_columns_the_solution_of_least_norm_is_found() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 3))
    X, Y = np.hstack([X, X[:, :1]]), rng.standard_normal((20, 2))
    problem = matrix_model(Rows(X, intercept=False), Y, 2, squares)
    least = np.linalg.pinv(X) @ Y
    for method in ("qr(minimum_norm=true)", "svd"):
        np.testing.assert_allclose(
            answer(solver(method), problem, problem.dim).reshape(4, 2), least, rtol=1e-11, atol=1e-13
        )


def test_a_file_may_have_several_targets(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    rng = np.random.default_rng(1)
    table = rng.standard_normal((12, 4))
    file.write_text("a,b,c,d\n" + "".join(",".join(map(str, row)) + "\n" for row in table))
    problem: Any = linear_regression(Table(str(file), ("b", "d"), standardize=False))
    np.testing.assert_array_equal(problem.rows.X, table[:, [0, 2]])
    np.testing.assert_array_equal(problem.y, table[:, [1, 3]])
    assert problem.about.columns == ("a", "c")
    known = refer(problem)
    constant = table[:, [1, 3]].var(0).sum() / 2  # f of the best constant
    assert known.baseline is not None
    assert abs(known.baseline - constant) <= 30 * EPS * constant
    assert known.columns == ("a", "c")


def test_one_output_is_the_plain_model_and_the_first_of_several() -> None:
    one, three = small_problem("linear-regression(n=30, d=3)"), small_problem("linear-regression(outputs=3, n=30, d=3)")
    assert isinstance(one, LinearModel)
    np.testing.assert_array_equal(three.y[:, 0], one.y)
    assert missing(three, (LinearModel,)) == (
        "it needs rows of a linear model: it has 3 outputs, and theta is a matrix"
    )
    assert "K would contain every row 3 times, once per output" in str(missing(three, (Saddle,)))
    sparse: Any = small_problem("linear-regression(outputs=2, n=50, d=6, density=0.2)")
    assert sparse.native() is None


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("outputs=0", "outputs is 0; it must be at least 1"),
        ("outputs=2, nonnegative=true", "several outputs need the squared loss without a constraint"),
        ("outputs=2, loss=huber", "several outputs need the squared loss without a constraint"),
        ("data=linnerud, outputs=4", "outputs is 4; linnerud has 3 targets, so that it must be 1, 2 or 3"),
        ("data=diabetes, outputs=2", "diabetes has no parameter 'outputs'; there are: standardize"),
    ],
)
def test_a_refusal_says_what_would_be_allowed(parameters: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        small_problem(f"linear-regression({parameters})")
