"""The calculation graph: against complex steps, in any shape and precision, and closed to all that is no formula."""

from __future__ import annotations

import json
import tracemalloc
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from experiments.cli.main import cli
from experiments.figures.graph.evaluation import as_json, as_text, calculated, draw
from experiments.figures.graph.layout import crossings, heights, layered
from experiments.figures.graph.picture import picture
from experiments.lab.spec.grammar import SpecError
from problems.foundation.arrays import EPS
from problems.graph import Graph, Node, dot, exp, gradients, maximum, parse, relu, sigmoid, variable, variables

H = 1e-30
C = 100
NAMES = ("x", "y", "z")
SEEDS = st.integers(0, 2**32)
LEAVES = st.one_of(st.sampled_from(NAMES), st.sampled_from(["2", "0.5", "-1.5", "pi", "3"]))


def grown(inner: Any) -> Any:
    """A formula around smaller ones; kinks where no complex step can stand are met with probability 0."""
    one = st.sampled_from(["exp", "sin", "cos", "tan", "arctan", "tanh", "sigmoid", "relu", "abs", "-"])
    two = st.sampled_from(["({} + {})", "({} - {})", "({} * {})", "({} / {})", "maximum({}, {})", "minimum({}, {})"])
    return st.one_of(
        st.builds("{}({})".format, one, inner),
        st.builds(lambda form, a, b: form.format(a, b), two, inner, inner),
        st.builds("log(1 + ({})**2)".format, inner),
        st.builds("sqrt(0.3 + ({})**2)".format, inner),
        st.builds("(1.5 + sin({}))**{}".format, inner, inner),
        st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "-1", "0"])),
    )


FORMULAS = st.recursive(LEAVES, grown, max_leaves=12)


@np.errstate(all="ignore")
def size(run: Any, slopes: list[Any]) -> float:
    """Of what is added up: values and the slopes by them."""
    values = [np.abs(v).max() for v in run.values if np.size(v)]
    return float((1 + max(values)) * (1 + max(np.abs(s).max() for s in slopes if s is not None)))


@settings(max_examples=400)
@given(text=FORMULAS, seed=SEEDS)
def test_slopes_are_those_of_a_complex_step(text: str, seed: int) -> None:
    graph = Graph(parse(text))
    rng = np.random.default_rng(seed)
    at = {name: rng.standard_normal() for name in graph.variables}
    v = {name: rng.standard_normal() for name in graph.variables}
    run = graph.at(at)
    slopes = run.slopes()
    scale = size(run, slopes)
    assume(np.isfinite(scale) and scale < 1e12)
    exact = graph.at({name: at[name] + 1j * H * v[name] for name in at}).value
    bound = C * len(graph.nodes) * EPS * scale
    assert abs(exact.real - run.value) <= bound
    assert abs(np.imag(exact) / H - sum(slope * v[name] for name, slope in run.gradient().items())) <= bound
    assert abs(np.imag(exact) / H - run.jvp(v)) <= bound


@settings(max_examples=200)
@given(text=FORMULAS, seed=SEEDS)
def test_slopes_of_slopes_are_those_of_a_complex_step(text: str, seed: int) -> None:
    node = parse(text)
    rng = np.random.default_rng(seed)
    at = {name: rng.standard_normal() for name in Graph(node).variables}
    assume(at)
    slope = gradients(node, *at)
    graph = Graph(*slope)
    kept = {name: value for name, value in at.items() if name in graph.variables}
    assume(kept)
    v = {name: rng.standard_normal() for name in kept}
    run = graph.at(kept)
    moved = run.jvps(v)
    scale = size(run, [1.0, *moved])
    assume(np.isfinite(scale) and scale < 1e10)
    ahead = graph.at({name: kept[name] + 1j * H * v[name] for name in kept})
    exact = [np.imag(ahead.values[k]) / H for k in graph.outputs]
    np.testing.assert_allclose(moved, exact, rtol=0, atol=C * len(graph.nodes) * EPS * scale)


SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=4)


