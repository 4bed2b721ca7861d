"""Rows and results made by hand, for tests of what answers and figures say about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run.trace import Sample
from experiments.lab.spec.supplied import Named, named


def row(
    problem: Named | str,
    solver: Named | str,
    seconds: float = 1.0,
    *,
    status: Status = Status.SOLVED,
    gap: float = 0.0,
    seed: int = 0,
    rule: Rule | None = None,
    **fields: Any,
) -> CellResult:
    """One run. `fields` are further fields of its outcome."""
    outcome = Outcome(status, seconds=seconds, gap=gap, **fields)
    return CellResult(named(problem), named(solver), seed, rule or Rule(), [outcome])


def trace(*gaps: float, seconds: Sequence[float] | None = None) -> list[Sample]:
    """Samples at the iterations 0, 1, 2, ..., with ten passes per iteration."""
    times = seconds or [0.1 * k for k in range(len(gaps))]
    return [Sample(k, t, 10.0 * k, gap) for k, (t, gap) in enumerate(zip(times, gaps, strict=True))]


def failed(problem: Named | str, solver: Named | str, status: Status = Status.BUDGET, **fields: Any) -> CellResult:
    """One run that did not reach the tolerance."""
    return row(problem, solver, status=status, **{"gap": math.inf, **fields})


def result_of(
    rows: Sequence[CellResult],
    references: dict[Named, Reference] | None = None,
    kind: str = "convergence",
    **fields: Any,
) -> Result:
    """A result that holds these rows."""
    return Result(kind, kind, "", rows, references or {}, {}, "", **fields)
