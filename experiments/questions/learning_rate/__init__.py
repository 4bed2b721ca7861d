"""What learning rate is too low, and what too high?

Gradient descent with a fixed step, and the methods derived from it, run with steps from far too small to divergence.
For methods with full gradients the unit of the step is 2/L, where L is the largest curvature at the minimum. On a
quadratic theory gives their limits in this unit: gradient descent converges below 1, momentum 0.9 below 1.9, Nesterov's
method below 2/3. SGD and Adam have no such limit, but a noise floor that depends on the step. Measured for each: the
step that needs the fewest iterations, the steps that are too small for the budget, and the two steps between which
convergence is lost. For the regression on one feature, whose weight and bias span a plane, the paths are shown too.

Settings: data, a user's file to run the sweep on, and its target.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.comparison import comparison
from experiments.comparison.sentences import damaged_reference
from experiments.figures.records import Figure, ResultTable, Sweep
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import seeded
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.spec.supplied import Named
from experiments.questions.learning_rate.pictures import KEPT, contour, gap_map, step_of, sweep_of
from experiments.questions.learning_rate.sweeps import (
    GRADIENT_DESCENT,
    METHODS,
    Method,
    edges_of,
    limits_sentence,
    ratios,
    sweep_sentence,
    unit_of,
)

PLANE = "linear-regression(n=100, d=1, condition=10, noise=0.5)"
SETTINGS = {"data": None, "target": None}
COLUMNS = ("problem", "solver", "best step", "iterations", "converges at", "lost at", "limit of theory", "unit")


def problems(options: Options) -> Sequence[Named]:
    """A problem in the plane, a regression of more features and two that are not quadratic; or the user's data."""
    if data := options.settings.get("data"):
        return [comparison.problem_of(data, options.settings.get("target"))]
    return [seeded(parse(problem), options.seed) for problem in (PLANE, "linear-regression", "logistic", "xor")]


def rule_for(problem: Named, method: Method, reference: Reference, quick: bool) -> Rule:
    """1e-6 for full gradients, 1e-3 on XOR and for stochastic ones; paths are kept where theta spans a plane."""
    full = method.limit is not None
    iterations = (5_000, 50_000) if full else (300, 3_000)
    return Rule(
        absolute=True,
        tolerance=1e-6 if full and problem.name != "xor" else 1e-3,
        seconds=0.5 if quick else 5.0,
        iterations=iterations[0] if quick else iterations[1],
        keep=KEPT if reference.dim == 2 else 0,
    )


def cells(options: Options, references: References) -> Sequence[Cell]:
    """One cell for each step and method; the unit comes from the problem's own L where that is known."""
    planned = []
    for problem in problems(options):
        reference = references[problem]
        for method in METHODS:
            rule, unit = rule_for(problem, method, reference, options.quick), unit_of(method, reference)
            for ratio in ratios(method, reference, options.quick):
                solver = spec(method.solver, step=float(f"{ratio * (unit or 1.0):.12g}"))
                note = f"{ratio:.4g} x 2/L" if unit else f"step {ratio:.4g}"
                planned.append(Cell(problem, solver, options.seed, rule, note))
    return planned


EXPERIMENT = Experiment("learning-rate", "learning-rate", __doc__ or "", problems, cells, 1, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """For each problem and method a sentence, a sweep and a map; in the plane also the contour with paths."""
    verdicts: list[str] = []
    figures: list[Figure] = []
    swept: list[tuple[Named, Method, Sweep]] = []
    for problem in result.problems:
        reference = result.references.get(problem)
        if reference is None:
            verdicts.append(damaged_reference(problem))
            continue
        for method in METHODS:
            of_method = [row for row in result.of(problem) if row.solver.name == method.solver and row.typical.trace]
            rows = sorted(of_method, key=step_of)
            if not rows:
                continue
            sweep = sweep_of(problem, method, reference, rows)
            swept.append((problem, method, sweep))
            figures.append(sweep)
            if method is GRADIENT_DESCENT or not result.options.get("quick"):
                figures.append(gap_map(sweep, rows))
                if rows[0].typical.path and len(rows[0].typical.path[0]) == 2:
                    figures.append(contour(problem, rows, sweep))
            if method is GRADIENT_DESCENT and reference.spectrum:
                verdicts.append(sweep_sentence(problem, sweep.steps, reference.spectrum, rows[0].rule))
    verdicts += filter(None, [limits_sentence([(method, sweep) for _, method, sweep in swept])])
    figures.sort(key=lambda figure: figure.kind)
    table = [_table_row(problem, method, sweep) for problem, method, sweep in swept]
    return Answer(verdicts, figures, [ResultTable("Learning rates", "What each sweep shows.", COLUMNS, table)])


def _table_row(problem: Named, method: Method, sweep: Sweep) -> tuple[str | float | None, ...]:
    edges = edges_of(sweep.steps)
    best, last, lost = (step.ratio if step else None for step in edges)
    iterations = edges.best.iterations if edges.best else None
    return str(problem), method.solver, best, iterations, last, lost, sweep.limit, sweep.unit
