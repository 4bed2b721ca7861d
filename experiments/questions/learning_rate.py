"""What learning rate is too low, and what too high?

Gradient descent with a fixed step, and its descendants, from far too low to past divergence. For whole gradients the
unit is 2/L, L the largest curvature at the minimum, and theory knows where it ends on a quadratic: gradient descent
converges below 1, with momentum 0.9 below 1.9, and Nesterov's look ahead below 2/3. SGD and Adam have no such limit,
but a noise floor that the step sets. Measured for each: the rate that needs the fewest iterates, those too low for the
budget, and between which two convergence is lost. On the regression of one feature, whose weight and bias span a
plane, the paths of all rates are kept.

Settings: data, a file of your own to sweep on, and its target.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.comparison.comparison import problem_in
from experiments.figures.records import Contour, Field, Figure, Path, Step, Sweep, Table, drawn
from experiments.lab.analysis.results import Result, Row
from experiments.lab.experiment import Answer, Experiment, Options, References, seeded
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.worker import problem_of
from solvers.base.spectrum import Spectrum

PLANE = "linear-regression(n=100, d=1, condition=10, noise=0.5)"
RATIOS = (
    *np.geomspace(1e-4, 0.1, 7).round(6).tolist(),
    0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0, 1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0,
)  # fmt: skip
QUICK = (0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.02, 1.1, 1.5)
KEEP = 100  # iterates of each path that are kept; past them, those judged
GRID = 60  # points a side of the contour's grid
MOMENTS = 24  # columns of a map of step against iterates
SETTINGS = {"data": None, "target": None}
MARKS = (
    "How to read this: each mark is one run. Left of the line theory promises convergence, in the hatched part right "
    "of it none; the lower a mark, the fewer iterates."
)
NO_LIMIT = "How to read this: each mark is one run; the lower, the fewer iterates. Theory knows no sharp limit here."
SHADES = (
    "How to read this: each row is one learning rate, iterates go to the right, and the darker the nearer the minimum. "
    "Grey is past the end of a run that diverged."
)


@dataclasses.dataclass(frozen=True)
class Method:
    """A solver with a fixed step, and where theory ends its convergence on a quadratic, in units of 2/L."""

    solver: str
    limit: float | None
    relative: bool = True  # its steps are meant in units of 2/L, where L is known


METHODS = (
    Method("gradient-descent", 1.0),
    Method("momentum", 1.9),
    Method("nesterov", 2 / 3),
    Method("sgd", None),
    Method("adam", None, relative=False),
)


def problems(options: Options) -> Sequence[str]:
    """A plane to look at, a regression of more features, and two problems that are not quadratic; or one's own."""
    if data := options.settings.get("data"):
        return [problem_in(data, options.settings.get("target"), None, None)]
    return [seeded(problem, options.seed) for problem in (PLANE, "linear-regression", "logistic", "xor")]


def unit(method: Method, reference: Reference) -> tuple[float, str]:
    """What a step is measured in, and how that is written."""
    if method.relative and reference.spectrum:
        return 2 / reference.spectrum.L, "2/L"
    return 1.0, "1"


def ratios(method: Method, reference: Reference, quick: bool) -> list[float]:
    """The steps to try, in units of the method's."""
    if unit(method, reference)[1] == "2/L":
        return [ratio * (method.limit or 1.0) for ratio in (QUICK if quick else RATIOS)]
    return np.geomspace(1e-4, 10, 11 if quick else 21).round(6).tolist()  # type: ignore[no-any-return]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """One cell a rate and method, its step set from the problem's own L where it is known."""
    found = []
    for problem in problems(options):
        reference = references[problem]
        for method in METHODS:
            whole = method.limit is not None
            most = (5_000 if whole else 300) if options.quick else (50_000 if whole else 3_000)
            rule = Rule(
                tolerance=1e-6 if whole and not problem.startswith("xor") else 1e-3,
                seconds=0.5 if options.quick else 5.0,
                iterations=most,
                keep=KEEP if reference.dim == 2 else 0,
            )
            size, word = unit(method, reference)
            for ratio in ratios(method, reference, options.quick):
                note = f"{ratio:.4g} x 2/L" if word == "2/L" else f"step {ratio:.4g}"
                found.append(Cell(problem, f"{method.solver}(step={ratio * size:.12g})", options.seed, rule, note))
    return found