@settings(max_examples=200)
@given(text=FORMULAS, shapes=SHAPES, seed=SEEDS, kind=st.sampled_from([np.float32, np.float64]))
def test_arrays_of_any_shapes_that_go_together(text: str, shapes: Any, seed: int, kind: Any) -> None:
    graph = Graph(parse(f"sum({text})"))
    rng = np.random.default_rng(seed)
    drawn = dict(zip(NAMES, shapes.input_shapes, strict=True))
    at = {name: rng.standard_normal(drawn[name]).astype(kind) for name in graph.variables}
    run = graph.at(at)
    found = run.gradient()
    double = graph.at({name: value.astype(np.float64) for name, value in at.items()})
    scale = size(double, double.slopes()) * max(1, np.size(double.values[-2]))
    assume(np.isfinite(scale) and scale < 1e5)
    assert np.asarray(run.value).dtype == (kind if at else np.float64)
    total = 0.0
    for name, slope in found.items():
        assert (np.shape(slope), np.asarray(slope).dtype) == (drawn[name], kind)
        total += float(np.sum(slope * rng.standard_normal(drawn[name])))
    rng = np.random.default_rng(seed)
    [rng.standard_normal(drawn[name]) for name in graph.variables]
    ahead = graph.at({name: at[name] + 1j * H * rng.standard_normal(drawn[name]) for name in at})
    assert abs(np.imag(ahead.value) / H - total) <= C * len(graph.nodes) * np.finfo(kind).eps * scale


SIDES = st.integers(1, 4)


@settings(max_examples=100)
@given(k=SIDES, m=SIDES, n=SIDES, left=st.integers(0, 3), right=st.integers(0, 3), seed=SEEDS)
def test_matrix_products_and_what_picks_entries(k: int, m: int, n: int, left: int, right: int, seed: int) -> None:
    A, B, w = variables("A B w")
    shapes = {"A": [(m,), (k, m), (3, k, m), (2, 1, k, m)][left], "B": [(m,), (m, n), (3, m, n), (2, 3, m, n)][right]}
    rng = np.random.default_rng(seed)
    at = {name: rng.standard_normal(shape) for name, shape in shapes.items()} | {"w": rng.standard_normal(m)}
    ones = np.ones(shapes["B"][0])
    f = ((A @ B) ** 2).sum() + dot(w, w) * (B.T @ ones).sum() + (w[::-1] * w[0]).sum()
    f = f + (A.sum(axis=0) * 0.5).sum() + w[[0, 0]].sum() + np.tanh(A).sum()
    graph, slope = Graph(f), Graph(*gradients(f, "A", "B", "w"))
    v = {name: rng.standard_normal(np.shape(value)) for name, value in at.items()}
    ahead = {name: at[name] + 1j * H * v[name] for name in at}
    found = sum(np.sum(s * v[name]) for name, s in graph.at(at).gradient().items())
    np.testing.assert_allclose(found, graph.at(ahead).value.imag / H, rtol=1e-12, atol=1e-11)
    exact = slope.at(ahead)
    for moved, k_ in zip(slope.at(at).jvps(v), slope.outputs, strict=True):
        np.testing.assert_allclose(moved, exact.values[k_].imag / H, rtol=1e-12, atol=1e-11)


def test_the_jacobian_is_formed_only_where_it_is_asked_for() -> None:
    x, y = variables("x y")
    n = 4096  # of float32: a Jacobian of 64 MB
    rng = np.random.default_rng(0)
    at = {name: rng.standard_normal(n).astype(np.float32) for name in "xy"}
    graph = Graph(sigmoid(x * y) + exp(-y))
    run = graph.at(at)
    run.vjp(run.value)
    tracemalloc.start()
    found = graph.at(at).vjp(run.value)
    assert tracemalloc.get_traced_memory()[1] < 2e6
    tracemalloc.stop()
    assert found["x"].dtype == np.float32
    few = {name: value[:7] for name, value in at.items()}
    J = graph.at(few).jacobian("y")
    np.testing.assert_array_equal(J, np.diag(np.diag(J)))
    np.testing.assert_allclose(graph.at(few).vjp(few["x"])["y"], few["x"] @ J, rtol=1e-6)


def test_the_jacobian_row_by_row_and_column_by_column() -> None:
    W, x = variables("W x")
    rng = np.random.default_rng(1)
    at = {"W": rng.standard_normal((3, 5)), "x": rng.standard_normal(5)}
    run = Graph(np.tanh(W @ x)).at(at)  # 3 values: rows; of one number below: columns
    assert run.jacobian("W").shape == (3, 3, 5)
    np.testing.assert_allclose(run.jacobian("x"), (1 - run.value**2)[:, None] * at["W"], rtol=1e-13)
    b = variable("b")
    run = Graph(exp(-b * x)).at(b=0.5, x=at["x"])
    np.testing.assert_allclose(run.jacobian("b"), -at["x"] * run.value, rtol=1e-14)
    np.testing.assert_allclose(run.rowwise("b")[0], -at["x"] * run.value, rtol=1e-14)
    with pytest.raises(ValueError, match="sum joins entries; row by row"):
        Graph(x.sum()).at(x=at["x"]).rowwise("x")


