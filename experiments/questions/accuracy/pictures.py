"""The measured digits as figures and tables."""

from __future__ import annotations

import math

import solvers
from experiments.figures.records import Field, Figure, Line, Lines, ResultTable
from experiments.lab.spec.grammar import Spec, spec
from experiments.questions.accuracy.scores import (
    Measured,
    answers,
    conditions,
    correct_digits,
    expected_digits,
    label,
    mean_score,
    refused,
    worthless,
)

MAP = (
    "How to read this: each square is one solver on one problem; the lighter, the more digits are correct. It is empty "
    "where the solver broke down or does not take the problem. The condition number grows from bottom to top."
)
BY_SIZE = (
    "How to read this: higher is better. The dotted lines are what a condition number k leaves, once and squared. A "
    "line that ends early belongs to a solver that broke down on larger systems."
)
RANKED = (
    "The mean is over the problems that a solver takes, and a breakdown counts as 0 digits. Worthless answers have "
    "less than one correct digit."
)
ALL_DIGITS = (
    "Digits that are correct in every coefficient, at most 15. No number: the solver broke down or does not take the "
    "problem."
)


def figures(measured: Measured) -> list[Figure]:
    """The digits of each solver on each problem, and on Hilbert's systems against their size."""
    problems = by_condition(measured)
    digits = [[correct_digits(on_problems.get(p)) for on_problems in measured.values()] for p in problems]
    names, rows = list(map(str, measured)), list(map(label, problems))
    return [
        Field("map", "Correct digits", MAP, ("solver", "problem"), names, rows, digits, "digits"),
        Lines(
            "hilbert",
            "Correct digits on Hilbert's systems",
            BY_SIZE,
            ("unknowns of Hilbert's system", "correct digits"),
            ("linear", "linear"),
            hilbert_lines(measured),
        ),
    ]


def hilbert_lines(measured: Measured) -> list[Line]:
    """The digits of the catalogue's solvers against the size of the system, and what theory expects."""
    known = conditions(measured)
    problems = {p for on_problems in measured.values() for p in on_problems if p.name == "hilbert"}
    sizes = sorted(problem.get("n") for problem in problems)
    lines = []
    for solver, on_problems in measured.items():
        y = [correct_digits(on_problems.get(spec("hilbert", n=n))) for n in sizes]
        if str(solver) in solvers.TABLE and any(y):
            lines.append(Line(str(solver), sizes, y))
    for power, formula in ((1, "16 - log10 k"), (2, "16 - 2 log10 k")):
        k_of_sizes = [known.get(spec("hilbert", n=n)) for n in sizes]
        expected = [None if k is None else expected_digits(k, power) for k in k_of_sizes]
        lines.append(Line(formula, sizes, expected, guide=True))
    return lines


def tables(measured: Measured) -> list[ResultTable]:
    """Each solver in a row, the best first; and the digits of each solver on each problem."""
    known, means = conditions(measured), {solver: mean_score(measured[solver]) for solver in measured}
    by_score = sorted(measured, key=lambda solver: (means[solver] is None, -(means[solver] or 0.0)))
    columns = (
        "solver", "mean digits", "fewest digits", "worthless answers", "breakdowns", "refusals", "first reason",
    )  # fmt: skip
    return [
        ResultTable("Digits by solver", RANKED, columns, [_row(measured, solver) for solver in by_score]),
        ResultTable(
            "Digits by problem",
            ALL_DIGITS,
            ("problem", "condition number", *map(str, measured)),
            [
                (label(p), known.get(p), *(correct_digits(on_problems.get(p)) for on_problems in measured.values()))
                for p in by_condition(measured)
            ],
        ),
    ]


def by_condition(measured: Measured) -> list[Spec]:
    """The problems, the best conditioned first; those whose condition number is not known last."""
    known = conditions(measured)
    problems = dict.fromkeys(problem for on_problems in measured.values() for problem in on_problems)
    return sorted(problems, key=lambda problem: known.get(problem, math.inf))


def _row(measured: Measured, solver: Spec) -> tuple[str | float | None, ...]:
    on_problems = measured[solver]
    refusals = [result["message"] for result in on_problems.values() if refused(result)]
    breakdowns = [
        result["message"] if result.good else result.reason
        for result in on_problems.values()
        if correct_digits(result) is None and not refused(result)
    ]
    return (
        str(solver),
        mean_score(on_problems),
        min(answers(on_problems), default=None),
        worthless(on_problems),
        len(breakdowns),
        len(refusals),
        next(iter(breakdowns + refusals), ""),
    )
