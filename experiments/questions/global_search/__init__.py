"""When does a gradient not help?

Searches that go by values alone, a genetic algorithm, Metropolis-Hastings, simulated annealing and scipy's differential
evolution, against L-BFGS and Newton begun again and again at random, on formulas whose minimum is known. A start lies
about the formula's own, its entries normal with a standard deviation wide enough to meet several minima. Each method
runs from many starts until f - f* <= 1e-3 or its evaluations are used up, and what a run fails at the next may do: so
each is charged its expected evaluations to a success, ERT, all that its runs spent over how many arrived, and the
share of searches that arrive within so many evaluations is drawn from restarts simulated out of those runs. A value, a
gradient and a Hessian count one evaluation each, as the problem's ledger has it; where differences stand for
derivatives a gradient costs d + 1 of them, and whether that would turn a verdict is said. Theory: a gradient shows the
way down into the nearest minimum and no other, so it wins by far where starts lead to the lowest often enough, and
that share falls like p^d where f is a sum of d waves; without a derivative at the minimum there is no way to ask it.

Sources: Auger & Hansen (2005), doi:10.1109/CEC.2005.1554903, for ERT; Hansen et al. (2021),
doi:10.1080/10556788.2020.1808977, for simulated restarts.

Settings: seeds, how many runs of a search by values; starts, of one by gradients; evaluations, a coefficient, after
which a search is given up; patience, as many of a start by gradients; dims, how many coefficients beside two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from experiments.figures.records import Contour, Field, Figure, Lines, Path, Table
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.reference.referee import Reference, refer
from experiments.lab.run.cell import Cell, run_cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.worker import problem_of, solver_of
from experiments.questions.global_search.restarts import Runs, arrivals
from experiments.questions.global_search.verdicts import Place, compare, summed, thinning

BY_GRADIENTS = ("lbfgs", "newton")
BY_VALUES = ("genetic", "metropolis-hastings", "simulated-annealing", "scipy-differential-evolution")
SOLVERS = (*BY_GRADIENTS, *BY_VALUES)
SPREADS = {"rosenbrock": 2, "himmelblau": 3, "rastrigin": 3, "ackley": 3, "beale": 2, "booth": 2}
DEEP = ("rosenbrock", "rastrigin", "ackley")  # those of more coefficients than two
ARRIVED = 1e-3  # f - f*, below the second lowest minimum of each
SETTINGS = {"seeds": 12, "starts": 300, "evaluations": 3000, "patience": 200, "dims": [5, 10]}
QUICK: dict[str, Any] = {"seeds": 5, "starts": 40, "evaluations": 1500, "dims": [5]}
AT_ONCE = 5  # runs of a search in one trial
DRAWN = "rastrigin"
KEEP, PATHS = 40, 6  # iterates of a path that are kept, and starts of L-BFGS that are drawn
HALF, GRID = 6.0, 81
SHARES = (
    "How to read this: each line is one method, begun again until it arrives; the further left it rises the fewer "
    "evaluations it takes. A method that never arrived has none."
)
EXPECTED = (
    "How to read this: the darker the fewer evaluations to a success; grey where no run arrived, or where the "
    "method takes no such problem."
)
ARRIVING = "How to read this: the brighter the more runs arrive; grey where the method takes no such problem."
WAYS = (
    "How to read this: the lines are levels of f, which is lowest at the cross; each path is one run. A gradient leads "
    "down to the next minimum, a search by values looks beyond it."
)
COUNTED = "ERT is the evaluations of all runs over how many of them arrived; median is of those that arrived."


def chosen(options: Options, name: str) -> Any:
    """A setting; less of it where it must be quick and nothing else was asked."""
    given = options.settings[name]
    return QUICK[name] if options.quick and name in QUICK and given == SETTINGS[name] else given


def problems(options: Options) -> Sequence[str]:
    """Every landscape in two coefficients, and those that can in more."""
    flat = [f"landscape(function={function}, spread={spread})" for function, spread in SPREADS.items()]
    deep = [
        f"landscape(function={function}, d={d}, spread={SPREADS[function]})"
        for function in DEEP
        for d in chosen(options, "dims")
        if d > 2
    ]
    return [*flat, *deep]


def allowed(options: Options, problem: str, solver: str) -> int:
    """The evaluations after which a run is given up."""
    each = options.settings["patience"] if solver in BY_GRADIENTS else chosen(options, "evaluations")
    return int(each * dim_of(problem))


def cells(options: Options, references: References) -> Sequence[Cell]:
    """One run of each method, and some paths of L-BFGS; what a method cannot take is a row with its reason."""
    found = []
    for problem in problems(options):
        keep = KEEP if label(problem) == DRAWN else 0
        for solver in SOLVERS:
            rule = Rule(ARRIVED, seconds=60.0, passes=float(allowed(options, problem, solver)), keep=keep)
            count = PATHS if keep and solver == "lbfgs" else 1
            found += [Cell(problem, solver, options.seed + k, rule) for k in range(count)]
    return found


def trials(options: Options) -> Sequence[Trial]:
    """Many runs of each method on each landscape."""
    found = []
    for problem in problems(options):
        for solver in SOLVERS:
            total = chosen(options, "starts" if solver in BY_GRADIENTS else "seeds")
            size = total if solver in BY_GRADIENTS else AT_ONCE
            for first in range(0, total, size):
                count, most = min(size, total - first), allowed(options, problem, solver)
                given = {"problem": problem, "solver": solver, "first": options.seed + first, "count": count}
                found.append(trial(runs, seconds=600.0, most=most, **given))
    return found


def runs(problem: str, solver: str, first: int, count: int, most: int) -> dict[str, Any]:
    """The evaluations of runs from `count` starts, and which of them arrived; or why the method refuses."""
    on, method, reference = problem_of(problem), solver_of(solver), reference_of(problem)
    if refused := method.objection(on):
        return {"spent": [], "arrived": [], "refused": refused}
    rule = Rule(ARRIVED, seconds=60.0, passes=float(most))
    ends = [run_cell(on, method, seed, rule, reference) for seed in range(first, first + count)]
    return {"spent": [end.passes or 0.0 for end in ends], "arrived": [int(end.solved) for end in ends], "refused": ""}


@lru_cache(maxsize=4)
def reference_of(problem: str) -> Reference:
    """The referee's, kept for the next trial."""
    return refer(problem_of(problem))


