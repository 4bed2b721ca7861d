"""How many iterates a native loop computes before it returns to Python, and the random order of rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from problems.foundation.native import i8, native, u8

MOST_ITERATES = 512  # in a block
MOST_NUMBERS = 2**18  # read for a block: a fraction of a millisecond, so that no time budget is exceeded by much


def blocks(numbers: int) -> Iterator[tuple[int, int]]:
    """Yield (iterates so far, size of the next block), where each iterate reads that many numbers.

    >>> from itertools import islice
    >>> list(islice(blocks(1), 5))
    [(0, 1), (1, 1), (2, 2), (4, 4), (8, 8)]
    """
    most = min(max(MOST_NUMBERS // max(numbers, 1), 1), MOST_ITERATES)
    done, size = 0, 1
    while True:
        yield done, size
        done += size
        size = min(done, most)


@native()
def shuffle(order: NDArray[np.int64], random: NDArray[np.uint64]) -> None:
    """The Fisher-Yates shuffle of `order`, in place, with random numbers of SplitMix64 from the state random[0].

    Source: Steele, Lea & Flood (2014), doi:10.1145/2714064.2660195.
    """
    for i in range(order.size - 1, 0, -1):
        random[0] += u8(0x9E3779B97F4A7C15)
        z = random[0]
        z = (z ^ (z >> u8(30))) * u8(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> u8(27))) * u8(0x94D049BB133111EB)
        z = (z ^ (z >> u8(31))) >> u8(32)
        j = i8((z * u8(i + 1)) >> u8(32))
        order[i], order[j] = order[j], order[i]
