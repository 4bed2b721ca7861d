"""A formula at a point: values, text, JSON, picture and the command line."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from experiments.cli.main import cli
from experiments.figures.graph.evaluation import as_json, as_text, calculated, draw
from experiments.figures.graph.layout import crossings, heights, layered
from experiments.figures.graph.picture import picture
from experiments.lab.spec.grammar import SpecError
from problems.graph import Graph, parse
from tests.problems.graph.formulas import FORMULAS, SEEDS


@pytest.mark.parametrize(
    ("formula", "at", "sentence"),
    [
        ("x*y", "x=[1, 2], y=[1, 2, 3]", r"\* does not take shape \(2,\) and \(3,\), in \(x \* y\)"),
        ("x*y", "x=1", "y has no value; the formula's variables are x, y"),
        ("x", "x=1, y=2", "there is no y in the formula; its variables are x"),
        ("x*2", "x=[1, 2]", "has shape \\(2,\\); a gradient needs a single number, such as the sum"),
        ("x", "x=[[1, 2], [3]]", "x has rows of different lengths; all rows must have the same length"),
        ("x", "x=foo", "gives x the value 'foo'; a number"),
        ("x", "x=true", "a number or a list"),
        ("x", "x=1, x=2", "gives x twice"),
        ("x", "x", "cannot be read; write x=1"),
        ("dot(x, x)", "x=[[1]]", r"dot does not take shape \(1, 1\) and \(1, 1\)"),
    ],
)
def test_values_that_do_not_fit_are_refused_in_a_sentence(formula: str, at: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        calculated(formula, at)


def test_the_deck_s_example(tmp_path: Path) -> None:
    formula, out = "(x + y) * z", tmp_path / "new" / "graph.svg"
    evaluation = calculated(formula, "x=1,y=-3,z=4")
    assert as_text(evaluation) == "f = -8\ndf/dx = 4\ndf/dy = 4\ndf/dz = -2"
    draw(evaluation, formula, out)
    written = as_json(formula, evaluation, out)
    assert (written["value"], written["gradient"]) == (-8.0, {"x": 4.0, "y": 4.0, "z": -2.0})
    assert [(node["name"], node["value"], node["derivative"]) for node in written["nodes"]] == [
        ("x", 1.0, 4.0), ("y", -3.0, 4.0), ("+", -2.0, 4.0), ("z", 4.0, -2.0), ("*", -8.0, 1.0)
    ]  # fmt: skip
    texts = [text.text for text in ET.parse(out).iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:6] == ["x", "1", "d 4", "y", "-3", "d 4"]
    with pytest.raises(SpecError, match=r"graph\.png does not end in \.svg"):
        draw(evaluation, formula, tmp_path / "graph.png")


@settings(max_examples=60)
@given(text=FORMULAS, seed=SEEDS)
def test_boxes_of_a_picture_do_not_overlap(text: str, seed: int) -> None:
    graph = Graph(parse(text))
    rng = np.random.default_rng(seed)
    drawing = ET.fromstring(picture(graph.at({name: rng.standard_normal() for name in graph.variables}), text))
    assert drawing[0].text == text
    boxes = [tuple(float(b.attrib[key]) for key in ("x", "y", "width", "height"))
             for b in drawing.iter("{http://www.w3.org/2000/svg}rect") if "rx" in b.attrib]  # fmt: skip
    width, height = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    for i, (x, y, w, h) in enumerate(boxes):
        assert min(x, y) >= 0
        assert x + w <= width
        assert y + h <= height
        for a, b, c, d in boxes[i + 1 :]:
            assert x + w < a or a + c < x or y + h < b or b + d < y


def test_names_are_escaped_and_crossings_removed() -> None:
    evaluation = Graph(parse("x * 2")).at(x=1)
    assert "a &lt;b&gt; &amp; c" in picture(evaluation, "a <b> & c")
    crossed = [(0, 4, 0.0), (1, 3, 0.0), (2, 5, 0.0), (3, 6, 0.0), (4, 7, 0.0), (5, 6, 0.0)]
    layers = layered(8, crossed)
    assert crossings(layers.columns, crossed) == 0
    y = heights(layers, [20.0] * 8, 10.0)
    for column in layers.columns:
        assert all(y[b] - y[a] >= 30 - 1e-9 for a, b in pairwise(column))


def test_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "graph.svg"
    done = CliRunner().invoke(cli, ["graph", "-(x + y) * z", "--at", "x=1,y=-3,z=[4]", "--out", str(out)])
    assert (done.exit_code, out.exists()) == (2, False), "its value is a vector with one entry"
    done = CliRunner().invoke(cli, ["graph", "-x * sum(z)", "--at", "x=2,z=[1, 2, 3]", "--out", str(out)])
    assert done.output == f"f = -12\ndf/dx = -6\ndf/dz = [-2, -2, -2]\n\nThe picture: {out}\n"
    written = json.loads(CliRunner().invoke(cli, ["graph", "exp(x)", "--at", "x=1000", "--json"]).output)
    assert (written["value"], written["gradient"], written["picture"]) == (None, {"x": None}, None)
    for wrong in (["x.y", "--at", "x=1"], ["x", "--at", "x"], ["x", "--at", "x=1", "--out", "graph.png"]):
        done = CliRunner().invoke(cli, ["graph", *wrong])
        assert done.exit_code == 2
        assert done.stderr.startswith("solverlab: ")
