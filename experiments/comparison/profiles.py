"""Many problems at once: which solver is near the fastest, and how often.

The performance profile of a solver is the share of problems that it solves in at most r times the fastest time; its
data profile is the share that it solves within a number of passes over the rows. Both are 0 for what it cannot take.
Source: Dolan & More (2002), doi:10.1007/s101070100263; More & Wild (2009), doi:10.1137/080724083.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from experiments.figures.records import Line, Lines
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import contenders
from problems.foundation.arrays import Vector

ENOUGH = 10  # problems; the order of fewer may change with one more
MOST_LINES = 10  # solvers that are drawn
MOST_NAMES = 4  # solvers that the sentence lists
POINTS = 120  # of a line
CAPTION = (
    "How to read this: a higher line is better. The solvers that are highest on the left are fastest, those that are "
    "highest on the right solve most problems."
)


def profiles(result: Result) -> list[Lines]:
    """Both profiles of a run; none for fewer than two solved problems.

    A problem that no solver solved is left out, because it has no fastest time.
    """
    times_of = {
        problem: {str(able.solver): able.seconds for able in contenders(result.of(problem))}
        for problem in result.problems
    }
    solved = {problem: times for problem, times in times_of.items() if times}
    if len(solved) < 2:
        return []
    ratios = [
        {solver: seconds / max(min(times.values()), 1e-9) for solver, seconds in times.items()}
        for times in solved.values()
    ]
    passes = [
        {
            str(row.solver): row.typical.passes
            for row in result.of(problem)
            if str(row.solver) in times and row.typical.passes
        }
        for problem, times in solved.items()
    ]
    few = len(solved) < ENOUGH
    caution = f" {len(solved)} problems are few: below {ENOUGH} one more may reverse the order." if few else ""
    title = "Share of problems solved within a"
    return [
        _profile("performance", f"{title} multiple of the fastest time", "time over the fastest time", ratios, caution),
        _profile("data", f"{title} number of passes over the rows", "passes", passes, caution),
    ]


def _profile(name: str, title: str, axis: str, costs: Sequence[dict[str, float]], caution: str) -> Lines:
    """The share of problems that each solver solves at a cost of at most x; `costs` are by solver, one per problem."""
    known = [cost for by_solver in costs for cost in by_solver.values()]
    least, most = min(known, default=1.0), max(known, default=1.0)
    grid = np.geomspace(least, max(most, 10 * least), POINTS)
    solvers = list(dict.fromkeys(solver for by_solver in costs for solver in by_solver))
    shares = {solver: shares_within(solver, costs, grid) for solver in solvers}
    best = sorted(solvers, key=lambda solver: -sum(shares[solver]))[:MOST_LINES]
    lines = [Line(solver, grid.tolist(), shares[solver]) for solver in best]
    return Lines(f"{name} profile", title, CAPTION + caution, (axis, "share of problems"), ("log", "linear"), lines)


def shares_within(solver: str, costs: Sequence[dict[str, float]], grid: Vector) -> list[float]:
    """For each x of the grid the share of all problems that the solver solves at a cost of at most x.

    A problem that it does not solve counts as an infinite cost.
    """
    of_solver = np.array([by_solver.get(solver, np.inf) for by_solver in costs])
    return [float(np.mean(of_solver <= x * (1 + 1e-12))) for x in grid]


def most_solved(result: Result) -> str | None:
    """Which solvers solve most problems, and which is fastest most often; None for fewer than two solved problems."""
    ranked = [[str(able.solver) for able in contenders(result.of(problem))] for problem in result.problems]
    ranked = [names for names in ranked if names]
    if len(ranked) < 2:
        return None
    solved = Counter(name for names in ranked for name in names)
    fastest = Counter(names[0] for names in ranked)
    sentence = f"Of {len(ranked)} problems, {_leaders(solved)} solved the most: {max(solved.values())}."
    times = max(fastest.values())
    return f"{sentence} Most often the fastest: {_leaders(fastest)}, on {times}." if times > 1 else sentence


def _leaders(count: Counter[str]) -> str:
    """The names with the largest count, the first few of them written out."""
    names = [name for name in count if count[name] == max(count.values())]
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
