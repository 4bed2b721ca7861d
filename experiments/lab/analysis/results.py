"""The result of a run: one row for each problem, solver and seed, whatever became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from experiments.lab.analysis.statistics import Interval, median_interval
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.race.race import Race, Timed
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import BROKEN, Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.supplied import Named

SCHEMA = 2


@dataclass(frozen=True)
class CellResult:
    """One problem, solver and seed, with the outcome of each repeat; `typical` stands for all of them."""

    problem: Named
    solver: Named
    seed: int
    rule: Rule
    outcomes: Sequence[Outcome]
    note: str = ""
    raced: Timed | None = None  # its time in a race of the first solvers, if it was in one

    @property
    def typical(self) -> Outcome:
        """The repeat with the median time, the lower of two; the first where none solved the problem."""
        solved = sorted((outcome for outcome in self.outcomes if outcome.solved), key=lambda outcome: outcome.seconds)
        return solved[(len(solved) - 1) // 2] if solved else self.outcomes[0]

    @property
    def name(self) -> str:
        """The solver, with what is shown beside its name."""
        return f"{self.solver}  {self.note}" if self.note else str(self.solver)

    @property
    def status(self) -> Status:
        return self.typical.status

    @property
    def solved(self) -> bool:
        return self.typical.solved

    @property
    def skipped(self) -> bool:
        return self.status is Status.SKIPPED

    @property
    def merit(self) -> tuple[int, float]:
        """By what rows are sorted: those that solved the problem by time, then the others by their gap."""
        return (0, self.seconds or 0.0) if self.solved else (1, self.typical.gap)

    @property
    def broken(self) -> bool:
        return self.status in BROKEN

    @property
    def times(self) -> list[float]:
        """Seconds to the tolerance, of the repeats that reached it."""
        return [outcome.seconds for outcome in self.outcomes if outcome.solved]

    @property
    def seconds(self) -> float | None:
        """The time in a race, else the median time to the tolerance; None where it was not reached."""
        if not self.solved:
            return None
        return self.raced.seconds if self.raced else median(self.times)

    @property
    def interval(self) -> Interval | None:
        if not self.solved:
            return None
        return (self.raced.low, self.raced.high) if self.raced else median_interval(self.times)

    def record(self) -> dict[str, Any]:
        """The row as JSON and CSV hold it."""
        outcome = self.typical
        predicted, observed = outcome.predicted, outcome.observed
        return {
            "problem": str(self.problem),
            "solver": str(self.solver),
            "note": self.note,
            "seed": self.seed,
            "status": str(self.status),
            "cause": str(outcome.cause),
            "reason": outcome.reason,
            "seconds_to_tolerance": self.seconds,
            "seconds_low": self.interval[0] if self.interval else None,
            "seconds_high": self.interval[1] if self.interval else None,
            "raced": self.raced is not None,
            "repeats": len(self.outcomes),
            "seconds": outcome.seconds,
            "iterations": outcome.iterations,
            "passes": outcome.passes,
            "gap": outcome.gap,
            "predicted_rate": predicted and predicted.factor,
            "predicted_order": predicted and predicted.order,
            "observed_rate": observed and observed.factor,
            "observed_order": observed and observed.order,
            "accuracy": outcome.measures.get("accuracy"),
            "digits": outcome.measures.get("digits"),
            "tolerance": self.rule.tolerance,
            "absolute": self.rule.absolute,
            "cpu_seconds": outcome.cpu,
            "warm_seconds": outcome.warm,
        }


@dataclass(frozen=True)
class Result:
    """A whole run, as every table, figure and page sees it."""

    name: str
    kind: str  # the experiment whose answer it takes
    question: str
    rows: Sequence[CellResult]
    references: dict[Named, Reference]
    environment: dict[str, Any]
    command: str
    options: dict[str, Any] = field(default_factory=dict)
    files: dict[Named, list[str]] = field(default_factory=dict)  # digests of the files that a problem's rows came from
    unfinished: int = 0  # cells and measurements that were planned and have not run yet
    measurements: Sequence[MeasurementResult] = ()
    races: dict[Named, Race] = field(default_factory=dict)

    @property
    def seeds(self) -> list[int]:
        """Of the cells, ascending."""
        return sorted({row.seed for row in self.rows})

    @property
    def problems(self) -> list[Named]:
        """In the order of the plan."""
        return list(dict.fromkeys(row.problem for row in self.rows))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of this experiment, defaults included."""
        return dict(self.options.get("settings", {}))

    def measured(self, name: str) -> list[MeasurementResult]:
        """The successful measurements by the function of that name, in the order of the plan."""
        return [result for result in self.measurements if result.measurement.name == name and result.good]

    def of(self, problem: Named) -> list[CellResult]:
        """The rows of one problem."""
        return [row for row in self.rows if row.problem == problem]


def theta_error(row: CellResult, result: Result) -> float | None:
    """The relative error of the row's theta by the curvature at the minimum; None unless it is solved, or not known.

    Far from the minimum, or at another one, that curvature says nothing.
    """
    reference = result.references.get(row.problem)
    return reference.theta_error(row.typical.gap, row.rule.absolute) if reference and row.solved else None
