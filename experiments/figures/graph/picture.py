"""A calculation graph as a picture: nodes in columns, their values, and the slopes that come back to them."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import pairwise
from typing import Any

from experiments.figures.graph.layout import Edge, heights, layered
from experiments.figures.style import DARK, LIGHT
from problems.graph import Node, Run
from problems.graph.node import number, written

LETTER, MARGIN, APART, BETWEEN = 7.4, 12, 54, 14  # widths of a letter and of the edge, gaps of columns and of boxes
LONGEST = 20  # letters of a name or number; the whole one is in the node's title
VALUE, SLOPE = 0, 1  # of the palettes
STYLE = f"""
  svg {{ --ground: #ffffff; --ink: #1b1f24; --line: #6b7480; --wash: #f3f5f7;
    --value: {LIGHT[VALUE]}; --slope: {LIGHT[SLOPE]}; }}
  @media (prefers-color-scheme: dark) {{
    svg {{ --ground: #14181d; --ink: #e6e9ed; --line: #8b95a1; --wash: #1e242b;
      --value: {DARK[VALUE]}; --slope: {DARK[SLOPE]}; }}
  }}
  .ground {{ fill: var(--ground); }}
  text {{ font: 13px ui-sans-serif, system-ui, sans-serif; fill: var(--ink); text-anchor: middle; }}
  .name {{ font-weight: 600; font-size: 15px; }}
  .value {{ fill: var(--value); }}
  .slope {{ fill: var(--slope); }}
  .share {{ font-size: 12px; paint-order: stroke; stroke: var(--ground); stroke-width: 4px; text-anchor: end; }}
  .box {{ fill: var(--wash); stroke: var(--line); }}
  .variable {{ stroke: var(--ink); }}
  .output {{ stroke: var(--ink); stroke-width: 2.5px; }}
  .edge {{ fill: none; stroke: var(--line); stroke-width: 1.4px; }}
  .tip {{ fill: var(--line); }}
"""


def picture(run: Run, formula: str) -> str:
    """The picture of a formula whose value is one number, as the text of an SVG file.

    Each box holds a variable, a constant or an operation, its value, and with a d before it the slope of the formula
    by it. The upper edge into a box is the first argument. Where a node is read more than once, each edge tells what
    comes back along it, and its slope is their sum.
    """
    graph, slopes = run.graph, run.slopes()
    edges: list[Edge] = []
    for target, arguments in sorted(graph.edges.items()):
        places = len(arguments)
        edges += [(source, target, (k + 1) / (places + 1) - 0.5) for k, source in enumerate(arguments)]
    shares = _shares(run, slopes, edges)
    lines = [_lines(node, run.values[k], slopes[k]) for k, node in enumerate(graph.nodes)]
    wide = [max(len(text) for _, text in own) * LETTER + 16 for own in lines]
    tall = [10 + 17.0 * len(own) for own in lines]
    layers = layered(len(graph.nodes), edges)
    y = heights(layers, tall, BETWEEN)
    x: dict[int, float] = {}
    right = float(MARGIN)
    for c, column in enumerate(layers.columns):
        told = [len(share) for (_, target, _), share in zip(edges, shares, strict=True) if target in column]
        right += max(APART, max(told) * LETTER + 20) if c else 0
        width = max([wide[k] for k in column if k < layers.count], default=0.0)
        x |= dict.fromkeys(column, right + width / 2)
        right += width
    width, height = max(right + MARGIN, 260), max(y[k] + tall[k] / 2 for k in range(layers.count)) + 40
    y = {k: at + MARGIN for k, at in y.items()}

    drawn = []
    for (source, target, port), share, chain in zip(edges, shares, layers.chains, strict=True):
        end = (x[target] - wide[target] / 2, y[target] + port * tall[target])
        points = [(x[source] + wide[source] / 2, y[source]), *((x[k], y[k]) for k in chain[1:-1]), end]
        drawn.append(_edge(points))
        if share:
            drawn.append(_text("share slope", end[0] - 9, end[1] + (-5 if port <= 0 else 14), share))
    for k, node in enumerate(graph.nodes):
        kind = "output" if k == graph.outputs[0] else "variable" if node.name else "inner"
        whole = f"{written(node)} = {number(run.values[k], 10)}"
        left, top = x[k] - wide[k] / 2, y[k] - tall[k] / 2
        drawn.append(
            f'<g><title>{escape(whole)}</title><rect class="box {kind}" x="{left:.1f}" y="{top:.1f}" '
            f'width="{wide[k]:.1f}" height="{tall[k]:.1f}" rx="6"/>'
        )
        drawn += [_text(line, x[k], top + 18 + 17 * i, text) for i, (line, text) in enumerate(lines[k])]
        drawn.append("</g>")
    by = ", ".join(f"by {name} {number(slope)}" for name, slope in run.gradient().items())
    drawn.append(
        f'<text x="{width / 2:.1f}" y="{height + 2:.1f}"><tspan class="value">value</tspan>, and with a d '
        f'<tspan class="slope">the slope by it</tspan></text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height + 14:.0f}" '
        f'viewBox="0 0 {width:.0f} {height + 14:.0f}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(formula)}</title>\n'
        f'<desc id="desc">The calculation graph of {escape(formula)}. Its value is {number(run.value)}; '
        f"its slopes are, {escape(by)}.</desc>\n"
        f'<style>{STYLE}</style>\n<rect class="ground" width="100%" height="100%"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _shares(run: Run, slopes: list[Any], edges: list[Edge]) -> list[str]:
    """What comes back along each edge from a node that is read more than once; nothing along the others."""
    sources = Counter(source for source, _, _ in edges)
    found: dict[tuple[int, int], list[str]] = {}
    for source, target, share in run.shares(slopes):
        told = "" if share is None or sources[source] < 2 else _short(f"d {number(share, 3)}")
        found.setdefault((source, target), []).append(told)
    return [found[edge[:2]].pop(0) if edge[:2] in found else "" for edge in edges]


def _lines(node: Node, value: Any, slope: Any) -> list[tuple[str, str]]:
    """What stands in a box, by the kind of each line."""
    if node.operation is None and not node.name:
        return [("value", _short(number(value)))]
    name = node.name or (node.operation.name if node.operation else "")
    told = [("name", _short(name)), ("value", _short(number(value, 4)))]
    return told if slope is None else [*told, ("slope", _short(f"d {number(slope, 4)}"))]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _edge(points: list[tuple[float, float]]) -> str:
    """A smooth line through the points, an arrow's tip at its end."""
    (x0, y0), end = points[0], points[-1]
    path = f"M{x0:.1f},{y0:.1f}"
    for (xa, ya), (xb, yb) in pairwise([*points[:-1], (end[0] - 6, end[1])]):
        middle = (xa + xb) / 2
        path += f"C{middle:.1f},{ya:.1f} {middle:.1f},{yb:.1f} {xb:.1f},{yb:.1f}"
    x, y = end
    tip = f'<path class="tip" d="M{x:.1f},{y:.1f}l-8,-4v8z"/>'
    return f'<path class="edge" d="{path}"/>{tip}'
