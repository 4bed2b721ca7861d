"""How many digits does each solver keep?

Problems whose answers are known exactly: Wampler's five polynomials of degree 5, Hilbert's systems of growing size, and
NIST's linear files where a folder of them is given. Each solver is run until it ends by itself, and its answer is
compared with the exact one, coefficient by coefficient: the log relative error, -log10 of the largest relative error,
between 0 and 15. Theory expects a backward stable method, QR, SVD, or LU on a system, to keep about 16 - log10 k
digits, k the condition number of the matrix, and whatever forms B'B, whose condition number is k squared, about
16 - 2 log10 k: of a regression the normal equations, Cholesky, LU and conjugate gradients alike. A large residual, as
in Wampler's fifth set, brings the square back whatever the method. A solver that finds a matrix too near a singular one
may break down, which is better than digits of which none is right; in means a breakdown counts as 0 digits.

Settings: folder, one of NIST's linear .dat files; largest, up to how many unknowns Hilbert's systems go; solvers, who
is measured; most, iterates that an iterative one may take.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

import solvers
from experiments.figures.records import Field, Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.lab.spec.grammar import SpecError, build, parse
from experiments.lab.workers.worker import solver_of
from experiments.questions.accuracy.answers import exact, final, linear_files
from problems.foundation.arrays import EPS, Vector
from problems.foundation.digits import MOST, digits
from solvers.base import Breakdown, Refusal

NUMPY: dict[str, Callable[[Any], Vector]] = {
    "numpy.linalg.lstsq": lambda on: np.asarray(np.linalg.lstsq(*on.least_squares())[0]),
    "numpy.linalg.solve": lambda on: np.asarray(np.linalg.solve(*on.system())),
}
SOLVERS = [
    "normal-equations", "cholesky", "lu", "qr", "svd", "conjugate-gradient", "lsqr", "scipy-lstsq",
    "scipy-lstsq(driver=gelsy)", "scipy-solve", "sklearn-linear-regression", "statsmodels-ols", *NUMPY,
]  # fmt: skip
SETTINGS = {"folder": None, "largest": 12, "solvers": SOLVERS, "most": 10_000}
LEVEL = 0.2  # digits by which two means are still level
WORDLESS = 1.0  # digits below which an answer is worth nothing
AGREE = 1.5  # digits within which theory is met
SHADES = (
    "How to read this: each square is one solver on one problem, the lighter the more digits are right; empty where it "
    "broke down or cannot take the problem. Further up the condition number is larger."
)
FALLS = (
    "How to read this: the higher the better; the dotted lines are what the condition number k leaves, once and "
    "squared. A line that ends early belongs to a solver that broke down from there on."
)
RANKED = (
    "The mean is over the problems that a solver can take, a breakdown counting as 0 digits; worthless are answers "
    "with less than one right digit."
)
EVERY = "Digits that are right in every coefficient, at most 15; no number where a solver broke down or cannot take it."

Answers = dict[str, dict[str, Read]]  # by solver and problem


def trials(options: Options) -> Sequence[Trial]:
    """Every solver on every problem."""
    folder, largest, most = (options.settings[key] for key in ("folder", "largest", "most"))
    if largest < 2:
        raise SpecError(f"largest is {largest}; Hilbert's systems begin with 2 unknowns")
    data = [f"wampler-{k}" for k in range(1, 6)] + [f"hilbert-{n}" for n in range(2, largest + 1)]
    data += [file for file in (linear_files(folder) if folder else []) if not label(file).startswith("Wampler")]
    chosen = options.settings["solvers"]
    for solver in chosen:
        if solver not in NUMPY:
            build(parse(solver), solvers.TABLE)  # an unknown name is refused before anything runs
    return [trial(kept, data=one, solver=solver, most=most) for one in data for solver in chosen]


def kept(data: str, solver: str, most: int) -> dict[str, Any]:
    """The digits that a solver gets right, and the condition number; no digits where it cannot, or breaks down."""
    asked = exact(data)
    told: dict[str, Any] = {"condition": asked.condition, "digits": None, "cannot": "", "broke": ""}
    try:
        theta = NUMPY[solver](asked.problem) if solver in NUMPY else final(solver_of(solver), asked.problem, most)
    except Refusal as refused:
        return told | {"cannot": str(refused)}
    except (Breakdown, np.linalg.LinAlgError) as broke:
        return told | {"broke": str(broke)}
    return told | {"digits": digits(theta, asked.answer)}


EXPERIMENT = Experiment("accuracy", "accuracy", __doc__ or "", trials=trials, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """Who keeps most digits, what forming B'B costs, who is wrong without a word, and how near theory comes."""
    reads = [read for read in result.reads if read.trial.name == "kept"]
    if not any(right(read) is not None for read in reads):
        return Answer(["No solver gave an answer."])
    names = dict.fromkeys(read["solver"] for read in reads)
    by = {solver: {read["data"]: read for read in reads if read["solver"] == solver} for solver in names}
    conditions = {read["data"]: read["condition"] for read in reads if read.good}
    data = sorted(dict.fromkeys(read["data"] for read in reads), key=lambda one: conditions.get(one, math.inf))
    scores = {solver: mean(taken.values()) for solver, own in by.items() if (taken := points(own))}
    verdicts = [most_kept(by, scores), squared(by, conditions), residual(by), hidden(by), on_hilbert(by)]
    return Answer(list(filter(None, verdicts)), figures(by, data), tables(by, scores, data, conditions))


