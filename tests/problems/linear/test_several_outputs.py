"""Linear regression with several outputs is several regressions over the same rows, and is solved as one."""

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
from problems.forms import LinearModel, Saddle, SeveralSides, missing
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from problems.linear.matrix_model import matrix_model
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.matrix_losses import squared as squares
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base import BlackBox
from solvers.base.spectrum import largest_curvature
from tests.helpers.small_problems import answer, problem, solver

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
def test_it_is_one_regression_an_output(seed: int, k: int, penalty: Penalty, intercept: bool) -> None:
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((30, 3)), rng.standard_normal((30, k))
    on = matrix_model(Rows(X, intercept), Y, k, squares, penalty)
    each = [linear_model(Rows(X, intercept), np.ascontiguousarray(y), squared, penalty) for y in Y.T]
    theta = rng.standard_normal(on.dim)
    columns = theta.reshape(-1, k).T
    f = sum(one.value(t) for one, t in zip(each, columns, strict=True))
    np.testing.assert_allclose(on.value(theta), f, rtol=1e-13)
    np.testing.assert_allclose(on.gap(theta), sum(one.gap(t) for one, t in zip(each, columns, strict=True)), rtol=1e-9)
    np.testing.assert_allclose(on.predict(theta, X)[:, -1], each[-1].predict(columns[-1], X), rtol=1e-12, atol=1e-13)
    if penalty.smooth:
        g = on.gradient(theta).reshape(-1, k)  # type: ignore[attr-defined]
        np.testing.assert_allclose(g[:, 0], each[0].gradient(columns[0]), rtol=1e-11, atol=1e-13)  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        on.prox(theta, 0.3).reshape(-1, k)[:, 0], each[0].prox(columns[0], 0.3), rtol=1e-14, atol=0
    )
    known = refer(on)
    assert known.width <= 1e-10 * known.upper
    assert on.value(theta) - on.gap(theta) <= known.upper + rounding(30 * k, f)


@pytest.mark.parametrize("spec", KINDS)
def test_the_shared_forms_are_the_whole_ones(spec: str) -> None:
    on = problem(spec)
    assert isinstance(on, SeveralSides)
    k = on.outputs
    B, C = on.shared_least_squares()
    A, b = on.shared_system()
    whole, c = on.least_squares()
    matrix, right = on.system()
    filled = B.toarray() if on.rows.sparse else B
    np.testing.assert_array_equal(whole.toarray(), np.kron(filled, np.eye(k)))
    np.testing.assert_array_equal(matrix.toarray(), np.kron(A, np.eye(k)))
    np.testing.assert_array_equal(c, C.ravel())
    np.testing.assert_array_equal(right, b.ravel())
    theta = np.random.default_rng(0).standard_normal(on.dim)
    np.testing.assert_allclose(on.hessian(theta), matrix.toarray(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(matrix @ theta - right, on.gradient(theta), rtol=1e-9, atol=1e-11)
    r, J = on.residual_and_jacobian(theta)
    np.testing.assert_allclose(on.residual(theta), r, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose([r @ r / 2, *(J.T @ r)], [on.value(theta), *on.gradient(theta)], rtol=1e-9, atol=1e-11)
    L = largest_curvature(on, theta, np.random.default_rng(0))
    assert np.linalg.eigvalsh(on.hessian(theta))[-1] <= L * (1 + 1e-9) <= 1.01 * on.row_smoothness()


@pytest.mark.parametrize("spec", KINDS)
@pytest.mark.parametrize(
    "method",
    ["normal-equations", "cholesky", "lu", "qr", "qr(minimum_norm=true)", "svd", "scipy-lstsq", "scipy-solve"]
    + ["lsqr", "conjugate-gradient", "newton", "gauss-newton"]
    + [f"sklearn-outputs(solver={name})" for name in ("cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga")],
)
def test_whoever_solves_it_comes_to_the_minimum(spec: str, method: str) -> None:
    on, chosen = problem(spec), solver(method)
    if refused := chosen.objection(on):
        assert method.startswith("sklearn")
        assert "sparse" in refused
        return
    if isinstance(chosen, BlackBox):
        theta = chosen.run(on, np.zeros(on.dim), np.random.default_rng(0), 5000, lambda theta: None).theta
    else:
        theta = answer(chosen, on, on.dim, 500)
    known = refer(on)
    assert theta.shape == (on.dim,)
    assert on.value(theta) - known.lower <= 1e-10 * known.upper


def test_dependent_columns_have_one_answer_of_least_norm() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 3))
    X, Y = np.hstack([X, X[:, :1]]), rng.standard_normal((20, 2))
    on = matrix_model(Rows(X, intercept=False), Y, 2, squares)
    least = np.linalg.pinv(X) @ Y
    for method in ("qr(minimum_norm=true)", "svd"):
        np.testing.assert_allclose(answer(solver(method), on, on.dim).reshape(4, 2), least, rtol=1e-11, atol=1e-13)


def test_a_file_may_have_several_targets(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    rng = np.random.default_rng(1)
    table = rng.standard_normal((12, 4))
    file.write_text("a,b,c,d\n" + "".join(",".join(map(str, row)) + "\n" for row in table))
    on = problem(f'linear-regression(data="{file}", target=[b, d], standardize=false)')
    np.testing.assert_array_equal(on.rows.X, table[:, [0, 2]])
    np.testing.assert_array_equal(on.y, table[:, [1, 3]])
    assert on.about.columns == ("a", "c")
    known = refer(on)
    spread = table[:, [1, 3]].var(0).sum() / 2
    assert known.baseline is not None
    assert abs(known.baseline - spread) <= 30 * EPS * spread
    assert known.columns == ("a", "c")


def test_one_output_is_the_plain_model_and_the_first_of_several() -> None:
    one, three = problem("linear-regression(n=30, d=3)"), problem("linear-regression(outputs=3, n=30, d=3)")
    assert isinstance(one, LinearModel)
    np.testing.assert_array_equal(three.y[:, 0], one.y)
    assert "3 outputs" in str(missing(three, (LinearModel,)))
    assert "3 times" in str(missing(three, (Saddle,)))
    sparse: Any = problem("linear-regression(outputs=2, n=50, d=6, density=0.2)")
    assert sparse.native() is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("outputs=0", "outputs is 0; it must be at least 1"),
        ("outputs=2, nonnegative=true", "several outputs are fitted by squares alone"),
        ("outputs=2, loss=huber", "several outputs are fitted by squares alone"),
        ("data=linnerud, outputs=4", "outputs is 4; linnerud has 3 targets"),
        ("data=diabetes, outputs=2", "name as many targets"),
    ],
)
def test_refusals_are_sentences(given: str, told: str) -> None:
    with pytest.raises((SpecError, DataError, ValueError), match=told):
        problem(f"linear-regression({given})")
