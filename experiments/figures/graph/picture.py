"""A computational graph as a picture: nodes in columns, their values, and the derivatives of the backward pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from experiments.figures.graph.layout import Edge, Layers, heights, layered
from experiments.figures.style import DARK, LIGHT
from problems.graph import Evaluation, Graph, Node
from problems.graph.node import formula_text, number_text

LETTER_WIDTH, MARGIN, COLUMN_GAP, BOX_GAP = 7.4, 12, 54, 14  # pixels
LINE_HEIGHT = 17
LONGEST = 20  # letters of a name or number; the title of its box has the whole text
VALUE_COLOUR, DERIVATIVE_COLOUR = 0, 1  # of the palettes
STYLE = f"""
  svg {{ --ground: #ffffff; --ink: #1b1f24; --line: #6b7480; --wash: #f3f5f7;
    --value: {LIGHT[VALUE_COLOUR]}; --derivative: {LIGHT[DERIVATIVE_COLOUR]}; }}
  @media (prefers-color-scheme: dark) {{
    svg {{ --ground: #14181d; --ink: #e6e9ed; --line: #8b95a1; --wash: #1e242b;
      --value: {DARK[VALUE_COLOUR]}; --derivative: {DARK[DERIVATIVE_COLOUR]}; }}
  }}
  .ground {{ fill: var(--ground); }}
  text {{ font: 13px ui-sans-serif, system-ui, sans-serif; fill: var(--ink); text-anchor: middle; }}
  .name {{ font-weight: 600; font-size: 15px; }}
  .value {{ fill: var(--value); }}
  .derivative {{ fill: var(--derivative); }}
  .term {{ font-size: 12px; paint-order: stroke; stroke: var(--ground); stroke-width: 4px; text-anchor: end; }}
  .box {{ fill: var(--wash); stroke: var(--line); }}
  .variable {{ stroke: var(--ink); }}
  .output {{ stroke: var(--ink); stroke-width: 2.5px; }}
  .edge {{ fill: none; stroke: var(--line); stroke-width: 1.4px; }}
  .tip {{ fill: var(--line); }}
"""


@dataclass
class _Box:
    """A node as it is drawn."""

    kind: str  # output, variable or inner
    title: str  # the whole formula and value, which a browser shows on hover
    lines: list[tuple[str, str]]  # the class of each line, and its text
    x: float = 0.0  # the middle
    y: float = 0.0

    @property
    def width(self) -> float:
        return max(len(text) for _, text in self.lines) * LETTER_WIDTH + 16

    @property
    def height(self) -> float:
        return 10.0 + LINE_HEIGHT * len(self.lines)

    def svg(self) -> str:
        left, top = self.x - self.width / 2, self.y - self.height / 2
        box = (
            f'<g><title>{escape(self.title)}</title><rect class="box {self.kind}" x="{left:.1f}" y="{top:.1f}" '
            f'width="{self.width:.1f}" height="{self.height:.1f}" rx="6"/>'
        )
        texts = [_text(kind, self.x, top + 18 + LINE_HEIGHT * i, text) for i, (kind, text) in enumerate(self.lines)]
        return "\n".join([box, *texts, "</g>"])


def picture(evaluation: Evaluation, formula: str) -> str:
    """The picture of a formula whose value is one number, as the text of an SVG file.

    Each box holds a variable, a constant or an operation, its value, and after a d the derivative of the formula with
    respect to it. The uppermost edge into a box comes from the first argument. Where a node is read more than once,
    each edge shows the term that it adds to the node's derivative.
    """
    graph, derivatives = evaluation.graph, evaluation.derivatives()
    edges = _edges(graph)
    terms = _terms(evaluation, derivatives, edges)
    boxes = [_box(graph, k, evaluation.values[k], derivatives[k]) for k in range(len(graph.nodes))]
    layers = layered(len(boxes), edges)
    x, right = _horizontal(layers, boxes, edges, terms)
    y = {k: middle + MARGIN for k, middle in heights(layers, [box.height for box in boxes], BOX_GAP).items()}
    for k, box in enumerate(boxes):
        box.x, box.y = x[k], y[k]
    width = max(right + MARGIN, 260)
    height = max(box.y + box.height / 2 for box in boxes) + MARGIN + 30

    drawn = []
    for (source, target, port), term, chain in zip(edges, terms, layers.chains, strict=True):
        start, end = boxes[source], boxes[target]
        tip = (end.x - end.width / 2, end.y + port * end.height)
        drawn.append(_arrow([(start.x + start.width / 2, start.y), *((x[k], y[k]) for k in chain[1:-1]), tip]))
        if term:
            drawn.append(_text("term derivative", tip[0] - 9, tip[1] + (-5 if port <= 0 else 14), term))
    drawn += [box.svg() for box in boxes]
    drawn.append(
        f'<text x="{width / 2:.1f}" y="{height - 12:.1f}"><tspan class="value">value</tspan>, and after a d '
        f'<tspan class="derivative">the derivative</tspan></text>'
    )
    sentences = f"Its value is {number_text(evaluation.value)}."
    if gradient := ", ".join(f"df/d{name} = {number_text(value)}" for name, value in evaluation.gradient().items()):
        sentences += f" Its gradient is {gradient}."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(formula)}</title>\n'
        f'<desc id="desc">The computational graph of {escape(formula)}. {escape(sentences)}</desc>\n'
        f'<style>{STYLE}</style>\n<rect class="ground" width="100%" height="100%"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _edges(graph: Graph) -> list[Edge]:
    """All edges, the arguments of each operation spread over the height of its box."""
    return [
        (source, target, (k + 1) / (len(arguments) + 1) - 0.5)
        for target, arguments in sorted(graph.edges.items())
        for k, source in enumerate(arguments)
    ]


def _terms(evaluation: Evaluation, derivatives: list[Any], edges: Sequence[Edge]) -> list[str]:
    """For each edge from a node that is read more than once, its term of the node's derivative; '' for the others."""
    readers = Counter(source for source, _, _ in edges)
    by_ends: dict[tuple[int, int], list[str]] = {}
    for source, target, term in evaluation.contributions(derivatives):
        text = "" if term is None or readers[source] < 2 else _short(f"d {number_text(term, 3)}")
        by_ends.setdefault((source, target), []).append(text)
    return [by_ends[edge[:2]].pop(0) if edge[:2] in by_ends else "" for edge in edges]


