"""k-means from many starts and on ever more rows: where each method ends, and how long it takes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from experiments.figures.records import Bars, Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import duration, fold, percent
from experiments.lab.measurement.measurement import Read
from experiments.lab.workers.worker import problem_of, solver_of
from problems.foundation.arrays import Vector
from problems.unsupervised.k_means import Clusters
from solvers.base import BlackBox

METHODS = {  # iterates after which a run is taken to be at its end
    "lloyd": 300,
    "mini-batch-k-means": 30,
    "gradient-descent": 500,
    "lbfgs": 500,
    "sgd(schedule=cosine, horizon=30)": 30,
    "sklearn-k-means": 300,
    "sklearn-mini-batch-k-means": 10,
}
STARTS = ("k-means++", "random")
EPOCHS = (1, 2, 5, 10)  # after which mini-batches are looked at
NEAR = 0.01  # of the lowest f: an end no higher than this above it counts as the lowest
SURE = 0.99
SHARES = (
    "How to read this: the higher, the more of the runs end with an f within 1% of the lowest that any run reached."
)
LONGER = (
    "How to read this: lower is sooner. Lloyd's algorithm runs to its end; the other lines end where f is within 1% of "
    "Lloyd's from the same start."
)
BEYOND = (
    "How to read this: by how much f after so many epochs of mini-batches is above Lloyd's end from the same start, as "
    "a share of it; where a mark is missing it is no higher."
)
ENDS = "Where runs from the same starts end; seconds inside the solver, a run's median."
GROWN = "Medians over starts: Lloyd's algorithm to its end, and mini-batches after one epoch and more."


def ends(problem: str, solver: str, most: int, starts: int, seed: int) -> dict[str, Any]:
    """f where runs from so many starts end, with the median of their iterates and seconds."""
    on = _clusters(problem)
    _settle(on.sibling(), solver, on.sibling().start(np.random.default_rng(0)), 2, seed)  # loads and compiles
    runs = [_settle(on, solver, on.start(np.random.default_rng(s)), most, s) for s in range(seed, seed + starts)]
    f = [on.value(theta) for theta, _, _ in runs]
    return {"f": f, "iterates": median(run[1] for run in runs), "seconds": median(run[2] for run in runs)}


def _settle(on: Clusters, solver: str, theta: Vector, most: int, seed: int) -> tuple[Vector, float, float]:
    """The last of at most so many iterates, their number and seconds; of a black box one run."""
    method, rng = solver_of(solver), np.random.default_rng(seed)
    count, began = 0, perf_counter()
    if isinstance(method, BlackBox):
        theta = method.run(on, theta.copy(), rng, most, lambda _: None).theta
        return theta, math.nan, perf_counter() - began
    for new in method.iterate(on, theta, rng):
        block = np.atleast_2d(new)
        theta, count = block[min(len(block), most - count) - 1], count + len(block)
        if count >= most:
            break
    return theta, min(count, most), perf_counter() - began


def growth(problem: str, rows: int | None, seed: int) -> dict[str, Any]:
    """Lloyd's algorithm and mini-batches from one start on the problem's rows, or so many of them."""
    on, rng = _clusters(problem), np.random.default_rng(seed)
    if rows and rows < on.n:
        on = dataclasses.replace(on, X=on.X[rng.choice(on.n, rows, replace=False)])
    start = on.start(rng)
    for solver in ("lloyd", "mini-batch-k-means"):
        _settle(on.sibling(), solver, on.sibling().start(rng), 2, seed)
    end, iterates, seconds = _settle(on, "lloyd", start, 300, seed)
    f = on.value(end)
    few = max(_first(on, start, f, seed, int(iterates)), 1)
    found: dict[str, Any] = {"n": on.n, "f": f, "iterates": iterates, "seconds": seconds}
    found["lloyd near"] = seconds * few / max(iterates, 1)
    for epochs in EPOCHS:
        theta, _, seconds = _settle(on, "mini-batch-k-means", start, epochs, seed)
        found |= {f"f {epochs}": on.value(theta), f"seconds {epochs}": seconds}
    return found


def _first(on: Clusters, start: Vector, f: float, seed: int, most: int) -> int:
    """The first iterate of Lloyd's algorithm that is near its end."""
    rng = np.random.default_rng(seed)
    for k, theta in enumerate(solver_of("lloyd").iterate(on, start, rng), start=1):
        if k >= most or on.value(theta) <= (1 + NEAR) * f:
            return k
    return most


def _clusters(problem: str) -> Clusters:
    on = problem_of(problem)
    if not isinstance(on, Clusters):
        raise ValueError(f"{problem} is not a k-means")
    return on


def init_of(read: Read) -> str:
    """From what kind of start."""
    return STARTS[1] if "init=random" in read["problem"] else STARTS[0]


def shares(reads: Sequence[Read]) -> dict[tuple[str, str], float]:
    """By method and start the share of runs that end at the lowest f, but for NEAR."""
    lowest = min((f for read in reads for f in read["f"] if math.isfinite(f)), default=math.nan)
    return {
        (read["solver"], init_of(read)): float(np.mean([f <= lowest + NEAR * abs(lowest) for f in read["f"]]))
        for read in reads
    }


