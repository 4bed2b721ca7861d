"""What a solver must do with data that can be fitted exactly."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from experiments.conformance.cases.examples import Example
from experiments.conformance.cases.rows import OrthogonalRows
from experiments.conformance.requirements.contract import stepping
from experiments.conformance.requirements.failure import PropertyFailed

EPOCHS = 5000
MANY = 100_000  # iterations
FITTED = 0.5  # of a target: what a slow method must reach on every row
UNREAD = 1e-12  # of a target: what rounding alone changes
EXACT = 1e-18  # times f(theta_0): float64 reaches 1e-30, and float32 1e-14


def fits_every_row(solver: Any, example: OrthogonalRows) -> None:
    """If all rows can be fitted, the solver fits every one of them."""
    iterations, progress = 0, example.progress(example.start())
    with np.errstate(all="ignore"):
        for theta in islice(stepping(solver, example, example.seed), EPOCHS):
            iterations, progress = iterations + 1, example.progress(theta)
            if (progress >= FITTED).all():
                return
    worst = int(np.argmin(progress))
    if iterations:
        raise PropertyFailed(
            f"after {iterations} iterations {int((progress < FITTED).sum())} of {example.n} rows are not fitted: "
            f"the prediction for row {worst} is {progress[worst]:.3g} times its target"
        )


def reads_every_row_in_an_epoch(solver: Any, example: OrthogonalRows) -> None:
    """The first epoch changes the prediction of every row."""
    for theta in islice(stepping(solver, example, example.seed), 1):
        unread = int((abs(example.progress(theta)) < UNREAD).sum())
        if unread:
            raise PropertyFailed(f"after the first epoch the predictions of {unread} of {example.n} rows are unchanged")


def fits_exactly(solver: Any, example: Example) -> None:
    """If theta exists that fits all rows exactly, the solver finds it to the last digits."""
    problem = example.problem
    first = halfway = least = problem.value(example.start())
    iterations = 0
    with np.errstate(all="ignore"):
        for theta in islice(stepping(solver, example, example.seed), MANY):
            iterations, least = iterations + 1, min(least, problem.value(theta))
            if least <= EXACT * first:
                return
            if iterations == MANY // 2:
                halfway = least
    still_converging = iterations == MANY and least < 0.9 * halfway
    if iterations and not still_converging:
        raise PropertyFailed(
            f"after {iterations} iterations f is {least:.3g}, where 0 can be attained; it was {first:.3g}"
        )
