"""Why did the first neurons fail, and what does a hidden layer do?

Exclusive or puts four points at the corners of a square, labels alike across the diagonals. First all 16 ways to label
them are tried: which does a line separate? Then solvers learn them, from many starts each: one neuron and a stack of
linear layers, which is one neuron again; the human's way, a third column or a kernel, for that same neuron; and
networks of one hidden layer by width, activation, initialiser and solver. A run has learned XOR where all four points
are right. Networks run to f = 0.1, below which no point can be wrong: one alone would cost log(2)/4 = 0.17. Theory: no
linear model has more than three points right, its least f is log 2, a coin's; one hidden unit with a monotone
activation only bends the answer along that same line; two can suffice, and more make it likely.

Sources: Rosenblatt (1958), doi:10.1037/h0042519; Minsky & Papert (1969); Rumelhart, Hinton & Williams (1986),
doi:10.1038/323533a0; Boser, Guyon & Vapnik (1992), doi:10.1145/130385.130401.

Settings: seeds, how many starts; widths, of the hidden layer; hidden, its width where solvers, activations and
initialisers are compared; iterations, after which a run is given up.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from experiments.figures.records import Frames, Table
from experiments.lab.analysis.proportion import tally
from experiments.lab.analysis.results import Result, Row
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.questions.xor.boundaries import KEEP, film
from experiments.questions.xor.models import (
    BOTH,
    LINEAR,
    MADE,
    SETTINGS,
    SOLVERS,
    WIDE,
    Runs,
    asked,
    chosen,
    filmed,
    learned,
    network,
    pairs,
)
from experiments.questions.xor.pictures import figures
from problems.networks.xor import CORNERS

ENOUGH = 0.1  # f below which all four points are right
SETTLED = 0.01  # and a boundary has come to rest
COLUMNS = ("model", "solver", "runs", "learned", "best accuracy", "lowest f", "iterates", "the others")
LEARNED = (
    "Runs from different starts; learned: all four points right at the end; iterates: the median of those; the others: "
    "how they ended."
)


def problems(options: Options) -> Sequence[str]:
    """Every model once."""
    return list(dict.fromkeys(problem for problem, _ in asked(options)))


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every model and solver from every start; and again those whose iterates are kept, for their boundaries."""
    starts = range(options.seed, options.seed + chosen(options, "seeds"))
    found = []
    for problem, solvers in asked(options):
        rule = rule_for(problem, options, ENOUGH)
        found += [Cell(problem, solver, seed, rule) for solver, seed in itertools.product(solvers, starts)]
    for problem in filmed(options):
        rule = rule_for(problem, options, SETTLED, KEEP)
        found += [Cell(problem, WIDE[0], seed, rule, "iterates kept") for seed in starts]
    return list(dict.fromkeys(found))


def rule_for(problem: str, options: Options, enough: float, keep: int = 0) -> Rule:
    """To that f for a network; for one neuron, whose least f nobody would call learned, to many digits."""
    hopeless = problem in (*LINEAR, *MADE)
    seconds = 0.3 if options.quick else 1.0
    return Rule(1e-6 if hopeless else enough, seconds, options.settings["iterations"], keep=keep)


def trials(options: Options) -> Sequence[Trial]:
    """All ways to label four points."""
    return [trial(labellings)]


def labellings() -> dict[str, Any]:
    """How many of the 16 a line separates, whether XOR is one, and how many points of it the best of these has right.

    A line separates the labels y where some theta has y_i x_i . theta >= 1 for all i.
    """
    rows = np.column_stack([CORNERS, np.ones(4)])
    wanted = np.where(CORNERS[:, 0] != CORNERS[:, 1], 1.0, -1.0)
    able = [
        y
        for y in map(np.array, itertools.product((-1.0, 1.0), repeat=4))
        if linprog(np.zeros(3), A_ub=-y[:, None] * rows, b_ub=-np.ones(4), bounds=(None, None)).success
    ]
    most = max(int(np.sum(y == wanted)) for y in able)
    return {"separable": len(able), "xor": most == len(wanted), "most": most}