def _box(graph: Graph, k: int, value: Any, derivative: Any) -> _Box:
    """The box of node k."""
    node = graph.nodes[k]
    kind = "output" if k == graph.outputs[0] else "variable" if node.name else "inner"
    return _Box(kind, f"{formula_text(node)} = {number_text(value, 10)}", _lines(node, value, derivative))


def _lines(node: Node, value: Any, derivative: Any) -> list[tuple[str, str]]:
    """The lines of a node's box: the class of each, and its text."""
    if node.operation is None and not node.name:
        return [("value", _short(number_text(value)))]
    name = node.name or (node.operation.name if node.operation else "")
    lines = [("name", _short(name)), ("value", _short(number_text(value, 4)))]
    return lines if derivative is None else [*lines, ("derivative", _short(f"d {number_text(derivative, 4)}"))]


def _horizontal(
    layers: Layers, boxes: Sequence[_Box], edges: Sequence[Edge], terms: Sequence[str]
) -> tuple[dict[int, float], float]:
    """The horizontal middle of each node and bend, and the right edge of the last column.

    The gap before a column has room for the texts on the edges that end there.
    """
    x: dict[int, float] = {}
    right = float(MARGIN)
    for c, column in enumerate(layers.columns):
        longest = max((len(term) for (_, end, _), term in zip(edges, terms, strict=True) if end in column), default=0)
        right += max(COLUMN_GAP, longest * LETTER_WIDTH + 20) if c else 0
        width = max((boxes[k].width for k in column if k < layers.count), default=0.0)
        x |= dict.fromkeys(column, right + width / 2)
        right += width
    return x, right


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _arrow(points: list[tuple[float, float]]) -> str:
    """A smooth line through the points, with the tip of an arrow at its end."""
    (x0, y0), end = points[0], points[-1]
    path = f"M{x0:.1f},{y0:.1f}"
    for (xa, ya), (xb, yb) in pairwise([*points[:-1], (end[0] - 6, end[1])]):
        middle = (xa + xb) / 2
        path += f"C{middle:.1f},{ya:.1f} {middle:.1f},{yb:.1f} {xb:.1f},{yb:.1f}"
    x, y = end
    tip = f'<path class="tip" d="M{x:.1f},{y:.1f}l-8,-4v8z"/>'
    return f'<path class="edge" d="{path}"/>{tip}'
