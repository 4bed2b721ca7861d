"""ADMM or primal-dual?

Both split f into F(K theta) + G(theta) and ask for a prox of each; ADMM factors K once, primal-dual only multiplies
with it. They are raced on the lasso, basis pursuit, total-variation denoising and non-negative least squares, beside
what was made for each: coordinate descent, FISTA, projected gradients, the taut string and the peers. Solved means that
f - f* and, where theta is constrained, the violation are both within the tolerance. Each then runs with its parameter
moved over decades: ADMM's rho, and for primal-dual the ratio of the primal step to the dual one, tau/sigma, their
product left at 1/|K|^2. Theory lets both converge whatever these are, and makes the best a matter of the problem's
scale: rho weighs the dual residual against the primal one, the steps' ratio the same.

Settings: problems, a list, in the place of these four; or data, a file of your own or a bundled set for the lasso and
non-negative least squares, and its target; tolerance; decades, how far the parameters go either way, and steps, how
many values a decade; most, the iterates after which one is given up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.figures.records import Bars, Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import contenders, duration, fold, verdict
from experiments.lab.experiment import Answer, Experiment, Options, References, seeded
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, parse
from experiments.questions.constrained.parameters import SPLITTING, cost_table, costly, moved, sensitivity
from experiments.questions.convergence import curves

PROXIMAL = ("ista", "fista", "projected-gradient")
BESIDE = {  # what else takes a problem of that name
    "lasso": (*PROXIMAL, "coordinate-descent", "saga", "sklearn-elastic-net"),
    "basis-pursuit": ("scipy-linprog",),
    "total-variation": ("taut-string",),
    "nonnegative-least-squares": (*PROXIMAL, "scipy-nnls", "sklearn-nonnegative"),
}
ANY = (*PROXIMAL, "coordinate-descent")
QUICK = ("lasso", "basis-pursuit", "total-variation", "nonnegative-least-squares")
WIDE = "lasso(n=200, d=1000)"  # more columns than rows: ADMM factors the lesser side of K
SETTINGS: dict[str, Any] = {
    "problems": [],
    "data": None,
    "target": None,
    "tolerance": 1e-6,
    "decades": 3,
    "steps": 2,
    "most": 20000,
}
FEWER = 8000  # iterates in a quick look
BOTH = (
    "How to read this: sizes, for f may be below f* as long as A theta = b does not hold; solved is where f - f* and "
    "the violation |A theta - b| / |b| are both at most the tolerance."
)
COSTS = "How to read this: the lower the sooner; no bar where the tolerance was not reached."
RACED = "Everyone on every problem; violation is 0 where theta is free."


def problems(options: Options) -> Sequence[str]:
    """The four, and wholly a wide lasso; or one's own."""
    given = options.settings
    if given["problems"]:
        return [seeded(str(parse(each)), options.seed) for each in given["problems"]]
    if given["data"]:
        own = [(key, given[key]) for key in ("data", "target") if given[key] is not None]
        return [str(Spec(name, tuple(own))) for name in ("lasso", "nonnegative-least-squares")]
    return [seeded(each, options.seed) for each in (QUICK if options.quick else (*QUICK, WIDE))]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """ADMM, primal-dual and what was made for the problem."""
    rule = Rule(options.settings["tolerance"], seconds=1.0 if options.quick else 5.0)
    return [
        Cell(problem, solver, options.seed, rule)
        for problem in problems(options)
        for solver in (*SPLITTING, *BESIDE.get(parse(problem).name, ANY))
    ]


def trials(options: Options) -> Sequence[Trial]:
    """Both with their parameter moved from its default by so many decades either way."""
    given = options.settings
    steps = 1 if options.quick and given["steps"] == SETTINGS["steps"] else given["steps"]
    most = FEWER if options.quick and given["most"] == SETTINGS["most"] else given["most"]
    count = round(given["decades"] * max(steps, 1))
    return [
        trial(moved, problem=p, solver=s, factor=float(f"{10 ** (k / steps):.4g}"), tolerance=given["tolerance"],
              most=most, seed=options.seed)
        for p in problems(options)
        for s in SPLITTING
        for k in range(-count, count + 1)
    ]  # fmt: skip


