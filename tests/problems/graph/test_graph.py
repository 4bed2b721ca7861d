"""The computational graph: derivatives against complex steps, in any shape and precision."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from problems.foundation.arrays import EPS
from problems.graph import Graph, dot, exp, gradients, maximum, parse, relu, sigmoid, variable, variables
from tests.problems.graph.formulas import FORMULAS, NAMES, SEEDS

H = 1e-30
C = 100


@np.errstate(all="ignore")
def magnitude(evaluation: Any, derivatives: list[Any]) -> float:
    """The size of the terms of all sums: the largest value times the largest derivative."""
    values = [np.abs(v).max() for v in evaluation.values if np.size(v)]
    return float((1 + max(values)) * (1 + max(np.abs(d).max() for d in derivatives if d is not None)))


@settings(max_examples=400)
@given(text=FORMULAS, seed=SEEDS)
def test_first_derivatives_agree_with_a_complex_step(text: str, seed: int) -> None:
    graph = Graph(parse(text))
    rng = np.random.default_rng(seed)
    at = {name: rng.standard_normal() for name in graph.variables}
    v = {name: rng.standard_normal() for name in graph.variables}
    evaluation = graph.at(at)
    scale = magnitude(evaluation, evaluation.derivatives())
    assume(np.isfinite(scale) and scale < 1e12)
    exact = graph.at({name: at[name] + 1j * H * v[name] for name in at}).value
    bound = C * len(graph.nodes) * EPS * scale
    along_v = sum(derivative * v[name] for name, derivative in evaluation.gradient().items())
    assert abs(exact.real - evaluation.value) <= bound
    assert abs(np.imag(exact) / H - along_v) <= bound
    assert abs(np.imag(exact) / H - evaluation.jvp(v)) <= bound


@settings(max_examples=200)
@given(text=FORMULAS, seed=SEEDS)
def test_second_derivatives_agree_with_a_complex_step(text: str, seed: int) -> None:
    node = parse(text)
    rng = np.random.default_rng(seed)
    at = {name: rng.standard_normal() for name in Graph(node).variables}
    assume(at)
    graph = Graph(*gradients(node, *at))
    at = {name: value for name, value in at.items() if name in graph.variables}
    assume(at)
    v = {name: rng.standard_normal() for name in at}
    evaluation = graph.at(at)
    tangents = evaluation.jvps(v)
    scale = magnitude(evaluation, [1.0, *tangents])
    assume(np.isfinite(scale) and scale < 1e10)
    complex_step = graph.at({name: at[name] + 1j * H * v[name] for name in at})
    exact = [np.imag(complex_step.values[k]) / H for k in graph.outputs]
    np.testing.assert_allclose(tangents, exact, rtol=0, atol=C * len(graph.nodes) * EPS * scale)


SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=4)


@settings(max_examples=200)
@given(text=FORMULAS, shapes=SHAPES, seed=SEEDS, kind=st.sampled_from([np.float32, np.float64]))
def test_arrays_of_any_shapes_that_broadcast(text: str, shapes: Any, seed: int, kind: Any) -> None:
    graph = Graph(parse(f"sum({text})"))
    rng = np.random.default_rng(seed)
    shape_of = dict(zip(NAMES, shapes.input_shapes, strict=True))
    at = {name: rng.standard_normal(shape_of[name]).astype(kind) for name in graph.variables}
    v = {name: rng.standard_normal(shape_of[name]) for name in graph.variables}
    evaluation = graph.at(at)
    double = graph.at({name: value.astype(np.float64) for name, value in at.items()})
    scale = magnitude(double, double.derivatives()) * max(1, np.size(double.values[-2]))
    assume(np.isfinite(scale) and scale < 1e5)
    assert np.asarray(evaluation.value).dtype == (kind if at else np.float64)
    along_v = 0.0
    for name, derivative in evaluation.gradient().items():
        assert (np.shape(derivative), np.asarray(derivative).dtype) == (shape_of[name], kind)
        along_v += float(np.sum(derivative * v[name]))
    complex_step = graph.at({name: at[name] + 1j * H * v[name] for name in at})
    assert abs(np.imag(complex_step.value) / H - along_v) <= C * len(graph.nodes) * np.finfo(kind).eps * scale


SIDES = st.integers(1, 4)


@settings(max_examples=100)
@given(k=SIDES, m=SIDES, n=SIDES, left=st.integers(0, 3), right=st.integers(0, 3), seed=SEEDS)
def test_matrix_products_and_indexing(k: int, m: int, n: int, left: int, right: int, seed: int) -> None:
    A, B, w = variables("A B w")
    shapes = {"A": [(m,), (k, m), (3, k, m), (2, 1, k, m)][left], "B": [(m,), (m, n), (3, m, n), (2, 3, m, n)][right]}
    rng = np.random.default_rng(seed)
    at = {name: rng.standard_normal(shape) for name, shape in shapes.items()} | {"w": rng.standard_normal(m)}
    ones = np.ones(shapes["B"][0])
    f = ((A @ B) ** 2).sum() + dot(w, w) * (B.T @ ones).sum() + (w[::-1] * w[0]).sum()
    f = f + (A.sum(axis=0) * 0.5).sum() + w[[0, 0]].sum() + np.tanh(A).sum()
    graph, gradient_graph = Graph(f), Graph(*gradients(f, "A", "B", "w"))
    v = {name: rng.standard_normal(np.shape(value)) for name, value in at.items()}
    complex_step = {name: at[name] + 1j * H * v[name] for name in at}
    along_v = sum(np.sum(derivative * v[name]) for name, derivative in graph.at(at).gradient().items())
    np.testing.assert_allclose(along_v, graph.at(complex_step).value.imag / H, rtol=1e-12, atol=1e-11)
    exact = gradient_graph.at(complex_step)
    for tangent, output in zip(gradient_graph.at(at).jvps(v), gradient_graph.outputs, strict=True):
        np.testing.assert_allclose(tangent, exact.values[output].imag / H, rtol=1e-12, atol=1e-11)


def test_the_jacobian_is_formed_only_on_request() -> None:
    x, y = variables("x y")
    n = 4096  # of float32: a Jacobian of 64 MB
    rng = np.random.default_rng(0)
    at = {name: rng.standard_normal(n).astype(np.float32) for name in "xy"}
    graph = Graph(sigmoid(x * y) + exp(-y))
    evaluation = graph.at(at)
    evaluation.vjp(evaluation.value)
    tracemalloc.start()
    products = graph.at(at).vjp(evaluation.value)
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()
    assert products["x"].dtype == np.float32
    small = {name: value[:7] for name, value in at.items()}
    J = graph.at(small).jacobian("y")
    np.testing.assert_array_equal(J, np.diag(np.diag(J)))
    np.testing.assert_allclose(graph.at(small).vjp(small["x"])["y"], small["x"] @ J, rtol=1e-6)


def test_the_jacobian_row_by_row_and_column_by_column() -> None:
    W, x = variables("W x")
    rng = np.random.default_rng(1)
    at = {"W": rng.standard_normal((3, 5)), "x": rng.standard_normal(5)}
    by_rows = Graph(np.tanh(W @ x)).at(at)  # 3 values and 5 or 15 columns
    assert by_rows.jacobian("W").shape == (3, 3, 5)
    np.testing.assert_allclose(by_rows.jacobian("x"), (1 - by_rows.value**2)[:, None] * at["W"], rtol=1e-13)
    b = variable("b")
    by_columns = Graph(exp(-b * x)).at(b=0.5, x=at["x"])  # 5 values and 1 column
    exact = -at["x"] * by_columns.value
    np.testing.assert_allclose(by_columns.jacobian("b"), exact, rtol=1e-14)
    np.testing.assert_allclose(by_columns.elementwise_derivatives("b")[0], exact, rtol=1e-14)
    with pytest.raises(ValueError, match="sum combines entries; every operation must act on each entry alone"):
        Graph(x.sum()).at(x=at["x"]).elementwise_derivatives("x")


def test_the_derivative_of_a_node_is_the_sum_over_its_edges() -> None:
    """x is read by three operations; a comparison has no derivative, and a constant needs none."""
    evaluation = Graph(parse("x*y + exp(x)*maximum(x, 0)")).at(x=0.5, y=-2.0)
    derivatives = evaluation.derivatives()
    x = evaluation.graph.index["x"]
    terms = [(node, term) for argument, node, term in evaluation.contributions(derivatives) if argument == x]
    assert [float(term) for _, term in terms] == pytest.approx([-2.0, 0.5 * np.exp(0.5), np.exp(0.5)])
    assert sum(term for _, term in terms) == evaluation.gradient()["x"] == derivatives[x]
    assert {argument: term for argument, _, term in evaluation.contributions(evaluation.derivatives(1.0, "y"))}[
        x
    ] is None


def test_a_formula_in_python_equals_the_parsed_one() -> None:
    x, y = variables("x y")
    for python, text in (
        (relu(x) - 2 / y + abs(y) ** 2, "relu(x) - 2/y + abs(y)**2"),
        (maximum(x, y) * np.exp(x) + np.float64(3.0) * x, "maximum[x, y]*exp[x] + 3*x"),
        (2**x - (-y), "2**x - -y"),
        (np.sum(x * y), "sum(x*y)"),
    ):
        a, b = (Graph(node).at(x=1.25, y=-0.5) for node in (python, parse(text)))
        assert a.value == b.value
        assert a.gradient() == b.gradient()
    deep = x
    for _ in range(20_000):
        deep = deep + 1.0
    assert Graph(deep).at(x=0.0).gradient() == {"x": 1.0}
    assert str(deep).startswith("(((... + 1)")
    with pytest.raises(
        TypeError, match="numpy's floor has no derivative rule; functions with one are: absolute, add, arctan"
    ):
        np.floor(x)
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(x + y)


def test_derivatives_at_a_kink_are_those_that_the_functions_state() -> None:
    at = {"x": 0.0, "y": 0.0}
    for text, x, y in (
        ("relu(x) + 0*y", 0, 0),
        ("abs(x) + 0*y", 0, 0),
        ("maximum(x, y)", 0, 1),
        ("minimum(x, y)", 0, 1),
    ):
        assert Graph(parse(text)).at(at).gradient() == {"x": x, "y": y}
    assert Graph(parse("x**y")).at(at).gradient() == {"x": 0, "y": 0}


def test_overflow_gives_inf_without_a_warning() -> None:
    for text, value in (("exp(x)", np.inf), ("x/0", np.inf), ("10**10**10", np.inf), ("log(0 - x)", np.nan)):
        graph = Graph(parse(text))
        evaluation = graph.at(dict.fromkeys(graph.variables, 1000.0))
        np.testing.assert_equal(float(evaluation.value), value)
        evaluation.gradient()
    assert Graph(parse("x**2 + 0**x")).at(x=0.0).value == 1.0
