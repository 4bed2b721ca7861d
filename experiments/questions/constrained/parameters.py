"""What a wrong parameter costs ADMM and primal-dual: iterates to a tolerance, with it moved from its default."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.linalg import norm

from experiments.figures.records import Line, Lines, Table
from experiments.lab.analysis.verdict import fold
from experiments.lab.measurement.measurement import Read
from experiments.lab.reference.referee import Reference, refer
from experiments.lab.run.cell import streams
from experiments.lab.workers.worker import problem_of
from problems.forms import Saddle
from solvers.composite.splitting import ADMM, PrimalDual

SPLITTING = ("admm", "primal-dual")
PARAMETERS = {"admm": "rho", "primal-dual": "tau/sigma"}
OFF = (10.0, 100.0)
MOVED = (
    "How to read this: each mark is a run, the lower the better. The upright line is the parameter that the solver "
    "takes by itself, and a line is broken where a run did not arrive."
)
FOUND = (
    "How many times as many iterates a parameter off by so much takes, in the worse direction; >: not within the most."
)


@lru_cache(maxsize=4)
def _reference(problem: str) -> Reference:
    return refer(problem_of(problem))


def moved(problem: str, solver: str, factor: float, tolerance: float, most: int, seed: int) -> dict[str, Any]:
    """Iterates to the tolerance with the parameter `factor` times its default; None if more than `most`."""
    on = problem_of(problem)
    if not isinstance(on, Saddle):
        raise ValueError(f"{problem} is no sum F(K theta) + G(theta)")
    K = on.operator()
    rho = on.stiffness() or 1 / (2 * K.shape[0])
    sigma = rho / 16 / math.sqrt(factor)  # tau is 1/(sigma |K|^2), so that tau/sigma goes by `factor`
    method = ADMM(rho=factor * rho) if solver == "admm" else PrimalDual(sigma=sigma)
    parameter = factor * rho if solver == "admm" else 1 / (sigma * _norm(K)) ** 2
    f, goal = math.nan, _reference(problem).upper
    beginning, rng = streams(seed)
    start = on.start(beginning)
    found: dict[str, Any] = {"parameter": parameter, "iterates": None}
    for k, theta in enumerate(method.iterate(on, start, rng), start=1):
        f = on.value(theta)
        if not math.isfinite(f) or k > most:
            break
        if f - goal <= tolerance and on.violation(theta) <= tolerance:
            found["iterates"] = k
            break
    return found | {"gap": f - goal}


def _norm(K: Any) -> float:
    """|K|, by power iteration: K may be sparse."""
    v = np.random.default_rng(0).standard_normal(K.shape[1])
    size = 1.0
    for _ in range(100):
        v = K.T @ (K @ (v / size))
        size = float(norm(v))
    return math.sqrt(size)


def by_factor(reads: Sequence[Read], solver: str) -> dict[str, dict[float, int | None]]:
    """For each problem the iterates by how far off the parameter is."""
    found: dict[str, dict[float, int | None]] = {}
    for read in reads:
        if read["solver"] == solver:
            found.setdefault(read["problem"], {})[read["factor"]] = read["iterates"]
    return {problem: dict(sorted(own.items())) for problem, own in found.items()}


def times(own: dict[float, int | None], off: float) -> float | None:
    """How many times the default's iterates the worse of two parameters takes, off by that factor; inf: not arrived.

    >>> times({0.1: 50, 1.0: 10, 10.0: None}, 10.0), times({0.1: 50, 1.0: 10, 10.0: 20}, 10.0)
    (inf, 5.0)
    """
    default = own.get(1.0)
    there = [own[factor] for factor in (1 / off, off) if factor in own]
    if not default or not there:
        return None
    return max(math.inf if iterates is None else iterates / default for iterates in there)


def costly(solver: str, reads: Sequence[Read]) -> str | None:
    """What a parameter off by ten and by a hundred costs, and what the best one would save."""
    by_problem = {problem: own for problem, own in by_factor(reads, solver).items() if own.get(1.0)}
    most = max((read["most"] for read in reads), default=0)
    told = []
    for off in OFF:
        known = {problem: cost for problem, own in by_problem.items() if (cost := times(own, off)) is not None}
        if not known:
            continue
        finite = sorted(cost for cost in known.values() if math.isfinite(cost))
        never = [problem for problem, cost in known.items() if not math.isfinite(cost)]
        text = f"off by {off:g}, in the worse direction, it takes " if finite else f"off by {off:g} it"
        text += " to ".join(dict.fromkeys([fold(finite[0]), fold(finite[-1])])) + " the iterates" if finite else ""
        if never:
            text += f"{', and' if finite else ''} does not arrive within {most} iterates on {', '.join(never)}"
        told.append(text)
    if not told:
        return None
    best = {}
    for problem, own in by_problem.items():
        able = {factor: iterates for factor, iterates in own.items() if iterates}
        factor = min(able, key=lambda each: able[each])
        best[problem] = (able[1.0] / able[factor], factor)
    problem = max(best, key=lambda each: best[each][0])
    share, factor = best[problem]
    saved = f"no value of the grid takes fewer iterates than the default by more than {fold(share)}"
    if share > 1:
        saved += f", {factor:g} times it on {problem}"
    return f"{solver} and its {PARAMETERS[solver]}: {'; '.join(told)}; {saved}."


def sensitivity(solver: str, reads: Sequence[Read]) -> Lines | None:
    """Iterates against the parameter, in units of the default."""
    by_problem = by_factor(reads, solver)
    lines = [
        Line(problem, list(own), [None if iterates is None else float(iterates) for iterates in own.values()])
        for problem, own in by_problem.items()
        if any(own.values())
    ]
    if not lines:
        return None
    name = PARAMETERS[solver]
    axes = (f"{name}, in units of the default", "iterates to the tolerance")
    title = f"What {name} costs {solver}"
    return Lines(f"sensitivity of {solver}", title, MOVED, axes, ("log", "log"), lines, upright=[(1.0, "default")])


def cost_table(reads: Sequence[Read]) -> Table:
    """The default, its iterates, and what being off by ten and by a hundred costs."""
    rows: list[tuple[str | float | None, ...]] = []
    for solver in SPLITTING:
        for problem, own in by_factor(reads, solver).items():
            default = [r for r in reads if (r["solver"], r["problem"], r["factor"]) == (solver, problem, 1.0)]
            worse = [times(own, off) for off in OFF]
            shown = [">" if cost == math.inf else cost for cost in worse]
            rows.append(
                (
                    problem,
                    solver,
                    PARAMETERS[solver],
                    default[0]["parameter"] if default else None,
                    own.get(1.0),
                    *shown,
                )
            )
    return Table(
        "Sensitivity", FOUND, ("problem", "solver", "parameter", "default", "iterates", "off by 10", "off by 100"), rows
    )
