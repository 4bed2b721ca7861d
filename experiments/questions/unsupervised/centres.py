"""k-means from many starts and on more and more rows: where each method ends, and how long it takes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from experiments.lab.analysis.formats import duration, percent, ratio_text
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.grammar import parse
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import problem_of, solver_of
from problems.foundation.arrays import Vector
from problems.unsupervised.k_means import Clusters
from solvers.base import BlackBox
from solvers.base.driving import iterates

LLOYD, MINI_BATCHES = parse("lloyd"), parse("mini-batch-k-means")
METHODS = {  # the most iterations of a run
    LLOYD: 300,
    MINI_BATCHES: 30,
    parse("gradient-descent"): 500,
    parse("lbfgs"): 500,
    parse("sgd(schedule=cosine, horizon=30)"): 30,
    parse("sklearn-k-means"): 300,
    parse("sklearn-mini-batch-k-means"): 10,
}
STARTS = ("k-means++", "random")
STARTS_BY_ROWS = 3  # runs for each number of rows
EPOCHS = (1, 2, 5, 10)  # after which f of mini-batches is measured
NEAR = 0.01  # an f that is higher than another by at most this share counts as equal to it
CONFIDENCE = 0.99  # that at least one of several starts ends at the lowest f


class Run(NamedTuple):
    """A run of one method."""

    theta: Vector
    iterations: float  # nan for a black box
    seconds: float


def ends(problem: Named, solver: Named, most: int, starts: int, seed: int) -> dict[str, Any]:
    """f at the end of a run from each of the starts, and the medians of their iterations and seconds."""
    clusters = clusters_of(problem)
    warm_up(clusters, solver, seed)
    seeds = range(seed, seed + starts)
    runs = [run(clusters, solver, clusters.start(np.random.default_rng(start)), most, start) for start in seeds]
    return {
        "f": [clusters.value(end.theta) for end in runs],
        "iterations": median(end.iterations for end in runs),
        "seconds": median(end.seconds for end in runs),
    }


def run(clusters: Clusters, solver: Named, theta0: Vector, most: int, seed: int) -> Run:
    """A run of at most `most` iterations; of a black box one call."""
    method, rng = solver_of(solver), np.random.default_rng(seed)
    began = perf_counter()
    if isinstance(method, BlackBox):
        theta = method.run(clusters, theta0.copy(), rng, most, lambda _: None).theta
        return Run(theta, math.nan, perf_counter() - began)
    count, theta = 0, theta0
    for count, theta in enumerate(islice(iterates(method, clusters, theta0, rng), most), start=1):  # noqa: B007
        pass
    return Run(theta, count, perf_counter() - began)


def warm_up(clusters: Clusters, solver: Named, seed: int) -> None:
    """Load and compile what the solver needs, off the clock."""
    small = clusters.sibling()
    run(small, solver, small.start(np.random.default_rng(seed)), 2, seed)


def growth(problem: Named, rows: int, seed: int) -> dict[str, Any]:
    """Lloyd's algorithm and mini-batches from the same start, on at most `rows` rows of the problem.

    near_seconds: of Lloyd's algorithm until f is within NEAR of its f at the end. mini_f, mini_seconds: of mini-batches
    after each number of EPOCHS.
    """
    clusters, rng = clusters_of(problem), np.random.default_rng(seed)
    if rows < clusters.n:
        clusters = dataclasses.replace(clusters, X=clusters.X[rng.choice(clusters.n, rows, replace=False)])
    theta0 = clusters.start(rng)
    for solver in (LLOYD, MINI_BATCHES):
        warm_up(clusters, solver, seed)
    lloyd = run(clusters, LLOYD, theta0, METHODS[LLOYD], seed)
    f = clusters.value(lloyd.theta)
    first = iterations_to(clusters, theta0, (1 + NEAR) * f, seed, int(lloyd.iterations))
    mini = [run(clusters, MINI_BATCHES, theta0, epochs, seed) for epochs in EPOCHS]
    return {
        "n": clusters.n,
        "f": f,
        "iterations": lloyd.iterations,
        "seconds": lloyd.seconds,
        "near_seconds": lloyd.seconds * max(first, 1) / max(lloyd.iterations, 1),
        "mini_f": [clusters.value(end.theta) for end in mini],
        "mini_seconds": [end.seconds for end in mini],
    }


def iterations_to(clusters: Clusters, theta0: Vector, f: float, seed: int, most: int) -> int:
    """The first iteration of Lloyd's algorithm with that f or a lower one; `most` where none has."""
    points = islice(iterates(solver_of(LLOYD), clusters, theta0, seed), most)
    return next((k for k, theta in enumerate(points, start=1) if clusters.value(theta) <= f), most)


