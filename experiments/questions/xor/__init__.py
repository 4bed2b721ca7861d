"""Why did the first neurons fail, and what does a hidden layer do?

The four points of exclusive or are the corners of a square, with equal labels at opposite corners. First all 16 ways to
label them are tried: which of them can a line separate? Then solvers learn XOR from many starts each. The models are
one neuron; a stack of linear layers, which is equivalent to one neuron; the same neuron on columns that a person
designed, a third column or a kernel; and networks of one hidden layer, by width, activation, initialiser and solver. A
run has learned XOR where all four points are classified correctly. Networks run to f = 0.1, below which no point can be
wrong: one wrong point alone costs log(2)/4 = 0.17. Theory: no linear model classifies more than three points correctly,
and its least f is log 2, that of a random guess. One hidden unit with a monotone activation still separates along a
line. Two hidden units can be enough, and more make success more probable.

Sources: Rosenblatt (1958), doi:10.1037/h0042519; Minsky & Papert (1969); Rumelhart, Hinton & Williams (1986),
doi:10.1038/323533a0; Boser, Guyon & Vapnik (1992), doi:10.1145/130385.130401.

Settings: seeds, how many starts; widths, of the hidden layer; hidden, its width where solvers, activations and
initialisers are compared; iterations, the most of a run.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from experiments.figures.records import ResultTable
from experiments.lab.analysis.proportion import proportion
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec
from experiments.questions.xor.boundaries import KEEP, Film, film
from experiments.questions.xor.models import (
    DESIGNED,
    GRADIENT_DESCENT,
    LINEAR,
    NETWORK_SOLVERS,
    SETTINGS,
    STACKED,
    WIDTH_ACTIVATIONS,
    WIDTH_SOLVERS,
    Runs,
    activations,
    filmed,
    initialisers,
    learned,
    network,
    plan,
    smaller,
)
from experiments.questions.xor.pictures import figures
from problems.data.synthetic.shapes import XOR_POINTS

ENOUGH = 0.1  # f below which all four points are correct
AT_REST = 0.01  # f below which a boundary hardly moves any more
TIGHT = 1e-6  # for one neuron, whose least f is known and is no success
COLUMNS = (
    "model", "solver", "runs", "learned", "best accuracy", "lowest f", "iterations", "how the other runs ended",
)  # fmt: skip
LEARNED = (
    "Runs from different starts. Learned: runs that classify all four points correctly at the end. Iterations: the "
    "median of these runs."
)


def problems(options: Options) -> Sequence[Spec]:
    """Every model once."""
    return list(dict.fromkeys(problem for problem, _ in plan(options)))


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every model and solver from every start; and again the runs whose iterates are kept, for their boundaries."""
    seeds = range(options.seed, options.seed + smaller(options, "seeds"))
    planned = [
        Cell(problem, solver, seed, rule_for(problem, options, ENOUGH))
        for problem, solvers in plan(options)
        for solver, seed in itertools.product(solvers, seeds)
    ]
    planned += [
        Cell(problem, GRADIENT_DESCENT, seed, rule_for(problem, options, AT_REST, KEEP), "iterates kept")
        for problem in filmed(options)
        for seed in seeds
    ]
    return list(dict.fromkeys(planned))


def rule_for(problem: Spec, options: Options, enough: float, keep: int = 0) -> Rule:
    """The tolerance `enough` for a network, and TIGHT for one neuron."""
    neuron = problem in (LINEAR, STACKED, *DESIGNED)
    seconds = 0.3 if options.quick else 1.0
    return Rule(TIGHT if neuron else enough, seconds, options.settings["iterations"], absolute=True, keep=keep)


def measurements(options: Options) -> Sequence[Measurement]:
    """All ways to label four points."""
    return [measurement_of(labellings)]


def labellings() -> dict[str, Any]:
    """How many of the 16 labellings a line separates, whether XOR is one, and the most points of XOR that a line fits.

    A line separates the labels y if there is a theta with y_i x_i . theta >= 1 for all i.
    """
    rows = np.column_stack([XOR_POINTS, np.ones(4)])
    xor = np.where(XOR_POINTS[:, 0] != XOR_POINTS[:, 1], 1.0, -1.0)
    separable = [
        y
        for y in map(np.array, itertools.product((-1.0, 1.0), repeat=4))
        if linprog(np.zeros(3), A_ub=-y[:, None] * rows, b_ub=-np.ones(4), bounds=(None, None)).success
    ]
    most = max(int(np.sum(y == xor)) for y in separable)
    return {"separable": len(separable), "xor": most == len(xor), "most": most}


