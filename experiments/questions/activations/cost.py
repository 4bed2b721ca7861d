"""What an activation costs on this machine, measured when it is asked for."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from problems.kernels.layers import activate
from problems.parts.activations import ACTIVATIONS

ROWS, WIDTH, REPEATS = 512, 64, 30


def nanoseconds(name: str, rows: int = ROWS, width: int = WIDTH, repeats: int = REPEATS) -> tuple[float, ...]:
    """Of one output: forward; forward and back; and both in native code, where there is some."""
    a = ACTIVATIONS[name]
    rng = np.random.default_rng(0)
    Z, G, own = rng.standard_normal((rows, a.pieces * width)), rng.standard_normal((rows, width)), np.array(a.own)
    S, fresh = np.empty((rows, width)), np.empty((rows, width))
    times: list[list[float]] = [[], [], []]
    for _ in range(repeats):
        begin = perf_counter()
        local = a.at(Z, own)
        forward = perf_counter()
        local.pull(G)
        times[0].append(forward - begin)
        times[1].append(perf_counter() - begin)
        if a.code is not None:
            fresh[:] = Z
            begin = perf_counter()
            activate(a.code, fresh, S)
            times[2].append(perf_counter() - begin)
    value, both, *compiled = (1e9 * min(found) / (rows * width) for found in times if found)
    return value, both, *compiled
