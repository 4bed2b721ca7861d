"""One row, some rows, all rows?

SGD with a constant step does not settle at the minimum but at a noise floor above it. Measured: that floor, f - f* over
the last half of a run that began at the minimum, for many steps and batch sizes. Theory: where an epoch forgets where
it began (n step mu / batch is large) the floor is proportional to step / batch; where it does not, the rows of an
epoch take each other's noise back, and it goes like (step / batch)^3, unless the last batch of an epoch is smaller than
the others: its rows weigh more, and the floor stays proportional to the step. Raced: every batch size, each with the
best of some steps up to its own limit 1/L(b), to few digits and to many, in passes and in seconds; and beside plain SGD
what lowers the floor (schedules, averaging) and what has none (SAGA, SVRG, whole gradients).

    L(b) = n (b - 1) / (b (n - 1)) L + (n - b) / (b (n - 1)) L_row        the curvature that b rows meet

Sources: Robbins & Monro (1951), doi:10.1214/aoms/1177729586; Mishchenko, Khaled & Richtarik (2020), arXiv:2006.05988;
L(b): Gower et al. (2019), arXiv:1901.09401.

Settings: n, d and condition of the rows; batches and tolerances, lists; passes, after which a race is given up; or
data, a file of your own or a problem's name, and its target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.comparison.comparison import problem_in
from experiments.figures.records import Convergence, Curve, Figure, Line, Lines, Table, drawn
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import duration, fold, verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.worker import problem_of
from experiments.questions.batch_size.noise_floor import curvature, floor, laws, told
from experiments.questions.batch_size.noise_floor import figures as floors_drawn
from problems.forms import FiniteSum

CONTEST = (
    "sgd", "sgd(schedule=inverse)", "sgd(schedule=cosine, horizon=30)", "sgd(averaging=true)", "saga", "svrg",
    "gradient-descent", "lbfgs",
)  # fmt: skip
SETTINGS = {
    "n": 4096, "d": 10, "condition": 4.0, "batches": [1, 4, 16, 48, 64, 256, 4096], "tolerances": [1e-2, 1e-4, 1e-6],
    "passes": 300, "data": None, "target": None,
}  # fmt: skip
QUICK: dict[str, list[Any]] = {"batches": [1, 16, 48, 256, 4096], "tolerances": [1e-2, 1e-5]}
SHARES = (1, 4, 16, 64, 256)  # of the limit 1/L(b): one of so many
CURVES = (
    "How to read this: lower is better and further left is sooner; the dotted line is the tolerance. Plain SGD levels "
    "off at its floor; a bar ends a curve where the budget ended it."
)
BATCHED = "Each batch size with the step, of five, that takes the fewest passes; empty where none arrived."
SOONER = "How to read this: the lower, the sooner; each mark is a batch size with its best step, if any arrived."
FITTED = "How the floor grows, fitted by least squares to all floors of a regime, beside theory's power of both."


def problems(options: Options) -> Sequence[str]:
    """A regression and a classification; or one's own."""
    given = options.settings
    if given["data"]:
        return [problem_in(given["data"], given["target"], None, None)]
    rows = f"n={given['n']}, d={given['d']}, condition={given['condition']:g}, seed={options.seed}"
    return [
        f"linear-regression({rows}, noise=0.5)",
        f"logistic({rows}, l2=0.01)",
    ]


def chosen(options: Options, name: str) -> list[Any]:
    """A list of the settings; a shorter one where it must be quick and nothing else was asked."""
    given = list(options.settings[name])
    return QUICK[name] if options.quick and given == SETTINGS[name] else given