EXPERIMENT = Experiment("xor", "xor", __doc__ or "", problems, cells, 1, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """Who learns XOR and how often, and what the boundary does meanwhile."""
    options = Options(bool(result.options.get("quick")), settings={**SETTINGS, **result.settings})
    runs = Runs(result)
    films = [each for row in runs.films() if (each := film(row, _titled(row)))]
    verdicts = [*by_lines(result), *by_models(runs), *by_widths(runs, options), *by_choice(runs, options)]
    table = Table("Who learned XOR", LEARNED, COLUMNS, summary(runs))
    return Answer([*verdicts, *by_films(films)], [*figures(runs, options), *films], [table])


def summary(runs: Runs) -> list[tuple[str | float | None, ...]]:
    """A row for each model and solver."""
    table: list[tuple[str | float | None, ...]] = []
    for (problem, solver), rows in runs.rows.items():
        count = tally(rows, learned)
        if count is None:  # refused
            table.append((problem, solver, 0, 0, None, None, None, f"skipped: {rows[0].typical.reason}"))
            continue
        best = max((row.typical.measures.get("accuracy", 0.0) for row in rows), default=None)
        ended = Counter(row.status for row in rows if not learned(row))
        others = ", ".join(f"{number} {status}" for status, number in ended.items())
        table.append((problem, solver, count.runs, count.good, best, runs.lowest(rows), count.iterates, others))
    return table


def by_lines(result: Result) -> list[str]:
    """What a line can do, of all labellings."""
    return [
        f"Of the 16 ways to label the four corners a line separates {read['separable']}, "
        f"{'XOR among them' if read['xor'] else 'and XOR is not among them'}: "
        f"the best line has {read['most']} of its 4 points right."
        for read in result.read("labellings")
    ]


def by_models(runs: Runs) -> list[str]:
    """What the linear models come to, and what the human's way does."""
    found = []
    for problem, who in zip(LINEAR, ("One neuron", "A stack of two linear layers, one neuron again,"), strict=True):
        rows = runs.on(problem)
        count, least = tally(rows, learned), runs.lowest(rows)
        if count and least is not None:
            solvers = list(dict.fromkeys(row.solver for row in rows if row.status != "skipped"))
            best = max(row.typical.measures.get("accuracy", 0.0) for row in rows)
            found.append(
                f"{who} learned XOR in {count} runs by {', '.join(solvers)}: at best {best:.0%} right, and f never "
                f"below {least:.4f}, where a coin's is log 2 = {math.log(2):.4f}."
            )
    made = [(problem, count) for problem in MADE if (count := tally(runs.on(problem), learned))]
    if made:
        each = ", ".join(f"{count} with {problem[4:-1]}" for problem, count in made)
        found.append(f"The same neuron on columns that a person made learned it in {each}.")
    return found


def by_widths(runs: Runs, options: Options) -> list[str]:
    """How wide a hidden layer must be."""
    found = []
    for activation, solver in itertools.product(BOTH, WIDE):
        counts = {w: count for w in chosen(options, "widths") if (count := runs.of(network(w, activation), solver))}
        if not counts:
            continue
        always = [width for width, count in counts.items() if count.good == count.runs]
        each = ", ".join(f"{count.share:.0%} with {width}" for width, count in counts.items())
        least = f"{min(always)} is the least width that never failed" if always else "no width never failed"
        runs_each = next(iter(counts.values())).runs
        found.append(f"Of {runs_each} starts {solver} learned it from {each} {activation} units; {least}.")
    return found


def by_choice(runs: Runs, options: Options) -> list[str]:
    """Which solver, and from which initialiser nothing is learned, at one width."""
    hidden, found = options.settings["hidden"], []
    for activation in BOTH:
        counts = {s: count for s in SOLVERS if (count := runs.of(network(hidden, activation), s))}
        if counts:
            best, worst = (pick(count.share for count in counts.values()) for pick in (max, min))
            surest, least = ([s for s in counts if counts[s].share == share] for share in (best, worst))
            found.append(
                f"With {hidden} {activation} units the surest are {', '.join(surest)}, {counts[surest[0]]} starts, and "
                f"the least sure {', '.join(least)}, {counts[least[0]]}."
                if best > worst
                else f"With {hidden} {activation} units every solver learned it from {counts[surest[0]]} starts."
            )
    activations, initialisers = pairs(options)
    for initialiser in initialisers:
        tried = {a: count for a in activations if (count := runs.of(network(hidden, a, initialiser), WIDE[0]))}
        if tried and not any(count.good for count in tried.values()):
            found.append(f"From {initialiser} {WIDE[0]} never learned it, with none of {', '.join(tried)}.")
    return found


def by_films(films: Sequence[Frames]) -> list[str]:
    """From when on each boundary that was kept has all four points right."""
    found = []
    for each in films:
        right = [moment.endswith(" 100% right") for moment in each.moments]
        since = max((k for k, good in enumerate(right) if not good), default=-1) + 1
        when = "is right for a while and does not stay so" if any(right) else "never has all four points right"
        if since < len(right):
            when = f"has all four points right from {each.moments[since].split(':')[0]} on"
        found.append(f"The boundary of {each.name} {when}; it ends at {each.moments[-1].replace(':', ',')}.")
    return found


def _titled(row: Row) -> str:
    return f"The boundary of {row.problem} by {row.solver}: {'learned' if learned(row) else 'not learned'}"
