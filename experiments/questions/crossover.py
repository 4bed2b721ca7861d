"""When does gradient descent beat the closed form?

Regressions over a grid of n rows, d columns and condition number k run to three tolerances. A closed form pays n d^2
once, whatever k and the tolerance are. A gradient method pays n d per iteration, and k and the tolerance set the number
of iterations. Krylov methods are between the two: conjugate gradients form X'X, LSQR does not. So theory puts the
border between closed forms and gradient methods at a number of columns that is about proportional to the number of
iterations; it lies lower for a loose tolerance and a small k. Measured: the fastest solver at each point of the grid,
the exponents of n and d in the time of an iteration, and the border that these give.

Settings: rows, columns, conditions and tolerances, each a list; most, the largest number of entries of X: larger
regressions are not run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from experiments.figures.records import Field, Figure, ResultTable
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, spec

CLOSED = ("cholesky", "qr")
KRYLOV = ("conjugate-gradient", "lsqr")
GRADIENT = ("gradient-descent", "nesterov", "lbfgs", "sgd", "saga")
KINDS = {"a closed form": CLOSED, "a Krylov method": KRYLOV, "a gradient method": GRADIENT}
SOLVERS = (*CLOSED, *KRYLOV, *GRADIENT)
SETTINGS: dict[str, Any] = {
    "rows": [100, 1000, 10000, 100000],
    "columns": [3, 10, 30, 100, 300],
    "conditions": [10.0, 10000.0],
    "tolerances": [1e-3, 1e-6, 1e-10],
    "most": 3_000_000,
}
QUICK: dict[str, Any] = {"rows": [100, 1000, 10000], "columns": [3, 30, 100], "conditions": [10.0, 10000.0]}
FEWEST_RUNS = 4  # that a fit of three coefficients needs
MOST_COLUMNS = 1e6  # beyond which a border is not stated
MAP_CAPTION = (
    "How to read this: each place is one regression, and its letter is the fastest solver. Grey: no solver reached the "
    "tolerance, or the regression was not run."
)
FIT_CAPTION = (
    "The time of an iteration grows like n^a d^b, fitted to the larger half of the runs that reached the tolerance."
)


class GridPoint(NamedTuple):
    """A regression and the tolerance that was asked for."""

    n: int
    d: int
    condition: float
    tolerance: float


class IterationTime(NamedTuple):
    """The time of an iteration, exp(constant) n^a d^b seconds."""

    constant: float
    a: float
    b: float


Fastest = dict[GridPoint, CellResult]


def grid(options: Options) -> Iterator[tuple[int, int, float]]:
    """n, d and the condition number of each regression: more rows than columns, and no more entries than `most`."""
    rows, columns, conditions = (options.smaller(name, SETTINGS[name], quick) for name, quick in QUICK.items())
    for condition in conditions:
        for n in rows:
            for d in columns:
                if d < n and n * d <= options.settings["most"]:
                    yield n, d, condition


def regression(n: int, d: int, condition: float, seed: int) -> Spec:
    """The problem, without an intercept, so that d is the number of coefficients."""
    return spec("linear-regression", n=n, d=d, condition=condition, intercept=False, seed=seed)


def problems(options: Options) -> Sequence[Spec]:
    """The regressions of the grid."""
    return [regression(*shape, options.seed) for shape in grid(options)]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every regression to every tolerance; a solver that needs more than the budget is not fastest."""
    seconds = 0.1 if options.quick else 0.2
    return [
        Cell(problem, solver, options.seed, Rule(tolerance=tolerance, seconds=seconds))
        for problem in problems(options)
        for tolerance in options.settings["tolerances"]
        for solver in SOLVERS
    ]


EXPERIMENT = Experiment("crossover", "crossover", __doc__ or "", problems, cells, 3, settings=SETTINGS)


def point_of(row: CellResult) -> GridPoint:
    """The point of the grid that the row belongs to."""
    n, d, condition = (row.problem.get(key) for key in ("n", "d", "condition"))
    return GridPoint(n, d, float(condition), row.rule.tolerance)


def answer(result: Result) -> Answer:
    """The fastest solver of each regression, the fitted times of an iteration, and the borders that they give."""
    fastest: Fastest = {}
    for row in result.rows:
        point = point_of(row)
        if row.solved and (point not in fastest or (row.seconds or 0) < (fastest[point].seconds or 0)):
            fastest[point] = row
    points = list(dict.fromkeys(point_of(row) for row in result.rows))
    solved = {solver: [row for row in result.rows if row.solver.name == solver and row.solved] for solver in SOLVERS}
    times = {solver: time for solver, rows in solved.items() if (time := fitted(rows))}
    verdicts = [share_sentence(tolerance, fastest) for tolerance in dict.fromkeys(point.tolerance for point in points)]
    verdicts += filter(None, [border_sentence(solved, times, fastest)])
    table = [
        (solver, time.a, time.b, float(median(row.typical.iterations for row in solved[solver])))
        for solver, time in times.items()
    ]
    columns = ("solver", "a, exponent of n", "b, exponent of d", "median iterations")
    return Answer(verdicts, maps(points, fastest), [ResultTable("Time of an iteration", FIT_CAPTION, columns, table)])