def test_what_is_written_in_python_is_the_same_as_what_is_parsed() -> None:
    x, y = variables("x y")
    for written, text in (
        (relu(x) - 2 / y + abs(y) ** 2, "relu(x) - 2/y + abs(y)**2"),
        (maximum(x, y) * np.exp(x) + np.float64(3.0) * x, "maximum[x, y]*exp[x] + 3*x"),
        (2**x - (-y), "2**x - -y"),
        (np.sum(x * y), "sum(x*y)"),
    ):
        a, b = (Graph(node).at(x=1.25, y=-0.5) for node in (written, parse(text)))
        assert a.value == b.value
        assert a.gradient() == b.gradient()
    deep = x
    for _ in range(20_000):
        deep = deep + 1.0
    assert Graph(deep).at(x=0.0).gradient() == {"x": 1.0}
    assert str(deep).startswith("(((... + 1)")
    with pytest.raises(TypeError, match="numpy's floor has no slope here"):
        np.floor(x)
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(x + y)


def test_what_overflows_is_inf_without_a_word() -> None:
    for text, value in (("exp(x)", np.inf), ("x/0", np.inf), ("10**10**10", np.inf), ("log(0 - x)", np.nan)):
        graph = Graph(parse(text))
        run = graph.at(dict.fromkeys(graph.variables, 1000.0))
        np.testing.assert_equal(float(run.value), value)
        run.gradient()
    assert Graph(parse("x**2 + 0**x")).at(x=0.0).value == 1.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the formula is empty"),
        ("x.__class__", "a dot after a name in column 1; a formula is made of numbers"),
        ("(lambda: 1)()", "has ':' in column 8"),
        ("(y:=3)", "has ':' in column 3"),
        ("f'{x}'", 'has "\'" in column 2'),
        ("ｅｘｐ(x)", "has 'ｅ' in column 1"),
        ("x\0", r"has '\\x00' in column 2"),
        ("x^2", "a power is written \\*\\*"),
        ("y = x", "only what stands right of an equals sign"),
        ("1j", "the formula has 1j in column 1"),
        ("True", "the formula has True in column 1"),
        ("x if y else z", "if ... else"),
        ("x, y", "a comma outside"),
        ("x//2", "the formula has // in column 1"),
        ("not x", "the formula has not in column 1"),
        ("1or x", "cannot be read"),
        ("2 x", "cannot be read"),
        ("2(x)", "is a \\* missing"),
        ("x[0]", "x in column 1 is no function"),
        (" expp(x)", "expp in column 2 is no function; did you mean exp"),
        ("__import__(x)", "__import__ in column 1 is no function"),
        ("exp", "exp in column 1 is a function; brackets must follow it"),
        ("maximum(x)", "maximum in column 1 takes 2 arguments, not 1"),
        ("exp(*x)", "takes plain arguments"),
        ("exp[x)", "closes the \\[ of column 4 by \\) in column 6"),
        ("exp(x", "never closes the \\( of column 4"),
        ("x)", "closes a bracket in column 2 that was never opened"),
        ("1e999", "beyond 1.8e308"),
        ("9" * 3999, "beyond 1.8e308"),
        ("x" * 100_000, "has 100000 characters; 4000 are the most"),
        ("(" * 1500 + "x" + ")" * 1500, "cannot be read"),
        ("-" * 3999 + "x", "too deep"),
        ("x" + "+x" * 1999, "too deep"),
        ("x**" * 1000 + "x", "too deep"),
    ],
)
def test_what_is_no_formula_is_refused_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(text)


@settings(max_examples=300)
@given(st.text(alphabet="xyexp0123.()[]+-*/,@ ", max_size=40))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except ValueError as error:
        assert str(error)[0].islower()
        return
    assert isinstance(node, Node)