def lowest(reads: Sequence[Read]) -> list[str]:
    """How often the methods end at the lowest f, from either kind of start, and how many starts make sure of it."""
    found = shares(reads)
    told = []
    for init in STARTS:
        own = {solver: share for (solver, start), share in found.items() if start == init}
        if not own:
            continue
        best, least = max(own, key=lambda s: own[s]), min(own, key=lambda s: own[s])
        text = f"From {init} starts {percent(own[best])} of the runs of {best} end within 1% of the lowest f of all"
        text += f" and {percent(own[least])} of those of {least}" if own[least] < own[best] else ", as of all others"
        if lloyd := own.get("lloyd"):
            needed = 1 if lloyd >= SURE else math.ceil(math.log(1 - SURE) / math.log1p(-lloyd))
            text += f"; lloyd, with {percent(lloyd)}, takes {needed} starts to get there {percent(SURE)} of the time"
        told.append(f"{text}.")
    return told


def sizes(reads: Sequence[Read]) -> list[dict[str, float]]:
    """By number of rows the medians of what was measured, and the seconds of mini-batches to near Lloyd's end."""
    found = []
    for n in sorted({read["n"] for read in reads}):
        own = [read for read in reads if read["n"] == n]
        each = {key: float(median(read[key] for read in own)) for key in own[0].reading.values}
        near = [e for e in EPOCHS if each[f"f {e}"] <= (1 + NEAR) * each["f"]]
        each["mini near"] = each[f"seconds {near[0]}"] if near else math.nan
        found.append(each | {"epochs": float(near[0]) if near else math.nan})
    return found


def larger(reads: Sequence[Read]) -> str | None:
    """What mini-batches save on the most rows, and what f that costs."""
    by_n = sizes(reads)
    if not by_n:
        return None
    last = by_n[-1]
    above = last["f 1"] / last["f"] - 1 if last["f"] > 0 else 0.0
    ratio = last["seconds"] / max(last["seconds 1"], 1e-9)
    near = duration(last["mini near"]) if math.isfinite(last["mini near"]) else f"more than {EPOCHS[-1]} epochs"
    return (
        f"On {last['n']:.0f} rows Lloyd's algorithm ends after {last['iterates']:.0f} iterates and "
        f"{duration(last['seconds'])}; an epoch of mini-batches takes {duration(last['seconds 1'])}, "
        f"{fold(ratio)} less, and its f is {100 * abs(above):.2g}% {'higher' if above > 0 else 'lower'}. To within "
        f"1% of that f Lloyd's takes {duration(last['lloyd near'])} and mini-batches {near}."
    )


def figures(result: Result) -> list[Figure]:
    """Ends by method and start, and time and f by the number of rows."""
    found: list[Figure] = []
    if reads := result.read("ends"):
        told = shares(reads)
        names = list(dict.fromkeys(solver for solver, _ in told))
        groups = [(init, [told.get((name, init)) for name in names]) for init in STARTS]
        title = "Runs of k-means that end at the lowest f"
        found.append(Bars("ends", title, SHARES, ("method", "share of runs"), "linear", names, groups))
    by_n = sizes(result.read("growth"))
    if len(by_n) > 1:
        n = [each["n"] for each in by_n]

        def line(label: str, key: str) -> Line:
            return Line(label, n, [each[key] if math.isfinite(each[key]) else None for each in by_n])

        seconds = [
            line("lloyd, to its end", "seconds"),
            line("lloyd, to within 1%", "lloyd near"),
            line("mini-batch-k-means, to within 1%", "mini near"),
        ]
        scales = ("log", "log")
        found.append(Lines("seconds", "k-means: seconds by rows", LONGER, ("rows n", "seconds"), scales, seconds))
        f = [
            Line(
                f"after epoch {e}",
                n,
                [each[f"f {e}"] / each["f"] - 1 if each[f"f {e}"] > each["f"] > 0 else None for each in by_n],
            )
            for e in EPOCHS
        ]
        if any(y for line in f for y in line.y):
            title = "k-means: f of mini-batches above Lloyd's"
            found.append(Lines("f by rows", title, BEYOND, ("rows n", "share of f"), scales, f))
    return found


def tables(result: Result) -> list[Table]:
    """The ends, and the sizes."""
    reads = result.read("ends")
    told = shares(reads)
    rows = [
        (
            r["solver"],
            init_of(r),
            told[r["solver"], init_of(r)],
            min(r["f"]),
            median(r["f"]),
            r["iterates"],
            r["seconds"],
        )
        for r in reads
    ]
    columns = ("method", "start", "share at the lowest f", "lowest f", "median f", "iterates", "seconds")
    by_n = [
        tuple(each[key] for key in ("n", "f", "iterates", "seconds", "f 1", "seconds 1", "epochs", "mini near"))
        for each in sizes(result.read("growth"))
    ]
    grown = ("n", "f", "iterates", "seconds", "f, 1 epoch", "seconds, 1 epoch", "epochs to 1%", "seconds to 1%")
    return [Table("Ends of k-means", ENDS, columns, rows), Table("k-means by rows", GROWN, grown, by_n)]