EXPERIMENT = Experiment("xor", "xor", __doc__ or "", problems, cells, 1, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """Which models and solvers learn XOR and how often, and how the boundary changes during training."""
    options = Options(bool(result.options.get("quick")), settings={**SETTINGS, **result.settings})
    runs = Runs(result)
    films = [made for row in runs.films() if (made := film(row, title_of(row)))]
    verdicts = [*by_line(result), *by_model(runs), *by_width(runs, options), *by_choice(runs, options)]
    drawn = [*figures(runs, options), *(made.frames for made in films)]
    return Answer(
        [*verdicts, *by_film(films)], drawn, [ResultTable("Who learned XOR", LEARNED, COLUMNS, summary(runs))]
    )


def summary(runs: Runs) -> list[tuple[str | float | None, ...]]:
    """Each model and solver in a row."""
    table: list[tuple[str | float | None, ...]] = []
    for (problem, solver), rows in runs.rows.items():
        names, count = (str(problem), str(solver)), proportion(rows, learned)
        if count is None:
            table.append((*names, 0, 0, None, None, None, f"skipped: {rows[0].typical.reason}"))
            continue
        best = max(accuracy(row) for row in rows)
        statuses = Counter(row.status for row in rows if not learned(row))
        others = ", ".join(f"{number} {status}" for status, number in statuses.items())
        table.append((*names, count.runs, count.successes, best, runs.lowest(rows), count.iterations, others))
    return table


def accuracy(row: CellResult) -> float:
    """The share of correct points at the end of a run; 0 where it is unknown."""
    return row.typical.measures.get("accuracy", 0.0)


def by_line(result: Result) -> list[str]:
    """What a line can separate, of all labellings."""
    return [
        f"A line separates {run['separable']} of the 16 ways to label the four points. "
        f"{'XOR is one of them' if run['xor'] else 'XOR is not one of them'}: the best line classifies {run['most']} "
        "of its 4 points correctly."
        for run in result.measured("labellings")
    ]


def by_model(runs: Runs) -> list[str]:
    """The results of the linear models, and of the same neuron on designed columns."""
    sentences = []
    for problem, name in ((LINEAR, "One neuron"), (STACKED, "A stack of two linear layers, equivalent to one neuron,")):
        rows = runs.on(problem)
        count, least = proportion(rows, learned), runs.lowest(rows)
        if count and least is not None:
            solvers = dict.fromkeys(str(row.solver) for row in rows if not row.skipped)
            best = max(accuracy(row) for row in rows)
            sentences.append(
                f"{name} learned XOR in {count} runs by {', '.join(solvers)}. The best run classifies {best:.0%} of "
                f"the points correctly. The lowest f is {least:.4f}; a random guess has log 2 = {math.log(2):.4f}."
            )
    counts = {problem: proportion(runs.on(problem), learned) for problem in DESIGNED}
    parts = [f"{count} runs with {columns_of(problem)}" for problem, count in counts.items() if count]
    if parts:
        sentences.append(f"On columns that a person designed the same neuron learned it in {', '.join(parts)}.")
    return sentences


def columns_of(problem: Spec) -> str:
    """The columns that a model gives to its neuron."""
    if problem.get("model") == "features":
        return "the product of the inputs as a third column"
    return f"the {problem.get('kernel') or 'rbf'} kernel"


def by_width(runs: Runs, options: Options) -> list[str]:
    """How wide the hidden layer must be."""
    sentences = []
    for activation, solver in itertools.product(WIDTH_ACTIVATIONS, WIDTH_SOLVERS):
        widths = smaller(options, "widths")
        counts = {width: count for width in widths if (count := runs.success(network(width, activation), solver))}
        if not counts:
            continue
        always = [width for width, count in counts.items() if count.successes == count.runs]
        shares = ", ".join(f"{count.share:.0%} with {width}" for width, count in counts.items())
        least = f"The least width that never failed is {min(always)}" if always else "No width never failed"
        starts = next(iter(counts.values())).runs
        sentences.append(
            f"With {activation} units {solver} learned XOR from these shares of {starts} starts, by the number of "
            f"hidden units: {shares}. {least}."
        )
    return sentences


def by_choice(runs: Runs, options: Options) -> list[str]:
    """Which solvers succeed most often at one width, and from which initialiser nothing is learned."""
    hidden, sentences = options.settings["hidden"], []
    for activation in WIDTH_ACTIVATIONS:
        problem = network(hidden, activation)
        counts = {str(solver): count for solver in NETWORK_SOLVERS if (count := runs.success(problem, solver))}
        if not counts:
            continue
        shares = [count.share for count in counts.values()]
        best, worst = ([s for s in counts if counts[s].share == end] for end in (max(shares), min(shares)))
        text = f"With {hidden} hidden {activation} units"
        if max(shares) == min(shares):
            sentences.append(f"{text} every solver learned XOR from {counts[best[0]]} starts.")
        else:
            sentences.append(
                f"{text} XOR was learned most often by {', '.join(best)} (from {counts[best[0]]} starts), and least "
                f"often by {', '.join(worst)} (from {counts[worst[0]]} starts)."
            )
    for initialiser in initialisers(options):
        problems = {activation: network(hidden, activation, initialiser) for activation in activations(options)}
        tried = {a: count for a, problem in problems.items() if (count := runs.success(problem, GRADIENT_DESCENT))}
        if tried and not any(count.successes for count in tried.values()):
            sentences.append(
                f"From the initialiser {initialiser} {GRADIENT_DESCENT} never learned XOR, with any of "
                f"{', '.join(tried)}."
            )
    return sentences


def by_film(films: Sequence[Film]) -> list[str]:
    """From which iteration on each filmed boundary classifies all four points correctly."""
    sentences = []
    for made in films:
        correct = [share == 1 for share in made.accuracy]
        since = max((k for k, all_correct in enumerate(correct) if not all_correct), default=-1) + 1
        if since < len(correct):
            when = f"classifies all four points correctly from iteration {made.iterations[since]} on"
        elif any(correct):
            when = "classifies all four points correctly for some iterations only"
        else:
            when = "never classifies all four points correctly"
        sentences.append(
            f"The boundary of {made.frames.name} {when}. It ends at iteration {made.iterations[-1]} with f = "
            f"{made.f[-1]:.3g} and {made.accuracy[-1]:.0%} of the points correct."
        )
    return sentences


def title_of(row: CellResult) -> str:
    return f"The boundary of {row.problem} by {row.solver}: {'learned' if learned(row) else 'not learned'}"