EXPERIMENT = Experiment("global", "global", __doc__ or "", problems, cells, 1, trials, SETTINGS)


def dim_of(problem: str) -> int:
    """How many coefficients."""
    return int(parse(problem).get("d") or 2)


def label(problem: str) -> str:
    """The landscape as figures write it: its name, and its coefficients where they are more than two."""
    function, d = parse(problem).get("function"), dim_of(problem)
    return f"{function} in {d}" if d > 2 else str(function)


def answer(result: Result) -> Answer:
    """What each method needs to a success, and where a gradient helps."""
    found: dict[str, dict[str, Runs]] = {}
    refusals: dict[tuple[str, str], str] = {}
    for read in result.reads:
        problem, solver = dict(read.trial.given)["problem"], dict(read.trial.given)["solver"]
        own = found.setdefault(problem, {})
        if not read.good or read["refused"]:
            refusals[problem, solver] = read.reading.reason or read["refused"]
        else:
            own[solver] = own.get(solver, Runs()) + Runs(tuple(read["spent"]), tuple(map(bool, read["arrived"])))
    places = list(found)
    told = [
        compare(
            Place(label(problem), dim_of(problem), found[problem]),
            {solver: why for (where, solver), why in refusals.items() if where == problem},
            BY_GRADIENTS,
            BY_VALUES,
        )
        for problem in places
    ]
    waves = [(dim_of(problem), own["lbfgs"].share) for problem, own in found.items()
             if parse(problem).get("function") == DRAWN and "lbfgs" in own]  # fmt: skip
    verdicts = [*filter(None, [summed(told)]), *(each.sentence for each in told), *filter(None, [thinning(waves)])]
    table: list[tuple[str | float | None, ...]] = []
    for problem in places:
        for solver in SOLVERS:
            if own_runs := found[problem].get(solver):
                numbers = (len(own_runs.spent), own_runs.successes, own_runs.median, own_runs.expected)
                table.append((label(problem), solver, *numbers, ""))
            elif (problem, solver) in refusals:
                table.append((label(problem), solver, None, None, None, None, refusals[problem, solver]))
    columns = ("landscape", "solver", "runs", "arrived", "median evaluations", "ERT", "no runs because")
    shown = figures(result, found, places) if found else []
    return Answer(verdicts, shown, [Table("Evaluations to a success", COUNTED, columns, table)])


def figures(result: Result, found: dict[str, dict[str, Runs]], places: Sequence[str]) -> list[Figure]:
    """Success against evaluations, the map of what each needs, and paths."""
    names = [label(problem) for problem in places]
    shown: list[Figure] = []
    maps: list[tuple[str, str, str, str]] = [
        ("expected", "Expected evaluations to a success", "evaluations to a success", "log"),
        ("share", "Share of runs that arrive", "share of runs that arrive", "linear"),
    ]
    for key, title, measure, scale in maps:
        z = [[getattr(found[problem].get(solver), key, None) for solver in SOLVERS] for problem in places]
        caption = EXPECTED if key == "expected" else ARRIVING
        if any(value is not None for row in z for value in row):
            shown.append(Field(key, title, caption, ("solver", "landscape"), SOLVERS, names, z, measure, scale))
    telling = list(places)
    if result.options.get("quick"):
        telling = [problem for problem in telling if label(problem).startswith((DRAWN, "rosenbrock"))]
    for problem in telling:
        lines = arrivals(found[problem])
        if lines:
            title = f"Searches that have arrived: {label(problem)}"
            axes = ("evaluations", "share of searches that have arrived")
            shown.append(Lines(label(problem), title, SHARES, axes, ("log", "linear"), lines))
    return [*shown, *filter(None, [ways(result)])]


def ways(result: Result) -> Contour | None:
    """Paths over rastrigin; None where there are none."""
    rows = [row for row in result.rows if label(row.problem) == DRAWN and row.typical.path]
    rows = [row for row in rows if len(row.typical.path[0]) == 2]
    if not rows:
        return None
    on = problem_of(rows[0].problem)
    side = np.linspace(-HALF, HALF, GRID).tolist()
    gap = [[on.value(np.array([a, b])) for a in side] for b in side]
    paths = [
        Path(
            f"{row.solver}: {row.status}, {row.typical.passes or 0:.0f} evaluations",
            [(a, b) for a, b in row.typical.path],
        )
        for row in rows
    ]
    first = {solver: k for k, row in reversed(list(enumerate(rows))) if (solver := row.solver)}
    shown = [first[solver] for solver in ("lbfgs", "genetic", "simulated-annealing") if solver in first]
    title, axes = f"Ways over {DRAWN}", ("theta 1", "theta 2")
    return Contour(DRAWN, title, WAYS, axes, side, side, gap, (0.0, 0.0), paths, shown or [0])
