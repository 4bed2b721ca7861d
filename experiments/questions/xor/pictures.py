"""How many starts learn XOR, drawn: by width, by solver, by activation and initialiser."""

from __future__ import annotations

import itertools

from experiments.figures.records import Bars, Field, Figure, Line, Lines
from experiments.lab.experiment import Options
from experiments.questions.xor.models import BOTH, SOLVERS, WIDE, Runs, chosen, network, pairs

SHARE = "share of starts that learn XOR"
BY_WIDTH = "How to read this: higher is better: the share of starts from which all four points come out right."
UNSURE = " The chance itself may lie up to {:.2g} from what so few starts show, at 95%."
BY_SOLVER = "How to read this: higher is better: the share of starts from which a solver gets all four points right."
PAIRS = "How to read this: each square is one activation with one initialiser; the brighter, the more starts succeed."


def figures(runs: Runs, options: Options) -> list[Figure]:
    """Those that there are runs for."""
    return [
        each
        for each in (width_lines(runs, options), solver_bars(runs, options), pair_field(runs, options))
        if each is not None
    ]


def width_lines(runs: Runs, options: Options) -> Lines | None:
    """The share of successes against the width."""
    lines, unsure = [], 0.0
    for activation, solver in itertools.product(BOTH, WIDE):
        seen = [(float(w), c) for w in chosen(options, "widths") if (c := runs.of(network(w, activation), solver))]
        if seen:
            lines.append(
                Line(f"{activation}, {solver}", [width for width, _ in seen], [count.share for _, count in seen])
            )
            far = [max(abs(edge - count.share) for edge in count.interval) for _, count in seen]
            unsure = max(unsure, *far)
    if not lines:
        return None
    caption = BY_WIDTH + UNSURE.format(unsure)
    return Lines("width", "Who learns XOR, by width", caption, ("hidden units", SHARE), ("linear", "linear"), lines)


def solver_bars(runs: Runs, options: Options) -> Bars | None:
    """The share of successes of each solver."""
    hidden = options.settings["hidden"]
    groups = []
    for activation in BOTH:
        counts = [runs.of(network(hidden, activation), solver) for solver in SOLVERS]
        if any(counts):
            groups.append((activation, [count.share if count else None for count in counts]))
    title = f"Who learns XOR with {hidden} hidden units, by solver"
    return Bars("solver", title, BY_SOLVER, ("solver", SHARE), "linear", SOLVERS, groups) if groups else None


def pair_field(runs: Runs, options: Options) -> Field | None:
    """The share of successes of each activation with each initialiser."""
    activations, initialisers = pairs(options)
    hidden, solver = options.settings["hidden"], WIDE[0]
    counts = [[runs.of(network(hidden, a, i), solver) for a in activations] for i in initialisers]
    if not any(count for row in counts for count in row):
        return None
    title = f"Who learns XOR with {hidden} hidden units by {solver}"
    shares = [[count.share if count else None for count in row] for row in counts]
    return Field("pairs", title, PAIRS, ("activation", "initialiser"), activations, initialisers, shares, SHARE)
