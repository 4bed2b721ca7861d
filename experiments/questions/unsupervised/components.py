"""Principal components iterated: how fast power iteration turns, and where Oja's rule settles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.linalg import norm

from experiments.figures.records import Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.statistics import slope
from experiments.lab.measurement.measurement import Read
from experiments.lab.workers.worker import problem_of
from problems.foundation.arrays import EPS, Vector
from problems.unsupervised.pca import Principal
from solvers.unsupervised.principal import Oja, PowerIteration

MOST = 1000  # iterates of power iteration that are followed
SEEN = (1e-11, 1e-2)  # sines of the angle between which the rate is read off
SHARES = (1.0, 0.3, 0.1, 0.03, 0.01)  # constant steps of Oja's rule, in units of 1/max |x|^2
SCHEDULES = ("inverse", "cosine")
TURNING = (
    "How to read this: the sine of the angle between V and the best subspace; each marked line is a problem, the "
    "dotted one from the same point on is theory's, a factor lambda_(k+1)/lambda_k an iterate."
)
SETTLING = (
    "How to read this: lower is better. With a constant step Oja's rule is soon as good as it gets, the lower the "
    "smaller its step; with falling steps it goes on. Steps are in units of 1/max |x|^2."
)
FLOORS = (
    "How to read this: each mark is the mean f - f* over the last half of a run that began at the minimum. Dotted are "
    "slopes of one, for rows drawn one by one, and of two, for rows in a fresh order every epoch."
)
GAPS = (
    "How to read this: each mark is a run that arrived. The further left, the closer eigenvalues k and k + 1, and the "
    "more iterates; a level line does not mind. Dotted is what theory gives power iteration once V is near."
)
TURNED = "The factor an iterate by which the sine of the angle shrinks, measured, beside theory's."
SETTLED = (
    "f - f* at the end, and the floor: the mean over the last half of a run that began at the minimum, if reached."
)


def power(problem: str, seed: int) -> dict[str, Any]:
    """The sine of the angle to the best subspace after each power iteration, and theory's factor for it."""
    on = _principal(problem)
    _, s, Vt = np.linalg.svd(on.X, full_matrices=False)
    Q = Vt[: on.k].T
    sines = []
    start = on.start(np.random.default_rng(seed))
    for theta in islice(PowerIteration().iterate(on, start, np.random.default_rng(seed)), MOST):
        V = theta.reshape(-1, on.k)
        sines.append(float(norm(V - Q @ (Q.T @ V), 2)))
        if sines[-1] < 100 * EPS:
            break
    theory = float((s[on.k] / s[on.k - 1]) ** 2) if s[on.k - 1] > 0 else None
    return {"theory": theory, "seen": shrunk(sines), "sines": sines}


