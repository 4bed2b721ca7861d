"""Where the nodes of a graph stand in a layered picture: columns by longest path, few crossings, short edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24
Edge = tuple[int, int, float]  # from, to, and how far below the middle of its box it arrives, as a share of 1


@dataclass(frozen=True)
class Layers:
    """Columns of nodes from left to right, top to bottom. Numbers from `count` on are bends of long edges."""

    count: int
    columns: list[list[int]]
    chains: list[list[int]]  # for each edge, the nodes that it goes through, both ends included


def layered(count: int, edges: Sequence[Edge]) -> Layers:
    """Nodes 0 to count - 1, given in an order in which each comes after those with edges to it.

    Inputs stand right before what first reads them. Long edges get a bend in each column that they cross. Columns are
    sorted by barycentres, forward and back, and the order with the fewest crossings is kept.
    Source: Sugiyama, Tagawa & Toda (1981), doi:10.1109/TSMC.1981.4308636.
    """
    depth = [0] * count
    for source, target, _ in edges:  # targets in ascending order, so that a source is settled before it is read
        depth[target] = max(depth[target], depth[source] + 1)
    fed = {target for _, target, _ in edges}
    for k in range(count):
        read = [depth[target] for source, target, _ in edges if source == k]
        if k not in fed and read:
            depth[k] = min(read) - 1
    columns: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for k in range(count):
        columns[depth[k]].append(k)
    chains, bends = [], count
    for source, target, _ in edges:
        chain = [source]
        for column in range(depth[source] + 1, depth[target]):
            columns[column].append(bends)
            chain.append(bends)
            bends += 1
        chains.append([*chain, target])
    links = _links(chains, edges)
    best, fewest = [column.copy() for column in columns], crossings(columns, links)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for c in range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1):
            _sort(columns[c], columns[c - 1 if forward else c + 1], links, forward)
        crossed = crossings(columns, links)
        if crossed < fewest:
            best, fewest = [column.copy() for column in columns], crossed
    return Layers(count, best, chains)


def crossings(columns: Sequence[Sequence[int]], links: Sequence[Edge]) -> int:
    """How many pairs of links between neighbouring columns cross."""
    place = {k: i for column in columns for i, k in enumerate(column)}
    of = {k: c for c, column in enumerate(columns) for k in column}
    total = 0
    for c in range(len(columns) - 1):
        ends = sorted((place[a], place[b] + port) for a, b, port in links if of[a] == c)
        total += sum(low[1] > high[1] for i, low in enumerate(ends) for high in ends[i + 1 :] if low[0] < high[0])
    return total


def heights(layers: Layers, tall: Sequence[float], gap: float) -> dict[int, float]:
    """The middle of each node and bend: near its neighbours, boxes of these heights apart by a gap, from 0 down."""
    links = [(a, b) for chain in layers.chains for a, b in pairwise(chain)]
    beside: dict[int, list[int]] = {k: [] for column in layers.columns for k in column}
    for a, b in links:
        beside[a].append(b)
        beside[b].append(a)

    def size(k: int) -> float:
        return tall[k] if k < layers.count else 0.0

    y = dict.fromkeys(beside, 0.0)
    for round_ in range(SWEEPS):
        order = layers.columns if round_ % 2 else layers.columns[::-1]
        for column in order:
            wanted = [sum(y[j] for j in beside[k]) / len(beside[k]) if beside[k] else y[k] for k in column]
            apart = [(size(a) + size(b)) / 2 + gap for a, b in pairwise(column)]
            for k, at in zip(column, _spaced(wanted, apart), strict=True):
                y[k] = at
    top = min(y[k] - size(k) / 2 for k in y)
    return {k: at - top for k, at in y.items()}


def _links(chains: Sequence[Sequence[int]], edges: Sequence[Edge]) -> list[Edge]:
    """The parts of all edges between neighbouring columns."""
    found = []
    for chain, (_, target, port) in zip(chains, edges, strict=True):
        found += [(a, b, port if b == target else 0.0) for a, b in pairwise(chain)]
    return found


def _sort(column: list[int], fixed: Sequence[int], links: Sequence[Edge], forward: bool) -> None:
    """A column in the order of its neighbours' mean places in the one that stays."""
    place = {k: i for i, k in enumerate(fixed)}
    now = {k: float(i) for i, k in enumerate(column)}
    means = {}
    for k in column:
        if forward:
            at = [place[a] + 0.0 for a, b, _ in links if b == k and a in place]
        else:
            at = [place[b] + port for a, b, port in links if a == k and b in place]
        means[k] = sum(at) / len(at) if at else now[k]
    column.sort(key=lambda k: (means[k], now[k]))


def _spaced(wanted: Sequence[float], apart: Sequence[float]) -> list[float]:
    """Places nearest to those wanted, in squares, that keep the order and are so far apart: isotonic regression."""
    offset, blocks = 0.0, []
    for k, place in enumerate(wanted):
        offset += apart[k - 1] if k else 0.0
        blocks.append([place - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, many = blocks.pop()
            before, some = blocks.pop()
            blocks.append([(mean * many + before * some) / (many + some), many + some])
    flat = [mean for mean, many in blocks for _ in range(int(many))]
    offset, places = 0.0, []
    for k, at in enumerate(flat):
        offset += apart[k - 1] if k else 0.0
        places.append(at + offset)
    return places
