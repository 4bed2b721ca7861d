"""What a race says, in sentences."""

from __future__ import annotations

import math

from experiments.lab.analysis.formats import duration, percent
from experiments.lab.race.race import Compared, Race, RaceResult
from experiments.lab.spec.supplied import Named

MOST_DECIMALS = 6  # of a ratio


def race_verdict(problem: Named, race: Race, tolerance: float) -> str:
    """The sentence on the first solvers of a problem, and how it was measured."""
    text = {RaceResult.WINNER: _winner, RaceResult.TIE: _tie, RaceResult.BUSY: _busy}[race.result](race, tolerance)
    return f"On {problem} {text} {how(race)}"


def not_raced(problem: Named, race: Race | None) -> str | None:
    """A remark where the first solvers were to race and could not; None elsewhere."""
    if race is None or race.result is not RaceResult.NONE:
        return None
    return f"The first solvers on {problem} did not race, and their times are medians: {race.reason}."


def how(race: Race) -> str:
    """How a race was measured, as a sentence."""
    waited = f", something waited for a core {percent(race.waited)} of the time" if race.waited else ""
    return (
        f"Measured in {race.processes} processes and {race.runs} runs in {duration(race.took)}: the load was "
        f"{race.load:.1f}{waited}, and {percent(race.switched)} of the runs were interrupted."
    )


def ratios_text(ratio: float, low: float, high: float) -> tuple[str, str, str]:
    """A ratio and the ends of its interval, with the decimals that the interval allows.

    >>> ratios_text(1.0483, 1.0358, 1.0589)
    ('1.05x', '1.04x', '1.06x')
    >>> ratios_text(213.4, 180.2, 260.9)
    ('213x', '180x', '261x')
    """
    width = high - low
    decimals = min(max(0, math.ceil(-math.log10(width))), MOST_DECIMALS) if width > 0 else MOST_DECIMALS
    first, second, third = (f"{value:.{decimals}f}x" for value in (ratio, low, high))
    return first, second, third


def _winner(race: Race, tolerance: float) -> str:
    second = race.others[0]
    ratio, low, high = ratios_text(second.ratio, second.low, second.high)
    return (
        f"{race.solver} is {ratio} faster than the next solver that reached {tolerance:g}, {second.solver}: "
        f"{duration(race.seconds)} against {duration(second.seconds)} of CPU time (95% interval of the ratio {low} to "
        f"{high})."
    )


def _tie(race: Race, tolerance: float) -> str:
    tied = _open(race)
    within = max(max(other.high, 1 / other.low) - 1 for other in tied)
    names = " and ".join([", ".join([race.solver, *(other.solver for other in tied[:-1])]), tied[-1].solver])
    times = ", ".join(duration(seconds) for seconds in (race.seconds, *(other.seconds for other in tied)))
    return (
        f"there is no winner: {names} are equal to within {within:.1%}; they reached {tolerance:g} in {times} of CPU "
        "time."
    )


def _busy(race: Race, tolerance: float) -> str:
    undecided = _open(race)
    names = ", ".join(other.solver for other in undecided)
    tell = max(other.tell for other in undecided)
    return (
        f"it is not said which of {race.solver} and {names} reached {tolerance:g} first: the machine was too busy, and "
        f"a difference of {tell:.0%} could have been told."
    )


def _open(race: Race) -> list[Compared]:
    """The solvers that the fastest does not beat."""
    return [other for other in race.others if not other.decided]
