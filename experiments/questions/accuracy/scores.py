"""Measured digits, sorted by solver and problem, and what theory expects of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.run.outcome import Cause
from experiments.lab.spec.grammar import Spec
from problems.foundation.arrays import EPS

Measured = dict[Spec, dict[Spec, MeasurementResult]]  # by solver, and then by problem

WORTHLESS = 1.0  # correct digits below which an answer has no value


def by_solver(results: Sequence[MeasurementResult]) -> Measured:
    """The measurements by solver and problem."""
    measured: Measured = {}
    for result in results:
        measured.setdefault(result["solver"], {})[result["problem"]] = result
    return measured


def correct_digits(result: MeasurementResult | None) -> float | None:
    """The digits of one measurement; None where it gave no answer."""
    return result["digits"] if result is not None and result.good else None


def refused(result: MeasurementResult) -> bool:
    """Whether the solver does not take the problem."""
    return result.good and result["cause"] == Cause.REFUSAL


def answers(on_problems: dict[Spec, MeasurementResult]) -> list[float]:
    """The digits of each answer that one solver gave."""
    return [digits for result in on_problems.values() if (digits := correct_digits(result)) is not None]


def worthless(on_problems: dict[Spec, MeasurementResult]) -> int:
    """The number of one solver's answers without a correct digit."""
    return sum(digits < WORTHLESS for digits in answers(on_problems))


def scores(on_problems: dict[Spec, MeasurementResult]) -> dict[Spec, float]:
    """One solver's digits on each problem that it takes; 0 where it broke down."""
    return {problem: correct_digits(result) or 0.0 for problem, result in on_problems.items() if not refused(result)}


def mean_score(on_problems: dict[Spec, MeasurementResult]) -> float | None:
    """The mean of one solver's scores; None where it takes no problem."""
    taken = scores(on_problems)
    return mean(taken.values()) if taken else None


def conditions(measured: Measured) -> dict[Spec, float]:
    """The condition number of each problem, as far as it was measured."""
    return {
        problem: result["condition"]
        for on_problems in measured.values()
        for problem, result in on_problems.items()
        if result.good
    }


def expected_digits(condition: float, power: int) -> float:
    """16 - power log10 k, the digits that rounding leaves where the condition number k acts with that power."""
    return max(0.0, -math.log10(EPS) - power * math.log10(condition))


def label(problem: Spec) -> str:
    """A problem's name in tables and sentences: `wampler-1`, `hilbert-5`, or the name of NIST's file."""
    if problem.name == "nist":
        return Path(problem.get("file")).stem
    return f"{problem.name}-{problem.get('set' if problem.name == 'wampler' else 'n')}"
