"""One row, some rows, all rows?

SGD with a constant step does not settle at the minimum, but at a noise floor above it. First this floor is measured:
f - f* over the second half of a run that starts at the minimum, for many steps and batch sizes. An epoch contracts
strongly if n step mu / batch is large; then it forgets where it began, and in theory the floor is proportional to
step / batch. If an epoch contracts weakly, the errors of its rows nearly cancel, and the floor grows like
(step / batch)^3. An exception is an epoch whose last batch is smaller than the others: its rows have more weight, and
the floor stays proportional to the step.

Then solvers are compared. Each batch size takes several steps up to its own limit 1/L(b), and the best one counts, for
few digits and for many, in passes and in seconds. Plain SGD is compared with what lowers the floor (schedules,
averaging) and with what has none (SAGA, SVRG, full gradients).

    L(b) = n (b - 1) / (b (n - 1)) L + (n - b) / (b (n - 1)) L_row        the curvature of the mean of b rows

Sources: Robbins & Monro (1951), doi:10.1214/aoms/1177729586; Mishchenko, Khaled & Richtarik (2020), arXiv:2006.05988;
L(b): Gower et al. (2019), arXiv:1901.09401.

Settings: n, d and condition of the rows; batches and tolerances, lists; passes, the budget of each run; or data, a file
of your own or a problem's name, and its target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.comparison import comparison
from experiments.figures.records import Figure, ResultTable
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, parse, spec
from experiments.lab.workers.worker import problem_of
from experiments.questions.batch_size.best_steps import best_batches, best_steps, by_batch, pass_costs
from experiments.questions.batch_size.compared_solvers import final_gaps, gap_curves
from experiments.questions.batch_size.noise_floor import curvature, floor, laws, laws_sentence
from experiments.questions.batch_size.noise_floor import figures as floor_figures
from problems.forms import FiniteSum

COMPARED = tuple(
    parse(text)
    for text in (
        "sgd", "sgd(schedule=inverse)", "sgd(schedule=cosine, horizon=30)", "sgd(averaging=true)", "saga", "svrg",
        "gradient-descent", "lbfgs",
    )
)  # fmt: skip
SETTINGS: dict[str, Any] = {
    "n": 4096, "d": 10, "condition": 4.0, "batches": [1, 4, 16, 48, 64, 256, 4096], "tolerances": [1e-2, 1e-4, 1e-6],
    "passes": 300, "data": None, "target": None,
}  # fmt: skip
QUICK: dict[str, list[Any]] = {"batches": [1, 16, 48, 256, 4096], "tolerances": [1e-2, 1e-5]}
DIVISORS = (1, 4, 16, 64, 256)  # steps are the limit 1/L(b) divided by these
LAWS = "How the floor grows, fitted by least squares to all floors of a regime. Theory's power is that of both."
BEST_STEPS = (
    "Each batch size with the step, of five, that takes the fewest passes; empty where none reached the tolerance."
)


def problems(options: Options) -> Sequence[Spec]:
    """A regression and a classification; or the user's problem."""
    settings = options.settings
    if settings["data"]:
        return [comparison.problem_of(settings["data"], settings["target"])]
    rows = {"n": settings["n"], "d": settings["d"], "condition": settings["condition"], "seed": options.seed}
    return [spec("linear-regression", **rows, noise=0.5), spec("logistic", **rows, l2=0.01)]


def smaller(options: Options, name: str) -> list[Any]:
    """A list among the settings; a shorter one under --quick."""
    return list(options.smaller(name, SETTINGS[name], QUICK[name]))


def measurements(options: Options) -> Sequence[Measurement]:
    """Floors of every batch size, with steps from the limit downward; full gradients have no floor."""
    shares = [5.0**-k for k in range(6)] if options.quick else [3.0**-k for k in range(9)]
    return [
        measurement_of(floor, problem=problem, batch=batch, share=share, seed=options.seed)
        for problem in problems(options)
        for batch in smaller(options, "batches")
        if options.settings["data"] or batch < options.settings["n"]
        for share in shares
    ]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """The compared solvers to the smallest tolerance, and every batch size with several steps to each tolerance."""
    tolerances = smaller(options, "tolerances")
    rules = {t: Rule(t, seconds=2.0, passes=float(options.settings["passes"]), absolute=True) for t in tolerances}
    planned = []
    for problem in problems(options):
        objective, spectrum = problem_of(problem), references[problem].spectrum
        planned += [Cell(problem, solver, options.seed, rules[min(tolerances)]) for solver in COMPARED]
        L_row = objective.row_smoothness() if isinstance(objective, FiniteSum) else math.inf
        if not spectrum or not isinstance(objective, FiniteSum) or not 0 < L_row < math.inf:
            continue
        for batch in sorted({min(batch, objective.n) for batch in smaller(options, "batches")}):
            limit = 1 / curvature(objective.n, batch, spectrum.L, L_row)
            for tolerance, rule in rules.items():
                for divisor in DIVISORS:
                    solver = spec("sgd", step=float(f"{limit / divisor:.6g}"), batch=batch)
                    note = f"to {tolerance:g}, limit/{divisor}"
                    planned.append(Cell(problem, solver, options.seed, rule, note))
    return planned


EXPERIMENT = Experiment("batch-size", "batch-size", __doc__ or "", problems, cells, 5, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """Floors by step and batch, and what each batch size and each solver costs for few digits and for many."""
    verdicts: list[str | None] = []
    shown: list[Figure] = []
    law_rows: list[tuple[str | float | None, ...]] = []
    steps = [step for problem in result.problems for step in best_steps(result.of(problem))]
    for problem in result.problems:
        name, rows = problem.name, [row for row in result.of(problem) if row.solver in COMPARED]
        floors = [
            measured
            for measured in result.measured(floor.__name__)
            if measured["problem"] == problem and measured["floor"] is not None
        ]
        fitted = laws(floors)
        law_rows += [(name, law.regime, law.step, law.batch, law.theory, law.floors) for law in fitted]
        of_problem = [step for step in steps if step.problem == problem]
        verdicts += [laws_sentence(name, fitted), *best_batches(of_problem), pass_costs(of_problem)]
        if rows and (reference := result.references.get(problem)):
            verdicts += [verdict(problem, rows, reference), final_gaps(name, rows)]
            shown.append(gap_curves(name, rows, reference))
        shown += floor_figures(name, floors) if floors else []
    shown += [figure for figure in (by_batch(steps, "passes"), by_batch(steps, "seconds")) if figure]
    shown.sort(key=lambda figure: figure.kind)
    laws_columns = ("problem", "where", "power of step", "power of 1/batch", "power in theory", "floors")
    steps_columns = ("problem", "tolerance", "batch", "step", "passes", "seconds")
    step_rows = [(best.problem.name, *best[1:]) for best in steps]
    return Answer(
        [sentence for sentence in verdicts if sentence],
        shown,
        [
            ResultTable("The noise floor", LAWS, laws_columns, law_rows),
            ResultTable("Batch sizes", BEST_STEPS, steps_columns, step_rows),
        ],
    )
