"""What does an ill-conditioned problem do to each solver?

It does two things, which are often confused. Iterations: on regressions whose Hessian X'X/n has condition number k,
gradient descent needs a number of iterations proportional to k, and conjugate gradients one proportional to the square
root of k. A direct method needs one iteration for every k. Digits: rounding costs QR as many digits of the solution as
k(X) = sqrt(k) has. It costs the normal equations twice as many, because forming X'X squares the condition number. The
first is measured by the iterations to f - f* = 1e-10, the second on rows whose solution is known, y = X 1.

Settings: n and d, rows and columns; seeds, the number of matrices over which the digits are averaged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.linalg import norm

from experiments.figures.records import Figure, Line, Lines, ResultTable
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.analysis.statistics import fitted_power
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, spec
from experiments.lab.workers.worker import solver_of
from problems.data.synthetic.rows import conditioned
from problems.foundation.arrays import EPS
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.rows import Rows
from solvers.base import Breakdown
from solvers.base.driving import iterates

ITERATIONS_POWER = {  # the p of iterations ~ k^p in theory, where it is known
    spec("gradient-descent"): 1.0, spec("nesterov"): None, spec("conjugate-gradient"): 0.5, spec("lbfgs"): None,
    spec("qr"): 0.0,
}  # fmt: skip
QR, SVD, NORMAL_EQUATIONS = spec("qr"), spec("svd"), spec("normal-equations", refine=False)
DIRECT = (QR, SVD, NORMAL_EQUATIONS)
TOLERANCE = 1e-10  # on f - f*; f is about 1 at the start
SETTINGS = {"n": 300, "d": 150, "seeds": 5}
CONSTANT = 0.1  # iterations that grow with a smaller power of k count as constant
TABLE_CAPTION = (
    "The power p of iterations ~ k^p, fitted to the runs that reached the tolerance. Conjugate gradients need at most "
    "about d iterations, so a small d can hide theory's power."
)
ITERATIONS_CAPTION = (
    "How to read this: each mark is a run that reached the tolerance. A steeper line suffers more from the condition "
    "number; the dotted lines are theory's."
)
DIGITS_CAPTION = (
    "How to read this: higher is better. A line is the mean over matrices, and its band goes from the worst to the "
    "best. At 0 no digit is correct."
)


def problem(condition: float, options: Options) -> Spec:
    """A regression with that condition number, without noise, so that only the curvature matters to the solvers."""
    n, d = options.settings["n"], options.settings["d"]
    return spec("linear-regression", n=n, d=d, condition=condition, noise=0, intercept=False, seed=options.seed)


def conditions(options: Options) -> list[float]:
    """The condition numbers of the Hessian."""
    grid = np.geomspace(10, 2e3 if options.quick else 3e4, 5 if options.quick else 8)
    return [float(condition) for condition in grid.round()]


def problems(options: Options) -> Sequence[Spec]:
    """One regression for each condition number."""
    return [problem(condition, options) for condition in conditions(options)]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every condition number, within a budget of seconds."""
    rule = Rule(tolerance=TOLERANCE, seconds=1.0 if options.quick else 10.0, iterations=10_000_000)
    return [Cell(named, solver, options.seed, rule) for named in problems(options) for solver in ITERATIONS_POWER]


def measurements(options: Options) -> Sequence[Measurement]:
    """Every direct method on matrices with k(X) from 1 to 1e14, where the normal equations keep no digit."""
    n, d, seeds = (options.settings[key] for key in ("n", "d", "seeds"))
    return [
        measurement_of(digits, solver=solver, condition=float(f"{condition:.3g}"), n=n, d=d, seed=seed)
        for solver in DIRECT
        for condition in np.geomspace(1, 1e14, 8 if options.quick else 15)
        for seed in range(options.seed, options.seed + seeds)
    ]


def digits(solver: Spec, condition: float, n: int, d: int, seed: int) -> dict[str, Any]:
    """The correct digits of the solution 1 of X theta = X 1, where k(X) is given; None where the solver breaks down."""
    X = conditioned(n, d, condition**2, np.random.default_rng(seed))
    solution = np.ones(d)
    model = linear_model(Rows(X, intercept=False), X @ solution, squared)
    try:
        (theta,) = iterates(solver_of(solver), model, np.zeros(d), seed)
    except Breakdown as breakdown:
        return {"digits": None, "message": str(breakdown)}
    return {"digits": -math.log10(max(float(norm(theta - solution) / norm(solution)), EPS)), "message": ""}


