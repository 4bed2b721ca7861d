"""Where a gradient helps to find the lowest minimum and where it does not, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from experiments.lab.analysis.formats import percent, ratio_text
from experiments.questions.global_search.restarts import Runs, ratio


class LandscapeRuns(NamedTuple):
    """A landscape, its number of coefficients, and the runs of each method that can take it."""

    name: str
    dim: int
    runs: Mapping[str, Runs]


class Comparison(NamedTuple):
    """The best search without gradients against the best gradient method on one landscape."""

    name: str
    ratio: float  # of evaluations per success: inf and 0 where only one kind succeeds, nan where the runs do not decide
    sentence: str


class Best(NamedTuple):
    """The method with the fewest expected evaluations per success."""

    solver: str
    runs: Runs
    expected: float


def best_of(runs: Mapping[str, Runs], solvers: Sequence[str]) -> Best | None:
    """The best of these methods; None where none of them has a successful run."""
    known = [(solver, runs[solver]) for solver in solvers if solver in runs]
    able = [Best(solver, of_solver, of_solver.expected) for solver, of_solver in known if of_solver.expected]
    return min(able, key=lambda best: best.expected, default=None)


def compare(
    landscape: LandscapeRuns, refusals: Mapping[str, str], gradient: Sequence[str], by_values: Sequence[str]
) -> Comparison:
    """The best gradient method against the best search by values.

    refusals: why a method cannot take the landscape, by method. gradient, by_values: the methods of each kind.
    """
    name, _, runs = landscape
    best, rival = best_of(runs, gradient), best_of(runs, by_values)
    if best is None:
        return _without_gradient(landscape, refusals, gradient, rival)
    start = (
        f"On {name} {best.solver} with restarts needs {best.expected:.3g} evaluations per success "
        f"({percent(best.runs.share)} of its starts succeed)."
    )
    if rival is None:
        spent = sum(sum(runs[solver].evaluations) for solver in by_values if solver in runs)
        return Comparison(name, math.inf, f"{start} No search by values succeeded in {spent:.3g} evaluations in all.")
    times, low, high = ratio(rival.runs, best.runs)
    other = f"The best search by values, {rival.solver}, needs {rival.expected:.3g}"
    if low <= 1 <= high:
        return Comparison(name, math.nan, f"{start} {other}. These runs do not show which of the two is better.")
    if times < 1:
        fewer = f"{ratio_text(1 / times)} as many{_interval(1 / high, 1 / low)}"
        return Comparison(name, times, f"{start} {other}, and the gradient method {fewer}.")
    more = f"{other}, {ratio_text(times)} as many{_interval(low, high)}."
    return Comparison(name, times, " ".join(filter(None, [start, more, _by_differences(landscape, rival)])))


def _by_differences(landscape: LandscapeRuns, rival: Best) -> str | None:
    """Whether L-BFGS still wins where d + 1 values replace a gradient; Hessians by differences would cost more."""
    expected = landscape.runs["lbfgs"].expected if "lbfgs" in landscape.runs else None
    if not expected:
        return None
    times = rival.expected / (expected * (landscape.dim + 1))
    start = f"Against lbfgs with gradients by differences, d + 1 values each, it needs {ratio_text(times)} as many"
    return f"{start}, so the gradient still helps." if times > 1 else f"{start}, so such a gradient does not help."


def _without_gradient(
    landscape: LandscapeRuns, refusals: Mapping[str, str], gradient: Sequence[str], rival: Best | None
) -> Comparison:
    """What is said where no gradient method succeeds."""
    name, _, runs = landscape
    tried = [f"{len(runs[solver].evaluations)} starts of {solver}" for solver in gradient if solver in runs]
    reasons = dict.fromkeys(refusals[solver] for solver in gradient if solver in refusals)
    failure = f"none of {' and '.join(tried)} succeeds" if tried else f"no gradient method runs ({'; '.join(reasons)})"
    if rival is None:
        return Comparison(name, math.nan, f"On {name} no method succeeds: {failure}.")
    return Comparison(
        name, 0.0, f"On {name} {failure}. {rival.solver} needs {rival.expected:.3g} evaluations per success."
    )


def _interval(low: float, high: float) -> str:
    """The 95 % interval of a ratio, in brackets."""
    return (
        f" (95% interval {ratio_text(low)} to {ratio_text(high)})"
        if math.isfinite(high)
        else f" (with 95% confidence {ratio_text(low)} or more)"
    )


def summary(comparisons: Sequence[Comparison]) -> str | None:
    """On how many landscapes a gradient helps, by how much, and where it does not; None for no comparison."""
    if not comparisons:
        return None
    won = [comparison for comparison in comparisons if comparison.ratio > 1]
    lost = [comparison.name for comparison in comparisons if comparison.ratio <= 1]
    undecided = [comparison.name for comparison in comparisons if math.isnan(comparison.ratio)]
    finite = [comparison.ratio for comparison in won if math.isfinite(comparison.ratio)]
    names = f": {', '.join(comparison.name for comparison in won)}" if won else ""
    sentences = [f"A gradient helps on {len(won)} of {len(comparisons)} landscapes{names}."]
    if finite:
        span = " to ".join(dict.fromkeys([ratio_text(min(finite)), ratio_text(max(finite))]))
        sentences.append(f"There the best search by values needs {span} the evaluations, where it succeeds.")
    if lost:
        sentences.append(f"It does not help on {', '.join(lost)}.")
    if undecided:
        sentences.append(f"The runs do not decide on {', '.join(undecided)}.")
    return " ".join(sentences)


def good_starts(function: str, shares: Sequence[tuple[int, float]]) -> str | None:
    """The share of starts from which L-BFGS reaches the lowest minimum of d waves, beside p^d.

    shares: the number of coefficients and the share, ascending. None for fewer than two, and where the first is 0.
    """
    if len(shares) < 2 or not shares[0][1]:
        return None
    (least, p), others = shares[0], shares[1:]
    listed = [f"{share:.2g} in {d} (p^d predicts {p ** (d / least):.1g})" for d, share in others]
    return (
        f"On {function} the share of starts from which lbfgs reaches the lowest minimum is {p:.2g} in {least} "
        f"coefficients, {', '.join(listed)}."
    )
