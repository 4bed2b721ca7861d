"""Figures of how many starts learn XOR: by width, by solver, by activation and initialiser."""

from __future__ import annotations

import itertools

from experiments.figures.records import Bars, Field, Figure, Line, Lines
from experiments.lab.experiment import Options
from experiments.questions.xor.models import (
    GRADIENT_DESCENT,
    NETWORK_SOLVERS,
    WIDTH_ACTIVATIONS,
    WIDTH_SOLVERS,
    Runs,
    activations,
    initialisers,
    network,
    smaller,
)

SHARE = "share of starts that learn XOR"
BY_WIDTH = (
    "How to read this: higher is better: the share of starts from which all four points are classified correctly. "
    "With so few starts the probability itself may differ from the share by up to {:.2g} (95% intervals)."
)
BY_SOLVER = (
    "How to read this: higher is better: the share of starts from which a solver learns to classify all four points."
)
PAIRS = "How to read this: a square is one activation with one initialiser; the brighter, the more starts succeed."


def figures(runs: Runs, options: Options) -> list[Figure]:
    """The figures for which there are runs."""
    drawn = (by_width(runs, options), by_solver(runs, options), by_pair(runs, options))
    return [figure for figure in drawn if figure is not None]


def by_width(runs: Runs, options: Options) -> Lines | None:
    """The share of successes against the width."""
    lines, distances = [], []
    for activation, solver in itertools.product(WIDTH_ACTIVATIONS, WIDTH_SOLVERS):
        counts = {width: runs.success(network(width, activation), solver) for width in smaller(options, "widths")}
        known = {float(width): count for width, count in counts.items() if count}
        if known:
            lines.append(Line(f"{activation}, {solver}", list(known), [count.share for count in known.values()]))
            distances += [abs(end - count.share) for count in known.values() for end in count.interval]
    if not lines:
        return None
    caption, axes = BY_WIDTH.format(max(distances)), ("hidden units", SHARE)
    return Lines("width", "Starts that learn XOR, by width", caption, axes, ("linear", "linear"), lines)


def by_solver(runs: Runs, options: Options) -> Bars | None:
    """The share of successes of each solver."""
    hidden = options.settings["hidden"]
    groups = []
    for activation in WIDTH_ACTIVATIONS:
        counts = [runs.success(network(hidden, activation), solver) for solver in NETWORK_SOLVERS]
        if any(counts):
            groups.append((activation, [count.share if count else None for count in counts]))
    if not groups:
        return None
    title, names = f"Starts that learn XOR with {hidden} hidden units, by solver", [str(s) for s in NETWORK_SOLVERS]
    return Bars("solver", title, BY_SOLVER, ("solver", SHARE), "linear", names, groups)


def by_pair(runs: Runs, options: Options) -> Field | None:
    """The share of successes of each activation with each initialiser."""
    x, y, hidden = activations(options), initialisers(options), options.settings["hidden"]
    counts = [[runs.success(network(hidden, a, i), GRADIENT_DESCENT) for a in x] for i in y]
    if not any(count for row in counts for count in row):
        return None
    title = f"Starts that learn XOR with {hidden} hidden units, by {GRADIENT_DESCENT}"
    shares = [[count.share if count else None for count in row] for row in counts]
    return Field("pairs", title, PAIRS, ("activation", "initialiser"), x, y, shares, SHARE)
