"""Positions of a graph's nodes in a layered picture: columns by longest path, few crossings, short edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression

SWEEPS = 24
Edge = tuple[int, int, float]  # source, target, and where on its height it meets the target: -0.5 top, 0.5 bottom


@dataclass(frozen=True)
class Layers:
    """Columns of nodes from left to right, each from top to bottom.

    Numbers from `count` on are bends: points that a long edge passes through in the columns between its ends.
    """

    count: int
    columns: list[list[int]]
    chains: list[list[int]]  # for each edge, its source, its bends and its target


def layered(count: int, edges: Sequence[Edge]) -> Layers:
    """The columns of nodes 0 to count - 1, which are numbered so that the source of an edge comes before its target.

    An input stands in the column before the first node that reads it. A long edge gets a bend in each column that it
    crosses. Columns are sorted by barycentres, alternately forward and backward, and the order with the fewest
    crossings is kept.

    Source: Sugiyama, Tagawa & Toda (1981), doi:10.1109/TSMC.1981.4308636.
    """
    column_of = _columns_by_longest_path(count, edges)
    columns: list[list[int]] = [[] for _ in range(max(column_of) + 1)]
    for node in range(count):
        columns[column_of[node]].append(node)
    chains, next_bend = [], count
    for source, target, _ in edges:
        chain = [source]
        for column in range(column_of[source] + 1, column_of[target]):
            columns[column].append(next_bend)
            chain.append(next_bend)
            next_bend += 1
        chains.append([*chain, target])
    return Layers(count, _least_crossed(columns, _links(chains, edges)), chains)


def crossings(columns: Sequence[Sequence[int]], links: Sequence[Edge]) -> int:
    """The number of pairs of links between neighbouring columns that cross."""
    rank = {node: i for column in columns for i, node in enumerate(column)}
    column_of = {node: c for c, column in enumerate(columns) for node in column}
    total = 0
    for c in range(len(columns) - 1):
        ends = sorted((rank[a], rank[b] + port) for a, b, port in links if column_of[a] == c)
        total += sum(
            first[1] > second[1] for i, first in enumerate(ends) for second in ends[i + 1 :] if first[0] < second[0]
        )
    return total


def heights(layers: Layers, box_heights: Sequence[float], gap: float) -> dict[int, float]:
    """The vertical middle of each node and bend, near the mean of its neighbours' middles.

    box_heights: of the nodes; a bend has height 0. Boxes of one column are at least `gap` apart, and the top of the
    highest is at 0; y grows downward.
    """
    neighbours: dict[int, list[int]] = {node: [] for column in layers.columns for node in column}
    for chain in layers.chains:
        for a, b in pairwise(chain):
            neighbours[a].append(b)
            neighbours[b].append(a)

    def height(node: int) -> float:
        return box_heights[node] if node < layers.count else 0.0

    y = dict.fromkeys(neighbours, 0.0)
    for sweep in range(SWEEPS):
        for column in layers.columns if sweep % 2 else layers.columns[::-1]:
            means = [sum(y[k] for k in neighbours[n]) / len(neighbours[n]) if neighbours[n] else y[n] for n in column]
            distances = [(height(a) + height(b)) / 2 + gap for a, b in pairwise(column)]
            y.update(zip(column, _spaced(means, distances), strict=True))
    top = min(y[node] - height(node) / 2 for node in y)
    return {node: middle - top for node, middle in y.items()}


def _columns_by_longest_path(count: int, edges: Sequence[Edge]) -> list[int]:
    """The column of each node: the length of the longest path to it; an input is moved next to its first reader."""
    column_of = [0] * count
    for source, target, _ in edges:  # targets ascend, so that the column of a source is final before it is used
        column_of[target] = max(column_of[target], column_of[source] + 1)
    targets = {target for _, target, _ in edges}
    for node in range(count):
        readers = [column_of[target] for source, target, _ in edges if source == node]
        if node not in targets and readers:
            column_of[node] = min(readers) - 1
    return column_of


def _least_crossed(columns: list[list[int]], links: Sequence[Edge]) -> list[list[int]]:
    """The columns in the order with the fewest crossings among those that the sweeps pass through."""
    best, fewest = [column.copy() for column in columns], crossings(columns, links)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for c in range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1):
            _sort_by_barycentre(columns[c], columns[c - 1 if forward else c + 1], links, forward)
        crossed = crossings(columns, links)
        if crossed < fewest:
            best, fewest = [column.copy() for column in columns], crossed
    return best


def _links(chains: Sequence[Sequence[int]], edges: Sequence[Edge]) -> list[Edge]:
    """The parts of all edges between neighbouring columns."""
    links = []
    for chain, (_, target, port) in zip(chains, edges, strict=True):
        links += [(a, b, port if b == target else 0.0) for a, b in pairwise(chain)]
    return links


def _sort_by_barycentre(column: list[int], fixed: Sequence[int], links: Sequence[Edge], forward: bool) -> None:
    """Sort a column by the mean rank of each node's neighbours in the fixed column; ties keep their order."""
    rank = {node: i for i, node in enumerate(fixed)}
    before = {node: float(i) for i, node in enumerate(column)}
    means = {}
    for node in column:
        if forward:
            ranks = [float(rank[a]) for a, b, _ in links if b == node and a in rank]
        else:
            ranks = [rank[b] + port for a, b, port in links if a == node and b in rank]
        means[node] = sum(ranks) / len(ranks) if ranks else before[node]
    column.sort(key=lambda node: (means[node], before[node]))


def _spaced(preferred: Sequence[float], distances: Sequence[float]) -> list[float]:
    """The positions nearest to those preferred, in squares, with at least these distances between neighbours.

    With the sum of the distances before each position subtracted, this is isotonic regression.
    """
    offsets = np.concatenate([[0.0], np.cumsum(distances)])
    positions: list[float] = (isotonic_regression(np.asarray(preferred) - offsets).x + offsets).tolist()
    return positions