def clusters_of(problem: Named) -> Clusters:
    """The problem of that name. ValueError where it is not a k-means."""
    built = problem_of(problem)
    if not isinstance(built, Clusters):
        raise ValueError(f"{problem} is not a k-means")
    return built


def init_of(run: MeasurementResult) -> str:
    """How its starts are drawn: one of STARTS."""
    return str(run["problem"].get("init") or STARTS[0])


def shares(runs: Sequence[MeasurementResult]) -> dict[tuple[Named, str], float]:
    """By method and kind of start, the share of runs that end within NEAR of the lowest f."""
    lowest = min((f for run in runs for f in run["f"] if math.isfinite(f)), default=math.nan)
    return {
        (run["solver"], init_of(run)): float(np.mean([f <= lowest + NEAR * abs(lowest) for f in run["f"]]))
        for run in runs
    }


def lowest(runs: Sequence[MeasurementResult]) -> list[str]:
    """How often the methods end at the lowest f, and how many starts of Lloyd's algorithm are needed for it."""
    share_of = shares(runs)
    sentences = []
    for init in STARTS:
        by_solver = {solver: share for (solver, start), share in share_of.items() if start == init}
        if not by_solver:
            continue
        best, worst = (pick(by_solver, key=lambda solver: by_solver[solver]) for pick in (max, min))
        text = (
            f"From {init} starts {percent(by_solver[best])} of the runs of {best} end within 1% of the lowest f of all "
            "runs"
        )
        differ = by_solver[worst] < by_solver[best]
        text += f", and {percent(by_solver[worst])} of those of {worst}." if differ else ", as of every other method."
        if lloyd := by_solver.get(LLOYD):
            needed = 1 if lloyd >= CONFIDENCE else math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-lloyd))
            text += (
                f" Of those of {LLOYD} {percent(lloyd)} do, so that {needed} starts reach it with a probability of "
                f"{percent(CONFIDENCE)}."
            )
        sentences.append(text)
    return sentences


class BySize(NamedTuple):
    """The medians of the runs on one number of rows; lists have a number for each of EPOCHS."""

    n: int
    f: float
    iterations: float
    seconds: float
    near_seconds: float
    mini_f: list[float]
    mini_seconds: list[float]

    @property
    def epochs(self) -> int | None:
        """Of mini-batches until f is within NEAR of that of Lloyd's algorithm; None where that is never so."""
        return next((e for e, f in zip(EPOCHS, self.mini_f, strict=True) if f <= (1 + NEAR) * self.f), None)

    @property
    def seconds_to_near(self) -> float | None:
        """The seconds of those epochs."""
        return None if self.epochs is None else self.mini_seconds[EPOCHS.index(self.epochs)]


def by_size(runs: Sequence[MeasurementResult]) -> list[BySize]:
    """The medians over starts for each number of rows, ascending."""
    groups = [[run for run in runs if run["n"] == n] for n in sorted({run["n"] for run in runs})]
    sizes = []
    for group in groups:
        f, iterations, seconds, near = (
            float(median(run[name] for run in group)) for name in ("f", "iterations", "seconds", "near_seconds")
        )
        mini = [np.median([run[name] for run in group], axis=0).tolist() for name in ("mini_f", "mini_seconds")]
        sizes.append(BySize(group[0]["n"], f, iterations, seconds, near, *mini))
    return sizes


def larger(runs: Sequence[MeasurementResult]) -> str | None:
    """The time that mini-batches save on the most rows, and how much higher their f is."""
    sizes = by_size(runs)
    if not sizes:
        return None
    last = sizes[-1]
    difference = last.mini_f[0] / last.f - 1 if last.f > 0 else 0.0
    ratio = ratio_text(last.mini_seconds[0] / last.seconds)
    near = f"{duration(last.seconds_to_near)}" if last.seconds_to_near else f"more than {EPOCHS[-1]} epochs"
    return (
        f"On {last.n} rows Lloyd's algorithm ends after {last.iterations:.0f} iterations and {duration(last.seconds)}. "
        f"One epoch of mini-batches takes {duration(last.mini_seconds[0])}, {ratio} the time, and its f is "
        f"{100 * abs(difference):.2g}% {'higher' if difference > 0 else 'lower'}. To reach an f within 1% of that end "
        f"Lloyd's algorithm takes {duration(last.near_seconds)} and mini-batches {near}."
    )
