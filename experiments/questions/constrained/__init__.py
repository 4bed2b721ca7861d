"""ADMM or primal-dual?

Both split f into F(K theta) + G(theta) and need a prox of each. ADMM factors K once; primal-dual only multiplies with
K. Both run on the lasso, basis pursuit, total-variation denoising and non-negative least squares, beside the solvers
that were made for each: coordinate descent, FISTA, projected gradients, the taut string and the peers. Solved means
that f - f* is within the tolerance, and where theta is constrained its violation too.

Each then runs with its parameter changed over decades. For ADMM this is rho. For primal-dual it is tau/sigma, the ratio
of the primal step to the dual step, with their product fixed at 1/|K|^2. Theory: both converge for every value, and the
best value depends on the scale of the problem. rho weighs the dual residual against the primal residual, and so does
the ratio of the steps.

Settings: problems, a list that replaces these four; or data, a user's file or a bundled set for the lasso and
non-negative least squares, and its target; tolerance; decades, how far the parameters are changed up and down; steps,
the number of values per decade; most, the largest number of iterations of one run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.comparison.convergence_figure import convergence_figure
from experiments.comparison.sentences import damaged_reference
from experiments.figures.records import Bars, Figure, Line, Lines, ResultTable
from experiments.lab.analysis.formats import duration, ratio_text
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.analysis.verdict import contenders, verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import seeded
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.spec.supplied import Named, named
from experiments.questions.constrained.parameters import (
    SPLITTING,
    iterations_with,
    sensitivity,
    sensitivity_sentence,
    sensitivity_table,
)

PROXIMAL = ("ista", "fista", "projected-gradient")
MADE_FOR = {  # the other solvers that take a problem of that name
    "lasso": (*PROXIMAL, "coordinate-descent", "saga", "sklearn-elastic-net"),
    "basis-pursuit": ("scipy-linprog",),
    "total-variation": ("taut-string",),
    "nonnegative-least-squares": (*PROXIMAL, "scipy-nnls", "sklearn-nonnegative"),
}
MADE_FOR_OTHERS = (*PROXIMAL, "coordinate-descent")
FOUR = ("lasso", "basis-pursuit", "total-variation", "nonnegative-least-squares")
WIDE = "lasso(n=200, d=1000)"  # more columns than rows: ADMM factors the smaller side of K
SETTINGS: dict[str, Any] = {
    "problems": [],
    "data": None,
    "target": None,
    "tolerance": 1e-6,
    "decades": 3,
    "steps": 2,
    "most": 20000,
}
QUICK = {"steps": 1, "most": 8000}
VIOLATION_CAPTION = (
    "How to read this: both are absolute values, because f may be below f* as long as A theta = b does not hold. A run "
    "is solved where f - f* and the violation |A theta - b| / |b| are both at most the tolerance."
)
SECONDS_CAPTION = "How to read this: a lower bar is faster; there is no bar where the tolerance was not reached."
RUNS_CAPTION = "Every solver on every problem. The violation is 0 where theta is not constrained."
REST = "the fastest other solver"


def problems(options: Options) -> Sequence[Named]:
    """The four, and without --quick a wide lasso; or those of the user."""
    settings = options.settings
    if settings["problems"]:
        return [seeded(named(problem), options.seed) for problem in settings["problems"]]
    if settings["data"]:
        given = {key: settings[key] for key in ("data", "target") if settings[key] is not None}
        return [spec(name, **given) for name in ("lasso", "nonnegative-least-squares")]
    return [seeded(parse(problem), options.seed) for problem in (FOUR if options.quick else (*FOUR, WIDE))]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """ADMM, primal-dual and the solvers that were made for the problem."""
    rule = Rule(options.settings["tolerance"], seconds=1.0 if options.quick else 5.0, absolute=True)
    return [
        Cell(problem, solver, options.seed, rule)
        for problem in problems(options)
        for solver in (*SPLITTING, *map(parse, MADE_FOR.get(problem.name, MADE_FOR_OTHERS)))
    ]


def measurements(options: Options) -> Sequence[Measurement]:
    """Both solvers with their parameter at multiples of its default, some decades up and down."""
    steps, most = (options.smaller(name, SETTINGS[name], QUICK[name]) for name in ("steps", "most"))
    last = round(options.settings["decades"] * max(steps, 1))
    return [
        measurement_of(
            iterations_with,
            problem=problem,
            solver=solver,
            factor=float(f"{10 ** (k / steps):.4g}"),
            tolerance=options.settings["tolerance"],
            most=most,
            seed=options.seed,
        )
        for problem in problems(options)
        for solver in SPLITTING
        for k in range(-last, last + 1)
    ]


EXPERIMENT = Experiment("constrained", "constrained", __doc__ or "", problems, cells, 5, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """The fastest solver of each problem, ADMM against primal-dual, and what a wrong parameter costs each."""
    verdicts: list[str] = []
    figures: list[Figure] = []
    for problem in result.problems:
        rows, reference = result.of(problem), result.references.get(problem)
        if reference is None:
            verdicts.append(damaged_reference(problem))
            continue
        verdicts.append(verdict(problem, rows, reference))
        figures.append(convergence_figure(problem, rows, reference))
        if violation := violation_figure(problem, rows):
            figures.append(violation)
    verdicts += filter(None, [admm_against_primal_dual(result), against_the_others(result)])
    results = result.measured("iterations_with")
    figures += filter(None, [sensitivity(solver, results) for solver in SPLITTING])
    verdicts += filter(None, [sensitivity_sentence(solver, results) for solver in SPLITTING])
    figures += filter(None, [seconds_figure(result)])
    return Answer(verdicts, figures, [runs_table(result), sensitivity_table(results)])


def admm_against_primal_dual(result: Result) -> str | None:
    """Iterations and seconds of both, with their default parameters; None where they never both solved a problem."""
    comparisons, fewer, faster = [], 0, 0
    for problem in result.problems:
        rows = {row.solver: row for row in result.of(problem) if row.solved}
        if not all(solver in rows for solver in SPLITTING):
            continue
        admm, primal_dual = (rows[solver] for solver in SPLITTING)
        iterations = [row.typical.iterations for row in (admm, primal_dual)]
        seconds = [row.seconds or 0.0 for row in (admm, primal_dual)]
        fewer += iterations[0] < iterations[1]
        faster += seconds[0] < seconds[1]
        comparisons.append(
            f"{iterations[0]} against {iterations[1]} and {duration(seconds[0])} against {duration(seconds[1])} on "
            f"{problem}"
        )
    if not comparisons:
        return None
    return (
        f"With default parameters, admm needs fewer iterations than primal-dual on {fewer} of {len(comparisons)} "
        f"problems, and less time on {faster}. admm against primal-dual, in iterations and time: "
        f"{'; '.join(comparisons)}."
    )


def against_the_others(result: Result) -> str | None:
    """The time of the faster of the two over that of the fastest other solver; None where there is no such pair."""
    ratios = []
    for problem in result.problems:
        able = contenders(result.of(problem))
        splitting = next((contender for contender in able if contender.solver in SPLITTING), None)
        other = next((contender for contender in able if contender.solver not in SPLITTING), None)
        if splitting and other and other.seconds > 0:
            ratio = ratio_text(splitting.seconds / other.seconds)
            ratios.append(f"{ratio} the time of {other.solver} on {problem} ({splitting.solver})")
    return f"The faster of admm and primal-dual takes {'; '.join(ratios)}." if ratios else None


def violation_figure(problem: Named, rows: Sequence[CellResult]) -> Lines | None:
    """Gap and violation of both against iterations; None where no iterate violates a constraint."""
    lines = []
    for row in rows:
        trace = [sample for sample in row.typical.trace if sample.iteration and math.isfinite(sample.gap)]
        if row.solver in SPLITTING and any(sample.violation > 0 for sample in trace):
            k = [float(sample.iteration) for sample in trace]
            lines.append(Line(f"{row.solver}, gap", k, [abs(sample.gap) or None for sample in trace]))
            lines.append(Line(f"{row.solver}, violation", k, [sample.violation or None for sample in trace]))
    if not lines:
        return None
    return Lines(
        f"violation on {problem}",
        f"Gap and violation on {problem}",
        VIOLATION_CAPTION,
        ("iterations", "absolute value"),
        ("log", "log"),
        lines,
        level=[(rows[0].rule.tolerance, "tolerance")],
    )


def seconds_figure(result: Result) -> Bars | None:
    """Seconds to the tolerance of the two, and of the fastest other solver; None where no run was solved."""
    groups: dict[str, list[float | None]] = {name: [] for name in (*map(str, SPLITTING), REST)}
    for problem in result.problems:
        seconds = {contender.solver: contender.seconds for contender in contenders(result.of(problem))}
        for solver in SPLITTING:
            groups[str(solver)].append(seconds.get(solver))
        groups[REST].append(min((t for solver, t in seconds.items() if solver not in SPLITTING), default=None))
    if not any(any(values) for values in groups.values()):
        return None
    names = [str(problem) for problem in result.problems]
    axes = ("problem", "seconds")
    return Bars("seconds", "Seconds to the tolerance", SECONDS_CAPTION, axes, "log", names, list(groups.items()))


def runs_table(result: Result) -> ResultTable:
    """Every run, the best of each problem first."""
    rows = [
        (
            str(row.problem),
            str(row.solver),
            str(row.status),
            row.typical.iterations,
            row.seconds,
            row.typical.gap,
            abs(row.typical.trace[-1].violation) if row.typical.trace else None,
        )
        for problem in result.problems
        for row in sorted(result.of(problem), key=lambda row: row.merit)
    ]
    columns = ("problem", "solver", "status", "iterations", "seconds", "gap", "violation")
    return ResultTable("All runs", RUNS_CAPTION, columns, rows)
