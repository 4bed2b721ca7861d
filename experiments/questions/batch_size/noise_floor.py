"""Where SGD with a constant step settles: measured from the minimum, beside the powers that theory gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from experiments.figures.records import Figure, Line, Lines
from experiments.lab.measurement.measurement import Read
from experiments.lab.reference.referee import bracket
from experiments.lab.workers.worker import problem_of, solver_of
from problems.forms import FiniteSum, TwiceSmooth
from problems.foundation.arrays import EPS, Vector

MUCH, LITTLE = 3.0, 1.0  # an epoch's contraction along the flattest direction, and along the steepest
MOMENTS = 200  # epochs of a run's last half whose f is taken
WORK = 1e8  # numbers that a run may read
BY_STEP = (
    "How to read this: the lower, the nearer SGD settles to the minimum. Dotted are slopes of one and of three; L_row "
    "is the largest curvature of one row."
)
TOGETHER = (
    "How to read this: the same floors over step / batch. Batches whose marks lie on one line differ in nothing but "
    "cost; those that do not divide the rows leave a smaller last batch."
)


class Ground(NamedTuple):
    """A problem's minimum and the curvatures that floors depend on."""

    theta: Vector
    mu: float
    L: float
    L_row: float


@lru_cache(maxsize=2)
def ground(problem: str) -> Ground:
    """Where SGD is to settle. Raises ValueError where that is not known."""
    on = problem_of(problem)
    if not isinstance(on, FiniteSum) or not isinstance(on, TwiceSmooth) or not on.convex:
        raise ValueError("a floor is measured from the minimum, which takes rows, convexity and a Hessian")
    theta = bracket(on)[2]
    values = np.linalg.eigvalsh(on.hessian(theta))
    return Ground(theta, max(float(values[0]), 0.0), float(values[-1]), on.row_smoothness())


def curvature(n: int, batch: int, L: float, L_row: float) -> float:
    """L(b), the curvature that the mean of `batch` of n rows meets.

    >>> curvature(100, 1, 1.0, 20.0), curvature(100, 100, 1.0, 20.0)
    (20.0, 1.0)
    """
    b = min(batch, n)
    return (n * (b - 1) * L + (n - b) * L_row) / (b * (n - 1)) if n > 1 else L


def floor(problem: str, batch: int, share: float, seed: int) -> dict[str, Any]:
    """The median f - f* of the last half of a run of SGD from the minimum, its step share / L(batch).

    step: in units of 1/L_row. much, little: how far an epoch contracts, n step mu / batch and n step L / batch.
    even: whether all batches have one size. floor: None where a run would not settle in time, or rounding hides it.
    """
    on, (theta, mu, L, L_row) = problem_of(problem), ground(problem)
    assert isinstance(on, FiniteSum)
    step = share / curvature(on.n, batch, L, L_row)
    much, little = (on.n * step * value / batch for value in (mu, L))
    read = {"step": step * L_row, "much": much, "little": little, "even": on.n % min(batch, on.n) == 0, "floor": None}
    epochs = max(math.ceil(8 / much), 60) if much else math.inf
    if epochs * on.n * on.dim > WORK:
        return read
    gaps: list[float] = []
    lowest, done = on.value(theta), 0
    for block in solver_of(f"sgd(step={step!r}, batch={batch})").iterate(on, theta, np.random.default_rng(seed)):
        for iterate in np.atleast_2d(block):
            done += 1
            if done > epochs // 2 and done % max(epochs // 2 // MOMENTS, 1) == 0:
                gaps.append(on.value(iterate) - lowest)
        if done >= epochs:
            break
    found = float(np.median(gaps))
    return read | {"floor": found if 100 * EPS * abs(lowest) < found < math.inf else None}


class Law(NamedTuple):
    """A floor like step^step / batch^batch, as seen and as theory has it."""

    regime: str
    step: float
    batch: float | None  # None of one size alone, or where it is the last batch that sets the height
    floors: int
    theory: float


def laws(floors: Sequence[Read]) -> list[Law]:
    """The powers of one problem's floors in each regime that has three of them or more."""
    small = [read for read in floors if read["little"] < LITTLE]
    regimes = (
        ("an epoch forgets its start", [read for read in floors if read["much"] > MUCH], 1.0, False),
        ("it does not and batches have one size", [read for read in small if read["even"]], 3.0, False),
        ("it does not and the last batch is smaller", [read for read in small if not read["even"]], 1.0, True),
    )
    return [law for regime in regimes if (law := _fitted(*regime))]


def _fitted(regime: str, reads: Sequence[Read], theory: float, apart: bool) -> Law | None:
    """By least squares on logarithms, with a level for each batch size where they are `apart`; None of too few."""
    step, batch, height = (np.log([float(read[key]) for read in reads]) for key in ("step", "batch", "floor"))
    sizes = np.unique(batch)
    along = len(sizes) > 1 and not apart
    levels = (batch[:, None] == sizes).astype(float) if apart else np.ones((len(reads), 1))
    A = np.column_stack([step, *([-batch] if along else []), levels])
    if len(reads) <= A.shape[1] or np.linalg.matrix_rank(A) < A.shape[1]:
        return None
    powers = np.linalg.lstsq(A, height)[0].tolist()
    return Law(regime, powers[0], powers[1] if along else None, len(reads), theory)


def told(found: Sequence[Law]) -> str | None:
    """The laws in a sentence; None where there are none."""
    if not found:
        return None
    each = [
        f"like step^{law.step:.2g}"
        + ("" if law.batch is None else f" / batch^{law.batch:.2g}")
        + f" where {law.regime} (theory: {law.theory:g})"
        for law in found
    ]
    return f"the noise floor of SGD goes {', '.join(each)}."


def figures(name: str, floors: Sequence[Read]) -> list[Figure]:
    """The floors of one problem by step, and by step / batch."""
    batches = sorted({read["batch"] for read in floors})

    def line(batch: int, across: str) -> Line:
        own = sorted((read for read in floors if read["batch"] == batch), key=lambda read: read["step"])
        x = [read["step"] / (batch if across == "ratio" else 1) for read in own]
        odd = "" if own[0]["even"] else ", last one smaller"
        return Line(f"batch {batch}{odd}", x, [read["floor"] for read in own])

    found: list[Figure] = []
    for across, label, title, how in (
        ("step", "step, in units of 1/L_row", "by step", BY_STEP),
        ("ratio", "step / batch, in units of 1/L_row", "by step / batch", TOGETHER),
    ):
        lines = [line(batch, across) for batch in batches]
        guides = _slopes(lines) if across == "step" else []
        found.append(
            Lines(
                f"floor {across} {name}",
                f"The noise floor of SGD on {name}, {title}",
                how,
                (label, "f - f* that it settles at"),
                ("log", "log"),
                [*lines, *guides],
            )
        )
    return found


def _slopes(lines: Sequence[Line]) -> list[Line]:
    """A line of slope one and one of slope three through the largest and the least step of the first batch size."""
    points = [(x, y) for x, y in zip(lines[0].x, lines[0].y, strict=True) if y]
    guides = []
    for power, (x0, y0), reach in ((1, points[-1], 0.04), (3, points[0], 10.0)):
        x = sorted((x0, x0 * reach))
        guides.append(Line(f"slope {power}", x, [y0 * (at / x0) ** power for at in x], guide=True))
    return guides
