"""Starts drawn: signals and gradients layer by layer, and iterates to the tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.figures.records import Field, Figure, Line, Lines
from experiments.lab.measurement.measurement import Read
from experiments.lab.spec.grammar import parse

SIGNAL = (
    "How to read this: level is good: a line that falls is a signal that dies on its way forward, one that rises "
    "blows up. Bands go from the least to the greatest of the stacks. What is exactly 0 cannot be drawn."
)
GRADIENT = (
    "How to read this: read it from the right, where the gradient comes from: level is good, a line that falls towards "
    "the left is a gradient that vanishes. Bands go from the least to the greatest of the stacks."
)
SOON = "How to read this: the darker, the fewer iterates; grey is where less than half of the starts arrived."


class Race(NamedTuple):
    """What became of the starts of one initialiser on one problem by one solver."""

    problem: str
    solver: str
    initialiser: str
    runs: int
    good: int
    iterates: float | None


def figures(stacks: Sequence[Read], races: Sequence[Race]) -> list[Figure]:
    """Signals and gradients for each activation, and the iterates of all races."""
    found: list[Figure] = []
    for activation in dict.fromkeys(read["activation"] for read in stacks):
        own = [read for read in stacks if read["activation"] == activation]
        found += [
            _by_layer(f"{what} {activation}", f"The {what}, layer by layer: {activation}", caption, own, what)
            for what, caption in (("signal", SIGNAL), ("gradient", GRADIENT))
        ]
    return [*found, *([_iterates(races)] if races else [])]


def _by_layer(name: str, title: str, caption: str, reads: Sequence[Read], what: str) -> Lines:
    """Variances, in units of those where the pass begins."""
    lines = []
    for initialiser in dict.fromkeys(read["initialiser"] for read in reads):
        seen = np.array([read[what] for read in reads if read["initialiser"] == initialiser])
        begin = seen[:, :1] if what == "signal" else seen[:, -1:]
        if not (begin > 0).all() or not np.isfinite(seen).all():
            continue
        shares = seen / begin
        at = np.arange(1.0, seen.shape[1] + 1).tolist()
        middle, low, high = shares.mean(0).tolist(), shares.min(0).tolist(), shares.max(0).tolist()
        lines.append(Line(initialiser, at, _positive(middle), _positive(low), _positive(high)))
    where = "first" if what == "signal" else "last"
    return Lines(name, title, caption, ("layer", f"variance over that at the {where}"), ("linear", "log"), lines)


def _positive(values: Sequence[float]) -> list[float | None]:
    return [float(value) if value > 0 else None for value in values]


def _iterates(races: Sequence[Race]) -> Field:
    """The median iterates of each start, where half of the seeds arrived."""
    starts = list(dict.fromkeys(race.initialiser for race in races))
    kinds = list(dict.fromkeys((race.problem, race.solver) for race in races))
    known = {
        (race.problem, race.solver, race.initialiser): max(race.iterates, 1.0)
        for race in races
        if race.iterates is not None and 2 * race.good >= race.runs
    }
    z = [[known.get((*kind, start)) for start in starts] for kind in kinds]
    names = [f"{named(problem)}, {solver.partition('(')[0]}" for problem, solver in kinds]
    axes = ("initialiser", "problem and solver")
    return Field("iterates", "Iterates to f = 0.1 from each start", SOON, axes, starts, names, z, "iterates", "log")


def named(problem: str) -> str:
    """The problem in few words: what is learned, and by how many layers of how many units."""
    spec = parse(problem)
    hidden = spec.get("hidden")
    sizes = [hidden] if isinstance(hidden, int) else list(hidden or [])
    layers = f"{len(sizes)} x {sizes[0]}" if sizes else "no"
    return f"{Path(str(spec.get('data') or spec.name)).name}, {layers} {spec.get('activation')} units"
