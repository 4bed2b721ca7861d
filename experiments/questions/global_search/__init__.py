"""When does a gradient not help?

Searches that use values alone (a genetic algorithm, Metropolis-Hastings, simulated annealing and scipy's differential
evolution) run against L-BFGS and Newton with random restarts, on formulas with a known minimum. The entries of a start
are normal around the start of the formula, with a standard deviation that is large enough to reach several minima. Each
run ends when f - f* <= 1e-3 or when its evaluations are used up. Because a failed run can be repeated, each method is
judged by ERT, its expected evaluations per success: the evaluations of all its runs over the number of successful runs.
The share of searches that succeed within a number of evaluations is simulated by restarts from the same runs. A value,
a gradient and a Hessian each count as one evaluation, as in the problem's ledger. Where differences replace
derivatives, a gradient costs d + 1 evaluations; the answer says whether that would reverse a verdict. Theory: a
gradient leads to the nearest minimum and to no other. So it wins where enough starts lead to the lowest minimum, and
their share falls like p^d where f is a sum of d waves. Where f has no derivative at its minimum, no gradient method
runs.

Sources: Auger & Hansen (2005), doi:10.1109/CEC.2005.1554903, for ERT; Hansen et al. (2021),
doi:10.1080/10556788.2020.1808977, for simulated restarts.

Settings: seeds, the number of runs of a search by values; starts, the number of runs of a gradient method;
evaluations, the largest number per coefficient in a search by values; patience, the same for a gradient method; dims,
the numbers of coefficients besides 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from experiments.figures.records import ResultTable
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell, run_cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, spec
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import find_reference, problem_of, solver_of
from experiments.questions.global_search.pictures import WAVES, dim_of, figures, has_paths, label
from experiments.questions.global_search.restarts import Runs
from experiments.questions.global_search.verdicts import LandscapeRuns, compare, good_starts, summary

GRADIENT = ("lbfgs", "newton")
BY_VALUES = ("genetic", "metropolis-hastings", "simulated-annealing", "scipy-differential-evolution")
SOLVERS = (*GRADIENT, *BY_VALUES)
SPREADS = {"rosenbrock": 2, "himmelblau": 3, "rastrigin": 3, "ackley": 3, "beale": 2, "booth": 2}
OF_ANY_DIM = ("rosenbrock", "rastrigin", "ackley")  # formulas of two coefficients or more
TOLERANCE = 1e-3  # of f - f*: below the second lowest minimum of every formula
SETTINGS: dict[str, Any] = {"seeds": 12, "starts": 300, "evaluations": 3000, "patience": 200, "dims": [5, 10]}
QUICK: dict[str, Any] = {"seeds": 5, "starts": 40, "evaluations": 1500, "dims": [5]}
BATCH = 5  # runs of a search by values in one measurement
KEPT = 40  # iterates of a path that are all kept
PATHS = 6  # starts of L-BFGS whose paths are kept
TABLE_CAPTION = (
    "ERT is the evaluations of all runs over the number of successful runs. The median is that of the successful runs."
)
COLUMNS = ("landscape", "solver", "runs", "successes", "median evaluations", "ERT", "no runs because")

reference_of = lru_cache(maxsize=4)(find_reference)


def chosen(options: Options, name: str) -> Any:
    """A setting, or its smaller value under --quick."""
    return options.smaller(name, SETTINGS[name], QUICK.get(name, SETTINGS[name]))


def problems(options: Options) -> Sequence[Spec]:
    """Every landscape with two coefficients, and some with more."""
    flat = [spec("landscape", function=function, spread=spread) for function, spread in SPREADS.items()]
    deep = [
        spec("landscape", function=function, d=d, spread=SPREADS[function])
        for function in OF_ANY_DIM
        for d in chosen(options, "dims")
        if d > 2
    ]
    return [*flat, *deep]


def most_evaluations(options: Options, problem: Named, solver: str) -> int:
    """The evaluations after which a run is ended."""
    per_coefficient = options.settings["patience"] if solver in GRADIENT else chosen(options, "evaluations")
    return int(per_coefficient * dim_of(problem))


def rule_of(most: int, keep: int = 0) -> Rule:
    """The target, and `most` evaluations."""
    return Rule(TOLERANCE, seconds=60.0, passes=float(most), absolute=True, keep=keep)


def cells(options: Options, references: References) -> Sequence[Cell]:
    """One run of each method, and several paths of L-BFGS; a method that refuses is a row with its reason."""
    planned = []
    for problem in problems(options):
        keep = KEPT if has_paths(problem) else 0
        for solver in SOLVERS:
            rule = rule_of(most_evaluations(options, problem, solver), keep)
            count = PATHS if keep and solver == "lbfgs" else 1
            planned += [Cell(problem, solver, options.seed + k, rule) for k in range(count)]
    return planned


def measurements(options: Options) -> Sequence[Measurement]:
    """Many runs of each method on each landscape."""
    planned = []
    for problem in problems(options):
        for solver in SOLVERS:
            total = chosen(options, "starts" if solver in GRADIENT else "seeds")
            size = total if solver in GRADIENT else BATCH
            for first in range(0, total, size):
                planned.append(
                    measurement_of(
                        runs_of,
                        seconds=600.0,
                        problem=problem,
                        solver=spec(solver),
                        first=options.seed + first,
                        count=min(size, total - first),
                        most=most_evaluations(options, problem, solver),
                    )
                )
    return planned


def runs_of(problem: Spec, solver: Spec, first: int, count: int, most: int) -> dict[str, Any]:
    """The evaluations of runs with `count` consecutive seeds, and which succeeded; or why the method refuses."""
    landscape, method, reference = problem_of(problem), solver_of(solver), reference_of(problem)
    if objection := method.objection(landscape):
        return {"evaluations": [], "successful": [], "refusal": objection}
    outcomes = [run_cell(landscape, method, seed, rule_of(most), reference) for seed in range(first, first + count)]
    return {
        "evaluations": [outcome.passes or 0.0 for outcome in outcomes],
        "successful": [outcome.solved for outcome in outcomes],
        "refusal": "",
    }


EXPERIMENT = Experiment("global", "global", __doc__ or "", problems, cells, 1, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """What each method needs per success, and where a gradient helps."""
    runs, refusals = _collected(result)
    comparisons = [
        compare(
            LandscapeRuns(label(problem), dim_of(problem), of_problem),
            {solver: reason for (landscape, solver), reason in refusals.items() if landscape == problem},
            GRADIENT,
            BY_VALUES,
        )
        for problem, of_problem in runs.items()
    ]
    shares = [
        (dim_of(problem), of_problem["lbfgs"].share)
        for problem, of_problem in runs.items()
        if problem.get("function") == WAVES and "lbfgs" in of_problem
    ]
    sentences = (comparison.sentence for comparison in comparisons)
    verdicts = [*filter(None, [summary(comparisons)]), *sentences, *filter(None, [good_starts(WAVES, shares)])]
    table = ResultTable("Evaluations per success", TABLE_CAPTION, COLUMNS, _table_rows(runs, refusals))
    return Answer(verdicts, figures(result, runs, SOLVERS) if runs else [], [table])


def _collected(result: Result) -> tuple[dict[Named, dict[str, Runs]], dict[tuple[Named, str], str]]:
    """The runs by problem and solver, and why a solver has none."""
    runs: dict[Named, dict[str, Runs]] = {}
    refusals: dict[tuple[Named, str], str] = {}
    for measured in result.measurements:
        problem, solver = measured["problem"], measured["solver"].name
        of_problem = runs.setdefault(problem, {})
        if not measured.good or measured["refusal"]:
            refusals[problem, solver] = measured.reason or measured["refusal"]
        else:
            new = Runs(tuple(measured["evaluations"]), tuple(map(bool, measured["successful"])))
            of_problem[solver] = of_problem.get(solver, Runs()) + new
    return runs, refusals


def _table_rows(
    runs: Mapping[Named, Mapping[str, Runs]], refusals: Mapping[tuple[Named, str], str]
) -> list[tuple[str | float | None, ...]]:
    rows: list[tuple[str | float | None, ...]] = []
    for problem, of_problem in runs.items():
        for solver in SOLVERS:
            if known := of_problem.get(solver):
                numbers = (len(known.evaluations), known.successes, known.median, known.expected)
                rows.append((label(problem), solver, *numbers, ""))
            elif (problem, solver) in refusals:
                rows.append((label(problem), solver, None, None, None, None, refusals[problem, solver]))
    return rows