def trials(options: Options) -> Sequence[Trial]:
    """Floors of every batch size, but of whole gradients, which have none, from the limit of the step downwards."""
    shares = [5.0**-k for k in range(6)] if options.quick else [3.0**-k for k in range(9)]
    return [
        trial(floor, problem=problem, batch=batch, share=share, seed=options.seed)
        for problem in problems(options)
        for batch in chosen(options, "batches")
        if options.settings["data"] or batch < options.settings["n"]
        for share in shares
    ]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """The contest to the last tolerance, and every batch size with some steps to each."""
    tolerances = chosen(options, "tolerances")
    rules = {t: Rule(t, seconds=2.0, passes=float(options.settings["passes"])) for t in tolerances}
    found = []
    for problem in problems(options):
        on, spectrum = problem_of(problem), references[problem].spectrum
        found += [Cell(problem, solver, options.seed, rules[min(tolerances)]) for solver in CONTEST]
        L_row = on.row_smoothness() if isinstance(on, FiniteSum) else math.inf
        if not spectrum or not isinstance(on, FiniteSum) or not 0 < L_row < math.inf:
            continue
        for batch in sorted({min(batch, on.n) for batch in chosen(options, "batches")}):
            limit = 1 / curvature(on.n, batch, spectrum.L, L_row)
            for tolerance, rule in rules.items():
                for share in SHARES:
                    solver = f"sgd(step={limit / share:.6g}, batch={batch})"
                    found.append(Cell(problem, solver, options.seed, rule, f"to {tolerance:g}, limit/{share}"))
    return found


EXPERIMENT = Experiment("batch-size", "batch-size", __doc__ or "", problems, cells, 5, trials, SETTINGS)


class Cost(NamedTuple):
    """What the best step of one batch size took to a tolerance; None where none arrived."""

    problem: str
    tolerance: float
    batch: int
    step: float | None = None
    passes: float | None = None
    seconds: float | None = None


def answer(result: Result) -> Answer:
    """Floors by step and batch, and what each batch size and each remedy costs to few digits and to many."""
    verdicts: list[str] = []
    shown: list[Figure] = []
    powers: list[tuple[str | float | None, ...]] = []
    costs = [cost for problem in result.problems for cost in batched(result, problem)]
    for problem in result.problems:
        name, contest = parse(problem).name, [row for row in result.of(problem) if not row.note]
        floors = [r for r in result.read("floor") if r["problem"] == problem and r["floor"] is not None]
        found = laws(floors)
        powers += [(name, law.regime, law.step, law.batch, law.theory, law.floors) for law in found]
        own = [cost for cost in costs if cost.problem == problem]
        verdicts += [f"On {name} {sentence}" for sentence in (told(found), best(own), paced(own)) if sentence]
        if contest and (reference := result.references.get(problem)):
            verdicts += filter(None, [verdict(problem, contest, reference), short_of(name, contest)])
            shown.append(curves(name, contest, reference))
        shown += floors_drawn(name, floors) if floors else []
    shown += filter(None, [by_batch(costs, "passes"), by_batch(costs, "seconds")])
    shown.sort(key=lambda figure: figure.kind)
    rows = [(parse(c.problem).name, c.tolerance, c.batch, c.step, c.passes, c.seconds) for c in costs]
    return Answer(
        verdicts,
        shown,
        [
            Table(
                "The noise floor",
                FITTED,
                ("problem", "where", "power of step", "of 1/batch", "theory", "floors"),
                powers,
            ),
            Table("Batch sizes", BATCHED, ("problem", "tolerance", "batch", "step", "passes", "seconds"), rows),
        ],
    )


def batched(result: Result, problem: str) -> list[Cost]:
    """The best step of each batch size to each tolerance, by passes."""
    found: dict[tuple[float, int], Cost] = {}
    for row in result.of(problem):
        if not row.note:
            continue
        spec = parse(row.solver)
        cost = Cost(problem, row.rule.tolerance, int(spec.get("batch")))
        found.setdefault(cost[1:3], cost)
        least, passes = found[cost[1:3]].passes, row.typical.passes
        if row.solved and passes is not None and (least is None or passes < least):
            found[cost[1:3]] = cost._replace(step=float(spec.get("step")), passes=passes, seconds=row.seconds)
    return sorted(found.values(), key=lambda cost: (-cost.tolerance, cost.batch))


