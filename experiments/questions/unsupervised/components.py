"""Iterations for principal components: the rate of power iteration, and the noise floor of Oja's rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.linalg import norm

from experiments.lab.analysis.results import CellResult
from experiments.lab.analysis.statistics import fitted_power
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import problem_of
from problems.foundation.arrays import EPS, Vector
from problems.unsupervised.pca import Principal
from solvers.base.driving import iterates
from solvers.unsupervised.principal import Oja, PowerIteration

MOST_ITERATIONS = 1000  # of power iteration
LOWEST_SINE, HIGHEST_SINE = 1e-11, 1e-2  # of the angle, between which the rate is measured
FEWEST_POINTS = 3  # for a rate
STEPS = (1.0, 0.3, 0.1, 0.03, 0.01)  # constant steps of Oja's rule, relative to 1/max |x|^2
DECREASING = ("inverse", "cosine")  # schedules of Oja's rule
AGREEMENT = 0.02  # difference of two rates up to which theory is confirmed


def power(problem: Named, seed: int) -> dict[str, Any]:
    """The sine of the angle to the best subspace after each power iteration.

    theory: the factor by which it shrinks per iteration; None where the eigenvalue k is 0. rate: the measured one.
    """
    principal = principal_of(problem)
    k = principal.k
    _, s, Vt = np.linalg.svd(principal.X, full_matrices=False)
    Q = Vt[:k].T
    sines = []
    start = principal.start(np.random.default_rng(seed))
    for theta in islice(iterates(PowerIteration(), principal, start, seed), MOST_ITERATIONS):
        V = theta.reshape(-1, k)
        sines.append(float(norm(V - Q @ (Q.T @ V), 2)))
        if sines[-1] < 100 * EPS:
            break
    theory = float((s[k] / s[k - 1]) ** 2) if s[k - 1] > 0 else None
    return {"theory": theory, "rate": shrinkage(sines), "sines": sines}


def shrinkage(sines: Sequence[float]) -> float | None:
    """The factor by which they shrink: a line through the logarithms of the second half of those in the range.

    None where there are too few.

    >>> round(shrinkage([0.5**k for k in range(30)]), 9)
    0.5
    """
    points = [(k, math.log(sine)) for k, sine in enumerate(sines) if LOWEST_SINE < sine < HIGHEST_SINE]
    half = points[len(points) // 2 :]
    if len(half) < FEWEST_POINTS:
        return None
    k, logarithms = zip(*half, strict=True)
    return math.exp(float(np.polyfit(np.array(k), np.array(logarithms), 1)[0]))


def oja(problem: Named, step: float, schedule: Any, epochs: int, seed: int) -> dict[str, Any]:
    """f - f* after each epoch of Oja's rule with a step relative to 1/max |x|^2, and its noise floor.

    The floor is the mean over the second half of a run that starts at the minimum; None where the mean over the second
    half of the run from theta_0 is at least twice as high, and with decreasing steps.
    """
    principal = principal_of(problem)
    longest = float(np.einsum("ij,ij->i", principal.X, principal.X).max())
    start = principal.start(np.random.default_rng(seed))
    minimum = np.linalg.svd(principal.X, full_matrices=False)[2][: principal.k].T.ravel()
    least = principal.value(minimum)
    rule = Oja(step / longest, schedule, epochs / 2 if schedule == "cosine" else 1.0)

    def gaps_from(theta: Vector) -> list[float]:
        return [max(principal.value(V) - least, 0.0) for V in islice(iterates(rule, principal, theta, seed), epochs)]

    gaps = gaps_from(start)
    if schedule != "constant":
        return {"gaps": gaps, "floor": None}
    late, floor = (float(np.mean(run[len(run) // 2 :])) for run in (gaps, gaps_from(minimum)))
    return {"gaps": gaps, "floor": floor if floor > 0 and late < 2 * floor else None}


def principal_of(problem: Named) -> Principal:
    """The problem of that name. ValueError where it is not a pca."""
    built = problem_of(problem)
    if not isinstance(built, Principal):
        raise ValueError(f"{problem} is not a pca")
    return built


def rates(runs: Sequence[MeasurementResult]) -> str | None:
    """How near the rate of power iteration is to theory; None where no rate could be measured."""
    known = [run for run in runs if run["rate"] and run["theory"]]
    if not known:
        return None
    worst = max(abs(run["rate"] - run["theory"]) for run in known)
    pairs = ", ".join(f"{run['rate']:.3g} ({run['theory']:.3g})" for run in known)
    agreement = "Theory is confirmed" if worst < AGREEMENT else f"The largest difference to theory is {worst:.2g}"
    return (
        "Per iteration of power iteration, the sine of the angle to the best subspace shrinks by a factor of "
        f"{pairs}. In brackets is lambda_(k+1)/lambda_k, the factor in theory. {agreement}."
    )


def noise_floors(runs: Sequence[MeasurementResult]) -> list[str]:
    """How the step determines the noise floor of Oja's rule, and how fast it converges with decreasing steps."""
    sentences = []
    floors = {run["step"]: run["floor"] for run in runs if run["floor"]}
    exponent = fitted_power(list(floors), list(floors.values()))
    if exponent is not None:
        longest, shortest = max(floors), min(floors)
        sentences.append(
            f"With a constant step Oja's rule stops improving at a noise floor: f - f* = {floors[longest]:.2g} with a "
            f"step of {longest:g}/max |x|^2, and {floors[shortest]:.2g} with {shortest:g}/max |x|^2. The floor is "
            f"proportional to step^{exponent:.2g}."
        )
    for run in runs:
        gaps = [gap for gap in run["gaps"] if gap > 0]
        late = range(len(gaps) // 4, len(gaps))
        rate = fitted_power([k + 1.0 for k in late], [gaps[k] for k in late]) if run["schedule"] == "inverse" else None
        if rate is not None:
            sentences.append(
                f"With steps proportional to 1/t it continues to improve: f - f* is proportional to t^{rate:.2g}, and "
                f"{gaps[-1]:.2g} after {len(gaps)} epochs."
            )
    return sentences


def runs_by_gap(gaps: Mapping[Named, float], rows: Sequence[CellResult], solver: Named) -> list[tuple[float, float]]:
    """1 - lambda_(k+1)/lambda_k and the iterations, of each problem that the solver solved; gaps ascending."""
    solved = [row for row in rows if row.solver == solver and row.solved and gaps.get(row.problem)]
    return sorted((gaps[row.problem], float(max(row.typical.iterations, 1))) for row in solved)


def exponents(gaps: Mapping[Named, float], rows: Sequence[CellResult]) -> dict[Named, float]:
    """For each solver the p of iterations ~ (1 - lambda_(k+1)/lambda_k)^p, where enough problems were solved."""
    fitted = {}
    for solver in dict.fromkeys(row.solver for row in rows):
        points = runs_by_gap(gaps, rows, solver)
        exponent = fitted_power([gap for gap, _ in points], [iterations for _, iterations in points])
        if exponent is not None:
            fitted[solver] = exponent
    return fitted