EXPERIMENT = Experiment("conditioning", "conditioning", __doc__ or "", problems, cells, 1, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """How iterations and lost digits grow with the condition number, and what theory says."""
    powers = {solver: iterations_power(rows) for solver in ITERATIONS_POWER if (rows := solved(result, solver))}
    growing = [
        f"k^{power:.2f} with {solver}" for solver, power in powers.items() if power is not None and power > CONSTANT
    ]
    constant = [str(solver) for solver, power in powers.items() if power is not None and power <= CONSTANT]
    parts = [f"grow like {', '.join(growing)}"] if growing else []
    parts += [f"do not grow with {', '.join(constant)}"] if constant else []
    verdicts = [f"With the condition number k, iterations {', and '.join(parts)}."] if parts else []
    qr, normal = digits_lost(result, QR), digits_lost(result, NORMAL_EQUATIONS)
    if qr and normal:
        verdicts.append(
            f"For each digit of k(X), QR loses {qr:.2f} digits of the solution. Without refinement the normal "
            f"equations lose {normal:.2f}, {normal / qr:.1f} times as many."
        )
    table_rows = [(str(solver), power, ITERATIONS_POWER[solver]) for solver, power in powers.items()]
    table = ResultTable(
        "Iterations against k", TABLE_CAPTION, ("solver", "measured power", "power in theory"), table_rows
    )
    return Answer(verdicts, [_iterations_figure(result), _digits_figure(result)], [table])


def condition_of(row: CellResult) -> float:
    """The condition number of the row's problem."""
    return float(row.problem.get("condition"))


def solved(result: Result, solver: Spec) -> list[CellResult]:
    """The solver's runs that reached the tolerance, the best conditioned first."""
    return sorted((row for row in result.rows if row.solver == solver and row.solved), key=condition_of)


def iterations_power(rows: Sequence[CellResult]) -> float | None:
    """The p of iterations ~ k^p; None for fewer than three condition numbers."""
    return fitted_power([condition_of(row) for row in rows], [max(row.typical.iterations, 1) for row in rows])


def digits_by_condition(result: Result, solver: Spec) -> list[tuple[float, list[float]]]:
    """k(X), ascending, with the digits that the solver keeps on each matrix; breakdowns are not among them."""
    kept: dict[float, list[float]] = {}
    for measured in result.measured(digits.__name__):
        if measured["solver"] == solver and measured["digits"] is not None:
            kept.setdefault(measured["condition"], []).append(measured["digits"])
    return sorted(kept.items())


def digits_lost(result: Result, solver: Spec) -> float | None:
    """Digits lost for each digit of k(X), fitted where 1 to 14 are kept; None for fewer than three k(X)."""
    means = [(condition, float(np.mean(kept))) for condition, kept in digits_by_condition(result, solver)]
    partial = [(condition, 10.0**-mean) for condition, mean in means if 1 < mean < 14]
    return fitted_power(*zip(*partial, strict=True)) if len(partial) > 2 else None


def _iterations_figure(result: Result) -> Figure:
    """Iterations of each solver against the condition number."""
    lines = []
    for solver in ITERATIONS_POWER:
        if rows := solved(result, solver):
            iterations = [float(row.typical.iterations) for row in rows]
            lines.append(Line(str(solver), [condition_of(row) for row in rows], iterations))
    k = sorted({condition_of(row) for row in result.rows})
    lines.append(Line("proportional to k", k, k, guide=True))
    lines.append(Line("proportional to sqrt(k)", k, [math.sqrt(condition) for condition in k], guide=True))
    title, axes = f"Iterations to f - f* = {TOLERANCE:g}", ("condition number k of the Hessian", "iterations")
    return Lines("iterations", title, ITERATIONS_CAPTION, axes, ("log", "log"), lines)


def _digits_figure(result: Result) -> Figure:
    """The digits that each direct method keeps against k(X)."""
    lines = []
    for solver in DIRECT:
        by_condition = digits_by_condition(result, solver)
        k, kept = [condition for condition, _ in by_condition], [digits_ for _, digits_ in by_condition]
        means = [float(np.mean(of_condition)) for of_condition in kept]
        lines.append(Line(str(solver), k, means, list(map(min, kept)), list(map(max, kept))))
    grid = sorted({measured["condition"] for measured in result.measured(digits.__name__)})
    for power, label in ((1, "16 - log10 k(X)"), (2, "16 - 2 log10 k(X)")):
        expected = [max(-math.log10(EPS) - power * math.log10(k), 0.0) for k in grid]
        lines.append(Line(label, grid, expected, guide=True))
    axes = ("condition number k(X)", "correct digits")
    return Lines("digits", "Digits that each direct method keeps", DIGITS_CAPTION, axes, ("log", "linear"), lines)