def best(costs: Sequence[Cost]) -> str | None:
    """Which batch size is best to each tolerance, by passes and by the clock."""
    told = []
    for tolerance in dict.fromkeys(cost.tolerance for cost in costs):
        able = [cost for cost in costs if cost.tolerance == tolerance and cost.passes and cost.seconds]
        if not able:
            told.append(f"to {tolerance:g} no batch size arrives")
            continue
        fewest = min(able, key=lambda cost: cost.passes or math.inf)
        soonest = min(able, key=lambda cost: cost.seconds or math.inf)
        none = sorted({cost.batch for cost in costs if cost.tolerance == tolerance} - {cost.batch for cost in able})
        text = f"to {tolerance:g} a batch of {fewest.batch} takes the fewest passes, {fewest.passes:.3g}, and "
        text += "" if soonest.batch == fewest.batch else f"one of {soonest.batch} "
        text += f"the least time, {duration(soonest.seconds or 0.0)}"
        told.append(text + (f"; of {', '.join(map(str, none))} none arrives" if none else ""))
    return "; ".join(told) + "." if told else None


def paced(costs: Sequence[Cost]) -> str | None:
    """What a pass costs by one row a step and by all at once, to the tolerance that takes most passes."""
    each = {cost.batch: cost.seconds / cost.passes for cost in costs if cost.passes and cost.seconds}
    if len(each) < 2:
        return None
    few, many = min(each), max(each)
    return (
        f"a pass takes {duration(each[few])} in steps of {few} and {duration(each[many])} in steps of {many} rows, "
        f"{fold(each[few] / each[many])} as long by the first."
    )


def short_of(name: str, contest: Sequence[Row]) -> str | None:
    """Who of the contest ended above the tolerance, and how far."""
    ended = [row for row in contest if not row.solved and row.typical.trace and math.isfinite(row.typical.gap)]
    if not ended:
        return None
    each = ", ".join(f"{row.solver} {row.typical.gap:.2g}" for row in sorted(ended, key=lambda row: -row.typical.gap))
    return f"On {name} these ended above {contest[0].rule.tolerance:g} after {ended[0].rule.passes:g} passes: {each}."


def curves(name: str, contest: Sequence[Row], reference: Reference) -> Convergence:
    """The contest's gaps against seconds, epochs and passes."""
    drawn_ = []
    for row in contest:
        trace = [sample for sample in row.typical.trace if np.isfinite(sample.gap)]
        if row.status != "skipped" and trace:
            iterations, seconds, passes, gap, _ = zip(*trace, strict=True)
            drawn_.append(Curve(row.solver, row.seed, row.status, iterations, seconds, passes, gap))
    tolerance, first = contest[0].rule.tolerance, max((curve.gap[0] for curve in drawn_), default=0.0)
    solvers = [curve.solver for curve in drawn_]
    title = f"With a floor and without: {name}"
    return Convergence(name, title, CURVES, reference.measure, tolerance, drawn(tolerance, first), drawn_, solvers)


def by_batch(costs: Sequence[Cost], across: str) -> Lines | None:
    """Passes, or seconds, to each tolerance by batch size; None where nothing arrived."""
    able = [cost for cost in costs if getattr(cost, across)]
    kinds = list(dict.fromkeys((cost.problem, cost.tolerance) for cost in able))
    lines = []
    for problem, tolerance in kinds:
        own = [cost for cost in able if cost[:2] == (problem, tolerance)]
        y = [getattr(cost, across) for cost in own]
        lines.append(Line(f"{parse(problem).name} to {tolerance:g}", [float(cost.batch) for cost in own], y))
    title = f"{across.capitalize()} to a tolerance by batch size"
    return Lines(across, title, SOONER, ("rows a step", across), ("log", "log"), lines) if lines else None
