"""What an activation costs on this machine."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from problems.kernels.layers import activate
from problems.parts.activations import ACTIVATIONS

ROWS, WIDTH, REPEATS = 512, 64, 30


def nanoseconds(name: str, rows: int = ROWS, width: int = WIDTH, repeats: int = REPEATS) -> tuple[float, ...]:
    """Nanoseconds per output, the least of several repeats.

    Of the forward pass; of the forward and the backward pass; and, where the native training loop has code for this
    activation, of both passes there.
    """
    activation = ACTIVATIONS[name]
    rng = np.random.default_rng(0)
    Z, G = rng.standard_normal((rows, activation.pieces * width)), rng.standard_normal((rows, width))
    parameters = np.array(activation.initial_parameters)
    outputs, derivatives = np.empty((rows, width)), np.empty((rows, width))
    times: list[list[float]] = [[], [], []]
    for _ in range(repeats):
        start = perf_counter()
        local = activation.at(Z, parameters)
        forward = perf_counter()
        local.vjp(G)
        times[0].append(forward - start)
        times[1].append(perf_counter() - start)
        if activation.code is not None:
            outputs[:] = Z  # `activate` overwrites its argument
            start = perf_counter()
            activate(activation.code, outputs, derivatives)
            times[2].append(perf_counter() - start)
    value, both, *native = (1e9 * min(repeated) / (rows * width) for repeated in times if repeated)
    return value, both, *native
