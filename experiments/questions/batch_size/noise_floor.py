"""The noise floor of SGD with a constant step: measured from the minimum, and the powers that theory gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from experiments.figures.records import Figure, Line, Lines
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.reference.referee import bracket
from experiments.lab.spec.grammar import Spec, spec
from experiments.lab.workers.worker import problem_of, solver_of
from problems.forms import FiniteSum, TwiceSmooth
from problems.foundation.arrays import EPS, Vector
from solvers.base.driving import iterates

STRONG = 3.0  # an epoch that contracts by more along the flattest direction forgets where it began
WEAK = 1.0  # an epoch that contracts by less along the steepest direction does not
SAMPLES = 200  # values of f that are taken in the second half of a run
WORK = 1e8  # numbers that a run may read
BY_STEP = (
    "How to read this: the lower, the closer SGD comes to the minimum. Dotted lines have slopes 1 and 3. L_row is the "
    "largest curvature of one row."
)
BY_RATIO = (
    "How to read this: the same floors against step / batch. Batch sizes whose marks lie on one line differ only in "
    "cost. Batch sizes that do not divide the number of rows leave a smaller last batch."
)


class Minimum(NamedTuple):
    """A problem's minimiser, and the curvatures that floors depend on."""

    theta: Vector
    mu: float
    L: float
    L_row: float


@lru_cache(maxsize=2)
def minimum_of(problem: Spec) -> Minimum:
    """The minimum from which runs start. Raises ValueError where it is not known."""
    objective = problem_of(problem)
    if not isinstance(objective, FiniteSum) or not isinstance(objective, TwiceSmooth) or not objective.convex:
        raise ValueError("a noise floor is measured from the minimum; this needs rows, convexity and a Hessian")
    theta = bracket(objective).point
    eigenvalues = np.linalg.eigvalsh(objective.hessian(theta))
    return Minimum(theta, max(float(eigenvalues[0]), 0.0), float(eigenvalues[-1]), objective.row_smoothness())


def curvature(n: int, batch: int, L: float, L_row: float) -> float:
    """L(b), the curvature of the mean of `batch` of n rows.

    >>> curvature(100, 1, 1.0, 20.0), curvature(100, 100, 1.0, 20.0)
    (20.0, 1.0)
    """
    b = min(batch, n)
    return (n * (b - 1) * L + (n - b) * L_row) / (b * (n - 1)) if n > 1 else L


