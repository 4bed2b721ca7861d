"""What is kept of a run: samples at growing distances, and all iterates since the last one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from problems.foundation.arrays import Vector

DENSITY = 1.25  # a sample at every iterate, then at every iterate a quarter further on
MOST_BYTES = 64 * 2**20  # of iterates held; a sample is taken sooner than hold more


class Sample(NamedTuple):
    """One judged iterate."""

    iteration: int
    seconds: float
    passes: float | None
    gap: float
    violation: float = 0.0  # of the problem's constraint


class Moment(NamedTuple):
    """One iterate, and what had been spent when it was yielded."""

    theta: Vector
    seconds: float
    passes: float


class IterateBuffer:
    """The iterates since the last sample, by reference, so that a crossing can be looked for among them.

    A block of iterates came at once; its time and its passes are shared out evenly among them.
    """

    def __init__(self) -> None:
        self.blocks: list[tuple[int, int, NDArray[np.float64], float, float, float, float]] = []
        self.count = 0
        self.bytes = 0
        self._seconds = 0.0
        self._passes = 0.0

    def add(self, new: NDArray[np.float64], seconds: float, passes: float) -> None:
        """Hold one iterate, shape (dim,), or k consecutive ones, shape (k, dim)."""
        before = self.count
        self.count += 1 if new.ndim == 1 else len(new)
        self.bytes += new.nbytes
        self.blocks.append((before, self.count, new, self._seconds, seconds, self._passes, passes))
        self._seconds, self._passes = seconds, passes

    def at(self, k: int) -> Moment:
        """Iterate number k, from 1."""
        first, last, block, s0, s1, p0, p1 = self.blocks[bisect_left(self.blocks, k, key=lambda held: held[1])]
        if block.ndim == 1:
            return Moment(block, s1, p1)
        share = (k - first) / (last - first)
        return Moment(block[k - first - 1], s0 + share * (s1 - s0), p0 + share * (p1 - p0))

    def release(self, k: int) -> None:
        """Let go of the iterates up to number k."""
        done = bisect_right(self.blocks, k, key=lambda held: held[1])
        self.bytes -= sum(held[2].nbytes for held in self.blocks[:done])
        del self.blocks[:done]


def due_after(k: int) -> int:
    """The number of the sample after sample k.

    >>> [due_after(k) for k in (1, 4, 8, 100)]
    [2, 5, 10, 125]
    """
    return max(k + 1, int(k * DENSITY))
