"""Where a gradient helps to find the lowest minimum and where it does not, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from experiments.lab.analysis.verdict import fold, percent
from experiments.questions.global_search.restarts import Runs, ratio


class Place(NamedTuple):
    """A landscape, its coefficients, and the runs of each method that takes it."""

    name: str
    dim: int
    runs: Mapping[str, Runs]


class Comparison(NamedTuple):
    """What a place has to say: how many times the evaluations it takes without a gradient.

    times: inf where searches by values never arrive, 0 where only they do, nan where the runs do not tell.
    """

    name: str
    times: float
    sentence: str


def ablest(runs: Mapping[str, Runs], kind: Sequence[str]) -> tuple[str, Runs, float] | None:
    """The method of the least expected evaluations to a success; None where none of that kind arrived."""
    able = [(solver, own, own.expected) for solver in kind if (own := runs.get(solver)) and own.expected]
    return min(able, key=lambda each: each[2], default=None)


def compare(
    place: Place, refusals: Mapping[str, str], by_gradients: Sequence[str], by_values: Sequence[str]
) -> Comparison:
    """The best by gradients against the best by values."""
    name, d, runs = place
    one, other = ablest(runs, by_gradients), ablest(runs, by_values)
    if one is None:
        return _no_gradient(place, refusals, by_gradients, other)
    solver, own, needs = one
    share = f"{percent(own.share)} of its starts do"
    text = f"On {name} {solver}, begun again until it arrives ({share}), needs {needs:.3g} evaluations to a success"
    if other is None:
        spent = sum(sum(runs[each].spent) for each in by_values if each in runs)
        return Comparison(name, math.inf, f"{text}; no search by values arrives, in {spent:.3g} evaluations of all.")
    rival, its, more = other
    times, low, high = ratio(its, own)
    text += f", and the best by values, {rival}, {more:.3g}"
    if low <= 1 <= high:
        return Comparison(name, math.nan, f"{text}: with these runs they cannot be told apart.")
    if times < 1:
        return Comparison(name, times, f"{text}: {fold(1 / times)} fewer{_interval(1 / high, 1 / low)}.")
    text += f": {fold(times)} as many{_interval(low, high)}"
    slopes = runs["lbfgs"].expected if "lbfgs" in runs else None
    if slopes:  # Hessians by differences would cost more still
        costs = more / (slopes * (d + 1))
        still = f"still {fold(costs)} as many" if costs > 1 else f"only {fold(costs)} as many, a loss"
        text += f"; beside lbfgs with gradients by differences, d + 1 values each, {still}"
    return Comparison(name, times, f"{text}.")


def _no_gradient(
    place: Place, refusals: Mapping[str, str], by_gradients: Sequence[str], other: tuple[str, Runs, float] | None
) -> Comparison:
    tried = [f"{len(place.runs[solver].spent)} starts of {solver}" for solver in by_gradients if solver in place.runs]
    refused = dict.fromkeys(refusals[solver] for solver in by_gradients if solver in refusals)
    reason = f"none of {' and '.join(tried)} arrives" if tried else f"no gradient can be asked ({'; '.join(refused)})"
    if other is None:
        return Comparison(place.name, math.nan, f"On {place.name} nothing arrives: {reason}.")
    found = f"{other[0]} needs {other[2]:.3g} evaluations to a success"
    return Comparison(place.name, 0.0, f"On {place.name} {reason}, and {found}.")


def _interval(low: float, high: float) -> str:
    """The 95 % interval of a ratio, in brackets."""
    return f" (95% interval {fold(low)} to {fold(high)})" if math.isfinite(high) else f" (at 95% {fold(low)} or more)"


def summed(compared: Sequence[Comparison]) -> str | None:
    """Where gradients win, by how much, and where they do not."""
    if not compared:
        return None
    won = [each for each in compared if each.times > 1]
    lost = [each.name for each in compared if each.times <= 1]
    known = [each.times for each in won if math.isfinite(each.times)]
    text = f"A gradient helps on {len(won)} of {len(compared)} landscapes"
    if known:
        text += f", where searches by values take {fold(min(known))} to {fold(max(known))} the evaluations"
    text += f": {', '.join(each.name for each in won)}" if won else ""
    text += f". It does not on {', '.join(lost)}" if lost else ""
    open_ = [each.name for each in compared if math.isnan(each.times)]
    return f"{text}. On {', '.join(open_)} the runs do not tell." if open_ else f"{text}."


def thinning(shares: Sequence[tuple[int, float]]) -> str | None:
    """How the share of starts that lead to the lowest minimum of d waves falls with d, beside p^d."""
    if len(shares) < 2 or not shares[0][1]:
        return None
    (least, p), rest = shares[0], shares[1:]
    each = [f"{share:.2g} in {d} (were it p^d: {p ** (d / least):.1g})" for d, share in rest]
    told = f"Of starts of lbfgs on rastrigin {p:.2g} lead to its lowest minimum in {least} coefficients"
    return f"{told}, {', '.join(each)}."