def right(read: Read | None) -> float | None:
    """The digits of a reading; None where there are none."""
    return read["digits"] if read is not None and read.good else None


def points(own: dict[str, Read]) -> dict[str, float]:
    """The digits on each problem that a solver can take; 0 where it broke down."""
    return {data: right(read) or 0.0 for data, read in own.items() if not (read.good and read["cannot"])}


def label(data: str) -> str:
    """As tables write a problem."""
    return Path(data).stem if data.lower().endswith(".dat") else data


def most_kept(by: Answers, scores: dict[str, float]) -> str:
    """Who keeps most digits on average, and who fewest, of those that can take most problems."""
    whole = max(len(points(own)) for own in by.values())
    able = {solver: score for solver, score in scores.items() if len(points(by[solver])) == whole}
    best, worst = max(able, key=lambda each: able[each]), min(able, key=lambda each: able[each])
    where, least = min(points(by[best]).items(), key=lambda pair: pair[1])
    lowest = f"{least:.1f} at worst, on" if right(by[best][where]) is not None else "breaks down on"
    told = (
        f"Over {whole} problems with exact answers {best} keeps most digits, {able[best]:.1f} on average, and "
        f"{lowest} {label(where)}"
    )
    level = [each for each in able if each != best and able[best] - able[each] <= LEVEL]
    if level:
        told += f"; level with it, within {LEVEL:g}, {'is' if len(level) == 1 else 'are'} {', '.join(level)}"
    return f"{told}; {worst} keeps fewest, {able[worst]:.1f}." if worst != best else f"{told}."


def squared(by: Answers, conditions: dict[str, float]) -> str | None:
    """What the normal equations lose beside QR; None where there is nothing to compare."""
    normal = {data: right(read) for data, read in by.get("normal-equations", {}).items()}
    qr = {data: found for data, read in by.get("qr", {}).items() if (found := right(read)) is not None}
    lost = {data: qr[data] - found for data, found in normal.items() if data in qr and found is not None}
    if not lost:
        return None
    most = max(lost, key=lambda data: lost[data])
    told = (
        f"Beside QR the normal equations lose {median(lost.values()):.1f} digits, by the median of the {len(lost)} "
        f"problems that both answer, and up to {lost[most]:.1f}, on {label(most)}"
    )
    sizes = [conditions.get(data, math.inf) for data, found in normal.items() if data in qr and found is None]
    if not sizes:
        return f"{told}."
    return (
        f"{told}; on {len(sizes)} more, of condition numbers from {min(sizes):.1g} on, they break down and QR does not."
    )


def residual(by: Answers) -> str | None:
    """What Wampler's growing residuals cost QR and the normal equations; None where they were not measured."""
    parts = []
    for solver, word in (("qr", "QR goes"), ("normal-equations", "the normal equations go")):
        before, after = (right(by.get(solver, {}).get(data)) for data in ("wampler-3", "wampler-5"))
        if before is not None and after is not None:
            parts.append(f"{word} from {before:.1f} digits to {after:.1f}")
    return f"As Wampler's residuals grow 10,000 times over, {' and '.join(parts)}." if parts else None