def shrunk(sines: Sequence[float]) -> float | None:
    """The factor by which they shrink, by least squares over the later half of those that tell; None of too few.

    >>> round(shrunk([0.5**k for k in range(30)]), 9)
    0.5
    """
    told = [(k, math.log(sine)) for k, sine in enumerate(sines) if SEEN[0] < sine < SEEN[1]]
    later = told[len(told) // 2 :]
    if len(later) < 3:
        return None
    k, logarithm = zip(*later, strict=True)
    return math.exp(float(np.polyfit(np.array(k), np.array(logarithm), 1)[0]))


def oja(problem: str, share: float, schedule: str, epochs: int, seed: int) -> dict[str, Any]:
    """f - f* after each epoch of Oja's rule, its step `share` of 1/max |x|^2, and its noise floor.

    The floor is the mean over the last half of a run that began at the minimum; None where the run from theta_0 has
    not come down to twice as much.
    """
    on = _principal(problem)
    longest = float(np.einsum("ij,ij->i", on.X, on.X).max())
    start = on.start(np.random.default_rng(seed))
    best = np.linalg.svd(on.X, full_matrices=False)[2][: on.k].T
    least = on.value(best.ravel())
    rule = Oja(share / longest, schedule, epochs / 2 if schedule == "cosine" else 1.0)  # type: ignore[arg-type]

    def run(theta: Vector) -> list[float]:
        gaps: list[float] = []
        for block in rule.iterate(on, theta, np.random.default_rng(seed)):
            gaps += [max(on.value(each) - least, 0.0) for each in np.atleast_2d(block)]
            if len(gaps) >= epochs:
                break
        return gaps[:epochs]

    gaps = run(start)
    if schedule != "constant":
        return {"gaps": gaps, "floor": None}
    late, floor = (float(np.mean(each[len(each) // 2 :])) for each in (gaps, run(best.ravel())))
    return {"gaps": gaps, "floor": floor if floor > 0 and late < 2 * floor else None}


def _principal(problem: str) -> Principal:
    on = problem_of(problem)
    if not isinstance(on, Principal):
        raise ValueError(f"{problem} is not a pca")
    return on


def turned(reads: Sequence[Read]) -> str | None:
    """How near power iteration came to theory's rate; None where no rate could be read off."""
    known = [read for read in reads if read["seen"] and read["theory"]]
    if not known:
        return None
    worst = max(known, key=lambda read: abs(read["seen"] - read["theory"]))
    away = abs(worst["seen"] - worst["theory"])
    told = ", ".join(f"{read['seen']:.3g} ({read['theory']:.3g})" for read in known)
    agree = "as theory says" if away < 0.02 else f"which is up to {away:.2g} off theory"
    return (
        f"Power iteration turns towards the best subspace by a factor of {told} an iterate, in brackets "
        f"lambda_(k+1)/lambda_k: {agree}."
    )


def settled(reads: Sequence[Read]) -> list[str]:
    """What the step does to the floor of Oja's rule, and how fast it goes with steps that fall."""
    told = []
    constant = [r for r in reads if r["floor"]]
    power = slope([r["share"] for r in constant], [r["floor"] for r in constant])
    if power is not None:
        high, low = (f(constant, key=lambda r: r["share"]) for f in (max, min))
        told.append(
            f"With a constant step Oja's rule settles at f - f* = {high['floor']:.2g} with the longest, and at "
            f"{low['floor']:.2g} with {low['share']:g} of it: as step^{power:.2g}."
        )
    for read in reads:
        gaps = [gap for gap in read["gaps"] if gap > 0]
        late = range(len(gaps) // 4, len(gaps))
        if read["schedule"] == "inverse" and (rate := slope([k + 1.0 for k in late], [gaps[k] for k in late])):
            told.append(
                f"With steps like 1/t it goes on, f - f* like t^{rate:.2g}, to {gaps[-1]:.2g} in {len(gaps)} epochs."
            )
    return told


def rising(gaps: dict[str, float], rows: Sequence[Row]) -> dict[str, float]:
    """For each solver the power of 1 - lambda_(k+1)/lambda_k that its iterates go by."""
    found = {}
    for solver in dict.fromkeys(row.solver for row in rows):
        own = [row for row in rows if row.solver == solver and row.solved and gaps.get(row.problem)]
        power = slope([gaps[row.problem] for row in own], [max(row.typical.iterations, 1) for row in own])
        if power is not None:
            found[solver] = power
    return found


def figures(result: Result, gaps: dict[str, float], rows: Sequence[Row], solvers: Sequence[str]) -> list[Figure]:
    """Angles, iterates against the gap, and Oja's epochs and floors."""
    found: list[Figure] = []
    turning, reads = result.read("power"), result.read("oja")
    if turning:
        lines, guides = [], []
        for read in turning:
            k = np.arange(1.0, len(read["sines"]) + 1)
            lines.append(Line(named(read), k.tolist(), [max(sine, EPS) for sine in read["sines"]]))
            if read["theory"]:
                first = next((i for i, sine in enumerate(read["sines"]) if sine < 0.1), 0)
                y = read["sines"][first] * read["theory"] ** (k[first:] - k[first])
                guides.append(
                    Line(f"theory, {read['theory']:.3g}", k[first:].tolist(), np.maximum(y, EPS).tolist(), guide=True)
                )
        title = "Power iteration and the ratio of eigenvalues"
        found.append(
            Lines("power", title, TURNING, ("iterate", "sine of the angle"), ("linear", "log"), [*lines, *guides])
        )
    against = []
    for solver in solvers:
        own = [row for row in rows if row.solver == solver and row.solved and gaps.get(row.problem)]
        own.sort(key=lambda row: gaps[row.problem])
        against.append(
            Line(solver, [gaps[row.problem] for row in own], [float(max(row.typical.iterations, 1)) for row in own])
        )
    if any(len(line.x) > 1 for line in against):
        at = {}  # gap -> f - f* at the start, over the tolerance
        for row in rows:
            if row.solver == "power-iteration" and row.solved and gaps.get(row.problem):
                at[gaps[row.problem]] = row.typical.trace[0].gap / row.rule.tolerance
        x = sorted(gap for gap, digits in at.items() if gap < 1 and digits > 1)
        y = [math.log(at[gap]) / (-2 * math.log1p(-gap)) for gap in x]
        guide = Line("theory, power iteration", x, y, guide=True)
        axes = ("1 - lambda_(k+1) / lambda_k", "iterates")
        title = f"Iterates to {rows[0].rule.tolerance:g} against the gap between eigenvalues"
        found.append(
            Lines("eigengap", title, GAPS, axes, ("log", "log"), [*(line for line in against if line.x), guide])
        )
    if reads:
        shown = [r for r in reads if r["schedule"] != "constant" or r["share"] in (SHARES[0], SHARES[2], SHARES[-1])]
        lines = []
        for read in shown:
            label = f"constant, {read['share']:g}" if read["schedule"] == "constant" else read["schedule"]
            gap = [each or None for each in read["gaps"]]
            lines.append(Line(label, list(range(1, len(gap) + 1)), gap))
        found.append(Lines("oja", "Oja's rule by schedule", SETTLING, ("epoch", "f - f*"), ("log", "log"), lines))
    constant = sorted((read["share"], read["floor"]) for read in reads if read["floor"])
    if len(constant) > 1:
        x, y = (list(each) for each in zip(*constant, strict=True))
        guides = [
            Line(f"step^{p}" if p > 1 else "step", x, [y[0] * (share / x[0]) ** p for share in x], guide=True)
            for p in (1, 2)
        ]
        title = "The noise floor of Oja's rule with a constant step"
        axes = ("step, in units of 1/max |x|^2", "f - f*")
        found.append(Lines("floor", title, FLOORS, axes, ("log", "log"), [Line("oja", x, y), *guides]))
    return found


def tables(result: Result) -> list[Table]:
    """The rates of power iteration and the ends of Oja's rule."""
    turning = [(r["problem"], r["theory"], r["seen"], len(r["sines"])) for r in result.read("power")]
    ends = [(r["schedule"], r["share"], r["gaps"][-1], r["floor"], len(r["gaps"])) for r in result.read("oja")]
    return [
        Table("Power iteration", TURNED, ("problem", "theory", "seen", "iterates"), turning),
        Table("Oja's rule", SETTLED, ("schedule", "step", "f - f*", "floor", "epochs"), ends),
    ]


def named(read: Read) -> str:
    """What a line is called: by what sets its problem apart."""
    from experiments.lab.spec.grammar import parse

    spec = parse(read["problem"])
    return f"k = {spec.get('k')}" if spec.get("data") else f"ratio {spec.get('ratio'):g}"
