"""Gradients and Hessians against the complex step, on formulas written a second time, in complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.curves.curve import Curve
from problems.forms import Clustering, FiniteSum, LayeredModel, MatrixModel, PrincipalSubspace, Smooth, TwiceSmooth
from problems.foundation.arrays import EPS
from tests.helpers.plain_networks import f_of_network
from tests.helpers.small_problems import PROBLEMS, problem

SUMS = [spec for spec in PROBLEMS if isinstance(problem(spec), FiniteSum) and isinstance(problem(spec), Smooth)]
TWICE = [spec for spec in SUMS if isinstance(problem(spec), TwiceSmooth)]
H = 1e-30


def f_complex(on: Any, theta: np.ndarray) -> complex:
    """f in plain numpy, for complex theta."""
    if isinstance(on, PrincipalSubspace):
        V = theta.reshape(-1, on.k)
        return complex(np.sum((on.X - on.X @ V @ V.T) ** 2) / (2 * on.n))
    if isinstance(on, Clustering):
        distances = ((on.X[:, None] - theta.reshape(on.k, -1)) ** 2).sum(2)
        return complex(np.take_along_axis(distances, distances.real.argmin(1)[:, None], 1).mean() / 2)
    if isinstance(on, MatrixModel):
        return f_of_outputs(on, theta)
    if isinstance(on, Curve):
        a, b, x = *theta, on.columns["x"]
        z = a * x / (b + x) if "(b2 + x)" in str(on.formula) else a * (1 - np.exp(-b * x))
        return complex(np.mean((z - on.y) ** 2) / 2)
    if isinstance(on, LayeredModel):
        return f_of_network(on, theta)
    w = theta[:-1] if on.rows.intercept else theta
    z = on.rows.X @ w + (theta[-1] if on.rows.intercept else 0)
    penalty = on.penalty.l2 / 2 * (w @ w)
    if on.loss.name == "squared":
        losses = (z - on.y) ** 2 / 2
    elif on.loss.name == "Huber":
        r, delta = z - on.y, on.loss.shape
        losses = np.where(abs(r.real) <= delta, r**2 / 2, delta * (np.sign(r.real) * r - delta / 2))
    elif on.loss.name == "squared hinge":
        short = on.loss.shape - on.y * z
        losses = np.where(short.real > 0, short**2 / 2, 0)
    else:
        t = -on.y * z
        losses = np.where(
            t.real > 0, t + np.log(1 + np.exp(-t)), np.log(1 + np.exp(np.minimum(t.real, 0) + 1j * t.imag))
        )
    return complex(np.mean(losses) + penalty)


def f_of_outputs(on: Any, theta: np.ndarray) -> complex:
    """f of a model of several outputs."""
    M = theta.reshape(-1, on.outputs)
    W = M[: on.rows.X.shape[1]]
    Z = on.rows.X @ W + (M[-1] if on.rows.intercept else 0)
    if on.loss.classes:
        Z = Z - np.take_along_axis(Z, on.y.astype(int)[:, None], axis=1)
        top = Z.real.max(1)
        losses = top + np.log(np.exp(Z - top[:, None]).sum(1))
    else:
        losses = ((Z - on.y) ** 2).sum(1) / 2
    return complex(np.mean(losses) + on.penalty.l2 / 2 * np.sum(W * W))


@settings(max_examples=60)
@given(spec=st.sampled_from(SUMS), seed=st.integers(0, 2**32), scale=st.sampled_from([0.0, 0.1, 1.0, 5.0]))
def test_gradient_by_complex_step(spec: str, seed: int, scale: float) -> None:
    on = problem(spec)
    rng = np.random.default_rng(seed)
    theta, v = scale * rng.standard_normal(on.dim), rng.standard_normal(on.dim)
    f, g = on.value_and_gradient(theta)
    exact = f_complex(on, theta + 1j * H * v)
    size = np.abs(g) @ np.abs(v) + abs(f) + 1
    assert abs(f - exact.real) <= 30 * on.n * EPS * size
    assert abs(exact.imag / H - g @ v) <= 30 * on.n * EPS * size
    assert on.value(theta) == f or abs(on.value(theta) - f) <= 30 * on.n * EPS * size


@settings(max_examples=40)
@given(spec=st.sampled_from(TWICE), seed=st.integers(0, 2**32))
def test_hessian_products_are_the_gradient_s_derivative(spec: str, seed: int) -> None:
    on = problem(spec)
    rng = np.random.default_rng(seed)
    theta, v = rng.standard_normal(on.dim), rng.standard_normal(on.dim)
    h = 1e-6
    if isinstance(on, Clustering) and len({on.partition(theta + t * v).labels.tobytes() for t in (-h, 0, h)}) > 1:
        return  # f has no derivative in between
    difference = (on.gradient(theta + h * v) - on.gradient(theta - h * v)) / (2 * h)
    Hv = on.hessian_product(theta)(v)
    np.testing.assert_allclose(Hv, difference, rtol=1e-5, atol=1e-6 * (1 + abs(Hv).max()))
    hessian = on.hessian(theta)
    np.testing.assert_allclose(hessian @ v, Hv, rtol=1e-9, atol=1e-11 * (1 + abs(Hv).max()))
    size = on.dim * EPS * np.linalg.norm(hessian)
    assert np.linalg.norm(hessian - hessian.T) <= 10 * size
    if on.convex:
        assert np.linalg.eigvalsh(hessian)[0] >= -10 * size


@settings(max_examples=30)
@given(spec=st.sampled_from(SUMS), seed=st.integers(0, 2**32))
def test_batch_gradients_add_up(spec: str, seed: int) -> None:
    on = problem(spec)
    rng = np.random.default_rng(seed)
    theta, order = rng.standard_normal(on.dim), rng.permutation(on.n)
    cut = int(rng.integers(1, on.n))
    parts = [(len(rows) / on.n) * on.batch_gradient(theta, rows) for rows in (order[:cut], order[cut:])]
    np.testing.assert_allclose(sum(parts), on.gradient(theta), rtol=1e-10, atol=1e-12)