def hidden(by: Answers) -> str:
    """Who gives answers that are worth nothing, without a word."""
    given = {name: [found for read in own.values() if (found := right(read)) is not None] for name, own in by.items()}
    poor = {solver: sum(each < WORDLESS for each in found) for solver, found in given.items()}
    guilty = sorted((solver for solver in by if poor[solver]), key=lambda solver: -poor[solver])
    if not guilty:
        return "No solver gives an answer without a single right digit: those that lose all digits say so."
    each = ", ".join(f"{solver} ({poor[solver]} of its {len(given[solver])})" for solver in guilty[:4])
    more = f" and {len(guilty) - 4} more" if len(guilty) > 4 else ""
    return f"Answers without a single right digit are given, and without a word, by {each}{more}."


def on_hilbert(by: Answers) -> str | None:
    """Who ends up near 16 - log10 k, and who near 16 - 2 log10 k, on Hilbert's systems."""
    beside: dict[int, dict[str, float]] = {1: {}, 2: {}}
    for solver, own in by.items():
        reads = [read for data, read in own.items() if data.startswith("hilbert-") and 0 < (right(read) or 0) < MOST]
        off = {power: mean(abs(read["digits"] - left(read, power)) for read in reads) for power in (1, 2) if reads}
        if len(reads) > 2 and min(off.values()) <= AGREE:
            beside[min(off, key=lambda power: off[power])][solver] = min(off.values())
    parts = []
    for near, word in ((beside[1], "16 - log10 k"), (beside[2], "16 - 2 log10 k")):
        if near:
            who = f"{len(near)} solvers end" if len(near) > 3 else f"{' and '.join(near)} end{'s' * (len(near) == 1)}"
            parts.append(f"{who} up {max(near.values()):.1f} digits or less from {word}")
    return f"On Hilbert's systems, on average, {', and '.join(parts)}." if parts else None


def left(read: Read, power: int) -> float:
    """The digits that a condition number to that power leaves."""
    return max(0.0, -math.log10(EPS) - power * math.log10(read["condition"]))


def figures(by: Answers, data: Sequence[str]) -> list[Figure]:
    """The digits of each solver on each problem, and on Hilbert's systems against their size."""
    found = [[right(own.get(one)) for own in by.values()] for one in data]
    shown = [label(one) for one in data]
    shades = Field("map", "Digits kept", SHADES, ("solver", "problem"), list(by), shown, found, "digits")
    sizes = sorted(int(one.partition("-")[2]) for one in data if one.startswith("hilbert-"))
    series = {name: [right(own.get(f"hilbert-{n}")) for n in sizes] for name, own in by.items()}
    lines = [Line(name, sizes, y) for name, y in series.items() if name in solvers.TABLE and any(y)]
    known = {n: read for n in sizes for own in by.values() if (read := own.get(f"hilbert-{n}")) and read.good}
    for power, word in ((1, "16 - log10 k"), (2, "16 - 2 log10 k")):
        lines.append(Line(word, sizes, [left(known[n], power) if n in known else None for n in sizes], guide=True))
    axes = ("unknowns of Hilbert's system", "digits right")
    return [shades, Lines("hilbert", "Digits kept on Hilbert's systems", FALLS, axes, ("linear", "linear"), lines)]


def tables(by: Answers, scores: dict[str, float], data: Sequence[str], conditions: dict[str, float]) -> list[Table]:
    """Each solver in a row, the best first; and all digits."""
    ranked: list[tuple[str | float | None, ...]] = []
    for solver in sorted(by, key=lambda each: -scores.get(each, -1.0)):
        reads = by[solver].values()
        given = [found for read in reads if (found := right(read)) is not None]
        broke = [reason for read in reads if (reason := read["broke"] if read.good else read.reading.reason)]
        cannot = [read["cannot"] for read in reads if read.good and read["cannot"]]
        poor = sum(each < WORDLESS for each in given)
        counts = (min(given, default=None), poor, len(broke), len(cannot))
        ranked.append((solver, scores.get(solver), *counts, next(iter(broke + cannot), "")))
    whole = [(label(one), conditions.get(one), *(right(own.get(one)) for own in by.values())) for one in data]
    columns = ("solver", "mean digits", "fewest given", "worthless", "broke down", "cannot take", "why")
    return [
        Table("Digits by solver", RANKED, columns, ranked),
        Table("Digits by problem", EVERY, ("problem", "condition number", *by), whole),
    ]
