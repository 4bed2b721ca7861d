"""What a wrong parameter costs ADMM and primal-dual: iterations to the tolerance with multiples of the default."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np

from experiments.figures.records import Line, Lines, ResultTable
from experiments.lab.analysis.formats import ratio_text
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.run.cell import streams
from experiments.lab.spec.grammar import Spec, spec
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import find_reference, problem_of
from problems.forms import Saddle
from solvers.base.driving import iterates
from solvers.composite.splitting import ADMM, PrimalDual, default_rho

SPLITTING = (spec("admm"), spec("primal-dual"))
PARAMETERS = {"admm": "rho", "primal-dual": "tau/sigma"}
FACTORS = (10.0, 100.0)  # by which a parameter is wrong
CAPTION = (
    "How to read this: each mark is a run, and a lower mark is better. The vertical line is the default parameter. A "
    "line is broken where a run did not reach the tolerance."
)
TABLE_CAPTION = (
    "Iterations with a parameter that is wrong by a factor of 10 or 100, in the worse direction, relative to those "
    "with the default. A > means that the tolerance was not reached within the largest number of iterations."
)
Counts = dict[float, int | None]  # by how many times the default the parameter is: iterations to the tolerance

reference_of = lru_cache(maxsize=4)(find_reference)


def iterations_with(
    problem: Spec, solver: Spec, factor: float, tolerance: float, most: int, seed: int
) -> dict[str, Any]:
    """Iterations to the tolerance with the parameter at `factor` times its default; None for more than `most`.

    Raises ValueError for a problem that has no saddle form.
    """
    saddle = problem_of(problem)
    if not isinstance(saddle, Saddle):
        raise ValueError(f"{problem} is not a sum F(K theta) + G(theta)")
    start, rng = streams(seed)
    theta0 = saddle.start(start)
    method, parameter = _solver_with(solver, factor, saddle, rng)
    goal = reference_of(problem).upper
    gap, needed = math.nan, None
    for k, theta in enumerate(islice(iterates(method, saddle, theta0, rng), most), start=1):
        gap = saddle.value(theta) - goal
        if not math.isfinite(gap):
            break
        if gap <= tolerance and saddle.violation(theta) <= tolerance:
            needed = k
            break
    return {"parameter": parameter, "iterations": needed, "gap": gap}


def _solver_with(
    solver: Spec, factor: float, problem: Saddle, rng: np.random.Generator
) -> tuple[ADMM | PrimalDual, float]:
    """The solver with its parameter at `factor` times the default, and that parameter: rho, or tau/sigma."""
    K = problem.operator()
    if solver.name == "admm":
        rho = factor * default_rho(problem, K.shape[0])
        return ADMM(rho=rho), rho
    sigma, tau = PrimalDual().steps(problem, K, rng)
    sigma, tau = sigma / math.sqrt(factor), tau * math.sqrt(factor)  # their product stays 1/|K|^2
    return PrimalDual(sigma=sigma, tau=tau), tau / sigma


def counts_of(results: Sequence[MeasurementResult], solver: Spec) -> dict[Named, Counts]:
    """The iterations of one solver for each problem, by the factor of the parameter, ascending."""
    counts: dict[Named, Counts] = {}
    for result in results:
        if result["solver"] == solver:
            counts.setdefault(result["problem"], {})[result["factor"]] = result["iterations"]
    return {problem: dict(sorted(of_problem.items())) for problem, of_problem in counts.items()}


def cost_of(counts: Mapping[float, int | None], factor: float) -> float | None:
    """The iterations with the parameter wrong by `factor`, in the worse direction, over those with the default.

    inf where the tolerance was not reached; None where a count is unknown or the default does not reach it.

    >>> cost_of({0.1: 50, 1.0: 10, 10.0: None}, 10.0), cost_of({0.1: 50, 1.0: 10, 10.0: 20}, 10.0)
    (inf, 5.0)
    """
    default = counts.get(1.0)
    wrong = [counts[f] for f in (1 / factor, factor) if f in counts]
    if not default or not wrong:
        return None
    return max(math.inf if needed is None else needed / default for needed in wrong)


def sensitivity_sentence(solver: Spec, results: Sequence[MeasurementResult]) -> str | None:
    """What a parameter that is wrong by 10 and by 100 costs, and what the best one would save; None if unknown."""
    known = {problem: counts for problem, counts in counts_of(results, solver).items() if counts.get(1.0)}
    most = max((result["most"] for result in results), default=0)
    sentences = []
    for factor in FACTORS:
        costs = {problem: cost for problem, counts in known.items() if (cost := cost_of(counts, factor)) is not None}
        if costs:
            wrong = f"With {PARAMETERS[solver.name]} wrong by a factor of {factor:g}, in the worse direction"
            sentences.append(f"{wrong}, {solver} {_cost_text(costs, most)}.")
    return " ".join([*sentences, _saving(known)]) if sentences else None


def _cost_text(costs: dict[Named, float], most: int) -> str:
    finite = sorted(cost for cost in costs.values() if math.isfinite(cost))
    failed = [str(problem) for problem, cost in costs.items() if not math.isfinite(cost)]
    parts = []
    if finite:
        ends = " to ".join(dict.fromkeys([ratio_text(finite[0]), ratio_text(finite[-1])]))
        parts.append(f"takes {ends} the iterations of the default")
    if failed:
        parts.append(f"does not reach the tolerance within {most} iterations on {', '.join(failed)}")
    return ", and it ".join(parts)


def _saving(known: dict[Named, Counts]) -> str:
    """By how much the best value of the grid beats the default, on the problem where it does so most."""
    savings = []
    for problem, counts in known.items():
        reached = {factor: needed for factor, needed in counts.items() if needed}
        best = min(reached, key=lambda factor: reached[factor])
        savings.append((reached[1.0] / reached[best], best, problem))
    saving, best, problem = max(savings, key=lambda item: item[0])
    if saving <= 1:
        return "On no problem does another value of the grid need fewer iterations than the default."
    return (
        f"The default is worst on {problem}: there it takes {ratio_text(saving)} the iterations of the best value of "
        f"the grid, {best:g} times the default."
    )


def sensitivity(solver: Spec, results: Sequence[MeasurementResult]) -> Lines | None:
    """Iterations against the parameter, in units of the default; None where no run reached the tolerance."""
    lines = [
        Line(str(problem), list(counts), [None if needed is None else float(needed) for needed in counts.values()])
        for problem, counts in counts_of(results, solver).items()
        if any(counts.values())
    ]
    if not lines:
        return None
    parameter = PARAMETERS[solver.name]
    axes = (f"{parameter}, in units of the default", "iterations to the tolerance")
    title = f"Iterations of {solver} for each {parameter}"
    return Lines(f"sensitivity of {solver}", title, CAPTION, axes, ("log", "log"), lines, upright=[(1.0, "default")])


def sensitivity_table(results: Sequence[MeasurementResult]) -> ResultTable:
    """The default parameter, its iterations, and the cost of one that is wrong by 10 and by 100."""
    defaults = {(result["solver"], result["problem"]): result for result in results if result["factor"] == 1.0}
    rows: list[tuple[str | float | None, ...]] = []
    for solver in SPLITTING:
        for problem, counts in counts_of(results, solver).items():
            default = defaults.get((solver, problem))
            costs = [">" if cost == math.inf else cost for cost in (cost_of(counts, factor) for factor in FACTORS)]
            parameter = default["parameter"] if default else None
            rows.append((str(problem), str(solver), PARAMETERS[solver.name], parameter, counts.get(1.0), *costs))
    columns = ("problem", "solver", "parameter", "default", "iterations", "wrong by 10", "wrong by 100")
    return ResultTable("Sensitivity", TABLE_CAPTION, columns, rows)
