"""When does gradient descent beat the closed form?

Regressions over a grid of n rows, d columns and condition number k, raced to three tolerances. A closed form pays
n d^2 once, whatever k and the tolerance are; a method by gradients pays n d an iterate, and k and the tolerance set how
many. Krylov methods stand between: conjugate gradients form X'X, LSQR does not. So theory puts a border between closed
forms and gradients at a number of columns about proportional to the number of iterates, and moves it down where few
digits are asked and k is small. Measured: who is first at each place, the powers of n and d that an iterate's time
grows by, and where those put the border.

Settings: rows, columns, conditions and tolerances, each a list; cells of more than `most` numbers in X are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from experiments.figures.records import Field, Figure, Table
from experiments.lab.analysis.results import Result, Row
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse

CLOSED = ("cholesky", "qr")
KRYLOV = ("conjugate-gradient", "lsqr")
BY_GRADIENTS = ("gradient-descent", "nesterov", "lbfgs", "sgd", "saga")
KINDS = {"a closed form": CLOSED, "a Krylov method": KRYLOV, "a method by gradients": BY_GRADIENTS}
SOLVERS = (*CLOSED, *KRYLOV, *BY_GRADIENTS)
QUICK = {"rows": [100, 1000, 10000], "columns": [3, 30, 100], "conditions": [10.0, 10000.0]}
SETTINGS = {
    "rows": [100, 1000, 10000, 100000],
    "columns": [3, 10, 30, 100, 300],
    "conditions": [10.0, 10000.0],
    "tolerances": [1e-3, 1e-6, 1e-10],
    "most": 3_000_000,
}
REGIONS = "How to read this: each place is one regression, its letter the solver that was first; grey: none arrived."
FITTED = "Fitted over the larger half of the runs that arrived: the time of an iterate grows like n^a d^b."


class Place(NamedTuple):
    """A corner of the grid."""

    n: int
    d: int
    condition: float
    tolerance: float


class Cost(NamedTuple):
    """The time of an iterate, exp(constant) n^a d^b seconds."""

    constant: float
    a: float
    b: float

    def at(self, n: int, d: float) -> float:
        """Seconds."""
        return math.exp(self.constant + self.a * math.log(n) + self.b * math.log(d))


def grid(options: Options) -> Iterator[tuple[int, int, float]]:
    """The regressions: more rows than columns, and none too large."""
    chosen = dict(options.settings)
    if options.quick:
        chosen |= {key: value for key, value in QUICK.items() if chosen[key] == SETTINGS[key]}
    for condition in chosen["conditions"]:
        for n in chosen["rows"]:
            for d in chosen["columns"]:
                if d < n and n * d <= chosen["most"]:
                    yield n, d, condition


def named(n: int, d: int, condition: float, seed: int) -> str:
    """The problem's name; the intercept is left out, so that d is the number of coefficients."""
    return f"linear-regression(n={n}, d={d}, condition={condition:g}, intercept=false, seed={seed})"