EXPERIMENT = Experiment("constrained", "constrained", __doc__ or "", problems, cells, 5, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """Who is first on which, ADMM or primal-dual, and what a wrong parameter costs each."""
    verdicts: list[str] = []
    shown: list[Figure] = []
    for problem in result.problems:
        rows, reference = result.of(problem), result.references.get(problem)
        if reference is None:
            verdicts.append(f"The reference of {problem} was damaged and set aside; the same command finds it again.")
            continue
        verdicts.append(verdict(problem, rows, reference))
        shown.append(curves(problem, rows, reference))
        if pictured := violated(problem, rows):
            shown.append(pictured)
    verdicts += filter(None, [between(result), made_for(result)])
    reads = result.read("moved")
    shown += filter(None, [sensitivity(solver, reads) for solver in SPLITTING])
    verdicts += filter(None, [costly(solver, reads) for solver in SPLITTING])
    shown += filter(None, [bars(result)])
    return Answer(verdicts, shown, [raced(result), cost_table(reads)])


def between(result: Result) -> str | None:
    """ADMM against primal-dual by iterates and by seconds; None where they never both arrived."""
    told, fewer, sooner = [], 0, 0
    for problem in result.problems:
        rows = {row.solver: row for row in result.of(problem) if row.solved}
        if not all(solver in rows for solver in SPLITTING):
            continue
        a, p = (rows[solver] for solver in SPLITTING)
        fewer += a.typical.iterations < p.typical.iterations
        sooner += (a.seconds or 0) < (p.seconds or 0)
        told.append(
            f"{a.typical.iterations} against {p.typical.iterations} on {problem}, {duration(a.seconds or 0)} against "
            f"{duration(p.seconds or 0)}"
        )
    if not told:
        return None
    return (
        f"By their own parameters admm needs fewer iterates than primal-dual on {fewer} of {len(told)} problems and "
        f"less time on {sooner}: {'; '.join(told)}."
    )


def made_for(result: Result) -> str | None:
    """What the better of the two costs beside the best of the others."""
    told = []
    for problem in result.problems:
        able = contenders(result.of(problem))
        own = next((each for each in able if each.solver in SPLITTING), None)
        other = next((each for each in able if each.solver not in SPLITTING), None)
        if own and other and other.seconds > 0:
            told.append(f"{fold(own.seconds / other.seconds)} the time of {other.solver} on {problem} ({own.solver})")
    return f"Where something was made for the problem, the better of the two takes {'; '.join(told)}." if told else None


def violated(problem: str, rows: Sequence[Row]) -> Lines | None:
    """Gap and violation against iterates, where theta leaves its constraint on the way; None elsewhere."""
    lines = []
    for row in rows:
        trace = [sample for sample in row.typical.trace if sample.iteration and math.isfinite(sample.gap)]
        if row.solver in SPLITTING and any(sample.violation > 0 for sample in trace):
            k = [float(sample.iteration) for sample in trace]
            lines.append(Line(f"{row.solver}, gap", k, [abs(sample.gap) or None for sample in trace]))
            lines.append(Line(f"{row.solver}, violation", k, [sample.violation or None for sample in trace]))
    if not lines:
        return None
    tolerance = rows[0].rule.tolerance
    title = f"Gap and violation on {problem}"
    level = [(tolerance, "tolerance")]
    return Lines(f"violation on {problem}", title, BOTH, ("iterate", "size"), ("log", "log"), lines, level=level)


def bars(result: Result) -> Bars | None:
    """Seconds to the tolerance: the two, and the best of the others, on each problem."""
    best: dict[str, list[float | None]] = {name: [] for name in (*SPLITTING, "best of the others")}
    for problem in result.problems:
        able = {each.solver: each.seconds for each in contenders(result.of(problem))}
        for solver in SPLITTING:
            best[solver].append(able.get(solver))
        best["best of the others"].append(min((t for s, t in able.items() if s not in SPLITTING), default=None))
    if not any(any(values) for values in best.values()):
        return None
    axes = ("problem", "seconds")
    return Bars("seconds", "Seconds to the tolerance", COSTS, axes, "log", result.problems, list(best.items()))


def raced(result: Result) -> Table:
    """Everyone."""
    rows = [
        (
            row.problem,
            row.solver,
            row.status,
            row.typical.iterations,
            row.seconds,
            row.typical.gap,
            abs(row.typical.trace[-1].violation) if row.typical.trace else None,
        )
        for problem in result.problems
        for row in sorted(result.of(problem), key=lambda row: row.merit)
    ]
    return Table("Raced", RACED, ("problem", "solver", "status", "iterates", "seconds", "gap", "violation"), rows)
