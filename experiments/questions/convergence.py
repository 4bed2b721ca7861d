"""Which solver gets there first, and how fast does each go?

Every solver runs on every problem that it can take, with one tolerance and one budget. The answer for each problem is
the solver that reaches the tolerance first, and by how much, with an interval from interleaved repeats. If the interval
contains 1, the answer is a tie. Each table shows the rate observed over the later half of a run beside the rate that
theory predicts, where it predicts one: 1 - mu/L for gradient descent, (sqrt(k) - 1)/(sqrt(k) + 1) for conjugate
gradients, quadratic for Newton.
"""

from __future__ import annotations

from collections.abc import Sequence

import solvers
from experiments.comparison.convergence_figure import convergence_figure
from experiments.comparison.decision_boundary import boundary_of
from experiments.comparison.profiles import most_solved, profiles
from experiments.comparison.sentences import damaged_reference
from experiments.figures.records import Figure, Lines
from experiments.lab.analysis.race_verdict import not_raced
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import mixed, unproven, usefulness, verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import seeded
from experiments.lab.spec.grammar import parse
from experiments.lab.spec.supplied import Named

QUICK = ("linear-regression", "logistic(data=breast_cancer)", "xor(model=linear)", "xor(model=stacked)", "xor")
ALL = (
    "linear-regression",
    "linear-regression(condition=10000)",
    "linear-regression(data=diabetes)",
    "linear-regression(loss=absolute, outliers=0.05)",
    "ridge",
    "lasso",
    "elastic-net",
    "nonnegative-least-squares",
    "logistic",
    "logistic(data=breast_cancer)",
    "softmax(data=iris)",
    "hinge",
    "xor(model=linear)",
    "xor(model=stacked)",
    "xor",
    "network",
    "curve",
    "landscape",
    "linear-system",
    "basis-pursuit",
    "total-variation",
    "pca",
    "k-means",
)
SLOW = ("xor", "network")  # problems whose gap falls so slowly that the tolerance is 1e-3
KIND_OF = {"profiles": Lines.kind}  # names of figures in an experiment file that are not the kind itself


def problems(options: Options) -> Sequence[Named]:
    """The problems of the catalogue, on synthetic and on real data; a few of them under --quick."""
    return [seeded(parse(problem), options.seed) for problem in (QUICK if options.quick else ALL)]


def rule_for(problem: Named, seconds: float) -> Rule:
    """The tolerance is 1e-6, and 1e-3 for networks.

    The infimum of their cross-entropy is 0, and gradient descent approaches it no faster than 1/t.
    """
    return Rule(tolerance=1e-3 if problem.name in SLOW else 1e-6, seconds=seconds)


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every problem, in all its variants; under --quick only with its defaults."""
    seconds = 0.1 if options.quick else 0.3
    entries = tuple(solvers.TABLE) if options.quick else solvers.everyone()
    return [
        Cell(problem, solver, options.seed, rule_for(problem, seconds))
        for problem in problems(options)
        for solver in entries
    ]


EXPERIMENT = Experiment("convergence", "convergence", __doc__ or "", problems, cells)


def answer(result: Result) -> Answer:
    """Sentences and a figure for each problem, decision boundaries in the plane, and profiles over all problems."""
    verdicts: list[str] = []
    figures: list[Figure] = []
    boundaries: list[Figure] = []
    for problem in result.problems:
        rows, reference = result.of(problem), result.references.get(problem)
        if reference is None:
            verdicts.append(damaged_reference(problem))
            continue
        race = result.races.get(problem)
        remarks = (
            not_raced(problem, race) if race else mixed(problem, rows),
            unproven(problem, rows, reference),
            usefulness(problem, reference),
        )
        verdicts += filter(None, [verdict(problem, rows, reference, race), *remarks])
        figures.append(convergence_figure(problem, rows, reference))
        if len(reference.columns) == 2:
            boundary = boundary_of(problem, rows, reference)
            boundaries += [boundary] if boundary else []
    figures += [*boundaries, *profiles(result)]
    if chosen := result.settings.get("figures"):
        kinds = [KIND_OF.get(name, name) for name in chosen]
        figures = [figure for figure in figures if figure.kind in kinds]
    verdicts += filter(None, [most_solved(result)])
    return Answer(verdicts, figures)