def share_sentence(tolerance: float, fastest: Fastest) -> str:
    """How often each kind of solver is the fastest at one tolerance, and where gradient methods are."""
    winners = {point: row.solver.name for point, row in fastest.items() if point.tolerance == tolerance}
    if not winners:
        return f"No solver reached {tolerance:g} on any regression."
    counts = [f"{kind} on {sum(name in names for name in winners.values())}" for kind, names in KINDS.items()]
    sentence = f"To {tolerance:g}, of {len(winners)} regressions the fastest solver is {', '.join(counts)}."
    won = [point for point, name in winners.items() if name in GRADIENT]
    if not won:
        return sentence
    names = [winners[point] for point in won]
    best = max(dict.fromkeys(names), key=names.count)
    n, d = (_span(key, [getattr(point, key) for point in won]) for key in ("n", "d"))
    k = max(point.condition for point in won)
    return f"{sentence} Where it is a gradient method, it is most often {best}, with {n}, {d} and k up to {k:g}."


def _span(name: str, values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{name} = {low}" if low == high else f"{name} from {low} to {high}"


def fitted(rows: Sequence[CellResult]) -> IterationTime | None:
    """The time of an iteration, by least squares on logarithms over the larger half of the solved runs.

    On small problems the time of a call hides that of the work. None where the runs do not separate n from d.
    """
    known = [(point_of(row), (row.seconds or 0) / max(row.typical.iterations, 1)) for row in rows if row.solved]
    known = [(point, seconds) for point, seconds in known if seconds > 0]
    known = sorted(known, key=lambda pair: pair[0].n * pair[0].d)[len(known) // 2 :]
    A = np.array([[1.0, math.log(point.n), math.log(point.d)] for point, _ in known])
    if len(known) < FEWEST_RUNS or np.linalg.matrix_rank(A) < A.shape[1]:
        return None
    return IterationTime(*np.linalg.lstsq(A, np.log([seconds for _, seconds in known]), rcond=None)[0].tolist())


def border_sentence(
    solved: dict[str, list[CellResult]], times: dict[str, IterationTime], fastest: Fastest
) -> str | None:
    """The numbers of columns at which the best gradient method becomes faster than the best closed form.

    None where the fitted times do not give one.
    """
    closed, gradient = ([solver for solver in kind if solver in times] for kind in (CLOSED, GRADIENT))
    if not closed or not gradient:
        return None
    wins = [row.solver.name for row in fastest.values()]
    best_closed, best_gradient = (max(kind, key=wins.count) for kind in (closed, gradient))
    n = max(point.n for point in fastest)
    borders = []
    for tolerance in sorted({point.tolerance for point in fastest}, reverse=True):
        for condition in sorted({point.condition for point in fastest}):
            counts = [
                row.typical.iterations for row in solved[best_gradient] if point_of(row)[2:] == (condition, tolerance)
            ]
            if counts and (d := crossing(times[best_closed], times[best_gradient], n, median(counts))):
                borders.append(
                    f"{float(f'{d:.2g}'):g} to {tolerance:g} at k = {condition:g} ({median(counts):g} iterations)"
                )
    if not borders:
        return None
    return (
        f"With {n} rows, the fitted times make {best_gradient} faster than {best_closed} for more columns than these: "
        f"{'; '.join(borders)}. The time of {best_closed} grows like d^{times[best_closed].b:.2g}, that of one "
        f"iteration of {best_gradient} like d^{times[best_gradient].b:.2g}."
    )


def crossing(closed: IterationTime, gradient: IterationTime, n: int, iterations: float) -> float | None:
    """The d at which a closed form takes as long as `iterations` of a gradient method; None outside 1 to a million."""
    if closed.b <= gradient.b:
        return None
    difference = math.log(iterations) + gradient.constant - closed.constant + (gradient.a - closed.a) * math.log(n)
    logarithm = difference / (closed.b - gradient.b)
    return math.exp(logarithm) if 0 < logarithm < math.log(MOST_COLUMNS) else None


def maps(points: Sequence[GridPoint], fastest: Fastest) -> list[Figure]:
    """The fastest solver over n and d, a map for each condition number and tolerance."""
    figures: list[Figure] = []
    for condition, tolerance in dict.fromkeys((point.condition, point.tolerance) for point in points):
        here = [point for point in points if point[2:] == (condition, tolerance)]
        winners = {(point.n, point.d): fastest[point].solver.name for point in here if point in fastest}
        classes = [solver for solver in SOLVERS if solver in winners.values()]
        if not classes:
            continue
        rows, columns = sorted({point.n for point in here}), sorted({point.d for point in here})
        z = [[float(classes.index(winners[n, d])) if (n, d) in winners else None for n in rows] for d in columns]
        name = f"to {tolerance:g}, condition {condition:g}"
        figures.append(
            Field(
                name=name,
                title=f"The fastest solver {name}",
                caption=MAP_CAPTION,
                axes=("rows n", "columns d"),
                x=[str(n) for n in rows],
                y=[str(d) for d in columns],
                z=z,
                measure="fastest solver",
                classes=classes,
            )
        )
    return figures
