"""A run of a known number of iterations, on a clock that is hardly ever read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from problems.forms import Objective
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Solver

Clock = Callable[[], float]


class _Enough(BaseException):
    """Raised through a black box to end its run; not an Exception, so that none of its handlers catches it."""


def replay(
    problem: Objective, solver: Solver[Any], theta0: Vector, rng: np.random.Generator, iterations: int, now: Clock
) -> float:
    """The time of so many iterations, in which the solver has reached the tolerance before, on a metered problem.

    Of a block of iterates only the share up to the last one counts, as where the run was judged.
    """
    if isinstance(solver, BlackBox):
        return _replay_black_box(problem, solver, theta0, rng, iterations, now)
    done, began = 0, now()
    block_began = began
    for theta in solver.iterate(problem, theta0, rng):
        if theta.ndim == 1:
            done += 1
            if done >= iterations:
                break
            continue
        if done + len(theta) >= iterations:
            share = (iterations - done) / len(theta)
            return block_began - began + share * (now() - block_began)
        done += len(theta)
        block_began = now()
    return now() - began


def _replay_black_box(
    problem: Objective, solver: BlackBox[Any], theta0: Vector, rng: np.random.Generator, iterations: int, now: Clock
) -> float:
    done = 0

    def callback(theta: Vector) -> None:
        nonlocal done
        done += 1
        if solver.faithful and done >= iterations:
            raise _Enough

    began = now()
    with suppress(_Enough):
        solver.run(problem, theta0.copy(), rng, iterations, callback)
    return now() - began
