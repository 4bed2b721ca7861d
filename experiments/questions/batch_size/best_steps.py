"""The best step of each batch size to each tolerance, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from experiments.figures.records import Line, Lines
from experiments.lab.analysis.formats import duration, ratio_text
from experiments.lab.analysis.results import CellResult
from experiments.lab.spec.supplied import Named

BY_BATCH = (
    "How to read this: lower is better. Each mark is a batch size with its best step; there is none where no step "
    "reached the tolerance."
)


class BestStep(NamedTuple):
    """The step that takes one batch size to a tolerance in the fewest passes; None where none reached it."""

    problem: Named
    tolerance: float
    batch: int
    step: float | None = None
    passes: float | None = None
    seconds: float | None = None


def best_steps(rows: Sequence[CellResult]) -> list[BestStep]:
    """The best step of each batch size to each tolerance, the largest tolerance first, of rows of one problem.

    Rows of solvers without a fixed step and batch are not compared here.
    """
    best: dict[tuple[float, int], BestStep] = {}
    for row in rows:
        step, batch = row.solver.get("step"), row.solver.get("batch")
        if step is None or batch is None:
            continue
        key = row.rule.tolerance, int(batch)
        fewest = best.setdefault(key, BestStep(row.problem, *key)).passes
        passes = row.typical.passes
        if row.solved and passes is not None and (fewest is None or passes < fewest):
            best[key] = BestStep(row.problem, *key, float(step), passes, row.seconds)
    return sorted(best.values(), key=lambda step: (-step.tolerance, step.batch))


def best_batches(steps: Sequence[BestStep]) -> list[str]:
    """For each tolerance, the batch size that reaches it in the fewest passes, and the one in the least time."""
    sentences = []
    for tolerance in dict.fromkeys(step.tolerance for step in steps):
        of_tolerance = [step for step in steps if step.tolerance == tolerance]
        name = of_tolerance[0].problem.name
        costs = [(step.passes, step.seconds, step.batch) for step in of_tolerance if step.passes and step.seconds]
        if not costs:
            sentences.append(f"On {name} no batch size reaches {tolerance:g}.")
            continue
        least = min(passes for passes, _, _ in costs)
        fewest = [str(batch) for passes, _, batch in costs if passes == least]
        _, seconds, soonest = min(costs, key=lambda cost: cost[1])
        text = f"On {name} a batch of {' or '.join(fewest)} reaches {tolerance:g} in the fewest passes, {least:.3g}"
        if fewest == [str(soonest)]:
            text += f", and in the least time, {duration(seconds)}."
        else:
            text += f". A batch of {soonest} takes the least time, {duration(seconds)}."
        failed = [str(step.batch) for step in of_tolerance if not step.passes]
        sentences.append(f"{text} No step reaches it with a batch of {' or '.join(failed)}." if failed else text)
    return sentences


def pass_costs(steps: Sequence[BestStep]) -> str | None:
    """What a pass costs with the smallest and the largest batch, each at the smallest tolerance that it reaches."""
    seconds = {step.batch: step.seconds / step.passes for step in steps if step.passes and step.seconds}
    if len(seconds) < 2:
        return None
    small, large = min(seconds), max(seconds)
    return (
        f"On {steps[0].problem.name} a pass takes {duration(seconds[small])} with a batch of {small} and "
        f"{duration(seconds[large])} with a batch of {large}, a ratio of "
        f"{ratio_text(seconds[small] / seconds[large])}."
    )


def by_batch(steps: Sequence[BestStep], quantity: str) -> Lines | None:
    """Passes, or seconds, to each tolerance by batch size; None where nothing reached a tolerance."""
    values = {step: step.passes if quantity == "passes" else step.seconds for step in steps}
    lines = []
    for problem, tolerance in dict.fromkeys((step.problem, step.tolerance) for step in steps if values[step]):
        of_line = [step for step in steps if step[:2] == (problem, tolerance) and values[step]]
        batches = [float(step.batch) for step in of_line]
        lines.append(Line(f"{problem.name} to {tolerance:g}", batches, [values[step] for step in of_line]))
    title = f"{quantity.capitalize()} to a tolerance by batch size"
    axes = ("rows per step", quantity)
    return Lines(quantity, title, BY_BATCH, axes, ("log", "log"), lines) if lines else None
