"""What a call costs: seconds of the processor and bytes, taken apart, because counting bytes takes time."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any, NamedTuple

LEAST = 0.005  # seconds that one timing takes at least, by calling as often as that needs
REPEATS = 5
LONG = 0.3  # seconds of a call that is timed once


class Peak(NamedTuple):
    """Bytes that a call allocates: at most at one moment, and of what it returned those that stay."""

    bytes: int
    held: int
    value: Any


def cpu_seconds(*calls: Callable[[], Any], repeats: int = REPEATS) -> list[float]:
    """The median processor seconds of each call, taken in turns, so that what slows one slows all."""
    first = [_timed(call, 1) for call in calls]  # and whatever is loaded then is not counted below
    if max(first) > LONG:
        return first
    often = [math.ceil(LEAST / max(once, 1e-7)) for once in first]
    rounds = [[_timed(call, times) for call, times in zip(calls, often, strict=True)] for _ in range(repeats)]
    return [median(each) for each in zip(*rounds, strict=True)]


def _timed(call: Callable[[], Any], times: int) -> float:
    began = process_time()
    for _ in range(times):
        call()
    return (process_time() - began) / times


def peak_bytes(call: Callable[[], Any]) -> Peak:
    """What a call allocates. numpy's arrays are counted, what BLAS keeps for itself is not."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        value = call()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Peak(peak - before, after - before, value)


def storage(size: float) -> str:
    """Bytes in a unit that suits them, each 1024 times the one before, to three digits.

    >>> [storage(x) for x in (512, 4 * 4096**2, 4 * 65536**2)]
    ['512 B', '64 MB', '16 GB']
    """
    unit = "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5 or unit == "GB":
            break
        size /= 1024
    return f"{float(f'{size:.3g}'):.15g} {unit}"
