"""Gradients and Hessians against the complex step, with formulas written a second time in complex arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from problems.curves.curve import Curve
from problems.forms import Clustering, FiniteSum, LayeredModel, MatrixModel, PrincipalSubspace, Smooth, TwiceSmooth
from problems.foundation.arrays import EPS
from tests.helpers.plain_networks import f_of_network
from tests.helpers.small_problems import PROBLEMS
from tests.helpers.small_problems import problem as small_problem

FINITE = [spec for spec in PROBLEMS if isinstance(small_problem(spec), FiniteSum)]
SUMS = [spec for spec in FINITE if isinstance(small_problem(spec), Smooth)]
TWICE = [spec for spec in SUMS if isinstance(small_problem(spec), TwiceSmooth)]
H = 1e-30


def f_complex(problem: Any, theta: np.ndarray) -> complex:
    """f(theta) in plain numpy, for complex theta."""
    if isinstance(problem, PrincipalSubspace):
        V = theta.reshape(-1, problem.k)
        return complex(np.sum((problem.X - problem.X @ V @ V.T) ** 2) / (2 * problem.n))
    if isinstance(problem, Clustering):
        distances = ((problem.X[:, None] - theta.reshape(problem.k, -1)) ** 2).sum(2)
        return complex(np.take_along_axis(distances, distances.real.argmin(1)[:, None], 1).mean() / 2)
    if isinstance(problem, MatrixModel):
        return f_of_outputs(problem, theta)
    if isinstance(problem, Curve):
        a, b, x = *theta, problem.columns["x"]
        z = a * x / (b + x) if "(b2 + x)" in str(problem.formula) else a * (1 - np.exp(-b * x))
        return complex(np.mean((z - problem.y) ** 2) / 2)
    if isinstance(problem, LayeredModel):
        return f_of_network(problem, theta)
    w = theta[:-1] if problem.rows.intercept else theta
    z = problem.rows.X @ w + (theta[-1] if problem.rows.intercept else 0)
    penalty = problem.penalty.l2 / 2 * (w @ w)
    if problem.loss.name == "squared":
        losses = (z - problem.y) ** 2 / 2
    elif problem.loss.name == "Huber":
        r, delta = z - problem.y, problem.loss.shape
        losses = np.where(abs(r.real) <= delta, r**2 / 2, delta * (np.sign(r.real) * r - delta / 2))
    elif problem.loss.name == "squared hinge":
        shortfall = problem.loss.shape - problem.y * z
        losses = np.where(shortfall.real > 0, shortfall**2 / 2, 0)
    else:
        t = -problem.y * z
        losses = np.where(
            t.real > 0, t + np.log(1 + np.exp(-t)), np.log(1 + np.exp(np.minimum(t.real, 0) + 1j * t.imag))
        )
    return complex(np.mean(losses) + penalty)


def f_of_outputs(problem: Any, theta: np.ndarray) -> complex:
    """f(theta) of a model with several outputs."""
    M = theta.reshape(-1, problem.outputs)
    W = M[: problem.rows.X.shape[1]]
    Z = problem.rows.X @ W + (M[-1] if problem.rows.intercept else 0)
    if problem.loss.classes:
        Z = Z - np.take_along_axis(Z, problem.y.astype(int)[:, None], axis=1)
        top = Z.real.max(1)
        losses = top + np.log(np.exp(Z - top[:, None]).sum(1))
    else:
        losses = ((Z - problem.y) ** 2).sum(1) / 2
    return complex(np.mean(losses) + problem.penalty.l2 / 2 * np.sum(W * W))


@settings(max_examples=60)
@given(spec=st.sampled_from(SUMS), seed=st.integers(0, 2**32), scale=st.sampled_from([0.0, 0.1, 1.0, 5.0]))
def test_gradient_by_complex_step(spec: str, seed: int, scale: float) -> None:
    problem = small_problem(spec)
    rng = np.random.default_rng(seed)
    theta, v = scale * rng.standard_normal(problem.dim), rng.standard_normal(problem.dim)
    f, g = problem.value_and_gradient(theta)
    exact = f_complex(problem, theta + 1j * H * v)
    size = np.abs(g) @ np.abs(v) + abs(f) + 1
    assert abs(f - exact.real) <= 30 * problem.n * EPS * size
    assert abs(exact.imag / H - g @ v) <= 30 * problem.n * EPS * size
    assert problem.value(theta) == f or abs(problem.value(theta) - f) <= 30 * problem.n * EPS * size


@settings(max_examples=40)
@given(spec=st.sampled_from(TWICE), seed=st.integers(0, 2**32))
def test_hessian_products_are_the_gradient_s_derivative(spec: str, seed: int) -> None:
    problem = small_problem(spec)
    rng = np.random.default_rng(seed)
    theta, v = rng.standard_normal(problem.dim), rng.standard_normal(problem.dim)
    h = 1e-6
    if isinstance(problem, Clustering):  # f may have a kink between these points
        assume(len({problem.partition(theta + t * v).labels.tobytes() for t in (-h, 0, h)}) == 1)
    difference = (problem.gradient(theta + h * v) - problem.gradient(theta - h * v)) / (2 * h)
    Hv = problem.hessian_product(theta)(v)
    np.testing.assert_allclose(Hv, difference, rtol=1e-5, atol=1e-6 * (1 + abs(Hv).max()))
    hessian = problem.hessian(theta)
    np.testing.assert_allclose(hessian @ v, Hv, rtol=1e-9, atol=1e-11 * (1 + abs(Hv).max()))
    size = problem.dim * EPS * np.linalg.norm(hessian)
    assert np.linalg.norm(hessian - hessian.T) <= 10 * size
    if problem.convex:
        assert np.linalg.eigvalsh(hessian)[0] >= -10 * size


@settings(max_examples=30)
@given(spec=st.sampled_from(SUMS), seed=st.integers(0, 2**32))
def test_batch_gradients_add_up(spec: str, seed: int) -> None:
    problem = small_problem(spec)
    rng = np.random.default_rng(seed)
    theta, order = rng.standard_normal(problem.dim), rng.permutation(problem.n)
    cut = int(rng.integers(1, problem.n))
    parts = [(len(rows) / problem.n) * problem.batch_gradient(theta, rows) for rows in (order[:cut], order[cut:])]
    np.testing.assert_allclose(sum(parts), problem.gradient(theta), rtol=1e-10, atol=1e-12)
