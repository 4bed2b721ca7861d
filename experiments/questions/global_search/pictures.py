"""The figures of `global`: success against evaluations, maps of all methods and landscapes, and paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from experiments.figures.records import Contour, Field, Figure, IteratePath, Lines
from experiments.lab.analysis.results import Result
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import problem_of
from experiments.questions.global_search.restarts import Runs, success_curves

RunsOf = Mapping[Named, Mapping[str, Runs]]  # by problem and solver

WAVES = "rastrigin"  # the formula that is a sum of d waves, and whose paths are drawn
DRAWN_IF_QUICK = (WAVES, "rosenbrock")
PRINTED = ("lbfgs", "genetic", "simulated-annealing")  # solvers whose first path is drawn in print
HALF, GRID = 6.0, 81  # half the side of the contour, and its points per side
CURVES_CAPTION = (
    "How to read this: each line is one method with restarts. The further left it rises, the fewer evaluations it "
    "needs. A method without a successful run has no line."
)
EXPECTED_CAPTION = (
    "How to read this: the darker the shade, the fewer evaluations per success. Grey: no run was successful, or the "
    "method cannot take the landscape."
)
SHARE_CAPTION = (
    "How to read this: the brighter the shade, the more runs are successful. Grey: the method cannot take the "
    "landscape."
)
PATHS_CAPTION = (
    "How to read this: the lines are levels of f, whose minimum is at the cross; each path is one run. A gradient "
    "leads to the next minimum, a search by values can leave it."
)


def dim_of(problem: Named) -> int:
    """The number of coefficients."""
    return int(problem.get("d") or 2)


def label(problem: Named) -> str:
    """The landscape as figures and sentences name it, with its number of coefficients unless that is 2."""
    function, d = problem.get("function"), dim_of(problem)
    return f"{function} (d = {d})" if d > 2 else str(function)


def has_paths(problem: Named) -> bool:
    """Whether paths are drawn on this landscape."""
    return problem.get("function") == WAVES and dim_of(problem) == 2


def figures(result: Result, runs: RunsOf, solvers: Sequence[str]) -> list[Figure]:
    """Maps of all methods and landscapes, success against evaluations for each landscape, and paths."""
    known = [of_solver for of_problem in runs.values() for of_solver in of_problem.values()]
    shown: list[Figure] = [expected_map(runs, solvers)] if any(of_solver.successes for of_solver in known) else []
    shown += [share_map(runs, solvers)] if known else []
    quick = result.options.get("quick")
    for problem, of_problem in runs.items():
        if quick and problem.get("function") not in DRAWN_IF_QUICK:
            continue
        if lines := success_curves(of_problem):
            title = f"Successful searches: {label(problem)}"
            axes = ("evaluations", "share of searches that have succeeded")
            shown.append(Lines(label(problem), title, CURVES_CAPTION, axes, ("log", "linear"), lines))
    return [*shown, *filter(None, [paths(result)])]


def expected_map(runs: RunsOf, solvers: Sequence[str]) -> Field:
    """The expected evaluations per success of each method on each landscape."""
    z = [[of_problem[s].expected if s in of_problem else None for s in solvers] for of_problem in runs.values()]
    title, axes, names = "Expected evaluations per success", ("solver", "landscape"), list(map(label, runs))
    return Field("expected", title, EXPECTED_CAPTION, axes, solvers, names, z, "evaluations per success", "log")


def share_map(runs: RunsOf, solvers: Sequence[str]) -> Field:
    """The share of successful runs of each method on each landscape."""
    z = [[of_problem[s].share if s in of_problem else None for s in solvers] for of_problem in runs.values()]
    title, axes, names = "Share of successful runs", ("solver", "landscape"), list(map(label, runs))
    return Field("share", title, SHARE_CAPTION, axes, solvers, names, z, "share of runs", "linear")


def paths(result: Result) -> Contour | None:
    """Paths on the landscape of waves in the plane; None where there are none."""
    rows = [row for row in result.rows if has_paths(row.problem) and row.typical.path]
    if not rows:
        return None
    landscape = problem_of(rows[0].problem)
    side = np.linspace(-HALF, HALF, GRID).tolist()
    first: dict[str, int] = {}
    for k, row in enumerate(rows):
        first.setdefault(row.solver.name, k)
    return Contour(
        name=WAVES,
        title=f"Paths on {WAVES}",
        caption=PATHS_CAPTION,
        axes=("theta 1", "theta 2"),
        x=side,
        y=side,
        gap=[[landscape.value(np.array([a, b])) for a in side] for b in side],
        minimum=(0.0, 0.0),
        paths=[
            IteratePath(
                f"{row.solver}: {row.status}, {row.typical.passes or 0:.0f} evaluations",
                [(a, b) for a, b in row.typical.path],
            )
            for row in rows
        ],
        shown=[first[solver] for solver in PRINTED if solver in first] or [0],
    )
