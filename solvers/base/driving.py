"""Run a solver by hand: its iterates one by one, without a clock, a judge or a time budget."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from problems.forms import Objective
from problems.foundation.arrays import Vector
from solvers.base.errors import Breakdown
from solvers.base.solver import Solver


def iterates(
    solver: Solver[Any], problem: Any, theta0: Vector | None = None, rng: np.random.Generator | int = 0
) -> Iterator[Vector]:
    """Yield theta_1, theta_2, ..., each of shape (dim,); blocks of consecutive iterates are taken apart.

    theta0: by default the problem's own start. rng: a generator, or the seed of one.
    Raises Breakdown and Refusal as the solver does.
    """
    generator = np.random.default_rng(rng)
    start = problem.start(generator) if theta0 is None else theta0
    for new in solver.iterate(problem, start, generator):
        yield from new if getattr(new, "ndim", 1) == 2 else (new,)


def last_iterate(
    solver: Solver[Any], problem: Objective, theta0: Vector, most: int, rng: np.random.Generator | int = 0
) -> Vector:
    """The last of at most `most` iterates, or theta0 if there is none. A Breakdown ends the run and is not raised.

    Raises Refusal as the solver does.
    """
    theta = theta0
    try:
        for theta in islice(iterates(solver, problem, theta0, rng), most):  # noqa: B007
            pass
    except Breakdown:
        pass
    return theta
