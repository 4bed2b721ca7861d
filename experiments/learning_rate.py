"""What learning rate is too low, and what too high?

Gradient descent with a fixed step, from far too low to past divergence, in units of 2/L, where L is the largest
curvature at the minimum. Theory: below 1 it converges, the sooner the nearer to L/(L + mu); above 1 no iterate can
settle at the minimum, and on a quadratic every run diverges. The answer for each problem: which rate needed the
fewest iterates, which were too low for the budget, and between which two convergence was lost. On the regression of
one feature, whose weight and bias span a plane, the paths of all rates are kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from solvers.spectrum import Spectrum

from .figures.data import Contour, Figure, Path, Step, Sweep, drawn
from .lab.cell import Cell
from .lab.plan import Answer, Experiment, Options, References, seeded
from .lab.results import Result, Row
from .lab.rule import Rule
from .lab.spec import parse
from .lab.worker import problem_of

PLANE = "linear-regression(n=100, d=1, condition=10, noise=0.5)"
RATIOS = (
    *np.geomspace(1e-4, 0.1, 7).round(6).tolist(),
    0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0, 1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0,
)  # fmt: skip
QUICK = (0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.02, 1.1, 1.5)
KEEP = 100  # iterates of each path that are kept; past them, those judged
GRID = 60  # points a side of the contour's grid


def problems(options: Options) -> Sequence[str]:
    """A plane to look at, a regression of more features, and a problem that is not quadratic."""
    return [seeded(problem, options.seed) for problem in (PLANE, "linear-regression", "logistic")]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """One cell a rate, its step set from the problem's own L."""
    rule = Rule(seconds=1.0 if options.quick else 5.0, iterations=5_000 if options.quick else 50_000)
    plane = dataclasses.replace(rule, keep=KEEP)
    return [
        Cell(
            problem,
            f"gradient-descent(step={ratio * 2 / spectrum.L:.12g})",
            options.seed,
            plane if references[problem].dim == 2 else rule,
            note=f"{ratio:g} x 2/L",
        )
        for problem in problems(options)
        if (spectrum := references[problem].spectrum)
        for ratio in (QUICK if options.quick else RATIOS)
    ]


EXPERIMENT = Experiment("learning-rate", "learning-rate", __doc__ or "", problems, cells, repeats=1)


def answer(result: Result) -> Answer:
    """A sentence and a sweep for each problem, and the plane's contour with its paths."""
    verdicts: list[str] = []
    figures: list[Figure] = []
    for problem in result.problems:
        reference = result.references.get(problem)
        rows = sorted((row for row in result.of(problem) if row.typical.trace), key=step_of)
        if reference is None or reference.spectrum is None or not rows:
            verdicts.append(f"On {problem} there is nothing to tell: no run, or no reference, is left of it.")
            continue
        spectrum = reference.spectrum
        steps = [
            Step(step_of(row) * spectrum.L / 2, step_of(row), row.status, row.typical.iterations, row.typical.gap)
            for row in rows
        ]
        verdicts.append(sentence(problem, steps, spectrum, rows[0].rule))
        figures.append(
            Sweep(
                name=problem,
                title=f"Learning rates on {problem}",
                caption="How to read this: each mark is one run of gradient descent. Left of the line at 1 theory "
                "promises convergence, in the hatched part right of it none; the lower a mark, the fewer iterates.",
                tolerance=rows[0].rule.tolerance,
                drawn=drawn(rows[0].rule.tolerance, rows[0].typical.trace[0].gap),
                steps=steps,
            )
        )
        if rows[0].typical.path and len(rows[0].typical.path[0]) == 2:
            figures.append(_contour(problem, rows, steps))
    return Answer(verdicts, figures)


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


def _contour(problem: str, rows: Sequence[Row], steps: Sequence[Step]) -> Contour:
    model = problem_of(problem)
    solved = [row for row in rows if row.solved] or rows
    minimum = np.array(min(solved, key=lambda row: row.typical.gap).typical.theta)
    start = np.array(rows[0].typical.path[0])
    half = 1.5 * abs(start - minimum).max()
    x, y = (np.linspace(centre - half, centre + half, GRID) for centre in minimum)
    lowest = model.value(minimum)
    gap = [[max(model.value(np.array([a, b])) - lowest, 0.0) for a in x] for b in y]
    paths = [
        Path(
            f"{step.ratio:.3g} x 2/L: {step.status}, {step.iterations} iterates",
            [(float(a), float(b)) for a, b in row.typical.path],
        )
        for row, step in zip(rows, steps, strict=True)
    ]
    arrived = [k for k, step in enumerate(steps) if step.status == "solved"]
    best = min(arrived, key=lambda k: steps[k].iterations, default=0)
    low, high = (min(range(len(steps)), key=lambda k: abs(np.log(steps[k].ratio / wanted))) for wanted in (0.01, 1.1))
    return Contour(
        name=problem,
        title="Learning rates on the loss of one feature",
        caption="How to read this: the lines are levels of f - f*, the cross its minimum; each path is gradient "
        f"descent from the same start, every iterate up to {KEEP} and ever fewer beyond. Too low a rate creeps, a "
        "good one arrives, too high a one leaps ever further.",
        axes=("weight", "bias"),
        x=x.tolist(),
        y=y.tolist(),
        gap=gap,
        minimum=(float(minimum[0]), float(minimum[1])),
        paths=paths,
        shown=(low, best, high),
    )