@pytest.mark.parametrize(
    ("formula", "at", "told"),
    [
        ("x*y", "x=[1, 2], y=[1, 2, 3]", r"\* does not take shape \(2,\) and \(3,\), in \(x \* y\)"),
        ("x*y", "x=1", "y has no value; the formula's variables are x, y"),
        ("x", "x=1, y=2", "there is no y in the formula; its variables are x"),
        ("x*2", "x=[1, 2]", "a gradient is of one number, such as its sum"),
        ("x", "x=[[1, 2], [3]]", "x has rows of different lengths"),
        ("x", "x=foo", "gives x the value 'foo'; a number"),
        ("x", "x=true", "a number or a list"),
        ("x", "x=1, x=2", "gives a value twice"),
        ("x", "x", "cannot be read; write x=1"),
        ("dot(x, x)", "x=[[1]]", r"dot does not take shape \(1, 1\) and \(1, 1\)"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_a_sentence(formula: str, at: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        calculated(formula, at)


def test_the_deck_s_example(tmp_path: Path) -> None:
    formula, out = "(x + y) * z", tmp_path / "new" / "graph.svg"
    run = calculated(formula, "x=1,y=-3,z=4")
    assert as_text(run) == "f = -8\ndf/dx = 4\ndf/dy = 4\ndf/dz = -2"
    draw(run, formula, out)
    told = as_json(formula, run, out)
    assert (told["value"], told["gradient"]) == (-8.0, {"x": 4.0, "y": 4.0, "z": -2.0})
    assert [(node["name"], node["value"], node["slope"]) for node in told["nodes"]] == [
        ("x", 1.0, 4.0), ("y", -3.0, 4.0), ("+", -2.0, 4.0), ("z", 4.0, -2.0), ("*", -8.0, 1.0)
    ]  # fmt: skip
    texts = [text.text for text in ET.parse(out).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:6] == ["x", "1", "d 4", "y", "-3", "d 4"]
    with pytest.raises(SpecError, match=r"is no \.svg file"):
        draw(run, formula, tmp_path / "graph.png")


@settings(max_examples=60)
@given(text=FORMULAS, seed=SEEDS)
def test_boxes_of_a_picture_stand_apart(text: str, seed: int) -> None:
    graph = Graph(parse(text))
    rng = np.random.default_rng(seed)
    drawing = ET.fromstring(picture(graph.at({name: rng.standard_normal() for name in graph.variables}), text))
    assert drawing[0].text == text
    boxes = [tuple(float(b.attrib[key]) for key in ("x", "y", "width", "height"))
             for b in drawing.iter("{http://www.w3.org/2000/svg}rect") if "rx" in b.attrib]  # fmt: skip
    wide, high = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    for i, (x, y, w, h) in enumerate(boxes):
        assert min(x, y) >= 0
        assert x + w <= wide
        assert y + h <= high
        for a, b, c, d in boxes[i + 1 :]:
            assert x + w < a or a + c < x or y + h < b or b + d < y


def test_names_are_escaped_and_crossings_undone() -> None:
    run = Graph(parse("x * 2")).at(x=1)
    assert "a &lt;b&gt; &amp; c" in picture(run, "a <b> & c")
    crossed = [(0, 4, 0.0), (1, 3, 0.0), (2, 5, 0.0), (3, 6, 0.0), (4, 7, 0.0), (5, 6, 0.0)]
    layers = layered(8, crossed)
    assert crossings(layers.columns, crossed) == 0
    y = heights(layers, [20.0] * 8, 10.0)
    for column in layers.columns:
        assert all(y[b] - y[a] >= 30 - 1e-9 for a, b in pairwise(column))


def test_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "graph.svg"
    done = CliRunner().invoke(cli, ["graph", "-(x + y) * z", "--at", "x=1,y=-3,z=[4]", "--out", str(out)])
    assert (done.exit_code, out.exists()) == (2, False), "its value is a vector of one"
    done = CliRunner().invoke(cli, ["graph", "-x * sum(z)", "--at", "x=2,z=[1, 2, 3]", "--out", str(out)])
    assert done.output == f"f = -12\ndf/dx = -6\ndf/dz = [-2, -2, -2]\n\nThe picture: {out}\n"
    told = json.loads(CliRunner().invoke(cli, ["graph", "exp(x)", "--at", "x=1000", "--json"]).output)
    assert (told["value"], told["gradient"], told["picture"]) == (None, {"x": None}, None)
    for wrong in (["x.y", "--at", "x=1"], ["x", "--at", "x"], ["x", "--at", "x=1", "--out", "graph.png"]):
        done = CliRunner().invoke(cli, ["graph", *wrong])
        assert done.exit_code == 2
        assert done.stderr.startswith("solverlab: ")