def floor(problem: Spec, batch: int, share: float, seed: int) -> dict[str, Any]:
    """The median f - f* over the second half of a run of SGD from the minimum, with the step share / L(batch).

    step: in units of 1/L_row. flattest, steepest: n step mu / batch and n step L / batch, the contraction of an epoch
    along the two directions. equal_batches: whether all batches have one size. floor: None where a run would take too
    long to settle, or rounding hides the floor.
    """
    objective, (theta, mu, L, L_row) = problem_of(problem), minimum_of(problem)
    assert isinstance(objective, FiniteSum)
    n = objective.n
    step = share / curvature(n, batch, L, L_row)
    flattest, steepest = (n * step * value / batch for value in (mu, L))
    values = {
        "step": step * L_row, "flattest": flattest, "steepest": steepest, "equal_batches": n % min(batch, n) == 0,
        "floor": None,
    }  # fmt: skip
    epochs = max(math.ceil(8 / flattest), 60) if flattest else None
    if epochs is None or epochs * n * objective.dim > WORK:
        return values
    lowest, half = objective.value(theta), epochs // 2
    sgd = solver_of(spec("sgd", step=step, batch=batch))
    gaps = [
        objective.value(iterate) - lowest
        for epoch, iterate in enumerate(islice(iterates(sgd, objective, theta, seed), epochs), 1)
        if epoch > half and epoch % max(half // SAMPLES, 1) == 0
    ]
    median = float(np.median(gaps))
    return values | {"floor": median if 100 * EPS * abs(lowest) < median < math.inf else None}


class Law(NamedTuple):
    """The floors of one regime, fitted as step^p / batch^q."""

    regime: str
    step: float  # p
    batch: float | None  # q; None where there is one batch size, or where the last batch sets the floor
    floors: int
    theory: float  # of both powers


def laws(floors: Sequence[MeasurementResult]) -> list[Law]:
    """The fitted powers of one problem's floors, in each regime that has enough of them."""
    weak = [result for result in floors if result["steepest"] < WEAK]
    regimes = (
        ("an epoch contracts strongly", [result for result in floors if result["flattest"] > STRONG], 1.0, False),
        (
            "an epoch contracts weakly and all batches have one size",
            [result for result in weak if result["equal_batches"]],
            3.0,
            False,
        ),
        (
            "an epoch contracts weakly and the last batch is smaller",
            [result for result in weak if not result["equal_batches"]],
            1.0,
            True,
        ),
    )
    return [law for regime in regimes if (law := _fitted(*regime))]


def _fitted(regime: str, floors: Sequence[MeasurementResult], theory: float, per_batch: bool) -> Law | None:
    """The law by least squares on logarithms; None for too few floors.

    per_batch: whether each batch size has a constant of its own, so that no power of the batch is fitted.
    """
    step, batch, height = (np.log([float(result[key]) for result in floors]) for key in ("step", "batch", "floor"))
    sizes = np.unique(batch)
    fits_batch = len(sizes) > 1 and not per_batch
    constants = (batch[:, None] == sizes).astype(float) if per_batch else np.ones((len(floors), 1))
    A = np.column_stack([step, *([-batch] if fits_batch else []), constants])
    if len(floors) <= A.shape[1] or np.linalg.matrix_rank(A) < A.shape[1]:
        return None
    powers = np.linalg.lstsq(A, height)[0].tolist()
    return Law(regime, powers[0], powers[1] if fits_batch else None, len(floors), theory)


def laws_sentence(name: str, fitted: Sequence[Law]) -> str | None:
    """The laws of one problem in a sentence; None where there are none."""
    if not fitted:
        return None
    parts = [
        f"like step^{law.step:.2g}"
        + ("" if law.batch is None else f" / batch^{law.batch:.2g}")
        + f" where {law.regime} (power in theory: {law.theory:g})"
        for law in fitted
    ]
    return f"On {name} the noise floor of SGD grows {'. It grows '.join(parts)}."


def figures(name: str, floors: Sequence[MeasurementResult]) -> list[Figure]:
    """The floors of one problem by step, and by step / batch."""
    by_step, by_ratio = (_lines(floors, divided) for divided in (False, True))
    title, y, scales = f"The noise floor of SGD on {name}", "f - f* where it settles", ("log", "log")
    step, ratio = "step, in units of 1/L_row", "step / batch, in units of 1/L_row"
    with_guides = [*by_step, *_guides(by_step)]
    return [
        Lines(f"floor step {name}", f"{title}, by step", BY_STEP, (step, y), scales, with_guides),
        Lines(f"floor ratio {name}", f"{title}, by step / batch", BY_RATIO, (ratio, y), scales, by_ratio),
    ]


def _lines(floors: Sequence[MeasurementResult], divided: bool) -> list[Line]:
    """The floors of each batch size against the step, divided by the batch size or not."""
    lines = []
    for batch in sorted({result["batch"] for result in floors}):
        of_batch = sorted((result for result in floors if result["batch"] == batch), key=lambda result: result["step"])
        x = [result["step"] / (batch if divided else 1) for result in of_batch]
        remark = "" if of_batch[0]["equal_batches"] else ", last one smaller"
        lines.append(Line(f"batch {batch}{remark}", x, [result["floor"] for result in of_batch]))
    return lines


def _guides(lines: Sequence[Line]) -> list[Line]:
    """Lines of slope 1 and 3, through the longest and the shortest step of the first batch size."""
    points = [(x, y) for x, y in zip(lines[0].x, lines[0].y, strict=True) if y]
    guides = []
    for power, (x0, y0), reach in ((1, points[-1], 0.04), (3, points[0], 10.0)):
        ends = sorted((x0, x0 * reach))
        guides.append(Line(f"slope {power}", ends, [y0 * (x / x0) ** power for x in ends], guide=True))
    return guides
