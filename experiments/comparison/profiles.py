"""Many problems at once: who is near the fastest, and how often.

The performance profile of a solver is the share of problems that it solves in at most r times the fastest's time; its
data profile the share that it solves within so many passes over the rows. Both are 0 for what it cannot take.
Source: Dolan & More (2002), doi:10.1007/s101070100263; More & Wild (2009), doi:10.1137/080724083.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.figures.records import Line, Lines
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import contenders

ENOUGH = 10  # problems below which a profile is an anecdote
MOST = 10  # solvers drawn
HOW = (
    "How to read this: higher is better; on the left are the solvers that are fastest, on the right those that solve "
    "most."
)


def profiles(result: Result) -> list[Lines]:
    """Both profiles of a run; none for fewer than two problems that anyone solved."""
    times_of = {
        problem: {each.solver: each.seconds for each in contenders(result.of(problem))} for problem in result.problems
    }
    solved = {problem: times for problem, times in times_of.items() if times}
    if len(solved) < 2:
        return []
    passes = {
        problem: {
            row.solver: row.typical.passes for row in result.of(problem) if row.solver in times and row.typical.passes
        }
        for problem, times in solved.items()
    }
    ratios = {
        problem: {solver: seconds / max(min(times.values()), 1e-9) for solver, seconds in times.items()}
        for problem, times in solved.items()
    }
    few = len(solved) < ENOUGH
    caution = f" {len(solved)} problems are few: below {ENOUGH} the next may turn the order round." if few else ""
    within = "Share of problems solved within"
    return [
        _profile("performance", f"{within} a multiple of the fastest time", "time over the fastest's", ratios, caution),
        _profile("data", f"{within} so many passes over the rows", "passes", passes, caution),
    ]


def _profile(name: str, title: str, across: str, costs: dict[str, dict[str, float]], caution: str) -> Lines:
    most = max((cost for own in costs.values() for cost in own.values()), default=1.0)
    least = min((cost for own in costs.values() for cost in own.values()), default=1.0)
    grid = np.geomspace(least, max(most, 10 * least), 120)
    solvers = list(dict.fromkeys(solver for own in costs.values() for solver in own))
    shares = {
        solver: [float(np.mean([own.get(solver, np.inf) <= x * (1 + 1e-12) for own in costs.values()])) for x in grid]
        for solver in solvers
    }
    best = sorted(solvers, key=lambda solver: -sum(shares[solver]))[:MOST]
    lines = [Line(solver, grid.tolist(), shares[solver]) for solver in best]
    return Lines(f"{name} profile", title, HOW + caution, (across, "share of problems"), ("log", "linear"), lines)


def steadiest(result: Result) -> str | None:
    """Who solves most problems, and who is most often first; None for fewer than two problems that anyone solved."""
    solved: list[Sequence[str]] = [
        [each.solver for each in contenders(result.of(problem))] for problem in result.problems
    ]
    solved = [names for names in solved if names]
    if len(solved) < 2:
        return None
    count = {name: sum(name in names for names in solved) for names in solved for name in names}
    first = {name: sum(names[0] == name for names in solved) for name in count}
    widest = [name for name in count if count[name] == max(count.values())]
    quickest = max(first, key=lambda name: first[name])
    shown = ", ".join(widest[:4]) + (f" and {len(widest) - 4} more" if len(widest) > 4 else "")
    often = f"; {quickest} is first most often, {first[quickest]} times" if first[quickest] > 1 else ""
    return f"Of {len(solved)} problems most, {max(count.values())}, are solved by {shown}{often}."
