"""A computational graph as a picture: where nodes stand, and what stands in their boxes and on their edges."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from experiments.figures.graph.evaluation import calculated, derivatives_text, values
from experiments.figures.graph.layout import Edge, crossings, heights, layered
from experiments.figures.graph.picture import picture
from experiments.lab.spec.grammar import SpecError

SVG = "{http://www.w3.org/2000/svg}"
CHAIN = [(0, 2, 0.0), (2, 3, 0.0), (3, 4, -0.2), (1, 4, 0.2), (0, 4, 0.3)]  # 0 -> 2 -> 3 -> 4, 1 -> 4, 0 -> 4


def random_edges(seed: int) -> tuple[int, list[Edge]]:
    """A graph of up to 20 nodes, each with up to three arguments among those before it."""
    rng = random.Random(seed)
    count = rng.randint(2, 20)
    edges = []
    for target in range(1, count):
        arguments = rng.randint(0, min(3, target))
        edges += [(rng.randrange(target), target, (k + 1) / (arguments + 1) - 0.5) for k in range(arguments)]
    return count, edges


def texts(formula: str, at: str) -> list[tuple[str, str]]:
    """The class and the text of everything written in a formula's picture."""
    drawing = ET.fromstring(picture(calculated(formula, at), formula))
    return [(text.attrib.get("class", ""), text.text or "") for text in drawing.iter(f"{SVG}text")]


def test_columns_are_longest_paths_and_inputs_stand_next_to_their_first_reader() -> None:
    layers = layered(5, CHAIN)
    column_of = {node: c for c, column in enumerate(layers.columns) for node in column}
    assert [column_of[node] for node in range(5)] == [0, 2, 1, 2, 3]
    assert [len(chain) for chain in layers.chains] == [2, 2, 2, 2, 4], "the edge from 0 to 4 bends in two columns"
    assert {node for column in layers.columns for node in column} == set(range(7))


@pytest.mark.parametrize("seed", range(20))
def test_edges_go_from_column_to_column_and_boxes_stand_apart(seed: int) -> None:
    count, edges = random_edges(seed)
    layers = layered(count, edges)
    column_of = {node: c for c, column in enumerate(layers.columns) for node in column}
    assert sorted(node for node in column_of if node < count) == list(range(count))
    for chain, (source, target, _) in zip(layers.chains, edges, strict=True):
        assert (chain[0], chain[-1]) == (source, target)
        assert all(column_of[b] - column_of[a] == 1 for a, b in pairwise(chain))
    box_heights = [20.0 + 10 * (node % 3) for node in range(count)]
    y = heights(layers, box_heights, 5.0)
    assert min(y[node] - (box_heights[node] / 2 if node < count else 0) for node in y) == pytest.approx(0)
    for column in layers.columns:
        for a, b in pairwise(column):
            halves = sum(box_heights[node] / 2 for node in (a, b) if node < count)
            assert y[b] - y[a] >= halves + 5 - 1e-9


def test_a_node_stands_in_the_middle_of_its_neighbours() -> None:
    y = heights(layered(3, [(0, 2, -0.2), (1, 2, 0.2)]), [20.0, 20.0, 20.0], 10.0)
    assert [y[0], y[2], y[1]] == pytest.approx([10, 25, 40])


def test_crossings_are_counted() -> None:
    links = [(0, 3, 0.0), (1, 2, 0.0)]
    assert crossings([[0, 1], [2, 3]], links) == 1
    assert crossings([[0, 1], [3, 2]], links) == 0


def test_boxes_show_value_and_derivative() -> None:
    written = texts("(x + y) * z", "x=1, y=-3, z=4")
    assert written[:3] == [("name", "x"), ("value", "1"), ("derivative", "d 4")]
    assert [text for kind, text in written if kind == "derivative"] == ["d 4", "d 4", "d 4", "d -2", "d 1"]
    assert not any(kind.startswith("term") for kind, _ in written), "no node is read twice"


def test_edges_of_a_node_that_is_read_twice_show_the_terms_of_its_derivative() -> None:
    written = texts("x * y + x", "x=2, y=5")
    assert sorted(text for kind, text in written if kind == "term derivative") == ["d 1", "d 5"]
    assert ("derivative", "d 6") in written


def test_a_picture_is_described() -> None:
    drawing = ET.fromstring(picture(calculated("x * y", "x=2, y=5"), "x * y"))
    assert drawing[1].text == "The computational graph of x * y. Its value is 10. Its gradient is df/dx = 5, df/dy = 2."
    constant = ET.fromstring(picture(calculated("2 + 3", ""), "2 + 3"))
    assert constant[1].text == "The computational graph of 2 + 3. Its value is 5."


def test_values_are_numbers_and_lists_by_name() -> None:
    assert values("x=1, y=[1, [2, 3]]") == {"x": 1, "y": (1, (2, 3))}
    assert values("") == {}
    for wrong, sentence in (
        ("x=1),y=(2", "cannot be read"),
        ("x=1,,y=2", "cannot be read"),
        ("x=1, x=2", "gives x twice"),
        ("x=[]", "a number or a list of numbers is needed"),
    ):
        with pytest.raises(SpecError, match=sentence):
            values(wrong)


def test_derivatives_are_written_to_some_digits() -> None:
    assert derivatives_text(calculated("x * pi", "x=1"), 3) == ["df/dx = 3.14"]
