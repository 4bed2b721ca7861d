"""What a call costs: processor seconds and bytes, measured apart because counting bytes takes time."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import process_time
from timeit import Timer
from typing import Any, NamedTuple

SHORTEST = 0.005  # seconds that one timing lasts at least; Timer.autorange takes 0.2
REPEATS = 5
LONG = 0.3  # seconds of a call from which on it is timed once
RESOLUTION = 1e-7  # seconds: no call is taken to be shorter


class Peak(NamedTuple):
    """Bytes that a call allocates."""

    bytes: int  # the most at one moment
    held: int  # of what it returned, what stays allocated
    value: Any  # what it returned


def cpu_seconds(*calls: Callable[[], Any], repeats: int = REPEATS) -> list[float]:
    """The processor seconds of each call: the median of `repeats` timings, each a mean over many calls.

    The calls are timed alternately, so that whatever slows the machine slows all of them. Where one takes longer than
    LONG, each is timed once.
    """
    timers = [Timer(call, timer=process_time) for call in calls]
    first = [timer.timeit(1) for timer in timers]  # it also loads and compiles, so that the timings below do not
    if max(first) > LONG:
        return first
    counts = [math.ceil(SHORTEST / max(seconds, RESOLUTION)) for seconds in first]
    rounds = [
        [timer.timeit(count) / count for timer, count in zip(timers, counts, strict=True)] for _ in range(repeats)
    ]
    return [median(timings) for timings in zip(*rounds, strict=True)]


def peak_bytes(call: Callable[[], Any]) -> Peak:
    """What a call allocates. The arrays of numpy are counted; the buffers of BLAS are not."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        value = call()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Peak(peak - before, after - before, value)