EXPERIMENT = Experiment("learning-rate", "learning-rate", __doc__ or "", problems, cells, 1, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """For each problem and method a sentence, a sweep and a map; of the plane the contour with its paths."""
    verdicts: list[str] = []
    figures: list[Figure] = []
    table: list[tuple[str | float | None, ...]] = []
    for problem in result.problems:
        reference = result.references.get(problem)
        if reference is None:
            verdicts.append(f"The reference of {problem} was damaged and set aside; the same command finds it again.")
            continue
        for method in METHODS:
            mine = [row for row in result.of(problem) if parse(row.solver).name == method.solver]
            rows = sorted((row for row in mine if row.typical.trace), key=step_of)
            if not rows:
                continue
            sweep = _sweep(problem, method, reference, rows)
            figures.append(sweep)
            plain = method.limit == 1.0  # enough for a quick look
            if plain or not result.options.get("quick"):
                figures.append(_map(sweep, rows))
                if rows[0].typical.path and len(rows[0].typical.path[0]) == 2:
                    figures.append(_contour(problem, rows, sweep))
            if plain and reference.spectrum:
                verdicts.append(sentence(problem, sweep.steps, reference.spectrum, rows[0].rule))
            table.append(_summary(problem, method, sweep))
    verdicts += filter(None, [_limits(table)])
    columns = ("problem", "solver", "best rate", "iterates", "converges up to", "lost from", "limit in theory", "unit")
    figures.sort(key=lambda figure: figure.kind)
    return Answer(verdicts, figures, [Table("Rates", "What each sweep found.", columns, table)])


def _sweep(problem: str, method: Method, reference: Reference, rows: Sequence[Row]) -> Sweep:
    size, word = unit(method, reference)
    steps = [
        Step(step_of(row) / size, step_of(row), row.status, row.typical.iterations, row.typical.gap) for row in rows
    ]
    limit = method.limit if word == "2/L" else None
    return Sweep(
        name=f"{problem}, {method.solver}",
        title=f"Learning rates of {method.solver} on {problem}",
        caption=MARKS if limit else NO_LIMIT,
        tolerance=rows[0].rule.tolerance,
        drawn=drawn(rows[0].rule.tolerance, rows[0].typical.trace[0].gap),
        steps=steps,
        unit=word,
        limit=limit,
    )


def _map(sweep: Sweep, rows: Sequence[Row]) -> Field:
    """The gap after so many iterates, for each rate."""
    last = max(row.typical.iterations for row in rows)
    moments = np.unique(np.geomspace(1, max(last, 2), MOMENTS).round().astype(int)).tolist()
    floor, roof = sweep.drawn
    shown = []
    for row in rows:
        run = row.typical
        at, gaps = [sample.iteration for sample in run.trace], [sample.gap for sample in run.trace]
        past = None if run.status == "diverged" else gaps[-1]
        known = [past if k > at[-1] else gaps[int(np.searchsorted(at, k, side="right")) - 1] for k in moments]
        shown.append([float(np.clip(gap, floor, roof)) if gap is not None and gap < np.inf else None for gap in known])
    return Field(
        name=sweep.name,
        title=f"Gap by rate and iterate: {sweep.name}",
        caption=SHADES,
        axes=("iterates", f"step, in units of {sweep.unit}"),
        x=[str(k) for k in moments],
        y=[f"{step.ratio:.4g}" for step in sweep.steps],
        z=shown,
        measure="gap",
        scale="log",
    )


def _edges(sweep: Sweep) -> tuple[Step | None, Step | None, Step | None]:
    """The rate of fewest iterates, the highest that converged, and the first above it that did not."""
    solved = [step for step in sweep.steps if step.status == "solved"]
    if not solved:
        return None, None, None
    best = min(solved, key=lambda step: (step.iterations, step.ratio))
    lost = [step for step in sweep.steps if step.ratio > best.ratio and step.status in ("diverged", "stalled")]
    first = lost[0] if lost else None
    last = max((step for step in solved if first is None or step.ratio < first.ratio), key=lambda step: step.ratio)
    return best, last, first


def _summary(problem: str, method: Method, sweep: Sweep) -> tuple[str | float | None, ...]:
    best, last, first = _edges(sweep)
    ratios = [step.ratio if step else None for step in (best, last, first)]
    return problem, method.solver, ratios[0], best.iterations if best else None, *ratios[1:], sweep.limit, sweep.unit


def _limits(table: Sequence[tuple[Any, ...]]) -> str | None:
    """How the measured limits of the other methods agree with theory's."""
    known = [row for row in table if row[6] not in (None, 1.0) and row[4] is not None and row[5] is not None]
    if not known:
        return None
    agree = [row for row in known if row[4] <= 1.02 * row[6] and row[5] >= 0.98 * row[6]]
    told = ", ".join(dict.fromkeys(f"{row[1]} {row[6]:.3g}" for row in known))
    return (
        f"Theory's other limits, in units of 2/L ({told}), hold in {len(agree)} of {len(known)} sweeps: the run below "
        "converges and the one above does not."
    )


def step_of(row: Row) -> float:
    """The step that the row's solver was given."""
    return float(parse(row.solver).get("step"))


def sentence(problem: str, steps: Sequence[Step], spectrum: Spectrum, rule: Rule) -> str:
    """What the sweep shows: the quickest rate, the rates too low, and where convergence is lost."""
    solved = [step for step in steps if step.status == "solved"]
    if not solved:
        return f"On {problem} no learning rate of the sweep reached {rule.tolerance:g}."
    best = min(solved, key=lambda step: (step.iterations, step.ratio))
    slow = [step.ratio for step in steps if step.ratio < best.ratio and step.status == "budget"]
    lost = [step for step in steps if step.ratio > best.ratio and step.status in ("diverged", "stalled")]
    optimum = spectrum.L / (spectrum.L + spectrum.mu)
    text = (
        f"On {problem} gradient descent needs the fewest iterates, {best.iterations}, at {best.ratio:.3g} x 2/L "
        f"(theory: {optimum:.3g})"
    )
    if slow:
        text += f"; {max(slow):.2g} x 2/L and less is too low for {rule.iterations} iterates"
    if not lost:
        return f"{text}; no rate of the sweep was too high."
    first = lost[0]
    last = max(step.ratio for step in solved if step.ratio < first.ratio)
    how = "diverges" if first.status == "diverged" else "no longer settles"
    agree = "as theory says, whose limit is 1" if last < 1 <= first.ratio else "though theory's limit is 1"
    return f"{text}; it still converges at {last:.3g} and {how} at {first.ratio:.3g}, {agree}."


def _contour(problem: str, rows: Sequence[Row], sweep: Sweep) -> Contour:
    model, steps = problem_of(problem), sweep.steps
    solved = [row for row in rows if row.solved] or rows
    minimum = np.array(min(solved, key=lambda row: row.typical.gap).typical.theta)
    start = np.array(rows[0].typical.path[0])
    half = 1.5 * abs(start - minimum).max()
    x, y = (np.linspace(centre - half, centre + half, GRID) for centre in minimum)
    lowest = model.value(minimum)
    gap = [[max(model.value(np.array([a, b])) - lowest, 0.0) for a in x] for b in y]
    paths = [
        Path(
            f"{step.ratio:.3g} x {sweep.unit}: {step.status}, {step.iterations} iterates",
            [(float(a), float(b)) for a, b in row.typical.path],
        )
        for row, step in zip(rows, steps, strict=True)
    ]
    arrived = [k for k, step in enumerate(steps) if step.status == "solved"]
    best = min(arrived, key=lambda k: steps[k].iterations, default=0)
    low, high = (min(range(len(steps)), key=lambda k: abs(np.log(steps[k].ratio / wanted))) for wanted in (0.01, 1.1))
    return Contour(
        name=sweep.name,
        title=f"Paths of {parse(rows[0].solver).name} on the loss of one feature",
        caption="How to read this: the lines are levels of f - f*, the cross its minimum; each path sets out from "
        f"the same start, every iterate up to {KEEP} and ever fewer beyond. Too low a rate creeps, a "
        "good one arrives, too high a one leaps ever further.",
        axes=("weight", "bias"),
        x=x.tolist(),
        y=y.tolist(),
        gap=gap,
        minimum=(float(minimum[0]), float(minimum[1])),
        paths=paths,
        shown=(low, best, high),
    )
