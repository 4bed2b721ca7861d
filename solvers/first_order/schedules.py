"""Step schedules: how the step of a stochastic method changes with the number of epochs.

    constant   step                                     the method reaches a noise floor
    inverse    step / (1 + e/horizon)                   the method converges
    cosine     step (1 + cos(pi e/horizon)) / 2         the step is 0 after `horizon` epochs

where e is the number of epochs so far, a fraction within an epoch.
Source: Robbins & Monro (1951), doi:10.1214/aoms/1177729586; cosine: Loshchilov & Hutter (2017), arXiv:1608.03983.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from problems.foundation.arrays import Vector
from solvers.base import Iterates

Kind = Literal["constant", "inverse", "cosine"]


@dataclass(frozen=True)
class Schedule:
    """A step schedule, as a function from the numbers of updates to their steps."""

    step: float
    kind: Kind = "constant"
    horizon: float = 1.0  # in epochs
    updates: int = 1  # per epoch

    def __call__(self, t: NDArray[np.int64]) -> Vector:
        """The steps of the updates with the numbers t, counted from 0."""
        if self.kind == "constant":
            return np.full(t.size, self.step)
        e = t / self.updates / self.horizon
        if self.kind == "inverse":
            return self.step / (1 + e)
        return self.step * (1 + np.cos(np.pi * np.minimum(e, 1))) / 2

    def limited(self, epochs: Iterates) -> Iterates:
        """The iterates of these epochs, which come in blocks or one by one, until the schedule's steps are zero."""
        if self.kind != "cosine":
            return (yield from epochs)
        left = math.ceil(self.horizon)
        while left > 0:
            block = np.atleast_2d(next(epochs))[:left]
            left -= len(block)
            yield block
        return "its schedule has ended: all further steps are zero"
