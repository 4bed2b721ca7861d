"""What does an ill-conditioned problem do to each solver?

Two things, which are easily taken for one. Iterations: on regressions whose Hessian X'X/n has condition number k,
gradient descent needs a number of iterates proportional to k, conjugate gradients to its square root, and a direct
method one, whatever k is. Digits: rounding costs QR as many digits of the solution as k(X) = sqrt(k) has,
and the normal equations twice as many, because forming X'X squares the condition number. The first is measured by
races to f - f* = 1e-10, the second on rows whose solution is known, y = X 1.

Settings: n and d, rows and columns; seeds, how many matrices the digits are averaged over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.linalg import norm

from experiments.figures.records import Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.statistics import slope
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse
from experiments.lab.workers.worker import solver_of
from problems.data.synthetic.rows import conditioned
from problems.foundation.arrays import EPS
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.rows import Rows
from solvers.base import Breakdown

ITERATIVE = {"gradient-descent": 1.0, "nesterov": None, "conjugate-gradient": 0.5, "lbfgs": None, "qr": 0.0}
DIRECT = {"qr": 1, "svd": 1, "normal-equations": 2}  # powers of k(X) that the error grows by
ARRIVED = 1e-10  # f - f*, f about 1 at the start
SETTINGS = {"n": 300, "d": 150, "seeds": 5}
FLAT = 0.1  # a power below which nothing grows
POWER = "The power p in iterates ~ k^p, fitted to the runs that arrived; at most d iterates can hide what theory says."
STEEP = (
    "How to read this: each mark is a run that arrived; a steeper line suffers more from the condition number, and the "
    "dotted ones are theory's slopes."
)
KEPT = (
    "How to read this: the higher the better; a line is the mean over matrices, its band goes from the worst to the "
    "best, and where it meets the ground nothing is left."
)


def problem(condition: float, options: Options) -> str:
    """A regression of that condition number, without noise, so that only curvature tells the solvers apart."""
    n, d = options.settings["n"], options.settings["d"]
    return f"linear-regression(n={n}, d={d}, condition={condition:g}, noise=0, intercept=false, seed={options.seed})"


def conditions(options: Options) -> list[float]:
    """The condition numbers to try."""
    found: list[float] = np.geomspace(10, 2e3 if options.quick else 3e4, 5 if options.quick else 8).round().tolist()
    return found


def problems(options: Options) -> Sequence[str]:
    """One regression for each condition number."""
    return [problem(condition, options) for condition in conditions(options)]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every condition number; a budget ends those that would take all day."""
    rule = Rule(tolerance=ARRIVED, seconds=1.0 if options.quick else 10.0, iterations=10_000_000)
    return [Cell(asked, solver, options.seed, rule) for asked in problems(options) for solver in ITERATIVE]


def trials(options: Options) -> Sequence[Trial]:
    """Every direct method on matrices of k(X) from 1 to where nothing is left."""
    n, d, seeds = (options.settings[key] for key in ("n", "d", "seeds"))
    return [
        trial(digits, solver=solver, condition=float(f"{condition:.3g}"), n=n, d=d, seed=seed)
        for solver in DIRECT
        for condition in np.geomspace(1, 1e14, 8 if options.quick else 15)
        for seed in range(options.seed, options.seed + seeds)
    ]


def digits(solver: str, condition: float, n: int, d: int, seed: int) -> dict[str, Any]:
    """How many digits of the solution 1 of X theta = X 1 are right, k(X) as given; None where the solver refuses."""
    X = conditioned(n, d, condition**2, np.random.default_rng(seed))
    exact = np.ones(d)
    on = linear_model(Rows(X, intercept=False), X @ exact, squared)
    try:
        (theta,) = solver_of(solver).iterate(on, np.zeros(d), np.random.default_rng(seed))
    except Breakdown as told:
        return {"digits": None, "refused": str(told)}
    return {"digits": -math.log10(max(float(norm(theta - exact) / norm(exact)), EPS))}


