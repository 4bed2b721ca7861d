"""Which solver is fastest, by how much, and whether that is certain: one sentence for each problem."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from experiments.lab.analysis.formats import duration, ratio_text
from experiments.lab.analysis.race_verdict import race_verdict, ratios_text
from experiments.lab.analysis.results import CellResult
from experiments.lab.analysis.statistics import FEWEST, median_interval, ratio_interval
from experiments.lab.race.race import Race, RaceResult
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Cause
from experiments.lab.spec.supplied import Named

NEGLIGIBLE = 0.02  # how far a minimum must lie below that of a constant answer for the model to be useful
FEWEST_RUNS = 3  # timings without which nothing is said of each of them
MOST_REPEATS = 1000  # beyond which nobody would repeat to settle a tie
MOST_NAMES = 3  # solvers that one sentence lists


@dataclass(frozen=True)
class Contender:
    """A solver that reached the tolerance on every seed, with all its times."""

    solver: Named
    times: Sequence[float]

    @property
    def seconds(self) -> float:
        return median(self.times)


def contenders(rows: Sequence[CellResult]) -> list[Contender]:
    """The solvers that solved one problem on all seeds, fastest first."""
    by_solver: dict[Named, list[CellResult]] = {}
    for row in rows:
        by_solver.setdefault(row.solver, []).append(row)
    able = [
        Contender(solver, [seconds for row in of_solver for seconds in row.times])
        for solver, of_solver in by_solver.items()
        if all(row.solved for row in of_solver)
    ]
    return sorted(able, key=lambda contender: contender.seconds)


def verdict(problem: Named, rows: Sequence[CellResult], reference: Reference, race: Race | None = None) -> str:
    """The sentence that these rows support on one problem; a race of the first solvers decides where there is one."""
    tolerance = rows[0].rule.tolerance
    able = contenders(rows)
    if reference.unattained:
        return f"On {problem} there is nothing to reach: {reference.unattained}."
    if not able:
        return _unsolved(problem, rows, tolerance, reference)
    best = able[0]
    if best.seconds == 0:
        return f"On {problem} there is nothing to compare: the start itself is within {tolerance:g} of the minimum."
    if len(able) == 1:
        return f"On {problem} only {best.solver} reached {tolerance:g}, in {duration(best.seconds)}."
    if race and race.result is not RaceResult.NONE:
        return race_verdict(problem, race, tolerance)
    second = able[1]
    tied = [other for other in able[1:] if _overlap(best, other)]
    if tied:
        return _tie(problem, best, tied, tolerance)
    interval = ratio_interval(second.times, best.times)
    if interval:
        ratio, low, high = ratios_text(second.seconds / best.seconds, *interval)
        return (
            f"On {problem} {best.solver} is {ratio} faster than the next solver "
            f"that reached {tolerance:g}, {second.solver}: {duration(best.seconds)} against {duration(second.seconds)} "
            f"(95% interval of the ratio {low} to {high})."
        )
    text = (
        f"On {problem} {best.solver} reached {tolerance:g} first, in {duration(best.seconds)}, and {second.solver} "
        f"next, in {duration(second.seconds)}"
    )
    least = min(second.times) / max(best.times)
    if least > 2 and len(second.times) >= FEWEST_RUNS:
        runs = len(second.times)
        return f"{text}; each of its {runs} runs took at least {ratio_text(least)} the longest run of {best.solver}."
    return (
        f"{text}; an interval of their ratio needs {FEWEST} timings of each, and there are {len(best.times)} and "
        f"{len(second.times)}: more repeats, or a larger budget, would give them."
    )


def _overlap(one: Contender, other: Contender) -> bool:
    """Whether the intervals of two medians overlap; False where there are too few runs for intervals."""
    first, second = median_interval(one.times), median_interval(other.times)
    return first is not None and second is not None and first[1] >= second[0]


def _unsolved(problem: Named, rows: Sequence[CellResult], tolerance: float, reference: Reference) -> str:
    width = reference.width / reference.scale_under(rows[0].rule.absolute)
    if not width <= tolerance:
        known = f"to within {width:.2g}" if math.isfinite(width) else "not at all"
        return f"On {problem} nothing can be said: the tolerance is {tolerance:g}, and f* is known {known}."
    ran = [row for row in rows if not row.skipped and math.isfinite(row.typical.gap)]
    if not ran:
        return f"On {problem} no solver ran."
    nearest = min(ran, key=lambda row: row.typical.gap)
    if nearest.typical.cause is Cause.LATE:
        return (
            f"On {problem} no solver reached {tolerance:g} within its budget; {nearest.solver} came nearest: "
            f"{nearest.typical.reason}."
        )
    return (
        f"On {problem} no solver reached {tolerance:g}; {nearest.solver} came nearest, "
        f"with a gap of {nearest.typical.gap:.2g} ({nearest.status})."
    )


def _tie(problem: Named, best: Contender, tied: Sequence[Contender], tolerance: float) -> str:
    names = [str(other.solver) for other in tied]
    shown = ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")
    low, high = ratio_interval(tied[0].times, best.times) or (1.0, 1.0)
    _, least, most = ratios_text(1.0, low, high)
    return (
        f"On {problem} there is no clear winner: {best.solver} reached {tolerance:g} in {duration(best.seconds)}, and "
        f"{shown} cannot be distinguished from it (the ratio of {names[0]} to it is {least} to "
        f"{most}); {_to_settle(low, high, len(best.times))}."
    )


def _to_settle(low: float, high: float, repeats: int) -> str:
    """How many repeats would separate a ratio from 1, its interval shrinking like the root of their number."""
    centre, half = math.log(low * high) / 2, math.log(high / low) / 2
    needed = math.ceil(2 * repeats * (half / centre) ** 2) if centre > 0 else MOST_REPEATS + 1
    if needed > MOST_REPEATS:
        return "more repeats would hardly settle it"
    return f"about {needed} repeats would settle it" if needed > repeats else "a few more repeats would settle it"


def mixed(problem: Named, rows: Sequence[CellResult]) -> str | None:
    """A remark where the first two solvers were not timed in the same run; None otherwise."""
    first = {contender.solver for contender in contenders(rows)[:2]}
    sessions = {outcome.session for row in rows if row.solver in first for outcome in row.outcomes if outcome.solved}
    if len(sessions) < 2:
        return None
    return (
        f"The times on {problem} were taken in {len(sessions)} runs at different moments; --fresh takes them in turns."
    )


def usefulness(problem: Named, reference: Reference) -> str | None:
    """A remark where the minimum itself is hardly better than a constant answer; None otherwise."""
    if reference.baseline is None or not math.isfinite(reference.goal):
        return None
    better = 1 - reference.goal / reference.baseline if reference.baseline > 0 else 1.0
    if better > NEGLIGIBLE:
        return None
    how = f"is {better:.1%} below" if better >= 0.0005 else "is no lower than"
    return (
        f"The minimum of {problem} itself, {reference.goal:.4g}, {how} that of the same answer for every row: "
        "however it is minimised, this model learns almost nothing from these columns."
    )


def unproven(problem: Named, rows: Sequence[CellResult], reference: Reference) -> str | None:
    """A remark where runs are judged by the lowest f known, because nothing is proven; None elsewhere."""
    if reference.known is None:
        return None
    text = (
        f"The minimum of {problem} is not proven: runs are judged by the lowest f known, {reference.known:.8g}; f* may "
        f"be as low as {reference.lower:.8g}."
    )
    least = min((row.typical.gap for row in rows), default=math.inf)
    if least >= -rows[0].rule.tolerance:
        return text
    best = next(row for row in rows if row.typical.gap == least)
    lowest = reference.known + least * reference.scale_under(best.rule.absolute)
    return f"{text} {best.solver} went lower, to {lowest:.8g}."