def problems(options: Options) -> Sequence[str]:
    """One regression for each place of the grid."""
    return [named(*place, options.seed) for place in grid(options)]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver at every place and tolerance; who needs longer than the budget is not first."""
    seconds = 0.1 if options.quick else 0.2
    return [
        Cell(problem, solver, options.seed, Rule(tolerance=tolerance, seconds=seconds))
        for problem in problems(options)
        for tolerance in options.settings["tolerances"]
        for solver in SOLVERS
    ]


EXPERIMENT = Experiment("crossover", "crossover", __doc__ or "", problems, cells, 3, settings=SETTINGS)


def place_of(row: Row) -> Place:
    """Where on the grid a row lies."""
    spec = parse(row.problem)
    return Place(int(spec.get("n")), int(spec.get("d")), float(spec.get("condition")), row.rule.tolerance)


def answer(result: Result) -> Answer:
    """The map of who is first, the costs behind it, and the borders that they give."""
    first: dict[Place, Row] = {}
    for row in result.rows:
        place = place_of(row)
        if row.solved and (place not in first or (row.seconds or 0) < (first[place].seconds or 0)):
            first[place] = row
    places = list(dict.fromkeys(place_of(row) for row in result.rows))
    costs = {solver: cost for solver in SOLVERS if (cost := fitted([r for r in result.rows if r.solver == solver]))}
    verdicts = [_share(tolerance, places, first) for tolerance in dict.fromkeys(place.tolerance for place in places)]
    verdicts += filter(None, [_border(result, costs, first)])
    table = [(solver, cost.a, cost.b, _iterates(result, solver)) for solver, cost in costs.items()]
    columns = ("solver", "a, power of n", "b, power of d", "iterates, median")
    return Answer(verdicts, _maps(places, first), [Table("The time of an iterate", FITTED, columns, table)])


def _share(tolerance: float, places: Sequence[Place], first: dict[Place, Row]) -> str:
    """How often which kind is first at one tolerance, and where on the grid the gradients win."""
    here = [place for place in places if place.tolerance == tolerance and place in first]
    if not here:
        return f"To {tolerance:g} no solver arrived anywhere."
    counts = [f"{kind} on {sum(first[at].solver in own for at in here)}" for kind, own in KINDS.items()]
    text = f"To {tolerance:g}, of {len(here)} regressions the first is {', '.join(counts)}"
    won = [place for place in here if first[place].solver in BY_GRADIENTS]
    if not won:
        return f"{text}."
    names = [first[place].solver for place in won]
    best = max(dict.fromkeys(names), key=names.count)
    n, d, k = (sorted({getattr(place, key) for place in won}) for key in ("n", "d", "condition"))
    where = f"with n from {n[0]} to {n[-1]}, d from {d[0]} to {d[-1]} and k up to {k[-1]:g}"
    return f"{text}; of these {best} most often, {where}."


def fitted(rows: Sequence[Row]) -> Cost | None:
    """The cost of an iterate by least squares on logarithms; None of too few runs to tell n from d."""
    known = [(place_of(row), (row.seconds or 0) / max(row.typical.iterations, 1)) for row in rows if row.solved]
    known = [(place, seconds) for place, seconds in known if seconds > 0]
    known = sorted(known, key=lambda each: each[0].n * each[0].d)[len(known) // 2 :]  # the work outweighs the call
    A = np.array([[1.0, math.log(place.n), math.log(place.d)] for place, _ in known])
    if len(known) < 4 or np.linalg.matrix_rank(A) < 3:
        return None
    return Cost(*np.linalg.lstsq(A, np.log([seconds for _, seconds in known]), rcond=None)[0].tolist())


def _iterates(result: Result, solver: str) -> float:
    return float(median(row.typical.iterations for row in result.rows if row.solver == solver and row.solved))


def _border(result: Result, costs: dict[str, Cost], first: dict[Place, Row]) -> str | None:
    """Where the fitted costs put the border between the best of each kind, and what moves it."""
    closed, others = ([s for s in kind if s in costs] for kind in (CLOSED, BY_GRADIENTS))
    wins = [row.solver for row in first.values()]
    if not closed or not others:
        return None
    one, other = (max(kind, key=wins.count) for kind in (closed, others))
    n = max(place.n for place in first)
    told = []
    for tolerance in sorted({place.tolerance for place in first}, reverse=True):
        for condition in sorted({place.condition for place in first}):
            counts = [
                row.typical.iterations
                for row in result.rows
                if row.solver == other and row.solved and place_of(row)[2:] == (condition, tolerance)
            ]
            if counts and (d := _crossing(costs[one], costs[other], n, median(counts))):
                told.append(f"{d:.2g} to {tolerance:g} at k = {condition:g} ({median(counts):g} iterates)")
    if not told:
        return None
    return (
        f"With {n} rows, by these costs {other} overtakes {one} from so many columns on: {'; '.join(told)}: "
        f"d^{costs[one].b:.2g} against d^{costs[other].b:.2g} times the iterates."
    )


def _crossing(one: Cost, other: Cost, n: int, iterates: float) -> float | None:
    """The d at which one step of the first costs as much as so many of the other; None outside 1 to a million."""
    if one.b <= other.b:
        return None
    logarithm = (math.log(iterates) + other.constant - one.constant + (other.a - one.a) * math.log(n)) / (
        one.b - other.b
    )
    return math.exp(logarithm) if 0 < logarithm < math.log(1e6) else None


def _maps(places: Sequence[Place], first: dict[Place, Row]) -> list[Figure]:
    found: list[Figure] = []
    for condition, tolerance in dict.fromkeys((place.condition, place.tolerance) for place in places):
        here = [place for place in places if place[2:] == (condition, tolerance)]
        rows, columns = sorted({place.n for place in here}), sorted({place.d for place in here})
        winners = {place: first[place].solver for place in here if place in first}
        classes = [solver for solver in SOLVERS if solver in winners.values()]
        if not classes:
            continue
        z = [
            [
                float(classes.index(winners[at])) if (at := Place(n, d, condition, tolerance)) in winners else None
                for n in rows
            ]
            for d in columns
        ]
        name = f"to {tolerance:g}, condition {condition:g}"
        axes = ("rows n", "columns d")
        found.append(
            Field(
                name,
                f"Who is first {name}",
                REGIONS,
                axes,
                [f"{n}" for n in rows],
                [f"{d}" for d in columns],
                z,
                "first",
                classes=classes,
            )
        )
    return found
