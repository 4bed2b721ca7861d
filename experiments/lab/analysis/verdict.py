"""Who won, by how much, and whether that can be told: one sentence for each problem."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from experiments.lab.analysis.results import Row
from experiments.lab.analysis.statistics import FEWEST, median_interval, ratio_interval
from experiments.lab.reference.referee import Reference
from solvers.base import Rate

LITTLE = 0.02  # a minimum this little below that of a constant answer is no use to anyone
ENOUGH = 3  # timings without which nothing is said of "each"
MANY = 1000  # repeats beyond which nobody would go to settle a tie


@dataclass(frozen=True)
class Contender:
    """A solver that reached the tolerance on every seed, with all its times."""

    solver: str
    times: Sequence[float]

    @property
    def seconds(self) -> float:
        return median(self.times)


def contenders(rows: Sequence[Row]) -> list[Contender]:
    """The solvers that solved one problem on all seeds, fastest first."""
    by_solver: dict[str, list[Row]] = {}
    for row in rows:
        by_solver.setdefault(row.solver, []).append(row)
    able = [
        Contender(solver, [seconds for row in own for seconds in row.times])
        for solver, own in by_solver.items()
        if all(row.solved for row in own)
    ]
    return sorted(able, key=lambda contender: contender.seconds)


def percent(share: float) -> str:
    """A share in per cent, never rounded to all or nothing.

    >>> [percent(x) for x in (1.0, 0.9996, 0.75)]
    ['100%', '99.9%', '75%']
    """
    return f"{math.floor(1000 * share) / 10:g}%"


def factor(rate: Rate | None) -> str:
    """A rate as tables show it.

    >>> factor(Rate(0.5)), factor(Rate(0.99984)), factor(Rate(0.0, order=2)), factor(None)
    ('0.5', '1 - 0.00016', 'quadratic', '')
    """
    if rate is None:
        return ""
    if rate.order == 2:
        return "quadratic"
    near = 0.99 < rate.factor < 1
    return f"1 - {1 - rate.factor:.2g}" if near else f"{rate.factor:.3g}"


def fold(ratio: float) -> str:
    """How many times, to two digits.

    >>> fold(1.234), fold(213.0), fold(20)
    ('1.2x', '210x', '20x')
    """
    return f"{float(f'{ratio:.2g}'):.15g}x"


def duration(seconds: float) -> str:
    """Seconds in a unit that suits them, to three digits.

    >>> [duration(t) for t in (0.00012345, 0.0421, 3.14159)]
    ['123 us', '42.1 ms', '3.14 s']
    """
    for unit, scale in (("us", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.3g} s"


def verdict(problem: str, rows: Sequence[Row], reference: Reference) -> str:
    """The sentence that these rows support on one problem."""
    tolerance = rows[0].rule.tolerance
    able = contenders(rows)
    if reference.unattained:
        return f"On {problem} there is nothing to reach: {reference.unattained}."
    if not able:
        return _nobody(problem, rows, tolerance, reference)
    best = able[0]
    if best.seconds == 0:
        return f"On {problem} there is nothing to compare: the start itself is within {tolerance:g} of the minimum."
    if len(able) == 1:
        return f"On {problem} only {best.solver} reached {tolerance:g}, in {duration(best.seconds)}."
    second = able[1]
    level = [other for other in able[1:] if _overlap(best, other)]
    if level:
        return _tie(problem, best, level, tolerance)
    ratio = ratio_interval(second.times, best.times)
    if ratio:
        return (
            f"On {problem} {best.solver} is {fold(second.seconds / best.seconds)} faster than the next solver that "
            f"reached {tolerance:g}, {second.solver}: {duration(best.seconds)} against {duration(second.seconds)} "
            f"(95% interval of the ratio {fold(ratio[0])} to {fold(ratio[1])})."
        )
    text = (
        f"On {problem} {best.solver} came first to {tolerance:g}, in {duration(best.seconds)}, and {second.solver} "
        f"next, in {duration(second.seconds)}"
    )
    least = min(second.times) / max(best.times)
    if least > 2 and len(second.times) >= ENOUGH:
        return f"{text}; each of its {len(second.times)} runs took at least {fold(least)} the longest of {best.solver}."
    return (
        f"{text}; an interval of their ratio needs {FEWEST} timings of each, and there are {len(best.times)} and "
        f"{len(second.times)}: more repeats, or a larger budget, would give them."
    )


def _overlap(one: Contender, other: Contender) -> bool:
    """Whether the intervals of two medians have a point in common; False where there are too few runs for intervals."""
    first, second = median_interval(one.times), median_interval(other.times)
    return first is not None and second is not None and first[1] >= second[0]


def _nobody(problem: str, rows: Sequence[Row], tolerance: float, reference: Reference) -> str:
    if not reference.width <= tolerance:
        place = f"only within {reference.width:.2g}" if math.isfinite(reference.width) else "nowhere"
        return f"On {problem} nothing can be said: {tolerance:g} was asked, and the referee places f* {place}."
    tried = [row for row in rows if row.status != "skipped" and math.isfinite(row.typical.gap)]
    if not tried:
        return f"On {problem} no solver ran."
    nearest = min(tried, key=lambda row: row.typical.gap)
    return (
        f"On {problem} no solver reached {tolerance:g}; {nearest.solver} came nearest, "
        f"with a gap of {nearest.typical.gap:.2g} ({nearest.status})."
    )


def _tie(problem: str, best: Contender, level: Sequence[Contender], tolerance: float) -> str:
    names = [other.solver for other in level]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    low, high = ratio_interval(level[0].times, best.times) or (1.0, 1.0)
    centre, half = math.log(low * high) / 2, math.log(high / low) / 2
    needed = math.ceil(2 * len(best.times) * (half / centre) ** 2) if centre > 0 else MANY + 1
    if len(best.times) < needed <= MANY:
        settle = f"about {needed} repeats would settle it"
    else:
        settle = "more repeats would hardly settle it" if needed > MANY else "a few more repeats would settle it"
    return (
        f"On {problem} there is no clear winner: {best.solver}, in {duration(best.seconds)} to {tolerance:g}, cannot "
        f"be told from {shown} (the ratio to {names[0]} is {fold(low)} to {fold(high)}); {settle}."
    )


def mixed(problem: str, rows: Sequence[Row]) -> str | None:
    """A word on timings that were not taken together, where the first two were not; None otherwise."""
    first = {contender.solver for contender in contenders(rows)[:2]}
    sessions = {outcome.session for row in rows if row.solver in first for outcome in row.outcomes if outcome.solved}
    if len(sessions) < 2:
        return None
    return (
        f"The times on {problem} were taken in {len(sessions)} runs at different moments; --fresh takes them in turns."
    )


def worth(problem: str, reference: Reference) -> str | None:
    """A word on what the minimum itself is worth, where it is little; None otherwise."""
    if reference.baseline is None or not math.isfinite(reference.goal):
        return None
    better = 1 - reference.goal / reference.baseline if reference.baseline > 0 else 1.0
    if better > LITTLE:
        return None
    how = f"is {better:.1%} below" if better >= 0.0005 else "is no lower than"
    return (
        f"The minimum of {problem} itself, {reference.goal:.4g}, {how} that of one and the same answer for every row: "
        "however it is minimised, this model learns next to nothing from these columns."
    )


def unproven(problem: str, rows: Sequence[Row], reference: Reference) -> str | None:
    """A word on what runs were judged by, where nothing proves it to be the minimum; None elsewhere."""
    if reference.known is None:
        return None
    text = (
        f"Nothing proves what the minimum of {problem} is: runs are judged by the lowest f known, "
        f"{reference.known:.8g}; f* may lie as low as {reference.lower:.8g}."
    )
    least = min((row.typical.gap for row in rows), default=math.inf)
    if least >= -rows[0].rule.tolerance:
        return text
    best = next(row for row in rows if row.typical.gap == least)
    return f"{text} {best.solver} went lower, to {reference.known + least:.8g}."