EXPERIMENT = Experiment("conditioning", "conditioning", __doc__ or "", problems, cells, 1, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """How iterates and lost digits grow with the condition number, beside what theory says."""
    grown = {solver: growth(rows) for solver in ITERATIVE if (rows := solved(result, solver))}
    rising = [f"k^{power:.2f} by {solver}" for solver, power in grown.items() if power is not None and power > FLAT]
    flat = [solver for solver, power in grown.items() if power is not None and power <= FLAT]
    verdicts = [
        f"With the condition number k the iterates grow like {', '.join(rising) or 'nothing'}, "
        f"and not at all by {', '.join(flat) or 'any'}."
    ]
    lost = {solver: loss(result, solver) for solver in DIRECT}
    if lost["qr"] and lost["normal-equations"]:
        verdicts.append(
            f"For each digit of k(X) QR loses {lost['qr']:.2f} digits of the solution and the normal equations "
            f"{lost['normal-equations']:.2f}, {lost['normal-equations'] / lost['qr']:.1f} times as many."
        )
    powers = [(solver, power, ITERATIVE[solver]) for solver, power in grown.items()]
    return Answer(
        verdicts,
        figures(result, grown),
        [Table("Iterates against k", POWER, ("solver", "power seen", "power in theory"), powers)],
    )


def condition_of(row: Row) -> float:
    """The condition number of the row's problem."""
    return float(parse(row.problem).get("condition"))


def solved(result: Result, solver: str) -> list[Row]:
    return [row for row in result.rows if row.solver == solver and row.solved]


def growth(rows: Sequence[Row]) -> float | None:
    """The power of the condition number that iterates grow by; None of fewer than three runs."""
    return slope([condition_of(row) for row in rows], [max(row.typical.iterations, 1) for row in rows])


def averaged(result: Result, solver: str) -> tuple[list[float], list[float], list[float], list[float]]:
    """Condition numbers, and the mean, least and most digits at each."""
    reads = [read for read in result.read("digits") if read["solver"] == solver and read["digits"] is not None]
    at = sorted({read["condition"] for read in reads})
    seen = [[read["digits"] for read in reads if read["condition"] == condition] for condition in at]
    return at, [float(np.mean(each)) for each in seen], [min(each) for each in seen], [max(each) for each in seen]


def loss(result: Result, solver: str) -> float | None:
    """Digits lost for each digit of the condition number, where some but not all are."""
    at, mean, _, _ = averaged(result, solver)
    kept = [(condition, 10.0**-digit) for condition, digit in zip(at, mean, strict=True) if 1 < digit < 14]
    return slope(*zip(*kept, strict=True)) if len(kept) > 2 else None


def figures(result: Result, grown: dict[str, float | None]) -> list[Figure]:
    """Iterates, and digits, against the condition number."""
    lines = []
    for solver in grown:
        rows = sorted(solved(result, solver), key=condition_of)
        x, y = [condition_of(row) for row in rows], [float(row.typical.iterations) for row in rows]
        lines.append(Line(solver, x, y))
    every = sorted({condition_of(row) for row in result.rows})
    guides = [
        Line("proportional to k", every, every, guide=True),
        Line("to its square root", every, [math.sqrt(k) for k in every], guide=True),
    ]
    kept = []
    for solver in DIRECT:
        at, mean, low, high = averaged(result, solver)
        kept.append(Line(solver, at, mean, low, high))
    grid = sorted({read["condition"] for read in result.read("digits")})
    for power, label in ((1, "16 less the digits of k(X)"), (2, "16 less twice those")):
        kept.append(Line(label, grid, [max(-math.log10(EPS) - power * math.log10(k), 0.0) for k in grid], guide=True))
    return [
        Lines(
            "iterates",
            f"Iterates to f - f* = {ARRIVED:g}",
            STEEP,
            ("condition number k of the Hessian", "iterates"),
            ("log", "log"),
            [*lines, *guides],
        ),
        Lines(
            "digits",
            "Digits that each direct method keeps",
            KEPT,
            ("condition number k(X)", "digits right"),
            ("log", "linear"),
            kept,
        ),
    ]
