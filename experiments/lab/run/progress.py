"""Whether a run still makes progress: its best iterate so far, and the size of its oscillation."""

from __future__ import annotations

from problems.foundation.arrays import EPS

WINDOW = 10.0  # a run without progress must have gone this many times as far as its best iterate to be called stalled
SETTLED = 0.8  # an oscillation above the best f that shrinks by less, while the iterates triple, is no progress


class Progress:
    """The progress of one run. A distance is f, or the violation of a constraint where that is worse.

    fewest: iterates before the run may be called stalled.
    """

    def __init__(self, distance: float, fewest: int) -> None:
        self.best, self.best_at, self.fewest = distance, 0, fewest
        self._largest: list[tuple[int, float]] = []

    def improves(self, k: int, distance: float) -> bool:
        """Whether iterate k is the best so far, beyond rounding; if so, it is noted."""
        if distance >= self.best - 2 * EPS * abs(self.best):
            return False
        self.best, self.best_at = distance, k
        return True

    def settles(self, k: int, largest: float) -> bool:
        """Whether an oscillation becomes smaller: the last two thirds of the run stay below its peak before.

        largest: of the iterates up to k since the last call, none of which may be better than the best.
        """
        self._largest.append((k, largest))
        late = max(distance for i, distance in self._largest if 3 * i > k)
        early = max((distance for i, distance in self._largest if k < 9 * i <= 3 * k), default=late)
        return late - self.best < SETTLED * (early - self.best)

    def stalled(self, k: int) -> bool:
        """Whether iterate k, at which no progress is seen, is late enough to say so."""
        return k >= max(self.fewest, WINDOW * self.best_at)
