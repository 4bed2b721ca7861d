"""NIST's nonlinear sets: how many digits of the certified parameters and standard errors a solver reaches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from experiments.figures.records import Field, ResultTable
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.grammar import Spec, spec
from experiments.questions.accuracy.scores import by_solver, correct_digits

CURVE = "nist-curve"
STARTS = (1, 2)  # of each file; the first is far from the answer
MANY, FEW = 10, 4  # digits of a good answer, and below which there is none
MAP = (
    "How to read this: each square is one solver from one start of one file; the lighter, the more digits of all "
    "parameters agree with the certified ones, which have 11. It is empty where the solver broke down."
)
COUNTS = (
    f"Runs of which at least {MANY} or {FEW} digits of all parameters agree with the certified ones, and at least "
    f"{MANY} digits of all standard errors; the median and the fewest digits; and breakdowns, which count as 0."
)


def curve_specs(files: Sequence[Path]) -> list[Spec]:
    """Each file from both of its starts."""
    return [spec(CURVE, file=str(file), start=start) for file in files for start in STARTS]


def is_curve(result: MeasurementResult) -> bool:
    return bool(result["problem"].name == CURVE)


def sentence(results: Sequence[MeasurementResult]) -> str:
    """Which solver reaches many digits most often, and how often the others do."""
    counts = {str(solver): [_digits(r) for r in runs.values()] for solver, runs in by_solver(results).items()}
    many = {solver: sum(digits >= MANY for digits in of_solver) for solver, of_solver in counts.items()}
    ranked = sorted(many, key=lambda solver: -many[solver])
    best = ranked[0]
    text = (
        f"On NIST's nonlinear sets {best} reaches {MANY} digits of all parameters in {many[best]} of "
        f"{len(counts[best])} runs"
    )
    others = ", ".join(f"{solver} in {many[solver]}" for solver in ranked[1:])
    return f"{text}; {others}." if others else f"{text}."


def table(results: Sequence[MeasurementResult]) -> ResultTable:
    """Each solver in a row, the best first."""
    rows: list[tuple[Any, ...]] = []
    for solver, runs in by_solver(results).items():
        digits = [_digits(result) for result in runs.values()]
        errors = [result["standard_errors"] or 0.0 if result.good else 0.0 for result in runs.values()]
        broken = sum(correct_digits(result) is None for result in runs.values())
        at_least = [sum(d >= least for d in digits) for least in (MANY, FEW)]
        good_errors = sum(d >= MANY for d in errors)
        rows.append((str(solver), len(digits), *at_least, good_errors, median(digits), min(digits), broken))
    columns = (
        "solver", "runs", f"{MANY} digits", f"{FEW} digits", f"{MANY} digits of standard errors", "median digits",
        "fewest digits", "breakdowns",
    )  # fmt: skip
    rows.sort(key=lambda row: -row[2])
    return ResultTable("Digits on NIST's nonlinear sets", COUNTS, columns, rows)


def figure(results: Sequence[MeasurementResult]) -> Field:
    """The digits of each solver on each run."""
    measured = by_solver(results)
    problems = list(dict.fromkeys(result["problem"] for result in results))
    digits = [[correct_digits(runs.get(p)) for runs in measured.values()] for p in problems]
    names = [f"{Path(p.get('file')).stem} from start {p.get('start')}" for p in problems]
    axes, solvers = ("solver", "file and start"), list(map(str, measured))
    return Field("curves", "Correct digits on NIST's nonlinear sets", MAP, axes, solvers, names, digits, "digits")


def _digits(result: MeasurementResult) -> float:
    return correct_digits(result) or 0.0
